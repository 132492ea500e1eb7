/* SPDX-License-Identifier: Apache-2.0
 *
 * The accesses of a customer: the list, and one of them.
 */
#include "smv_access.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>

/* --- logins and numbers --- */

static const char *check_login(char *text, const char *today)
{
    static const char others[] = ".-_@";

    (void)today;
    for (char *c = text; *c; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && (c == text || !strchr(others, *c))) {
            return "Ein Benutzername hat nur Buchstaben von a bis z, Ziffern und . - _ @ und beginnt mit einem "
                   "Buchstaben oder einer Ziffer.";
        }
    }
    return strlen(text) < 3 || strcmp(text, "new") == 0 ? "Dieser Benutzername ist zu kurz." : NULL;
}

const smv_rule_t smv_rule_login = {"login", "text", "off", check_login};

/* @return how many bytes of UTF-8 the letter has; 0 where it is none of these */
static size_t write_letter(char **out, const char *at)
{
    static const struct {
        const char *letter, *ascii;
    } letters[] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}, {"ß", "ss"},
                   {"é", "e"},  {"è", "e"},  {"á", "a"},  {"à", "a"},  {"ó", "o"},  {"ç", "c"},  {"ñ", "n"}};

    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        size_t size = strlen(letters[i].letter);

        if (strncmp(at, letters[i].letter, size) == 0) {
            *out = stpcpy(*out, letters[i].ascii);
            return size;
        }
    }
    return 0;
}

const char *smv_login_of(const char *name, apr_pool_t *pool)
{
    char *login = apr_palloc(pool, 2 * strlen(name) + 1), *out = login;

    for (const char *at = name; *at && out - login < 60;) {
        size_t size = write_letter(&out, at);

        if (!size && apr_isalnum(*at) && (unsigned char)*at < 0x80) {
            *out++ = (char)apr_tolower(*at);
        } else if (!size && (*at == ' ' || *at == '-') && out > login && out[-1] != '.') {
            *out++ = '.';
        }
        at += size ? size : 1;
    }
    while (out > login && out[-1] == '.') {
        out--;
    }
    *out = '\0';
    return check_login(login, NULL) ? NULL : login;
}

int smv_read_numbers(smv_numbers_t *numbers, const char *text, apr_pool_t *pool)
{
    apr_int64_t *at = apr_palloc(pool, sizeof *at * SMV_MAX_CUSTOMERS_AN_ACCESS);
    int count = 0;

    for (text += strspn(text, ", ;"); *text; text += strspn(text, ", ;")) {
        size_t digits = strspn(text, "0123456789");

        if (digits == 0 || digits > 18 || *text == '0' || count == SMV_MAX_CUSTOMERS_AN_ACCESS ||
            !strchr(", ;", text[digits])) {
            return 0;
        }
        at[count++] = strtoll(text, NULL, 10);
        text += digits;
    }
    *numbers = (smv_numbers_t){at, count};
    return 1;
}

/* --- who may --- */

const smv_error_t *smv_access_may_give(const smv_call_t *call, int *may, apr_int64_t customer, const smv_role_t *roles,
                                       int count)
{
    smv_subject_t subject = {customer, 0};
    const smv_error_t *error = call->store->locate_customer(call->store, &subject, call->tenant, customer, call->pool);

    *may = 0;
    if (error && error->code != SMV_ERROR_NOT_FOUND) {
        return error;
    }
    *may = smv_policy_may_give(call->principal, &subject, roles, count);
    return NULL;
}

const smv_error_t *smv_access_may_change(const smv_call_t *call, int *may, const smv_account_t *account)
{
    const smv_error_t *error = NULL;

    *may =
        account->principal->directory == SMV_DIRECTORY_OWN && strcmp(account->principal->dn, call->principal->dn) != 0;
    for (int i = 0; i < account->principal->customers.count && *may && !error; i++) {
        error = smv_access_may_give(call, may, account->principal->customers.at[i], account->principal->roles,
                                    account->principal->role_count);
    }
    return error;
}

const smv_error_t *smv_access_find(const smv_call_t *call, const smv_account_t **account)
{
    const smv_account_t *const *found;
    const smv_error_t *error;
    int count;

    call->store->release(call->store); /* a slow directory must not use up the database connections */
    error = call->directory->accounts(call->directory, &found, &count, call->subject.customer, call->name, call->now,
                                      call->pool);
    if (error) {
        return error;
    }
    if (count != 1 || !smv_policy_is_customer_only(found[0]->principal)) {
        return smv_error(call->pool, SMV_ERROR_NOT_FOUND, "customer %" APR_INT64_T_FMT " has no such access",
                         call->subject.customer);
    }
    *account = found[0];
    return NULL;
}

/* --- what is shown --- */

const char *smv_accesses_path(const smv_call_t *call)
{
    return apr_psprintf(call->pool, "/customers/%" APR_INT64_T_FMT "/accesses", call->subject.customer);
}

const char *smv_access_path(const smv_call_t *call, const char *login)
{
    smv_buffer_t path;

    smv_buffer_init(&path, 128, 1024, call->pool);
    smv_buffer_puts(&path, smv_accesses_path(call));
    smv_buffer_puts(&path, "/");
    smv_buffer_url(&path, login, strlen(login));
    smv_buffer_write(&path, "", 1);
    return path.data;
}

static const char *state_of(const smv_call_t *call, const smv_account_t *account)
{
    return account->valid_until && account->valid_until <= call->now ? "ended"
           : account->is_locked || account->is_locked_out            ? "locked"
                                                                     : "active";
}

