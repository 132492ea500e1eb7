/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl sessions: who is signed in, and signing people out.
 */
#include "smv_ctl_conf.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "../core/smv_json.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"

#define MAX_LISTED 1000000
#define EVERYBODY APR_INT64_MAX /* begun and used before then */

SMV_SHAPE(smv_ctl_shape_ended, "EndedSessions", {.name = "login", .type = SMV_TYPE_TEXT},
          {.name = "dn", .type = SMV_TYPE_TEXT}, {.name = "everybody", .type = SMV_TYPE_BOOLEAN});

/* --- who they are --- */

/* What the directory says of an account; its sessions are there without it, too.
 * @return 0 where the directory cannot be reached, so that the next one need not be tried */
static int name_session(const smv_record_t *session, smv_directory_t *directory, apr_pool_t *pool)
{
    const smv_principal_t *principal;
    const smv_error_t *error =
        directory->load(directory, &principal, session->values[SMV_SESSION_DN].as.text, apr_time_now(), pool);

    if (!error) {
        smv_set(session, "login", smv_text(principal->login));
        smv_set(session, "name", smv_text(principal->name));
    } else if (error->code == SMV_ERROR_DIRECTORY_AWAY) {
        fprintf(stderr, "smvportalctl: logins and names are missing: %s\n", error->detail);
        return 0;
    }
    return 1;
}

/* Each account is read once, whatever number of sessions it has. */
static void name_all(const smv_list_t *list, smv_directory_t *directory, apr_pool_t *pool)
{
    apr_hash_t *seen = apr_hash_make(pool);

    for (int i = 0; i < list->count; i++) {
        const smv_record_t *session = &list->records[i];
        const char *dn = session->values[SMV_SESSION_DN].as.text;
        const smv_record_t *before = apr_hash_get(seen, dn, APR_HASH_KEY_STRING);

        if (before) {
            session->values[SMV_SESSION_LOGIN] = before->values[SMV_SESSION_LOGIN];
            session->values[SMV_SESSION_NAME] = before->values[SMV_SESSION_NAME];
        } else if (!name_session(session, directory, pool)) {
            return;
        }
        apr_hash_set(seen, dn, APR_HASH_KEY_STRING, session);
    }
}

static int is_of(const smv_record_t *session, const char *login)
{
    const smv_value_t *found = &session->values[SMV_SESSION_LOGIN];

    return (found->is_present && strcasecmp(found->as.text, login) == 0) ||
           strcasecmp(session->values[SMV_SESSION_DN].as.text, login) == 0;
}

static smv_list_t *those_of(const smv_list_t *list, const char *login, apr_pool_t *pool)
{
    smv_list_t *found = smv_list_make(list->shape, list->count, pool);
    smv_record_t *records = (smv_record_t *)found->records;

    found->count = 0;
    for (int i = 0; i < list->count; i++) {
        if (!login || is_of(&list->records[i], login)) {
            records[found->count++] = list->records[i];
        }
    }
    return found;
}

/* --- list --- */

/* What a name has that a terminal would obey is not shown. */
static void print_text(const char *text)
{
    for (const char *c = text; *c; c++) {
        putchar((unsigned char)*c < ' ' || *c == 127 ? '?' : *c);
    }
}

static void print_value(const smv_field_t *field, const smv_value_t *value, apr_pool_t *pool)
{
    smv_buffer_t time;

    if (!value->is_present) {
        putchar('-');
    } else if (field->type == SMV_TYPE_TEXT) {
        print_text(value->as.text);
    } else {
        smv_buffer_init(&time, 32, 64, pool);
        smv_json_value(&time, field, value);
        printf("%.*s", (int)time.size - 2, time.data + 1);
    }
}

static void print_table(const smv_list_t *list, apr_pool_t *pool)
{
    const smv_shape_t *shape = list->shape;

    for (int i = 0; i < shape->count; i++) {
        printf("%s%s", i ? "\t" : "", shape->fields[i].name);
    }
    putchar('\n');
    for (int row = 0; row < list->count; row++) {
        for (int i = 0; i < shape->count; i++) {
            fputs(i ? "\t" : "", stdout);
            print_value(&shape->fields[i], &list->records[row].values[i], pool);
        }
        putchar('\n');
    }
}

