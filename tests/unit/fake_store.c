/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_store.h"

#include <string.h>

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

static const smv_subject_t customer_rows[] = {{10001, 501}, {20001, 501}, {20002, 501}, {30001, 502}};

static const struct {
    apr_int64_t id, customer, document_count;
} contract_rows[] = {{101, 10001, 2}, {102, 10001, 0}, {201, 20001, 0}, {301, 30001, 1}};

static const struct {
    apr_int64_t id, customer, contract;
    const char *name;
} document_rows[] = {{1001, 10001, 101, "Police.pdf"},
                     {1002, 10001, 101, "Rechnung.pdf"},
                     {1003, 10001, 0, "Foto.png"},
                     {3001, 30001, 301, "Fremd.pdf"}};

static const struct {
    apr_int64_t id;
    const char *name, *customer, *contract;
    apr_int64_t dismissed;
} unassigned_rows[] = {{41, "Nachtrag.pdf", "10001", "V-1", 0},
                       {42, "Werbung.pdf", NULL, NULL, 0},
                       {43, "Weg.pdf", NULL, NULL, 1782856790}};

static fake_store_t *fake(smv_store_t *self)
{
    return self->state;
}

static const smv_error_t *missing(smv_store_t *self, apr_pool_t *pool)
{
    return fake(self)->failure ? fake(self)->failure : smv_error(pool, SMV_ERROR_NOT_FOUND, "no such row");
}

static apr_int64_t broker_of(apr_int64_t customer)
{
    for (int i = 0; i < COUNT_OF(customer_rows); i++) {
        if (customer_rows[i].customer == customer) {
            return customer_rows[i].broker;
        }
    }
    return 0;
}

static int reaches(const smv_permit_t *permit, apr_int64_t customer)
{
    return permit->tenant == 1 && (permit->all || smv_numbers_have(&permit->customers, customer) ||
                                   smv_numbers_have(&permit->brokers, broker_of(customer)));
}

static const smv_error_t *locate(smv_store_t *self, smv_subject_t *subject, apr_int64_t tenant, apr_int64_t customer,
                                 apr_pool_t *pool)
{
    fake(self)->locate_count++;
    if (fake(self)->failure || tenant != 1 || !broker_of(customer)) {
        return missing(self, pool);
    }
    *subject = (smv_subject_t){customer, broker_of(customer)};
    return NULL;
}

static const smv_error_t *locate_contract(smv_store_t *self, smv_subject_t *subject, apr_int64_t tenant, apr_int64_t id,
                                          apr_pool_t *pool)
{
    apr_int64_t customer = 0;

    for (int i = 0; i < COUNT_OF(contract_rows); i++) {
        customer = contract_rows[i].id == id ? contract_rows[i].customer : customer;
    }
    return locate(self, subject, tenant, customer, pool);
}

static const smv_error_t *locate_document(smv_store_t *self, smv_subject_t *subject, apr_int64_t tenant, apr_int64_t id,
                                          apr_pool_t *pool)
{
    apr_int64_t customer = 0;

    for (int i = 0; i < COUNT_OF(document_rows); i++) {
        customer = document_rows[i].id == id ? document_rows[i].customer : customer;
    }
    return locate(self, subject, tenant, customer, pool);
}

static void fill_customer(const smv_record_t *record, int row)
{
    record->values[SMV_CUSTOMER_NUMBER] = smv_number(customer_rows[row].customer);
    record->values[SMV_CUSTOMER_KIND] = smv_text("person");
    record->values[SMV_CUSTOMER_NAME] = smv_text("Kunde");
    record->values[smv_shape_field(record->shape, "broker")] = smv_number(customer_rows[row].broker);
    record->values[smv_shape_field(record->shape, "version")] = smv_number(1);
}

static void fill_contract(const smv_record_t *record, int row)
{
    record->values[SMV_CONTRACT_ID] = smv_number(contract_rows[row].id);
    record->values[SMV_CONTRACT_CUSTOMER] = smv_number(contract_rows[row].customer);
    record->values[SMV_CONTRACT_DOCUMENT_COUNT] = smv_number(contract_rows[row].document_count);
}

