/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_link.h"

#include <string.h>

int smv_is_link(const char *text)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};
    int is_known = text[0] == '/' && text[1] != '/';

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t size = strlen(schemes[i]);

        is_known |= strncmp(text, schemes[i], size) == 0 && text[size] != '\0' && text[size] != '/';
    }
    for (const char *c = text; *c; c++) {
        is_known &= *c > ' ' && *c < 0x7f && !strchr("\"'<>\\^`{|}", *c);
    }
    return is_known;
}

static const char *check_link(char *text, const char *today)
{
    (void)today;
    return smv_is_link(text) ? NULL
                             : "Eine Adresse beginnt mit https://, http://, mailto:, tel: oder / und hat weder "
                               "Leerzeichen noch Umlaute.";
}

const smv_rule_t smv_rule_link = {"uri-reference", "text", "off", check_link};
