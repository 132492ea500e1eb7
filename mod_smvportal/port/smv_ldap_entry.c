/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_entry.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static int take_dn(smv_ldap_entry_t *entry)
{
    char *dn = entry->message ? ldap_get_dn(entry->ld, entry->message) : NULL;

    entry->dn = apr_pstrdup(entry->pool, dn ? dn : "");
    ldap_memfree(dn);
    return entry->message != NULL;
}

int smv_ldap_entry_first(smv_ldap_entry_t *entry, LDAP *ld, LDAPMessage *result, apr_pool_t *pool)
{
    *entry = (smv_ldap_entry_t){ld, result ? ldap_first_entry(ld, result) : NULL, NULL, pool};
    return take_dn(entry);
}

int smv_ldap_entry_next(smv_ldap_entry_t *entry)
{
    entry->message = ldap_next_entry(entry->ld, entry->message);
    return take_dn(entry);
}

static const smv_error_t *unreadable(const smv_ldap_entry_t *entry, const char *attribute, const char *wanted)
{
    return smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA, "%s: set %s to %s", entry->dn, attribute, wanted);
}

/* --- text --- */

const char *const *smv_ldap_texts(const smv_ldap_entry_t *entry, const char *attribute, int *count)
{
    struct berval **values = ldap_get_values_len(entry->ld, entry->message, attribute);
    int found = ldap_count_values_len(values);
    const char **texts = apr_pcalloc(entry->pool, sizeof *texts * (apr_size_t)(found + 1));

    for (int i = 0; i < found; i++) {
        texts[i] = apr_pstrmemdup(entry->pool, values[i]->bv_val, values[i]->bv_len);
    }
    ldap_value_free_len(values);
    if (count) {
        *count = found;
    }
    return texts;
}

const char *smv_ldap_text(const smv_ldap_entry_t *entry, const char *attribute)
{
    const char *const *texts = smv_ldap_texts(entry, attribute, NULL);

    return texts[0] ? texts[0] : "";
}

int smv_ldap_has_value(const smv_ldap_entry_t *entry, const char *attribute, const char *wanted)
{
    for (const char *const *text = smv_ldap_texts(entry, attribute, NULL); *text; text++) {
        if (strcasecmp(*text, wanted) == 0) {
            return 1;
        }
    }
    return 0;
}

/* --- identity --- */

smv_uuid_t smv_ldap_uuid_of(const unsigned char *bytes)
{
    smv_uuid_t uuid = {0, 0};

    for (int i = 0; i < 8; i++) {
        uuid.high = uuid.high << 8 | bytes[i];
        uuid.low = uuid.low << 8 | bytes[8 + i];
    }
    return uuid;
}

smv_uuid_t smv_ldap_uuid(const smv_ldap_entry_t *entry, const char *attribute)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16] = {0};
    int count = 0;

    for (const char *text = smv_ldap_text(entry, attribute); *text && count < 32; text++) {
        const char *digit = strchr(digits, apr_tolower(*text));

        if (digit) {
            bytes[count / 2] = (unsigned char)(bytes[count / 2] << 4 | (digit - digits));
            count++;
        }
    }
    return count == 32 ? smv_ldap_uuid_of(bytes) : (smv_uuid_t){0, 0};
}

/* The one that is no text. */
static smv_uuid_t guid_of(const smv_ldap_entry_t *entry)
{
    struct berval **values = ldap_get_values_len(entry->ld, entry->message, "objectGUID");
    smv_uuid_t uuid = {0, 0};

    if (values && values[0] && values[0]->bv_len == 16) {
        uuid = smv_ldap_uuid_of((const unsigned char *)values[0]->bv_val);
    }
    ldap_value_free_len(values);
    return uuid;
}

smv_uuid_t smv_ldap_identity(const smv_ldap_entry_t *entry)
{
    smv_uuid_t uuid = smv_ldap_uuid(entry, "entryUUID");

    if (!uuid.high && !uuid.low) {
        uuid = smv_ldap_uuid(entry, "nsUniqueId");
    }
    return uuid.high || uuid.low ? uuid : guid_of(entry);
}

/* --- Booleans --- */

const smv_error_t *smv_ldap_boolean(const smv_ldap_entry_t *entry, const char *attribute, int *value)
{
    int count;
    const char *const *texts = smv_ldap_texts(entry, attribute, &count);

    *value = count == 1 && strcmp(texts[0], "TRUE") == 0;
    return count == 0 || *value || (count == 1 && strcmp(texts[0], "FALSE") == 0)
               ? NULL
               : unreadable(entry, attribute, "TRUE or FALSE");
}

