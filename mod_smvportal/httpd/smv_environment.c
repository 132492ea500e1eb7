/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks, for the rest of the same httpd: in the environment of the request, for logs, CGI programs and the headers
 * of proxied applications.
 */
#include "smv_request.h"

#include "../core/smv_buffer.h"

#define MAX_VALUE 65536U

/* Parts stand between commas, so that neither they nor ends of lines are in one: such bytes are written as %2C. */
static void put_part(smv_buffer_t *value, const char *part)
{
    static const char digits[] = "0123456789ABCDEF";

    if (value->size) {
        smv_buffer_puts(value, ",");
    }
    for (; *part; part++) {
        unsigned char c = (unsigned char)*part;

        if (c < ' ' || c == 0x7f || c == ',' || c == '%') {
            smv_buffer_write(value, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
        } else {
            smv_buffer_write(value, part, 1);
        }
    }
}

static void put_number(smv_buffer_t *value, apr_int64_t number)
{
    if (value->size) {
        smv_buffer_puts(value, ",");
    }
    smv_buffer_number(value, number);
}

/* One that would be too long is left out rather than cut off. */
static void set(request_rec *r, const char *name, smv_buffer_t *value)
{
    smv_buffer_write(value, "", 1);
    if (value->is_failed) {
        apr_table_unset(r->subprocess_env, name);
    } else {
        apr_table_setn(r->subprocess_env, name, value->data);
    }
}

static void set_login(request_rec *r, const smv_principal_t *principal)
{
    smv_buffer_t login;

    smv_buffer_init(&login, 64, MAX_VALUE, r->pool);
    put_part(&login, principal->login);
    set(r, "SMV_LOGIN", &login);
}

static void set_roles(request_rec *r, const smv_principal_t *principal)
{
    smv_buffer_t roles;

    smv_buffer_init(&roles, 128, MAX_VALUE, r->pool);
    for (int i = 0; i < principal->role_count; i++) {
        put_part(&roles, principal->roles[i].name);
    }
    set(r, "SMV_ROLES", &roles);
}

static void set_rights(request_rec *r, const smv_principal_t *principal)
{
    smv_rightset_t rights = smv_policy_rights(principal);
    smv_buffer_t names;

    smv_buffer_init(&names, 256, MAX_VALUE, r->pool);
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(rights, right)) {
            put_part(&names, smv_rights[right].id);
        }
    }
    set(r, "SMV_RIGHTS", &names);
}

static void set_customers(request_rec *r, const smv_principal_t *principal)
{
    smv_buffer_t numbers;

    smv_buffer_init(&numbers, 64, MAX_VALUE, r->pool);
    for (int i = 0; i < principal->customers.count; i++) {
        put_number(&numbers, principal->customers.at[i]);
    }
    set(r, "SMV_CUSTOMERS", &numbers);
}

void smv_set_environment(const smv_request_t *request)
{
    const smv_principal_t *principal = request->call.principal;

    set_login(request->r, principal);
    if (!request->path) { /* nobody asks for the rest on the portal's own pages, where it would cost */
        set_roles(request->r, principal);
        set_rights(request->r, principal);
        set_customers(request->r, principal);
    }
}
