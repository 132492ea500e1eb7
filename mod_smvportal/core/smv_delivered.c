/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_delivered.h"

#include <apr_strings.h>
#include <string.h>

#define DIGITS "0123456789"

const char *const smv_owner_codes[SMV_OWNER_COUNT] = {
#define OWNER_CODE(NAME, code, label) [SMV_OWNER_##NAME] = (code),
    SMV_UNASSIGNED_REASONS(OWNER_CODE)
#undef OWNER_CODE
};

const char *smv_delivered_said(const smv_delivered_t *document, apr_pool_t *pool)
{
    return apr_psprintf(pool, "customer %s contract %s insurer %s", document->customer ? document->customer : "-",
                        document->contract ? document->contract : "-", document->insurer ? document->insurer : "-");
}

static int is_number(const char *text)
{
    return *text && text[strspn(text, DIGITS)] == '\0';
}

static const char *without_zeros(const char *number)
{
    return number + strspn(number, "0");
}

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
        if (!is_of_insurer(&contracts[i], document->insurer)) {
            owner.outcome = owner.outcome == SMV_OWNER_UNKNOWN_CONTRACT ? SMV_OWNER_OTHER_INSURER : owner.outcome;
        } else if (customer && contracts[i].customer != customer) {
            owner.outcome = owner.outcome == SMV_OWNER_FOUND ? owner.outcome : SMV_OWNER_OTHER_CUSTOMER;
        } else {
            add(&owner, &contracts[i]);
        }
    }
    return owner.outcome == SMV_OWNER_FOUND ? owner : (smv_owner_t){owner.outcome, 0, 0};
}

smv_owner_t smv_delivered_owner(const smv_delivered_t *document, apr_int64_t customer,
                                const smv_owner_contract_t *contracts, int count)
{
    if (document->customer && !customer) {
        return (smv_owner_t){SMV_OWNER_UNKNOWN_CUSTOMER, 0, 0};
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
