/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_sync.h"

#include "smv_ldap_source.h"
#include "smv_ldap_state.h"

#include <apr_strings.h>
#include <string.h>

#define WHATEVER "(objectClass=*)"
#define UUID_SIZE 16

/* --- beginning --- */

int smv_ldap_sync_is_offered(LDAP *ld, const char *control, const smv_ldap_wait_t *wait)
{
    static const char *const attributes[] = {"supportedControl", NULL};
    const smv_ldap_query_t root = {"", LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 1, NULL};
    LDAPMessage *result = NULL, *entry;
    struct berval **values = NULL;
    int is_offered = 0;

    if (smv_ldap_ask(ld, &result, &root, wait) == LDAP_SUCCESS && (entry = ldap_first_entry(ld, result))) {
        values = ldap_get_values_len(ld, entry, "supportedControl");
    }
    for (int i = 0; values && values[i] && !is_offered; i++) {
        is_offered = strcmp(values[i]->bv_val, control) == 0;
    }
    ldap_value_free_len(values);
    ldap_msgfree(result);
    return is_offered;
}

/* @return the values of contextCSN (draft-ietf-ldup-infomod), "" where there is none */
static const char *read_csns(LDAP *ld, const char *dn, const smv_ldap_wait_t *wait, apr_pool_t *pool)
{
    static const char *const attributes[] = {"contextCSN", NULL};
    const smv_ldap_query_t query = {dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 1, NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result = NULL;
    const char *csns = "";

    if (smv_ldap_ask(ld, &result, &query, wait) == LDAP_SUCCESS && smv_ldap_entry_first(&entry, ld, result, pool)) {
        for (const char *const *csn = smv_ldap_texts(&entry, "contextCSN", NULL); *csn; csn++) {
            csns = apr_pstrcat(pool, csns, *csns ? ";" : "", *csn, NULL);
        }
    }
    ldap_msgfree(result);
    return csns;
}

/* The entry at the top of the database has it: the base, or one above. */
const char *smv_ldap_sync_cookie(LDAP *ld, const char *base, const smv_ldap_wait_t *wait, apr_pool_t *pool)
{
    const char *csns = "";
    LDAPDN dn = NULL;

    if (ldap_str2dn(base, &dn, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) {
        return NULL;
    }
    for (LDAPDN rest = dn; rest && *rest && !*csns; rest++) {
        char *text = NULL;

        if (ldap_dn2str(rest, &text, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS) {
            csns = read_csns(ld, text, wait, pool);
        }
        ldap_memfree(text);
    }
    ldap_dnfree(dn);
    return *csns ? apr_pstrcat(pool, "rid=001,csn=", csns, NULL) : NULL;
}

static int encode_request(struct berval *value, const char *cookie)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    int made = ber ? ber_printf(ber, "{e", (ber_int_t)LDAP_SYNC_REFRESH_AND_PERSIST) : -1;

    if (made != -1 && cookie) {
        made = ber_printf(ber, "s", cookie);
    }
    if (made != -1) {
        made = ber_printf(ber, "N}");
    }
    if (made != -1) {
        made = ber_flatten2(ber, value, 1);
    }
    ber_free(ber, 1);
    return made == -1 ? LDAP_ENCODING_ERROR : LDAP_SUCCESS;
}

/* The name of what locks an account may be the last one. */
static int start(LDAP *ld, const smv_ldap_config_t *directory, const char *base, const char *filter,
                 LDAPControl *control, LDAPControl *other, int *id)
{
    const char *attributes[] = {"objectClass",
                                SMV_LDAP_IDENTITIES,
                                SMV_LDAP_STATE_ATTRIBUTES,
                                "smvSsoKennung",
                                directory->map.names[SMV_LDAP_FIELD_LOCKED],
                                NULL};
    LDAPControl *controls[] = {control, other, NULL};

    return ldap_search_ext(ld, base, LDAP_SCOPE_SUBTREE, filter, (char **)attributes, 0, controls, NULL, NULL,
                           LDAP_NO_LIMIT, id);
}

/* Of a directory that is mapped it is not known what groups are. */
static const char *watched(const smv_ldap_config_t *directory)
{
    return directory->map.schema == SMV_LDAP_SCHEMA_SMV && directory->groups == SMV_LDAP_GROUPS_NONE
               ? "(|(objectClass=smvKonto)(objectClass=smvRolle)(objectClass=smvMandant)(objectClass=smvFirmenzugang))"
               : WHATEVER;
}

int smv_ldap_sync_start(LDAP *ld, const smv_ldap_config_t *directory, const char *cookie, int *id)
{
    LDAPControl control = {LDAP_CONTROL_SYNC, {0, NULL}, 1};
    int code = encode_request(&control.ldctl_value, cookie);

    if (code == LDAP_SUCCESS) {
        code = start(ld, directory, directory->base, watched(directory), &control, NULL, id);
    }
    ber_memfree(control.ldctl_value.bv_val);
    return code;
}

/* Adding, deleting, changing and renaming; nothing of what is there; each with what was done to it. */
static int encode_persistence(struct berval *value)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    int made = ber ? ber_printf(ber, "{ibb}", (ber_int_t)15, (ber_int_t)1, (ber_int_t)1) : -1;

    if (made != -1) {
        made = ber_flatten2(ber, value, 1);
    }
    ber_free(ber, 1);
    return made == -1 ? LDAP_ENCODING_ERROR : LDAP_SUCCESS;
}

/* Of every entry: the filter is held against what an entry has become, and so would hide a role that is none any more.
 */
int smv_ldap_sync_persist(LDAP *ld, const smv_ldap_config_t *directory, int *id)
{
    LDAPControl control = {SMV_SYNC_PERSISTENT, {0, NULL}, 1};
    int code = encode_persistence(&control.ldctl_value);

    if (code == LDAP_SUCCESS) {
        code = start(ld, directory, directory->base, WHATEVER, &control, NULL, id);
    }
    ber_memfree(control.ldctl_value.bv_val);
    return code;
}

/* @return the naming context (RFC 4512, 5.1) that has the base; the base itself where none is known */
static const char *context_of(LDAP *ld, const char *base, const smv_ldap_wait_t *wait, apr_pool_t *pool)
{
    static const char *const attributes[] = {"namingContexts", NULL};
    const smv_ldap_query_t root = {"", LDAP_SCOPE_BASE, WHATEVER, attributes, 1, NULL};
    const char *context = base;
    int is_found = 0;
    smv_ldap_entry_t entry;
    LDAPMessage *result = NULL;

    if (smv_ldap_ask(ld, &result, &root, wait) == LDAP_SUCCESS && smv_ldap_entry_first(&entry, ld, result, pool)) {
        for (const char *const *name = smv_ldap_texts(&entry, "namingContexts", NULL); *name; name++) {
            int is_nearer = smv_ldap_is_within(base, *name) && (!is_found || smv_ldap_is_within(*name, context));

            context = is_nearer ? *name : context;
            is_found |= is_nearer;
        }
    }
    ldap_msgfree(result);
    return context;
}

/* Active Directory tells of a whole naming context alone, and of whatever is in it. */
int smv_ldap_sync_notify(LDAP *ld, const smv_ldap_config_t *directory, const smv_ldap_wait_t *wait, int *id,
                         apr_pool_t *pool)
{
    LDAPControl control = {(char *)SMV_SYNC_NOTIFICATION, {0, NULL}, 1};
    LDAPControl with_deleted = {(char *)"1.2.840.113556.1.4.417", {0, NULL}, 0}; /* MS-ADTS, 3.1.1.3.4.1.14 */

    return start(ld, directory, context_of(ld, directory->base, wait, pool), WHATEVER, &control, &with_deleted, id);
}

/* --- reading --- */

static void keep_cookie(smv_sync_news_t *news, const struct berval *cookie, apr_pool_t *pool)
{
    news->cookie = apr_pstrmemdup(pool, cookie->bv_val, cookie->bv_len);
}

/* A cookie where one comes next. @return 0 where the rest cannot be read */
static int read_cookie(BerElement *ber, smv_sync_news_t *news, apr_pool_t *pool)
{
    struct berval cookie;
    ber_len_t size;

    if (ber_peek_tag(ber, &size) != LDAP_TAG_SYNC_COOKIE) {
        return 1;
    }
    if (ber_scanf(ber, "m", &cookie) == LBER_ERROR) {
        return 0;
    }
    keep_cookie(news, &cookie, pool);
    return 1;
}

/* syncStateValue (RFC 4533, 2.3). @return its state, -1 where it cannot be read */
static int read_state(LDAPControl **controls, smv_sync_news_t *news, apr_pool_t *pool)
{
    LDAPControl *control = ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL);
    BerElement *ber = control ? ber_init(&control->ldctl_value) : NULL;
    struct berval uuid = {0, NULL};
    ber_int_t state = -1;

    if (!ber || ber_scanf(ber, "{em", &state, &uuid) == LBER_ERROR || uuid.bv_len != UUID_SIZE ||
        !read_cookie(ber, news, pool)) {
        state = -1;
    } else {
        news->uuid = smv_ldap_uuid_of((const unsigned char *)uuid.bv_val);
    }
    ber_free(ber, 1);
    return (int)state;
}