static smv_list_t *roles_of(const smv_account_t *account, apr_pool_t *pool)
{
    smv_list_t *roles = smv_list_make(&smv_shape_me_role, account->principal->role_count, pool);

    for (int i = 0; i < account->principal->role_count; i++) {
        smv_set(&roles->records[i], "id", smv_number(account->principal->roles[i].id));
        smv_set(&roles->records[i], "name", smv_text(account->principal->roles[i].name));
        smv_set(&roles->records[i], "remark", smv_text(account->principal->roles[i].remark));
    }
    return roles;
}

static smv_list_t *customers_of(const smv_account_t *account, apr_pool_t *pool)
{
    smv_list_t *customers = smv_list_make(&smv_shape_access_customer, account->principal->customers.count, pool);

    for (int i = 0; i < account->principal->customers.count; i++) {
        smv_set(&customers->records[i], "number", smv_number(account->principal->customers.at[i]));
    }
    return customers;
}

const smv_error_t *smv_access_record(const smv_call_t *call, const smv_record_t **record, const smv_account_t *account)
{
    smv_record_t *made = smv_record_make(&smv_shape_access, call->pool);
    apr_time_t invited_until;
    const smv_error_t *error =
        call->store->invitation_until(call->store, &invited_until, account->principal->dn, call->now, call->pool);

    if (error) {
        return error;
    }
    smv_set(made, "login", smv_text(account->principal->login));
    smv_set(made, "name", smv_text(account->principal->name));
    smv_set(made, "mail", smv_text(*account->principal->mail ? account->principal->mail : NULL));
    smv_set(made, "state", smv_text(state_of(call, account)));
    smv_set(made, "roles", smv_nested_list(roles_of(account, call->pool)));
    smv_set(made, "customers", smv_nested_list(customers_of(account, call->pool)));
    smv_set(made, "href",
            smv_text(apr_pstrcat(call->pool, call->base, smv_access_path(call, account->principal->login), NULL)));
    if (account->valid_until) {
        smv_set(made, "valid_until", smv_text(smv_day_of(account->valid_until, call->pool)));
    }
    if (invited_until) {
        smv_set(made, "invited_until", smv_number(apr_time_sec(invited_until)));
    }
    *record = made;
    return NULL;
}

const smv_error_t *smv_list_accesses(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_access_view, call->pool);
    const smv_account_t *const *accounts;
    const smv_error_t *error;
    smv_list_t *list;
    int count;

    call->store->release(call->store);
    error = call->directory->accounts(call->directory, &accounts, &count, call->subject.customer, NULL, call->now,
                                      call->pool);
    if (error) {
        return error;
    }
    list = smv_list_make(&smv_shape_access, count, call->pool);
    list->count = 0;
    for (int i = 0; i < count && !error; i++) {
        if (smv_policy_is_customer_only(accounts[i]->principal)) {
            const smv_record_t *record;

            error = smv_access_record(call, &record, accounts[i]);
            ((smv_record_t *)list->records)[list->count++] = *(error ? &list->records[0] : record);
        }
    }
    smv_set(view, "customer", smv_number(call->subject.customer));
    smv_set(view, "accesses", smv_nested_list(list));
    smv_set(view, "create_href", smv_text(apr_pstrcat(call->pool, call->base, smv_accesses_path(call), "/new", NULL)));
    smv_set(
        view, "back_href",
        smv_text(SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CUSTOMER_VIEW)
                     ? apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT, call->base, call->subject.customer)
                     : apr_pstrcat(call->pool, call->base, "/", NULL)));
    answer->view = view;
    return error;
}

static const smv_notice_t notices[] = {{"done=lock", "Der Zugang ist gesperrt."},
                                       {"done=unlock", "Der Zugang ist entsperrt."},
                                       {"done=end", "Der Zugang ist beendet."},
                                       {NULL, NULL}};

static void add_deeds(const smv_call_t *call, const smv_record_t *view, const smv_account_t *account)
{
    const char *path = apr_pstrcat(call->pool, call->base, smv_access_path(call, account->principal->login), NULL);
    int is_ended = strcmp(state_of(call, account), "ended") == 0;

    if (account->is_locked) {
        smv_set(view, "unlock_href", smv_text(apr_pstrcat(call->pool, path, "/unlock", NULL)));
    } else if (!is_ended) {
        smv_set(view, "lock_href", smv_text(apr_pstrcat(call->pool, path, "/lock", NULL)));
    }
    if (!is_ended) {
        smv_set(view, "end_href", smv_text(apr_pstrcat(call->pool, path, "/end", NULL)));
    }
    if (!is_ended && !account->is_locked && !account->is_locked_out) {
        smv_set(view, "reset_href", smv_text(apr_pstrcat(call->pool, path, "/reset", NULL)));
    }
}

const smv_error_t *smv_show_access(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_access_view, call->pool);
    const smv_account_t *account;
    const smv_record_t *record = NULL;
    const smv_error_t *error;
    int may = 0;

    /* smv_error answers no NULL. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
    if ((error = smv_access_find(call, &account)) || (error = smv_access_may_change(call, &may, account)) ||
        (error = smv_access_record(call, &record, account))) {
        return error;
    }
    smv_set(view, "customer", smv_number(call->subject.customer));
    smv_set(view, "access", smv_nested(record));
    smv_set(view, "back_href", smv_text(apr_pstrcat(call->pool, call->base, smv_accesses_path(call), NULL)));
    smv_set(view, "notice", smv_text(smv_notice_of(call, notices)));
    smv_set(view, "is_foreign", smv_number(!may));
    if (may) {
        add_deeds(call, view, account);
    }
    answer->view = view;
    return NULL;
}
