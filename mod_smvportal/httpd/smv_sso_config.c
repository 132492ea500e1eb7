/* SPDX-License-Identifier: Apache-2.0
 *
 * The directives of single sign-on, each in the <Location> where people are signed in.
 */
#include "smv_sso.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_log.h>
#include <stddef.h>

#include "smv_config.h"

APLOG_USE_MODULE(smvportal);

static const struct {
    const char *directive;
    size_t offset;
} expressions[] = {
#define EXPRESSION_ROW(directive, member, help) {directive, offsetof(smv_sso_t, member)},
    SMV_SSO_EXPRESSIONS(EXPRESSION_ROW)
#undef EXPRESSION_ROW
};
#define EXPRESSION_COUNT (sizeof expressions / sizeof *expressions)

static ap_expr_info_t **expression_at(smv_sso_t *sso, size_t i)
{
    return (ap_expr_info_t **)((char *)sso + expressions[i].offset);
}

static const struct {
    const char *directive;
    size_t offset;
} flags[] = {
#define FLAG_ROW(directive, member, help) {directive, offsetof(smv_sso_t, member)},
    SMV_SSO_FLAGS(FLAG_ROW)
#undef FLAG_ROW
};
#define FLAG_COUNT (sizeof flags / sizeof *flags)

static int *flag_at(smv_sso_t *sso, size_t i)
{
    return (int *)((char *)sso + flags[i].offset);
}

void *smv_sso_create(apr_pool_t *pool, char *path) /* NOLINT(readability-non-const-parameter): httpd's own type */
{
    smv_sso_t *sso = apr_pcalloc(pool, sizeof *sso);

    sso->path = path;
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        *flag_at(sso, i) = -1;
    }
    return sso;
}

void *smv_sso_merge(apr_pool_t *pool, void *base, void *add)
{
    smv_sso_t *merged = apr_pmemdup(pool, add, sizeof *merged), *from = base;
    int is_place = merged->name != NULL; /* of its own: whom another one vouches for it does not */

    for (size_t i = 0; i < EXPRESSION_COUNT; i++) {
        *expression_at(merged, i) = *expression_at(merged, i) ? *expression_at(merged, i) : *expression_at(from, i);
    }
    if (!merged->name) {
        merged->name = from->name;
        merged->label = from->label;
        merged->path = from->path;
        merged->certificate = from->certificate;
    }
    merged->provider = merged->provider ? merged->provider : from->provider;
    merged->domains = merged->domains || is_place ? merged->domains : from->domains;
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        int is_trust = flag_at(merged, i) == &merged->by_mail || flag_at(merged, i) == &merged->by_principal;

        if (*flag_at(merged, i) == -1 && !(is_place && is_trust)) {
            *flag_at(merged, i) = *flag_at(from, i);
        }
    }
    return merged;
}

/* --- reading --- */

/* Without mod_ssl there are no certificates. */
static ap_expr_info_t *certificate_of(cmd_parms *command)
{
    const char *fault = NULL;
    ap_expr_info_t *made = ap_expr_parse_cmd(command, "%{SSL_CLIENT_VERIFY}", AP_EXPR_FLAG_STRING_RESULT, &fault, NULL);

    return fault ? NULL : made;
}

const char *smv_sso_set(cmd_parms *command, void *config, const char *name, const char *label)
{
    smv_config_t *host = smv_config_of(command->server);
    smv_sso_t *sso = config;

    if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name)) {
        return "SmvPortalSso needs a name of letters a to z, digits and -, which is in the URL, and a label for people";
    }
    if (!sso->path || *sso->path != '/') {
        return "SmvPortalSso stands in the <Location> of BASE/sso/NAME";
    }
    if (!host->providers) {
        host->providers = apr_array_make(command->pool, 4, sizeof(const smv_sso_t *));
    }
    for (int i = 0; i < host->providers->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(host->providers, i, const smv_sso_t *)->name, name) == 0) {
            return apr_psprintf(command->pool, "SmvPortalSso %s is there already", name);
        }
    }
    sso->name = name;
    sso->label = label;
    sso->certificate = certificate_of(command);
    APR_ARRAY_PUSH(host->providers, smv_sso_t *) = sso;
    return NULL;
}

