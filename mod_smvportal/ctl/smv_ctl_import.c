/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl import gdv: deliveries of insurers, as customers, what hangs on them, and contracts.
 */
#include "smv_ctl_conf.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "../core/smv_rules.h"
#include "../port/smv_file_copy.h"
#include "../port/smv_gdv.h"
#include "../port/smv_sqlite_import.h"
#include "smv_ctl_progress.h"

#define CATALOGUE SMV_DATADIR "/conf/gdv-catalogue.xml"
#define BUSY_TIMEOUT apr_time_from_sec(60)
#define CENTS 2
#define ADDRESS "0100"
#define PERIOD 16

/* One file. */
typedef struct importing_t {
    const smv_ctl_t *ctl;
    smv_sqlite_import_t *import;
    smv_gdv_t *reader;
    smv_import_delivery_t delivery;
    smv_import_counts_t counts; /* of all packages */
    apr_int64_t packages, left_out;
    apr_int64_t in_package; /* records that were laid aside since it began */
    int has_fault;          /* in the package */
    int has_lost_address;   /* of which the records are that follow */
    smv_ctl_progress_t progress;
    apr_pool_t *pool; /* of a record */
} importing_t;

/* --- what is told on the way --- */

static void tell_kept(void *context, const smv_import_kept_t *kept)
{
    const importing_t *importing = context;

    fprintf(stderr,
            "%s: customer %" APR_INT64_T_FMT ": %s %" APR_INT64_T_FMT ": %s stays \"%s\"; delivered is "
            "\"%s\"\n",
            importing->delivery.file, kept->customer, kept->table, kept->row, kept->column,
            kept->here ? kept->here : "", kept->delivered);
}

static void tell_refused(void *context, apr_int64_t record, const char *why)
{
    const importing_t *importing = context;

    fprintf(stderr, "%s: record %" APR_INT64_T_FMT ": its contract is left out: %s\n", importing->delivery.file, record,
            why);
}

static void tell_older(void *context, apr_int64_t record, const char *as_of)
{
    const importing_t *importing = context;

    fprintf(stderr,
            "%s: record %" APR_INT64_T_FMT
            ": its contract is left out: this is as of %s, and what was taken as of %s\n",
            importing->delivery.file, record, importing->delivery.as_of, as_of);
}

static void tell_progress(void *context, apr_int64_t done, apr_int64_t all)
{
    importing_t *importing = context;

    smv_ctl_progress(&importing->progress, done, all);
}

static void tell_faults(importing_t *importing, const smv_gdv_record_t *record)
{
    for (int i = 0; i < record->fault_count; i++) {
        fprintf(stderr, "%s\n", smv_gdv_fault_text(&record->faults[i], importing->pool));
    }
    importing->has_fault |= record->fault_count > 0;
}

/* --- records --- */

static int is_type(const smv_gdv_record_t *record, const char *type)
{
    return record->type && strcmp(record->type, type) == 0;
}

/* Amounts in cents, whatever places they were delivered with. */
static const char *amount(const smv_gdv_value_t *value, apr_pool_t *pool)
{
    apr_int64_t number = value->number;

    for (int places = value->field->places; places < CENTS; places++) {
        number *= 10;
    }
    for (int places = CENTS; places < value->field->places; places++) {
        number /= 10;
    }
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, number);
}

static const char *text_of(const smv_gdv_value_t *value, apr_pool_t *pool)
{
    switch (value->field->type) {
    case SMV_GDV_DECIMAL:
        return amount(value, pool);
    case SMV_GDV_NUMBER:
        return apr_psprintf(pool, "%" APR_INT64_T_FMT, value->number);
    default:
        return value->text;
    }
}

static const char *part_of(const smv_gdv_record_t *record, apr_pool_t *pool)
{
    return record->layout->number ? apr_psprintf(pool, "%c", record->layout->number) : "";
}

