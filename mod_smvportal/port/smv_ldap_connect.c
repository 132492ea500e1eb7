/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_connect.h"

#include "smv_ldap_name.h"

#include <apr_strings.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

/* How often who waits looks whether the server is known to be away by now. */
#define LOOK apr_time_from_msec(200)

static struct timeval timeval_of(apr_time_t span)
{
    return (struct timeval){(time_t)apr_time_sec(span), (suseconds_t)apr_time_usec(span)};
}

int smv_ldap_is_away(int code)
{
    return code == LDAP_SERVER_DOWN || code == LDAP_CONNECT_ERROR || code == LDAP_TIMEOUT || code == LDAP_UNAVAILABLE ||
           code == LDAP_BUSY;
}

const char *smv_ldap_remedy(int code)
{
    switch (code) {
    case LDAP_SERVER_DOWN:
        return "start the server, or correct SmvPortalLdapUri";
    case LDAP_CONNECT_ERROR:
        return "see whether the server's certificate is of a CA in SmvPortalLdapTlsCa and names the host of "
               "SmvPortalLdapUri";
    case LDAP_LOCAL_ERROR:
        return "let httpd's user read the files of SmvPortalLdapTlsCa, SmvPortalLdapTlsCertificate and "
               "SmvPortalLdapTlsKey";
    case LDAP_TIMEOUT:
        return "see what keeps the server busy, or raise SmvPortalLdapTimeout";
    case LDAP_BUSY:
        return "raise SmvPortalLdapPool, or see what keeps the server busy";
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_UNWILLING_TO_PERFORM:
        return "correct SmvPortalLdapBindDN and the password in SmvPortalLdapBindPasswordFile";
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_STRONG_AUTH_REQUIRED:
        return "the server wants encryption: say SmvPortalLdapStartTls On, or use ldaps:// in SmvPortalLdapUri";
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INSUFFICIENT_ACCESS:
        return "correct SmvPortalLdapBase, or let the service account read it";
    case LDAP_FILTER_ERROR:
        return "correct SmvPortalLdapUserFilter";
    default:
        return "see the log of the server";
    }
}

void smv_ldap_disconnect(LDAP **ld)
{
    if (*ld) {
        ldap_unbind_ext_s(*ld, NULL, NULL);
        *ld = NULL;
    }
}

/* --- reading within a time --- */

/* libldap waits for ever for the rest of a handshake, and of a message that has begun (2.5). A layer above the socket
 * (lber-sockbuf(3)) lets its reads end when the time is over. */
#define READ_LEVEL (LBER_SBIOD_LEVEL_PROVIDER + 1)
#define READ_UNTIL (LBER_SB_OPT_OPT_MAX + 1)

static int set_up_reading(Sockbuf_IO_Desc *layer, void *until)
{
    apr_time_t *kept = ber_memalloc(sizeof *kept);

    if (!kept) {
        return -1;
    }
    *kept = *(const apr_time_t *)until;
    layer->sbiod_pvt = kept;
    return 0;
}

static int end_reading(Sockbuf_IO_Desc *layer)
{
    ber_memfree(layer->sbiod_pvt);
    return 0;
}

static int control_reading(Sockbuf_IO_Desc *layer, int option, void *argument)
{
    if (option != READ_UNTIL) {
        return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
    }
    *(apr_time_t *)layer->sbiod_pvt = *(const apr_time_t *)argument;
    return 1;
}

static ber_slen_t read_in_time(Sockbuf_IO_Desc *layer, void *data, ber_len_t size)
{
    struct pollfd socket = {-1, POLLIN, 0};
    apr_time_t left = *(const apr_time_t *)layer->sbiod_pvt - apr_time_now();

    ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &socket.fd);
    if (poll(&socket, 1, left > 0 ? (int)apr_time_as_msec(left) : 0) == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    return LBER_SBIOD_READ_NEXT(layer, data, size);
}

