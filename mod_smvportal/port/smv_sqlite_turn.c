/* SPDX-License-Identifier: Apache-2.0
 *
 * Turns in SQLite: what only one of all processes does at a time.
 */
#include "smv_sqlite_use.h"

static const smv_error_t *turn_take(smv_store_t *store, const char *name, const char *holder, apr_time_t now,
                                    int seconds, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_TEXT(name), A_TEXT(holder), A_NUMBER(apr_time_sec(now) + seconds),
                                        A_NUMBER(apr_time_sec(now))};
    int changed = 0;
    const smv_error_t *error = smv_use_run(store, SMV_SQL_TURN_TAKE, arguments, COUNT_OF(arguments), 1, &changed, pool);

    return error || changed ? error : smv_error(pool, SMV_ERROR_CONFLICT, "somebody else has the turn %s", name);
}

static const smv_error_t *turn_give(smv_store_t *store, const char *name, const char *holder, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_TEXT(name), A_TEXT(holder)};

    return smv_use_run(store, SMV_SQL_TURN_GIVE, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

void smv_sqlite_set_turns(smv_store_t *store)
{
    store->turn_take = turn_take;
    store->turn_give = turn_give;
}
