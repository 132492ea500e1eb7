/* SPDX-License-Identifier: Apache-2.0
 *
 * Making, changing, renaming and deleting roles: one at a time in the whole portal, so that what is checked still holds
 * when it is written; each deed is one operation of the directory, noted before it is done.
 */
#include "smv_input.h"
#include "smv_record.h"
#include "smv_role.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define TURN "roles"
#define TURN_SECONDS 60 /* longer than a deed may take: a process that dies with it gives it back so */
#define TRIES 20
#define PAUSE apr_time_from_msec(50)

/* --- one at a time --- */

static const smv_error_t *take_turn(const smv_call_t *call, const char *holder)
{
    const smv_error_t *error = NULL;

    for (int i = 0; i < TRIES; i++) {
        error = call->store->turn_take(call->store, TURN, holder, apr_time_now(), TURN_SECONDS, call->pool);
        if (!error || error->code != SMV_ERROR_CONFLICT) {
            return error;
        }
        apr_sleep(PAUSE);
    }
    return smv_error_saying(call->pool, SMV_ERROR_CONFLICT,
                            "Gerade ändert jemand anderes eine Rolle. Bitte versuchen Sie es gleich noch einmal.",
                            "another request holds the turn %s", TURN);
}

/* --- the log --- */

static const smv_error_t *note(const smv_call_t *call, smv_event_kind_e kind, const smv_role_t *role,
                               const char *detail)
{
    return smv_call_note(
        call, &(smv_event_t){.kind = kind, .subject = "role", .object = role->name, .row = role->id, .detail = detail});
}

/* What was noted did not come to be: that is noted, too. @return the error */
static const smv_error_t *note_refusal(const smv_call_t *call, smv_event_kind_e kind, const smv_role_t *role,
                                       const smv_error_t *error)
{
    if (error) {
        note(call, kind, role, smv_refused_detail(error, call->pool));
    } else {
        smv_principal_cache_forget_all(call->principals);
    }
    return error;
}

static void put_pair(smv_buffer_t *json, const char *name, const char *old, const char *new)
{
    smv_buffer_puts(json, json->size > 1 ? ",\"" : "\"");
    smv_buffer_puts(json, name);
    smv_buffer_puts(json, "\":[");
    smv_buffer_json(json, old, strlen(old));
    smv_buffer_puts(json, ",");
    smv_buffer_json(json, new, strlen(new));
    smv_buffer_puts(json, "]");
}

/* What differs, by the names of the API: {"scope":["own","all"],"contract.view":["TRUE","FALSE"]}. */
static const char *differences(const smv_role_t *before, const smv_role_t *after, apr_pool_t *pool)
{
    static const char *const values[] = {"FALSE", "TRUE"};
    smv_buffer_t json;

    smv_buffer_init(&json, 256, 1 << 14, pool);
    smv_buffer_puts(&json, "{");
    if (strcmp(before->name, after->name) != 0) {
        put_pair(&json, "name", before->name, after->name);
    }
    if (strcmp(before->remark, after->remark) != 0) {
        put_pair(&json, "remark", before->remark, after->remark);
    }
    if (before->scope != after->scope) {
        put_pair(&json, "scope", smv_scope_codes[before->scope], smv_scope_codes[after->scope]);
    }
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        int was = SMV_HAS_RIGHT(before->rights, right), is = SMV_HAS_RIGHT(after->rights, right);

        if (was != is) {
            put_pair(&json, smv_rights[right].id, values[was], values[is]);
        }
    }
    smv_buffer_puts(&json, "}");
    smv_buffer_write(&json, "", 1);
    return json.is_failed ? NULL : json.data;
}

/* --- answers --- */

static const smv_error_t *answer_page(const smv_call_t *call, smv_answer_t *answer, const smv_role_page_t *page,
                                      int status)
{
    answer->page = "role";
    answer->status = status;
    return smv_role_page(call, &answer->view, page);
}

