/* SPDX-License-Identifier: Apache-2.0
 *
 * What a server is, as far as it says so: its schema, its indexes, and whether it tells of changes.
 */
#include "smv_ldap_inspect_use.h"

#include "smv_ldap_source.h"
#include "smv_ldap_sync.h"

#include <apr_strings.h>
#include <ldap_schema.h>
#include <string.h>
#include <strings.h>

/* --- schema --- */

static int has_name(char *const *names, const char *wanted)
{
    for (int i = 0; names && names[i]; i++) {
        if (strcasecmp(names[i], wanted) == 0) {
            return 1;
        }
    }
    return 0;
}

/* @param values descriptions of attribute types (RFC 4512, 4.1.2) */
static int has_attribute(const char *const *values, const char *wanted)
{
    int is_there = 0;

    for (int i = 0; values[i] && !is_there; i++) {
        const char *fault;
        int code;
        LDAPAttributeType *type = ldap_str2attributetype(values[i], &code, &fault, LDAP_SCHEMA_ALLOW_ALL);

        is_there = type && has_name(type->at_names, wanted);
        if (type) {
            ldap_attributetype_free(type);
        }
    }
    return is_there;
}

static int has_class(const char *const *values, const char *wanted)
{
    int is_there = 0;

    for (int i = 0; values[i] && !is_there; i++) {
        const char *fault;
        int code;
        LDAPObjectClass *class = ldap_str2objectclass(values[i], &code, &fault, LDAP_SCHEMA_ALLOW_ALL);

        is_there = class && has_name(class->oc_names, wanted);
        if (class) {
            ldap_objectclass_free(class);
        }
    }
    return is_there;
}

/* @return what of the project's schema is not there, with blanks between */
static const char *missing_of(const smv_ldap_entry_t *schema, apr_pool_t *pool)
{
    static const char *const classes[] = {"smvMandant", "smvRolle", "smvKonto", "smvFirmenzugang"};
    const char *const *known = smv_ldap_texts(schema, "objectClasses", NULL);
    const char *missing = "";

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        missing = has_class(known, classes[i]) ? missing : apr_pstrcat(pool, missing, " ", classes[i], NULL);
    }
    known = smv_ldap_texts(schema, "attributeTypes", NULL);
    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        const char *attribute = smv_rights[i].attribute;

        missing = has_attribute(known, attribute) ? missing : apr_pstrcat(pool, missing, " ", attribute, NULL);
    }
    return missing;
}

void smv_ldap_inspect_schema(const smv_ldap_inspection_t *self)
{
    static const char *const of_root[] = {"subschemaSubentry", NULL};
    static const char *const of_schema[] = {"objectClasses", "attributeTypes", NULL};
    smv_ldap_entry_t root, schema;
    LDAPMessage *result, *more = NULL;
    const char *missing;

    if (!smv_ldap_inspect_first(self, &root, &result, "", LDAP_SCOPE_BASE, "(objectClass=*)", of_root) ||
        !smv_ldap_inspect_first(self, &schema, &more, smv_ldap_text(&root, "subschemaSubentry"), LDAP_SCOPE_BASE,
                                "(objectClass=subschema)", of_schema)) {
        smv_found(self->findings, SMV_FINDING_LDAP_UNTOLD, "%s does not let its schema be read", self->uri);
    } else if (*(missing = missing_of(&schema, self->pool))) {
        smv_found(self->findings, SMV_FINDING_LDAP_SCHEMA, "%s does not know%s", self->uri, missing);
    }
    ldap_msgfree(more);
    ldap_msgfree(result);
}

/* --- indexes --- */

/* What the portal and its listening to changes search by. */
static const char *const indexed[] = {"objectClass",  "uid",          "smvKundenNr", "smvRolleDN", "member",
                                      "uniqueMember", "roleOccupant", "entryCSN",    "entryUUID"};

/* @param value as olcDbIndex has it: names with commas between, a blank, kinds @return 1 where it is an eq of that */
static int is_index_of(const char *value, const char *attribute)
{
    size_t names = strcspn(value, " "), size = strlen(attribute);

    if (!strstr(value + names, "eq")) {
        return 0;
    }
    for (const char *name = value; name < value + names; name += strcspn(name, ", ") + 1) {
        if (strcspn(name, ", ") == size && strncasecmp(name, attribute, size) == 0) {
            return 1;
        }
    }
    return 0;
}

static const char *unindexed(const smv_ldap_entry_t *database, apr_pool_t *pool)
{
    const char *const *values = smv_ldap_texts(database, "olcDbIndex", NULL);
    const char *missing = "";

    for (size_t i = 0; i < sizeof indexed / sizeof *indexed; i++) {
        int is_there = 0;

        for (int value = 0; values[value] && !is_there; value++) {
            is_there = is_index_of(values[value], indexed[i]);
        }
        missing = is_there ? missing : apr_pstrcat(pool, missing, " ", indexed[i], NULL);
    }
    return missing;
}

/* @return the suffix of the database that has the base: of the naming contexts the deepest above it */
static const char *suffix_of(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {"namingContexts", NULL};
    const char *found = self->config->base;
    smv_ldap_entry_t root;
    LDAPMessage *result;
    size_t longest = 0;

    if (smv_ldap_inspect_first(self, &root, &result, "", LDAP_SCOPE_BASE, "(objectClass=*)", attributes)) {
        for (const char *const *each = smv_ldap_texts(&root, "namingContexts", NULL); *each; each++) {
            if (strlen(*each) >= longest && smv_ldap_is_within(self->config->base, *each)) {
                longest = strlen(*each);
                found = *each;
            }
        }
    }
    ldap_msgfree(result);
    return found;
}

void smv_ldap_inspect_indexes(const smv_ldap_inspection_t *self)
{
    static const char *const attributes[] = {"olcDbIndex", NULL};
    const char *filter = apr_psprintf(self->pool, "(olcSuffix=%s)", smv_ldap_escaped(suffix_of(self), self->pool));
    smv_ldap_entry_t database;
    LDAPMessage *result;
    const char *missing;

    if (!smv_ldap_inspect_first(self, &database, &result, "cn=config", LDAP_SCOPE_ONELEVEL, filter, attributes)) {
        smv_found(self->findings, SMV_FINDING_LDAP_INDEX_UNTOLD,
                  "%s: the service account may not read cn=config, where the indexes are", self->uri);
    } else if (*(missing = unindexed(&database, self->pool))) {
        smv_found(self->findings, SMV_FINDING_LDAP_INDEX, "%s has no index for%s", self->uri, missing);
    }
    ldap_msgfree(result);
}

/* --- changes --- */

void smv_ldap_inspect_sync(const smv_ldap_inspection_t *self)
{
    const smv_ldap_wait_t wait = smv_ldap_inspect_wait(self);

    if ((smv_ldap_sync_is_offered(self->ld, SMV_SYNC_CONTENT, &wait) &&
         smv_ldap_sync_cookie(self->ld, self->config->base, &wait, self->pool)) ||
        smv_ldap_sync_is_offered(self->ld, SMV_SYNC_PERSISTENT, &wait) ||
        smv_ldap_sync_is_offered(self->ld, SMV_SYNC_NOTIFICATION, &wait)) {
        return;
    }
    smv_found(self->findings, SMV_FINDING_LDAP_SYNC,
              "%s does not tell of changes: they count after SmvPortalCacheTime alone", self->uri);
}
