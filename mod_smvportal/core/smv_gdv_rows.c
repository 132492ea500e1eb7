/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_gdv_rows.h"

#include "smv_rules.h"

#include <apr_strings.h>
#include <string.h>

#define WHOLE 10 /* characters of a date of which day, month and year are known */

typedef struct code_t {
    const char *code, *meaning;
} code_t;

static const char *meaning_of(const code_t *codes, const char *code)
{
    while (code && codes->code && strcmp(codes->code, code) != 0) {
        codes++;
    }
    return code ? codes->meaning : NULL;
}

/* --- what records say --- */

typedef struct records_t {
    const apr_array_header_t *all;
    const char *line; /* of business, where a policy has several; NULL: whichever */
    apr_pool_t *pool;
} records_t;

static const char *field_of(const smv_gdv_values_t *record, const char *field)
{
    for (int i = 0; i < record->count; i++) {
        if (strcmp(record->fields[i].column, field) == 0) {
            return record->fields[i].value;
        }
    }
    return NULL;
}

/* Who holds a contract does so in all of its lines. */
static int is_of_line(const records_t *records, const smv_gdv_values_t *record)
{
    const char *line = records->line ? field_of(record, "line") : NULL;

    return !line || strcmp(record->type, "0100") == 0 || strcmp(line, records->line) == 0;
}

/* @return the first value of a field; NULL where no record of that type has it */
static const char *value_of(const records_t *records, const char *type, const char *field)
{
    const char *value = NULL;

    for (int i = 0; i < records->all->nelts && !value; i++) {
        const smv_gdv_values_t *record = &APR_ARRAY_IDX(records->all, i, smv_gdv_values_t);

        value = strcmp(record->type, type) == 0 && is_of_line(records, record) ? field_of(record, field) : NULL;
    }
    return value;
}

static const char *address(const records_t *records, const char *field)
{
    return value_of(records, "0100", field);
}

/* @return of a field that a record has several times */
static const char *numbered(const records_t *records, const char *field, const char *nth)
{
    return value_of(records, "0100", apr_pstrcat(records->pool, field, nth, NULL));
}

static const char *joined(const records_t *records, const char *one, const char *other)
{
    return !one ? other : !other ? one : apr_pstrcat(records->pool, one, " ", other, NULL);
}

/* --- the holder --- */

static int is_company(const records_t *records)
{
    const char *salutation = address(records, "salutation");

    return salutation && (*salutation == '3' || *salutation == '6'); /* Firma, Vereinigung */
}

static void add_name(smv_import_item_t *customer, const records_t *records)
{
    static const code_t salutations[] = {{"1", "mr"},        {"2", "ms"},      {"3", "company"},
                                         {"4", "mr_and_ms"}, {"6", "company"}, {NULL, NULL}};
    const char *name = joined(records, address(records, "name_1"), address(records, "name_2"));
    const char *first_name = address(records, "name_3"), *birthday = address(records, "birth_date");

    smv_import_add(customer, "kind", is_company(records) ? "company" : "person");
    smv_import_add(customer, "salutation", meaning_of(salutations, address(records, "salutation")));
    smv_import_add(customer, "name", is_company(records) ? joined(records, name, first_name) : name);
    if (!is_company(records)) {
        smv_import_add(customer, "first_name", joined(records, address(records, "academic_title"), first_name));
        smv_import_add(customer, "birth_date", birthday && strlen(birthday) == WHOLE ? birthday : NULL);
    }
}

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

/* Insurers give one number to several people, too: the fallback has whoever it is, as well. */
static void name_customer(smv_import_group_t *group, smv_import_item_t *customer, const smv_gdv_contract_t *contract,
                          const records_t *records)
{
    const char *number = value_of(records, "0100", "customer_number");

    if (number) {
        customer->source = apr_pstrcat(records->pool, "gdv ", contract->insurer_number, " customer ", number, NULL);
        group->fallback =
            apr_pstrcat(records->pool, customer->source, ", ", or_nothing(smv_import_value(customer, "name")), " ",
                        or_nothing(smv_import_value(customer, "first_name")), " ",
                        or_nothing(smv_import_value(customer, "birth_date")), NULL);
    } else {
        customer->source = group->fallback = apr_pstrcat(records->pool, group->policy, " holder", NULL);
    }
}

