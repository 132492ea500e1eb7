/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_role.h"

#include "smv_ldap_write.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_ALL_ROLES 5000
#define MAX_COUNTED 500 /* accounts of one role */
#define MAX_RUNNING_NUMBER (((apr_int64_t)1 << 32) - 1)
#define REFERENCES_MAY_TAKE apr_time_from_sec(3) /* slapo-refint works behind the answer */
#define REFERENCES_PAUSE apr_time_from_msec(5)

#define ATTRIBUTE(row, column, NAME, id, label, deflt, kind, attribute) attribute,
#define ROLE_ATTRIBUTES SMV_RIGHTS(ATTRIBUTE) "objectClass", "cn", "description", "smvRollenId", "smvGeltungsbereich"
const char *const smv_ldap_role_attributes[] = {ROLE_ATTRIBUTES, NULL};

static const char *const scope_names[] = {"eigene", "bestand", "alle"}; /* by smv_scope_e */

/* --- reading --- */

static const smv_error_t *read_scope(const smv_ldap_entry_t *entry, smv_scope_e *scope)
{
    const char *value = smv_ldap_text(entry, "smvGeltungsbereich");

    for (int i = 0; i < 3; i++) {
        if (strcasecmp(scope_names[i], value) == 0) {
            *scope = (smv_scope_e)i;
            return NULL;
        }
    }
    return smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                     "role %s: set smvGeltungsbereich to eigene, bestand or alle", entry->dn);
}

const smv_error_t *smv_ldap_role_read(const smv_ldap_entry_t *entry, smv_role_t *role)
{
    const smv_error_t *error;

    role->name = smv_ldap_text(entry, "cn");
    role->remark = smv_ldap_text(entry, "description");
    role->dn = entry->dn;
    if (!*role->name) {
        return smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                         "role %s: cn is missing, or the service account may not read it", entry->dn);
    }
    if ((error = smv_ldap_number(entry, "smvRollenId", &role->id)) || (error = read_scope(entry, &role->scope))) {
        return error;
    }
    return smv_ldap_rights(entry, &role->rights, &role->refused);
}

typedef const smv_error_t *read_fn(const smv_ldap_entry_t *entry, void *into);

typedef struct reading_t {
    read_fn *read;
    void *into;
    int left;    /* entries that may still be read */
    int is_more; /* than that, or than the server gives */
} reading_t;

static const smv_error_t *read_page(smv_ldap_pool_t *links, smv_ldap_link_t *link, LDAPMessage **result,
                                    const smv_ldap_query_t *query, reading_t *reading, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;
    smv_ldap_entry_t entry;
    int code = smv_ldap_search(links, link, result, query);

    reading->is_more |= code == LDAP_SIZELIMIT_EXCEEDED;
    if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED && !smv_ldap_is_out_of_reach(code)) {
        return smv_ldap_away(links, "reading roles", code, pool);
    }
    for (int is_one = smv_ldap_entry_first(&entry, link->ld, *result, pool); is_one && !error;
         is_one = smv_ldap_entry_next(&entry)) {
        reading->is_more |= reading->left == 0;
        if (reading->left > 0) {
            reading->left--;
            error = reading->read(&entry, reading->into);
        }
    }
    return error;
}

/* Run a search and read each of its entries, page by page. @return the error of the server, or of read */
static const smv_error_t *each(smv_ldap_pool_t *links, const smv_ldap_query_t *query, read_fn *read, void *into,
                               int *is_more, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    struct berval page = {0, NULL};
    smv_ldap_query_t paged = *query;
    reading_t reading = {read, into, query->limit, 0};
    smv_ldap_link_t *link;
    const smv_error_t *error;
    int has_next = 1;

    paged.page = &page;
    paged.limit = LDAP_NO_LIMIT;
    if ((error = smv_ldap_pool_take(links, &link, patience, pool))) {
        return error;
    }
    while (has_next && !error && !reading.is_more) {
        LDAPMessage *result = NULL;

        error = read_page(links, link, &result, &paged, &reading, pool);
        has_next = !error && link->ld && smv_ldap_next_page(link->ld, result, &page);
        ldap_msgfree(result);
    }
    ber_memfree(page.bv_val);
    smv_ldap_pool_give(links, link);
    *is_more = reading.is_more;
    return error;
}

