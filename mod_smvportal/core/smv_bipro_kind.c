/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_bipro_kind.h"

#include <stddef.h>
#include <string.h>

#define POLICY "policy"
#define INVOICE "invoice"
#define TERMS "terms"
#define LETTER "letter"

typedef struct kind_t {
    const char *code, *kind;
} kind_t;

/* Types that are not here say less than the category does. */
static const kind_t types[] = {
    {"Police", POLICY},
    {"Ersatzpolice", POLICY},
    {"Nachtrag", POLICY},
    {"Vertrag", POLICY},
    {"Zweitschrift", POLICY},
    {"Deckungsnote", POLICY},
    {"VorlaeufigeDeckung", POLICY},
    {"Sicherungsschein", POLICY},
    {"Versicherungsbestaetigung", POLICY},
    {"Rechnung", INVOICE},
    {"Forderungsschreiben", INVOICE},
    {"AVB", TERMS},
    {"BesondereBedingungen", TERMS},
    {"Klauseln", TERMS},
    {"VI", TERMS},
    {"PiB", TERMS},
    {"PiBVI", TERMS},
    {"Widerrufsbelehrung", TERMS},
    {"Datenschutzerklaerung", TERMS},
    {"Foto", "photo"},
    {"Anschreiben", LETTER},
    {"Ablehnungsschreiben", LETTER},
    {"Annahmebestaetigung", LETTER},
    {"Eingangsbestaetigung", LETTER},
    {"Erinnerung", LETTER},
    {"Zahlungsbestaetigung", LETTER},
    {"InternesDokumentFuerVermittler", SMV_BIPRO_FOR_BROKER},
};

/* The longest beginning of a category counts. */
static const kind_t categories[] = {
    {"1", LETTER},
    {"2", LETTER},
    {"100007", POLICY},               /* Policierung */
    {"120", POLICY},                  /* Vertragsänderungen */
    {"120002", LETTER},               /* … Eingangsbestätigung */
    {"120008", LETTER},               /* … Rückmeldung */
    {"120009", LETTER},               /* … erledigt */
    {"120011", LETTER},               /* … Anforderung von Unterlagen */
    {"140013", INVOICE},              /* Beitragsrechnung */
    {"170", SMV_BIPRO_FOR_BROKER},    /* Provision, Courtage */
    {"190", SMV_BIPRO_FOR_BROKER},    /* Bestandsübertragung */
    {"200", SMV_BIPRO_FOR_BROKER},    /* Abrechnung */
    {"130017", SMV_BIPRO_FOR_BROKER}, /* Vermittlerwechsel */
    {"130100", SMV_BIPRO_FOR_BROKER}, /* Einstellung der Datenlieferung */
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char *kind_of_type(const char *type)
{
    for (size_t i = 0; type && i < COUNT_OF(types); i++) {
        if (strcmp(types[i].code, type) == 0) {
            return types[i].kind;
        }
    }
    return NULL;
}

static const char *kind_of_category(const char *category)
{
    const char *kind = "other";
    size_t longest = 0;

    for (size_t i = 0; category && i < COUNT_OF(categories); i++) {
        size_t length = strlen(categories[i].code);

        if (length > longest && strncmp(category, categories[i].code, length) == 0) {
            longest = length;
            kind = categories[i].kind;
        }
    }
    return kind;
}

const char *smv_bipro_kind(const char *type, const char *category)
{
    const char *by_type = kind_of_type(type), *by_category = kind_of_category(category);

    return by_type && strcmp(by_category, SMV_BIPRO_FOR_BROKER) != 0 ? by_type : by_category;
}