static void add_customer(smv_import_group_t *group, const smv_gdv_contract_t *contract, const records_t *records)
{
    smv_import_item_t *customer = apr_array_push(group->customers);

    *customer = (smv_import_item_t){.resource = SMV_IMPORT_CUSTOMER};
    add_name(customer, records);
    smv_import_add(customer, "street", address(records, "street"));
    smv_import_add(customer, "postal_code", address(records, "postcode"));
    smv_import_add(customer, "city", address(records, "city"));
    name_customer(group, customer, contract, records);
}

/* --- how the holder is reached --- */

/* "(a)" stands for "@" where an insurer's own character set has none. */
static const char *mail_of(const char *value, apr_pool_t *pool)
{
    const char *place = strchr(value, '@') ? NULL : strstr(value, "(a)");

    return place ? apr_pstrcat(pool, apr_pstrmemdup(pool, value, (apr_size_t)(place - value)), "@", place + 3, NULL)
                 : value;
}

static const char *kind_of(const char *code)
{
    switch (*code) {
    case '1':
    case '2':
        return "phone";
    case '3':
        return "mobile";
    case '4':
        return "fax";
    case '5':
        return "email";
    default:
        return NULL; /* what the portal has no place for, as the address of a page */
    }
}

static void add_communication(smv_import_group_t *group, const char *code, const char *value, apr_pool_t *pool)
{
    const char *kind = code && value ? kind_of(code) : NULL, *source;
    smv_import_item_t *item;
    int nth = 1;

    if (!kind) {
        return;
    }
    source = apr_pstrcat(pool, group->policy, " communication ", code, " ", NULL);
    for (int i = 0; i < group->others->nelts; i++) {
        nth += strncmp(APR_ARRAY_IDX(group->others, i, smv_import_item_t).source, source, strlen(source)) == 0;
    }
    item = apr_array_push(group->others);
    *item = (smv_import_item_t){.resource = SMV_IMPORT_COMMUNICATION, .same = "value"};
    item->source = apr_pstrcat(pool, source, apr_itoa(pool, nth), NULL);
    smv_import_add(item, "kind", kind);
    smv_import_add(item, "value", strcmp(kind, "email") == 0 ? mail_of(value, pool) : value);
    smv_import_add(item, "usage", strcmp(code, "10") == 0 ? "private" : strcmp(code, "20") == 0 ? "business" : NULL);
}

static void add_communications(smv_import_group_t *group, const records_t *records)
{
    for (int n = 1; n <= 7; n++) {
        const char *nth = apr_itoa(records->pool, n);

        add_communication(group, numbered(records, "contact_type_", nth), numbered(records, "contact_", nth),
                          records->pool);
    }
}

/* --- the bank --- */

/* @return as the rule has it; NULL where it takes it for none */
static const char *ruled(const smv_rule_t *rule, const char *value, apr_pool_t *pool)
{
    char *text = value ? apr_pstrdup(pool, value) : NULL;

    return text && !rule->check(text, NULL) ? text : NULL;
}

/* @param nth "1" or "2" */
static void add_bank_account(smv_import_group_t *group, const records_t *records, const char *nth)
{
    const smv_import_item_t *customer = &APR_ARRAY_IDX(group->customers, 0, smv_import_item_t);
    const char *name = smv_import_value(customer, "name");
    const char *iban = ruled(&smv_rule_iban, numbered(records, "iban_", nth), records->pool);
    const char *holder = numbered(records, "account_holder_", nth);
    const char *mandated = value_of(records, "0100", "sepa_mandate_date");
    smv_import_item_t *item;

    if (!iban || !name) {
        return;
    }
    item = apr_array_push(group->others);
    *item = (smv_import_item_t){.resource = SMV_IMPORT_BANK_ACCOUNT, .same = "iban"};
    item->source = apr_pstrcat(records->pool, group->policy, " bank account ", nth, NULL);
    smv_import_add(item, "holder", holder ? holder : joined(records, smv_import_value(customer, "first_name"), name));
    smv_import_add(item, "iban", iban);
    smv_import_add(item, "bic", ruled(&smv_rule_bic, numbered(records, "bic_", nth), records->pool));
    smv_import_add(item, "bank", numbered(records, "bank_name_", nth));
    if (*nth == '1') {
        smv_import_add(item, "mandate_reference", value_of(records, "0100", "sepa_mandate"));
        smv_import_add(item, "mandate_date", mandated && strlen(mandated) == WHOLE ? mandated : NULL);
    }
}

/* --- the contract --- */

