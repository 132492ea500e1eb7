/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_code: the one-time codes of invitations, and their pictures for a telephone's camera.
 *
 * A code is 20 random characters of 32 that nobody takes for another (no 0, O, 1, I): 100 bits, shown in groups of
 * four. Only its hash is stored. Thread-safety: pure functions.
 */
#ifndef SMV_CODE_H
#define SMV_CODE_H

#include "smv_buffer.h"
#include "smv_session.h"

#define SMV_CODE_SIZE 25     /* K7QF-2MZP-… with the NUL */
#define SMV_CODE_LIFETIME 14 /* days */

/* @param code out: SMV_CODE_SIZE bytes. @return SMV_ERROR_INTERNAL without random bytes */
const smv_error_t *smv_code_make(char *code, const smv_crypto_t *crypto, apr_pool_t *pool);

/* A code as it was typed: capitals, dashes and blanks do not matter. @return in groups again; what is none is left as
 * it came */
const char *smv_code_read(const char *typed, apr_pool_t *pool);

/* @param hash out: SMV_TOKEN_HASH_SIZE bytes, of whatever was typed for a code. */
const smv_error_t *smv_code_hash(unsigned char *hash, const char *typed, const smv_crypto_t *crypto, apr_pool_t *pool);

/* A QR code (ISO/IEC 18004): width * width modules by rows, 1 is dark; without its quiet zone. */
typedef struct smv_qr_code_t {
    int width;
    const unsigned char *modules;
} smv_qr_code_t;

/* @return SMV_ERROR_INTERNAL where the text is too long */
typedef const smv_error_t *smv_qr_fn(smv_qr_code_t *code, const char *text, apr_pool_t *pool);

/* Modules that stay free around it. */
#define SMV_QR_QUIET_ZONE 4

/* @return the `d` attribute of an SVG path of its dark modules, one unit each, with the quiet zone */
const char *smv_qr_path(const smv_qr_code_t *code, apr_pool_t *pool);

#endif
