/* SPDX-License-Identifier: Apache-2.0
 *
 * Invitations: the access letter, and the mail that says the same.
 */
#include "smv_access.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define MAX_MAIL (1 << 16)
#define DATE_SIZE 10 /* of "24.11.2026, 10:00" */

/* The letter and the mail speak German, whatever language staff read the portal in.
 * @return "14.12.2026, 10:00" */
static const char *german_time(apr_time_t time, apr_pool_t *pool)
{
    smv_buffer_t text;

    smv_buffer_init(&text, 32, 256, pool);
    smv_format_time(&text, SMV_LANGUAGE_DE, apr_time_sec(time));
    smv_buffer_write(&text, "", 1);
    return text.is_failed ? "" : text.data;
}

/* --- the mail --- */

static const char *mail_text(const smv_record_t *letter, const smv_account_t *account, const char *firm,
                             apr_time_t expires, int is_reset, apr_pool_t *pool)
{
    const char *link = letter->values[smv_shape_field(letter->shape, "link")].as.text;

    return apr_pstrcat(pool, "Guten Tag ", account->principal->name, ",\n\n",
                       is_reset ? "für Ihren Zugang zum Kundenportal können Sie ein neues Passwort wählen.\n\n"
                                : "für Sie ist ein Zugang zum Kundenportal eingerichtet.\n\n",
                       "Benutzername: ", account->principal->login, "\n\nIhr Passwort wählen Sie selbst, hier:\n\n",
                       link, "\n\nDie Adresse gilt einmal, bis ", german_time(expires, pool),
                       ".\nGeben Sie sie nicht weiter: Wer sie öffnet, kann das Passwort wählen.\n"
                       "Nach Ihrem Passwort fragen wir nie.\n\nFreundliche Grüße\n",
                       firm, "\n", NULL);
}

/* A mail that does not go is no reason to give up the letter: staff are told. @return code of mail_states */
static const char *send_mail(const smv_call_t *call, const smv_record_t *letter, const smv_account_t *account,
                             const char *firm, apr_time_t expires, int is_reset)
{
    const smv_mailer_t *mailer = call->delivery.mailer;
    smv_mail_t mail = {.to = account->principal->mail,
                       .to_name = account->principal->name,
                       .from_name = firm,
                       .subject = is_reset ? "Ihr Kundenportal: neues Passwort wählen" : "Ihr Zugang zum Kundenportal",
                       .text = mail_text(letter, account, firm, expires, is_reset, call->pool),
                       .now = call->now};
    const smv_error_t *error;
    smv_buffer_t message;

    if (!mailer || !*account->principal->mail) {
        return NULL;
    }
    mail.from = mailer->from;
    call->store->release(call->store);
    smv_buffer_init(&message, 4096, MAX_MAIL, call->pool);
    if ((error = smv_new_submission(call, &mail.id)) || (error = smv_mail_write(&message, &mail, call->pool)) ||
        (error = mailer->send(mailer, message.data, message.size, call->pool))) {
        call->report(call, error);
        return "failed";
    }
    return "sent";
}

/* --- the letter --- */

static void add_line(smv_list_t *lines, const char *text)
{
    if (text && *text) {
        smv_set(&lines->records[lines->count++], "text", smv_text(text));
    }
}

static const char *value_of(const smv_record_t *record, int field)
{
    return record->values[field].is_present ? record->values[field].as.text : NULL;
}

static const char *joined(const char *first, const char *second, apr_pool_t *pool)
{
    return first && second ? apr_pstrcat(pool, first, " ", second, NULL) : second;
}

/* The firm above the person's own name, where the customer is one; the address of the customer. */
static void fill_address(smv_list_t *lines, const smv_record_t *customer, const char *person, apr_pool_t *pool)
{
    const char *kind = value_of(customer, SMV_CUSTOMER_KIND);

    if (kind && strcmp(kind, "company") == 0) {
        add_line(lines, value_of(customer, SMV_CUSTOMER_NAME));
    }
    add_line(lines, person);
    add_line(lines, value_of(customer, SMV_CUSTOMER_STREET));
    add_line(lines, joined(value_of(customer, SMV_CUSTOMER_POSTAL_CODE), value_of(customer, SMV_CUSTOMER_CITY), pool));
}