static const char *branch_of(const char *code)
{
    static const code_t branches[] = {{"000", "Bündelversicherung"},
                                      {"010", "Lebensversicherung"},
                                      {"020", "Krankenversicherung"},
                                      {"030", "Unfallversicherung"},
                                      {"040", "Haftpflichtversicherung"},
                                      {"050", "Kfz-Versicherung"},
                                      {"051", "Kfz-Haftpflichtversicherung"},
                                      {"052", "Kfz-Vollkaskoversicherung"},
                                      {"053", "Kfz-Teilkaskoversicherung"},
                                      {"070", "Rechtsschutzversicherung"},
                                      {"080", "Feuerversicherung"},
                                      {"110", "Glasversicherung"},
                                      {"130", "Hausratversicherung"},
                                      {"140", "Wohngebäudeversicherung"},
                                      {"170", "Technische Versicherung"},
                                      {"190", "Transportversicherung"},
                                      {"241", "Schutzbrief"},
                                      {"510", "Verkehrsserviceversicherung"},
                                      {"550", "Investment"},
                                      {"580", "Bausparen"},
                                      {"684", "Tierkrankenversicherung"},
                                      {NULL, NULL}};

    return meaning_of(branches, code);
}

static const char *product_of(const records_t *records)
{
    static const code_t places[] = {
        {"0200", "product_name"}, {"0210", "product_name"}, {"0210", "tariff_name"}, {NULL, NULL}};
    const char *product = NULL;

    for (const code_t *place = places; place->code && !product; place++) {
        product = value_of(records, place->code, place->meaning);
    }
    return product;
}

static const char *tariff_of(const records_t *records)
{
    const char *product = product_of(records), *code = value_of(records, "0200", "line"), *branch = branch_of(code);
    const char *car = joined(records, value_of(records, "0210", "make"), value_of(records, "0210", "model"));

    if (!product) {
        product = branch || !code ? branch : apr_pstrcat(records->pool, "Sparte ", code, NULL);
    }
    return car && product ? joined(records, product, car) : product;
}

/* What the portal's own states do not say is in the note. */
static void add_status(smv_import_item_t *contract, const records_t *records)
{
    static const code_t notes[] = {{"2", "kurzfristig"},
                                   {"3", "Anwartschaft"},
                                   {"5", "beitragsfrei ruhend"},
                                   {"6", "beitragsfrei"},
                                   {"7", "beitragsfrei durch Leistung"},
                                   {"8", "aufgeschoben"},
                                   {"A", "in Auszahlung"},
                                   {"B", "in Entnahme"},
                                   {NULL, NULL}};
    const char *status = value_of(records, "0200", "status"), *ended = value_of(records, "0200", "exit_date");
    const char *plate = value_of(records, "0210", "number_plate"), *note = meaning_of(notes, status);

    smv_import_add(contract, "status", (status && *status == '4') || ended ? "cancelled" : "active");
    smv_import_add_or_end(contract, "note",
                          plate && note ? apr_pstrcat(records->pool, plate, ", ", note, NULL)
                          : plate       ? plate
                                        : note);
}

/* Of whole units in most lines of business. */
static const char *sum_of(const records_t *records)
{
    const char *cents = value_of(records, "0210", "sum_insured"),
               *whole = value_of(records, "0210", "whole_sum_insured");
    const char *sum = cents || !whole ? cents : apr_pstrcat(records->pool, whole, "00", NULL);

    return sum && strspn(sum, "0") != strlen(sum) ? sum : NULL;
}

/* Insurers know that it is July, where nobody knows the day; the portal has whole dates. */
static const char *date_of(const records_t *records, const char *field)
{
    const char *date = value_of(records, "0200", field);

    return date && strlen(date) == WHOLE ? date : NULL;
}

static int is_currency(const char *code)
{
    return code && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && strlen(code) == 3;
}

