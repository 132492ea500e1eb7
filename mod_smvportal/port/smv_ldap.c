/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap.h"
#include "smv_ldap_account.h"
#include "smv_ldap_describe.h"
#include "smv_ldap_find.h"
#include "smv_ldap_load.h"
#include "smv_ldap_password.h"
#include "smv_ldap_role.h"
#include "smv_ldap_sso.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

#define MAX_LOGIN_SIZE 256
/* How long before Active Directory's passwords expire that is told; other directories decide it themselves. */
#define EXPIRES_SOON apr_time_from_sec(14 * 86400)

typedef struct ldap_t {
    const smv_ldap_sources_t *sources;
    smv_ldap_pool_t *links;        /* of the portal's own directory */
    const char *base;              /* likewise */
    const char *accounts, *roles;  /* DNs below which new ones are made */
    int keeps_references;          /* the directory lets accounts follow a role that is renamed */
    smv_ldap_patience_t *patience; /* of one request; NULL: each function has its own */
} ldap_t;

static smv_ldap_patience_t *patience_of(const ldap_t *self, apr_pool_t *pool)
{
    return self->patience ? self->patience : apr_pcalloc(pool, sizeof *self->patience);
}

static const smv_error_t *load(smv_directory_t *directory, const smv_principal_t **principal, const char *dn,
                               apr_time_t now, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_ldap_load_t how = {now, patience_of(self, pool), NULL};
    smv_account_t account = {0};
    const smv_error_t *error = smv_ldap_load(self->sources, &account, dn, &how, pool);

    *principal = error ? NULL : account.principal;
    return error;
}

/* Who cannot bind any more cannot change their password as themselves: in the portal's own directory the service may
 * write as them. */
static int must_change_elsewhere(const smv_ldap_source_t *source, int code, const smv_ldap_verdict_t *verdict)
{
    return source->number != SMV_DIRECTORY_OWN && (code != LDAP_SUCCESS || !source->is_password_writeable) &&
           (verdict->policy == PP_passwordExpired || verdict->policy == PP_changeAfterReset);
}

/* What a server refuses, it says of a right password alone why. */
static const smv_error_t *refusal_of(const smv_ldap_source_t *source, int code, const smv_ldap_verdict_t *verdict,
                                     apr_pool_t *pool)
{
    smv_error_e refused = verdict->policy == PP_passwordExpired    ? SMV_ERROR_PASSWORD_EXPIRED
                          : verdict->policy == PP_changeAfterReset ? SMV_ERROR_PASSWORD_RESET
                                                                   : SMV_ERROR_CREDENTIALS;

    if (must_change_elsewhere(source, code, verdict)) {
        return smv_error_saying(pool, SMV_ERROR_LOCKED,
                                "Ihr Passwort ist abgelaufen. Bitte ändern Sie es dort, wo Sie es sonst benutzen, und "
                                "melden Sie sich dann noch einmal an.",
                                "the password has expired or must be changed, by who cannot bind: %s (%d)",
                                ldap_err2string(code), code);
    }
    if (verdict->is_barred) {
        return smv_error(pool, SMV_ERROR_LOCKED, "the directory has disabled the account, or it has ended");
    }
    return smv_error(pool, refused, "the directory refused the bind: %s (%d), %s", ldap_err2string(code), code,
                     verdict->policy == PP_noError ? "no more said" : ldap_passwordpolicy_err2txt(verdict->policy));
}

static const smv_error_t *try_password(const smv_ldap_source_t *source, smv_sign_in_t *sign_in, const char *dn,
                                       const char *password, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_attempt_t attempt = {.dn = dn, .password = password};
    const smv_ldap_verdict_t *verdict = &attempt.verdict;
    int code = smv_ldap_try_bind(source->links, &attempt, patience);

    sign_in->expires = verdict->expires;
    sign_in->grace = verdict->grace;
    switch (code) {
    case LDAP_SUCCESS:
        return verdict->policy == PP_changeAfterReset ? refusal_of(source, code, verdict, pool) : NULL;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_CONSTRAINT_VIOLATION: /* 389-ds: too many wrong passwords */
    case LDAP_UNWILLING_TO_PERFORM: /* 389-ds: the account is locked by the directory */
        return refusal_of(source, code, verdict, pool);
    default:
        return smv_ldap_away(source->links, "binding as the person who signs in", code, pool);
    }
}

static int is_right(const smv_error_t *error)
{
    return !error || error->code == SMV_ERROR_PASSWORD_EXPIRED || error->code == SMV_ERROR_PASSWORD_RESET;
}