/* Who may not see the customer's data gets a letter with a name alone. */
static const smv_error_t *add_address(const smv_call_t *call, const smv_record_t *letter, const char *person)
{
    smv_list_t *lines = smv_list_make(&smv_shape_cell, 4, call->pool);
    const smv_record_t *customer;
    const smv_error_t *error;

    lines->count = 0;
    smv_set(letter, "address", smv_nested_list(lines));
    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CUSTOMER_VIEW)) {
        add_line(lines, person);
        return NULL;
    }
    error = call->store->row(call->store, &customer, call->permit, &smv_resources[SMV_RESOURCE_CUSTOMER],
                             call->subject.customer, call->pool);
    if (!error) {
        fill_address(lines, customer, person, call->pool);
    }
    return error;
}

static const smv_error_t *add_picture(const smv_call_t *call, const smv_record_t *letter, const char *link)
{
    smv_qr_code_t code;
    const smv_error_t *error = call->delivery.draw(&code, link, call->pool);

    if (!error) {
        int size = code.width + 2 * SMV_QR_QUIET_ZONE;

        smv_set(letter, "qr_path", smv_text(smv_qr_path(&code, call->pool)));
        smv_set(letter, "qr_box", smv_text(apr_psprintf(call->pool, "0 0 %d %d", size, size)));
    }
    return error;
}

static const smv_error_t *fill_letter(const smv_call_t *call, const smv_record_t *letter, const smv_account_t *account,
                                      const smv_invitation_t *invitation, const char *code)
{
    const char *link = apr_pstrcat(call->pool, call->delivery.url, "/access/", code, NULL);
    const smv_record_t *access, *firm;
    const smv_error_t *error;
    int is_reset = strcmp(invitation->kind, "reset") == 0;

    if ((error = smv_access_record(call, &access, account)) ||
        (error = call->store->firm(call->store, &firm, call->tenant, call->pool)) ||
        (error = add_address(call, letter, account->principal->name)) || (error = add_picture(call, letter, link))) {
        return error;
    }
    smv_set(letter, "access", smv_nested(access));
    smv_set(letter, "code", smv_text(code));
    smv_set(letter, "link", smv_text(link));
    smv_set(letter, "expires", smv_number(apr_time_sec(invitation->expires)));
    smv_set(letter, "firm", smv_nested(firm));
    smv_set(letter, "until", smv_text(german_time(invitation->expires, call->pool)));
    smv_set(letter, "date", smv_text(apr_pstrndup(call->pool, german_time(call->now, call->pool), DATE_SIZE)));
    smv_set(letter, "portal", smv_text(apr_pstrcat(call->pool, call->delivery.url, "/access", NULL)));
    smv_set(letter, "is_reset", smv_number(is_reset));
    smv_set(letter, "mail",
            smv_text(send_mail(call, letter, account, value_of(firm, SMV_FIRM_NAME), invitation->expires, is_reset)));
    return NULL;
}

const smv_error_t *smv_access_invite(const smv_call_t *call, smv_answer_t *answer, const smv_account_t *account,
                                     int is_reset)
{
    const smv_invitation_t invitation = {.dn = account->principal->dn,
                                         .login = account->principal->login,
                                         .customer = call->subject.customer,
                                         .kind = is_reset ? "reset" : "invite",
                                         .created_by = call->principal->login,
                                         .created = call->now,
                                         .expires = call->now + apr_time_from_sec(86400) * SMV_CODE_LIFETIME};
    smv_record_t *view = smv_record_make(&smv_shape_access_view, call->pool);
    smv_record_t *letter = smv_record_make(&smv_shape_access_letter, call->pool);
    unsigned char hash[SMV_TOKEN_HASH_SIZE];
    char *code = apr_palloc(call->pool, SMV_CODE_SIZE);
    const smv_error_t *error;

    if ((error = smv_code_make(code, call->crypto, call->pool)) ||
        (error = smv_code_hash(hash, code, call->crypto, call->pool)) ||
        (error = smv_access_note(call, SMV_EVENT_INVITE, account->principal->dn, NULL)) ||
        (error = call->store->invitation_create(call->store, hash, &invitation, call->pool)) ||
        (error = fill_letter(call, letter, account, &invitation, code))) {
        return error;
    }
    smv_set(view, "customer", smv_number(call->subject.customer));
    smv_set(view, "letter", smv_nested(letter));
    smv_set(view, "back_href",
            smv_text(apr_pstrcat(call->pool, call->base, smv_access_path(call, account->principal->login), NULL)));
    answer->view = view;
    answer->status = call->rendering == SMV_RENDER_API ? 201 : 200;
    return NULL;
}