static void add_contract(smv_import_group_t *group, const smv_gdv_contract_t *said, const char *line,
                         const records_t *records)
{
    static const code_t modes[] = {{"1", "yearly"},  {"2", "half_yearly"}, {"4", "quarterly"},
                                   {"8", "monthly"}, {"6", "single"},      {NULL, NULL}};
    const char *number = value_of(records, "0200", "printed_policy_number"),
               *currency = value_of(records, "0200", "currency");
    const char *gross = value_of(records, "0200", "gross_premium"), *net = value_of(records, "0200", "net_premium");
    const char *premium = gross && strcmp(gross, "0") != 0 ? gross : net;
    smv_import_item_t *item = apr_array_push(group->others);

    *item = (smv_import_item_t){.resource = SMV_IMPORT_CONTRACT, .first = said->insurer ? NULL : "insurer"};
    item->source = apr_pstrcat(records->pool, group->policy, " line ", line, NULL);
    smv_import_add(item, "number", number ? number : said->policy_number);
    smv_import_add(item, "insurer",
                   said->insurer ? said->insurer : apr_pstrcat(records->pool, "VU ", said->insurer_number, NULL));
    smv_import_add(item, "tariff", tariff_of(records));
    smv_import_add(item, "start_date", date_of(records, "start_date"));
    smv_import_add_or_end(item, "end_date", date_of(records, "end_date"));
    smv_import_add_or_end(item, "premium", premium && strcmp(premium, "0") != 0 ? premium : NULL);
    smv_import_add(item, "sum_insured", sum_of(records));
    smv_import_add(item, "sum_insured_currency", sum_of(records) && is_currency(currency) ? currency : NULL);
    smv_import_add(item, "premium_currency", is_currency(currency) ? currency : NULL);
    smv_import_add_or_end(item, "payment_mode", meaning_of(modes, value_of(records, "0200", "payment_interval")));
    add_status(item, records);
}

/* --- all of it --- */

static int is_part(const smv_gdv_values_t *record, const char *type, const char *part)
{
    return strcmp(record->type, type) == 0 && strcmp(record->part, part) == 0;
}

/* Of addresses the holder's alone (Adresskennzeichen 01): a contract may have those of others, too. The first part of
 * each has its kind. */
static const apr_array_header_t *of_holder(const apr_array_header_t *records, apr_pool_t *pool)
{
    apr_array_header_t *kept = apr_array_make(pool, records->nelts, sizeof(smv_gdv_values_t));
    int is_holder = 0;

    for (int i = 0; i < records->nelts; i++) {
        const smv_gdv_values_t *record = &APR_ARRAY_IDX(records, i, smv_gdv_values_t);

        if (is_part(record, "0100", "1")) {
            const char *kind = field_of(record, "address_kind");

            is_holder = !kind || strcmp(kind, "01") == 0;
        }
        if (strcmp(record->type, "0100") != 0 || is_holder) {
            APR_ARRAY_PUSH(kept, smv_gdv_values_t) = *record;
        }
    }
    return kept;
}

/* @return the lines of business that a policy has a contract in, "" for one that is not said; NULL where one has two */
static const apr_array_header_t *lines_of(const records_t *records)
{
    apr_array_header_t *lines = apr_array_make(records->pool, 2, sizeof(const char *));

    for (int i = 0; i < records->all->nelts; i++) {
        const smv_gdv_values_t *record = &APR_ARRAY_IDX(records->all, i, smv_gdv_values_t);
        const char *line = is_part(record, "0200", "1") ? or_nothing(field_of(record, "line")) : NULL;

        for (int j = 0; j < lines->nelts && line; j++) {
            if (strcmp(APR_ARRAY_IDX(lines, j, const char *), line) == 0) {
                return NULL;
            }
        }
        if (line) {
            APR_ARRAY_PUSH(lines, const char *) = line;
        }
    }
    return lines;
}

static void add_contracts(smv_import_group_t *group, const smv_gdv_contract_t *contract, records_t *records)
{
    const apr_array_header_t *lines = lines_of(records);

    if (!lines) {
        group->fault = "it is there several times in one line of business";
        return;
    }
    for (int i = 0; i < lines->nelts; i++) {
        const char *line = APR_ARRAY_IDX(lines, i, const char *);

        records->line = lines->nelts > 1 ? line : NULL;
        add_contract(group, contract, line, records);
    }
}

void smv_gdv_rows(smv_import_group_t *group, const smv_gdv_contract_t *contract, const apr_array_header_t *records,
                  apr_pool_t *pool)
{
    records_t said = {of_holder(records, pool), NULL, pool};

    *group = (smv_import_group_t){.customers = apr_array_make(pool, 1, sizeof(smv_import_item_t)),
                                  .others = apr_array_make(pool, 4, sizeof(smv_import_item_t))};
    group->policy = apr_pstrcat(pool, "gdv ", contract->insurer_number, " contract ", contract->policy_number, NULL);
    group->number = value_of(&said, "0100", "agent_customer_number");
    if (!address(&said, "name_1")) {
        group->fault = "nobody is said to hold it";
        return;
    }
    add_customer(group, contract, &said);
    add_communications(group, &said);
    add_bank_account(group, &said, "1");
    add_bank_account(group, &said, "2");
    add_contracts(group, contract, &said);
}
