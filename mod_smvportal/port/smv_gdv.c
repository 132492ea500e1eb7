/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_gdv.h"

#include "smv_gdv_lines.h"

#include <apr_strings.h>
#include <string.h>

#define TYPE_LENGTH 4

/* What its trailer will be held against. */
typedef struct package_t {
    int number; /* 0 outside of packages */
    apr_int64_t begun, records;
    apr_uint64_t net_premium; /* in cents; what is too much for it is no crash, but a difference */
    int is_in_head;           /* the record before was a 0001 */
} package_t;

struct smv_gdv_t {
    const char *path;
    const smv_gdv_catalogue_t *catalogue;
    smv_gdv_lines_t *lines;
    const smv_gdv_line_t *held; /* a 0001 that came while a package was open, for the next call */
    package_t package;
    smv_gdv_counts_t counts;
    smv_gdv_record_t record;
    apr_array_header_t *faults; /* of the record */
    apr_pool_t *record_pool;    /* cleared for each record */
};

const char *const smv_gdv_fault_names[SMV_GDV_FAULT_KINDS] = {
#define FAULT_NAME(NAME, text) text,
    SMV_GDV_FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

const smv_error_t *smv_gdv_open(smv_gdv_t **reader, const char *path, const smv_gdv_catalogue_t *catalogue,
                                smv_charset_e charset, apr_pool_t *pool)
{
    smv_gdv_t *self = apr_pcalloc(pool, sizeof *self);

    self->path = apr_pstrdup(pool, path);
    self->catalogue = catalogue;
    apr_pool_create(&self->record_pool, pool);
    *reader = self;
    return smv_gdv_lines_open(&self->lines, path, charset, pool);
}

/* --- faults --- */

/* @param reason in the record's pool, or static */
static void add_fault(smv_gdv_t *self, smv_gdv_fault_e kind, int at, const char *reason)
{
    APR_ARRAY_PUSH(self->faults, smv_gdv_fault_t) =
        (smv_gdv_fault_t){kind, self->path, self->record.number, at, reason};
    self->counts.faults[kind]++;
}

static void add_character_fault(smv_gdv_t *self, const smv_gdv_line_t *line)
{
    add_fault(self, SMV_GDV_FAULT_CHARACTER, line->bad_at,
              apr_psprintf(self->record_pool, "0x%02X is no character of %s", line->bad_byte,
                           smv_charset_name(smv_gdv_lines_charset(self->lines))));
}

static void add_layout_fault(smv_gdv_t *self, const smv_gdv_line_t *line, smv_gdv_miss_e miss, int at)
{
    static const char *const missing[] = {"", "line of business", "kind", "partial record"};
    int size = miss == SMV_GDV_NO_LINE ? 3 : 1;
    const char *found = smv_gdv_characters(line, at, size, self->record_pool);

    if (miss == SMV_GDV_NO_TYPE) {
        add_fault(self, SMV_GDV_FAULT_UNKNOWN_TYPE, at,
                  apr_psprintf(self->record_pool, "there is no record type \"%s\"", self->record.type));
    } else {
        add_fault(self, SMV_GDV_FAULT_NO_LAYOUT, at,
                  apr_psprintf(self->record_pool, "record type %s has no %s \"%s\"", self->record.type, missing[miss],
                               found));
    }
}

/* --- one record --- */

static void read_values(smv_gdv_t *self, const smv_gdv_line_t *line)
{
    const smv_gdv_layout_t *layout = self->record.layout;
    smv_gdv_value_t *values = apr_palloc(self->record_pool, sizeof *values * (apr_size_t)(layout->field_count + 1));

    for (int i = 0; i < layout->field_count; i++) {
        int at;
        const char *reason = smv_gdv_value_read(&values[i], &layout->fields[i], line, &at, self->record_pool);

        if (reason) {
            add_fault(self, layout->fields[i].type == SMV_GDV_DATE ? SMV_GDV_FAULT_DATE : SMV_GDV_FAULT_NUMBER, at,
                      reason);
        }
    }
    self->record.values = values;
    self->record.value_count = layout->field_count;
}

static void read_record(smv_gdv_t *self, const smv_gdv_line_t *line)
{
    smv_gdv_miss_e miss;
    int at;

    if (line->length < SMV_GDV_LENGTH) {
        add_fault(
            self, SMV_GDV_FAULT_TOO_SHORT, line->length + 1,
            apr_psprintf(self->record_pool, "the record ends after %d of %d characters", line->length, SMV_GDV_LENGTH));
        return;
    }
    if (line->length > SMV_GDV_LENGTH) {
        add_fault(self, SMV_GDV_FAULT_TOO_LONG, SMV_GDV_LENGTH + 1, "the record has more than 256 characters");
        return;
    }
    if (line->bad_at) {
        add_character_fault(self, line);
    }
    self->record.layout = smv_gdv_layout_of(self->catalogue, line, &miss, &at);
    if (self->record.layout) {
        read_values(self, line);
    } else {
        add_layout_fault(self, line, miss, at);
    }
}

static void begin_record(smv_gdv_t *self, smv_gdv_outcome_e outcome, apr_int64_t number)
{
    self->faults = apr_array_make(self->record_pool, 1, sizeof(smv_gdv_fault_t));
    self->record =
        (smv_gdv_record_t){.outcome = outcome, .number = number, .package = self->package.number, .type = ""};
}

static void end_record(smv_gdv_t *self)
{
    self->record.faults = (const smv_gdv_fault_t *)self->faults->elts;
    self->record.fault_count = self->faults->nelts;
}

/* --- packages --- */

static const char *money(apr_int64_t cents, apr_pool_t *pool)
{
    apr_uint64_t size = cents < 0 ? 0 - (apr_uint64_t)cents : (apr_uint64_t)cents;

    return apr_psprintf(pool, "%s%" APR_UINT64_T_FMT ".%02d", cents < 0 ? "-" : "", size / 100, (int)(size % 100));
}

static void check_count(smv_gdv_t *self)
{
    const smv_gdv_field_t *field = smv_gdv_field_of(self->record.layout, SMV_GDV_RECORD_COUNT);
    const smv_gdv_value_t *said = smv_gdv_value(&self->record, SMV_GDV_RECORD_COUNT);

    if (!said || said->number != self->package.records) {
        add_fault(
            self, SMV_GDV_FAULT_RECORD_COUNT, field ? field->at : 1,
            apr_psprintf(self->record_pool, "the trailer says %s records, its package has %" APR_INT64_T_FMT,
                         said ? apr_psprintf(self->record_pool, "%" APR_INT64_T_FMT, said->number) : "no number of",
                         self->package.records));
    }
}

static void check_total(smv_gdv_t *self)
{
    const smv_gdv_field_t *field = smv_gdv_field_of(self->record.layout, SMV_GDV_NET_PREMIUM_TOTAL);
    const smv_gdv_value_t *said = smv_gdv_value(&self->record, SMV_GDV_NET_PREMIUM_TOTAL);

    if (!said || (apr_uint64_t)said->number != self->package.net_premium) {
        add_fault(self, SMV_GDV_FAULT_PREMIUM_TOTAL, field ? field->at : 1,
                  apr_psprintf(self->record_pool, "the trailer says %s of net premiums, its package has %s",
                               said ? money(said->number, self->record_pool) : "no total",
                               money((apr_int64_t)self->package.net_premium, self->record_pool)));
    }
}

static int is_of_type(const smv_gdv_t *self, const char *type)
{
    return strcmp(self->record.type, type) == 0;
}

/* Count it in its package, or hold it against what was counted. */
static void account(smv_gdv_t *self)
{
    const smv_gdv_value_t *premium;

    if (!self->package.number) {
        add_fault(self, SMV_GDV_FAULT_OUTSIDE, 1,
                  "the record stands outside of a package, which goes from 0001 to 9999");
    } else if (is_of_type(self, SMV_GDV_TRAILER)) {
        if (self->record.layout) {
            check_count(self);
            check_total(self);
        }
        self->package.number = 0;
    } else if (!is_of_type(self, SMV_GDV_HEAD)) {
        premium = is_of_type(self, SMV_GDV_CONTRACT) ? smv_gdv_value(&self->record, SMV_GDV_NET_PREMIUM) : NULL;
        self->package.records++;
        self->package.net_premium += premium ? (apr_uint64_t)premium->number : 0;
    }
}

/* @return whether the line begins a package, and not only goes on with its head */
static int begins_package(const smv_gdv_t *self, const smv_gdv_line_t *line)
{
    smv_gdv_miss_e miss;
    const smv_gdv_layout_t *layout;
    int at;

    if (line->length < TYPE_LENGTH || !smv_gdv_stands_at(line, 1, SMV_GDV_HEAD)) {
        return 0;
    }
    layout = line->length == SMV_GDV_LENGTH ? smv_gdv_layout_of(self->catalogue, line, &miss, &at) : NULL;
    return !self->package.is_in_head || (layout && layout->number == '1');
}

static void give_unended(smv_gdv_t *self)
{
    begin_record(self, SMV_GDV_UNENDED, self->counts.records);
    add_fault(self, SMV_GDV_FAULT_NO_TRAILER, 1,
              apr_psprintf(self->record_pool,
                           "the package that began with record %" APR_INT64_T_FMT
                           " has no trailer 9999 behind this record",
                           self->package.begun));
    end_record(self);
    self->package.number = 0;
}

/* --- the file --- */

static void count(smv_gdv_t *self)
{
    if (self->faults->nelts) {
        self->record.outcome = SMV_GDV_FAULTY;
        self->counts.faulty++;
    } else if (self->record.layout && self->record.layout->skip) {
        self->record.outcome = SMV_GDV_SKIPPED;
        self->counts.skipped++;
    } else {
        self->counts.read++;
    }
}

static void give_record(smv_gdv_t *self, const smv_gdv_line_t *line)
{
    int characters = line->length < TYPE_LENGTH ? line->length : TYPE_LENGTH;

    begin_record(self, SMV_GDV_READ, ++self->counts.records);
    self->record.type = smv_gdv_characters(line, 1, characters, self->record_pool);
    read_record(self, line);
    account(self);
    self->package.is_in_head = self->package.number && is_of_type(self, SMV_GDV_HEAD);
    count(self);
    end_record(self);
}

static void begin_package(smv_gdv_t *self)
{
    self->package = (package_t){.number = ++self->counts.packages, .begun = self->counts.records + 1};
}

const smv_error_t *smv_gdv_next(smv_gdv_t *self, const smv_gdv_record_t **record)
{
    const smv_gdv_line_t *line = self->held;
    const smv_error_t *error = line ? NULL : smv_gdv_lines_next(self->lines, &line);
    int begins;

    self->held = NULL;
    *record = NULL;
    if (error || (!line && !self->package.number)) {
        return error;
    }
    apr_pool_clear(self->record_pool);
    begins = line && begins_package(self, line);
    if (self->package.number && (!line || begins)) {
        give_unended(self);
        self->held = line;
    } else {
        if (begins) {
            begin_package(self);
        }
        give_record(self, line);
    }
    *record = &self->record;
    return NULL;
}

const smv_gdv_counts_t *smv_gdv_counts(const smv_gdv_t *self)
{
    return &self->counts;
}

smv_charset_e smv_gdv_charset(const smv_gdv_t *self)
{
    return smv_gdv_lines_charset(self->lines);
}

/* --- values --- */

const smv_gdv_value_t *smv_gdv_value(const smv_gdv_record_t *record, const char *name)
{
    for (int i = 0; i < record->value_count; i++) {
        if (strcmp(record->values[i].field->name, name) == 0) {
            return record->values[i].is_absent ? NULL : &record->values[i];
        }
    }
    return NULL;
}

const char *smv_gdv_text(const smv_gdv_record_t *record, const char *name)
{
    const smv_gdv_value_t *value = smv_gdv_value(record, name);

    return value ? value->text : NULL;
}

const char *smv_gdv_fault_text(const smv_gdv_fault_t *fault, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s: record %" APR_INT64_T_FMT ", byte %d: %s", fault->path, fault->record, fault->at,
                        fault->reason);
}