/* @return -1 for longer than soon */
static int seconds_left(apr_time_t expires)
{
    apr_time_t left = expires - apr_time_now();

    return left > EXPIRES_SOON ? -1 : left > 0 ? (int)apr_time_sec(left) : 0;
}

static const smv_error_t *authenticate(smv_directory_t *directory, smv_sign_in_t *sign_in, const char *login,
                                       const char *password, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    smv_ldap_patience_t *patience = patience_of(self, pool);
    const smv_error_t *error;
    smv_ldap_found_t found;

    *sign_in = (smv_sign_in_t){NULL, -1, -1};
    /* Servers answer a bind without a password with success, as anonymous (RFC 4513, 5.1.2). */
    if (!login || !password || !*login || !*password || strlen(login) > MAX_LOGIN_SIZE) {
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "login or password is empty, or the login is too long");
    }
    if ((error = smv_ldap_find_login(self->sources, &found, login, patience, pool))) {
        return error;
    }
    error = try_password(found.source, sign_in,
                         found.dn ? found.dn : apr_pstrcat(pool, "uid=unknown,", found.source->base, NULL), password,
                         patience, pool);
    if (!error && !found.dn) {
        error = smv_error(pool, SMV_ERROR_CREDENTIALS, "not exactly one account has this login");
    }
    sign_in->dn = is_right(error) ? found.dn : NULL;
    if (!error && sign_in->expires < 0 && found.password_expires) {
        sign_in->expires = seconds_left(found.password_expires);
    }
    return error;
}

static const smv_error_t *verify(smv_directory_t *directory, smv_sign_in_t *sign_in, const char *dn,
                                 const char *password, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error;

    *sign_in = (smv_sign_in_t){NULL, -1, -1};
    if (!password || !*password) {
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "the password is empty");
    }
    error = try_password(smv_ldap_source_of(self->sources, dn), sign_in, dn, password, patience_of(self, pool), pool);
    sign_in->dn = is_right(error) ? dn : NULL;
    return error;
}

/* @param dn NULL: of no account */
static const smv_error_t *collect_at(const ldap_t *self, smv_account_t **account, const char *dn, apr_time_t now,
                                     smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_account_t *made = apr_pcalloc(pool, sizeof *made);
    apr_array_header_t *faults = apr_array_make(pool, 4, sizeof(const smv_error_t *));
    const smv_ldap_load_t how = {now, patience, faults};
    const smv_error_t *error = NULL;

    *account = made;
    if (dn) {
        error = smv_ldap_load(self->sources, made, dn, &how, pool);
        made->found = 1;
        made->faults = (const smv_error_t *const *)faults->elts;
        made->fault_count = faults->nelts;
    }
    return error;
}

static const smv_error_t *explain(smv_directory_t *directory, const smv_account_t **account, const char *login,
                                  apr_time_t now, apr_pool_t *pool)
{
    const ldap_t *self = directory->state;
    smv_ldap_patience_t *patience = patience_of(self, pool);
    smv_account_t *made = apr_pcalloc(pool, sizeof *made);
    const smv_error_t *error, *incomplete;
    smv_ldap_found_t found;
    smv_principal_t *principal;

    *account = made;
    if (!*login || strlen(login) > MAX_LOGIN_SIZE) {
        return NULL;
    }
    error = smv_ldap_find_login(self->sources, &found, login, patience, pool);
    incomplete = collect_at(self, &made, error ? NULL : found.dn, now, patience, pool);
    principal = (smv_principal_t *)made->principal;
    made->found = found.count;
    if (principal && (!principal->login || !*principal->login)) {
        principal->login = apr_pstrdup(pool, login);
    }
    *account = made;
    return error ? error : incomplete;
}

/* --- accounts as they are managed --- */

/* Locked, ended, or of a firm without the module: all else that is wrong may hide whose account it is. */
static int is_known(const smv_account_t *account)
{
    for (int i = 0; i < account->fault_count; i++) {
        if (account->faults[i]->code != SMV_ERROR_LOCKED && account->faults[i]->code != SMV_ERROR_MODULE_NOT_BOOKED) {
            return 0;
        }
    }
    return account->principal && account->principal->role_count > 0;
}

static const smv_error_t *list_accounts(smv_directory_t *directory, const smv_account_t *const **accounts, int *count,
                                        apr_int64_t customer, const char *login, apr_time_t now, apr_pool_t *pool)
{
    const ldap_t *self = directory->state;
    smv_ldap_patience_t *patience = patience_of(self, pool);
    const smv_account_t **made;
    apr_array_header_t *dns;
    const smv_error_t *error = smv_ldap_find_accounts(self->sources, &dns, customer, login, patience, pool);

    *count = 0;
    *accounts = made = apr_pcalloc(pool, sizeof(const smv_account_t *) * (apr_size_t)(dns->nelts + 1));
    for (int i = 0; i < dns->nelts && !error; i++) {
        smv_account_t *account;

        error = collect_at(self, &account, APR_ARRAY_IDX(dns, i, const char *), now, patience, pool);
        if (!error && is_known(account)) {
            made[(*count)++] = account;
        }
    }
    return error;
}

