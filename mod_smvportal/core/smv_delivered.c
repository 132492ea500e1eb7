/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_delivered.h"

#include "smv_buffer.h"

#include <apr_lib.h>
#include <string.h>

#define DIGITS "0123456789"
#define MAX_SAID 65536 /* bytes */

const char *const smv_owner_codes[SMV_OWNER_COUNT] = {
#define OWNER_CODE(NAME, code, label) [SMV_OWNER_##NAME] = (code),
    SMV_UNASSIGNED_REASONS(OWNER_CODE)
#undef OWNER_CODE
};

static void say(smv_buffer_t *json, const char *name, const char *value)
{
    smv_buffer_puts(json, json->size ? "," : "{");
    smv_buffer_json(json, name, strlen(name));
    smv_buffer_puts(json, ":");
    if (value) {
        smv_buffer_json(json, value, strlen(value));
    } else {
        smv_buffer_puts(json, "null");
    }
}

const char *smv_delivered_said(const smv_delivered_t *document, apr_pool_t *pool)
{
    smv_buffer_t json;

    smv_buffer_init(&json, 128, MAX_SAID, pool);
    say(&json, "customer", document->customer);
    say(&json, "contract", document->contract);
    say(&json, "insurer", document->insurer);
    smv_buffer_write(&json, "}", 2);
    return json.data;
}

/* --- numbers --- */

static int is_number(const char *text)
{
    return *text && text[strspn(text, DIGITS)] == '\0';
}

static const char *without_zeros(const char *number)
{
    return number + strspn(number, "0");
}

/* Letters beyond ASCII count as they are. */
static int is_character(char c)
{
    return apr_isalnum(c) || (c & '\x80') != 0;
}

static int has_characters(const char *number)
{
    while (*number && !is_character(*number)) {
        number++;
    }
    return *number != '\0';
}

/* @return whether it has several groups of letters and digits */
static int is_grouped(const char *number)
{
    int groups = 0, is_within = 0;

    for (; *number; number++) {
        groups += is_character(*number) && !is_within;
        is_within = is_character(*number);
    }
    return groups > 1;
}

/* @param at out: the next character @return whether a group ends before it */
static int next_character(const char **at)
{
    const char *begin = *at;

    while (**at && !is_character(**at)) {
        (*at)++;
    }
    return *at > begin;
}

/* As 12-3 and 1-23 are two policies, and 123 may be either. */
static int is_same_number(const char *one, const char *other)
{
    int counts_groups = is_grouped(one) && is_grouped(other);

    next_character(&one);
    next_character(&other);
    while (*one && *other) {
        int ends = next_character(&one), other_ends = next_character(&other);

        if (apr_toupper(*one) != apr_toupper(*other) || (counts_groups && *one && ends != other_ends)) {
            return 0;
        }
        one += *one != '\0';
        other += *other != '\0';
    }
    next_character(&one);
    next_character(&other);
    return *one == *other;
}

/* --- whose it is --- */

/* Of an insurer that is said by its number only those contracts are certain that it has delivered itself. */
static int is_of_insurer(const smv_owner_contract_t *contract, const char *insurer)
{
    if (!insurer) {
        return 1;
    }
    if (is_number(insurer)) {
        return contract->insurer_number && strcmp(without_zeros(contract->insurer_number), without_zeros(insurer)) == 0;
    }
    return strcasecmp(contract->insurer, insurer) == 0;
}

/* Of several contracts of one customer, as of a policy with several lines of business, it is of none alone. */
static void add(smv_owner_t *owner, const smv_owner_contract_t *contract)
{
    if (owner->outcome != SMV_OWNER_FOUND) {
        *owner = (smv_owner_t){SMV_OWNER_FOUND, contract->customer, contract->id};
    } else if (owner->customer != contract->customer) {
        owner->outcome = SMV_OWNER_AMBIGUOUS;
    } else {
        owner->contract = 0;
    }
}

static smv_owner_t owner_of_contract(const smv_delivered_t *document, apr_int64_t customer,
                                     const smv_owner_contract_t *contracts, int count)
{
    smv_owner_t owner = {SMV_OWNER_UNKNOWN_CONTRACT, 0, 0};

    for (int i = 0; i < count && owner.outcome != SMV_OWNER_AMBIGUOUS; i++) {
        if (!is_same_number(contracts[i].number, document->contract)) {
            continue;
        }
        if (!is_of_insurer(&contracts[i], document->insurer)) {
            owner.outcome = owner.outcome == SMV_OWNER_UNKNOWN_CONTRACT ? SMV_OWNER_OTHER_INSURER : owner.outcome;
        } else if (customer && contracts[i].customer != customer) {
            owner.outcome = owner.outcome == SMV_OWNER_FOUND ? owner.outcome : SMV_OWNER_OTHER_CUSTOMER;
        } else {
            add(&owner, &contracts[i]);
        }
    }
    if (owner.outcome == SMV_OWNER_FOUND && !document->customer && !document->insurer) {
        owner.outcome = SMV_OWNER_NO_INSURER;
    }
    return owner.outcome == SMV_OWNER_FOUND ? owner : (smv_owner_t){owner.outcome, 0, 0};
}

smv_owner_t smv_delivered_owner(const smv_delivered_t *document, apr_int64_t customer,
                                const smv_owner_contract_t *contracts, int count)
{
    if (document->customer && !customer) {
        return (smv_owner_t){SMV_OWNER_UNKNOWN_CUSTOMER, 0, 0};
    }
    if (document->contract && !has_characters(document->contract)) {
        return (smv_owner_t){SMV_OWNER_UNKNOWN_CONTRACT, 0, 0};
    }
    if (document->has_several) {
        return (smv_owner_t){SMV_OWNER_AMBIGUOUS, 0, 0};
    }
    if (document->contract) {
        return owner_of_contract(document, customer, contracts, count);
    }
    return document->customer ? (smv_owner_t){SMV_OWNER_FOUND, customer, 0}
                              : (smv_owner_t){SMV_OWNER_NOTHING_SAID, 0, 0};
}