static smv_gdv_values_t values_of(const smv_gdv_record_t *record, apr_pool_t *pool)
{
    smv_import_field_t *fields = apr_palloc(pool, sizeof *fields * (apr_size_t)(record->value_count + 1));
    int count = 0;

    for (int i = 0; i < record->value_count; i++) {
        const smv_gdv_value_t *value = &record->values[i];

        if (!value->is_absent) {
            fields[count++] = (smv_import_field_t){value->field->name, text_of(value, pool)};
        }
    }
    return (smv_gdv_values_t){record->type, part_of(record, pool), fields, count};
}

/* What follows the first part of an address that is broken is of nobody whose name is known. */
static int is_of_lost_address(importing_t *importing, const smv_gdv_record_t *record)
{
    if (!is_type(record, ADDRESS) || record->layout->number == '1') {
        importing->has_lost_address = 0;
    }
    return importing->has_lost_address;
}

static const smv_error_t *stage(importing_t *importing, const smv_gdv_record_t *record)
{
    const char *insurer = smv_gdv_text(record, "insurer_number"), *policy = smv_gdv_text(record, "policy_number");
    const smv_gdv_values_t values = values_of(record, importing->pool);

    if (!insurer || !policy || is_of_lost_address(importing, record)) {
        return NULL; /* of no contract, as the beginning of a package */
    }
    importing->in_package++;
    return smv_sqlite_import_stage(importing->import, insurer, policy, record->number, &values, importing->pool);
}

/* --- packages --- */

/* @param period TTMMJJJJTTMMJJJJ @return NULL where it ends with no day */
static const char *last_day_of(const char *period, apr_pool_t *pool)
{
    const char *day = period && strlen(period) == PERIOD ? period + PERIOD / 2 : NULL;

    day = day ? apr_psprintf(pool, "%.4s-%.2s-%.2s", day + 4, day + 2, day) : NULL;
    return day && smv_is_date(day) ? day : NULL;
}

static void begin_package(importing_t *importing, const smv_gdv_record_t *record)
{
    const char *sender = smv_gdv_text(record, "sender");

    if (sender) {
        importing->delivery.insurer = apr_pstrdup(importing->ctl->pool, sender);
    }
    importing->delivery.as_of = last_day_of(smv_gdv_text(record, "period"), importing->ctl->pool);
}

static void add_counts(smv_import_counts_t *all, const smv_import_counts_t *counts)
{
    all->contracts += counts->contracts;
    all->created += counts->created;
    all->updated += counts->updated;
    all->same += counts->same;
    all->kept += counts->kept;
    all->refused += counts->refused;
    all->older += counts->older;
}

static const smv_error_t *leave_out(importing_t *importing)
{
    importing->left_out++;
    return smv_sqlite_import_drop(importing->import, importing->pool);
}

static const smv_error_t *take(importing_t *importing)
{
    const smv_import_listener_t listener = {tell_kept, tell_refused, tell_older, tell_progress, importing};
    smv_import_counts_t counts;
    const smv_error_t *error;

    importing->progress = SMV_CTL_PROGRESS(importing->delivery.file);
    error = smv_sqlite_import_take(importing->import, &importing->delivery, &listener, &counts, importing->ctl->pool);
    if (!error) {
        add_counts(&importing->counts, &counts);
    } else if (error->code == SMV_ERROR_CONFLICT) {
        importing->counts.refused += counts.refused;
        error = leave_out(importing);
    }
    return error;
}

static void forget_package(importing_t *importing)
{
    importing->in_package = importing->has_fault = importing->has_lost_address = 0;
    importing->delivery.insurer = importing->delivery.as_of = NULL;
}

/* With --strict a package in which anything is wrong is not taken at all. */
static const smv_error_t *end_package(importing_t *importing)
{
    const smv_error_t *error;

    if (importing->in_package == 0) {
        forget_package(importing);
        return NULL;
    }
    importing->packages++;
    if (importing->delivery.is_strict && importing->has_fault) {
        error = leave_out(importing);
    } else {
        error = take(importing);
    }
    forget_package(importing);
    return error;
}