/* One that cannot be read is left out. */
static const smv_error_t *add_to_list(const smv_ldap_entry_t *entry, void *into)
{
    smv_role_t role = {0};

    if (!smv_ldap_role_read(entry, &role)) {
        APR_ARRAY_PUSH((apr_array_header_t *)into, smv_role_t) = role;
    }
    return NULL;
}

const smv_error_t *smv_ldap_role_list(smv_ldap_pool_t *links, const char *base, const smv_role_t **roles, int *count,
                                      smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const smv_ldap_query_t query = {.base = base,
                                    .scope = LDAP_SCOPE_SUBTREE,
                                    .filter = "(objectClass=smvRolle)",
                                    .attributes = smv_ldap_role_attributes,
                                    .limit = MAX_ALL_ROLES};
    apr_array_header_t *read = apr_array_make(pool, 20, sizeof(smv_role_t));
    int is_more;
    const smv_error_t *error = each(links, &query, add_to_list, read, &is_more, patience, pool);

    *roles = (const smv_role_t *)read->elts;
    *count = read->nelts;
    return error;
}

typedef struct finding_t {
    smv_role_entry_t *entry;
    int found;
} finding_t;

/* FNV-1a, so that a form can carry it; what decides is the assertion on the whole. */
static apr_int64_t version_of(const char *csn)
{
    apr_uint64_t hash = 14695981039346656037U;

    for (const char *c = csn; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    }
    return (apr_int64_t)(hash % 999999999999999999U) + 1; /* 18 digits */
}

static const smv_error_t *take_found(const smv_ldap_entry_t *entry, void *into)
{
    finding_t *finding = into;
    smv_role_entry_t *found = finding->entry;
    const smv_error_t *error;

    if (finding->found++) {
        return smv_error_saying(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                                "Mehrere Rollen haben diese Rollen-ID. Bitte ändern Sie das im Verzeichnis.",
                                "%s and %s have the same smvRollenId", found->role.dn, entry->dn);
    }
    found->csn = smv_ldap_text(entry, "entryCSN");
    found->version = version_of(found->csn);
    error = smv_ldap_role_read(entry, &found->role);
    if (!error && !*found->csn) {
        error = smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                          "role %s: entryCSN is missing, or the service account may not read it", entry->dn);
    }
    return error ? smv_error_saying(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                                    "Der Eintrag dieser Rolle ist nicht lesbar. Bitte ändern Sie ihn im Verzeichnis.",
                                    "%s", error->detail)
                 : NULL;
}

const smv_error_t *smv_ldap_role_find(smv_ldap_pool_t *links, const char *base, smv_role_entry_t *entry, apr_int64_t id,
                                      smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    static const char *const attributes[] = {ROLE_ATTRIBUTES, "entryCSN", NULL};
    const smv_ldap_query_t query = {
        base,
        LDAP_SCOPE_SUBTREE,
        apr_psprintf(pool, "(&(objectClass=smvRolle)(smvRollenId=%" APR_INT64_T_FMT "))", id),
        attributes,
        2,
        NULL};
    finding_t finding = {entry, 0};
    int is_more;
    const smv_error_t *error;

    *entry = (smv_role_entry_t){.version = 0};
    error = each(links, &query, take_found, &finding, &is_more, patience, pool);
    return error || finding.found
               ? error
               : smv_error(pool, SMV_ERROR_NOT_FOUND, "no role has the number %" APR_INT64_T_FMT, id);
}

/* --- who has it --- */

static const smv_error_t *count_one(const smv_ldap_entry_t *entry, void *into)
{
    (void)entry;
    ++*(int *)into;
    return NULL;
}

/* Groups have a member always: one that names itself has none. */
static const smv_error_t *count_members(const smv_ldap_entry_t *entry, void *into)
{
    static const char *const names[] = {"member", "uniqueMember", "roleOccupant"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (const char *const *value = smv_ldap_texts(entry, names[i], NULL); *value; value++) {
            *(int *)into += strcasecmp(*value, entry->dn) != 0;
        }
    }
    return NULL;
}

