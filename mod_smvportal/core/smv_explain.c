/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_explain.h"

#include "smv_cell.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#define MAX_TEXT 300

const char smv_answer_yes[] = "yes", smv_answer_no[] = "no", smv_answer_unknown[] = "unknown";

typedef struct explaining_t {
    smv_call_t probe; /* the request that is asked about, made by the account */
    const smv_call_t *call;
    const smv_question_t *question;
    const smv_account_t *account;
    smv_right_e right; /* SMV_RIGHT_NONE: the route needs none */
    smv_subject_t subject;
    int is_gone;          /* what the path names does not exist */
    smv_record_t *record; /* of smv_shape_explanation */
} explaining_t;

/* --- what is asked --- */

static smv_right_e right_named(const char *text)
{
    smv_right_e right = smv_right_by_id(text);

    right = right == SMV_RIGHT_NONE ? smv_right_by_attribute(text) : right;
    for (int i = 0; right == SMV_RIGHT_NONE && i < SMV_RIGHT_COUNT; i++) {
        right = strcasecmp(smv_rights[i].label, text) == 0 ? (smv_right_e)i : right;
    }
    return right;
}

static const char *without_method(const char *text, smv_method_e *method)
{
    *method = SMV_METHOD_GET;
    for (int i = 0; i < SMV_METHOD_COUNT; i++) {
        size_t size = strlen(smv_method_names[i]);

        if (strncasecmp(text, smv_method_names[i], size) == 0 && text[size] == ' ') {
            *method = (smv_method_e)i;
            return text + size + strspn(text + size, " ");
        }
    }
    return text;
}

/* @return the path of a URL or path, decoded; NULL where the text is none */
static const char *path_of(const char *text, apr_pool_t *pool)
{
    if (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) {
        text = strstr(text, "://") + 3;
        text = text[strcspn(text, "/?#")] == '/' ? strchr(text, '/') : "/";
    }
    return *text == '/' ? apr_punescape_url(pool, apr_pstrmemdup(pool, text, strcspn(text, "?#")), NULL, NULL, 0)
                        : NULL;
}

static const char *below(const char *path, const char *prefix)
{
    size_t size = strlen(prefix);

    return strncmp(path, prefix, size) == 0 && (path[size] == '/' || path[size] == '\0') ? path + size : NULL;
}

/* @return what is wrong with it, NULL for nothing */
static const char *read_url(explaining_t *explaining)
{
    smv_call_t *probe = &explaining->probe;
    smv_method_e method;
    const char *path = path_of(without_method(explaining->question->what, &method), probe->pool), *rest;
    smv_named_t named;
    const smv_error_t *error;

    if (!path) {
        return "Das ist weder ein Recht noch eine Adresse des Portals.";
    }
    path = (rest = below(path, probe->base)) ? rest : path;
    rest = below(path, "/api/v1");
    probe->rendering = rest ? SMV_RENDER_API : SMV_RENDER_PAGE;
    path = rest ? rest : *path ? path : "/";
    error = smv_route_find(&probe->route, &named, method, path, probe->rendering, probe->pool);
    if (error && method > SMV_METHOD_POST) { /* no form of a page can send these */
        probe->rendering = SMV_RENDER_API;
        error = smv_route_find(&probe->route, &named, method, path, probe->rendering, probe->pool);
    }
    if (error) {
        return error->code == SMV_ERROR_METHOD ? "Diese Methode gibt es an dieser Adresse nicht."
                                               : "Diese Adresse gibt es im Portal nicht.";
    }
    probe->id = named.id;
    probe->name = named.name;
    explaining->right = probe->route->right;
    return NULL;
}

