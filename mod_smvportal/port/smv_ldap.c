/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_ROLES 64
#define MAX_LOGIN_SIZE 256
#define MODULE_NAME "Kundenportal"

typedef struct connection_t {
    LDAP *ld;
    struct connection_t *next;
} connection_t;

typedef struct ldap_t {
    smv_ldap_config_t config;
    apr_thread_mutex_t *lock; /* guards idle and open */
    apr_thread_cond_t *given_back;
    connection_t *idle;
    int open;
} ldap_t;

static const smv_error_t *away(const ldap_t *self, const char *doing, int code, apr_pool_t *pool)
{
    return smv_error(pool, SMV_ERROR_DIRECTORY_AWAY, "%s: %s: %s (%d); is the server up and SmvPortalLdap* right?",
                     self->config.uri, doing, ldap_err2string(code), code);
}

static int connect_to(const ldap_t *self, LDAP **ld)
{
    int version = LDAP_VERSION3;
    struct timeval timeout = {(time_t)apr_time_sec(self->config.timeout),
                              (suseconds_t)apr_time_usec(self->config.timeout)};
    int code = ldap_initialize(ld, self->config.uri);

    if (code == LDAP_SUCCESS) {
        ldap_set_option(*ld, LDAP_OPT_PROTOCOL_VERSION, &version);
        ldap_set_option(*ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout);
        ldap_set_option(*ld, LDAP_OPT_TIMEOUT, &timeout);
        ldap_set_option(*ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    }
    return code;
}

static int bind_as(LDAP *ld, const char *dn, const char *password)
{
    struct berval credentials = {password ? strlen(password) : 0, (char *)(password ? password : "")};

    return ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, NULL);
}

static void unbind(LDAP *ld)
{
    if (ld) {
        ldap_unbind_ext_s(ld, NULL, NULL);
    }
}

/* --- connections bound as the service --- */

static int open_service(const ldap_t *self, LDAP **ld)
{
    int code = connect_to(self, ld);

    if (code == LDAP_SUCCESS) {
        code = bind_as(*ld, self->config.bind_dn, self->config.bind_password);
        if (code != LDAP_SUCCESS) {
            unbind(*ld);
            *ld = NULL;
        }
    }
    return code;
}

static connection_t *wait_for_connection(ldap_t *self)
{
    apr_time_t until = apr_time_now() + self->config.timeout;
    connection_t *connection = NULL;

    apr_thread_mutex_lock(self->lock);
    while (!connection) {
        apr_time_t left = until - apr_time_now();

        if (self->idle) {
            connection = self->idle;
            self->idle = connection->next;
        } else if (self->open < self->config.pool_size && (connection = calloc(1, sizeof *connection))) {
            self->open++;
        } else if (left <= 0) {
            break;
        } else {
            apr_thread_cond_timedwait(self->given_back, self->lock, left);
        }
    }
    apr_thread_mutex_unlock(self->lock);
    return connection;
}

static void give_back(ldap_t *self, connection_t *connection)
{
    apr_thread_mutex_lock(self->lock);
    connection->next = self->idle;
    self->idle = connection;
    apr_thread_cond_signal(self->given_back);
    apr_thread_mutex_unlock(self->lock);
}

/* Search as the service. A connection that the server has closed meanwhile is opened anew, once.
 * @param result out: to be freed by the caller; NULL where the base does not exist */
static const smv_error_t *search(ldap_t *self, LDAP **ld, LDAPMessage **result, connection_t *connection,
                                 const char *base, int scope, const char *filter, char **attributes, apr_pool_t *pool)
{
    int code = LDAP_SERVER_DOWN;

    for (int attempt = 0; attempt < 2 && code == LDAP_SERVER_DOWN; attempt++) {
        int is_new = connection->ld == NULL;

        *result = NULL;
        code = is_new ? open_service(self, &connection->ld) : LDAP_SUCCESS;
        if (code == LDAP_SUCCESS) {
            code = ldap_search_ext_s(connection->ld, base, scope, filter, attributes, 0, NULL, NULL, NULL,
                                     MAX_ROLES + 1, result);
        }
        if (code != LDAP_SUCCESS && code != LDAP_NO_SUCH_OBJECT && code != LDAP_SIZELIMIT_EXCEEDED) {
            unbind(connection->ld);
            connection->ld = NULL;
            attempt += is_new;
        }
    }
    *ld = connection->ld;
    if (code == LDAP_NO_SUCH_OBJECT || code == LDAP_SUCCESS) {
        return NULL;
    }
    if (code == LDAP_SIZELIMIT_EXCEEDED) {
        return smv_error(pool, SMV_ERROR_DIRECTORY_DATA, "more than %d entries for %s", MAX_ROLES, base);
    }
    return away(self, "search as the service", code, pool);
}

