/* SPDX-License-Identifier: Apache-2.0
 *
 * The session cookie (RFC 6265bis): one name with TLS, another without, so that neither counts as the other.
 */
#include "smv_request.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

static int is_tls(const request_rec *r)
{
    return strcmp(ap_run_http_scheme(r), "https") == 0;
}

static const char *cookie_name(const request_rec *r)
{
    return is_tls(r) ? SMV_SESSION_COOKIE_TLS : SMV_SESSION_COOKIE;
}

const char *smv_cookie_get(const smv_request_t *request)
{
    const char *at = apr_table_get(request->r->headers_in, "Cookie");
    const char *name = cookie_name(request->r);
    size_t size = strlen(name);

    while (at && *at) {
        at += strspn(at, "; ");
        if (strncmp(at, name, size) == 0 && at[size] == '=') {
            at += size + 1;
            return apr_pstrmemdup(request->call.pool, at, strcspn(at, "; "));
        }
        at = strchr(at, ';');
    }
    return NULL;
}

void smv_cookie_set(const smv_request_t *request, const char *token)
{
    int has_tls = is_tls(request->r);
    const char *cookie = apr_psprintf(
        request->call.pool, "%s=%s; Path=%s; HttpOnly; SameSite=Lax%s%s", cookie_name(request->r), token ? token : "",
        has_tls ? "/" : request->config->base, has_tls ? "; Secure" : "", token ? "" : "; Max-Age=0");

    apr_table_addn(request->r->err_headers_out, "Set-Cookie", cookie);
}
