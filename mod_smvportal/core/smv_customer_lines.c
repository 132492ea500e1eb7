/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_customer_lines.h"

#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_lib.h>
#include <apr_strings.h>

#define MAX_URL 4096 /* bytes */

const char *smv_full_name(const smv_record_t *customer, apr_pool_t *pool)
{
    const smv_value_t *first_name = &customer->values[SMV_CUSTOMER_FIRST_NAME];
    const smv_value_t *name = &customer->values[SMV_CUSTOMER_NAME];

    return first_name->is_present ? apr_pstrcat(pool, first_name->as.text, " ", name->as.text, NULL) : name->as.text;
}

const char *smv_customer_href(const smv_call_t *call, apr_int64_t number)
{
    return apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT, call->base, number);
}

/* --- what is tapped --- */

/* "+49 (0)30 1234-56" is dialled +49301234 56: the zero in brackets is for callers from within. */
const char *smv_tel_href(const char *phone, apr_pool_t *pool)
{
    char *href = apr_pstrcat(pool, "tel:", phone, NULL), *end = href + 4;

    phone += strspn(phone, " ");
    for (const char *at = phone; *at; at++) {
        if (*phone == '+' && strncmp(at, "(0)", 3) == 0) {
            at += 2;
        } else if (apr_isdigit(*at) || (*at == '+' && at == phone)) {
            *end++ = *at;
        }
    }
    *end = '\0';
    return end - href > 6 ? href : NULL;
}

const char *smv_url_with(const char *start, const char *text, apr_pool_t *pool)
{
    smv_buffer_t url;

    smv_buffer_init(&url, 128, MAX_URL, pool);
    smv_buffer_puts(&url, start);
    for (; *text; text++) {
        if ((unsigned char)*text < 0x80 && (apr_isalnum(*text) || strchr("-._~@", *text))) {
            smv_buffer_write(&url, text, 1);
        } else {
            smv_buffer_puts(&url, apr_psprintf(pool, "%%%02X", (unsigned char)*text));
        }
    }
    smv_buffer_write(&url, "", 1);
    return url.is_failed ? NULL : url.data;
}

const char *smv_mailto_href(const char *address, apr_pool_t *pool)
{
    const char *at = strchr(address, '@');

    return at && at > address && at[1] && !strchr(at + 1, '@') ? smv_url_with("mailto:", address, pool) : NULL;
}

const char *smv_map_href(const smv_call_t *call, const smv_record_t *customer)
{
    const smv_value_t *street = &customer->values[SMV_CUSTOMER_STREET];
    const smv_value_t *postal_code = &customer->values[SMV_CUSTOMER_POSTAL_CODE];
    const smv_value_t *city = &customer->values[SMV_CUSTOMER_CITY];
    const char *place = apr_pstrcat(call->pool, postal_code->is_present ? postal_code->as.text : "",
                                    postal_code->is_present && city->is_present ? " " : "",
                                    city->is_present ? city->as.text : "", NULL);

    if (!call->limits->map_url || !*place) {
        return NULL; /* a street alone is everywhere */
    }
    return smv_url_with(call->limits->map_url,
                        street->is_present ? apr_pstrcat(call->pool, street->as.text, ", ", place, NULL) : place,
                        call->pool);
}

/* --- lists --- */

static const smv_record_t *line_of(const smv_list_t *lines, apr_int64_t customer)
{
    for (int i = 0; i < lines->count; i++) {
        if (lines->records[i].values[SMV_CUSTOMER_LINE_NUMBER].number == customer) {
            return &lines->records[i];
        }
    }
    return NULL;
}

const smv_error_t *smv_customers_named(const smv_call_t *call, const smv_list_t **customers, const smv_list_t *rows,
                                       int field)
{
    apr_int64_t *at = apr_palloc(call->pool, sizeof *at * (size_t)(rows->count + 1));
    smv_numbers_t numbers = {at, rows->count};
    const smv_permit_t *permit;
    smv_list_t *found;
    const smv_error_t *error;

    *customers = smv_list_make(&smv_shape_customer, 0, call->pool);
    if (rows->count == 0 || smv_policy_range(&permit, call->principal, SMV_RIGHT_CUSTOMER_VIEW, 0, call->pool)) {
        return NULL;
    }
    for (int i = 0; i < rows->count; i++) {
        at[i] = rows->records[i].values[field].number;
    }
    error = call->store->customers_of(call->store, &found, permit, &numbers, call->pool);
    *customers = error ? *customers : found;
    return error;
}

const char *smv_name_among(const smv_list_t *customers, apr_int64_t number, apr_pool_t *pool)
{
    for (int i = 0; i < customers->count; i++) {
        if (customers->records[i].values[SMV_CUSTOMER_NUMBER].number == number) {
            return smv_full_name(&customers->records[i], pool);
        }
    }
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, number);
}

static const smv_error_t *add_communications(const smv_call_t *call, const smv_list_t *lines)
{
    apr_int64_t *at = apr_palloc(call->pool, sizeof *at * (size_t)(lines->count + 1));
    smv_numbers_t numbers = {at, lines->count};
    const smv_permit_t *permit;
    smv_list_t *found;
    const smv_error_t *error;

    if (lines->count == 0 || smv_policy_range(&permit, call->principal, SMV_RIGHT_COMMUNICATION_VIEW, 0, call->pool)) {
        return NULL;
    }
    for (int i = 0; i < lines->count; i++) {
        at[i] = lines->records[i].values[SMV_CUSTOMER_LINE_NUMBER].number;
    }
    error = call->store->first_communications(call->store, &found, permit, &numbers, call->pool);
    for (int i = 0; !error && i < found->count; i++) {
        const smv_value_t *values = found->records[i].values;
        const smv_record_t *line = line_of(lines, values[SMV_COMMUNICATION_CUSTOMER].number);
        const char *value = values[SMV_COMMUNICATION_VALUE].as.text;

        if (line && strcmp(values[SMV_COMMUNICATION_KIND].as.text, "email") == 0) {
            smv_set(line, "mail_href", smv_text(smv_mailto_href(value, call->pool)));
        } else if (line) {
            smv_set(line, "tel_href", smv_text(smv_tel_href(value, call->pool)));
        }
    }
    return error;
}

const smv_error_t *smv_customer_lines(const smv_call_t *call, smv_list_t **lines, const smv_list_t *customers)
{
    *lines = smv_list_make(&smv_shape_customer_line, customers->count, call->pool);
    for (int i = 0; i < customers->count; i++) {
        const smv_record_t *customer = &customers->records[i], *line = &(*lines)->records[i];

        line->values[SMV_CUSTOMER_LINE_NUMBER] = customer->values[SMV_CUSTOMER_NUMBER];
        smv_set(line, "name", smv_text(smv_full_name(customer, call->pool)));
        smv_set(line, "href", smv_text(smv_customer_href(call, customer->values[SMV_CUSTOMER_NUMBER].number)));
        smv_set(line, "birth_date", customer->values[SMV_CUSTOMER_BIRTH_DATE]);
        smv_set(line, "postal_code", customer->values[SMV_CUSTOMER_POSTAL_CODE]);
        smv_set(line, "city", customer->values[SMV_CUSTOMER_CITY]);
        smv_set(line, "map_href", smv_text(smv_map_href(call, customer)));
    }
    return add_communications(call, *lines);
}