/* --- reading entries --- */

static const char *first_value(LDAP *ld, LDAPMessage *entry, const char *attribute, apr_pool_t *pool)
{
    struct berval **values = ldap_get_values_len(ld, entry, attribute);
    const char *value = values && values[0] ? apr_pstrmemdup(pool, values[0]->bv_val, values[0]->bv_len) : NULL;

    ldap_value_free_len(values);
    return value;
}

static int is_true(const char *value)
{
    return value && strcmp(value, "TRUE") == 0;
}

static int has_value(LDAP *ld, LDAPMessage *entry, const char *attribute, const char *wanted)
{
    struct berval **values = ldap_get_values_len(ld, entry, attribute);
    int is_found = 0;

    for (int i = 0; values && values[i] && !is_found; i++) {
        is_found =
            values[i]->bv_len == strlen(wanted) && strncasecmp(values[i]->bv_val, wanted, values[i]->bv_len) == 0;
    }
    ldap_value_free_len(values);
    return is_found;
}

static smv_numbers_t numbers_of(LDAP *ld, LDAPMessage *entry, const char *attribute, apr_pool_t *pool)
{
    struct berval **values = ldap_get_values_len(ld, entry, attribute);
    int count = ldap_count_values_len(values);
    apr_int64_t *numbers = apr_palloc(pool, sizeof *numbers * (apr_size_t)(count + 1));

    for (int i = 0; i < count; i++) {
        numbers[i] = apr_atoi64(apr_pstrmemdup(pool, values[i]->bv_val, values[i]->bv_len));
    }
    ldap_value_free_len(values);
    return (smv_numbers_t){numbers, count};
}

/* Whether a GeneralizedTime (RFC 4517, 3.3.13), in UTC as directories write it, has passed; an unreadable one has. */
static int has_passed(const char *time, apr_time_t now)
{
    struct tm when = {0};

    if (!time) {
        return 0;
    }
    if (sscanf(time, "%4d%2d%2d%2d%2d%2d", &when.tm_year, &when.tm_mon, &when.tm_mday, &when.tm_hour, &when.tm_min,
               &when.tm_sec) < 4) {
        return 1;
    }
    when.tm_year -= 1900;
    when.tm_mon -= 1;
    return timegm(&when) <= (time_t)apr_time_sec(now);
}

static int read_scope(smv_scope_e *scope, const char *value)
{
    static const char *const names[] = {"eigene", "bestand", "alle"};

    for (int i = 0; value && i < 3; i++) {
        if (strcasecmp(names[i], value) == 0) {
            *scope = (smv_scope_e)i;
            return 1;
        }
    }
    return 0;
}

static smv_rightset_t read_rights(LDAP *ld, LDAPMessage *entry, apr_pool_t *pool)
{
    smv_rightset_t rights = 0;

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (is_true(first_value(ld, entry, smv_rights[right].attribute, pool))) {
            rights |= SMV_RIGHT_BIT(right);
        }
    }
    return rights;
}

static const smv_error_t *read_role(smv_role_t *role, LDAP *ld, LDAPMessage *entry, const char *dn, apr_pool_t *pool)
{
    const char *id = first_value(ld, entry, "smvRollenId", pool);
    const char *remark = first_value(ld, entry, "description", pool);

    role->name = first_value(ld, entry, "cn", pool);
    role->remark = remark ? remark : "";
    role->id = id ? apr_atoi64(id) : 0;
    role->rights = read_rights(ld, entry, pool);
    if (!role->name || role->id <= 0) {
        return smv_error(pool, SMV_ERROR_DIRECTORY_DATA, "role %s: cn or smvRollenId is missing or unreadable", dn);
    }
    if (!read_scope(&role->scope, first_value(ld, entry, "smvGeltungsbereich", pool))) {
        return smv_error(pool, SMV_ERROR_DIRECTORY_DATA, "role %s: smvGeltungsbereich must be eigene, bestand or alle",
                         dn);
    }
    return NULL;
}