/* entryChangeNotification (draft-ietf-ldapext-psearch-03, 5). @return a state of RFC 4533, -1 where it is another */
static int read_notice(LDAPControl **controls)
{
    enum { ADDED = 1, CHANGED = 4 };
    LDAPControl *control = ldap_control_find("2.16.840.1.113730.3.4.7", controls, NULL);
    BerElement *ber = control ? ber_init(&control->ldctl_value) : NULL;
    ber_int_t type = -1;

    if (ber && ber_scanf(ber, "{e", &type) == LBER_ERROR) {
        type = -1;
    }
    ber_free(ber, 1);
    return type == ADDED || type == CHANGED ? LDAP_SYNC_MODIFY : -1;
}

static int is_a(const smv_ldap_entry_t *entry, const char *class)
{
    return smv_ldap_has_value(entry, "objectClass", class);
}

/* Whose change concerns nobody else. */
static int is_account_alone(const smv_ldap_entry_t *entry, const smv_ldap_map_t *map)
{
    return map->schema == SMV_LDAP_SCHEMA_SMV ? is_a(entry, "smvKonto") && !is_a(entry, "smvRolle") &&
                                                    !is_a(entry, "smvMandant") && !is_a(entry, "smvFirmenzugang")
                                              : is_a(entry, "person");
}

