/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_password.h"

#include "smv_ldap_write.h"

#include <apr_strings.h>
#include <apr_xlate.h>
#include <string.h>

static const char *words_of(LDAPPasswordPolicyError policy)
{
    switch (policy) {
    case PP_insufficientPasswordQuality:
        return "Dieses Passwort ist zu leicht zu erraten. Bitte wählen Sie ein anderes.";
    case PP_passwordTooShort:
        return "Dieses Passwort ist zu kurz.";
    case PP_passwordTooYoung:
        return "Das Passwort wurde gerade erst geändert. Bitte versuchen Sie es später noch einmal.";
    case PP_passwordInHistory:
        return "Dieses Passwort hatten Sie schon einmal. Bitte wählen Sie ein anderes.";
    case PP_passwordModNotAllowed:
        return "Dieses Passwort lässt sich hier nicht ändern. Bitte wenden Sie sich an Ihren Makler.";
    case PP_accountLocked:
        return "Dieser Zugang ist nach zu vielen Versuchen gesperrt. Bitte wenden Sie sich an Ihren Makler.";
    default:
        return "Dieses Passwort wurde nicht angenommen. Bitte wählen Sie ein anderes.";
    }
}

static const smv_error_t *refuse(const char *words, const char *detail, apr_pool_t *pool)
{
    smv_error_t *invalid = (smv_error_t *)smv_error_invalid(smv_problem(NULL, "password", words, 0, pool), pool);

    invalid->detail = detail;
    return invalid;
}

/* What no other password would change. */
static const char *remedy_of(int code)
{
    switch (code) {
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
        return smv_ldap_remedy(code);
    case LDAP_PROTOCOL_ERROR:
    case LDAP_UNAVAILABLE_CRITICAL_EXTENSION:
        return "the server must know the change of passwords (RFC 3062), and proxied authorization (RFC 4370)";
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_X_PROXY_AUTHZ_FAILURE:
    case LDAP_PROXIED_AUTHORIZATION_DENIED:
        return "let the service account act for people, and people change their own password";
    default:
        return NULL;
    }
}

/* @param detail with the server's own words */
static const smv_error_t *refusal_of(const smv_ldap_write_t *write, const char *detail, apr_pool_t *pool)
{
    const char *remedy = write->policy == PP_noError ? remedy_of(write->code) : NULL;

    return remedy
               ? smv_error_saying(pool, SMV_ERROR_CONFIGURATION,
                                  "Das Passwort lässt sich hier zurzeit nicht ändern. Bitte wenden Sie sich an Ihren "
                                  "Makler.",
                                  "%s; %s", detail, remedy)
               : refuse(words_of(write->policy), detail, pool);
}

/* --- in the portal's own directory, which lets the service write as people (RFC 4370) --- */

static const smv_error_t *set_in_own(const smv_ldap_source_t *source, const char *dn, const char *current,
                                     const char *password, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_write_t write = {.deed = SMV_LDAP_PASSWORD,
                              .doing = "setting a password",
                              .dn = dn,
                              .current = current,
                              .password = password,
                              .policy = PP_noError};
    const smv_error_t *error = smv_ldap_write(source->links, &write, dn, patience, pool);

    return error && error->code == SMV_ERROR_DIRECTORY_REFUSED ? refusal_of(&write, error->detail, pool) : error;
}

/* --- elsewhere: on a connection that the person is bound to --- */

typedef struct change_t {
    const smv_ldap_source_t *source;
    smv_ldap_write_t write;
    const char *said; /* by the server */
    apr_pool_t *pool;
} change_t;

/* A password as Active Directory takes it: in quotes, in UTF-16. @return 0 where it is no text */
static int quote(struct berval *quoted, const char *password, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, "\"", password, "\"", NULL);
    apr_size_t size = strlen(text), space = 2 * size, left = space;
    apr_xlate_t *to_utf16;

    quoted->bv_val = apr_palloc(pool, space);
    if (apr_xlate_open(&to_utf16, "UTF-16LE", "UTF-8", pool) != APR_SUCCESS ||
        apr_xlate_conv_buffer(to_utf16, text, &size, quoted->bv_val, &left) != APR_SUCCESS || size > 0) {
        return 0;
    }
    quoted->bv_len = space - left;
    return 1;
}

