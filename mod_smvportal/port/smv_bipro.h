/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_bipro: a transfer of BiPRO norm 430 (the answer of getShipment, with or without its SOAP envelope), read by
 * libxml2's streaming reader: no entity is expanded, no document type is taken, no network and no other file is
 * reached.
 *
 * Memory grows with the largest file of the transfer, never with the transfer; what is larger than allowed, nested
 * deeper than the norm or says too much ends the reading before it is whole. Ownership: a transfer and what hangs on it
 * lives while it is told of. Thread-safety: one thread.
 */
#ifndef SMV_BIPRO_H
#define SMV_BIPRO_H

#include <apr_file_io.h>
#include <apr_tables.h>

#include "../core/smv_error.h"

/* A file (Datei). NULL where nothing is said. */
typedef struct smv_bipro_file_t {
    const char *name, *title; /* Dateiname; Kurzbeschreibung, else Bezeichnung */
    const char *type;         /* DokumentartID */
    const char *date;         /* ISO 8601 */
    const char *reference;    /* where its content is, which is not in the transfer: Datenlink, or "cid:…" */
    void *content;            /* of what the listener began, where it is in the transfer; else NULL */
    const char *fault;        /* why that content is none, in English */
    int is_data;              /* nothing for people to read (Nettodaten) */
    int is_compressed;
    long line;
} smv_bipro_file_t;

/* One business transaction (Transfer). */
typedef struct smv_bipro_transfer_t {
    const char *shipment;      /* ID of the delivery (Lieferung) */
    const char *category;      /* its own, else that of its delivery */
    const char *date;          /* ISO 8601 */
    const char *contract;      /* policy number; of several all of them, with commas */
    int has_several_contracts; /* or one that cannot be read */
    apr_array_header_t *files; /* of smv_bipro_file_t */
} smv_bipro_transfer_t;

typedef struct smv_bipro_listener_t {
    /* A content begins. @param pool of its transfer @return what write is given */
    void *(*begin)(void *context, apr_pool_t *pool);
    void (*write)(void *content, const char *data, apr_size_t size);
    /* A transfer is read. @param pool of it @return an error, which ends the reading */
    const smv_error_t *(*take)(void *context, const smv_bipro_transfer_t *transfer, apr_pool_t *pool);
    /* After each transfer: how many bytes were read. */
    void (*progress)(void *context, apr_int64_t bytes);
    void *context;
} smv_bipro_listener_t;

/* @param file where it is read next changes @param name of it, for errors
 * @param begin, end which bytes of the file; end 0: to its end @param maximum bytes of one content
 * @return SMV_ERROR_FILE_AWAY; SMV_ERROR_INVALID, with the line: it is no such transfer, or what is behind that line is
 * none (transfers before it were told of) */
const smv_error_t *smv_bipro_read(apr_file_t *file, const char *name, apr_off_t begin, apr_off_t end,
                                  apr_int64_t maximum, const smv_bipro_listener_t *listener, apr_pool_t *pool);

#endif
