/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl import documents: files with an index, and transfers of BiPRO.
 */
#include "smv_ctl_documents.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "../core/smv_buffer.h"
#include "../core/smv_document_name.h"
#include "../port/smv_charset.h"
#include "../port/smv_file_copy.h"

#define INDEX_NAME "index.csv"
#define PIECE 65536
#define MAX_JSON_NAME 4096
#define BUSY_TIMEOUT apr_time_from_sec(60)

/* --- what becomes of a document --- */

static void tell(const smv_ctl_documents_t *documents, long line, const char *what)
{
    smv_ctl_put(stderr, documents->delivery.file);
    fprintf(stderr, ":%ld: ", line);
    smv_ctl_put(stderr, what);
    fputc('\n', stderr);
}

void smv_ctl_documents_report(smv_ctl_documents_t *documents, long line, const char *why)
{
    documents->reported++;
    tell(documents, line, why);
}

void smv_ctl_documents_leave_out(smv_ctl_documents_t *documents, long line, const char *why)
{
    documents->left_out++;
    tell(documents, line, why);
}

static const smv_error_t *copy(smv_incoming_t *incoming, apr_file_t *file, apr_off_t left, apr_pool_t *pool)
{
    char piece[PIECE], reason[120];
    const smv_error_t *error = NULL;
    apr_status_t status = APR_SUCCESS;

    while (!error && left > 0) {
        apr_size_t size = left < PIECE ? (apr_size_t)left : PIECE;

        if ((status = apr_file_read(file, piece, &size)) != APR_SUCCESS) {
            break;
        }
        error = smv_incoming_write(incoming, piece, size);
        left -= (apr_off_t)size;
    }
    return error || status == APR_SUCCESS || APR_STATUS_IS_EOF(status)
               ? error
               : smv_error(pool, SMV_ERROR_FILE_AWAY, "its file cannot be read: %s",
                           apr_strerror(status, reason, sizeof reason));
}

const smv_error_t *smv_ctl_documents_read(const smv_ctl_documents_t *documents, smv_incoming_t **incoming,
                                          apr_file_t *file, apr_off_t begin, apr_off_t end, apr_pool_t *pool)
{
    const smv_error_t *error = smv_incoming_begin(incoming, &documents->incoming, pool);
    apr_off_t at = begin;

    if (!error && apr_file_seek(file, APR_SET, &at) != APR_SUCCESS) {
        error = smv_error(pool, SMV_ERROR_FILE_AWAY, "its content cannot be read");
    }
    return error ? error : copy(*incoming, file, end ? end - begin : APR_INT64_MAX, pool);
}

const smv_error_t *smv_ctl_documents_read_beside(const smv_ctl_documents_t *documents, smv_incoming_t **incoming,
                                                 const char *name, apr_pool_t *pool)
{
    apr_file_t *file;
    const smv_error_t *error = smv_ctl_open_delivered(&file, documents->folder, name, pool);

    if (!error) {
        error = smv_ctl_documents_read(documents, incoming, file, 0, 0, pool);
        apr_file_close(file);
    }
    return error;
}

/* What is wrong with one document, or one delivery, does not end the others. */
static int is_of_delivery(const smv_error_t *error)
{
    return error->code == SMV_ERROR_INVALID || error->code == SMV_ERROR_TOO_LARGE || error->code == SMV_ERROR_FILE_AWAY;
}

static const smv_error_t *keep(void *baton)
{
    return smv_incoming_keep(baton);
}

static const char *said_of(const smv_delivered_t *document, const smv_owner_t *owner, apr_pool_t *pool)
{
    return apr_psprintf(pool, "\"%s\" waits to be assigned (%s): %s", document->name, smv_owner_codes[owner->outcome],
                        smv_delivered_said(document, pool));
}

static const smv_error_t *take_row(smv_ctl_documents_t *documents, long line, const smv_delivered_t *document,
                                   smv_incoming_t *incoming, apr_pool_t *pool)
{
    const smv_import_content_t content = {smv_incoming_hash(incoming), smv_incoming_media_type(incoming),
                                          smv_incoming_size(incoming), keep, incoming};
    smv_import_document_result_t result;
    const smv_error_t *error = smv_import_documents_take(documents->import, document, &content, &result, pool);

    if (error) {
        return error;
    }
    switch (result.outcome) {
    case SMV_IMPORT_DOCUMENT_KNOWN:
        documents->known++;
        break;
    case SMV_IMPORT_DOCUMENT_ASSIGNED:
        documents->assigned++;
        break;
    case SMV_IMPORT_DOCUMENT_WAITS:
        documents->unassigned++;
        tell(documents, line, said_of(document, &result.owner, pool));
        break;
    }
    return NULL;
}

