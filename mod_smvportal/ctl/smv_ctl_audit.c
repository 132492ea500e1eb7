/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl audit: the audit log, whether it is as it was written, and as a file.
 */
#include "smv_ctl_conf.h"

#include <stdio.h>
#include <sysexits.h>

#include "../core/smv_audit_file.h"
#include "../core/smv_json.h"
#include "../core/smv_shapes.h"

#define BROKEN 1
#define ROWS_AT_ONCE 5000
#define MAX_PIECE (64U << 20)

/* --- verify --- */

static void print_text(const smv_audit_check_t *check)
{
    char day[APR_RFC822_DATE_LEN] = "";

    if (check->fault) {
        apr_rfc822_date(day, apr_time_from_sec(check->broken_time));
        printf("broken at row %" APR_INT64_T_FMT " of %s: %s\n", check->broken_id, day, check->fault);
    } else {
        printf("%" APR_INT64_T_FMT " rows, the last one is %" APR_INT64_T_FMT " with the hash %s\n", check->rows,
               check->last_id, check->head_hex);
    }
}

/* Ids as everywhere in JSON: as texts. What is wrong is a text of this program's own, without a quote. */
static void print_json(const smv_audit_check_t *check)
{
    printf("{\"sound\": %s, \"rows\": %" APR_INT64_T_FMT ", \"last\": \"%" APR_INT64_T_FMT "\", \"hash\": \"%s\"",
           check->fault ? "false" : "true", check->rows, check->last_id, check->head_hex);
    if (check->fault) {
        printf(", \"broken\": \"%" APR_INT64_T_FMT "\", \"fault\": \"%s\"", check->broken_id, check->fault);
    }
    puts("}");
}

int smv_ctl_audit_verify(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    smv_audit_check_t check;
    smv_store_t *store;
    const smv_error_t *error;

    if ((error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open_store(&store, portal, ctl->pool)) ||
        (error = store->audit_verify(store, &check, ctl->pool))) {
        return smv_ctl_fail(error);
    }
    if (ctl->json) {
        print_json(&check);
    } else {
        print_text(&check);
    }
    return check.fault ? BROKEN : EX_OK;
}

/* --- export --- */

/* @return 0 where a day is none */
static int read_days(smv_audit_filter_t *filter, const smv_ctl_t *ctl)
{
    *filter = (smv_audit_filter_t){.to = APR_INT64_MAX, .before = APR_INT64_MAX};
    if ((ctl->from && (filter->from = smv_audit_day(ctl->from)) < 0) ||
        (ctl->until && (filter->to = smv_audit_day(ctl->until)) < 0)) {
        return 0;
    }
    filter->to += ctl->until ? SMV_AUDIT_DAY - 1 : 0;
    return 1;
}

static void put_json(smv_buffer_t *out, const smv_list_t *list, int is_first)
{
    for (int i = 0; i < list->count; i++) {
        smv_buffer_puts(out, is_first && i == 0 ? "\n" : ",\n");
        smv_json_record(out, &list->records[i]);
    }
}

/* @return whatever could not be put together; what standard output refuses shows at the end */
static const smv_error_t *print_piece(const smv_list_t *list, int is_first, int is_json, apr_pool_t *pool)
{
    smv_buffer_t out;
    const smv_error_t *error = NULL;

    smv_buffer_init(&out, 1 << 16, MAX_PIECE, pool);
    if (is_json) {
        put_json(&out, list, is_first);
    } else {
        error = smv_audit_csv_rows(&out, list, pool);
    }
    fwrite(out.data, 1, out.size, stdout);
    return error || !out.is_failed ? error : smv_error(pool, SMV_ERROR_INTERNAL, "rows of the log beyond all bounds");
}

static void print_begin(int is_json, apr_pool_t *pool)
{
    smv_buffer_t head;

    if (is_json) {
        fputs("{\"items\":[", stdout);
        return;
    }
    smv_buffer_init(&head, 256, 4096, pool);
    smv_audit_csv_head(&head);
    fwrite(head.data, 1, head.size, stdout);
}

/* Newest first, piece by piece, all of one state of the log. */
static const smv_error_t *print_rows(smv_store_t *store, smv_audit_filter_t filter, const smv_permit_t *permit,
                                     const smv_ctl_t *ctl)
{
    int is_first = 1, is_more = 1;
    const smv_error_t *error = NULL;
    apr_pool_t *piece;

    if (apr_pool_create(&piece, ctl->pool) != APR_SUCCESS) {
        return smv_error(ctl->pool, SMV_ERROR_INTERNAL, "no memory");
    }
    while (is_more) {
        smv_list_t *list;

        apr_pool_clear(piece);
        if ((error = store->audit(store, &list, permit, &filter, ROWS_AT_ONCE, piece))) {
            break;
        }
        is_more = list->count > ROWS_AT_ONCE;
        list->count -= is_more;
        if ((error = print_piece(list, is_first, ctl->json != NULL, piece))) {
            break;
        }
        if (is_more) {
            filter.to = list->records[list->count - 1].values[SMV_AUDIT_TIME].number;
            filter.before = list->records[list->count - 1].values[SMV_AUDIT_ID].number;
        }
        is_first = is_first && list->count == 0;
    }
    error = error ? smv_error(ctl->pool, error->code, "%s", error->detail) : NULL;
    apr_pool_destroy(piece);
    return error;
}

/* As the portal notes it of staff who take the log away. */
static const smv_error_t *note(smv_store_t *store, const smv_ctl_portal_t *portal, const smv_ctl_t *ctl)
{
    const smv_actor_t actor = smv_ctl_actor(ctl->pool);
    const smv_event_t event = {.kind = SMV_EVENT_READ, .subject = "send_audit"};

    return store->note(store, &event, portal->tenant, &actor, ctl->pool);
}

int smv_ctl_audit_export(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    smv_audit_filter_t filter;
    smv_store_t *store;
    const smv_error_t *error;

    if (!read_days(&filter, ctl)) {
        return smv_ctl_misused("audit export [--from DAY] [--until DAY], days like 2026-11-28");
    }
    if ((error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open_store(&store, portal, ctl->pool)) ||
        (error = note(store, portal, ctl))) {
        return smv_ctl_fail(error);
    }
    print_begin(ctl->json != NULL, ctl->pool);
    error = print_rows(store->for_request(store, ctl->pool), filter,
                       &(smv_permit_t){.tenant = portal->tenant, .all = 1}, ctl);
    if (error) {
        return smv_ctl_fail(error);
    }
    fputs(ctl->json ? "\n]}\n" : "", stdout);
    return EX_OK;
}