/* --- loading a principal --- */

typedef struct loading_t {
    ldap_t *self;
    connection_t *connection;
    smv_principal_t *principal;
    smv_role_t roles[MAX_ROLES];
    apr_time_t now;
    apr_pool_t *pool;
} loading_t;

static int is_known_role(const loading_t *loading, const smv_role_t *role)
{
    for (int i = 0; i < loading->principal->role_count; i++) {
        if (loading->roles[i].id == role->id) {
            return 1;
        }
    }
    return 0;
}

static const smv_error_t *add_role(loading_t *loading, LDAP *ld, LDAPMessage *entry, const char *dn)
{
    smv_role_t *role = &loading->roles[loading->principal->role_count];
    const smv_error_t *error;

    if (loading->principal->role_count == MAX_ROLES) {
        return smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA, "%s has more than %d roles", loading->principal->dn,
                         MAX_ROLES);
    }
    error = read_role(role, ld, entry, dn, loading->pool);
    if (!error && !is_known_role(loading, role)) {
        loading->principal->role_count++;
    }
    return error;
}

static const smv_error_t *load_role_by_dn(loading_t *loading, const char *dn)
{
    LDAP *ld;
    LDAPMessage *result, *entry;
    const smv_error_t *error = search(loading->self, &ld, &result, loading->connection, dn, LDAP_SCOPE_BASE,
                                      "(objectClass=smvRolle)", NULL, loading->pool);

    if (!error) {
        entry = result ? ldap_first_entry(ld, result) : NULL;
        error = entry ? add_role(loading, ld, entry, dn)
                      : smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                                  "%s points to role %s, which is missing, no smvRolle, or not readable by the service",
                                  loading->principal->dn, dn);
    }
    ldap_msgfree(result);
    return error;
}

static const smv_error_t *load_pointed_roles(loading_t *loading, char **role_dns)
{
    for (int i = 0; role_dns[i]; i++) {
        const smv_error_t *error = load_role_by_dn(loading, role_dns[i]);

        if (error) {
            return error;
        }
    }
    return NULL;
}

static const smv_error_t *load_roles_by_membership(loading_t *loading)
{
    struct berval dn = {strlen(loading->principal->dn), (char *)loading->principal->dn}, escaped = {0, NULL};
    const smv_error_t *error;
    const char *filter;
    LDAP *ld;
    LDAPMessage *result;

    if (ldap_bv2escaped_filter_value(&dn, &escaped) != 0) {
        return smv_error(loading->pool, SMV_ERROR_INTERNAL, "cannot escape a DN");
    }
    filter = apr_psprintf(loading->pool, "(&(objectClass=smvRolle)(|(member=%s)(uniqueMember=%s)(roleOccupant=%s)))",
                          escaped.bv_val, escaped.bv_val, escaped.bv_val);
    ldap_memfree(escaped.bv_val);
    error = search(loading->self, &ld, &result, loading->connection, loading->self->config.base, LDAP_SCOPE_SUBTREE,
                   filter, NULL, loading->pool);
    for (LDAPMessage *entry = error || !result ? NULL : ldap_first_entry(ld, result); entry && !error;
         entry = ldap_next_entry(ld, entry)) {
        char *role_dn = ldap_get_dn(ld, entry);

        error = add_role(loading, ld, entry, role_dn ? role_dn : "?");
        ldap_memfree(role_dn);
    }
    ldap_msgfree(result);
    return error;
}