const smv_error_t *smv_ctl_documents_take(smv_ctl_documents_t *documents, long line, const smv_delivered_t *document,
                                          smv_incoming_t *incoming, const smv_error_t *error, apr_pool_t *pool)
{
    const char *fault = error ? NULL : smv_document_name_fault(document->name);

    if (fault) {
        smv_ctl_documents_report(documents, line, fault);
        return NULL;
    }
    error = error ? error : smv_incoming_check_name(incoming, document->name);
    if (error && is_of_delivery(error)) {
        smv_ctl_documents_report(documents, line, error->detail);
        return NULL;
    }
    return error ? error : take_row(documents, line, document, incoming, pool);
}

/* --- one delivery --- */

static void print_text(const smv_ctl_documents_t *documents)
{
    const char *between = ":";

    smv_ctl_put(stdout, documents->delivery.file);
    printf(": %" APR_INT64_T_FMT " documents", documents->documents);
#define PRINT_TEXT(member, label)                                                                                      \
    printf("%s %" APR_INT64_T_FMT " " label, between, documents->member);                                              \
    between = ",";
    SMV_CTL_DOCUMENTS_COUNTS(PRINT_TEXT)
#undef PRINT_TEXT
    printf("; %" APR_INT64_T_FMT " changes\n", documents->assigned + documents->unassigned);
}

static const char *file_in_json(const smv_ctl_documents_t *documents)
{
    const char *name = documents->delivery.file;
    smv_buffer_t json;

    smv_buffer_init(&json, 128, MAX_JSON_NAME, documents->ctl->pool);
    smv_buffer_json(&json, name, strlen(name));
    smv_buffer_write(&json, "", 1);
    return json.is_failed ? "null" : json.data;
}

static void print_json(const smv_ctl_documents_t *documents, int is_first)
{
    printf("%s\n  {\"file\": %s, \"kind\": \"%s\", \"content_hash\": \"%s\", \"documents\": %" APR_INT64_T_FMT,
           is_first ? "" : ",", file_in_json(documents), documents->delivery.kind, documents->delivery.content_hash,
           documents->documents);
#define PRINT_JSON(member, label) printf(", \"" #member "\": %" APR_INT64_T_FMT, documents->member);
    SMV_CTL_DOCUMENTS_COUNTS(PRINT_JSON)
#undef PRINT_JSON
    putchar('}');
}

static int is_index(const char *path)
{
    size_t length = strlen(path);

    return length > 4 && strcasecmp(path + length - 4, ".csv") == 0;
}

static const smv_error_t *read_file(smv_ctl_documents_t *documents, char *hash)
{
    const smv_error_t *error =
        smv_file_hash(documents->file, documents->delivery.file, hash, &documents->size, documents->ctl->pool);

    if (error) {
        return error;
    }
    smv_import_documents_begin(documents->import, &documents->delivery);
    return is_index(documents->delivery.file) ? smv_ctl_import_index(documents) : smv_ctl_import_bipro(documents);
}

/* @param is_sound out: whether nothing was wrong */
static const smv_error_t *import_file(smv_ctl_documents_t *documents, const char *path, int is_first, int *is_sound)
{
    smv_ctl_documents_t one = *documents;
    apr_pool_t *pool = one.ctl->pool;
    char *hash = apr_pcalloc(pool, SMV_FILE_HASH_SIZE), *folder = apr_pstrdup(pool, path);
    const char *name = apr_filepath_name_get(path);
    const smv_actor_t actor = smv_ctl_actor(pool);
    const smv_error_t *error;

    folder[name - path] = '\0';
    one.folder = *folder ? folder : ".";
    one.delivery = (smv_documents_delivery_t){.kind = is_index(path) ? "index" : "bipro",
                                              .file = name,
                                              .content_hash = hash,
                                              .tenant = one.portal->tenant,
                                              .actor = &actor,
                                              .now = apr_time_now()};
    error = smv_ctl_open_named(&one.file, path, pool);
    if (!error) {
        error = read_file(&one, hash);
        apr_file_close(one.file);
    }
    if (one.ctl->json) {
        print_json(&one, is_first);
    } else {
        print_text(&one);
    }
    *is_sound &= one.reported == 0 && !error;
    if (error && is_of_delivery(error)) {
        smv_ctl_fail(error);
        error = NULL;
    }
    return error;
}

/* --- all of them --- */

