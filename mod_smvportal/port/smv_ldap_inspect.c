/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_inspect_use.h"

#include "smv_ldap_load.h"

#include <apr_network_io.h>
#include <apr_strings.h>
#include <string.h>

#define NAME_WITHIN apr_time_from_msec(500)

smv_ldap_wait_t smv_ldap_inspect_wait(const smv_ldap_inspection_t *self)
{
    return (smv_ldap_wait_t){apr_time_now() + self->config->timeout, NULL};
}

int smv_ldap_inspect_first(const smv_ldap_inspection_t *self, smv_ldap_entry_t *entry, LDAPMessage **result,
                           const char *base, int scope, const char *filter, const char *const *attributes)
{
    const smv_ldap_query_t query = {base, scope, filter, attributes, 1, NULL};
    const smv_ldap_wait_t wait = smv_ldap_inspect_wait(self);

    *result = NULL;
    smv_ldap_ask(self->ld, result, &query, &wait); /* a limit that is passed has its entry all the same */
    return *result && smv_ldap_entry_first(entry, self->ld, *result, self->pool);
}

/* --- the name --- */

/* @return the host of a server that is reached over a network, "" for others */
static const char *host_of(const char *uri, apr_pool_t *pool)
{
    LDAPURLDesc *parts = NULL;
    const char *host = "";

    if (ldap_url_parse(uri, &parts) == LDAP_URL_SUCCESS && strcmp(parts->lud_scheme, "ldapi") != 0 && parts->lud_host) {
        host = apr_pstrdup(pool, parts->lud_host);
    }
    ldap_free_urldesc(parts);
    return host;
}

/* No time of the portal's ends it: libldap asks the C library, which has times of its own. */
static int inspect_name(const smv_ldap_inspection_t *self)
{
    const char *host = host_of(self->uri, self->pool);
    apr_time_t begun = apr_time_now(), took;
    apr_sockaddr_t *address;
    apr_status_t status = *host ? apr_sockaddr_info_get(&address, host, APR_UNSPEC, 0, 0, self->pool) : APR_SUCCESS;

    took = apr_time_now() - begun;
    if (status != APR_SUCCESS) {
        smv_found(self->findings, SMV_FINDING_LDAP_NAME, "%s: %s has no address", self->uri, host);
    } else if (took > NAME_WITHIN) {
        smv_found(self->findings, SMV_FINDING_LDAP_NAME_SLOW, "%s: finding the address of %s took %d ms", self->uri,
                  host, (int)apr_time_as_msec(took));
    }
    return status == APR_SUCCESS;
}

/* --- the connection --- */

static const char *words_of(LDAP *ld, int code, apr_pool_t *pool)
{
    char *said = NULL;
    const char *words;

    if (ld) {
        ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    }
    words = apr_psprintf(pool, "%s (%d)%s%s", ldap_err2string(code), code, said && *said ? ": " : "", said ? said : "");
    ldap_memfree(said);
    return words;
}

static int connect_as_service(smv_ldap_inspection_t *self)
{
    smv_ldap_wait_t wait = {apr_time_now() + self->config->connect_timeout, NULL};
    int code = smv_ldap_connect(&self->ld, self->config, self->uri, &wait);

    if (code != LDAP_SUCCESS) {
        smv_found(self->findings,
                  code == LDAP_CONNECT_ERROR || code == LDAP_LOCAL_ERROR ? SMV_FINDING_LDAP_TLS : SMV_FINDING_LDAP_AWAY,
                  "%s: %s", self->uri, words_of(self->ld, code, self->pool));
        return 0;
    }
    wait = smv_ldap_inspect_wait(self);
    code = smv_ldap_bind_service(self->ld, self->config, &wait);
    if (code != LDAP_SUCCESS) {
        smv_found(self->findings, smv_ldap_is_away(code) ? SMV_FINDING_LDAP_AWAY : SMV_FINDING_LDAP_BIND,
                  "%s does not let the service account in: %s", self->uri, words_of(self->ld, code, self->pool));
    }
    return code == LDAP_SUCCESS;
}

/* --- what must be readable --- */