static const smv_error_t *read_account(loading_t *loading, LDAP *ld, LDAPMessage *entry, char ***role_dns)
{
    smv_principal_t *principal = loading->principal;
    struct berval **values = ldap_get_values_len(ld, entry, "smvRolleDN");
    int count = ldap_count_values_len(values);
    const char *mail = first_value(ld, entry, "mail", loading->pool);

    *role_dns = apr_pcalloc(loading->pool, sizeof **role_dns * (apr_size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        (*role_dns)[i] = apr_pstrmemdup(loading->pool, values[i]->bv_val, values[i]->bv_len);
    }
    ldap_value_free_len(values);
    if (is_true(first_value(ld, entry, "smvGesperrt", loading->pool)) ||
        has_passed(first_value(ld, entry, "smvGueltigBis", loading->pool), loading->now)) {
        return smv_error(loading->pool, SMV_ERROR_LOCKED, "%s is locked or no longer valid", principal->dn);
    }
    principal->login = first_value(ld, entry, "uid", loading->pool);
    principal->name = first_value(ld, entry, "displayName", loading->pool);
    if (!principal->name) {
        principal->name = first_value(ld, entry, "cn", loading->pool);
    }
    principal->mail = mail ? mail : "";
    principal->customers = numbers_of(ld, entry, "smvKundenNr", loading->pool);
    principal->brokers = numbers_of(ld, entry, "smvVermittlerNr", loading->pool);
    return principal->login && principal->name ? NULL
                                               : smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                                                           "%s: uid or cn is missing or unreadable", principal->dn);
}

static const smv_error_t *load_account(loading_t *loading, char ***role_dns)
{
    LDAP *ld;
    LDAPMessage *result, *entry;
    const smv_error_t *error = search(loading->self, &ld, &result, loading->connection, loading->principal->dn,
                                      LDAP_SCOPE_BASE, "(objectClass=smvKonto)", NULL, loading->pool);

    if (!error) {
        entry = result ? ldap_first_entry(ld, result) : NULL;
        error =
            entry ? read_account(loading, ld, entry, role_dns)
                  : smv_error(loading->pool, SMV_ERROR_LOCKED, "%s is gone from the directory", loading->principal->dn);
    }
    ldap_msgfree(result);
    return error;
}

static int is_customer_only(const smv_principal_t *principal)
{
    for (int i = 0; i < principal->role_count; i++) {
        if (principal->roles[i].scope != SMV_SCOPE_OWN) {
            return 0;
        }
    }
    return 1;
}

static const smv_error_t *load_tenant(loading_t *loading)
{
    smv_principal_t *principal = loading->principal;
    LDAP *ld;
    LDAPMessage *result, *entry;
    const smv_error_t *error = search(loading->self, &ld, &result, loading->connection, loading->self->config.base,
                                      LDAP_SCOPE_BASE, "(objectClass=smvMandant)", NULL, loading->pool);

    if (error) {
        ldap_msgfree(result);
        return error;
    }
    entry = result ? ldap_first_entry(ld, result) : NULL;
    if (entry) {
        const char *number = first_value(ld, entry, "smvMandantNr", loading->pool);

        principal->tenant = number ? apr_atoi64(number) : 0;
        if (is_customer_only(principal) &&
            (!has_value(ld, entry, "smvModul", MODULE_NAME) ||
             has_passed(first_value(ld, entry, "smvModulGueltigBis", loading->pool), loading->now))) {
            error = smv_error(loading->pool, SMV_ERROR_MODULE_NOT_BOOKED,
                              "%s has not booked the module " MODULE_NAME " (smvModul, smvModulGueltigBis)",
                              loading->self->config.base);
        }
    }
    ldap_msgfree(result);
    return error || principal->tenant > 0
               ? error
               : smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA, "%s: no smvMandant with smvMandantNr",
                           loading->self->config.base);
}

static const smv_error_t *load_all(loading_t *loading)
{
    char **role_dns = NULL;
    const smv_error_t *error;

    if ((error = load_account(loading, &role_dns)) || (error = load_pointed_roles(loading, role_dns)) ||
        (error = load_roles_by_membership(loading))) {
        return error;
    }
    if (loading->principal->role_count == 0) {
        return smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA, "%s has no role (smvRolleDN or membership)",
                         loading->principal->dn);
    }
    loading->principal->roles = loading->roles;
    return load_tenant(loading);
}

static const smv_error_t *load(smv_directory_t *directory, const smv_principal_t **principal, const char *dn,
                               apr_time_t now, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    loading_t *loading = apr_pcalloc(pool, sizeof *loading);
    const smv_error_t *error;

    loading->self = self;
    loading->principal = apr_pcalloc(pool, sizeof *loading->principal);
    loading->principal->dn = apr_pstrdup(pool, dn);
    loading->now = now;
    loading->pool = pool;
    loading->connection = wait_for_connection(self);
    if (!loading->connection) {
        return away(self, "all service connections are in use", LDAP_BUSY, pool);
    }
    error = load_all(loading);
    give_back(self, loading->connection);
    if (!error) {
        *principal = loading->principal;
    }
    return error;
}