static int by_name(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static int is_transfer(const char *name)
{
    size_t length = strlen(name);

    return length > 4 && strcasecmp(name + length - 4, ".xml") == 0;
}

/* The index of a folder, or where it has none its transfers. */
static const smv_error_t *add_folder(apr_array_header_t *paths, const char *folder, apr_pool_t *pool)
{
    const char *index = apr_pstrcat(pool, folder, "/", INDEX_NAME, NULL);
    int before = paths->nelts;
    char reason[120];
    apr_status_t status;
    apr_finfo_t info;
    apr_dir_t *dir;

    if (apr_stat(&info, index, APR_FINFO_TYPE, pool) == APR_SUCCESS) {
        *(const char **)apr_array_push(paths) = index;
        return NULL;
    }
    if ((status = apr_dir_open(&dir, folder, pool)) == APR_SUCCESS) {
        while ((status = apr_dir_read(&info, APR_FINFO_NAME, dir)) == APR_SUCCESS || status == APR_INCOMPLETE) {
            if (is_transfer(info.name)) {
                *(const char **)apr_array_push(paths) = apr_pstrcat(pool, folder, "/", info.name, NULL);
            }
        }
        apr_dir_close(dir);
    }
    if (status != APR_SUCCESS && !APR_STATUS_IS_ENOENT(status)) {
        return smv_error(pool, SMV_ERROR_FILE_AWAY, "%s: %s", folder, apr_strerror(status, reason, sizeof reason));
    }
    qsort((const char **)paths->elts + before, (size_t)(paths->nelts - before), sizeof(char *), by_name);
    return paths->nelts > before
               ? NULL
               : smv_error(pool, SMV_ERROR_FILE_AWAY, "%s: there is no " INDEX_NAME " in it, and no .xml", folder);
}

static const smv_error_t *find_files(apr_array_header_t *paths, const smv_ctl_t *ctl)
{
    const smv_error_t *error = NULL;
    char reason[120];

    for (int i = 0; i < ctl->count && !error; i++) {
        apr_finfo_t info;
        apr_status_t status = apr_stat(&info, ctl->words[i], APR_FINFO_TYPE, ctl->pool);

        if (status != APR_SUCCESS) {
            error = smv_error(ctl->pool, SMV_ERROR_FILE_AWAY, "%s: %s", ctl->words[i],
                              apr_strerror(status, reason, sizeof reason));
        } else if (info.filetype == APR_DIR) {
            error = add_folder(paths, ctl->words[i], ctl->pool);
        } else {
            *(const char **)apr_array_push(paths) = ctl->words[i];
        }
    }
    return error;
}

/* Two insurers may give one number: what comes from one of them belongs to none of another's contracts. */
static const smv_error_t *check_options(const apr_array_header_t *paths, const smv_ctl_t *ctl)
{
    if (ctl->charset && smv_charset_of(ctl->charset) == SMV_CHARSET_UNKNOWN) {
        return smv_error(ctl->pool, SMV_ERROR_BAD_REQUEST, "--charset %s: it is not known", ctl->charset);
    }
    for (int i = 0; i < paths->nelts && !ctl->insurer; i++) {
        if (!is_index(APR_ARRAY_IDX(paths, i, const char *))) {
            return smv_error(
                ctl->pool, SMV_ERROR_BAD_REQUEST,
                "%s: whose transfer it is must be said: --insurer and the name as contracts have it, or its "
                "number (VU-Nummer)",
                APR_ARRAY_IDX(paths, i, const char *));
        }
    }
    return NULL;
}

static const smv_error_t *open_import(smv_ctl_documents_t *documents)
{
    const smv_ctl_portal_t *portal = documents->portal;
    const smv_sqlite_config_t config = smv_ctl_store_config(portal, BUSY_TIMEOUT);

    documents->incoming = (smv_incoming_config_t){.folder = portal->documents,
                                                  .maximum = (apr_int64_t)portal->upload_max_size << 20,
                                                  .allowed_types = portal->upload_types,
                                                  .clamd = portal->clamd,
                                                  .timeout = apr_time_from_sec(portal->clamd_timeout)};
    return smv_import_documents_open(&documents->import, &config, documents->ctl->pool);
}

int smv_ctl_import_documents(const smv_ctl_t *ctl)
{
    apr_array_header_t *paths = apr_array_make(ctl->pool, 8, sizeof(const char *));
    smv_ctl_documents_t documents = {.ctl = ctl};
    int is_sound = 1;
    const smv_error_t *error;

    if ((error = find_files(paths, ctl))) {
        smv_ctl_fail(error);
        return EX_NOINPUT;
    }
    if ((error = check_options(paths, ctl)) || (error = smv_ctl_conf_read(&documents.portal, ctl)) ||
        (error = smv_ctl_be_portal(documents.portal, ctl->pool)) || (error = open_import(&documents))) {
        return smv_ctl_fail(error);
    }
    fputs(ctl->json ? "[" : "", stdout);
    for (int i = 0; i < paths->nelts && !error; i++) {
        error = import_file(&documents, APR_ARRAY_IDX(paths, i, const char *), i == 0, &is_sound);
    }
    fputs(ctl->json ? "\n]\n" : "", stdout);
    return error ? smv_ctl_fail(error) : is_sound ? EX_OK : EX_DATAERR;
}
