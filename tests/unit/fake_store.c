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
    record->values[SMV_CUSTOMER_NAME] = smv_text("Kunde");
    record->values[SMV_CUSTOMER_BROKER] = smv_number(customer_rows[row].broker);
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
                                         apr_int64_t after, int limit, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_customer, COUNT_OF(customer_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(customer_rows) && (*list)->count <= limit; i++) {
        if (customer_rows[i].customer > after && reaches(permit, customer_rows[i].customer)) {
            fill_customer(&(*list)->records[(*list)->count++], i);
        }
    }
    return fake(self)->failure;
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
                                         apr_int64_t customer, apr_int64_t contract, apr_pool_t *pool)
{
    fake(self)->document_list_count++;
    *list = smv_list_make(&smv_shape_document, COUNT_OF(document_rows), pool);
    (*list)->count = 0;
    for (int i = 0; i < COUNT_OF(document_rows); i++) {
        if (document_rows[i].customer == customer && reaches(permit, customer) &&
            (contract == 0 || document_rows[i].contract == contract)) {
            fill_document(&(*list)->records[(*list)->count++], i);
        }
    }
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

static const smv_error_t *create_session(smv_store_t *self, const unsigned char *hash, const char *dn, apr_time_t now,
                                         apr_pool_t *pool)
{
    for (int i = 0; !fake(self)->failure && i < FAKE_SESSIONS; i++) {
        fake_session_t *session = &fake(self)->sessions[i];

        if (!session->dn) {
            memcpy(session->hash, hash, SMV_TOKEN_HASH_SIZE);
            session->dn = dn;
            session->created = session->last_used = now;
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
    *row = (smv_session_row_t){session->dn, session->created, session->last_used};
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
                                .customer = get_customer,
                                .contracts = list_contracts,
                                .contract = get_contract,
                                .documents = list_documents,
                                .document = get_document,
                                .firm = get_firm,
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

    person->roles[at] = (smv_role_t){((apr_int64_t)1 << 32) + at + 1, "Rolle", "", scope, rights};
}

void fake_person_add_customer(fake_person_t *person, apr_int64_t number)
{
    person->customers[person->principal.customers.count++] = number;
}

void fake_person_add_broker(fake_person_t *person, apr_int64_t number)
{
    person->brokers[person->principal.brokers.count++] = number;
}

smv_call_t fake_call(fake_store_t *store, const fake_person_t *person, const char *path, const char *query,
                     apr_pool_t *pool)
{
    smv_call_t call = {.store = &store->port,
                       .principal = person ? &person->principal : NULL,
                       .query = query,
                       .base = "/portal",
                       .tenant = 1,
                       .pool = pool};

    smv_route_find(&call.route, &call.id, SMV_METHOD_GET, path, SMV_RENDER_PAGE, pool);
    return call;
}