/* The old one is taken away and the new one put in its place, in one step: a change, which everybody may make to their
 * own (MS-ADTS, 3.1.1.3.1.5.1), as against a replacement, which the policy would not judge. */
static int change_unicode(LDAP *ld, const change_t *change, const smv_ldap_wait_t *wait)
{
    struct berval old, wanted, *olds[] = {&old, NULL}, *news[] = {&wanted, NULL};
    LDAPMod away = {LDAP_MOD_DELETE | LDAP_MOD_BVALUES, (char *)"unicodePwd", {.modv_bvals = olds}};
    LDAPMod anew = {LDAP_MOD_ADD | LDAP_MOD_BVALUES, (char *)"unicodePwd", {.modv_bvals = news}};
    LDAPMod *mods[] = {&away, &anew, NULL};
    int id, code = LDAP_INVALID_SYNTAX;

    if (quote(&old, change->write.current, change->pool) && quote(&wanted, change->write.password, change->pool)) {
        code = ldap_modify_ext(ld, change->write.dn, mods, NULL, NULL, &id);
    }
    return code == LDAP_SUCCESS ? smv_ldap_finish(ld, id, NULL, wait) : code;
}

static int change_it(LDAP *ld, void *what, const smv_ldap_wait_t *wait)
{
    change_t *change = what;
    char *said = NULL;
    int code = change->source->map.schema == SMV_LDAP_SCHEMA_AD ? change_unicode(ld, change, wait)
                                                                : smv_ldap_change_password(ld, &change->write, wait);

    ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    change->said = said ? apr_pstrdup(change->pool, said) : "";
    ldap_memfree(said);
    if (change->source->map.schema == SMV_LDAP_SCHEMA_AD) {
        change->write.policy = smv_ldap_policy_in_words(change->said);
    }
    return code;
}

/* Windows does not say which rule it was. */
static const char *words_of_domain(const smv_ldap_write_t *write, int code)
{
    return code == LDAP_CONSTRAINT_VIOLATION && write->policy == PP_noError
               ? "Dieses Passwort entspricht nicht den Regeln Ihrer Firma: Es ist zu kurz, zu einfach, zu ähnlich, "
                 "oder "
                 "Sie hatten es schon einmal."
               : words_of(write->policy);
}

static const smv_error_t *refusal_elsewhere(const change_t *change, int code)
{
    const char *detail = apr_psprintf(change->pool, "changing a password: %s (%d): %s", ldap_err2string(code), code,
                                      *change->said ? change->said : "the server says no more");

    return change->source->map.schema == SMV_LDAP_SCHEMA_AD
               ? refuse(words_of_domain(&change->write, code), detail, change->pool)
               : refusal_of(&change->write, detail, change->pool);
}

static const smv_error_t *set_elsewhere(const smv_ldap_source_t *source, const char *dn, const char *current,
                                        const char *password, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    change_t change = {
        .source = source,
        .write = {.deed = SMV_LDAP_PASSWORD, .dn = dn, .current = current, .password = password, .policy = PP_noError},
        .said = "",
        .pool = pool};
    smv_ldap_attempt_t attempt = {.dn = dn, .password = current, .deed = change_it, .what = &change};
    int code;

    if (!source->is_password_writeable) {
        return refuse("Dieses Passwort gehört zum Verzeichnis Ihrer Firma und lässt sich nur dort ändern.",
                      "SmvPortalLdapPasswordChange is Off", pool);
    }
    if (!current || !*current) {
        return refuse(words_of(PP_noError), "nobody can be bound without a password", pool);
    }
    code = smv_ldap_try_bind(source->links, &attempt, patience);
    if (code == LDAP_SUCCESS) {
        return NULL;
    }
    return smv_ldap_is_refusal(code) ? refusal_elsewhere(&change, code)
                                     : smv_ldap_away(source->links, "changing a password", code, pool);
}

const smv_error_t *smv_ldap_set_password(const smv_ldap_source_t *source, const char *dn, const char *current,
                                         const char *password, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    return source->number == SMV_DIRECTORY_OWN ? set_in_own(source, dn, current, password, patience, pool)
                                               : set_elsewhere(source, dn, current, password, patience, pool);
}
