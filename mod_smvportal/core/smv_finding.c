/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_finding.h"

#include <apr_strings.h>
#include <stdarg.h>

const smv_finding_kind_t smv_finding_kinds[SMV_FINDING_COUNT] = {
#define KIND(NAME, code, severity, remedy) {code, SMV_SEVERITY_##severity, remedy},
    SMV_FINDINGS(KIND)
#undef KIND
};

const char *const smv_severities[] = {"error", "warning", "note"};

void smv_findings_init(smv_findings_t *findings, apr_pool_t *pool)
{
    findings->all = apr_array_make(pool, 16, sizeof(smv_finding_t));
    findings->pool = pool;
}

void smv_found(smv_findings_t *findings, smv_finding_e kind, const char *text, ...)
{
    smv_finding_t *finding = apr_array_push(findings->all);
    va_list arguments;
    char *made;

    va_start(arguments, text);
    made = apr_pvsprintf(findings->pool, text, arguments);
    va_end(arguments);
    for (char *c = made; *c; c++) { /* servers' words may have several lines */
        if ((unsigned char)*c < ' ') {
            *c = ' ';
        }
    }
    *finding = (smv_finding_t){&smv_finding_kinds[kind], made};
}

int smv_findings_wrong(const smv_findings_t *findings)
{
    int wrong = 0;

    for (int i = 0; i < findings->all->nelts; i++) {
        wrong += APR_ARRAY_IDX(findings->all, i, smv_finding_t).kind->severity != SMV_SEVERITY_NOTE;
    }
    return wrong;
}