static ber_slen_t write_on(Sockbuf_IO_Desc *layer, void *data, ber_len_t size)
{
    return LBER_SBIOD_WRITE_NEXT(layer, data, size);
}

static Sockbuf_IO reading_in_time = {set_up_reading, end_reading, control_reading, read_in_time, write_on, NULL};

/* Before the first byte is read. */
static int connected(LDAP *ld, Sockbuf *socket, LDAPURLDesc *server, struct sockaddr *address, struct ldap_conncb *self)
{
    struct timeval *timeout = NULL;
    apr_time_t until = apr_time_now();

    (void)server, (void)address, (void)self;
    if (ldap_get_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout) == LDAP_OPT_SUCCESS && timeout) {
        until += apr_time_make(timeout->tv_sec, timeout->tv_usec);
        ldap_memfree(timeout);
    }
    return ber_sockbuf_add_io(socket, &reading_in_time, READ_LEVEL, &until);
}

static void disconnected(LDAP *ld, Sockbuf *socket, struct ldap_conncb *self)
{
    (void)ld, (void)socket, (void)self;
}

static struct ldap_conncb on_connect = {connected, disconnected, NULL};

/* --- options --- */

static int set_text(LDAP *ld, int option, const char *value)
{
    return value ? ldap_set_option(ld, option, value) : LDAP_OPT_SUCCESS;
}

/* A handle of its own settings needs a context of its own, which is made last. */
static int set_tls(LDAP *ld, const smv_ldap_config_t *config)
{
    const int demand = config->trusts_anybody ? LDAP_OPT_X_TLS_NEVER : LDAP_OPT_X_TLS_DEMAND, is_server = 0;

    if (ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) != LDAP_OPT_SUCCESS ||
        set_text(ld, LDAP_OPT_X_TLS_CACERTFILE, config->tls_ca) != LDAP_OPT_SUCCESS ||
        set_text(ld, LDAP_OPT_X_TLS_CERTFILE, config->tls_certificate) != LDAP_OPT_SUCCESS ||
        set_text(ld, LDAP_OPT_X_TLS_KEYFILE, config->tls_key) != LDAP_OPT_SUCCESS) {
        return LDAP_LOCAL_ERROR;
    }
    return ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &is_server) == LDAP_OPT_SUCCESS ? LDAP_SUCCESS : LDAP_LOCAL_ERROR;
}

static int set_options(LDAP *ld, apr_time_t left)
{
    const int version = LDAP_VERSION3;
    const struct timeval timeout = timeval_of(left);

    return ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
                   ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout) == LDAP_OPT_SUCCESS &&
                   ldap_set_option(ld, LDAP_OPT_CONNECT_CB, &on_connect) == LDAP_OPT_SUCCESS &&
                   ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS
               ? LDAP_SUCCESS
               : LDAP_LOCAL_ERROR;
}

/* --- waiting --- */

int smv_ldap_is_connected(LDAP *ld)
{
    int socket = -1;

    return ldap_get_option(ld, LDAP_OPT_DESC, &socket) == LDAP_OPT_SUCCESS && socket != -1;
}

void smv_ldap_read_until(LDAP *ld, apr_time_t until)
{
    Sockbuf *socket = NULL;

    if (smv_ldap_is_connected(ld) && ldap_get_option(ld, LDAP_OPT_SOCKBUF, &socket) == LDAP_OPT_SUCCESS && socket) {
        ber_sockbuf_ctrl(socket, READ_UNTIL, &until);
    }
}

int smv_ldap_await(LDAP *ld, int id, LDAPMessage **result, const smv_ldap_wait_t *wait)
{
    *result = NULL;
    smv_ldap_read_until(ld, wait->until);
    for (;;) {
        apr_time_t now = apr_time_now(), left = wait->until - now;
        struct timeval slice = timeval_of(left <= 0 ? 0 : left < LOOK ? left : LOOK);
        int got = ldap_result(ld, id, LDAP_MSG_ALL, &slice, result);

        if (got != 0) {
            return got > 0 ? LDAP_SUCCESS : LDAP_SERVER_DOWN;
        }
        if (left <= 0 || (wait->server && smv_live_is_away(wait->server, now))) {
            return LDAP_TIMEOUT;
        }
    }
}

