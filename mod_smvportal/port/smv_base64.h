/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_base64: bytes that were written as base64 (RFC 4648, 4), piece by piece, by OpenSSL's libcrypto.
 *
 * Ownership: the pool's. Thread-safety: one decoder, one thread.
 */
#ifndef SMV_BASE64_H
#define SMV_BASE64_H

#include "../core/smv_error.h"

typedef struct smv_base64_t smv_base64_t;

/* @param write is given what the text says @return SMV_ERROR_INTERNAL */
const smv_error_t *smv_base64_begin(smv_base64_t **decoder, void (*write)(void *, const char *, apr_size_t),
                                    void *baton, apr_pool_t *pool);

/* @param text may have blanks and ends of lines, and be cut anywhere @return 0 where it is no base64, from then on */
int smv_base64_feed(smv_base64_t *self, const char *text, apr_size_t size);

/* @return 0 where what was fed is no base64, or not a whole one */
int smv_base64_end(smv_base64_t *self);

#endif