const smv_error_t *smv_ldap_rights(const smv_ldap_entry_t *entry, smv_rightset_t *granted, smv_rightset_t *refused)
{
    const smv_error_t *error = NULL;
    BerElement *position = NULL;
    char *attribute = ldap_first_attribute(entry->ld, entry->message, &position);

    *granted = *refused = 0;
    while (attribute && !error) {
        smv_right_e right = smv_right_by_attribute(attribute);
        int is_granted = 0;

        if (right != SMV_RIGHT_NONE) {
            error = smv_ldap_boolean(entry, attribute, &is_granted);
            *(is_granted ? granted : refused) |= SMV_RIGHT_BIT(right);
        }
        ldap_memfree(attribute);
        attribute = error ? NULL : ldap_next_attribute(entry->ld, entry->message, position);
    }
    ber_free(position, 0);
    return error;
}

/* --- numbers --- */

static int read_positive(const char *text, apr_int64_t *number)
{
    char *end;

    errno = 0;
    *number = apr_strtoi64(text, &end, 10);
    return apr_isdigit(*text) && *end == '\0' && errno == 0 && *number > 0;
}

const smv_error_t *smv_ldap_numbers(const smv_ldap_entry_t *entry, const char *attribute, smv_numbers_t *numbers)
{
    int count;
    const char *const *texts = smv_ldap_texts(entry, attribute, &count);
    apr_int64_t *at = apr_pcalloc(entry->pool, sizeof *at * (apr_size_t)(count + 1));

    for (int i = 0; i < count; i++) {
        if (!read_positive(texts[i], &at[i])) {
            return unreadable(entry, attribute, "numbers above 0");
        }
    }
    *numbers = (smv_numbers_t){at, count};
    return NULL;
}

const smv_error_t *smv_ldap_number(const smv_ldap_entry_t *entry, const char *attribute, apr_int64_t *number)
{
    int count;
    const char *const *texts = smv_ldap_texts(entry, attribute, &count);

    return count == 1 && read_positive(texts[0], number) ? NULL : unreadable(entry, attribute, "one number above 0");
}

/* --- times --- */

/* Read two digits that lie within the bounds. @return 0 where they do not */
static int read_two(const char **text, int least, int most, int *value)
{
    if (!apr_isdigit((*text)[0]) || !apr_isdigit((*text)[1])) {
        return 0;
    }
    *value = ((*text)[0] - '0') * 10 + ((*text)[1] - '0');
    *text += 2;
    return *value >= least && *value <= most;
}

static int read_zone(const char *text, apr_int32_t *seconds)
{
    int sign = *text == '-' ? -1 : 1, hours, minutes = 0;

    if (strcmp(text, "Z") == 0) {
        *seconds = 0;
        return 1;
    }
    if (*text != '+' && *text != '-') {
        return 0;
    }
    text++;
    if (!read_two(&text, 0, 23, &hours) || (*text && !read_two(&text, 0, 59, &minutes)) || *text) {
        return 0;
    }
    *seconds = sign * (hours * 3600 + minutes * 60);
    return 1;
}

static const char *skip_fraction(const char *text)
{
    if ((*text == '.' || *text == ',') && apr_isdigit(text[1])) {
        do {
            text++;
        } while (apr_isdigit(*text));
    }
    return text;
}

static int read_time(const char *text, apr_time_t *time)
{
    apr_time_exp_t parts = {0};
    int century, year;

    if (!read_two(&text, 0, 99, &century) || !read_two(&text, 0, 99, &year) || !read_two(&text, 1, 12, &parts.tm_mon) ||
        !read_two(&text, 1, 31, &parts.tm_mday) || !read_two(&text, 0, 23, &parts.tm_hour) ||
        (apr_isdigit(*text) && !read_two(&text, 0, 59, &parts.tm_min)) ||
        (apr_isdigit(*text) && !read_two(&text, 0, 60, &parts.tm_sec))) {
        return 0;
    }
    parts.tm_year = century * 100 + year - 1900;
    parts.tm_mon--;
    return read_zone(skip_fraction(text), &parts.tm_gmtoff) && apr_time_exp_gmt_get(time, &parts) == APR_SUCCESS;
}

const smv_error_t *smv_ldap_until(const smv_ldap_entry_t *entry, const char *attribute, apr_time_t *until)
{
    int count;
    const char *const *texts = smv_ldap_texts(entry, attribute, &count);

    *until = 0;
    return count == 0 || (count == 1 && read_time(texts[0], until))
               ? NULL
               : unreadable(entry, attribute, "one time like 20301231235959Z");
}
