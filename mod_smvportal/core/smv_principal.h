/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_principal: who asks. An account of the directory with its roles, as the policy sees it.
 *
 * Everything belongs to the pool it was built in and is immutable from then on, so threads may share it. A principal
 * whose roles could not be loaded does not exist: an empty set would switch the hide rights off.
 */
#ifndef SMV_PRINCIPAL_H
#define SMV_PRINCIPAL_H

#include <apr_time.h>

#include "smv_live.h"
#include "smv_rights.h"

/* smvGeltungsbereich of a role */
typedef enum {
    SMV_SCOPE_OWN,       /* eigene: the customer numbers of the account */
    SMV_SCOPE_PORTFOLIO, /* bestand: the customers of the account's broker numbers */
    SMV_SCOPE_ALL        /* alle: every customer of the tenant */
} smv_scope_e;
#define SMV_SCOPE_COUNT (SMV_SCOPE_ALL + 1)

/* A set of 64-bit numbers, in the order of the directory. */
typedef struct smv_numbers_t {
    const apr_int64_t *at;
    int count;
} smv_numbers_t;

/* How an account came by a role; several may be true at once. */
typedef enum {
    SMV_SOURCE_POINTER = 1, /* smvRolleDN of the account */
    SMV_SOURCE_GROUP = 2,   /* memberOf of the account, or a group of another directory that the role names */
    SMV_SOURCE_MEMBER = 4   /* member, uniqueMember or roleOccupant of the role */
} smv_source_e;

typedef struct smv_role_t {
    apr_int64_t id;     /* tenant number << 32 | running number */
    const char *name;   /* cn, the Bezeichnung */
    const char *remark; /* description, the Bemerkung; "" where absent */
    smv_scope_e scope;
    smv_rightset_t rights; /* the attributes that are TRUE, of whatever kind */
    const char *dn;
    int sources;            /* of smv_source_e */
    smv_rightset_t refused; /* the attributes that are FALSE; the others are absent */
} smv_role_t;

/* The view as a customer: the firm's own people see what one account sees, as far as they may see it themselves. The
 * principal then has login, DN, name and mail of who looks, with the customers and the roles of the account. */
typedef struct smv_viewing_t {
    const char *dn, *name;        /* of the account */
    apr_int64_t customer;         /* from whose page the view began */
    const smv_rightset_t *limits; /* for each of the principal's customers: what who looks may see themselves */
    smv_rightset_t hidden;        /* what is concealed from who looks */
} smv_viewing_t;

/* The portal's own directory, which has the roles and the firm, among those that a firm may have. */
#define SMV_DIRECTORY_OWN 0

/* The module Kundenportal is not among smvModul of the tenant. */
#define SMV_MODULE_NOT_BOOKED ((apr_time_t)-1)

typedef struct smv_principal_t {
    const char *login;       /* uid */
    const char *dn;          /* of the account */
    const char *name;        /* displayName, else cn */
    const char *mail;        /* "" where absent */
    apr_int64_t tenant;      /* smvMandantNr */
    smv_numbers_t customers; /* smvKundenNr */
    smv_numbers_t brokers;   /* smvVermittlerNr */
    const smv_role_t *roles;
    int role_count;               /* at least 1, but in a view of an account that is closed */
    const smv_viewing_t *viewing; /* NULL: nobody looks but the person */
    apr_time_t module_until;      /* smvModulGueltigBis of the tenant; 0: no end */
    apr_time_t valid_until;       /* smvGueltigBis, or when a firm's module ends that lets it in; 0: no end */
    int directory;                /* which one has the account: SMV_DIRECTORY_OWN, or the number of another */
    smv_uuid_t uuid;              /* entryUUID of the account; zero where the directory has none */
    int is_remembered;            /* the directory is away: it was so when last asked, within the grace time */
} smv_principal_t;

/* @return 1 where number is in the set. */
int smv_numbers_have(const smv_numbers_t *numbers, apr_int64_t number);

#endif
