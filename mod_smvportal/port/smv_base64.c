/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_base64.h"

#include <openssl/evp.h>
#include <string.h>

#define PIECE 4096

struct smv_base64_t {
    EVP_ENCODE_CTX *context;
    void (*write)(void *, const char *, apr_size_t);
    void *baton;
    int is_broken, is_ended; /* ended: by its padding */
};

static apr_status_t free_context(void *data)
{
    EVP_ENCODE_CTX_free(data);
    return APR_SUCCESS;
}

const smv_error_t *smv_base64_begin(smv_base64_t **decoder, void (*write)(void *, const char *, apr_size_t),
                                    void *baton, apr_pool_t *pool)
{
    smv_base64_t *self = apr_pcalloc(pool, sizeof *self);

    *self = (smv_base64_t){EVP_ENCODE_CTX_new(), write, baton, 0, 0};
    if (!self->context) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory for base64");
    }
    apr_pool_cleanup_register(pool, self->context, free_context, apr_pool_cleanup_null);
    EVP_DecodeInit(self->context);
    *decoder = self;
    return NULL;
}

static int is_blank(const char *text, apr_size_t size)
{
    for (const char *end = text + size; text < end; text++) {
        if (!strchr(" \t\r\n", *text) || !*text) {
            return 0;
        }
    }
    return 1;
}

int smv_base64_feed(smv_base64_t *self, const char *text, apr_size_t size)
{
    unsigned char bytes[PIECE];
    int count;

    /* For libcrypto a stroke is the end, and whatever follows it is passed over. */
    self->is_broken |= memchr(text, '-', size) != NULL || (self->is_ended && !is_blank(text, size));
    while (size && !self->is_broken) {
        int piece = (int)(size < PIECE ? size : PIECE);

        int status = EVP_DecodeUpdate(self->context, bytes, &count, (const unsigned char *)text, piece);

        self->is_broken = status < 0;
        self->is_ended |= status == 0;
        if (!self->is_broken && count > 0) {
            self->write(self->baton, (const char *)bytes, (apr_size_t)count);
        }
        text += piece;
        size -= (apr_size_t)piece;
    }
    return !self->is_broken;
}

int smv_base64_end(smv_base64_t *self)
{
    unsigned char bytes[PIECE];
    int count;

    if (self->is_broken || EVP_DecodeFinal(self->context, bytes, &count) < 0) {
        return 0;
    }
    if (count > 0) {
        self->write(self->baton, (const char *)bytes, (apr_size_t)count);
    }
    return 1;
}
