/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl access: what whoever manages accesses does on a customer's page, by the same routes of the portal.
 */
#include "smv_ctl_person.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "../core/smv_explain.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "../port/smv_crypto.h"
#include "../port/smv_qr_code.h"
#include "../port/smv_sendmail.h"

#define LETTER "letter" /* what the routes answer that invite somebody */

/* --- what is sent --- */

/* People know a role by its name, the portal's form by its number. */
static const smv_error_t *find_role(const char **number, const char *said, const smv_call_t *call)
{
    const smv_role_t *roles;
    const smv_error_t *error;
    int count;

    *number = said;
    if (strspn(said, "0123456789") == strlen(said)) {
        return NULL;
    }
    error = call->directory->roles(call->directory, &roles, &count, call->pool);
    for (int i = 0; !error && i < count; i++) {
        if (strcasecmp(roles[i].name, said) == 0) {
            *number = apr_psprintf(call->pool, "%" APR_INT64_T_FMT, roles[i].id);
        }
    }
    return error;
}

/* The fields of the form, as a page would send them. */
static const smv_error_t *fill(const smv_form_t **filled, const smv_call_t *call, const smv_ctl_t *ctl)
{
    smv_form_t *form = smv_form_make(call->pool);
    const char *role;
    const smv_error_t *error = find_role(&role, ctl->role, call);
    const struct {
        const char *name, *value;
    } fields[] = {{"name", ctl->name}, {"login", ctl->words[1]},      {"mail", ctl->mail},
                  {"role", role},      {"customers", ctl->customers}, {"valid_until", ctl->valid_until}};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].value) {
            smv_form_add(form, fields[i].name, fields[i].value, strlen(fields[i].value), SMV_SENT_TEXT);
        }
    }
    *filled = form;
    return error;
}

/* --- the call --- */

static void report(const smv_call_t *call, const smv_error_t *error)
{
    (void)call;
    smv_ctl_fail(error);
}

static int makes_letter(const smv_route_t *route)
{
    return strcmp(route->api_field, LETTER) == 0;
}

/* A request names the portal's address, a terminal does not: a guess would lead people elsewhere. */
static const smv_error_t *prepare_delivery(smv_call_t *call, const smv_ctl_portal_t *portal)
{
    smv_mailer_t *mailer = NULL;
    const smv_error_t *error =
        portal->sendmail ? smv_sendmail_create(&mailer, portal->sendmail, portal->mail_from, call->pool) : NULL;

    if (!portal->url) {
        return smv_error(call->pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalUrl is not set, of which the address is made by which somebody chooses a password");
    }
    call->delivery = (smv_delivery_t){.url = portal->url, .draw = smv_qr_code_make, .mailer = mailer};
    return error;
}

static const smv_error_t *prepare(smv_call_t *call, const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    const smv_error_t *error;

    if ((error = smv_explain_customer(&call->id, ctl->words[0], call->pool)) ||
        (error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open(call, portal)) ||
        (makes_letter(call->route) && (error = prepare_delivery(call, portal)))) {
        return error;
    }
    return smv_ctl_sign_in(call, portal, ctl);
}

/* As httpd does with a request for the route. */
static const smv_error_t *perform(smv_call_t *call, smv_answer_t *answer, const smv_ctl_t *ctl)
{
    const smv_error_t *error;

    if ((error = smv_route_permit(call)) || (smv_route_body(call->route) && (error = fill(&call->form, call, ctl))) ||
        (error = call->route->action(call, answer))) {
        return error;
    }
    return smv_route_log(call, answer);
}

/* --- the answer --- */

SMV_SHAPE(smv_ctl_shape_deed, "AccessDeed", {.name = "customer", .type = SMV_TYPE_ID},
          {.name = "login", .type = SMV_TYPE_TEXT}, {.name = "done", .type = SMV_TYPE_TEXT});

static int print_deed(const smv_call_t *call)
{
    const smv_record_t *deed = smv_record_make(&smv_ctl_shape_deed, call->pool);

    smv_set(deed, "customer", smv_number(call->id));
    smv_set(deed, "login", smv_text(call->name));
    smv_set(deed, "done", smv_text(call->route->name));
    return smv_ctl_print_json(deed, call->pool);
}

static const smv_value_t *value_of(const smv_record_t *record, const char *name)
{
    return &record->values[smv_shape_field(record->shape, name)];
}

static void print_letter(const smv_record_t *letter)
{
    const smv_record_t *access = value_of(letter, "access")->as.record;
    const smv_value_t *mail = value_of(letter, "mail");
    int is_mailed = mail->is_present && strcmp(mail->as.text, "sent") == 0;

    printf("%s chooses a password here, once, until %s:\n%s\n", value_of(access, "login")->as.text,
           value_of(letter, "until")->as.text, value_of(letter, "link")->as.text);
    if (is_mailed) {
        printf("That was mailed to %s, too.\n", value_of(access, "mail")->as.text);
    } else {
        puts("It was not mailed: hand it over, and to nobody else.");
    }
}

static int print_answer(const smv_call_t *call, const smv_answer_t *answer, const smv_ctl_t *ctl)
{
    const smv_record_t *letter = answer->view ? value_of(answer->view, LETTER)->as.record : NULL;

    if (!letter) {
        return ctl->json ? print_deed(call) : EX_OK;
    }
    if (ctl->json) {
        return smv_ctl_print_json(letter, call->pool);
    }
    print_letter(letter);
    return EX_OK;
}

/* --- the commands --- */

static int run(const smv_ctl_t *ctl, const char *route)
{
    smv_call_t call = {.route = smv_route_named(route),
                       .name = ctl->words[1],
                       .report = report,
                       .address = SMV_CTL_ADDRESS,
                       .rendering = SMV_RENDER_API,
                       .crypto = &smv_crypto,
                       .pool = ctl->pool};
    smv_answer_t answer = {.view = NULL};
    const smv_error_t *error = prepare(&call, ctl);

    error = error ? error : perform(&call, &answer, ctl);
    return error ? smv_ctl_fail(error) : print_answer(&call, &answer, ctl);
}

int smv_ctl_access_create(const smv_ctl_t *ctl)
{
    return run(ctl, "create_access");
}

int smv_ctl_access_lock(const smv_ctl_t *ctl)
{
    return run(ctl, "lock_access");
}

int smv_ctl_access_unlock(const smv_ctl_t *ctl)
{
    return run(ctl, "unlock_access");
}

int smv_ctl_access_reset(const smv_ctl_t *ctl)
{
    return run(ctl, "reset_access");
}
