/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_gdv: a delivery of GDV portfolio records, read one record at a time in constant memory.
 *
 * A file has packages, each from its record 0001 to its trailer 9999. Every record of it is given back, in its order,
 * as one of three: read (its values), skipped (known, but the portal needs nothing of it: layout->skip says why; it has
 * the values of its header), or faulty. Faults never end the reading: a faulty record says what is wrong with it and
 * where, and has the values that could be read all the same, so that its contract can be named. A broken value makes
 * its record faulty. A package that is over without its trailer is said by an item of its own.
 *
 * A trailer says how many records its package has, without 0001 and 9999 and whatever was wrong with them, and what the
 * net premiums of its contracts (0200) sum up to; where the reader counted otherwise, the trailer is faulty.
 *
 * Ownership: the pool given, which closes the file; what `next` gave is good until it is called again. Thread-safety:
 * one reader, one thread; many readers may share a catalogue.
 */
#ifndef SMV_GDV_H
#define SMV_GDV_H

#include "smv_charset.h"
#include "smv_gdv_catalogue.h"
#include "smv_gdv_value.h"

/* X(NAME, what it is called in reports) */
#define SMV_GDV_FAULTS(X)                                                                                              \
    X(TOO_SHORT, "record too short")                                                                                   \
    X(TOO_LONG, "record too long")                                                                                     \
    X(UNKNOWN_TYPE, "unknown record type")                                                                             \
    X(NO_LAYOUT, "no layout for the record")                                                                           \
    X(CHARACTER, "character unknown to the character set")                                                             \
    X(NUMBER, "no number")                                                                                             \
    X(DATE, "no date")                                                                                                 \
    X(OUTSIDE, "record outside of a package")                                                                          \
    X(NO_TRAILER, "package without a trailer")                                                                         \
    X(RECORD_COUNT, "wrong number of records")                                                                         \
    X(PREMIUM_TOTAL, "wrong total of premiums")

typedef enum {
#define SMV_GDV_FAULT_ENUM(NAME, text) SMV_GDV_FAULT_##NAME,
    SMV_GDV_FAULTS(SMV_GDV_FAULT_ENUM)
#undef SMV_GDV_FAULT_ENUM
        SMV_GDV_FAULT_KINDS
} smv_gdv_fault_e;

extern const char *const smv_gdv_fault_names[SMV_GDV_FAULT_KINDS];

typedef struct smv_gdv_fault_t {
    smv_gdv_fault_e kind;
    const char *path;
    apr_int64_t record; /* in the file, from 1 */
    int at;             /* character of the record, from 1: its byte in the file where no character has several */
    const char *reason; /* English */
} smv_gdv_fault_t;

typedef enum {
    SMV_GDV_READ,
    SMV_GDV_SKIPPED,
    SMV_GDV_FAULTY,
    SMV_GDV_UNENDED /* no record: the package is over without a trailer, which is its one fault; number is that of the
                       last record before */
} smv_gdv_outcome_e;

typedef struct smv_gdv_record_t {
    smv_gdv_outcome_e outcome;
    apr_int64_t number;             /* in the file, from 1; blank lines are none */
    int package;                    /* in the file, from 1; 0 outside of packages */
    const char *type;               /* "0200"; shorter where the record is */
    const smv_gdv_layout_t *layout; /* NULL where it has none, or is not whole */
    const smv_gdv_value_t *values;  /* of the layout's fields, in its order */
    int value_count;
    const smv_gdv_fault_t *faults;
    int fault_count;
} smv_gdv_record_t;

/* So far: records is the sum of the next three. */
typedef struct smv_gdv_counts_t {
    apr_int64_t records, read, skipped, faulty;
    apr_int64_t faults[SMV_GDV_FAULT_KINDS]; /* a record may have several */
    int packages;
} smv_gdv_counts_t;

typedef struct smv_gdv_t smv_gdv_t;

/* @param catalogue lives as long as the reader
 * @param charset SMV_CHARSET_UNKNOWN where it is to be recognised, for which the whole file is read once
 * @return SMV_ERROR_FILE_AWAY */
const smv_error_t *smv_gdv_open(smv_gdv_t **reader, const char *path, const smv_gdv_catalogue_t *catalogue,
                                smv_charset_e charset, apr_pool_t *pool);

/* @param record out: NULL at the end of the file
 * @return SMV_ERROR_FILE_AWAY where the file cannot be read further */
const smv_error_t *smv_gdv_next(smv_gdv_t *self, const smv_gdv_record_t **record);

const smv_gdv_counts_t *smv_gdv_counts(const smv_gdv_t *self);

/* @return what was given, or recognised */
smv_charset_e smv_gdv_charset(const smv_gdv_t *self);

/* @return NULL where the value is absent or broken, or the layout has no such field */
const smv_gdv_value_t *smv_gdv_value(const smv_gdv_record_t *record, const char *name);

/* The same for a text, code or date. */
const char *smv_gdv_text(const smv_gdv_record_t *record, const char *name);

/* @return "bestand.txt: record 12, byte 44: start_date is …" */
const char *smv_gdv_fault_text(const smv_gdv_fault_t *fault, apr_pool_t *pool);

#endif
