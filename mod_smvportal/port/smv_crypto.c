/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <threads.h>

/* Looked up once: a lookup by name costs more than the hash of a token. */
static EVP_MD *sha256_method;
static once_flag sha256_fetched = ONCE_FLAG_INIT;

static void fetch_sha256(void)
{
    sha256_method = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static apr_status_t fill_random(void *bytes, apr_size_t size)
{
    return RAND_bytes(bytes, (int)size) == 1 ? APR_SUCCESS : APR_EGENERAL;
}

static apr_status_t sha256(unsigned char digest[32], const void *data, apr_size_t size)
{
    call_once(&sha256_fetched, fetch_sha256);
    return sha256_method && EVP_Digest(data, size, digest, NULL, sha256_method, NULL) == 1 ? APR_SUCCESS : APR_EGENERAL;
}

static int equal(const void *a, const void *b, apr_size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

const smv_crypto_t smv_crypto = {fill_random, sha256, equal};