/* What is wrong with a form; the API gets the problems themselves. */
static const smv_error_t *refuse(const smv_call_t *call, smv_answer_t *answer, const smv_role_page_t *page)
{
    const smv_error_t *error =
        smv_error_invalid(page->name.problems ? page->name.problems : page->form.problems, call->pool);

    return call->rendering == SMV_RENDER_API ? error : answer_page(call, answer, page, error->http_status);
}

static const smv_error_t *answer_done(const smv_call_t *call, smv_answer_t *answer, apr_int64_t id, const char *deed)
{
    smv_role_entry_t entry;
    smv_role_page_t page = {.entry = &entry};
    const char *path = smv_role_path(call, id);
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_PAGE) {
        answer->location = apr_pstrcat(call->pool, path, "?done=", deed, NULL);
        return NULL;
    }
    error = call->directory->find_role(call->directory, &entry, id, call->pool);
    if (!error) {
        answer->version = entry.version;
        answer->location = strcmp(deed, "create") == 0 ? path : NULL;
        answer->status = answer->location ? 201 : 200;
        page.form.row = smv_role_record(&smv_shape_role_change, &entry.role, call->pool);
        error = smv_role_page(call, &answer->view, &page);
    }
    return error;
}

/* Somebody else was faster, by the portal or a tool of the directory: the page shows both, and the person decides. */
static const smv_error_t *answer_conflict(const smv_call_t *call, smv_answer_t *answer)
{
    smv_role_entry_t entry;
    smv_role_page_t page = {.entry = &entry, .error = "Jemand anderes hat inzwischen etwas geändert."};
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_API) {
        return smv_error(call->pool, SMV_ERROR_PRECONDITION, "role %" APR_INT64_T_FMT " has another version", call->id);
    }
    error = call->directory->find_role(call->directory, &entry, call->id, call->pool);
    if (error) {
        return error;
    }
    page.form.row = smv_role_record(&smv_shape_role_change, &entry.role, call->pool);
    if (call->route->body == &smv_shape_role_change) {
        page.form.form = call->form;
        page.form.theirs = page.form.row;
    }
    return answer_page(call, answer, &page, 409);
}

/* The role as the person saw it. @return SMV_ERROR_CONFLICT where it is another one now */
static const smv_error_t *find_seen(const smv_call_t *call, smv_role_entry_t *entry)
{
    apr_int64_t version;
    const smv_error_t *error = smv_seen_version(call, &version);

    if (!error) {
        error = call->directory->find_role(call->directory, entry, call->id, call->pool);
    }
    return !error && entry->version != version
               ? smv_error(call->pool, SMV_ERROR_CONFLICT, "another version of the role was seen")
               : error;
}

/* --- one deed --- */

/* @param seen the role as the person saw it; empty for a new one */
typedef const smv_error_t *deed_fn(const smv_call_t *call, smv_answer_t *answer, const smv_role_entry_t *seen);

static const smv_error_t *do_to_seen(const smv_call_t *call, smv_answer_t *answer, deed_fn *deed)
{
    smv_role_entry_t seen = {.role = {.name = "", .remark = "", .scope = SMV_SCOPE_OWN}};
    const smv_error_t *error = call->id ? find_seen(call, &seen) : NULL;

    if (!error) {
        error = deed(call, answer, &seen);
    }
    return call->id && error && error->code == SMV_ERROR_CONFLICT ? answer_conflict(call, answer) : error;
}

static const smv_error_t *in_turn(const smv_call_t *call, smv_answer_t *answer, deed_fn *deed)
{
    const char *holder;
    const smv_error_t *error = smv_new_submission(call, &holder), *end;

    if (error || (error = take_turn(call, holder))) {
        return error;
    }
    call->store->release(call->store); /* a slow directory must not use up the database connections */
    error = do_to_seen(call, answer, deed);
    end = call->store->turn_give(call->store, TURN, holder, call->pool);
    if (end) {
        call->report(call, end);
    }
    return error;
}

/* --- a new role --- */

static const char *name_in(const smv_record_t *record)
{
    return record->values[smv_shape_field(record->shape, "name")].as.text;
}

