/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_config: the directives of one virtual host, and what a child process opens for it.
 *
 * The settings are immutable once they are checked; a child sets `opened` once, before it serves requests.
 * What is opened may be used by any thread of that child.
 */
#ifndef SMV_CONFIG_H
#define SMV_CONFIG_H

#include <apr_thread_mutex.h>
#include <httpd.h>
#include <http_config.h>

#include "../core/smv_directory.h"
#include "../core/smv_route.h"
#include "../core/smv_session.h"
#include "../port/smv_settings.h"
#include "../port/smv_template.h"

/* What a child process opens for a virtual host. */
typedef struct smv_opened_t {
    smv_store_t *_Atomic store; /* NULL until the database could be opened, then unchanged */
    smv_directory_t *directory;
    smv_principal_cache_t *principals;
    smv_sessions_t sessions;  /* without a store: each request has its own */
    apr_thread_mutex_t *lock; /* held by the one thread that opens the store; guards last_try */
    apr_time_t last_try;
    apr_thread_mutex_t *refusals_lock; /* guards the four below: sign-ins refused in the current minute */
    apr_time_t refusals_since;
    int refusals, refusals_left_out; /* not noted since the last one that was */
    apr_pool_t *pool;
} smv_opened_t;

/* One directory of the firm: the portal's own, or that of a section <SmvPortalDirectory>. */
typedef struct smv_directory_settings_t {
    const char *name; /* of the section; "own" for the portal's own */
    smv_ldap_settings_t said;
    smv_ldap_config_t made;     /* when it is checked */
    smv_live_server_t *servers; /* shared with every process; NULL before httpd starts */
} smv_directory_settings_t;

typedef struct smv_config_t {
    int is_enabled; /* -1 where not said, like every number here */
    SMV_PORTAL_TEXTS(SMV_SETTINGS_TEXT)
    SMV_PORTAL_NUMBERS(SMV_SETTINGS_NUMBER)
    smv_directory_settings_t ldap;   /* the portal's own directory */
    apr_array_header_t *providers;   /* of const smv_sso_t *: the places of single sign-on */
    apr_array_header_t *directories; /* of smv_directory_settings_t *: the others, in order */
    /* made by smv_config_check */
    smv_templates_t *templates;
    smv_limits_t limits;
    smv_mailer_t *mailer; /* NULL: nothing is mailed */
    const char *openapi;
    smv_live_t *live; /* shared with every process, as `known`; NULL before httpd starts */
    smv_known_t *known;
    struct watcher_t *watchers; /* of the servers of its directory (smv_watch.c) */
    smv_opened_t *opened;       /* NULL before child_init, and in a child that had no memory for it */
} smv_config_t;

extern module AP_MODULE_DECLARE_DATA smvportal_module;
extern const command_rec smv_directives[];

void *smv_config_create(apr_pool_t *pool, server_rec *server);
void *smv_config_merge(apr_pool_t *pool, void *base, void *add);

/* @return the settings of a virtual host */
smv_config_t *smv_config_of(server_rec *server);

/* Fill in the defaults. @return SMV_ERROR_CONFIGURATION: what must be said and is not */
const smv_error_t *smv_config_complete(smv_config_t *config, apr_pool_t *pool);

/* Hook check_config, run by `apachectl configtest`, too: names each fault with its remedy in the log. */
int smv_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server);

/* Hook test_config: print it for smvportalctl, where that was asked for (smv_config_dump.c). */
void smv_config_dump(apr_pool_t *pool, server_rec *server);
/* @return 1 where httpd was run for that alone */
int smv_config_is_dumped(void);

/* Hook post_config: the shared memory, and who watches the servers (smv_watch.c). */
int smv_watch_init(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server);
/* Hook child_init: what they leave behind. */
void smv_watch_child_init(apr_pool_t *pool, server_rec *server);

/* What mod_status says of the directories (smv_status.c). */
void smv_status_register(apr_pool_t *pool);

/* @return how many directories a virtual host has */
int smv_directory_count(const smv_config_t *config);
/* @param number SMV_DIRECTORY_OWN, or of another, in order */
smv_directory_settings_t *smv_directory_settings(const smv_config_t *config, int number);
/* The same for the port. */
smv_ldap_config_t smv_directory_config(const smv_config_t *config, int number);
/* Complete what was said of the directories with what follows from it, and read the passwords.
 * @return SMV_ERROR_CONFIGURATION: the first fault with its remedy */
const smv_error_t *smv_directories_check(const smv_config_t *config, apr_pool_t *pool);

/* Hook child_init. */
void smv_child_init(apr_pool_t *pool, server_rec *server);

/* Open the database as a child will, and close it again.
 * @return why a child could not work with this configuration */
const smv_error_t *smv_child_check(const smv_config_t *config, apr_pool_t *pool);

/* The store of this child, opened now where that was not possible before; at most one try a second, by one thread.
 * @return why it is not open */
const smv_error_t *smv_child_store(const smv_config_t *config, smv_store_t **store, apr_pool_t *pool);

#endif
