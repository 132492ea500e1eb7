/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_crypto: random bytes, SHA-256 and constant-time comparison, by OpenSSL's libcrypto. Any thread.
 */
#ifndef SMV_CRYPTO_H
#define SMV_CRYPTO_H

#include "../core/smv_session.h"

extern const smv_crypto_t smv_crypto;

#endif