static void fill_document(const smv_record_t *record, int row)
{
    record->values[SMV_DOCUMENT_ID] = smv_number(document_rows[row].id);
    record->values[SMV_DOCUMENT_CUSTOMER] = smv_number(document_rows[row].customer);
    record->values[SMV_DOCUMENT_NAME] = smv_text(document_rows[row].name);
    record->values[SMV_DOCUMENT_MEDIA_TYPE] = smv_text("application/pdf");
    record->values[SMV_DOCUMENT_CONTENT_HASH] = smv_text("0123456789abcdef");
}

static const smv_error_t *list_customers(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                         const smv_customer_filter_t *filter, apr_int64_t after, int limit,
                                         apr_pool_t *pool)
{
    fake(self)->filter = *filter;
    *list = smv_list_make(&smv_shape_customer, COUNT_OF(customer_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(customer_rows) && (*list)->count <= limit; i++) {
        if (customer_rows[i].customer > after && reaches(permit, customer_rows[i].customer)) {
            fill_customer(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *list_customers_of(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                            const smv_numbers_t *numbers, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_customer, COUNT_OF(customer_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(customer_rows); i++) {
        if (smv_numbers_have(numbers, customer_rows[i].customer) && reaches(permit, customer_rows[i].customer)) {
            fill_customer(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
}

/* Everybody read everybody. */
static const smv_error_t *list_last_read(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                         const char *login, int limit, apr_pool_t *pool)
{
    smv_customer_filter_t all = {.search = NULL};

    (void)login;
    return list_customers(self, list, permit, &all, 0, limit - 1, pool);
}

static const smv_error_t *get_customer(smv_store_t *self, const smv_record_t **record, const smv_permit_t *permit,
                                       apr_int64_t number, apr_pool_t *pool)
{
    for (int i = 0; !fake(self)->failure && i < COUNT_OF(customer_rows); i++) {
        if (customer_rows[i].customer == number && reaches(permit, number)) {
            *record = smv_record_make(&smv_shape_customer, pool);
            fill_customer(*record, i);
            return NULL;
        }
    }
    return missing(self, pool);
}

/* --- rows of one resource --- */

static const smv_error_t *list_first_communications(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                                    const smv_numbers_t *numbers, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_communication, FAKE_ROWS, pool);
    (*list)->count = 0;
    for (int i = 0; i < fake(self)->row_count; i++) {
        const smv_record_t *row = fake(self)->rows[i];
        apr_int64_t customer = row->values[SMV_COMMUNICATION_CUSTOMER].number;

        if (row->shape == &smv_shape_communication && reaches(permit, customer) &&
            smv_numbers_have(numbers, customer)) {
            memcpy((*list)->records[(*list)->count++].values, row->values,
                   sizeof *row->values * (size_t)row->shape->count);
        }
    }
    return fake(self)->failure;
}

static const smv_record_t *find_row(smv_store_t *self, const smv_resource_t *resource, apr_int64_t key)
{
    for (int i = 0; i < fake(self)->row_count; i++) {
        const smv_record_t *row = fake(self)->rows[i];

        if (row->shape == resource->shape && row->values[0].number == key) {
            return row;
        }
    }
    return NULL;
}

static const smv_error_t *locate_row(smv_store_t *self, smv_subject_t *subject, const smv_resource_t *resource,
                                     apr_int64_t tenant, apr_int64_t id, apr_pool_t *pool)
{
    const smv_record_t *row = find_row(self, resource, id);

    return locate(self, subject, tenant, row ? row->values[1].number : 0, pool);
}

static const smv_error_t *list_rows(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                    const smv_resource_t *resource, apr_pool_t *pool)
{
    *list = smv_list_make(resource->shape, FAKE_ROWS, pool);
    (*list)->count = 0;
    for (int i = 0; i < fake(self)->row_count; i++) {
        const smv_record_t *row = fake(self)->rows[i];

        if (row->shape == resource->shape && reaches(permit, row->values[1].number)) {
            memcpy((*list)->records[(*list)->count++].values, row->values,
                   sizeof *row->values * (size_t)row->shape->count);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *get_row(smv_store_t *self, const smv_record_t **record, const smv_permit_t *permit,
                                  const smv_resource_t *resource, apr_int64_t id, apr_pool_t *pool)
{
    const smv_record_t *row;

    if (resource->id == SMV_RESOURCE_CUSTOMER) {
        return get_customer(self, record, permit, id, pool);
    }
    row = find_row(self, resource, id);
    if (fake(self)->failure || !row || !reaches(permit, row->values[1].number)) {
        return missing(self, pool);
    }
    *record = row;
    return NULL;
}

smv_record_t *fake_store_add_row(fake_store_t *store, smv_resource_e resource, apr_int64_t key, apr_int64_t customer,
                                 apr_int64_t version, apr_pool_t *pool)
{
    smv_record_t *row = smv_record_make(smv_resources[resource].shape, pool);

    row->values[0] = smv_number(key);
    row->values[1] = smv_number(customer);
    row->values[smv_resource_version_field(&smv_resources[resource])] = smv_number(version);
    store->rows[store->row_count++] = row;
    return row;
}

/* What change() was told becomes what the next read answers. */
static void keep_row(fake_store_t *store, const smv_change_t *change, apr_pool_t *pool)
{
    smv_record_t *row;

    for (int i = 0; i < store->row_count && change->deed != SMV_DEED_CREATE; i++) {
        if (store->rows[i]->values[0].number == change->row) {
            store->rows[i] = store->rows[--store->row_count];
        }
    }
    if (change->after && change->resource->id != SMV_RESOURCE_CUSTOMER) {
        row = fake_store_add_row(store, change->resource->id, change->row, store->change_customer, change->version + 1,
                                 pool);
        for (int i = 0; i < row->shape->count; i++) {
            row->values[i] = row->shape->fields[i].input ? change->after->values[i] : row->values[i];
        }
    }
}

static const smv_error_t *change(smv_store_t *self, smv_change_t *changes, int count, const smv_permit_t *permit,
                                 const smv_actor_t *actor, apr_pool_t *pool)
{
    fake_store_t *store = fake(self);

    if (store->failure || store->change_failure) {
        return store->failure ? store->failure : store->change_failure;
    }
    for (int i = 0; i < count; i++) {
        changes[i].row = changes[i].deed == SMV_DEED_CREATE ? FAKE_NEW_ROW : changes[i].row;
        store->change_count++;
        store->change = changes[i];
        store->actor = *actor;
        store->change_customer = permit->customers.at[0];
        keep_row(store, &changes[i], pool);
    }
    return NULL;
}

/* --- logs --- */

static const smv_error_t *note(smv_store_t *self, const smv_event_t *event, apr_int64_t tenant,
                               const smv_actor_t *actor, apr_pool_t *pool)
{
    (void)tenant;
    (void)pool;
    fake(self)->event_count++;
    fake(self)->event = *event;
    fake(self)->actor = *actor;
    return fake(self)->failure;
}

/* A copy of the list, so that the caller may cut it. */
static const smv_error_t *answer_log(smv_store_t *self, smv_list_t **list, const smv_list_t *log,
                                     const smv_shape_t *shape, apr_pool_t *pool)
{
    *list = smv_list_make(shape, log ? log->count : 0, pool);
    for (int i = 0; i < (*list)->count; i++) {
        memcpy((*list)->records[i].values, log->records[i].values, sizeof(smv_value_t) * (size_t)shape->count);
    }
    return fake(self)->failure;
}

static const smv_error_t *list_customer_changes(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                                apr_int64_t before, int limit, apr_pool_t *pool)
{
    (void)limit;
    (void)permit;
    fake(self)->before = before;
    return answer_log(self, list, fake(self)->changes, &smv_shape_change, pool);
}

static const smv_error_t *list_readings(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                        apr_int64_t before, int limit, apr_pool_t *pool)
{
    (void)limit;
    (void)permit;
    fake(self)->before = before;
    return answer_log(self, list, fake(self)->readings, &smv_shape_reading, pool);
}

static const smv_error_t *list_change_values(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                             apr_int64_t from, apr_int64_t to, apr_pool_t *pool)
{
    (void)permit;
    fake(self)->values_from = from;
    fake(self)->values_to = to;
    return answer_log(self, list, fake(self)->values, &smv_shape_change_value, pool);
}

static const smv_error_t *list_changes(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                       apr_int64_t after, int limit, apr_pool_t *pool)
{
    const smv_error_t *error = answer_log(self, list, fake(self)->changes, &smv_shape_change, pool);

    (void)permit;
    fake(self)->after = after;
    (*list)->count = (*list)->count > limit + 1 ? limit + 1 : (*list)->count;
    return error;
}

static const smv_error_t *list_inbox(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                     apr_int64_t before, int is_done, int limit, apr_pool_t *pool)
{
    const smv_error_t *error = answer_log(self, list, fake(self)->changes, &smv_shape_change, pool);

    (void)permit;
    fake(self)->before = before;
    fake(self)->asked_done = is_done;
    (*list)->count = (*list)->count > limit + 1 ? limit + 1 : (*list)->count;
    return error;
}

static const smv_error_t *mark_change(smv_store_t *self, const smv_permit_t *permit, apr_int64_t id, int is_done,
                                      const smv_actor_t *actor, apr_pool_t *pool)
{
    (void)permit;
    (void)pool;
    fake(self)->marked_change = id;
    fake(self)->marked_done = is_done;
    fake(self)->actor = *actor;
    return fake(self)->failure;
}

static const smv_error_t *list_expiring(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                        const char *from, int limit, apr_pool_t *pool)
{
    (void)permit;
    (void)from;
    (void)limit;
    *list = smv_list_make(&smv_shape_expiring, 0, pool);
    return fake(self)->failure;
}

/* --- contracts and documents --- */

/* Every contract ends today. */
static const smv_error_t *list_endings(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                       const char *from, apr_int64_t after, const char *until, int limit,
                                       apr_pool_t *pool)
{
    fake(self)->from = from;
    fake(self)->until = until;
    *list = smv_list_make(&smv_shape_ending, COUNT_OF(contract_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(contract_rows) && (*list)->count <= limit; i++) {
        if (contract_rows[i].id > after && reaches(permit, contract_rows[i].customer)) {
            smv_value_t *values = (*list)->records[(*list)->count++].values;

            values[SMV_ENDING_ID] = smv_number(contract_rows[i].id);
            values[SMV_ENDING_CUSTOMER] = smv_number(contract_rows[i].customer);
            values[SMV_ENDING_DATE] = smv_text(from);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *list_contracts(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                         apr_int64_t customer, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_contract, COUNT_OF(contract_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(contract_rows); i++) {
        if (contract_rows[i].customer == customer && reaches(permit, customer)) {
            fill_contract(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *get_contract(smv_store_t *self, const smv_record_t **record, const smv_permit_t *permit,
                                       apr_int64_t id, apr_pool_t *pool)
{
    for (int i = 0; !fake(self)->failure && i < COUNT_OF(contract_rows); i++) {
        if (contract_rows[i].id == id && reaches(permit, contract_rows[i].customer)) {
            *record = smv_record_make(&smv_shape_contract, pool);
            fill_contract(*record, i);
            return NULL;
        }
    }
    return missing(self, pool);
}

static const smv_error_t *list_documents(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                         const smv_document_filter_t *filter, apr_pool_t *pool)
{
    fake(self)->document_list_count++;
    *list = smv_list_make(&smv_shape_document, COUNT_OF(document_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(document_rows); i++) {
        if (reaches(permit, document_rows[i].customer) &&
            (filter->contract == 0 || document_rows[i].contract == filter->contract)) {
            fill_document(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *list_deleted_documents(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                                 apr_int64_t since, apr_pool_t *pool)
{
    (void)permit;
    (void)since;
    *list = smv_list_make(&smv_shape_deleted_document, 0, pool);
    return fake(self)->failure;
}

/* --- documents that are nobody's yet --- */

static void fill_unassigned(const smv_record_t *record, int row)
{
    smv_value_t *values = record->values;

    values[SMV_UNASSIGNED_ID] = smv_number(unassigned_rows[row].id);
    values[SMV_UNASSIGNED_NAME] = smv_text(unassigned_rows[row].name);
    values[SMV_UNASSIGNED_KIND] = smv_text("letter");
    values[SMV_UNASSIGNED_DATE] = smv_text("2026-05-01");
    values[SMV_UNASSIGNED_SIZE] = smv_number(7);
    values[SMV_UNASSIGNED_MEDIA_TYPE] = smv_text("application/pdf");
    values[SMV_UNASSIGNED_SAID_CUSTOMER] = smv_text(unassigned_rows[row].customer);
    values[SMV_UNASSIGNED_SAID_CONTRACT] = smv_text(unassigned_rows[row].contract);
    values[SMV_UNASSIGNED_REASON] = smv_text("ambiguous");
    values[SMV_UNASSIGNED_CONTENT_HASH] = smv_text("fedcba9876543210");
    if (unassigned_rows[row].dismissed) {
        values[SMV_UNASSIGNED_DISMISSED_TIME] = smv_number(unassigned_rows[row].dismissed);
        values[SMV_UNASSIGNED_DISMISSED_BY] = smv_text("Ines");
    }
}

/* @param since of those that were put away; SMV_NOT_DISMISSED: those that wait */
static const smv_error_t *select_unassigned(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                            apr_int64_t since, apr_int64_t after, int limit, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_unassigned_document, COUNT_OF(unassigned_rows), pool);
    (*list)->count = 0;
    for (int i = 0; permit->all && i < COUNT_OF(unassigned_rows) && (*list)->count <= limit; i++) {
        int is_wanted =
            since == SMV_NOT_DISMISSED ? !unassigned_rows[i].dismissed : unassigned_rows[i].dismissed >= since;

        if (is_wanted && unassigned_rows[i].id > after) {
            fill_unassigned(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *list_unassigned(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                          apr_int64_t after, int limit, apr_pool_t *pool)
{
    return select_unassigned(self, list, permit, SMV_NOT_DISMISSED, after, limit, pool);
}

static const smv_error_t *list_dismissed(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                         apr_int64_t since, apr_pool_t *pool)
{
    return select_unassigned(self, list, permit, since, 0, COUNT_OF(unassigned_rows), pool);
}

static const smv_error_t *get_unassigned(smv_store_t *self, const smv_record_t **record, const smv_permit_t *permit,
                                         apr_int64_t id, apr_int64_t since, apr_pool_t *pool)
{
    for (int i = 0; !fake(self)->failure && permit->all && i < COUNT_OF(unassigned_rows); i++) {
        if (unassigned_rows[i].id == id && (!unassigned_rows[i].dismissed || unassigned_rows[i].dismissed >= since)) {
            *record = smv_record_make(&smv_shape_unassigned_document, pool);
            fill_unassigned(*record, i);
            return NULL;
        }
    }
    return missing(self, pool);
}

static const smv_error_t *count_unassigned(smv_store_t *self, int *count, const smv_permit_t *permit, int limit,
                                           apr_pool_t *pool)
{
    (void)pool;
    *count = permit->all && limit > 2 ? 2 : 0;
    return fake(self)->failure;
}

/* Contracts 101 and 301 have the one number that there is. */
static const smv_error_t *list_contracts_of_number(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                                   const char *number, int limit, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_contract, COUNT_OF(contract_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(contract_rows) && (*list)->count < limit; i++) {
        if (contract_rows[i].id % 100 == 1 && contract_rows[i].document_count && strcmp(number, "V-1") == 0 &&
            reaches(permit, contract_rows[i].customer)) {
            fill_contract(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *change_unassigned(smv_store_t *self, const smv_permit_t *permit, apr_int64_t id,
                                            apr_int64_t since, const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_record_t *record;

    fake(self)->actor = *actor;
    return fake(self)->change_failure ? fake(self)->change_failure
                                      : get_unassigned(self, &record, permit, id, since, pool);
}

static const smv_error_t *dismiss(smv_store_t *self, const smv_permit_t *permit, apr_int64_t id,
                                  const smv_actor_t *actor, apr_pool_t *pool)
{
    fake(self)->dismissed = id;
    return change_unassigned(self, permit, id, SMV_NOT_DISMISSED, actor, pool);
}

static const smv_error_t *take_back(smv_store_t *self, const smv_permit_t *permit, apr_int64_t id, apr_int64_t since,
                                    const smv_actor_t *actor, apr_pool_t *pool)
{
    fake(self)->taken_back = id;
    return change_unassigned(self, permit, id, since, actor, pool);
}

static const smv_error_t *purge_documents(smv_store_t *self, apr_int64_t before, apr_pool_t *pool)
{
    (void)pool;
    fake(self)->since = before;
    return fake(self)->failure;
}

static const smv_error_t *list_financial_items(smv_store_t *self, smv_list_t **list, const smv_permit_t *permit,
                                               apr_pool_t *pool)
{
    (void)permit;
    *list = smv_list_make(&smv_shape_financial_item, 0, pool);
    return fake(self)->failure;
}

static const smv_error_t *get_document(smv_store_t *self, const smv_record_t **record, const smv_permit_t *permit,
                                       apr_int64_t id, apr_pool_t *pool)
{
    for (int i = 0; !fake(self)->failure && i < COUNT_OF(document_rows); i++) {
        if (document_rows[i].id == id && reaches(permit, document_rows[i].customer)) {
            *record = smv_record_make(&smv_shape_document, pool);
            fill_document(*record, i);
            return NULL;
        }
    }
    return missing(self, pool);
}

static const smv_error_t *get_firm(smv_store_t *self, const smv_record_t **record, apr_int64_t tenant, apr_pool_t *pool)
{
    *record = smv_record_make(&smv_shape_firm, pool);
    (*record)->values[SMV_FIRM_TENANT] = smv_number(tenant);
    (*record)->values[SMV_FIRM_NAME] = smv_text("Musterfirma");
    return fake(self)->failure;
}

/* Nothing is published. */
static const smv_error_t *get_screen(smv_store_t *self, const smv_record_t **record, apr_int64_t tenant,
                                     apr_int64_t which, apr_pool_t *pool)
{
    (void)record;
    (void)tenant;
    (void)which;
    return missing(self, pool);
}

static fake_session_t *session_of(smv_store_t *self, const unsigned char *hash)
{
    for (int i = 0; i < FAKE_SESSIONS; i++) {
        fake_session_t *session = &fake(self)->sessions[i];

        if (session->dn && memcmp(session->hash, hash, SMV_TOKEN_HASH_SIZE) == 0) {
            return session;
        }
    }
    return NULL;
}

static const smv_error_t *create_session(smv_store_t *self, const unsigned char *hash, const smv_session_row_t *row,
                                         apr_pool_t *pool)
{
    for (int i = 0; !fake(self)->failure && i < FAKE_SESSIONS; i++) {
        fake_session_t *session = &fake(self)->sessions[i];

        if (!session->dn) {
            memcpy(session->hash, hash, SMV_TOKEN_HASH_SIZE);
            session->dn = row->dn;
            session->account = row->account;
            session->bound_to = row->bound_to;
            session->created = session->last_used = row->created;
            return NULL;
        }
    }
    return missing(self, pool);
}

static const smv_error_t *find_session(smv_store_t *self, smv_session_row_t *row, const unsigned char *hash,
                                       apr_pool_t *pool)
{
    fake_session_t *session = session_of(self, hash);

    if (fake(self)->failure) {
        return fake(self)->failure;
    }
    if (!session) {
        return smv_error(pool, SMV_ERROR_SIGN_IN_NEEDED, "no such session");
    }
    *row = (smv_session_row_t){.dn = session->dn,
                               .account = session->account,
                               .bound_to = session->bound_to,
                               .created = session->created,
                               .last_used = session->last_used};
    return NULL;
}

static const smv_error_t *touch_session(smv_store_t *self, const unsigned char *hash, apr_time_t now, apr_pool_t *pool)
{
    fake_session_t *session = session_of(self, hash);

    (void)pool;
    fake(self)->touch_count++;
    if (session) {
        session->last_used = now;
    }
    return fake(self)->failure;
}

static const smv_error_t *end_session(smv_store_t *self, const unsigned char *hash, apr_pool_t *pool)
{
    fake_session_t *session = session_of(self, hash);

    (void)pool;
    if (session) {
        session->dn = NULL;
    }
    return fake(self)->failure;
}

static const smv_error_t *end_all_sessions(smv_store_t *self, const char *dn, apr_pool_t *pool)
{
    (void)pool;
    for (int i = 0; i < FAKE_SESSIONS; i++) {
        fake_session_t *session = &fake(self)->sessions[i];

        if (session->dn && strcmp(session->dn, dn) == 0) {
            session->dn = NULL;
        }
    }
    return fake(self)->failure;
}

static const smv_error_t *expire_sessions(smv_store_t *self, apr_time_t created_before, apr_time_t used_before,
                                          apr_pool_t *pool)
{
    (void)pool;
    for (int i = 0; i < FAKE_SESSIONS; i++) {
        fake_session_t *session = &fake(self)->sessions[i];

        if (session->created < created_before || session->last_used < used_before) {
            session->dn = NULL;
        }
    }
    return fake(self)->failure;
}

void fake_store_init(fake_store_t *store)
{
    memset(store, 0, sizeof *store);
    store->port = (smv_store_t){.locate_customer = locate,
                                .locate_contract = locate_contract,
                                .locate_document = locate_document,
                                .customers = list_customers,
                                .customers_of = list_customers_of,
                                .last_read = list_last_read,
                                .first_communications = list_first_communications,
                                .endings = list_endings,
                                .locate_row = locate_row,
                                .rows = list_rows,
                                .row = get_row,
                                .change = change,
                                .note = note,
                                .customer_changes = list_customer_changes,
                                .change_values = list_change_values,
                                .readings = list_readings,
                                .changes = list_changes,
                                .inbox = list_inbox,
                                .mark_change = mark_change,
                                .expiring = list_expiring,
                                .contracts = list_contracts,
                                .contract = get_contract,
                                .documents = list_documents,
                                .document = get_document,
                                .deleted_documents = list_deleted_documents,
                                .unassigned = list_unassigned,
                                .dismissed = list_dismissed,
                                .unassigned_one = get_unassigned,
                                .unassigned_count = count_unassigned,
                                .contracts_of_number = list_contracts_of_number,
                                .dismiss = dismiss,
                                .take_back = take_back,
                                .purge_documents = purge_documents,
                                .financial_items = list_financial_items,
                                .firm = get_firm,
                                .screen = get_screen,
                                .session_create = create_session,
                                .session_find = find_session,
                                .session_touch = touch_session,
                                .session_end = end_session,
                                .session_end_all = end_all_sessions,
                                .session_expire = expire_sessions,
                                .state = store};
}

void fake_person_init(fake_person_t *person)
{
    memset(person, 0, sizeof *person);
    person->principal = (smv_principal_t){.login = "karla.kunde",
                                          .dn = "uid=karla.kunde",
                                          .name = "Karla Kunde",
                                          .mail = "",
                                          .tenant = 1,
                                          .customers = {person->customers, 0},
                                          .brokers = {person->brokers, 0},
                                          .roles = person->roles};
}

void fake_person_add_role(fake_person_t *person, smv_scope_e scope, smv_rightset_t rights)
{
    int at = person->principal.role_count++;

    person->roles[at] = (smv_role_t){.id = ((apr_int64_t)1 << 32) + at + 1,
                                     .name = "Rolle",
                                     .remark = "",
                                     .scope = scope,
                                     .rights = rights,
                                     .dn = "cn=Rolle"};
}

void fake_person_add_customer(fake_person_t *person, apr_int64_t number)
{
    person->customers[person->principal.customers.count++] = number;
}

void fake_person_add_broker(fake_person_t *person, apr_int64_t number)
{
    person->brokers[person->principal.brokers.count++] = number;
}

static apr_status_t fake_random(void *bytes, apr_size_t size)
{
    memset(bytes, 0xA5, size);
    return APR_SUCCESS;
}

smv_call_t fake_call_by(fake_store_t *store, const fake_person_t *person, smv_method_e method, const char *path,
                        int rendering, apr_pool_t *pool)
{
    static const smv_crypto_t crypto = {.random = fake_random};
    static const smv_limits_t limits = {1 << 20, 5, "application/pdf", 60, "geo:0,0?q=", 0};
    smv_call_t call = {.store = &store->port,
                       .principal = person ? &person->principal : NULL,
                       .rendering = rendering,
                       .crypto = &crypto,
                       .limits = &limits,
                       .address = "192.0.2.7",
                       .base = "/portal",
                       .tenant = 1,
                       .now = apr_time_from_sec(1782856800), /* 2026-06-30 */
                       .pool = pool};
    smv_named_t named;

    if (!smv_route_find(&call.route, &named, method, path, rendering, pool)) {
        call.id = named.id;
        call.name = named.name;
    }
    return call;
}

smv_call_t fake_call(fake_store_t *store, const fake_person_t *person, const char *path, const char *query,
                     apr_pool_t *pool)
{
    smv_call_t call = fake_call_by(store, person, SMV_METHOD_GET, path, SMV_RENDER_PAGE, pool);

    call.query = query;
    return call;
}
