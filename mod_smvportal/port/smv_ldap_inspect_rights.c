/* SPDX-License-Identifier: Apache-2.0
 *
 * What the service account must not be able to do, and that it may act for people. It is asked to take away a value
 * that is not there: a server that would let it do so says that there is no such value, and one that would not says
 * that it may not. Neither changes anything.
 */
#include "smv_ldap_inspect_use.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

/* @return a text that no entry has */
static const char *unheard_of(apr_pool_t *pool)
{
    unsigned char bytes[16];
    char *hex = apr_palloc(pool, 2 * sizeof bytes + 1);

    if (apr_generate_random_bytes(bytes, sizeof bytes) != APR_SUCCESS) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        apr_snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    }
    return hex;
}

static int try_to_remove(const smv_ldap_inspection_t *self, const char *dn, const char *attribute, const char *value)
{
    const smv_ldap_wait_t wait = smv_ldap_inspect_wait(self);
    char *values[] = {(char *)value, NULL};
    LDAPMod remove = {LDAP_MOD_DELETE, (char *)attribute, {values}};
    LDAPMod *changes[] = {&remove, NULL};
    LDAPMessage *result = NULL;
    int id, code = ldap_modify_ext(self->ld, dn, changes, NULL, NULL, &id), answer = code;

    if (code == LDAP_SUCCESS && (answer = smv_ldap_await(self->ld, id, &result, &wait)) == LDAP_SUCCESS) {
        ldap_parse_result(self->ld, result, &answer, NULL, NULL, NULL, NULL, 0);
    }
    ldap_msgfree(result);
    return answer;
}

static void inspect_writing(const smv_ldap_inspection_t *self, const char *what, const char *filter,
                            const char *attribute, const char *value)
{
    static const char *const attributes[] = {LDAP_NO_ATTRS, NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code;

    if (!smv_ldap_inspect_first(self, &entry, &result, self->config->base, LDAP_SCOPE_SUBTREE, filter, attributes)) {
        ldap_msgfree(result);
        return; /* found already: it may not even be read */
    }
    code = try_to_remove(self, entry.dn, attribute, value);
    if (code == LDAP_NO_SUCH_ATTRIBUTE) {
        smv_found(self->findings, SMV_FINDING_LDAP_WRITES, "%s lets the service account write %s of %s (%s)", self->uri,
                  attribute, what, entry.dn);
    } else if (code != LDAP_INSUFFICIENT_ACCESS) {
        smv_found(self->findings, SMV_FINDING_LDAP_UNTOLD,
                  "%s does not say whether the service account may write %s of %s: %s (%d)", self->uri, attribute, what,
                  ldap_err2string(code), code);
    }
    ldap_msgfree(result);
}

/* Who it would be as somebody else (RFC 4532, RFC 4370) is a question that does nothing.
 * @return the answer's code */
static int ask_who_as(const smv_ldap_inspection_t *self, const char *dn)
{
    const smv_ldap_wait_t wait = smv_ldap_inspect_wait(self);
    const char *identity = apr_pstrcat(self->pool, "dn:", dn, NULL);
    LDAPControl proxy = {LDAP_CONTROL_PROXY_AUTHZ, {strlen(identity), (char *)identity}, 1};
    LDAPControl *controls[] = {&proxy, NULL};
    LDAPMessage *result = NULL;
    int id, code = ldap_whoami(self->ld, controls, NULL, &id), answer = code;

    if (code == LDAP_SUCCESS && (answer = smv_ldap_await(self->ld, id, &result, &wait)) == LDAP_SUCCESS) {
        ldap_parse_result(self->ld, result, &answer, NULL, NULL, NULL, NULL, 0);
    }
    ldap_msgfree(result);
    return answer;
}

static void inspect_proxy(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {LDAP_NO_ATTRS, NULL};
    smv_ldap_entry_t account;
    LDAPMessage *result;
    int code;

    if (smv_ldap_inspect_first(self, &account, &result, self->config->base, LDAP_SCOPE_SUBTREE,
                               self->config->map.kind->account, attributes) &&
        (code = ask_who_as(self, account.dn)) != LDAP_SUCCESS) {
        smv_found(
            self->findings, SMV_FINDING_LDAP_PROXY,
            "%s does not let the service account act for %s, so that nobody changes a password or manages accesses: "
            "%s (%d)",
            self->uri, account.dn, ldap_err2string(code), code);
    }
    ldap_msgfree(result);
}

static void inspect_passwords(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {"userPassword", NULL};
    smv_ldap_entry_t account;
    LDAPMessage *result;

    if (smv_ldap_inspect_first(self, &account, &result, self->config->base, LDAP_SCOPE_SUBTREE,
                               self->config->map.kind->account, attributes) &&
        *smv_ldap_text(&account, "userPassword")) {
        smv_found(self->findings, SMV_FINDING_LDAP_PASSWORDS, "%s lets the service account read userPassword (%s)",
                  self->uri, account.dn);
    }
    ldap_msgfree(result);
}

void smv_ldap_inspect_rights(const smv_ldap_inspection_t *self)
{
    const char *word = unheard_of(self->pool);

    inspect_proxy(self);
    if (!word) {
        return;
    }
    inspect_writing(self, "accounts", self->config->map.kind->account, self->config->map.names[SMV_LDAP_FIELD_ROLE],
                    apr_pstrcat(self->pool, "cn=", word, ",", self->config->base, NULL));
    inspect_writing(self, "roles", "(objectClass=smvRolle)", "description", word);
    inspect_writing(self, "the firm", "(objectClass=smvMandant)", "description", word);
    inspect_passwords(self);
}
