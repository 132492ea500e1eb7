/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_live.h"

/* The one who watches asks twice a second; a server has this long to answer before it counts as away. */
#define PATIENCE apr_time_from_msec(2500)
/* A connection that hangs while it is made keeps the one who watches busy. */
#define OWNER_PATIENCE apr_time_from_sec(8)

const char *const smv_live_mode_names[] = {
#define SMV_LIVE_NAME(NAME, text) text,
    SMV_LIVE_MODES(SMV_LIVE_NAME)
#undef SMV_LIVE_NAME
};

int smv_is_within(apr_time_t since, apr_time_t span, apr_time_t now)
{
    apr_time_t age = now - since;

    return age < span && age > -span;
}

smv_live_server_t *smv_live_add(smv_live_t *live, int directory, int servers)
{
    smv_live_server_t *first = &live->servers[live->count];

    if (servers > SMV_LIVE_MAX_ALL_SERVERS - live->count) {
        return NULL;
    }
    for (int i = 0; i < servers; i++) {
        first[i].directory = directory;
    }
    live->count += servers;
    return first;
}

int smv_live_is_watched(const smv_live_server_t *server, apr_time_t now)
{
    return smv_is_within(atomic_load(&server->watched_at), OWNER_PATIENCE, now);
}

/* --- by who watches a server --- */

int smv_live_own(smv_live_server_t *server, apr_int64_t process, apr_time_t now)
{
    apr_int64_t owner = atomic_load(&server->owner);

    if (owner != process) {
        if ((owner != 0 && smv_live_is_watched(server, now)) ||
            !atomic_compare_exchange_strong(&server->owner, &owner, process)) {
            return 0;
        }
    }
    atomic_store(&server->watched_at, now);
    return 1;
}

int smv_live_disown(smv_live_server_t *server, apr_int64_t process)
{
    return atomic_compare_exchange_strong(&server->owner, &process, 0);
}

/* The number is written last: a reader who does not find it in the slot forgets everything, which is never wrong. */
void smv_live_change(smv_live_changes_t *changes, const smv_uuid_t *uuid, apr_time_t now)
{
    apr_uint64_t number = atomic_fetch_add(&changes->count, 1) + 1;
    smv_live_slot_t *slot = &changes->slots[number % SMV_LIVE_CHANGES];

    atomic_store(&slot->number, 0);
    atomic_store(&slot->high, uuid ? uuid->high : 0);
    atomic_store(&slot->low, uuid ? uuid->low : 0);
    atomic_store(&slot->number, number);
    atomic_store(&changes->last, now);
}

/* --- by everybody --- */

int smv_live_tells(smv_live_mode_e mode)
{
    return mode == SMV_LIVE_SYNC || mode == SMV_LIVE_PERSISTENT || mode == SMV_LIVE_NOTIFICATION;
}

int smv_live_is_away(const smv_live_server_t *server, apr_time_t now)
{
    return atomic_load(&server->mode) == SMV_LIVE_AWAY && smv_live_is_watched(server, now);
}

/* Nobody reads from it. */
static int is_out(const smv_live_server_t *server, apr_time_t now)
{
    return smv_live_is_away(server, now) ||
           (atomic_load(&server->mode) == SMV_LIVE_DOWN && smv_live_is_watched(server, now));
}

int smv_live_is_live(const smv_live_t *live, int directory, apr_time_t now)
{
    int count = 0;

    for (int i = 0; i < live->count; i++) {
        const smv_live_server_t *server = &live->servers[i];

        if (server->directory != directory) {
            continue;
        }
        if (smv_live_tells((smv_live_mode_e)atomic_load(&server->mode)) &&
            smv_is_within(atomic_load(&server->synced_at), PATIENCE, now)) {
            count++;
        } else if (!is_out(server, now)) {
            return 0;
        }
    }
    return count > 0;
}

int smv_live_hides_deletions(const smv_live_t *live, int directory)
{
    for (int i = 0; i < live->count; i++) {
        if (live->servers[i].directory == directory && atomic_load(&live->servers[i].hides_deletions)) {
            return 1;
        }
    }
    return 0;
}

apr_time_t smv_live_last(const smv_live_t *live, int directory)
{
    apr_time_t last = 0;

    for (int i = 0; i < live->count; i++) {
        apr_time_t synced_at = atomic_load(&live->servers[i].synced_at);

        last = live->servers[i].directory == directory && synced_at > last ? synced_at : last;
    }
    return last;
}

void smv_live_stand(const smv_live_t *live, smv_live_position_t *position)
{
    position->own = atomic_load(&live->own.count);
    for (int i = 0; i < live->count; i++) {
        position->read[i] = atomic_load(&live->servers[i].changes.count);
    }
}

int smv_live_has_changes(const smv_live_t *live, const smv_live_position_t *position)
{
    for (int i = 0; i < live->count; i++) {
        if (atomic_load(&live->servers[i].changes.count) != position->read[i]) {
            return 1;
        }
    }
    return atomic_load(&live->own.count) != position->own;
}

static smv_live_news_e read_change(const smv_live_changes_t *changes, apr_uint64_t number, smv_uuid_t *uuid)
{
    const smv_live_slot_t *slot = &changes->slots[number % SMV_LIVE_CHANGES];
    int is_whole = atomic_load(&slot->number) == number;

    uuid->high = atomic_load(&slot->high);
    uuid->low = atomic_load(&slot->low);
    is_whole = is_whole && atomic_load(&slot->number) == number;
    return is_whole && (uuid->high || uuid->low) ? SMV_LIVE_ONE : SMV_LIVE_EVERYTHING;
}

static smv_live_news_e next_of(const smv_live_changes_t *changes, apr_uint64_t *read, smv_uuid_t *uuid)
{
    smv_live_news_e news = SMV_LIVE_NOTHING;
    apr_uint64_t count = atomic_load(&changes->count);

    if (count != *read) {
        news = read_change(changes, *read + 1, uuid);
        *read = news == SMV_LIVE_ONE ? *read + 1 : count;
    }
    return news;
}

smv_live_news_e smv_live_next(const smv_live_t *live, smv_live_position_t *position, smv_live_change_t *change)
{
    smv_live_news_e news = next_of(&live->own, &position->own, &change->uuid);

    change->directory = 0;
    for (int i = 0; i < live->count && news == SMV_LIVE_NOTHING; i++) {
        news = next_of(&live->servers[i].changes, &position->read[i], &change->uuid);
        change->directory = live->servers[i].directory;
    }
    return news;
}

int smv_live_has_changed(const smv_live_t *live, smv_live_position_t position, int directory, const smv_uuid_t *uuid)
{
    smv_live_news_e news;
    smv_live_change_t change;

    while ((news = smv_live_next(live, &position, &change)) != SMV_LIVE_NOTHING) {
        if (news == SMV_LIVE_ONE ? change.uuid.high == uuid->high && change.uuid.low == uuid->low
                                 : change.directory == 0 || change.directory == directory) {
            return 1;
        }
    }
    return 0;
}