/* What a client sends it may forge: an identity comes from what modules of this httpd have established, and from
 * nothing else. @return 1 where that is so of each variable */
static int is_established(const char *value)
{
    static const char *const sources[] = {"REMOTE_USER}", "SSL_CLIENT_", "SSL_SERVER_", "AUTH_TYPE}",
                                          "reqenv:",      "env:",        "tolower:",    "toupper:"};

    for (const char *place = strstr(value, "%{"); place; place = strstr(place + 2, "%{")) {
        int is_known = 0;

        for (size_t i = 0; i < sizeof sources / sizeof *sources && !is_known; i++) {
            is_known = strncmp(place + 2, sources[i], strlen(sources[i])) == 0;
        }
        if (!is_known || strncasecmp(place, "%{reqenv:HTTP_", 14) == 0 || strncasecmp(place, "%{env:HTTP_", 11) == 0) {
            return 0;
        }
    }
    return 1;
}

const char *smv_sso_set_expression(cmd_parms *command, void *config, const char *value)
{
    const char *fault = NULL;

    if (!is_established(value)) {
        return apr_psprintf(
            command->pool,
            "%s \"%s\": an identity comes from %%{REMOTE_USER}, %%{reqenv:NAME} or %%{SSL_CLIENT_NAME}; "
            "what a client sends could be forged",
            command->cmd->name, value);
    }
    for (size_t i = 0; i < EXPRESSION_COUNT; i++) {
        if (strcasecmp(expressions[i].directive, command->cmd->name) == 0) {
            *expression_at(config, i) = ap_expr_parse_cmd(command, value, AP_EXPR_FLAG_STRING_RESULT, &fault, NULL);
        }
    }
    return fault ? apr_psprintf(command->pool, "%s \"%s\": %s", command->cmd->name, value, fault) : NULL;
}

const char *smv_sso_set_provider(cmd_parms *command, void *config, const char *issuer)
{
    (void)command;
    ((smv_sso_t *)config)->provider = issuer;
    return *issuer ? NULL : "SmvPortalSsoProvider must be what SmvPortalSsoIssuer gives for that provider";
}

/* The login page knows the section that has SmvPortalSso; another one of the same place may add to it. */
static smv_sso_t *listed(const cmd_parms *command, smv_sso_t *sso)
{
    const apr_array_header_t *providers = smv_config_of(command->server)->providers;

    for (int i = 0; providers && i < providers->nelts; i++) {
        smv_sso_t *provider = APR_ARRAY_IDX(providers, i, smv_sso_t *);

        if (sso->path && strcmp(provider->path, sso->path) == 0) {
            return provider;
        }
    }
    return sso;
}

static void add_domain(smv_sso_t *sso, const char *domain, apr_pool_t *pool)
{
    const char **longer;
    size_t count = 0;

    while (sso->domains && sso->domains[count]) {
        count++;
    }
    longer = apr_pcalloc(pool, sizeof *longer * (count + 2));
    if (count) {
        memcpy(longer, sso->domains, sizeof *longer * count);
    }
    longer[count] = domain;
    sso->domains = longer;
}

const char *smv_sso_add_domain(cmd_parms *command, void *config, const char *domain)
{
    smv_sso_t *sso = config, *provider = listed(command, sso);

    if (!*domain || strchr(domain, '@')) {
        return "SmvPortalSsoDomain must be what stands behind the @ of mail addresses";
    }
    add_domain(sso, domain, command->pool);
    if (provider != sso) {
        add_domain(provider, domain, command->pool);
    }
    return NULL;
}

const char *smv_sso_set_flag(cmd_parms *command, void *config, int value)
{
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (strcasecmp(flags[i].directive, command->cmd->name) == 0) {
            *flag_at(config, i) = value;
            *flag_at(listed(command, config), i) = value;
        }
    }
    return NULL;
}