int smv_ctl_sessions_list(const smv_ctl_t *ctl)
{
    apr_time_t now = apr_time_now();
    const smv_ctl_portal_t *portal;
    smv_directory_t *directory;
    smv_store_t *store;
    smv_list_t *list;
    const smv_error_t *error;

    if ((error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open_store(&store, portal, ctl->pool)) ||
        (error = smv_ctl_open_directory(&directory, portal, ctl->pool)) ||
        (error = store->sessions(store, &list, now - apr_time_from_sec(portal->session_absolute),
                                 now - apr_time_from_sec(portal->session_idle), MAX_LISTED, ctl->pool))) {
        return smv_ctl_fail(error);
    }
    name_all(list, directory, ctl->pool);
    list = those_of(list, ctl->login, ctl->pool);
    if (ctl->json) {
        return smv_ctl_print_json_list(list, ctl->pool);
    }
    print_table(list, ctl->pool);
    return EX_OK;
}

/* --- end --- */

/* @param dn out: of the account, locked or not; what has a "=" is one already, for an account that is gone */
static const smv_error_t *find_account(const char **dn, const smv_ctl_portal_t *portal, const smv_ctl_t *ctl)
{
    const smv_account_t *account;
    smv_directory_t *directory;
    const smv_error_t *error;

    if (strchr(ctl->login, '=')) {
        *dn = ctl->login;
        return NULL;
    }
    if ((error = smv_ctl_open_directory(&directory, portal, ctl->pool)) ||
        (error = directory->explain(directory, &account, ctl->login, apr_time_now(), ctl->pool))) {
        return error;
    }
    if (account->found != 1) {
        return smv_error(ctl->pool, SMV_ERROR_NOT_FOUND,
                         "%s account has the login %s; one that is gone is named by the dn that sessions list shows",
                         account->found ? "more than one" : "no", ctl->login);
    }
    *dn = account->principal->dn;
    return NULL;
}

/* Noted before it is done: what cannot be noted does not happen. */
static const smv_error_t *end(smv_store_t *store, const char *dn, const smv_ctl_portal_t *portal, const smv_ctl_t *ctl)
{
    const smv_actor_t actor = smv_ctl_actor(ctl->pool);
    const smv_event_t event = {.kind = SMV_EVENT_END,
                               .subject = "session",
                               .object = ctl->login,
                               .detail = dn ? NULL : "{\"everybody\":true}"};
    const smv_error_t *error = store->note(store, &event, portal->tenant, &actor, ctl->pool);

    if (error) {
        return error;
    }
    return dn ? store->session_end_all(store, dn, ctl->pool)
              : store->session_expire(store, EVERYBODY, EVERYBODY, ctl->pool);
}

static int print_ended(const char *dn, const smv_ctl_t *ctl)
{
    const smv_record_t *ended = smv_record_make(&smv_ctl_shape_ended, ctl->pool);

    smv_set(ended, "login", smv_text(ctl->login));
    smv_set(ended, "dn", smv_text(dn));
    smv_set(ended, "everybody", smv_number(dn == NULL));
    return smv_ctl_print_json(ended, ctl->pool);
}

int smv_ctl_sessions_end(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    const char *dn = NULL;
    smv_store_t *store;
    const smv_error_t *error;

    if ((ctl->login == NULL) == (ctl->all == NULL)) {
        return smv_ctl_misused("sessions end --login LOGIN | --all");
    }
    if ((error = smv_ctl_conf_read(&portal, ctl)) || (ctl->login && (error = find_account(&dn, portal, ctl))) ||
        (error = smv_ctl_open_store(&store, portal, ctl->pool)) || (error = end(store, dn, portal, ctl))) {
        return smv_ctl_fail(error);
    }
    return ctl->json ? print_ended(dn, ctl) : EX_OK;
}
