/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl: the portal's core on a terminal. Exit codes are those of sysexits.h.
 */
#include "smv_ctl.h"

#include <apr_general.h>
#include <apr_getopt.h>
#include <apr_strings.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* --- the commands --- */

typedef struct command_t {
    const char *name; /* one word or two */
    const char *arguments, *help;
    int options;          /* that it takes */
    int minimum, maximum; /* words behind its name */
    smv_ctl_fn *run;
} command_t;

static smv_ctl_fn print_version, print_help;

static const command_t commands[] = {
    {"check", "", "what is wrong with the portal, and what to do about it", SMV_CTL_PORTAL | SMV_CTL_JSON, 0, 0,
     smv_ctl_check},
    {"explain", "LOGIN WHAT [CUSTOMER]", "why somebody may do something, or not", SMV_CTL_PORTAL | SMV_CTL_JSON, 2, 3,
     smv_ctl_explain},
    {"audit verify", "", "name the first row of the audit log that is not as it was written",
     SMV_CTL_PORTAL | SMV_CTL_JSON, 0, 0, smv_ctl_audit_verify},
    {"audit export", "", "print the audit log as CSV", SMV_CTL_PORTAL | SMV_CTL_JSON | SMV_CTL_FROM | SMV_CTL_UNTIL, 0,
     0, smv_ctl_audit_export},
    {"sessions list", "", "who is signed in", SMV_CTL_PORTAL | SMV_CTL_JSON | SMV_CTL_LOGIN, 0, 0,
     smv_ctl_sessions_list},
    {"sessions end", "", "sign somebody out everywhere, or everybody",
     SMV_CTL_PORTAL | SMV_CTL_JSON | SMV_CTL_LOGIN | SMV_CTL_ALL, 0, 0, smv_ctl_sessions_end},
    {"access create", "CUSTOMER LOGIN", "give somebody access to a customer's data",
     SMV_CTL_PERSON | SMV_CTL_NAME | SMV_CTL_ROLE | SMV_CTL_MAIL | SMV_CTL_CUSTOMERS | SMV_CTL_VALID_UNTIL, 2, 2,
     smv_ctl_access_create},
    {"access lock", "CUSTOMER LOGIN", "lock an access, and sign its person out", SMV_CTL_PERSON, 2, 2,
     smv_ctl_access_lock},
    {"access unlock", "CUSTOMER LOGIN", "unlock an access", SMV_CTL_PERSON, 2, 2, smv_ctl_access_unlock},
    {"access reset", "CUSTOMER LOGIN", "let its person choose a new password", SMV_CTL_PERSON, 2, 2,
     smv_ctl_access_reset},
    {"import gdv", "FILE ...", "take deliveries of insurers",
     SMV_CTL_PORTAL | SMV_CTL_JSON | SMV_CTL_STRICT | SMV_CTL_CHARSET | SMV_CTL_BROKER | SMV_CTL_CATALOGUE, 1, INT_MAX,
     smv_ctl_import_gdv},
    {"import documents", "FILE|FOLDER ...", "take documents with an index, or transfers of BiPRO",
     SMV_CTL_PORTAL | SMV_CTL_JSON | SMV_CTL_CHARSET | SMV_CTL_INSURER, 1, INT_MAX, smv_ctl_import_documents},
    {"export customer", "NUMBER FILE", "everything on a customer as a ZIP", SMV_CTL_PORTAL | SMV_CTL_JSON, 2, 2,
     smv_ctl_export_customer},
    {"export changes", "", "what people changed in the portal, a line of JSON each", SMV_CTL_PORTAL | SMV_CTL_AFTER, 0,
     0, smv_ctl_export_changes},
    {"backup", "FOLDER", "copy database and documents while the portal runs", SMV_CTL_PORTAL | SMV_CTL_JSON, 1, 1,
     smv_ctl_backup},
    {"restore", "FOLDER", "bring a backup back while the portal is stopped", SMV_CTL_PORTAL | SMV_CTL_JSON, 1, 1,
     smv_ctl_restore},
    {"collect-garbage", "", "remove files that belong to no document", SMV_CTL_PORTAL | SMV_CTL_JSON, 0, 0,
     smv_ctl_collect_garbage},
    {"create-database", "FILE", "make a new, empty database", SMV_CTL_JSON, 1, 1, smv_ctl_create_database},
    {"migrate", "FILE", "bring a database of an older release to the schema of this one", SMV_CTL_JSON, 1, 1,
     smv_ctl_migrate},
    {"rights", "", "list the rights with their LDAP attributes", SMV_CTL_JSON, 0, 0, smv_ctl_rights},
    {"routes", "", "list the routes with the rights that they need", SMV_CTL_JSON, 0, 0, smv_ctl_routes},
    {"openapi", "", "print the API's description", 0, 0, 0, smv_ctl_openapi},
    {"version", "", "print the version", 0, 0, 0, print_version},
    {"help", "", "print the commands and options", 0, 0, 0, print_help},
};
#define COMMAND_COUNT ((int)(sizeof commands / sizeof *commands))

/* --- the options --- */

static const struct {
    const char *name, *argument, *help;
} options[] = {
#define OPTION(NAME, member, option, argument, help) {option, argument, help},
    SMV_CTL_OPTIONS(OPTION)
#undef OPTION
};

#define FIRST_LETTER 256 /* apr_getopt_long knows an option by a number that is no letter of a short one */
#define HELP_LETTER 'h'