static const smv_error_t *read_question(explaining_t *explaining)
{
    const smv_question_t *question = explaining->question;
    apr_pool_t *pool = explaining->call->pool;
    const smv_problem_t *problems = NULL;
    const char *wrong = NULL;

    if (!question->login || !*question->login) {
        problems = smv_problem(problems, "login", "Bitte füllen Sie dieses Feld aus.", 0, pool);
    }
    explaining->right = right_named(question->what ? question->what : "");
    if (!question->what || !*question->what) {
        wrong = "Bitte füllen Sie dieses Feld aus.";
    } else if (explaining->right == SMV_RIGHT_NONE) {
        wrong = read_url(explaining);
    }
    problems = wrong ? smv_problem(problems, "what", wrong, 0, pool) : problems;
    return problems ? smv_error_invalid(problems, pool) : NULL;
}

const smv_error_t *smv_explain_customer(apr_int64_t *number, const char *text, apr_pool_t *pool)
{
    size_t size = strlen(text);

    *number = size <= 18 && strspn(text, "0123456789") == size ? apr_atoi64(text) : 0;
    return *number > 0 ? NULL
                       : smv_error_invalid(
                             smv_problem(NULL, "customer", "Hier wird eine Kundennummer erwartet.", 0, pool), pool);
}

/* --- whom it is about --- */

static int names_customer(const explaining_t *explaining)
{
    const smv_route_t *route = explaining->probe.route;

    return route ? route->subject >= SMV_SUBJECT_CUSTOMER : explaining->question->customer != 0;
}

/* Who asks may ask about customers in their own reach; about others not even whether they exist. */
static int is_in_reach(const smv_permit_t *permit, const smv_subject_t *subject)
{
    return !permit || permit->all || smv_numbers_have(&permit->customers, subject->customer) ||
           (subject->broker != 0 && smv_numbers_have(&permit->brokers, subject->broker));
}

static const smv_error_t *find_subject(explaining_t *explaining)
{
    const smv_call_t *call = explaining->call;
    const smv_error_t *error = NULL;

    if (!names_customer(explaining)) {
        return NULL;
    }
    explaining->subject = (smv_subject_t){explaining->question->customer, 0};
    if (explaining->probe.route) {
        error = smv_route_locate(&explaining->probe, &explaining->subject);
    }
    if (!error) {
        apr_int64_t customer = explaining->subject.customer;

        error = call->store->locate_customer(call->store, &explaining->subject, call->tenant, customer, call->pool);
        explaining->subject.customer = customer;
    }
    if (error && error->code != SMV_ERROR_NOT_FOUND) {
        return error;
    }
    explaining->is_gone = error != NULL;
    if (!is_in_reach(call->permit, &explaining->subject)) {
        return smv_error_invalid(smv_problem(NULL, explaining->probe.route ? "what" : "customer",
                                             "Diesen Kunden gibt es nicht, oder er liegt nicht in Ihrem Bereich.", 0,
                                             call->pool),
                                 call->pool);
    }
    return NULL;
}

/* --- the answer --- */

static void answer(const explaining_t *explaining, const char *code, int status, const char *reason)
{
    smv_set(explaining->record, "answer", smv_text(code));
    smv_set(explaining->record, "status", smv_number(status));
    smv_set(explaining->record, "reason", smv_text(reason));
}

static void answer_no_sign_in(const explaining_t *explaining)
{
    const smv_account_t *account = explaining->account;
    const smv_error_t *fault = account->faults[0];
    const char *reason = "Der Zugang ist im Verzeichnis nicht vollständig eingerichtet.";

    if (fault->code == SMV_ERROR_LOCKED) {
        reason = account->is_locked ? "Die Firma hat den Zugang gesperrt (smvGesperrt)."
                 : account->is_locked_out
                     ? "Das Verzeichnis selbst hat den Zugang gesperrt (pwdAccountLockedTime, nsAccountLock, "
                       "userAccountControl, lockoutTime)."
                 : account->valid_until
                     ? "Der Zugang ist abgelaufen (smvGueltigBis, accountExpires)."
                     : "Der Eintrag ist kein Zugang (smvKonto), oder das Portal darf ihn nicht lesen.";
    } else if (fault->code == SMV_ERROR_MODULE_NOT_BOOKED) {
        reason = account->module ? "Das Modul Kundenportal der Firma ist abgelaufen (smvModulGueltigBis)."
                                 : "Die Firma hat das Modul Kundenportal nicht (smvModul).";
    } else if (account->principal->role_count == 0) {
        reason = "Der Zugang hat keine Rolle, die das Portal lesen kann.";
    }
    answer(explaining, smv_answer_no, fault->http_status, reason);
}

