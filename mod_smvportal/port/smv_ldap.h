/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap: the directory port over OpenLDAP's libldap.
 *
 * Searches use a small pool of connections bound as the service; binds of users happen on connections of their own.
 * Thread-safety: the directory may be used from any thread of the process that made it. Not to be used across fork:
 * make it in child_init.
 */
#ifndef SMV_LDAP_H
#define SMV_LDAP_H

#include "../core/smv_directory.h"
#include "smv_ldap_map.h"

/* One directory. Every text lives as long as what is made from it. */
typedef struct smv_ldap_config_t {
    int number;      /* SMV_DIRECTORY_OWN, or another */
    const char *uri; /* ldap://127.0.0.1:3389, several separated by blanks */
    int is_random;   /* any of the servers; else the first that answers */
    const char
        *base; /* below which people and groups are; in the portal's own one the tenant's entry, with smvMandant */
    smv_ldap_map_t map;        /* what it calls things */
    smv_ldap_groups_e groups;  /* how those of an account are found */
    const char *group_filter;  /* those that count; NULL: that of the map */
    const char *stand_in;      /* as whom its people write in the portal's own directory; NULL: as themselves */
    int is_password_writeable; /* people change their passwords in the portal */
    const char *accounts;      /* below which new accounts are made; NULL: none are */
    const char *roles;         /* below which new roles are made */
    int keeps_references;      /* accounts follow a role that is renamed, by the directory's own doing */
    int is_external;           /* the service binds by SASL EXTERNAL: as the user of this process, or by certificate */
    const char *bind_dn;       /* service account; NULL binds anonymously */
    const char *bind_password; /* never logged */
    const char *user_filter;   /* like (&(objectClass=smvKonto)(uid=%s)), the login for %s; NULL: that of the map */
    int starts_tls;            /* on each ldap:// connection, before anything else is said */
    int trusts_anybody;        /* certificates are not checked */
    const char *tls_ca;        /* file with the CAs that are trusted; NULL: those of libldap's configuration */
    const char *tls_certificate, *tls_key; /* files, to say by TLS who this is; NULL: nobody */
    apr_time_t connect_timeout;            /* of a connection, with TLS */
    apr_time_t timeout;                    /* of whatever is asked, with all the servers that are tried */
    int pool_size;                         /* service connections of one process at most */
    smv_live_t *live;                      /* what is known of servers; NULL: nobody watches them */
    smv_live_server_t *servers;            /* the first of its own in it */
} smv_ldap_config_t;

/* What is wrong with the configuration of one, as far as that can be said without a server. @return
 * SMV_ERROR_CONFIGURATION
 * @param may_be_plain passwords may cross a network in the clear */
const smv_error_t *smv_ldap_check(const smv_ldap_config_t *config, int may_be_plain, apr_pool_t *pool);
/* What is wrong with several beside each other. */
const smv_error_t *smv_ldap_check_all(const smv_ldap_config_t *configs, int count, apr_pool_t *pool);

/* @param count out @return the servers of a configuration, SMV_LIVE_MAX_SERVERS at most */
const char *const *smv_ldap_servers(const char *uri, int *count, apr_pool_t *pool);

/* The directories of a portal as one, its own first. @param configs SMV_LIVE_MAX_DIRECTORIES at most */
apr_status_t smv_ldap_create(smv_directory_t **directory, const smv_ldap_config_t *configs, int count,
                             apr_pool_t *pool);

/* @return the number of the directory whose account that is, by the DN */
int smv_ldap_number_of(smv_directory_t *directory, const char *dn);

/* The service connections of this process to one of them. @param number from 0 */
typedef struct smv_ldap_connections_t {
    int open, in_use, limit;
} smv_ldap_connections_t;
smv_ldap_connections_t smv_ldap_connections(smv_directory_t *directory, int number);

#endif