static const smv_error_t *count_pointers(smv_ldap_pool_t *links, const char *base, smv_role_uses_t *uses,
                                         const char *dn, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    const smv_ldap_query_t query = {
        base,
        LDAP_SCOPE_SUBTREE,
        apr_psprintf(pool, "(&(objectClass=smvKonto)(smvRolleDN=%s))", smv_ldap_escaped(dn, pool)),
        no_attributes,
        MAX_COUNTED,
        NULL};

    uses->pointers = 0;
    return each(links, &query, count_one, &uses->pointers, &uses->is_more, patience, pool);
}

const smv_error_t *smv_ldap_role_count_uses(smv_ldap_pool_t *links, const char *base, smv_role_uses_t *uses,
                                            const char *dn, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    static const char *const attributes[] = {"member", "uniqueMember", "roleOccupant", NULL};
    const smv_ldap_query_t role = {dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 1, NULL};
    int is_more;
    const smv_error_t *error;

    *uses = (smv_role_uses_t){0, 0, 0};
    error = each(links, &role, count_members, &uses->members, &is_more, patience, pool);
    return error ? error : count_pointers(links, base, uses, dn, patience, pool);
}

/* --- writing --- */

static const smv_error_t *take_highest(const smv_ldap_entry_t *entry, void *into)
{
    apr_int64_t id, *highest = into;

    if (!smv_ldap_number(entry, "smvRollenId", &id) && id > *highest && id >> 32 == *highest >> 32) {
        *highest = id;
    }
    return NULL;
}

const smv_error_t *smv_ldap_role_next_id(smv_ldap_pool_t *links, const char *base, apr_int64_t *id, apr_int64_t tenant,
                                         smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    static const char *const attributes[] = {"smvRollenId", NULL};
    const smv_ldap_query_t query = {base, LDAP_SCOPE_SUBTREE, "(smvRollenId=*)", attributes, MAX_ALL_ROLES, NULL};
    apr_int64_t highest = tenant << 32;
    int is_more;
    const smv_error_t *error = each(links, &query, take_highest, &highest, &is_more, patience, pool);

    *id = highest + 1;
    return !error && (is_more || (highest & MAX_RUNNING_NUMBER) == MAX_RUNNING_NUMBER)
               ? smv_error_saying(pool, SMV_ERROR_DIRECTORY_REFUSED, "Es gibt zu viele Rollen.",
                                  "more than %d roles, or no number is left", MAX_ALL_ROLES)
               : error;
}

const smv_error_t *smv_ldap_role_create(smv_ldap_pool_t *links, const char *parent, const smv_role_t *role,
                                        const char *as, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    static const char *const classes[] = {"organizationalRole", "smvRolle", NULL};
    smv_ldap_mods_t *mods = apr_pcalloc(pool, sizeof *mods);
    smv_ldap_write_t write = {.deed = SMV_LDAP_ADD, .doing = "creating a role", .mods = mods};

    smv_ldap_mods_put_all(mods, LDAP_MOD_ADD, "objectClass", classes);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "cn", role->name, pool);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "smvRollenId", apr_psprintf(pool, "%" APR_INT64_T_FMT, role->id), pool);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "smvGeltungsbereich", scope_names[role->scope], pool);
    if (*role->remark) {
        smv_ldap_mods_put(mods, LDAP_MOD_ADD, "description", role->remark, pool);
    }
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        smv_ldap_mods_put(mods, LDAP_MOD_ADD, smv_rights[right].attribute,
                          SMV_HAS_RIGHT(role->rights, right) ? "TRUE" : "FALSE", pool);
    }
    write.dn = apr_pstrcat(pool, smv_ldap_rdn("cn", role->name, pool), ",", parent, NULL);
    return smv_ldap_write(links, &write, as, patience, pool);
}

static const char *as_seen(const smv_role_entry_t *seen, apr_pool_t *pool)
{
    return apr_psprintf(pool, "(entryCSN=%s)", seen->csn);
}

/* What differs, and nothing else, so that a log of the directory shows what was meant. */
static void put_differences(smv_ldap_mods_t *mods, const smv_role_t *before, const smv_role_t *wanted, apr_pool_t *pool)
{
    smv_rightset_t differing = before->rights ^ wanted->rights;

    if (strcmp(before->remark, wanted->remark) != 0) {
        smv_ldap_mods_put(mods, LDAP_MOD_REPLACE, "description", *wanted->remark ? wanted->remark : NULL, pool);
    }
    if (before->scope != wanted->scope) {
        smv_ldap_mods_put(mods, LDAP_MOD_REPLACE, "smvGeltungsbereich", scope_names[wanted->scope], pool);
    }
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(differing, right)) {
            smv_ldap_mods_put(mods, LDAP_MOD_REPLACE, smv_rights[right].attribute,
                              SMV_HAS_RIGHT(wanted->rights, right) ? "TRUE" : "FALSE", pool);
        }
    }
}