static void read_account(const smv_ldap_entry_t *entry, const smv_ldap_map_t *map, smv_sync_news_t *news,
                         apr_pool_t *pool)
{
    const char *locked = map->names[SMV_LDAP_FIELD_LOCKED];
    char *dn = ldap_get_dn(entry->ld, entry->message);

    /* An account that a single sign-on knows goes before the rule of its firm, whoever it was that used that. */
    news->scope = *smv_ldap_text(entry, "smvSsoKennung") ? SMV_SYNC_EVERYTHING : SMV_SYNC_ACCOUNT;
    news->dn = apr_pstrdup(pool, dn ? dn : "");
    news->is_locked = (locked && smv_ldap_has_value(entry, locked, "TRUE")) || smv_ldap_is_locked_out(entry);
    if (news->uuid.high == 0 && news->uuid.low == 0) {
        news->uuid = smv_ldap_identity(entry);
    }
    ldap_memfree(dn);
}

/* Of all that a naming context of Active Directory has, accounts count, and what may be a group or lie above one. */
static smv_sync_scope_e scope_of_notice(const smv_ldap_entry_t *entry)
{
    if (is_a(entry, "person")) {
        return is_a(entry, "computer") ? SMV_SYNC_NOTHING : SMV_SYNC_ACCOUNT;
    }
    return is_a(entry, "group") || is_a(entry, "organizationalUnit") || is_a(entry, "container") ||
                   !*smv_ldap_text(entry, "objectClass")
               ? SMV_SYNC_EVERYTHING
               : SMV_SYNC_NOTHING;
}

static void read_notified(const smv_ldap_entry_t *entry, const smv_ldap_map_t *map, smv_sync_news_t *news,
                          apr_pool_t *pool)
{
    news->scope = scope_of_notice(entry);
    if (news->scope == SMV_SYNC_ACCOUNT) {
        read_account(entry, map, news, pool);
    }
}

static void read_entry(LDAP *ld, const smv_ldap_map_t *map, LDAPMessage *message, smv_sync_news_t *news,
                       apr_pool_t *pool)
{
    smv_ldap_entry_t entry = {ld, message, "", pool};
    LDAPControl **controls = NULL;
    int state = -1;

    if (map->schema == SMV_LDAP_SCHEMA_AD) {
        read_notified(&entry, map, news, pool);
        return;
    }
    news->scope = SMV_SYNC_EVERYTHING;
    if (ldap_get_entry_controls(ld, message, &controls) == LDAP_SUCCESS && controls) {
        state = ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL) ? read_state(controls, news, pool)
                                                                           : read_notice(controls);
        ldap_controls_free(controls);
    }
    if (state == LDAP_SYNC_PRESENT) {
        news->scope = SMV_SYNC_NOTHING;
    } else if ((state == LDAP_SYNC_ADD || state == LDAP_SYNC_MODIFY) && is_account_alone(&entry, map)) {
        read_account(&entry, map, news, pool);
    }
}

