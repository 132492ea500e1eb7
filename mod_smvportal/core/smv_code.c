/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_code.h"

#include <apr_lib.h>
#include <apr_strings.h>

#define CHARACTERS 20
#define GROUP 4
#define MAX_PATH (1 << 18)

static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/* @param characters CHARACTERS of them */
static void write_groups(char *code, const char *characters)
{
    for (int i = 0; i < CHARACTERS; i++) {
        if (i > 0 && i % GROUP == 0) {
            *code++ = '-';
        }
        *code++ = characters[i];
    }
    *code = '\0';
}

const smv_error_t *smv_code_make(char *code, const smv_crypto_t *crypto, apr_pool_t *pool)
{
    unsigned char bytes[CHARACTERS];
    char characters[CHARACTERS];

    if (crypto->random(bytes, sizeof bytes) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no random bytes for a code");
    }
    for (int i = 0; i < CHARACTERS; i++) {
        characters[i] = alphabet[bytes[i] & 31];
    }
    write_groups(code, characters);
    return NULL;
}

const char *smv_code_read(const char *typed, apr_pool_t *pool)
{
    char characters[CHARACTERS];
    char *code = apr_palloc(pool, SMV_CODE_SIZE);
    int count = 0;

    for (const char *at = typed; *at; at++) {
        char c = (char)apr_toupper(*at);

        if (*at == '-' || *at == ' ') {
            continue;
        }
        if (count == CHARACTERS || !strchr(alphabet, c)) {
            return typed;
        }
        characters[count++] = c;
    }
    if (count < CHARACTERS) {
        return typed;
    }
    write_groups(code, characters);
    return code;
}

const smv_error_t *smv_code_hash(unsigned char *hash, const char *typed, const smv_crypto_t *crypto, apr_pool_t *pool)
{
    const char *code = smv_code_read(typed, pool);

    return crypto->sha256(hash, code, strlen(code)) == APR_SUCCESS
               ? NULL
               : smv_error(pool, SMV_ERROR_INTERNAL, "cannot hash a code");
}

/* One rectangle for each run of dark modules: "M5 4h7v1h-7z". */
const char *smv_qr_path(const smv_qr_code_t *code, apr_pool_t *pool)
{
    smv_buffer_t path;

    smv_buffer_init(&path, 4096, MAX_PATH, pool);
    for (int y = 0; y < code->width; y++) {
        const unsigned char *row = code->modules + (apr_size_t)y * (apr_size_t)code->width;

        for (int x = 0, run; x < code->width; x += run ? run : 1) {
            for (run = 0; x + run < code->width && row[x + run]; run++) {
            }
            if (run) {
                smv_buffer_puts(&path, apr_psprintf(pool, "M%d %dh%dv1h-%dz", x + SMV_QR_QUIET_ZONE,
                                                    y + SMV_QR_QUIET_ZONE, run, run));
            }
        }
    }
    smv_buffer_write(&path, "", 1);
    return path.is_failed ? NULL : path.data;
}