int smv_ldap_finish(LDAP *ld, int id, smv_ldap_verdict_t *verdict, const smv_ldap_wait_t *wait)
{
    smv_ldap_verdict_t ignored;
    LDAPControl **controls = NULL;
    LDAPMessage *result;
    char *said = NULL;
    int answer, code = smv_ldap_await(ld, id, &result, wait);

    if (code != LDAP_SUCCESS) {
        return code;
    }
    if (ldap_parse_result(ld, result, &answer, NULL, &said, NULL, &controls, 1) != LDAP_SUCCESS) {
        return LDAP_DECODING_ERROR;
    }
    smv_ldap_read_verdict(ld, controls, said, verdict ? verdict : &ignored);
    ldap_controls_free(controls);
    ldap_memfree(said);
    return answer;
}

/* --- searching --- */

#define PAGE_SIZE 500

int smv_ldap_send(LDAP *ld, const smv_ldap_query_t *query, int *id)
{
    LDAPControl *controls[] = {NULL, NULL};
    int code = LDAP_SUCCESS;

    if (!smv_ldap_is_connected(ld)) {
        return LDAP_SERVER_DOWN;
    }
    if (query->page) {
        code = ldap_create_page_control(ld, PAGE_SIZE, query->page->bv_val ? query->page : NULL, 0, controls);
    }
    if (code == LDAP_SUCCESS) {
        code = ldap_search_ext(ld, query->base, query->scope, query->filter, (char **)query->attributes, 0, controls,
                               NULL, NULL, query->limit, id);
    }
    ldap_control_free(controls[0]);
    return code;
}

static LDAPMessage *last_of(LDAP *ld, LDAPMessage *result)
{
    LDAPMessage *last = ldap_first_message(ld, result);

    while (last && ldap_msgtype(last) != LDAP_RES_SEARCH_RESULT) {
        last = ldap_next_message(ld, last);
    }
    return last;
}

int smv_ldap_receive(LDAP *ld, int id, LDAPMessage **result, const smv_ldap_wait_t *wait)
{
    LDAPMessage *last;
    int answer = LDAP_DECODING_ERROR, code = smv_ldap_await(ld, id, result, wait);

    if (code != LDAP_SUCCESS) {
        return code;
    }
    last = last_of(ld, *result);
    code = last ? ldap_parse_result(ld, last, &answer, NULL, NULL, NULL, NULL, 0) : LDAP_DECODING_ERROR;
    return code == LDAP_SUCCESS ? answer : code;
}

int smv_ldap_next_page(LDAP *ld, LDAPMessage *result, struct berval *page)
{
    LDAPMessage *last = last_of(ld, result);
    LDAPControl **controls = NULL, *control = NULL;
    ber_int_t estimate;

    ber_memfree(page->bv_val);
    *page = (struct berval){0, NULL};
    if (last && ldap_parse_result(ld, last, NULL, NULL, NULL, NULL, &controls, 0) == LDAP_SUCCESS && controls &&
        (control = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL))) {
        ldap_parse_pageresponse_control(ld, control, &estimate, page);
    }
    ldap_controls_free(controls);
    if (page->bv_len == 0) {
        ber_memfree(page->bv_val);
        page->bv_val = NULL;
    }
    return page->bv_val != NULL;
}

int smv_ldap_ask(LDAP *ld, LDAPMessage **result, const smv_ldap_query_t *query, const smv_ldap_wait_t *wait)
{
    int id, code = smv_ldap_send(ld, query, &id);

    *result = NULL;
    return code == LDAP_SUCCESS ? smv_ldap_receive(ld, id, result, wait) : code;
}

