/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl: the portal's core on a terminal. Exit codes are those of sysexits.h.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "../core/smv_json.h"
#include "../core/smv_route.h"
#include "../port/smv_garbage.h"
#include "../port/smv_sqlite.h"
#include "smv_ctl_audit.h"
#include "smv_ctl_explain.h"
#include "smv_ctl_migrate.h"

typedef int command_fn(int count, const char *const *words, apr_pool_t *pool);

static int create_database(int count, const char *const *words, apr_pool_t *pool)
{
    const smv_error_t *error;

    if (count != 1) {
        fputs("usage: smvportalctl create-database FILE\n", stderr);
        return EX_USAGE;
    }
    error = smv_sqlite_create(words[0], pool);
    if (error) {
        fprintf(stderr, "smvportalctl: %s\n", error->detail);
        return EX_CANTCREAT;
    }
    return EX_OK;
}

#define UNDO_LIFE 86400 /* seconds; no SmvPortalUndoTime is longer */

static int collect_garbage(int count, const char *const *words, apr_pool_t *pool)
{
    smv_sqlite_config_t config = {count > 0 ? words[0] : NULL, 1, apr_time_from_sec(60), 0};
    smv_garbage_t garbage;
    smv_store_t *store;
    const smv_error_t *error;

    if (count != 2) {
        fputs("usage: smvportalctl collect-garbage DATABASE DOCUMENTS\n", stderr);
        return EX_USAGE;
    }
    if ((error = smv_sqlite_open(&store, &config, pool)) ||
        (error = store->purge_documents(store, apr_time_sec(apr_time_now()) - UNDO_LIFE, pool)) ||
        (error = smv_garbage_collect(&garbage, store, words[1], apr_time_now(), pool))) {
        fprintf(stderr, "smvportalctl: %s\n", error->detail);
        return error->code == SMV_ERROR_DATABASE_BUSY ? EX_TEMPFAIL : EX_NOINPUT;
    }
    printf("%" APR_INT64_T_FMT " files, %" APR_INT64_T_FMT " removed, %" APR_INT64_T_FMT " bytes\n", garbage.seen,
           garbage.removed, garbage.bytes);
    return EX_OK;
}

static const char *const kinds[] = {"allow", "hide", "staff"};

static void print_right_json(const smv_right_t *right, int is_first, apr_pool_t *pool)
{
    smv_buffer_t label;

    smv_buffer_init(&label, 64, 1024, pool);
    smv_buffer_json(&label, right->label, strlen(right->label));
    printf("%s\n  {\"id\": \"%s\", \"label\": %.*s, \"attribute\": \"%s\", \"kind\": \"%s\", \"default\": %s, "
           "\"row\": %d, \"column\": %d}",
           is_first ? "" : ",", right->id, (int)label.size, label.data, right->attribute, kinds[right->kind],
           right->is_default ? "true" : "false", right->row, right->column);
}

static int print_rights(int count, const char *const *words, apr_pool_t *pool)
{
    int is_json = count == 1 && strcmp(words[0], "--json") == 0;

    if (count > 1 || (count == 1 && !is_json)) {
        fputs("usage: smvportalctl rights [--json]\n", stderr);
        return EX_USAGE;
    }
    fputs(is_json ? "[" : "id\tlabel\tattribute\tkind\tdefault\trow\tcolumn\n", stdout);
    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        const smv_right_t *right = &smv_rights[i];

        if (is_json) {
            print_right_json(right, i == 0, pool);
        } else {
            printf("%s\t%s\t%s\t%s\t%s\t%d\t%d\n", right->id, right->label, right->attribute, kinds[right->kind],
                   right->is_default ? "TRUE" : "FALSE", right->row, right->column);
        }
    }
    fputs(is_json ? "\n]\n" : "", stdout);
    return EX_OK;
}

/* @return the ids of the rights in the set, each quoted, with commas between */
static const char *right_list(smv_rightset_t rights, apr_pool_t *pool)
{
    const char *list = "";

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(rights, right)) {
            list = apr_pstrcat(pool, list, *list ? ", " : "", "\"", smv_rights[right].id, "\"", NULL);
        }
    }
    return list;
}