/* --- authentication --- */

static const smv_error_t *find_login(ldap_t *self, connection_t *connection, const char **dn, const char *login,
                                     apr_pool_t *pool)
{
    struct berval raw = {strlen(login), (char *)login}, escaped = {0, NULL};
    char *no_attributes[] = {(char *)LDAP_NO_ATTRS, NULL};
    const char *before = self->config.user_filter, *place = strstr(before, "%s");
    const smv_error_t *error;
    LDAP *ld;
    LDAPMessage *result;

    if (!place || ldap_bv2escaped_filter_value(&raw, &escaped) != 0) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "SmvPortalLdapUserFilter has no %%s for the login");
    }
    error = search(
        self, &ld, &result, connection, self->config.base, LDAP_SCOPE_SUBTREE,
        apr_pstrcat(pool, apr_pstrmemdup(pool, before, (apr_size_t)(place - before)), escaped.bv_val, place + 2, NULL),
        no_attributes, pool);
    ldap_memfree(escaped.bv_val);
    if (!error && result && ldap_count_entries(ld, result) == 1) {
        char *found = ldap_get_dn(ld, ldap_first_entry(ld, result));

        *dn = apr_pstrdup(pool, found);
        ldap_memfree(found);
    }
    ldap_msgfree(result);
    return error;
}

static const smv_error_t *try_password(ldap_t *self, const char *dn, const char *password, apr_pool_t *pool)
{
    LDAP *ld = NULL;
    int code = connect_to(self, &ld);

    if (code == LDAP_SUCCESS) {
        code = bind_as(ld, dn, password);
    }
    unbind(ld);
    switch (code) {
    case LDAP_SUCCESS:
        return NULL;
    case LDAP_SERVER_DOWN:
    case LDAP_TIMEOUT:
    case LDAP_CONNECT_ERROR:
    case LDAP_UNAVAILABLE:
    case LDAP_BUSY:
        return away(self, "bind as the person", code, pool);
    default:
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "bind refused: %s", ldap_err2string(code));
    }
}

static const smv_error_t *authenticate(smv_directory_t *directory, const char **dn, const char *login,
                                       const char *password, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error;
    const char *found = NULL;
    connection_t *connection;

    if (!login || !password || !*login || !*password || strlen(login) > MAX_LOGIN_SIZE) {
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "empty or oversized login or password");
    }
    connection = wait_for_connection(self);
    if (!connection) {
        return away(self, "all service connections are in use", LDAP_BUSY, pool);
    }
    error = find_login(self, connection, &found, login, pool);
    give_back(self, connection);
    if (error) {
        return error;
    }
    /* An unknown login costs a bind as well, so that its answer takes as long as that to a wrong password. */
    error =
        try_password(self, found ? found : apr_pstrcat(pool, "uid=unknown,", self->config.base, NULL), password, pool);
    if (!error && !found) {
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "unknown login");
    }
    *dn = found;
    return error;
}

static apr_status_t close_all(void *data)
{
    ldap_t *self = data;

    while (self->idle) {
        connection_t *connection = self->idle;

        self->idle = connection->next;
        unbind(connection->ld);
        free(connection);
    }
    return APR_SUCCESS;
}

apr_status_t smv_ldap_create(smv_directory_t **directory, const smv_ldap_config_t *config, apr_pool_t *pool)
{
    smv_directory_t *made = apr_pcalloc(pool, sizeof *made);
    ldap_t *self = apr_pcalloc(pool, sizeof *self);
    apr_status_t status = apr_thread_mutex_create(&self->lock, APR_THREAD_MUTEX_DEFAULT, pool);

    if (status == APR_SUCCESS) {
        status = apr_thread_cond_create(&self->given_back, pool);
    }
    self->config = *config;
    apr_pool_cleanup_register(pool, self, close_all, apr_pool_cleanup_null);
    *made = (smv_directory_t){authenticate, load, self};
    *directory = made;
    return status;
}
