/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_gdv: any bytes as a delivery of GDV records, for libFuzzer. The first byte chooses the character set; every
 * record must be accounted for. `make fuzz` builds and runs it.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../mod_smvportal/port/smv_gdv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static smv_gdv_catalogue_t *catalogue;

static void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void load_catalogue(void)
{
    const char *source = getenv("SMV_SOURCE");
    const smv_error_t *error;
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    error = smv_gdv_catalogue_read(&catalogue,
                                   apr_pstrcat(pool, source ? source : ".", "/conf/gdv-catalogue.xml", NULL), pool);
    require(error == NULL, error ? error->detail : "");
}

static void read_records(const char *path, smv_charset_e charset, apr_pool_t *pool)
{
    const smv_gdv_record_t *record;
    const smv_gdv_counts_t *counts;
    smv_gdv_t *reader;

    require(smv_gdv_open(&reader, path, catalogue, charset, pool) == NULL, "the file does not open");
    while (smv_gdv_next(reader, &record) == NULL && record) {
        require((record->outcome == SMV_GDV_FAULTY || record->outcome == SMV_GDV_UNENDED) == (record->fault_count > 0),
                "a fault is no outcome");
    }
    counts = smv_gdv_counts(reader);
    require(counts->records == counts->read + counts->skipped + counts->faulty, "a record is not accounted for");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;
    int file;

    if (!catalogue) {
        load_catalogue();
    }
    if (size == 0) {
        return 0;
    }
    apr_pool_create(&pool, NULL);
    file = memfd_create("delivery", MFD_CLOEXEC);
    require(file >= 0 && write(file, data + 1, size - 1) == (ssize_t)(size - 1), "no memory for the file");
    read_records(apr_psprintf(pool, "/proc/self/fd/%d", file), (smv_charset_e)(data[0] % (SMV_CHARSET_UTF_8 + 1)),
                 pool);
    close(file);
    apr_pool_destroy(pool);
    return 0;
}
