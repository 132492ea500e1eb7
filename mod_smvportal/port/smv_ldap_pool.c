/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_pool.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <string.h>

struct smv_ldap_pool_t {
    smv_ldap_config_t config;
    apr_thread_mutex_t *lock; /* guards idle */
    apr_thread_cond_t *given_back;
    smv_ldap_link_t *idle;
};

static const char *remedy_of(int code)
{
    switch (code) {
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
        return "start the server, or correct SmvPortalLdapUri";
    case LDAP_TIMEOUT:
        return "see what keeps the server busy, or raise SmvPortalLdapTimeout";
    case LDAP_BUSY:
        return "raise SmvPortalLdapPool, or see what keeps the server busy";
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_UNWILLING_TO_PERFORM:
        return "correct SmvPortalLdapBindDN and the password in SmvPortalLdapBindPasswordFile";
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_STRONG_AUTH_REQUIRED:
        return "the server wants encryption: use ldaps:// in SmvPortalLdapUri";
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INSUFFICIENT_ACCESS:
        return "correct SmvPortalLdapBase, or let the service account read it";
    case LDAP_FILTER_ERROR:
        return "correct SmvPortalLdapUserFilter";
    default:
        return "see the log of the server";
    }
}

const char *smv_ldap_escaped(const char *value, apr_pool_t *pool)
{
    struct berval raw = {strlen(value), (char *)value}, made = {0, NULL};
    const char *copy = ldap_bv2escaped_filter_value(&raw, &made) == 0 ? apr_pstrdup(pool, made.bv_val) : NULL;

    ldap_memfree(made.bv_val);
    return copy;
}

int smv_ldap_is_out_of_reach(int code)
{
    return code == LDAP_NO_SUCH_OBJECT || code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_INVALID_DN_SYNTAX ||
           code == LDAP_REFERRAL;
}

const smv_error_t *smv_ldap_away(const smv_ldap_pool_t *self, const char *doing, int code, apr_pool_t *pool)
{
    return smv_error(pool, SMV_ERROR_DIRECTORY_AWAY, "%s: %s: %s (%d); %s", self->config.uri, doing,
                     ldap_err2string(code), code, remedy_of(code));
}

/* --- one connection --- */

static void disconnect(LDAP **ld)
{
    if (*ld) {
        ldap_unbind_ext_s(*ld, NULL, NULL);
        *ld = NULL;
    }
}

static int connect_to(const smv_ldap_config_t *config, LDAP **ld)
{
    const int version = LDAP_VERSION3;
    const struct timeval timeout = {(time_t)apr_time_sec(config->timeout), (suseconds_t)apr_time_usec(config->timeout)};
    int code = ldap_initialize(ld, config->uri);

    if (code != LDAP_SUCCESS) {
        return code;
    }
    if (ldap_set_option(*ld, LDAP_OPT_PROTOCOL_VERSION, &version) != LDAP_OPT_SUCCESS ||
        ldap_set_option(*ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout) != LDAP_OPT_SUCCESS ||
        ldap_set_option(*ld, LDAP_OPT_TIMEOUT, &timeout) != LDAP_OPT_SUCCESS ||
        ldap_set_option(*ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) != LDAP_OPT_SUCCESS) {
        disconnect(ld);
        return LDAP_LOCAL_ERROR;
    }
    return LDAP_SUCCESS;
}

static int open_as(const smv_ldap_config_t *config, LDAP **ld, const char *dn, const char *password)
{
    struct berval credentials = {password ? strlen(password) : 0, (char *)(password ? password : "")};
    int code = connect_to(config, ld);

    if (code == LDAP_SUCCESS) {
        code = ldap_sasl_bind_s(*ld, dn, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, NULL);
        if (code != LDAP_SUCCESS) {
            disconnect(ld);
        }
    }
    return code;
}

int smv_ldap_try_bind(const smv_ldap_pool_t *self, const char *dn, const char *password)
{
    LDAP *ld = NULL;
    int code = open_as(&self->config, &ld, dn, password);

    disconnect(&ld);
    return code;
}

/* --- searching --- */

/* The connection is as good as before after an answer like this. */
static int is_answer(int code)
{
    return code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT || code == LDAP_SIZELIMIT_EXCEEDED ||
           code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_INVALID_DN_SYNTAX || code == LDAP_REFERRAL;
}

int smv_ldap_link_open(const smv_ldap_pool_t *self, smv_ldap_link_t *link)
{
    return link->ld ? LDAP_SUCCESS
                    : open_as(&self->config, &link->ld, self->config.bind_dn, self->config.bind_password);
}

