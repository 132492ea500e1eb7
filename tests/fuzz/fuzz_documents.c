/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_documents: any bytes as a delivery of documents, for libFuzzer: as a message of parts with a transfer of BiPRO
 * in its first, as the transfer alone, and as an index. `make fuzz` builds and runs it.
 */
#include <apr_general.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../mod_smvportal/core/smv_document_index.h"
#include "../../mod_smvportal/port/smv_bipro.h"
#include "../../mod_smvportal/port/smv_mime_parts.h"

#define MAXIMUM 4096 /* bytes of a document */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

/* --- a transfer --- */

static void *begin(void *context, apr_pool_t *pool)
{
    (void)context;
    return apr_pcalloc(pool, sizeof(apr_size_t));
}

static void count(void *content, const char *data, apr_size_t size)
{
    apr_size_t *sum = content;

    require(data != NULL && size > 0, "a piece of nothing");
    *sum += size;
}

static const smv_error_t *take(void *context, const smv_bipro_transfer_t *transfer, apr_pool_t *pool)
{
    (void)context;
    for (int i = 0; i < transfer->files->nelts; i++) {
        const smv_bipro_file_t *file = &APR_ARRAY_IDX(transfer->files, i, smv_bipro_file_t);

        require(file->line > 0, "a file is in no line");
        require(!file->name || strlen(apr_pstrdup(pool, file->name)) > 0, "a name is empty");
    }
    return NULL;
}

static void pass(void *context, apr_int64_t bytes)
{
    (void)context;
    require(bytes > 0, "a transfer of no bytes");
}

static void read_transfer(apr_file_t *file, apr_off_t from, apr_off_t to, apr_pool_t *pool)
{
    const smv_bipro_listener_t listener = {begin, count, take, pass, NULL};
    const smv_error_t *error = smv_bipro_read(file, "fuzz", from, to, MAXIMUM, &listener, pool);

    require(!error || *error->detail, "an error says nothing");
}

static void read_message(apr_file_t *file, apr_off_t size, apr_pool_t *pool)
{
    apr_array_header_t *parts;
    apr_off_t before = 0;

    if (smv_mime_parts(&parts, file, "fuzz", pool)) {
        return;
    }
    for (int i = 0; i < parts->nelts; i++) {
        const smv_mime_part_t *part = &APR_ARRAY_IDX(parts, i, smv_mime_part_t);

        require(part->begin >= before && part->begin <= part->end && part->end <= size, "a part is where it cannot be");
        before = part->end;
        read_transfer(file, part->begin, part->end, pool);
    }
}

/* --- an index --- */

static void read_index(const char *text, apr_size_t size, apr_pool_t *pool)
{
    smv_document_index_t *index;
    smv_index_entry_t entry;
    apr_int64_t line = 1;

    if (smv_document_index_open(&index, text, size, pool)) {
        return;
    }
    while (smv_document_index_next(index, &entry, pool)) {
        require(entry.line > line, "a line stands before the one before it");
        line = entry.line;
        require(entry.fault || (entry.file && entry.document.name && entry.document.kind), "an entry says nothing");
        require(entry.fault ||
                    (*entry.file != '/' && strncmp(entry.file, "../", 3) != 0 && !strstr(entry.file, "/../")),
                "a file is out of the folder");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_begun;
    apr_pool_t *pool;
    apr_file_t *file;
    int descriptor;

    if (!is_begun) {
        is_begun = 1;
        apr_initialize();
    }
    apr_pool_create(&pool, NULL);
    descriptor = memfd_create("delivery", MFD_CLOEXEC);
    require(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size, "no memory for the file");
    require(apr_os_file_put(&file, &descriptor, APR_FOPEN_READ, pool) == APR_SUCCESS, "no file");
    read_message(file, (apr_off_t)size, pool);
    read_transfer(file, 0, 0, pool);
    read_index((const char *)data, size, pool);
    close(descriptor);
    apr_pool_destroy(pool);
    return 0;
}