static const smv_error_t *take_record(importing_t *importing, const smv_gdv_record_t *record)
{
    int is_end = record->outcome == SMV_GDV_UNENDED || is_type(record, SMV_GDV_TRAILER);

    if (record->outcome == SMV_GDV_FAULTY || record->outcome == SMV_GDV_UNENDED) {
        tell_faults(importing, record);
        importing->has_lost_address |= is_type(record, ADDRESS);
    } else if (record->outcome == SMV_GDV_READ && is_type(record, SMV_GDV_HEAD)) {
        begin_package(importing, record);
    } else if (record->outcome == SMV_GDV_READ && !is_end) {
        return stage(importing, record);
    }
    return is_end ? end_package(importing) : NULL;
}

static const smv_error_t *read_all(importing_t *importing)
{
    const smv_gdv_record_t *record;
    const smv_error_t *error;

    while (!(error = smv_gdv_next(importing->reader, &record)) && record && !(error = take_record(importing, record))) {
        apr_pool_clear(importing->pool);
    }
    return error ? error : end_package(importing);
}

/* --- a file --- */

static void print_text(const importing_t *importing)
{
    const smv_gdv_counts_t *records = smv_gdv_counts(importing->reader);
    const smv_import_counts_t *rows = &importing->counts;

    printf("%s: %" APR_INT64_T_FMT " records: %" APR_INT64_T_FMT " imported, %" APR_INT64_T_FMT
           " known and skipped, %" APR_INT64_T_FMT " reported; %s\n",
           importing->delivery.file, records->records, records->read, records->skipped, records->faulty,
           smv_charset_name(smv_gdv_charset(importing->reader)));
    printf("%s: %" APR_INT64_T_FMT " policies: %" APR_INT64_T_FMT " changes, %" APR_INT64_T_FMT
           " rows new, %" APR_INT64_T_FMT " updated, %" APR_INT64_T_FMT " as they were; %" APR_INT64_T_FMT
           " values kept as they are here, %" APR_INT64_T_FMT " policies left out, %" APR_INT64_T_FMT " older\n",
           importing->delivery.file, rows->contracts, rows->created + rows->updated, rows->created, rows->updated,
           rows->same, rows->kept, rows->refused, rows->older);
    if (importing->left_out) {
        printf("%s: %" APR_INT64_T_FMT " of %" APR_INT64_T_FMT " packages not taken, as something is wrong in them\n",
               importing->delivery.file, importing->left_out, importing->packages);
    }
}

static void print_json(const importing_t *importing, int is_first)
{
    const smv_gdv_counts_t *records = smv_gdv_counts(importing->reader);
    const smv_import_counts_t *rows = &importing->counts;

    printf("%s\n  {\"content_hash\": \"%s\", \"charset\": \"%s\", \"records\": %" APR_INT64_T_FMT
           ", \"imported\": %" APR_INT64_T_FMT ", \"skipped\": %" APR_INT64_T_FMT ", \"reported\": %" APR_INT64_T_FMT
           ", \"packages\": %" APR_INT64_T_FMT ", \"packages_left_out\": %" APR_INT64_T_FMT
           ", \"policies\": %" APR_INT64_T_FMT ", \"created\": %" APR_INT64_T_FMT ", \"updated\": %" APR_INT64_T_FMT
           ", \"same\": %" APR_INT64_T_FMT ", \"kept\": %" APR_INT64_T_FMT ", \"refused\": %" APR_INT64_T_FMT
           ", \"older\": %" APR_INT64_T_FMT "}",
           is_first ? "" : ",", importing->delivery.content_hash, smv_charset_name(smv_gdv_charset(importing->reader)),
           records->records, records->read, records->skipped, records->faulty, importing->packages, importing->left_out,
           rows->contracts, rows->created, rows->updated, rows->same, rows->kept, rows->refused, rows->older);
}

typedef struct settings_t {
    const smv_ctl_portal_t *portal;
    smv_gdv_catalogue_t *catalogue;
    smv_charset_e charset;
    apr_int64_t broker;
} settings_t;