void smv_ldap_link_close(smv_ldap_link_t *link)
{
    disconnect(&link->ld);
}

static int search_once(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                       const smv_ldap_query_t *query)
{
    int code = smv_ldap_link_open(self, link);

    if (code == LDAP_SUCCESS) {
        code = ldap_search_ext_s(link->ld, query->base, query->scope, query->filter, (char **)query->attributes, 0,
                                 NULL, NULL, NULL, query->limit, result);
        if (!is_answer(code)) {
            disconnect(&link->ld);
        }
    }
    return code;
}

int smv_ldap_search(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                    const smv_ldap_query_t *query)
{
    int was_open = link->ld != NULL, code;

    *result = NULL;
    code = search_once(self, link, result, query);
    if (was_open && code == LDAP_SERVER_DOWN) {
        ldap_msgfree(*result);
        *result = NULL;
        code = search_once(self, link, result, query);
    }
    return code;
}

/* --- the pool --- */

const smv_error_t *smv_ldap_pool_take(smv_ldap_pool_t *self, smv_ldap_link_t **link, apr_pool_t *pool)
{
    apr_time_t until = apr_time_now() + self->config.timeout;

    apr_thread_mutex_lock(self->lock);
    while (!self->idle) {
        apr_time_t left = until - apr_time_now();

        if (left <= 0) {
            break;
        }
        apr_thread_cond_timedwait(self->given_back, self->lock, left);
    }
    *link = self->idle;
    if (*link) {
        self->idle = (*link)->next;
    }
    apr_thread_mutex_unlock(self->lock);
    return *link ? NULL : smv_ldap_away(self, "all connections of the pool are in use", LDAP_BUSY, pool);
}

void smv_ldap_pool_give(smv_ldap_pool_t *self, smv_ldap_link_t *link)
{
    apr_thread_mutex_lock(self->lock);
    link->next = self->idle;
    self->idle = link;
    apr_thread_cond_signal(self->given_back);
    apr_thread_mutex_unlock(self->lock);
}

static apr_status_t close_all(void *data)
{
    smv_ldap_pool_t *self = data;

    for (smv_ldap_link_t *link = self->idle; link; link = link->next) {
        disconnect(&link->ld);
    }
    return APR_SUCCESS;
}

static int is_usable(const smv_ldap_config_t *config)
{
    LDAPDN base = NULL;
    int is_base = config->base && ldap_str2dn(config->base, &base, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS;

    ldap_dnfree(base);
    /* A bind with a DN and no password succeeds on many servers, as anonymous. */
    return is_base && config->uri && config->timeout > 0 && config->pool_size > 0 &&
           (!config->bind_dn || (config->bind_password && *config->bind_password));
}

static smv_ldap_config_t copy_config(const smv_ldap_config_t *config, apr_pool_t *pool)
{
    smv_ldap_config_t copy = *config;

    copy.uri = apr_pstrdup(pool, config->uri);
    copy.base = apr_pstrdup(pool, config->base);
    copy.bind_dn = apr_pstrdup(pool, config->bind_dn);
    copy.bind_password = apr_pstrdup(pool, config->bind_password);
    copy.user_filter = apr_pstrdup(pool, config->user_filter);
    return copy;
}

apr_status_t smv_ldap_pool_create(smv_ldap_pool_t **made, const smv_ldap_config_t *config, apr_pool_t *pool)
{
    smv_ldap_pool_t *self = apr_pcalloc(pool, sizeof *self);
    smv_ldap_link_t *links;
    apr_status_t status;
    int version;

    /* libldap sets up its globals on first use, which must not happen in two threads at once. */
    ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
    if (!is_usable(config)) {
        return APR_EINVAL;
    }
    self->config = copy_config(config, pool);
    links = apr_pcalloc(pool, sizeof *links * (apr_size_t)config->pool_size);
    for (int i = 0; i < config->pool_size; i++) {
        links[i].next = self->idle;
        self->idle = &links[i];
    }
    if ((status = apr_thread_mutex_create(&self->lock, APR_THREAD_MUTEX_DEFAULT, pool)) != APR_SUCCESS ||
        (status = apr_thread_cond_create(&self->given_back, pool)) != APR_SUCCESS) {
        return status;
    }
    apr_pool_cleanup_register(pool, self, close_all, apr_pool_cleanup_null);
    *made = self;
    return APR_SUCCESS;
}