static const apr_getopt_option_t *option_table(apr_pool_t *pool)
{
    apr_getopt_option_t *table = apr_pcalloc(pool, sizeof *table * (SMV_CTL_OPTION_COUNT + 2));

    for (int i = 0; i < SMV_CTL_OPTION_COUNT; i++) {
        table[i] = (apr_getopt_option_t){options[i].name, FIRST_LETTER + i, *options[i].argument != '\0', NULL};
    }
    table[SMV_CTL_OPTION_COUNT] = (apr_getopt_option_t){"help", HELP_LETTER, 0, NULL};
    return table;
}

static void set_option(smv_ctl_t *ctl, int number, const char *value)
{
    const char **const members[] = {
#define MEMBER(NAME, member, option, argument, help) &ctl->member,
        SMV_CTL_OPTIONS(MEMBER)
#undef MEMBER
    };

    *members[number] = value ? value : "";
}

/* @param said out: the set of options, wherever they stand @return EX_OK, EX_USAGE */
static int read_options(smv_ctl_t *ctl, int *said, int *wants_help, int argc, const char *const *argv)
{
    const apr_getopt_option_t *table = option_table(ctl->pool);
    const char *value;
    apr_getopt_t *state;
    apr_status_t status;
    int letter;

    if (apr_getopt_init(&state, ctl->pool, argc, argv) != APR_SUCCESS) {
        return EX_OSERR;
    }
    state->interleave = 1;
    while ((status = apr_getopt_long(state, table, &letter, &value)) == APR_SUCCESS) {
        if (letter == HELP_LETTER) {
            *wants_help = 1;
        } else {
            set_option(ctl, letter - FIRST_LETTER, value);
            *said |= 1 << (letter - FIRST_LETTER);
        }
    }
    ctl->words = state->argv + state->ind;
    ctl->count = argc - state->ind;
    return status == APR_EOF ? EX_OK : EX_USAGE;
}

/* --- help --- */

static void print_usage_of(FILE *to, const command_t *command)
{
    fprintf(to, "usage: smvportalctl %s", command->name);
    for (int i = 0; i < SMV_CTL_OPTION_COUNT; i++) {
        const char *form = SMV_CTL_NEEDED & 1 << i ? " --%s %s" : *options[i].argument ? " [--%s %s]" : " [--%s]";

        if (command->options & 1 << i) {
            fprintf(to, form, options[i].name, options[i].argument);
        }
    }
    fprintf(to, "%s%s\n", *command->arguments ? " " : "", command->arguments);
}

static void print_usage(FILE *to)
{
    fputs("usage: smvportalctl COMMAND [OPTION ...] [ARGUMENT ...]\n\n", to);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const char *name = commands[i].name, *arguments = commands[i].arguments;

        fprintf(to, "  %s %s%*s%s\n", name, arguments, (int)(38 - strlen(name) - strlen(arguments)), "",
                commands[i].help);
    }
    fputs("\n", to);
    for (int i = 0; i < SMV_CTL_OPTION_COUNT; i++) {
        fprintf(to, "  --%-14s %-10s %s\n", options[i].name, options[i].argument, options[i].help);
    }
}

static int print_help(const smv_ctl_t *ctl)
{
    (void)ctl;
    print_usage(stdout);
    return EX_OK;
}

static int print_version(const smv_ctl_t *ctl)
{
    (void)ctl;
    puts("smvportalctl " PACKAGE_VERSION);
    return EX_OK;
}

/* --- which one --- */

/* @return how many words of the name stand at the beginning; 0: not all of them */
static int words_of_name(const char *name, const smv_ctl_t *ctl)
{
    const char *blank = strchr(name, ' ');
    size_t first = blank ? (size_t)(blank - name) : strlen(name);

    if (ctl->count < 1 || strlen(ctl->words[0]) != first || strncmp(ctl->words[0], name, first) != 0) {
        return 0;
    }
    return !blank ? 1 : ctl->count > 1 && strcmp(ctl->words[1], blank + 1) == 0 ? 2 : 0;
}

static const command_t *find_command(smv_ctl_t *ctl)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        int words = words_of_name(commands[i].name, ctl);

        if (words) {
            ctl->words += words;
            ctl->count -= words;
            return &commands[i];
        }
    }
    return NULL;
}

/* @return whether the options and the number of arguments are the command's; if not, why is said */
static int is_whole(const command_t *command, int said, int count)
{
    int foreign = said & ~command->options, missing = command->options & SMV_CTL_NEEDED & ~said;

    for (int i = 0; i < SMV_CTL_OPTION_COUNT; i++) {
        if ((foreign | missing) & 1 << i) {
            fprintf(stderr, "smvportalctl: %s %s --%s\n", command->name, foreign & 1 << i ? "takes no" : "needs",
                    options[i].name);
        }
    }
    return !foreign && !missing && count >= command->minimum && count <= command->maximum;
}

static int run(smv_ctl_t *ctl, int said, int wants_help)
{
    const command_t *command = find_command(ctl);

    if (!command && wants_help && ctl->count == 0) {
        return print_help(ctl);
    }
    if (!command) {
        print_usage(stderr);
        return EX_USAGE;
    }
    if (wants_help) {
        print_usage_of(stdout, command);
        return EX_OK;
    }
    if (!is_whole(command, said, ctl->count)) {
        print_usage_of(stderr, command);
        return EX_USAGE;
    }
    return command->run(ctl);
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
    smv_ctl_t ctl = {.count = 0};
    int said = 0, wants_help = 0, code;

    if (apr_app_initialize(&argc, &argv, &env) != APR_SUCCESS || apr_pool_create(&ctl.pool, NULL) != APR_SUCCESS) {
        return EX_OSERR;
    }
    atexit(apr_terminate);
    code = read_options(&ctl, &said, &wants_help, argc, argv);
    return code == EX_OK ? finish(run(&ctl, said, wants_help)) : code;
}