/* Granted, but for a hide right. */
static int is_hidden(const explaining_t *explaining)
{
    const smv_route_t *route = explaining->probe.route;
    const smv_principal_t *principal = explaining->account->principal;
    const smv_permit_t *permit;

    return route && (smv_policy_rights(principal) & route->hidden_by) &&
           !smv_policy_customer(&permit, principal, explaining->right, &explaining->subject, explaining->call->pool);
}

static int is_about_firm(const explaining_t *explaining)
{
    return explaining->probe.route && explaining->probe.route->subject == SMV_SUBJECT_FIRM;
}

static int has_staff_right_for_own(const explaining_t *explaining)
{
    const smv_principal_t *principal = explaining->account->principal;
    const smv_route_t *route = explaining->probe.route;
    int is_staff = route ? route->subject == SMV_SUBJECT_STAFF : smv_rights[explaining->right].kind == SMV_KIND_STAFF;

    return is_staff && SMV_HAS_RIGHT(smv_policy_rights(principal), explaining->right);
}

static void answer_refused(const explaining_t *explaining, const smv_error_t *error)
{
    const char *reason = "Keine Rolle erteilt das Recht.";

    if (error->code == SMV_ERROR_NOT_FOUND) {
        reason = explaining->is_gone
                     ? "Das gibt es im Datenbestand nicht."
                     : "Der Kunde liegt in keinem Geltungsbereich einer Rolle. Das Portal antwortet, als "
                       "gäbe es die Seite nicht.";
    } else if (is_about_firm(explaining) &&
               SMV_HAS_RIGHT(smv_policy_rights(explaining->account->principal), explaining->right)) {
        reason = "Keine Rolle für alle Kunden hat das Recht; was noch niemandem zugeordnet ist, sieht sonst niemand.";
    } else if (has_staff_right_for_own(explaining)) {
        reason = "Nur eine Rolle für eigene Kunden hat das Recht; für die Verwaltung der Firma zählt es dort nicht.";
    } else if (names_customer(explaining) &&
               SMV_HAS_RIGHT(smv_policy_rights(explaining->account->principal), explaining->right)) {
        reason = is_hidden(explaining) ? "Eine Rolle blendet es aus."
                                       : "Nur eine Rolle, die für diesen Kunden nicht gilt, erteilt das Recht.";
    } else if (names_customer(explaining)) {
        reason = "Keine Rolle, die für diesen Kunden gilt, erteilt das Recht.";
    }
    answer(explaining, smv_answer_no, error->http_status, reason);
}

static void answer_granted(const explaining_t *explaining)
{
    const char *reason = explaining->right == SMV_RIGHT_NONE ? "Diese Seite darf jeder öffnen, der sich anmelden kann."
                         : names_customer(explaining) ? "Eine Rolle, die für diesen Kunden gilt, erteilt das Recht."
                         : is_about_firm(explaining)
                             ? "Eine Rolle für alle Kunden erteilt das Recht."
                             : "Eine Rolle erteilt das Recht, für die Kunden in ihrem Geltungsbereich.";

    answer(explaining, smv_answer_yes, 200, reason);
}

/* A hide right is no permission: the question is whether it works. */
static void answer_hide(const explaining_t *explaining)
{
    int is_hidden = SMV_HAS_RIGHT(smv_policy_rights(explaining->account->principal), explaining->right);

    answer(explaining, is_hidden ? smv_answer_yes : smv_answer_no, 200,
           is_hidden ? "Eine Rolle blendet es aus." : "Keine Rolle blendet es aus.");
}

