/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_groups.h"

#include "smv_ldap_entry.h"

#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>

#define NAMES_A_QUESTION 50

static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};

typedef struct finding_t {
    const smv_ldap_source_t *source;
    smv_ldap_link_t *link;
    apr_array_header_t *groups; /* of const char * */
    apr_hash_t *known;          /* their DNs in lower case: a group in a circle is found once */
    apr_pool_t *pool;
} finding_t;

/* --- questions --- */

/* Add to a filter that a group names one of several. */
static const char *or_names(const char *filter, const smv_ldap_source_t *source, const char *dn, apr_pool_t *pool)
{
    const char *value = smv_ldap_escaped(dn, pool);

    return source->groups == SMV_LDAP_GROUPS_IN_CHAIN
               ? apr_pstrcat(pool, filter, "(member:1.2.840.113556.1.4.1941:=", value, ")", NULL)
               : apr_pstrcat(pool, filter, "(member=", value, ")(uniqueMember=", value, ")", NULL);
}

static smv_ldap_query_t query_of(const smv_ldap_source_t *source, const char *names, struct berval *page,
                                 apr_pool_t *pool)
{
    return (smv_ldap_query_t){.base = source->base,
                              .scope = LDAP_SCOPE_SUBTREE,
                              .filter = apr_pstrcat(pool, "(&", source->group_filter, "(|", names, "))", NULL),
                              .attributes = no_attributes,
                              .limit = LDAP_NO_LIMIT,
                              .page = page};
}

void smv_ldap_groups_ask(const smv_ldap_source_t *source, const smv_ldap_link_t *link, smv_ldap_groups_asked_t *asked,
                         const char *dn, apr_pool_t *pool)
{
    smv_ldap_query_t query;

    *asked = (smv_ldap_groups_asked_t){.is_asked = source->groups != SMV_LDAP_GROUPS_NONE};
    if (asked->is_asked) {
        query = query_of(source, or_names("", source, dn, pool), &asked->page, pool);
        smv_ldap_ask_for(source->links, link, &asked->first, &query);
    }
}

/* --- answers --- */

static const char *in_lower_case(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);

    for (char *c = copy; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return copy;
}

static const smv_error_t *add_groups(const finding_t *finding, LDAPMessage *result)
{
    smv_ldap_entry_t entry;

    for (int is_one = smv_ldap_entry_first(&entry, finding->link->ld, result, finding->pool); is_one;
         is_one = smv_ldap_entry_next(&entry)) {
        const char *key = in_lower_case(entry.dn, finding->pool);

        if (!*key || apr_hash_get(finding->known, key, APR_HASH_KEY_STRING)) {
            continue;
        }
        if (!smv_ldap_is_own_entry(finding->source, entry.dn)) {
            return smv_ldap_foreign_entry(entry.dn, finding->pool);
        }
        if (finding->groups->nelts == SMV_LDAP_MAX_GROUPS) {
            return smv_error(
                finding->pool, SMV_ERROR_DIRECTORY_DATA,
                "an account below %s is in more than %d groups; say by SmvPortalLdapGroupFilter which count",
                finding->source->base, SMV_LDAP_MAX_GROUPS);
        }
        apr_hash_set(finding->known, key, APR_HASH_KEY_STRING, key);
        APR_ARRAY_PUSH(finding->groups, const char *) = entry.dn;
    }
    return NULL;
}

/* A server may give a page more each time that it is asked. */
static const smv_error_t *check_time(const finding_t *finding)
{
    return apr_time_now() < finding->link->until
               ? NULL
               : smv_ldap_away(finding->source->links, "searching groups", LDAP_TIMEOUT, finding->pool);
}

/* All pages of an answer. @param pending of the first page */
static const smv_error_t *take_pages(const finding_t *finding, smv_ldap_pending_t *pending)
{
    const smv_error_t *error = NULL;
    int has_more = 1;

    while (has_more && !error) {
        LDAPMessage *result = NULL;
        int code = smv_ldap_answer(finding->source->links, finding->link, &result, pending);

        if (code == LDAP_SUCCESS) {
            error = add_groups(finding, result);
            has_more = smv_ldap_next_page(finding->link->ld, result, pending->query.page);
            error = error || !has_more ? error : check_time(finding);
        } else {
            error = smv_ldap_away(finding->source->links, "searching groups", code, finding->pool);
        }
        ldap_msgfree(result);
        if (has_more && !error) {
            smv_ldap_ask_for(finding->source->links, finding->link, pending, &pending->query);
        }
    }
    ber_memfree(pending->query.page->bv_val);
    *pending->query.page = (struct berval){0, NULL};
    if (error) {
        smv_ldap_link_close(finding->link); /* the server may keep pages for it that nobody takes */
    }
    return error;
}

/* The groups that name one of those from begin to end. */
static const smv_error_t *find_above(const finding_t *finding, int begin, int end)
{
    const char *names = "";
    struct berval page = {0, NULL};
    smv_ldap_pending_t pending;
    smv_ldap_query_t query;

    for (int i = begin; i < end; i++) {
        names = or_names(names, finding->source, APR_ARRAY_IDX(finding->groups, i, const char *), finding->pool);
    }
    query = query_of(finding->source, names, &page, finding->pool);
    smv_ldap_ask_for(finding->source->links, finding->link, &pending, &query);
    return take_pages(finding, &pending);
}

/* Level by level. A role that hides something may be deeper than is looked: whoever is in such groups is not let in. */
static const smv_error_t *find_nested(const finding_t *finding)
{
    const smv_error_t *error = NULL;
    int begin = 0;

    for (int depth = 1; depth <= SMV_LDAP_MAX_DEPTH && begin < finding->groups->nelts && !error; depth++) {
        int end = finding->groups->nelts;

        for (; begin < end && !error; begin += NAMES_A_QUESTION) {
            error = find_above(finding, begin, begin + NAMES_A_QUESTION < end ? begin + NAMES_A_QUESTION : end);
        }
        begin = end;
    }
    if (!error && begin < finding->groups->nelts) {
        error = smv_error(finding->pool, SMV_ERROR_DIRECTORY_DATA, "groups below %s are nested deeper than %d levels",
                          finding->source->base, SMV_LDAP_MAX_DEPTH);
    }
    return error;
}

const smv_error_t *smv_ldap_groups_take(const smv_ldap_source_t *source, smv_ldap_link_t *link,
                                        smv_ldap_groups_asked_t *asked, apr_array_header_t **groups, apr_pool_t *pool)
{
    const finding_t finding = {source, link, apr_array_make(pool, 16, sizeof(const char *)), apr_hash_make(pool), pool};
    const smv_error_t *error = NULL;

    *groups = finding.groups;
    if (asked->is_asked) {
        error = take_pages(&finding, &asked->first);
    }
    if (!error && asked->is_asked && source->groups == SMV_LDAP_GROUPS_NESTED) {
        error = find_nested(&finding);
    }
    return error;
}
