/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

static apr_status_t fill_random(void *bytes, apr_size_t size)
{
    return RAND_bytes(bytes, (int)size) == 1 ? APR_SUCCESS : APR_EGENERAL;
}

static apr_status_t sha256(unsigned char digest[32], const void *data, apr_size_t size)
{
    return EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL) == 1 ? APR_SUCCESS : APR_EGENERAL;
}

static int equal(const void *a, const void *b, apr_size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

const smv_crypto_t smv_crypto = {fill_random, sha256, equal};