const smv_error_t *smv_ldap_role_change(smv_ldap_pool_t *links, const smv_role_entry_t *seen, const smv_role_t *wanted,
                                        const char *as, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_mods_t *mods = apr_pcalloc(pool, sizeof *mods);
    smv_ldap_write_t write = {.deed = SMV_LDAP_MODIFY,
                              .doing = "changing a role",
                              .dn = seen->role.dn,
                              .mods = mods,
                              .assertion = as_seen(seen, pool)};

    put_differences(mods, &seen->role, wanted, pool);
    return mods->count ? smv_ldap_write(links, &write, as, patience, pool) : NULL;
}

/* However long the request took so far: what it has begun is brought to an end.
 * @return SMV_ERROR_CONFIGURATION where accounts still point at the old name */
static const smv_error_t *wait_for_references(smv_ldap_pool_t *links, const char *base, const char *old_dn,
                                              apr_pool_t *pool)
{
    apr_time_t end = apr_time_now() + REFERENCES_MAY_TAKE;
    smv_role_uses_t uses = {1, 0, 0};
    const smv_error_t *error = NULL;

    while (!error && uses.pointers > 0 && apr_time_now() < end) {
        smv_ldap_patience_t patience = {0, 0};

        error = count_pointers(links, base, &uses, old_dn, &patience, pool);
        if (uses.pointers > 0) {
            apr_sleep(REFERENCES_PAUSE);
        }
    }
    return error || uses.pointers == 0 ? error
                                       : smv_error(pool, SMV_ERROR_CONFIGURATION, "accounts still name %s", old_dn);
}

/* @return the error with what must be done */
static const smv_error_t *undo_rename(smv_ldap_pool_t *links, const smv_role_entry_t *seen, const char *new_dn,
                                      const char *as, apr_pool_t *pool)
{
    smv_ldap_patience_t patience = {0, 0};
    smv_ldap_write_t write = {.deed = SMV_LDAP_RENAME,
                              .doing = "giving a role its old name",
                              .dn = new_dn,
                              .rdn = smv_ldap_rdn("cn", seen->role.name, pool)};
    const smv_error_t *error = smv_ldap_write(links, &write, as, &patience, pool);

    return smv_error(pool, SMV_ERROR_CONFIGURATION,
                     "accounts did not follow %s to its new name; %s. Set up slapo-refint for smvRolleDN, or say "
                     "SmvPortalLdapReferences Off",
                     seen->role.dn, error ? "rename it back by hand" : "it has its old one again");
}

const smv_error_t *smv_ldap_role_rename(smv_ldap_pool_t *links, const char *base, const smv_role_entry_t *seen,
                                        const char *name, const char *as, smv_ldap_patience_t *patience,
                                        apr_pool_t *pool)
{
    smv_ldap_write_t write = {.deed = SMV_LDAP_RENAME,
                              .doing = "renaming a role",
                              .dn = seen->role.dn,
                              .rdn = smv_ldap_rdn("cn", name, pool),
                              .assertion = as_seen(seen, pool)};
    const smv_error_t *error = smv_ldap_write(links, &write, as, patience, pool);
    const char *parent = strchr(seen->role.dn, ',');

    if (error || !parent || !(error = wait_for_references(links, base, seen->role.dn, pool)) ||
        error->code != SMV_ERROR_CONFIGURATION) {
        return error;
    }
    return undo_rename(links, seen, apr_pstrcat(pool, write.rdn, parent, NULL), as, pool);
}

const smv_error_t *smv_ldap_role_delete(smv_ldap_pool_t *links, const smv_role_entry_t *seen, const char *as,
                                        smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_write_t write = {
        .deed = SMV_LDAP_DELETE, .doing = "deleting a role", .dn = seen->role.dn, .assertion = as_seen(seen, pool)};

    return smv_ldap_write(links, &write, as, patience, pool);
}