static const smv_error_t *decide_on_right(const explaining_t *explaining)
{
    const smv_principal_t *principal = explaining->account->principal;
    int is_staff = smv_rights[explaining->right].kind == SMV_KIND_STAFF;
    const smv_permit_t *permit;
    apr_pool_t *pool = explaining->call->pool;

    if (explaining->is_gone && !smv_numbers_have(&principal->customers, explaining->subject.customer)) {
        return smv_error(pool, SMV_ERROR_NOT_FOUND, "there is no customer %" APR_INT64_T_FMT,
                         explaining->subject.customer);
    }
    return names_customer(explaining)
               ? smv_policy_customer(&permit, principal, explaining->right, &explaining->subject, pool)
               : smv_policy_range(&permit, principal, explaining->right, is_staff, pool);
}

static const smv_error_t *decide(explaining_t *explaining)
{
    const smv_route_t *route = explaining->probe.route;
    const smv_error_t *refusal;

    if (!route && smv_rights[explaining->right].kind == SMV_KIND_HIDE) {
        answer_hide(explaining);
        return NULL;
    }
    refusal = route ? smv_route_permit(&explaining->probe) : decide_on_right(explaining);
    if (!refusal) {
        answer_granted(explaining);
    } else if (refusal->code == SMV_ERROR_NOT_FOUND || refusal->code == SMV_ERROR_DENIED) {
        answer_refused(explaining, refusal);
    } else {
        return refusal;
    }
    return NULL;
}

static const smv_error_t *answer_by_account(explaining_t *explaining)
{
    const smv_account_t *account = explaining->account;
    const smv_route_t *route = explaining->probe.route;

    if (route && route->access == SMV_ACCESS_PUBLIC) {
        answer(explaining, smv_answer_yes, 200, "Diese Seite darf jeder öffnen, auch ohne Anmeldung.");
    } else if (account->found != 1 || !account->principal) {
        answer(explaining, smv_answer_no, 401,
               account->found == 0 ? "Einen Zugang mit diesem Benutzernamen gibt es nicht."
                                   : "Mehrere Zugänge haben diesen Benutzernamen; keiner davon kann sich anmelden.");
    } else if (account->fault_count > 0) {
        answer_no_sign_in(explaining);
    } else if (account->principal->tenant != explaining->call->tenant) {
        answer(explaining, smv_answer_no, 500, "Der Zugang gehört zu einem anderen Mandanten.");
    } else {
        return decide(explaining);
    }
    return NULL;
}

/* --- the facts --- */

static const char *numbers_text(const smv_numbers_t *numbers, apr_pool_t *pool)
{
    const char *text = NULL;

    for (int i = 0; i < numbers->count; i++) {
        text = apr_psprintf(pool, "%s%s%" APR_INT64_T_FMT, text ? text : "", text ? ", " : "", numbers->at[i]);
    }
    return text;
}

static smv_value_t time_value(apr_time_t time)
{
    return time ? smv_number(apr_time_sec(time)) : smv_text(NULL);
}

static const smv_list_t *list_faults(const explaining_t *explaining)
{
    const smv_account_t *account = explaining->account;
    apr_pool_t *pool = explaining->call->pool;
    smv_list_t *list = smv_list_make(&smv_shape_explained_fault, account->fault_count, pool);

    for (int i = 0; i < list->count; i++) {
        smv_set(&list->records[i], "code", smv_text(apr_psprintf(pool, "SMV0%d", account->faults[i]->code)));
        smv_set(&list->records[i], "text", smv_text(account->faults[i]->detail));
    }
    return list;
}

static const smv_list_t *list_sources(int sources, apr_pool_t *pool)
{
    static const struct {
        smv_source_e source;
        const char *code;
    } known[] = {{SMV_SOURCE_POINTER, "pointer"}, {SMV_SOURCE_GROUP, "group"}, {SMV_SOURCE_MEMBER, "member"}};
    smv_list_t *list = smv_list_make(&smv_shape_role_source, 3, pool);

    list->count = 0;
    for (int i = 0; i < 3; i++) {
        if (sources & known[i].source) {
            smv_set(&list->records[list->count++], "source", smv_text(known[i].code));
        }
    }
    return list;
}