static int inspect_base(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {LDAP_NO_ATTRS, NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int is_there = smv_ldap_inspect_first(self, &entry, &result, self->config->base, LDAP_SCOPE_BASE, "(objectClass=*)",
                                          attributes);

    ldap_msgfree(result);
    if (!is_there) {
        smv_found(self->findings, SMV_FINDING_LDAP_BASE, "%s: %s is not there, or may not be read", self->uri,
                  self->config->base);
    }
    return is_there;
}

static void inspect_module(const smv_ldap_inspection_t *self, const smv_ldap_entry_t *firm)
{
    apr_time_t until = 0;
    const smv_error_t *error = smv_ldap_until(firm, "smvModulGueltigBis", &until);

    if (!smv_ldap_has_value(firm, "smvModul", SMV_LDAP_MODULE)) {
        smv_found(self->findings, SMV_FINDING_LDAP_MODULE,
                  "%s has no smvModul: " SMV_LDAP_MODULE ", so that no customer is let in", firm->dn);
    } else if (error || (until && until < apr_time_now())) {
        smv_found(self->findings, SMV_FINDING_LDAP_MODULE,
                  "smvModulGueltigBis of %s has passed, so that no customer is let in", firm->dn);
    }
}

static void inspect_firm(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {"smvMandantNr", "smvModul", "smvModulGueltigBis", NULL};
    smv_ldap_entry_t firm;
    LDAPMessage *result;
    apr_int64_t number = 0;

    if (!smv_ldap_inspect_first(self, &firm, &result, self->config->base, LDAP_SCOPE_BASE, "(objectClass=smvMandant)",
                                attributes) ||
        smv_ldap_number(&firm, "smvMandantNr", &number)) {
        smv_found(self->findings, SMV_FINDING_LDAP_FIRM,
                  "%s: %s is no firm, or the service account may not read its smvMandantNr", self->uri,
                  self->config->base);
    } else {
        inspect_module(self, &firm);
    }
    if (number && number != self->tenant) {
        smv_found(self->findings, SMV_FINDING_LDAP_TENANT,
                  "%s has the smvMandantNr %" APR_INT64_T_FMT ", SmvPortalTenant is %" APR_INT64_T_FMT,
                  self->config->base, number, self->tenant);
    }
    ldap_msgfree(result);
}

static void inspect_accounts(const smv_ldap_inspection_t *self)
{
    const char *login = self->config->map.names[SMV_LDAP_FIELD_LOGIN];
    const char *const attributes[] = {login, NULL};
    const char *filter =
        smv_ldap_filled(self->config->user_filter ? self->config->user_filter
                                                  : smv_ldap_map_user_filter(&self->config->map, self->pool),
                        "*", self->pool);
    smv_ldap_entry_t account;
    LDAPMessage *result;
    int is_there =
        smv_ldap_inspect_first(self, &account, &result, self->config->base, LDAP_SCOPE_SUBTREE, filter, attributes);

    if (!is_there || !*smv_ldap_text(&account, login)) {
        smv_found(self->findings, SMV_FINDING_LDAP_ACCOUNTS,
                  "%s: below %s the service account finds nobody by %s, or may not read %s", self->uri,
                  self->config->base, filter, login);
    }
    ldap_msgfree(result);
}

static void inspect_roles(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {"smvRollenId", NULL};
    smv_ldap_entry_t role;
    LDAPMessage *result;
    int is_there = smv_ldap_inspect_first(self, &role, &result, self->config->base, LDAP_SCOPE_SUBTREE,
                                          "(objectClass=smvRolle)", attributes);

    if (!is_there || !*smv_ldap_text(&role, "smvRollenId")) {
        smv_found(self->findings, SMV_FINDING_LDAP_ROLES,
                  "%s: below %s the service account finds no role, or may not "
                  "read its smvRollenId",
                  self->uri, self->config->base);
    }
    ldap_msgfree(result);
}

/* --- the whole --- */

static void inspect_server(smv_ldap_inspection_t *self)
{
    int is_own = self->config->number == SMV_DIRECTORY_OWN;

    if (!inspect_name(self) || !connect_as_service(self)) {
        return;
    }
    if (is_own) {
        smv_ldap_inspect_schema(self);
    }
    if (!inspect_base(self)) {
        return;
    }
    inspect_accounts(self);
    if (is_own) {
        inspect_firm(self);
        inspect_roles(self);
        smv_ldap_inspect_rights(self);
        smv_ldap_inspect_indexes(self);
    }
    smv_ldap_inspect_sync(self);
}

void smv_ldap_inspect(smv_findings_t *findings, const smv_ldap_config_t *config, apr_int64_t tenant)
{
    int count;
    const char *const *uris = smv_ldap_servers(config->uri, &count, findings->pool);

    for (int i = 0; i < count; i++) {
        smv_ldap_inspection_t self = {findings, config, uris[i], tenant, NULL, findings->pool};

        inspect_server(&self);
        smv_ldap_disconnect(&self.ld);
    }
}