static const smv_error_t *create(const smv_call_t *call, smv_answer_t *answer, const smv_role_entry_t *nothing)
{
    const smv_reading_rules_t rules = {.shape = &smv_shape_role_new, .now = call->now};
    smv_role_page_t page = {.form = {.form = call->form}};
    smv_record_t *record;
    smv_role_t role;
    const smv_error_t *error;

    page.form.problems = smv_input_read(&record, &rules, call->form, call->pool);
    if (page.form.problems) {
        return refuse(call, answer, &page);
    }
    role = smv_role_wished(record, &nothing->role);
    role.name = name_in(record);
    error = note(call, SMV_EVENT_CREATE, &role, differences(&nothing->role, &role, call->pool));
    if (error) {
        return error;
    }
    error = note_refusal(
        call, SMV_EVENT_CREATE, &role,
        call->directory->create_role(call->directory, &role, call->tenant, call->principal->dn, call->pool));
    if (error && error->code == SMV_ERROR_EXISTS) {
        page.form.problems = smv_problem(NULL, "name", "Diese Bezeichnung gibt es schon.", 0, call->pool);
        return refuse(call, answer, &page);
    }
    return error ? error : answer_done(call, answer, role.id, "create");
}

const smv_error_t *smv_create_role(const smv_call_t *call, smv_answer_t *answer)
{
    return in_turn(call, answer, create);
}

/* --- one that is there --- */

static int manages(const smv_role_t *role)
{
    return role->scope != SMV_SCOPE_OWN && SMV_HAS_RIGHT(role->rights, SMV_RIGHT_ROLE_MANAGE);
}

/* @param is_one out: whether some other role lets somebody manage roles */
static const smv_error_t *find_other_manager(const smv_call_t *call, int *is_one, apr_int64_t id)
{
    const smv_role_t *roles;
    int count;
    const smv_error_t *error = call->directory->roles(call->directory, &roles, &count, call->pool);

    *is_one = 0;
    for (int i = 0; i < count && !error && !*is_one; i++) {
        smv_role_uses_t uses;

        if (roles[i].id != id && manages(&roles[i])) {
            error = call->directory->role_uses(call->directory, &uses, roles[i].dn, call->pool);
            *is_one = !error && smv_role_accounts(&uses) > 0;
        }
    }
    return error;
}

/* Without it nobody could give it to anybody again but with a tool of the directory. */
static const smv_error_t *check_last(const smv_call_t *call, const smv_problem_t **problems, const smv_role_t *before,
                                     const smv_role_t *wished)
{
    int is_one = 1;
    const smv_error_t *error = NULL;

    if (manages(before) && !manages(wished)) {
        error = find_other_manager(call, &is_one, before->id);
    }
    if (!error && !is_one) {
        *problems = smv_problem(NULL, wished->scope == SMV_SCOPE_OWN ? "scope" : smv_rights[SMV_RIGHT_ROLE_MANAGE].id,
                                "Dies ist die letzte Rolle, mit der jemand Rollen verwalten kann.", 0, call->pool);
    }
    return error;
}

static const smv_error_t *change_entry(const smv_call_t *call, smv_answer_t *answer, const smv_role_entry_t *entry)
{
    smv_role_page_t page = {.entry = entry, .form = {.form = call->form}};
    smv_reading_rules_t rules = {.shape = &smv_shape_role_change, .now = call->now};
    smv_record_t *record;
    smv_role_t wished;
    const smv_error_t *error;

    rules.row = smv_role_record(&smv_shape_role_change, &entry->role, call->pool);
    page.form.row = rules.row;
    page.form.problems = smv_input_read(&record, &rules, call->form, call->pool);
    if (page.form.problems) {
        return refuse(call, answer, &page);
    }
    wished = smv_role_wished(record, &entry->role);
    if ((error = check_last(call, &page.form.problems, &entry->role, &wished))) {
        return error;
    }
    if (page.form.problems) {
        return refuse(call, answer, &page);
    }
    error = note(call, SMV_EVENT_EDIT, &entry->role, differences(&entry->role, &wished, call->pool));
    if (!error) {
        error = note_refusal(
            call, SMV_EVENT_EDIT, &entry->role,
            call->directory->change_role(call->directory, entry, &wished, call->principal->dn, call->pool));
    }
    return error ? error : answer_done(call, answer, call->id, "edit");
}

