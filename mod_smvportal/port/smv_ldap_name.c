/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_name.h"

#include <apr_strings.h>
#include <ldap.h>
#include <netdb.h>
#include <string.h>
#include <threads.h>

#include "../core/smv_live.h"

#define MAX_NAME 256
#define MAX_NAMES (SMV_LIVE_MAX_DIRECTORIES * SMV_LIVE_MAX_SERVERS)

/* What the C library writes into must stay, however long it takes: these are never given back. */
typedef struct name_t {
    char host[MAX_NAME];
    struct gaicb question;
    unsigned int asked; /* how often */
    int last;           /* answer to the question before this one */
} name_t;

static struct {
    once_flag once;
    mtx_t lock; /* guards what follows */
    name_t names[MAX_NAMES];
    int count;
} known = {.once = ONCE_FLAG_INIT};

static void make_lock(void)
{
    mtx_init(&known.lock, mtx_plain);
}

/* @return NULL where there are too many, of which no configuration has so many */
static name_t *name_of(const char *host)
{
    for (int i = 0; i < known.count; i++) {
        if (strcmp(known.names[i].host, host) == 0) {
            return &known.names[i];
        }
    }
    if (known.count == MAX_NAMES || strlen(host) >= MAX_NAME) {
        return NULL;
    }
    apr_cpystrn(known.names[known.count].host, host, MAX_NAME);
    return &known.names[known.count++];
}

/* @return how often it was asked, with this time; 0: it cannot be */
static unsigned int ask(name_t *name)
{
    struct gaicb *list[] = {&name->question};

    if (name->asked && gai_error(&name->question) == EAI_INPROGRESS) {
        return name->asked;
    }
    name->last = name->asked ? gai_error(&name->question) : 0;
    if (name->question.ar_result) {
        freeaddrinfo(name->question.ar_result);
    }
    name->question = (struct gaicb){.ar_name = name->host};
    return getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) == 0 ? ++name->asked : 0;
}

static int answer_of(const name_t *name, unsigned int asked)
{
    return name->asked == asked ? gai_error((struct gaicb *)&name->question) : name->last;
}

static int wait_for(name_t *name, unsigned int asked, apr_time_t until)
{
    const struct gaicb *list[] = {&name->question};

    for (apr_time_t left; (left = until - apr_time_now()) > 0;) {
        struct timespec time = {left / APR_USEC_PER_SEC, left % APR_USEC_PER_SEC * 1000};
        int answer;

        gai_suspend(list, 1, &time);
        mtx_lock(&known.lock);
        answer = answer_of(name, asked);
        mtx_unlock(&known.lock);
        if (answer != EAI_INPROGRESS) {
            return answer == 0 ? LDAP_SUCCESS : LDAP_SERVER_DOWN;
        }
    }
    return LDAP_TIMEOUT;
}

static int is_address(const char *host)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
    struct addrinfo *found = NULL;
    int is_one = getaddrinfo(host, NULL, &hints, &found) == 0;

    if (is_one) {
        freeaddrinfo(found);
    }
    return is_one;
}

static int find(const char *host, apr_time_t until)
{
    unsigned int asked = 0;
    name_t *name;

    call_once(&known.once, make_lock);
    mtx_lock(&known.lock);
    name = name_of(host);
    asked = name ? ask(name) : 0;
    mtx_unlock(&known.lock);
    return asked ? wait_for(name, asked, until) : LDAP_SUCCESS;
}

int smv_ldap_name_find(const char *uri, apr_time_t until)
{
    LDAPURLDesc *url = NULL;
    int code = LDAP_SUCCESS;

    if (ldap_url_parse(uri, &url) != LDAP_URL_SUCCESS) {
        return LDAP_SUCCESS; /* which libldap itself tells */
    }
    if (strcmp(url->lud_scheme, "ldapi") != 0 && url->lud_host && *url->lud_host && !is_address(url->lud_host)) {
        code = find(url->lud_host, until);
    }
    ldap_free_urldesc(url);
    return code;
}
