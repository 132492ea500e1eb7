/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_document_index.h"

#include "smv_csv.h"
#include "smv_rules.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <string.h>

#define ISO_SIZE 11

struct smv_document_index_t {
    smv_csv_t csv;
    int places[SMV_INDEX_COUNT]; /* of a column in its lines; -1: not there */
    int columns;
};

static const char *const names[SMV_INDEX_COUNT] = {
#define COLUMN_NAME(NAME, column, help) [SMV_INDEX_##NAME] = (column),
    SMV_INDEX_COLUMNS(COLUMN_NAME)
#undef COLUMN_NAME
};

/* --- the first line --- */

static const char *names_of_all(apr_pool_t *pool)
{
    const char *all = names[0];

    for (int i = 1; i < SMV_INDEX_COUNT; i++) {
        all = apr_pstrcat(pool, all, ", ", names[i], NULL);
    }
    return all;
}

static const smv_error_t *place_column(smv_document_index_t *self, const char *name, int place, apr_pool_t *pool)
{
    for (int i = 0; i < SMV_INDEX_COUNT; i++) {
        if (strcasecmp(names[i], name) != 0) {
            continue;
        }
        if (self->places[i] >= 0) {
            return smv_error(pool, SMV_ERROR_INVALID, "line 1: there are two columns \"%s\"", name);
        }
        self->places[i] = place;
        return NULL;
    }
    return smv_error(pool, SMV_ERROR_INVALID, "line 1: there is no column \"%s\"; known are %s", name,
                     names_of_all(pool));
}

const smv_error_t *smv_document_index_open(smv_document_index_t **index, const char *text, apr_size_t size,
                                           apr_pool_t *pool)
{
    smv_document_index_t *self = apr_pcalloc(pool, sizeof *self);
    const smv_error_t *error = NULL;
    smv_csv_row_t row;

    if (memchr(text, '\0', size)) {
        return smv_error(pool, SMV_ERROR_INVALID, "it has a zero byte, and is no text");
    }
    memset(self->places, -1, sizeof self->places);
    smv_csv_open(&self->csv, text, size);
    if (!smv_csv_next(&self->csv, &row, pool) || row.fault) {
        return smv_error(pool, SMV_ERROR_INVALID, "line 1: its columns must be named there: %s", names_of_all(pool));
    }
    self->columns = row.values->nelts;
    for (int i = 0; i < self->columns && !error; i++) {
        error = place_column(self, APR_ARRAY_IDX(row.values, i, const char *), i, pool);
    }
    if (!error && self->places[SMV_INDEX_FILE] < 0) {
        error = smv_error(pool, SMV_ERROR_INVALID, "line 1: the column \"file\" is missing");
    }
    *index = self;
    return error;
}

/* --- the others --- */

/* @return NULL for nothing */
static const char *value_of(const smv_document_index_t *self, const smv_csv_row_t *row, smv_index_e column)
{
    int place = self->places[column];
    const char *value = place >= 0 ? APR_ARRAY_IDX(row->values, place, const char *) : NULL;

    return value && *value ? value : NULL;
}

static int leads_out(const char *path)
{
    const char *at = path;

    while (at) {
        size_t length = strcspn(at, "/");

        if (length == 0 || (length == 2 && strncmp(at, "..", 2) == 0)) {
            return 1;
        }
        at = strchr(at, '/');
        at = at ? at + 1 : NULL;
    }
    return 0;
}

/* @return its code; NULL where it is none */
static const char *kind_of(const char *value)
{
    const smv_code_t *codes = smv_shape_document.fields[SMV_DOCUMENT_KIND].codes;

    for (const smv_code_t *each = codes; each->code; each++) {
        if (strcasecmp(each->code, value) == 0 || strcasecmp(each->label, value) == 0) {
            return each->code;
        }
    }
    return NULL;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *fault_of_values(const smv_document_index_t *self, const smv_csv_row_t *row)
{
    for (int i = 0; i < row->values->nelts; i++) {
        const char *value = APR_ARRAY_IDX(row->values, i, const char *);

        if (smv_has_control(value, strlen(value)) || strpbrk(value, "\t\r\n")) {
            return "a value has control characters";
        }
    }
    return row->values->nelts == self->columns ? NULL : "it has another number of values than the first line";
}

static void fill(const smv_document_index_t *self, smv_index_entry_t *entry, const smv_csv_row_t *row, apr_pool_t *pool)
{
    const char *kind = value_of(self, row, SMV_INDEX_KIND), *date = value_of(self, row, SMV_INDEX_DATE);
    const char *name = value_of(self, row, SMV_INDEX_NAME);
    char *iso = apr_palloc(pool, ISO_SIZE);

    entry->file = value_of(self, row, SMV_INDEX_FILE);
    if (!entry->file) {
        entry->fault = "it names no file";
    } else if (leads_out(entry->file)) {
        entry->fault = "its file is not in the folder of the index";
    } else if (kind && !kind_of(kind)) {
        entry->fault = apr_psprintf(pool, "there is no kind \"%s\"", kind);
    } else if (date && !smv_read_date(iso, date)) {
        entry->fault = apr_psprintf(pool, "\"%s\" is no date", date);
    } else {
        entry->document = (smv_delivered_t){.name = name ? name : last_part(entry->file),
                                            .title = value_of(self, row, SMV_INDEX_TITLE),
                                            .kind = kind ? kind_of(kind) : "other",
                                            .date = date ? iso : NULL,
                                            .customer = value_of(self, row, SMV_INDEX_CUSTOMER),
                                            .contract = value_of(self, row, SMV_INDEX_CONTRACT),
                                            .insurer = value_of(self, row, SMV_INDEX_INSURER)};
    }
}

int smv_document_index_next(smv_document_index_t *self, smv_index_entry_t *entry, apr_pool_t *pool)
{
    smv_csv_row_t row;

    if (!smv_csv_next(&self->csv, &row, pool)) {
        return 0;
    }
    *entry = (smv_index_entry_t){.line = row.line, .fault = row.fault};
    entry->fault = entry->fault ? entry->fault : fault_of_values(self, &row);
    if (!entry->fault) {
        fill(self, entry, &row, pool);
    }
    return 1;
}