/* Of the hide rights that can take away what is asked for, those that the role has. */
static const char *hidden_by_role(const explaining_t *explaining, const smv_role_t *role)
{
    const smv_route_t *route = explaining->probe.route;
    smv_rightset_t hiding = role->rights & (route ? route->hidden_by : 0);
    const char *names = NULL;

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(hiding, right)) {
            names = apr_pstrcat(explaining->call->pool, names ? names : "", names ? ", " : "",
                                smv_rights[right].attribute, NULL);
        }
    }
    return names;
}

static void fill_role(const explaining_t *explaining, const smv_record_t *line, const smv_role_t *role)
{
    const smv_right_e right = explaining->right;
    int is_granted = right != SMV_RIGHT_NONE && SMV_HAS_RIGHT(role->rights, right), covers = 1;

    smv_set(line, "id", smv_number(role->id));
    smv_set(line, "name", smv_text(role->name));
    smv_set(line, "dn", smv_text(role->dn));
    smv_set(line, "sources", smv_nested_list(list_sources(role->sources, explaining->call->pool)));
    smv_set(line, "scope", smv_text(smv_scope_codes[role->scope]));
    if (explaining->subject.customer) {
        covers = smv_policy_covers(role, explaining->account->principal, &explaining->subject);
        smv_set(line, "covers", smv_number(covers));
    } else if (is_about_firm(explaining)) {
        covers = role->scope == SMV_SCOPE_ALL;
    } else if (right != SMV_RIGHT_NONE && smv_rights[right].kind == SMV_KIND_STAFF) {
        covers = role->scope != SMV_SCOPE_OWN;
    }
    if (right != SMV_RIGHT_NONE) {
        smv_set(line, "value",
                smv_text(is_granted                            ? "TRUE"
                         : SMV_HAS_RIGHT(role->refused, right) ? "FALSE"
                                                               : "absent"));
        smv_set(line, "decides", smv_number(is_granted && (covers || smv_rights[right].kind == SMV_KIND_HIDE)));
    }
    smv_set(line, "hides", smv_text(hidden_by_role(explaining, role)));
}

static void add_account(const explaining_t *explaining)
{
    const smv_account_t *account = explaining->account;
    const smv_principal_t *principal = account->principal;
    const smv_record_t *record = explaining->record;
    apr_pool_t *pool = explaining->call->pool;
    smv_list_t *roles = smv_list_make(&smv_shape_explained_role, principal->role_count, pool);

    for (int i = 0; i < roles->count; i++) {
        fill_role(explaining, &roles->records[i], &principal->roles[i]);
    }
    smv_set(record, "dn", smv_text(principal->dn));
    smv_set(record, "locked", smv_number(account->is_locked));
    smv_set(record, "valid_until", time_value(account->valid_until));
    smv_set(record, "customers", smv_text(numbers_text(&principal->customers, pool)));
    smv_set(record, "brokers", smv_text(numbers_text(&principal->brokers, pool)));
    smv_set(record, "needs_module", smv_number(account->needs_module));
    smv_set(record, "module", smv_text(account->module));
    smv_set(record, "module_until", time_value(account->module_until));
    smv_set(record, "tenant", principal->tenant ? smv_number(principal->tenant) : smv_text(NULL));
    smv_set(record, "roles", smv_nested_list(roles));
    smv_set(record, "faults", smv_nested_list(list_faults(explaining)));
}

static void add_question(const explaining_t *explaining)
{
    const smv_route_t *route = explaining->probe.route;
    const smv_record_t *record = explaining->record;
    apr_pool_t *pool = explaining->call->pool;

    smv_set(record, "login", smv_text(explaining->question->login));
    if (route) {
        smv_set(record, "route",
                smv_text(apr_pstrcat(pool, smv_method_names[route->method], " ", route->pattern, NULL)));
    }
    if (explaining->right != SMV_RIGHT_NONE) {
        const smv_right_t *right = &smv_rights[explaining->right];

        smv_set(record, "right", smv_text(right->id));
        smv_set(record, "right_label", smv_text(right->label));
        smv_set(record, "attribute", smv_text(right->attribute));
    }
    if (explaining->subject.customer) {
        smv_set(record, "customer", smv_number(explaining->subject.customer));
        smv_set(record, "broker", explaining->subject.broker ? smv_number(explaining->subject.broker) : smv_text(NULL));
    }
}

