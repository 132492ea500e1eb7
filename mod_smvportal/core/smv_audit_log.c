/* SPDX-License-Identifier: Apache-2.0
 *
 * "Protokoll": the audit log by person, customer, kind and time, as a page, by the API, and as a file.
 */
#include "smv_audit_file.h"
#include "smv_json.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 100
#define MAX_EXPORTED 20000
#define MAX_FILE (64U << 20)
#define MAX_TEXT 128

/* What was asked, as typed and as it is meant. */
typedef struct question_t {
    const char *login, *customer, *kind, *from, *to;
    smv_audit_filter_t filter;
    const char *error; /* German; NULL: nothing */
} question_t;

/* --- what is asked --- */

static void understand(question_t *question)
{
    smv_audit_filter_t *filter = &question->filter;
    const char *number = question->customer;

    filter->login = question->login;
    filter->kind = question->kind;
    if (number && (strspn(number, "0123456789") != strlen(number) || strlen(number) > 18 || *number == '0')) {
        question->error = "Eine Kundennummer hat nur Ziffern.";
    } else if (number) {
        filter->customer = strtoll(number, NULL, 10);
    }
    if (question->kind && !smv_code_is_known(&smv_shape_audit.fields[SMV_AUDIT_KIND], question->kind)) {
        question->error = "Bitte wählen Sie einen der Werte.";
    }
    if ((question->from && (filter->from = smv_audit_day(question->from)) < 0) ||
        (question->to && (filter->to = smv_audit_day(question->to)) < 0)) {
        question->error = "Dieses Datum gibt es nicht.";
    } else if (question->to) {
        filter->to += SMV_AUDIT_DAY - 1;
    }
}

static const smv_error_t *read_question(const smv_call_t *call, question_t *question)
{
    const char *query = call->query;
    apr_int64_t since = 0;
    const smv_error_t *error;

    *question = (question_t){.filter = {.to = APR_INT64_MAX, .before = APR_INT64_MAX}};
    if ((error = smv_query_text(&question->login, query, "login", MAX_TEXT, call->pool)) ||
        (error = smv_query_text(&question->customer, query, "customer", MAX_TEXT, call->pool)) ||
        (error = smv_query_text(&question->kind, query, "kind", MAX_TEXT, call->pool)) ||
        (error = smv_query_text(&question->from, query, "from", MAX_TEXT, call->pool)) ||
        (error = smv_query_text(&question->to, query, "to", MAX_TEXT, call->pool)) ||
        (error = smv_query_number(&since, query, "since", 1, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(&question->filter.before, query, "before", 1, APR_INT64_MAX, call->pool))) {
        return error;
    }
    understand(question);
    if (since && since < question->filter.to) {
        question->filter.to = since;
    }
    return NULL;
}

static void put_parameter(smv_buffer_t *out, const char *name, const char *value)
{
    if (value) {
        smv_buffer_puts(out, out->size ? "&" : "?");
        smv_buffer_puts(out, name);
        smv_buffer_puts(out, "=");
        smv_buffer_puts(out, apr_pescape_urlencoded(out->pool, value));
    }
}

/* @return the query that asks the same again, behind a record where one is given */
static const char *query_of(const question_t *question, const smv_record_t *last, apr_pool_t *pool)
{
    smv_buffer_t out;

    smv_buffer_init(&out, 128, 4096, pool);
    put_parameter(&out, "login", question->login);
    put_parameter(&out, "customer", question->customer);
    put_parameter(&out, "kind", question->kind);
    put_parameter(&out, "from", question->from);
    put_parameter(&out, "to", question->to);
    if (last) {
        put_parameter(&out, "since", apr_psprintf(pool, "%" APR_INT64_T_FMT, last->values[SMV_AUDIT_TIME].number));
        put_parameter(&out, "before", apr_psprintf(pool, "%" APR_INT64_T_FMT, last->values[SMV_AUDIT_ID].number));
    }
    smv_buffer_write(&out, "", 1);
    return out.data;
}

/* --- the page --- */

const char *smv_subject_label(const char *subject)
{
    static const struct {
        const char *subject, *label;
    } others[] = {{"role", "Rolle"},         {"access", "Zugang"},
                  {"audit", "Protokoll"},    {"session", "Anmeldung"},
                  {"database", "Datenbank"}, {"start_screen", "Startbildschirm"},
                  {"delivery", "Lieferung"}, {"unassigned_document", "Nicht zugeordnetes Dokument"}};
    const smv_resource_t *resource = smv_resource_by_name(subject);
    const smv_route_t *route;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i].subject, subject) == 0) {
            return others[i].label;
        }
    }
    route = resource ? NULL : smv_route_named(subject);
    return resource ? resource->label : route ? route->title : subject;
}

static void fill_line(const smv_record_t *line, const smv_record_t *entry)
{
    const smv_field_t *fields = smv_shape_audit.fields;

    smv_set(line, "time", entry->values[SMV_AUDIT_TIME]);
    smv_set(line, "how", smv_text(smv_code_label(&fields[SMV_AUDIT_KIND], entry->values[SMV_AUDIT_KIND].as.text)));
    smv_set(line, "what", smv_text(smv_subject_label(entry->values[SMV_AUDIT_SUBJECT].as.text)));
    smv_set(line, "object", entry->values[SMV_AUDIT_OBJECT]);
    smv_set(line, "customer", entry->values[SMV_AUDIT_CUSTOMER]);
    smv_set(line, "name", entry->values[SMV_AUDIT_NAME]);
    smv_set(line, "login", entry->values[SMV_AUDIT_LOGIN]);
    smv_set(line, "address", entry->values[SMV_AUDIT_ADDRESS]);
    smv_set(line, "channel",
            smv_text(smv_code_label(&fields[SMV_AUDIT_CHANNEL], entry->values[SMV_AUDIT_CHANNEL].as.text)));
    smv_set(line, "detail", entry->values[SMV_AUDIT_DETAIL]);
}

