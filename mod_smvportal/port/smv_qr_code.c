/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_qr_code.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

const smv_error_t *smv_qr_code_make(smv_qr_code_t *code, const char *text, apr_pool_t *pool)
{
    /* Version 0: as small as the text allows. Level M stands a crease in the paper. */
    QRcode *made = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    unsigned char *modules;
    apr_size_t size;

    if (!made) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no QR code of %d characters: %s", (int)strlen(text),
                         strerror(errno));
    }
    size = (apr_size_t)made->width * (apr_size_t)made->width;
    modules = apr_palloc(pool, size);
    for (apr_size_t i = 0; i < size; i++) {
        modules[i] = made->data[i] & 1;
    }
    *code = (smv_qr_code_t){made->width, modules};
    QRcode_free(made);
    return NULL;
}