const smv_error_t *smv_explain(smv_record_t **explanation, const smv_call_t *call, const smv_question_t *question)
{
    static const smv_principal_t nobody = {.login = ""};
    explaining_t explaining = {.call = call,
                               .question = question,
                               .probe = {.store = call->store,
                                         .directory = call->directory,
                                         .base = call->base,
                                         .tenant = call->tenant,
                                         .now = call->now,
                                         .pool = call->pool,
                                         .principal = &nobody}};
    const smv_error_t *error = read_question(&explaining);

    if (error || (error = find_subject(&explaining))) {
        return error;
    }
    explaining.record = *explanation = smv_record_make(&smv_shape_explanation, call->pool);
    add_question(&explaining);
    call->store->release(call->store); /* a slow directory must not use up the database connections */
    error = call->directory->explain(call->directory, &explaining.account, question->login, call->now, call->pool);
    if (error) {
        answer(&explaining, smv_answer_unknown, error->http_status, "Das Verzeichnis ist zurzeit nicht erreichbar.");
        return NULL;
    }
    if (explaining.account->principal) {
        explaining.probe.principal = explaining.account->principal;
        add_account(&explaining);
    }
    return answer_by_account(&explaining);
}

/* --- the page, and the API --- */

static const char *problem_text(const smv_error_t *error, const char *field)
{
    const smv_problem_t *problem = error ? smv_problem_of(error->problems, field) : NULL;

    return problem ? problem->text : NULL;
}

/* Who asks is noted: the answer tells what the directory holds of a person. */
static const smv_error_t *note(const smv_call_t *call, const smv_question_t *question)
{
    const smv_event_t event = {.kind = SMV_EVENT_READ, .subject = call->route->name, .object = question->login};

    return smv_call_note(call, &event);
}

static const smv_error_t *read_query(const smv_call_t *call, smv_question_t *question)
{
    const smv_error_t *error;
    const char *customer;

    *question = (smv_question_t){.login = NULL};
    if ((error = smv_query_text(&question->login, call->query, "login", MAX_TEXT, call->pool)) ||
        (error = smv_query_text(&question->what, call->query, "what", MAX_TEXT, call->pool)) ||
        (error = smv_query_text(&customer, call->query, "customer", MAX_TEXT, call->pool))) {
        return error;
    }
    return customer ? smv_explain_customer(&question->customer, customer, call->pool) : NULL;
}

const smv_error_t *smv_show_explanation(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_explain_view, call->pool), *explanation = NULL;
    smv_question_t question;
    const smv_error_t *error = read_query(call, &question);
    int is_asked = !error && (question.login || question.what || call->rendering == SMV_RENDER_API);

    if (!error && is_asked && !(error = smv_explain(&explanation, call, &question))) {
        error = note(call, &question);
    }
    if (error && (error->code != SMV_ERROR_INVALID || call->rendering == SMV_RENDER_API)) {
        return error;
    }
    answer->view = view;
    answer->status = error ? error->http_status : 0;
    smv_set(view, "login", smv_text(question.login));
    smv_set(view, "what", smv_text(question.what));
    smv_set(view, "customer", question.customer ? smv_number(question.customer) : smv_text(NULL));
    smv_set(view, "login_error", smv_text(problem_text(error, "login")));
    smv_set(view, "what_error", smv_text(problem_text(error, "what")));
    smv_set(view, "customer_error", smv_text(problem_text(error, "customer")));
    if (explanation) {
        smv_set(view, "explanation", smv_nested(explanation));
        smv_set(view, "facts", smv_nested_list(smv_cells_of(explanation, 1, call->pool)));
        smv_set(
            view, "is_yes",
            smv_number(explanation->values[smv_shape_field(explanation->shape, "answer")].as.text == smv_answer_yes));
    }
    return NULL;
}
