/* SPDX-License-Identifier: Apache-2.0
 *
 * The assets of the pages: style sheets, pictures, fonts.
 */
#include "smv_request.h"

#include <apr_strings.h>
#include <http_protocol.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static const char *asset_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".woff2", "font/woff2"}};
    const char *ending = strrchr(name, '.');

    for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].ending, ending) == 0) {
            return types[i].type;
        }
    }
    return NULL;
}

int smv_send_style(smv_request_t *request, const smv_answer_t *answer)
{
    smv_set_lasting(request->r, answer->is_lasting);
    return smv_respond_bytes(request, "text/css; charset=utf-8", answer->style, strlen(answer->style));
}

int smv_send_asset(smv_request_t *request, const char *name)
{
    request_rec *r = request->r;
    const char *type = asset_type(name);
    apr_file_t *opened;
    apr_finfo_t info;

    if (!type || name[0] == '.' || name[strspn(name, NAME_CHARACTERS)] ||
        !smv_open_file(&opened, &info, apr_pstrcat(r->pool, request->config->assets, "/", name, NULL), r->pool)) {
        return smv_respond_error(request, smv_error(r->pool, SMV_ERROR_NOT_FOUND, "no asset %.100s", name));
    }
    ap_set_content_type(r, type);
    smv_replace_header(r, "Cache-Control", "public, max-age=3600");
    apr_file_info_get(&info, APR_FINFO_MTIME, opened);
    return smv_send_opened(r, opened, info.size,
                           apr_psprintf(r->pool, "\"%" APR_INT64_T_FMT "-%" APR_OFF_T_FMT "\"", info.mtime, info.size));
}