static const smv_error_t *find_login(smv_directory_t *directory, int *is_taken, const char *login, apr_pool_t *pool)
{
    const ldap_t *self = directory->state;
    smv_ldap_found_t found;
    const smv_error_t *error = smv_ldap_find_login(self->sources, &found, login, patience_of(self, pool), pool);

    *is_taken = found.count > 0;
    return error;
}

/* --- what people write to the portal's own directory --- */

/* Whom it does not know as themselves writes as who stands in for them. */
static const char *writer(const ldap_t *self, const char *as)
{
    const smv_ldap_source_t *source = smv_ldap_source_of(self->sources, as);

    return source->stand_in ? source->stand_in : as;
}

static const smv_error_t *check_own(const ldap_t *self, const char *dn, apr_pool_t *pool)
{
    return smv_ldap_source_of(self->sources, dn)->number == SMV_DIRECTORY_OWN
               ? NULL
               : smv_error_saying(pool, SMV_ERROR_DIRECTORY_REFUSED,
                                  "Dieser Zugang gehört zu einem anderen Verzeichnis und wird dort verwaltet.",
                                  "%s is not of the portal's own directory", dn);
}

static const smv_error_t *create_account(smv_directory_t *directory, const char **dn, const smv_new_account_t *account,
                                         const char *as, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_account_create(self->links, dn, self->accounts, account, writer(self, as), patience_of(self, pool),
                                   pool);
}

static const smv_error_t *lock_account(smv_directory_t *directory, const char *dn, int is_locked, const char *as,
                                       apr_pool_t *pool)
{
    const ldap_t *self = directory->state;
    const smv_error_t *error = check_own(self, dn, pool);

    return error ? error
                 : smv_ldap_account_set(self->links, dn, "smvGesperrt", is_locked ? "TRUE" : NULL, writer(self, as),
                                        patience_of(self, pool), pool);
}

static const smv_error_t *end_account(smv_directory_t *directory, const char *dn, apr_time_t end, const char *as,
                                      apr_pool_t *pool)
{
    const ldap_t *self = directory->state;
    const smv_error_t *error = check_own(self, dn, pool);

    return error ? error
                 : smv_ldap_account_set(self->links, dn, "smvGueltigBis", smv_ldap_generalized_time(end, pool),
                                        writer(self, as), patience_of(self, pool), pool);
}

static int takes_passwords(smv_directory_t *directory, const char *dn, apr_pool_t *pool)
{
    const ldap_t *self = directory->state;
    smv_ldap_visitor_t visitor;

    return !smv_ldap_visitor_of(&visitor, dn, pool) && smv_ldap_source_of(self->sources, dn)->is_password_writeable;
}

static const smv_error_t *set_password(smv_directory_t *directory, const char *dn, const char *current,
                                       const char *password, apr_pool_t *pool)
{
    const ldap_t *self = directory->state;

    return smv_ldap_set_password(smv_ldap_source_of(self->sources, dn), dn, current, password, patience_of(self, pool),
                                 pool);
}

/* --- roles as they are managed --- */

static const smv_error_t *list_roles(smv_directory_t *directory, const smv_role_t **roles, int *count, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_list(self->links, self->base, roles, count, patience_of(self, pool), pool);
}

static const smv_error_t *find_role(smv_directory_t *directory, smv_role_entry_t *entry, apr_int64_t id,
                                    apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_find(self->links, self->base, entry, id, patience_of(self, pool), pool);
}

static const smv_error_t *role_uses(smv_directory_t *directory, smv_role_uses_t *uses, const char *dn, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_count_uses(self->links, self->base, uses, dn, patience_of(self, pool), pool);
}

static const smv_error_t *create_role(smv_directory_t *directory, smv_role_t *role, apr_int64_t tenant, const char *as,
                                      apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error =
        smv_ldap_role_next_id(self->links, self->base, &role->id, tenant, patience_of(self, pool), pool);

    return error
               ? error
               : smv_ldap_role_create(self->links, self->roles, role, writer(self, as), patience_of(self, pool), pool);
}

static const smv_error_t *change_role(smv_directory_t *directory, const smv_role_entry_t *seen,
                                      const smv_role_t *wanted, const char *as, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_change(self->links, seen, wanted, writer(self, as), patience_of(self, pool), pool);
}