static void fill_page(const smv_call_t *call, const smv_record_t *view, const question_t *question,
                      const smv_list_t *entries)
{
    smv_list_t *lines = smv_list_make(&smv_shape_audit_line, entries->count, call->pool);

    for (int i = 0; i < entries->count; i++) {
        fill_line(&lines->records[i], &entries->records[i]);
    }
    smv_set(view, "lines", smv_nested_list(lines));
    smv_set(view, "login", smv_text(question->login));
    smv_set(view, "customer", smv_text(question->customer));
    smv_set(view, "from", smv_text(question->from));
    smv_set(view, "to", smv_text(question->to));
    smv_set(view, "kinds",
            smv_nested_list(
                smv_options_of(smv_shape_audit.fields[SMV_AUDIT_KIND].codes, "alles", question->kind, call->pool)));
    smv_set(view, "error", smv_text(question->error));
    smv_set(view, "is_filtered", smv_number(*query_of(question, NULL, call->pool) != '\0'));
    smv_set(view, "export_href",
            smv_text(apr_pstrcat(call->pool, call->base, "/audit.zip", query_of(question, NULL, call->pool), NULL)));
}

/* @return what is wrong with the question, for the API and for files */
static const smv_error_t *refusal_of(const smv_call_t *call, const question_t *question)
{
    return question->error ? smv_error_saying(call->pool, SMV_ERROR_BAD_REQUEST, question->error,
                                              "the query of the audit log: %s", question->error)
                           : NULL;
}

const smv_error_t *smv_list_audit(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_audit_view, call->pool);
    smv_list_t *list = smv_list_make(&smv_shape_audit, 0, call->pool);
    apr_int64_t limit = PAGE_SIZE;
    question_t question;
    const char *next;
    const smv_error_t *error;

    if ((error = read_question(call, &question)) ||
        (error = smv_query_number(&limit, call->query, "limit", 1, SMV_MAX_CHANGES_A_PAGE, call->pool)) ||
        (call->rendering == SMV_RENDER_API && (error = refusal_of(call, &question)))) {
        return error;
    }
    answer->status = question.error ? 422 : 0;
    if (!question.error &&
        (error = call->store->audit(call->store, &list, call->permit, &question.filter, (int)limit, call->pool))) {
        return error;
    }
    if (list->count > limit) {
        list->count = (int)limit;
        next = query_of(&question, &list->records[limit - 1], call->pool);
        list->next = apr_psprintf(call->pool, "/audit%s&limit=%" APR_INT64_T_FMT, next, limit);
        smv_set(view, "next_href", smv_text(apr_pstrcat(call->pool, call->base, "/audit", next, NULL)));
    }
    smv_set(view, "entries", smv_nested_list(list));
    if (call->rendering == SMV_RENDER_PAGE) {
        fill_page(call, view, &question, list);
    }
    answer->view = view;
    return NULL;
}

/* --- the file --- */

static void add_text(smv_bundle_t *bundle, const char *name, const smv_buffer_t *text)
{
    *(smv_bundle_entry_t *)apr_array_push(bundle->entries) =
        (smv_bundle_entry_t){.name = name, .text = text->data, .text_size = text->size};
}

static const smv_error_t *bundle_of(const smv_call_t *call, smv_bundle_t **bundle, const smv_list_t *list)
{
    smv_bundle_t *made = apr_pcalloc(call->pool, sizeof *made);
    smv_buffer_t csv, json;
    const smv_error_t *error;

    smv_buffer_init(&csv, 1 << 16, MAX_FILE, call->pool);
    smv_audit_csv_head(&csv);
    if ((error = smv_audit_csv_rows(&csv, list, call->pool))) {
        return error;
    }
    smv_buffer_init(&json, 1 << 16, MAX_FILE, call->pool);
    smv_json_list(&json, list);
    made->name = apr_pstrcat(call->pool, "Protokoll ", smv_day_of(call->now, call->pool), ".zip", NULL);
    made->entries = apr_array_make(call->pool, 2, sizeof(smv_bundle_entry_t));
    add_text(made, "protokoll.csv", &csv);
    add_text(made, "protokoll.json", &json);
    *bundle = made;
    return !csv.is_failed && !json.is_failed
               ? NULL
               : smv_error(call->pool, SMV_ERROR_INTERNAL, "the audit log does not fit into a file");
}

const smv_error_t *smv_send_audit(const smv_call_t *call, smv_answer_t *answer)
{
    question_t question;
    smv_list_t *list;
    const smv_error_t *error;

    if ((error = read_question(call, &question)) || (error = refusal_of(call, &question)) ||
        (error = call->store->audit(call->store, &list, call->permit, &question.filter, MAX_EXPORTED, call->pool))) {
        return error;
    }
    if (list->count > MAX_EXPORTED) {
        return smv_error_saying(call->pool, SMV_ERROR_BAD_REQUEST,
                                "Das sind mehr als 20.000 Einträge. Bitte grenzen Sie den Zeitraum ein.",
                                "the export has more than %d rows", MAX_EXPORTED);
    }
    return bundle_of(call, &answer->bundle, list);
}