const smv_error_t *smv_change_role(const smv_call_t *call, smv_answer_t *answer)
{
    return in_turn(call, answer, change_entry);
}

static const smv_error_t *rename_entry(const smv_call_t *call, smv_answer_t *answer, const smv_role_entry_t *entry)
{
    const smv_reading_rules_t rules = {.shape = &smv_shape_role_name, .now = call->now};
    smv_role_page_t page = {.entry = entry, .name = {.form = call->form}};
    smv_role_t wished = entry->role;
    smv_record_t *record;
    const smv_error_t *error = NULL;

    page.form.row = smv_role_record(&smv_shape_role_change, &entry->role, call->pool);
    page.name.problems = smv_input_read(&record, &rules, call->form, call->pool);
    if (page.name.problems) {
        return refuse(call, answer, &page);
    }
    wished.name = name_in(record);
    if (strcmp(wished.name, entry->role.name) == 0) {
        return answer_done(call, answer, call->id, "rename");
    }
    error = note(call, SMV_EVENT_EDIT, &entry->role, differences(&entry->role, &wished, call->pool));
    if (!error) {
        error = note_refusal(
            call, SMV_EVENT_EDIT, &entry->role,
            call->directory->rename_role(call->directory, entry, wished.name, call->principal->dn, call->pool));
    }
    if (error && error->code == SMV_ERROR_EXISTS) {
        page.name.problems = smv_problem(NULL, "name", "Diese Bezeichnung gibt es schon.", 0, call->pool);
        return refuse(call, answer, &page);
    }
    return error ? error : answer_done(call, answer, call->id, "rename");
}

const smv_error_t *smv_rename_role(const smv_call_t *call, smv_answer_t *answer)
{
    return in_turn(call, answer, rename_entry);
}

/* The page shows by how many it is used. */
static const smv_error_t *refuse_used(const smv_call_t *call, smv_answer_t *answer, const smv_role_entry_t *entry,
                                      int accounts)
{
    static const char text[] = "Diese Rolle ist noch in Gebrauch. Zugänge, die sie haben:";
    smv_role_page_t page = {.entry = entry, .error = "Diese Rolle ist noch in Gebrauch und lässt sich nicht löschen."};
    smv_error_t *error = (smv_error_t *)smv_error_saying(call->pool, SMV_ERROR_IN_USE, page.error,
                                                         "%d accounts have the role %s", accounts, entry->role.dn);

    if (call->rendering == SMV_RENDER_API) {
        error->problems = smv_problem(NULL, "accounts", text, accounts, call->pool);
        return error;
    }
    page.form.row = smv_role_record(&smv_shape_role_change, &entry->role, call->pool);
    return answer_page(call, answer, &page, error->http_status);
}

static const smv_error_t *delete_entry(const smv_call_t *call, smv_answer_t *answer, const smv_role_entry_t *entry)
{
    smv_role_uses_t uses;
    const smv_error_t *error = call->directory->role_uses(call->directory, &uses, entry->role.dn, call->pool);

    if (error) {
        return error;
    }
    if (smv_role_accounts(&uses) > 0) {
        return refuse_used(call, answer, entry, smv_role_accounts(&uses));
    }
    error = note(call, SMV_EVENT_DELETE, &entry->role, NULL);
    if (!error) {
        error = note_refusal(call, SMV_EVENT_DELETE, &entry->role,
                             call->directory->delete_role(call->directory, entry, call->principal->dn, call->pool));
    }
    if (!error && call->rendering == SMV_RENDER_PAGE) {
        answer->location = "/roles?done=delete";
    }
    return error;
}

const smv_error_t *smv_delete_role(const smv_call_t *call, smv_answer_t *answer)
{
    return in_turn(call, answer, delete_entry);
}