static const smv_error_t *rename_role(smv_directory_t *directory, const smv_role_entry_t *seen, const char *name,
                                      const char *as, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error = NULL;
    smv_role_uses_t uses;

    if (!self->keeps_references &&
        !(error =
              smv_ldap_role_count_uses(self->links, self->base, &uses, seen->role.dn, patience_of(self, pool), pool)) &&
        uses.pointers > 0) {
        error = smv_error_saying(pool, SMV_ERROR_IN_USE,
                                 "Diese Rolle ist in Gebrauch, und das Verzeichnis ist nicht dafür eingerichtet, sie "
                                 "dann umzubenennen.",
                                 "%s has %d accounts; let the directory keep references (slapo-refint) and set "
                                 "SmvPortalLdapReferences On",
                                 seen->role.dn, uses.pointers);
    }
    return error ? error
                 : smv_ldap_role_rename(self->links, self->base, seen, name, writer(self, as), patience_of(self, pool),
                                        pool);
}

static const smv_error_t *delete_role(smv_directory_t *directory, const smv_role_entry_t *seen, const char *as,
                                      apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_delete(self->links, seen, writer(self, as), patience_of(self, pool), pool);
}

/* --- single sign-on --- */

static const smv_error_t *find_identity(smv_directory_t *directory, const char **dn, smv_identity_way_e way,
                                        const char *value, apr_pool_t *pool)
{
    const ldap_t *self = directory->state;

    return smv_ldap_find_identity(self->sources, dn, way, value, patience_of(self, pool), pool);
}

static const smv_error_t *find_rule(smv_directory_t *directory, const char **dn, const smv_identity_t *identity,
                                    apr_pool_t *pool)
{
    const ldap_t *self = directory->state;

    return smv_ldap_find_rule(self->sources, dn, identity, patience_of(self, pool), pool);
}

/* --- the port --- */

static smv_directory_t *for_request(smv_directory_t *directory, apr_pool_t *pool)
{
    smv_directory_t *made = apr_pmemdup(pool, directory, sizeof *made);
    ldap_t *self = apr_pmemdup(pool, directory->state, sizeof *self);

    self->patience = apr_pcalloc(pool, sizeof *self->patience);
    made->state = self;
    return made;
}

static const smv_error_t *describe(smv_directory_t *directory, smv_list_t **list, const char *dn, apr_int64_t customer,
                                   apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_describe(self->sources, list, dn, customer, patience_of(self, pool), pool);
}

int smv_ldap_number_of(smv_directory_t *directory, const char *dn)
{
    const ldap_t *self = directory->state;

    return smv_ldap_source_of(self->sources, dn)->number;
}

smv_ldap_connections_t smv_ldap_connections(smv_directory_t *directory, int number)
{
    const ldap_t *self = directory->state;

    return smv_ldap_pool_connections(self->sources->at[number].links);
}

apr_status_t smv_ldap_create(smv_directory_t **directory, const smv_ldap_config_t *configs, int count, apr_pool_t *pool)
{
    smv_directory_t *made = apr_pcalloc(pool, sizeof *made);
    ldap_t *self = apr_pcalloc(pool, sizeof *self);
    smv_ldap_sources_t *sources = apr_pcalloc(pool, sizeof *sources);
    const smv_ldap_config_t *own = configs;
    apr_status_t status = smv_ldap_sources_init(sources, configs, count, pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    self->sources = sources;
    self->links = sources->at[SMV_DIRECTORY_OWN].links;
    self->base = sources->at[SMV_DIRECTORY_OWN].base;
    self->accounts = apr_pstrdup(pool, own->accounts);
    self->roles = apr_pstrdup(pool, own->roles);
    self->keeps_references = own->keeps_references;
    *made = (smv_directory_t){.for_request = for_request,
                              .authenticate = authenticate,
                              .verify = verify,
                              .find_identity = find_identity,
                              .find_rule = find_rule,
                              .load = load,
                              .explain = explain,
                              .describe = describe,
                              .accounts = list_accounts,
                              .roles = list_roles,
                              .find_role = find_role,
                              .role_uses = role_uses,
                              .create_role = create_role,
                              .change_role = change_role,
                              .rename_role = rename_role,
                              .delete_role = delete_role,
                              .find_login = find_login,
                              .create_account = create_account,
                              .lock_account = lock_account,
                              .end_account = end_account,
                              .takes_passwords = takes_passwords,
                              .set_password = set_password,
                              .state = self};
    *directory = made;
    return APR_SUCCESS;
}
