/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl check: everything that the portal needs, each finding with its remedy. Nothing is changed.
 */
#include "smv_ctl_check.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "../core/smv_buffer.h"
#include "../port/smv_ldap_inspect.h"
#include "smv_ctl_httpd.h"

#define MAX_TEXT 65536

/* --- directories --- */

static void check_settings(smv_findings_t *findings, const smv_ldap_config_t *config, const smv_ldap_settings_t *said,
                           const char *name)
{
    const smv_error_t *open = smv_ldap_check(config, 0, findings->pool);

    if (open) { /* what is allowed by SmvPortalLdapPlain alone */
        smv_found(findings, SMV_FINDING_LDAP_PLAIN,
                  "directory %s: SmvPortalLdapPlain is On, and passwords cross the "
                  "network in the clear to %s",
                  name, said->uri);
    }
    if (config->trusts_anybody) {
        smv_found(findings, SMV_FINDING_LDAP_UNVERIFIED, "directory %s: anybody may pass for %s", name, said->uri);
    }
}

static void check_directory(smv_findings_t *findings, const smv_ctl_portal_t *portal, int number)
{
    smv_ldap_config_t config = {.number = number};
    const smv_ldap_settings_t *said = &portal->said[number];
    const smv_error_t *error = smv_ldap_settings_apply(&config, said, findings->pool);

    if (error) {
        smv_found(findings, SMV_FINDING_LDAP_SETTINGS, "directory %s: %s", portal->names[number], error->detail);
        return;
    }
    check_settings(findings, &config, said, portal->names[number]);
    smv_ldap_inspect(findings, &config, portal->tenant);
}

/* --- virtual hosts --- */

/* The main server answers where no virtual host does: what it shares with others of TLS may never be asked of it. */
static void check_hosts(smv_findings_t *findings, const smv_ctl_portal_t *portal)
{
    for (int i = 0; i < portal->hosts->nelts; i++) {
        const smv_ctl_host_t *host = &APR_ARRAY_IDX(portal->hosts, i, smv_ctl_host_t);
        int is_main = strncmp(host->place, "-", 1) == 0 && portal->hosts->nelts > 1;

        if (!host->has_tls) {
            smv_found(findings, is_main ? SMV_FINDING_NO_TLS_MAIN : SMV_FINDING_NO_TLS,
                      "%s:%s (%s) serves the portal without TLS: passwords and sessions cross the network in the clear",
                      host->name, host->port, host->place);
        }
    }
}

/* What else keeps httpd from starting, such as a template: most of it is found above, with its own remedy. */
static void check_test(smv_findings_t *findings, const smv_ctl_t *ctl)
{
    const smv_error_t *error = smv_ctl_httpd_test(ctl->httpd, ctl->pool);

    if (error) {
        smv_found(findings, SMV_FINDING_CONFIGTEST, "%s", error->detail);
    }
}

/* --- the answer --- */

static void put(smv_buffer_t *out, const char *before, const char *text)
{
    smv_buffer_puts(out, before);
    smv_buffer_json(out, text, strlen(text));
}

static int print_json(const smv_findings_t *findings)
{
    smv_buffer_t out;

    smv_buffer_init(&out, 1024, (apr_size_t)MAX_TEXT * 16, findings->pool);
    smv_buffer_puts(&out, "{\"findings\":[");
    for (int i = 0; i < findings->all->nelts; i++) {
        const smv_finding_t *finding = &APR_ARRAY_IDX(findings->all, i, smv_finding_t);

        put(&out, i ? ",\n{\"severity\":" : "\n{\"severity\":", smv_severities[finding->kind->severity]);
        put(&out, ",\"code\":", finding->kind->code);
        put(&out, ",\"text\":", finding->text);
        put(&out, ",\"remedy\":", finding->kind->remedy);
        smv_buffer_puts(&out, "}");
    }
    smv_buffer_puts(&out, "]}\n");
    fwrite(out.data, 1, out.size, stdout);
    return out.is_failed;
}

static void print_text(const smv_findings_t *findings, int wrong)
{
    for (int i = 0; i < findings->all->nelts; i++) {
        const smv_finding_t *finding = &APR_ARRAY_IDX(findings->all, i, smv_finding_t);

        printf("%s: %s: %s; %s\n", smv_severities[finding->kind->severity], finding->kind->code, finding->text,
               finding->kind->remedy);
    }
    if (!wrong) {
        puts("nothing is wrong");
    }
}

int smv_ctl_check(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    smv_findings_t findings;
    const smv_error_t *error = smv_ctl_conf_read(&portal, ctl);
    int wrong;

    if (error) {
        return smv_ctl_fail(error);
    }
    smv_findings_init(&findings, ctl->pool);
    check_hosts(&findings, portal);
    smv_ctl_check_files(&findings, portal);
    for (int i = 0; i < portal->count; i++) {
        check_directory(&findings, portal, i);
    }
    wrong = smv_findings_wrong(&findings);
    if (!wrong) {
        check_test(&findings, ctl);
        wrong = smv_findings_wrong(&findings);
    }
    if (!ctl->json) {
        print_text(&findings, wrong);
    } else if (print_json(&findings)) {
        return EX_SOFTWARE;
    }
    return wrong ? EX_CONFIG : EX_OK;
}