/* refreshDelete and refreshPresent: what changed before has been told, unless it is said that more comes. What is not
 * mentioned as present has been deleted. */
static int read_refresh(BerElement *ber, ber_tag_t tag, smv_sync_news_t *news, apr_pool_t *pool)
{
    ber_int_t is_done = 1;
    ber_len_t size;

    if (ber_scanf(ber, "{") == LBER_ERROR || !read_cookie(ber, news, pool) ||
        (ber_peek_tag(ber, &size) == LDAP_TAG_REFRESHDONE && ber_scanf(ber, "b", &is_done) == LBER_ERROR)) {
        return 0;
    }
    news->scope = tag == LDAP_TAG_SYNC_REFRESH_PRESENT ? SMV_SYNC_EVERYTHING : SMV_SYNC_NOTHING;
    news->is_up_to_date = is_done != 0;
    return 1;
}

/* syncIdSet: of those that are still there, or that are gone. */
static int read_id_set(BerElement *ber, smv_sync_news_t *news, apr_pool_t *pool)
{
    ber_int_t is_deleted = 0;
    ber_len_t size;

    if (ber_scanf(ber, "{") == LBER_ERROR || !read_cookie(ber, news, pool) ||
        (ber_peek_tag(ber, &size) == LDAP_TAG_REFRESHDELETES && ber_scanf(ber, "b", &is_deleted) == LBER_ERROR)) {
        return 0;
    }
    news->scope = is_deleted ? SMV_SYNC_EVERYTHING : SMV_SYNC_NOTHING;
    return 1;
}

/* syncInfoValue (RFC 4533, 2.5) */
static int read_info(BerElement *ber, smv_sync_news_t *news, apr_pool_t *pool)
{
    struct berval cookie;
    ber_len_t size;
    ber_tag_t tag = ber_peek_tag(ber, &size);

    switch (tag) {
    case LDAP_TAG_SYNC_NEW_COOKIE:
        if (ber_scanf(ber, "m", &cookie) == LBER_ERROR) {
            return 0;
        }
        keep_cookie(news, &cookie, pool);
        return 1;
    case LDAP_TAG_SYNC_REFRESH_DELETE:
    case LDAP_TAG_SYNC_REFRESH_PRESENT:
        return read_refresh(ber, tag, news, pool);
    case LDAP_TAG_SYNC_ID_SET:
        return read_id_set(ber, news, pool);
    default:
        return 0;
    }
}

static void read_intermediate(LDAP *ld, LDAPMessage *message, smv_sync_news_t *news, apr_pool_t *pool)
{
    struct berval *data = NULL;
    BerElement *ber = NULL;
    char *oid = NULL;
    int is_info = ldap_parse_intermediate(ld, message, &oid, &data, NULL, 0) == LDAP_SUCCESS && oid && data &&
                  strcmp(oid, LDAP_SYNC_INFO) == 0;

    if (is_info && (ber = ber_init(data)) && !read_info(ber, news, pool)) {
        *news = (smv_sync_news_t){.scope = SMV_SYNC_EVERYTHING};
    }
    ber_free(ber, 1);
    ldap_memfree(oid);
    ber_bvfree(data);
}

int smv_ldap_sync_read(LDAP *ld, const smv_ldap_config_t *directory, LDAPMessage *message, smv_sync_news_t *news,
                       apr_pool_t *pool)
{
    int answer, code;

    *news = (smv_sync_news_t){.scope = SMV_SYNC_NOTHING};
    switch (ldap_msgtype(message)) {
    case LDAP_RES_SEARCH_ENTRY:
        read_entry(ld, &directory->map, message, news, pool);
        return LDAP_SUCCESS;
    case LDAP_RES_INTERMEDIATE:
        read_intermediate(ld, message, news, pool);
        return LDAP_SUCCESS;
    case LDAP_RES_SEARCH_RESULT:
        code = ldap_parse_result(ld, message, &answer, NULL, NULL, NULL, NULL, 0);
        code = code == LDAP_SUCCESS ? answer : code;
        return code == LDAP_SUCCESS ? LDAP_OTHER : code;
    default:
        return LDAP_SUCCESS;
    }
}
