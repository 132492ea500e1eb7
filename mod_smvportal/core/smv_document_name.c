/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_document_name.h"

#include "smv_rules.h"

#include <string.h>

const char *smv_document_name_fault(const char *name)
{
    apr_size_t size = strlen(name);

    if (!smv_is_utf8(name, size)) {
        return "Der Dateiname ist kein gültiges UTF-8.";
    }
    if (name[strspn(name, " ")] == '\0') {
        return "Der Dateiname ist leer.";
    }
    if (strpbrk(name, "/\\") || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return "Der Dateiname darf keinen Ordner enthalten.";
    }
    if (smv_has_control(name, size) || strpbrk(name, "\t\r\n")) {
        return "Der Dateiname hat Steuerzeichen.";
    }
    return smv_utf8_length(name, size) > SMV_DOCUMENT_NAME_LENGTH ? "Der Dateiname ist zu lang." : NULL;
}