static void print_route_json(const smv_route_t *route, int is_first, apr_pool_t *pool)
{
    const char *right = route->right == SMV_RIGHT_NONE ? NULL : smv_rights[route->right].id;

    printf("%s\n  {\"name\": \"%s\", \"method\": \"%s\", \"pattern\": \"%s\", \"access\": \"%s\", \"right\": %s%s%s, "
           "\"hidden_by\": [%s], \"subject\": \"%s\", \"csrf\": \"%s\", \"resource\": %s%s%s, \"takes_files\": %s, "
           "\"in_view\": %s, "
           "\"page\": %s, \"api\": %s, \"file\": %s}",
           is_first ? "" : ",", route->name, smv_method_names[route->method], route->pattern,
           smv_access_names[route->access], right ? "\"" : "", right ? right : "null", right ? "\"" : "",
           right_list(route->hidden_by, pool), smv_subject_names[route->subject], smv_csrf_names[route->csrf],
           route->resource ? "\"" : "", route->resource ? route->resource->name : "null", route->resource ? "\"" : "",
           route->takes_files ? "true" : "false", route->in_view ? "true" : "false",
           route->renderings & SMV_RENDER_PAGE ? "true" : "false",
           route->renderings & SMV_RENDER_API ? "true" : "false",
           route->renderings & SMV_RENDER_FILE ? "true" : "false");
}

static int print_routes(int count, const char *const *words, apr_pool_t *pool)
{
    int is_json = count == 1 && strcmp(words[0], "--json") == 0;

    if (count > 1 || (count == 1 && !is_json)) {
        fputs("usage: smvportalctl routes [--json]\n", stderr);
        return EX_USAGE;
    }
    fputs(is_json ? "[" : "name\tmethod\tpattern\taccess\tright\tsubject\n", stdout);
    for (int i = 0; i < smv_route_count; i++) {
        const smv_route_t *route = &smv_routes[i];

        if (is_json) {
            print_route_json(route, i == 0, pool);
        } else {
            printf("%s\t%s\t%s\t%s\t%s\t%s\n", route->name, smv_method_names[route->method], route->pattern,
                   smv_access_names[route->access], route->right == SMV_RIGHT_NONE ? "-" : smv_rights[route->right].id,
                   smv_subject_names[route->subject]);
        }
    }
    fputs(is_json ? "\n]\n" : "", stdout);
    return EX_OK;
}

static int print_openapi(int count, const char *const *words, apr_pool_t *pool)
{
    smv_buffer_t document;

    (void)words;
    if (count != 0) {
        fputs("usage: smvportalctl openapi\n", stderr);
        return EX_USAGE;
    }
    smv_buffer_init(&document, 1 << 15, 1 << 22, pool);
    smv_openapi(&document, "/portal/api/v1", pool);
    fwrite(document.data, 1, document.size, stdout);
    return document.is_failed ? EX_SOFTWARE : EX_OK;
}

static int print_version(int count, const char *const *words, apr_pool_t *pool)
{
    (void)words;
    (void)pool;
    if (count != 0) {
        fputs("usage: smvportalctl version\n", stderr);
        return EX_USAGE;
    }
    puts("smvportalctl " PACKAGE_VERSION);
    return EX_OK;
}

static const struct {
    const char *name, *help;
    command_fn *run;
} commands[] = {
    {"create-database", "FILE    make a new, empty database", create_database},
    {"migrate", "FILE            bring a database of an older release to the schema of this one", smv_ctl_migrate},
    {"collect-garbage", "DATABASE DOCUMENTS    remove files that belong to no document", collect_garbage},
    {"audit-verify", "DATABASE    name the first row of the audit log that is not as it was written",
     smv_ctl_audit_verify},
    {"explain", "[--json] CONF LOGIN WHAT [CUSTOMER]    why somebody may do something, or not", smv_ctl_explain},
    {"rights", "[--json]         list the rights with their LDAP attributes", print_rights},
    {"routes", "[--json]         list the routes with the rights that they need", print_routes},
    {"openapi", "                print the API's description", print_openapi},
    {"version", "                print the version", print_version},
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static void print_usage(FILE *to)
{
    fputs("usage: smvportalctl COMMAND [ARGUMENT ...]\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(to, "  %s %s\n", commands[i].name, commands[i].help);
    }
}

/* What did not reach its reader, for example on a full disk, is no success. */
static int finish(int code)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EX_OK) {
        perror("smvportalctl: standard output");
        return EX_IOERR;
    }
    return code;
}

int main(int argc, const char *const *argv, const char *const *env)
{
    apr_pool_t *pool;

    if (apr_app_initialize(&argc, &argv, &env) != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return EX_OSERR;
    }
    atexit(apr_terminate);
    if (argc > 1 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)) {
        print_usage(stdout);
        return finish(EX_OK);
    }
    for (size_t i = 0; argc > 1 && i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0) {
            return finish(commands[i].run(argc - 2, argv + 2, pool));
        }
    }
    print_usage(stderr);
    return EX_USAGE;
}