/* --- connecting --- */

static int start_tls(LDAP *ld, const smv_ldap_wait_t *wait)
{
    int id, code = ldap_start_tls(ld, NULL, NULL, &id);

    if (code == LDAP_SUCCESS) {
        code = smv_ldap_finish(ld, id, NULL, wait);
    }
    return code == LDAP_SUCCESS ? ldap_install_tls(ld) : code;
}

/* A handshake that fails is told as a server that is down, but with a word about it. */
static int cause_of(LDAP *ld, int code, const smv_ldap_wait_t *wait)
{
    char *said = NULL;

    if (code == LDAP_SERVER_DOWN && apr_time_now() >= wait->until) {
        return LDAP_TIMEOUT;
    }
    if (code == LDAP_SERVER_DOWN && ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said) == LDAP_OPT_SUCCESS &&
        said && *said) {
        code = LDAP_CONNECT_ERROR;
    }
    ldap_memfree(said);
    return code;
}

static int begin_tls(LDAP *ld, const char *uri, const smv_ldap_wait_t *wait)
{
    return strncmp(uri, "ldap:", 5) == 0 ? start_tls(ld, wait) : LDAP_SUCCESS;
}

int smv_ldap_connect(LDAP **ld, const smv_ldap_config_t *config, const char *uri, const smv_ldap_wait_t *wait)
{
    int has_tls = strncmp(uri, "ldapi:", 6) != 0 && (config->starts_tls || strncmp(uri, "ldaps:", 6) == 0), code;
    const apr_time_t now = apr_time_now(), end = now + config->connect_timeout;
    const smv_ldap_wait_t connecting = {end < wait->until ? end : wait->until, wait->server};

    *ld = NULL;
    if (connecting.until <= now) {
        return LDAP_TIMEOUT;
    }
    if ((code = smv_ldap_name_find(uri, connecting.until)) != LDAP_SUCCESS) {
        return code;
    }
    if ((code = ldap_initialize(ld, uri)) != LDAP_SUCCESS) {
        *ld = NULL;
        return code;
    }
    code = set_options(*ld, connecting.until - now);
    if (code == LDAP_SUCCESS && has_tls) {
        code = set_tls(*ld, config);
    }
    if (code == LDAP_SUCCESS) {
        code = ldap_connect(*ld);
    }
    if (code == LDAP_SUCCESS && has_tls) {
        code = begin_tls(*ld, uri, &connecting);
    }
    return has_tls ? cause_of(*ld, code, &connecting) : code;
}

/* --- binding --- */

int smv_ldap_bind(LDAP *ld, const char *dn, const char *password, smv_ldap_verdict_t *verdict,
                  const smv_ldap_wait_t *wait)
{
    struct berval credentials = {password ? strlen(password) : 0, (char *)(password ? password : "")};
    LDAPControl policy = {LDAP_CONTROL_PASSWORDPOLICYREQUEST, {0, NULL}, 0}, *controls[] = {&policy, NULL};
    int id, code = ldap_sasl_bind(ld, dn, LDAP_SASL_SIMPLE, &credentials, verdict ? controls : NULL, NULL, &id);

    return code == LDAP_SUCCESS ? smv_ldap_finish(ld, id, verdict, wait) : code;
}

int smv_ldap_bind_service(LDAP *ld, const smv_ldap_config_t *config, const smv_ldap_wait_t *wait)
{
    struct berval nothing = {0, (char *)""};
    int id, code;

    if (!config->is_external) {
        return smv_ldap_bind(ld, config->bind_dn, config->bind_password, NULL, wait);
    }
    code = ldap_sasl_bind(ld, NULL, "EXTERNAL", &nothing, NULL, NULL, &id);
    return code == LDAP_SUCCESS ? smv_ldap_finish(ld, id, NULL, wait) : code;
}