/* @param is_sound out: whether nothing was wrong */
static const smv_error_t *import_file(const smv_ctl_t *ctl, const settings_t *settings, int nth, int *is_sound)
{
    const char *path = ctl->words[nth];
    const smv_actor_t actor = smv_ctl_actor(ctl->pool);
    const smv_sqlite_config_t config = smv_ctl_store_config(settings->portal, BUSY_TIMEOUT);
    importing_t importing = {.ctl = ctl,
                             .delivery = {.file = apr_filepath_name_get(path),
                                          .broker = settings->broker,
                                          .tenant = settings->portal->tenant,
                                          .actor = &actor,
                                          .now = apr_time_now(),
                                          .is_strict = ctl->strict != NULL}};
    char *hash = apr_palloc(ctl->pool, SMV_FILE_HASH_SIZE);
    const smv_error_t *error;
    apr_int64_t size;

    importing.delivery.content_hash = hash;
    if (apr_pool_create(&importing.pool, ctl->pool) != APR_SUCCESS) {
        return smv_error(ctl->pool, SMV_ERROR_INTERNAL, "no memory for an import");
    }
    if ((error = smv_file_copy(path, NULL, hash, &size, ctl->pool)) ||
        (error = smv_sqlite_import_open(&importing.import, &config, ctl->pool)) ||
        (error = smv_gdv_open(&importing.reader, path, settings->catalogue, settings->charset, ctl->pool)) ||
        (error = read_all(&importing))) {
        return error;
    }
    if (ctl->json) {
        print_json(&importing, nth == 0);
    } else {
        print_text(&importing);
    }
    *is_sound &= smv_gdv_counts(importing.reader)->faulty == 0 && importing.counts.refused == 0;
    return NULL;
}

static const smv_error_t *read_settings(settings_t *settings, const smv_ctl_t *ctl)
{
    char *end = NULL;

    settings->charset = ctl->charset ? smv_charset_of(ctl->charset) : SMV_CHARSET_UNKNOWN;
    settings->broker = ctl->broker ? apr_strtoi64(ctl->broker, &end, 10) : 0;
    if (ctl->charset && settings->charset == SMV_CHARSET_UNKNOWN) {
        return smv_error(ctl->pool, SMV_ERROR_BAD_REQUEST,
                         "--charset %s: CP437, CP850, ISO-8859-1, ISO-8859-15, WINDOWS-1252 and UTF-8 are known",
                         ctl->charset);
    }
    if (ctl->broker && (*end || settings->broker <= 0)) {
        return smv_error(ctl->pool, SMV_ERROR_BAD_REQUEST, "--broker %s: a broker's number, as in smvVermittlerNr",
                         ctl->broker);
    }
    return smv_gdv_catalogue_read(&settings->catalogue, ctl->catalogue ? ctl->catalogue : CATALOGUE, ctl->pool);
}

/* Before the first of them is taken. */
static int are_readable(const smv_ctl_t *ctl)
{
    char reason[120];
    apr_file_t *file;

    for (int i = 0; i < ctl->count; i++) {
        apr_status_t status = apr_file_open(&file, ctl->words[i], APR_FOPEN_READ, 0, ctl->pool);

        if (status != APR_SUCCESS) {
            fprintf(stderr, "smvportalctl: %s: %s\n", ctl->words[i], apr_strerror(status, reason, sizeof reason));
            return 0;
        }
        apr_file_close(file);
    }
    return 1;
}

int smv_ctl_import_gdv(const smv_ctl_t *ctl)
{
    settings_t settings;
    int is_sound = 1;
    const smv_error_t *error = read_settings(&settings, ctl);

    if (!error && !are_readable(ctl)) {
        return EX_NOINPUT;
    }
    if (error || (error = smv_ctl_conf_read(&settings.portal, ctl))) {
        return smv_ctl_fail(error);
    }
    fputs(ctl->json ? "[" : "", stdout);
    for (int i = 0; i < ctl->count && !error; i++) {
        error = import_file(ctl, &settings, i, &is_sound);
    }
    fputs(ctl->json ? "\n]\n" : "", stdout);
    return error ? smv_ctl_fail(error) : is_sound ? EX_OK : EX_DATAERR;
}
