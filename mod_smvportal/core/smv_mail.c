/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_mail.h"

#include "smv_rules.h"

#include <apr_base64.h>
#include <apr_strings.h>

/* Bytes of UTF-8 in one encoded word: 52 of base64 and 12 around it, with "Subject: " within 76 (RFC 2047, 2). */
#define WORD_BYTES 39
/* Bytes of the text in one line: 76 characters of base64 (RFC 2045, 6.8). */
#define LINE_BYTES 57

static void write_base64(smv_buffer_t *out, const char *bytes, int size, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, (apr_size_t)apr_base64_encode_len(size));

    apr_base64_encode(text, bytes, size);
    smv_buffer_puts(out, text);
}

static int is_plain(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c < ' ' || *c > '~') {
            return 0;
        }
    }
    return !strstr(text, "=?") && strlen(text) <= WORD_BYTES;
}

/* As many bytes as fit into one encoded word without cutting a character. */
static int word_size(const char *text)
{
    int size = 0;

    while (text[size] && size < WORD_BYTES) {
        size++;
    }
    while (text[size] && ((unsigned char)text[size] & 0xc0) == 0x80 && size > WORD_BYTES - 3) {
        size--;
    }
    return size;
}

/* RFC 2047, 2: words of one text are folded, each in a line of its own. */
static void write_words(smv_buffer_t *out, const char *text, apr_pool_t *pool)
{
    for (int size; *text; text += size) {
        size = word_size(text);
        smv_buffer_puts(out, "=?utf-8?B?");
        write_base64(out, text, size, pool);
        smv_buffer_puts(out, text[size] ? "?=\n " : "?=");
    }
}

static void write_header(smv_buffer_t *out, const char *name, const char *text, apr_pool_t *pool)
{
    smv_buffer_puts(out, name);
    smv_buffer_puts(out, ": ");
    if (is_plain(text)) {
        smv_buffer_puts(out, text);
    } else {
        write_words(out, text, pool);
    }
    smv_buffer_puts(out, "\n");
}

/* A name as words, which are no specials of RFC 5322 and need no quotes. */
static void write_mailbox(smv_buffer_t *out, const char *name, const char *person, const char *address,
                          apr_pool_t *pool)
{
    smv_buffer_puts(out, name);
    smv_buffer_puts(out, ": ");
    if (person && *person) {
        write_words(out, person, pool);
        smv_buffer_puts(out, "\n ");
    }
    smv_buffer_puts(out, "<");
    smv_buffer_puts(out, address);
    smv_buffer_puts(out, ">\n");
}

static void write_text(smv_buffer_t *out, const char *text, apr_pool_t *pool)
{
    for (apr_size_t left = strlen(text); left > 0;) {
        int size = left < LINE_BYTES ? (int)left : LINE_BYTES;

        write_base64(out, text, size, pool);
        smv_buffer_puts(out, "\n");
        text += size;
        left -= (apr_size_t)size;
    }
}

int smv_mail_is_address(const char *address)
{
    char copy[SMV_MAIL_MAX_ADDRESS];
    int is_address;

    apr_cpystrn(copy, address, sizeof copy);
    is_address = strlen(address) < sizeof copy && !smv_rule_mail.check(copy, "");
    for (const char *c = address; *c; c++) {
        is_address = is_address && *c > ' ' && *c <= '~' && !strchr("<>,;:\"()[]\\", *c);
    }
    return is_address;
}

/* RFC 5322, 3.3; the zone by number, since "GMT" is obsolete there. */
static const char *date_of(apr_time_t time, apr_pool_t *pool)
{
    char *date = apr_palloc(pool, APR_RFC822_DATE_LEN);

    apr_rfc822_date(date, time);
    return apr_pstrcat(pool, apr_pstrndup(pool, date, strlen(date) - 3), "+0000", NULL);
}

const smv_error_t *smv_mail_write(smv_buffer_t *out, const smv_mail_t *mail, apr_pool_t *pool)
{
    if (!smv_mail_is_address(mail->from) || !smv_mail_is_address(mail->to)) {
        return smv_error(pool, SMV_ERROR_MAIL, "the address of the sender or of the receiver is none");
    }
    write_mailbox(out, "From", mail->from_name, mail->from, pool);
    write_mailbox(out, "To", mail->to_name, mail->to, pool);
    write_header(out, "Subject", mail->subject, pool);
    write_header(out, "Date", date_of(mail->now, pool), pool);
    smv_buffer_puts(out, apr_pstrcat(pool, "Message-ID: <", mail->id, strchr(mail->from, '@'), ">\n", NULL));
    smv_buffer_puts(out, "MIME-Version: 1.0\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "Content-Transfer-Encoding: base64\n"
                         "Auto-Submitted: auto-generated\n\n"); /* RFC 3834: nobody answers it automatically */
    write_text(out, mail->text, pool);
    return out->is_failed ? smv_error(pool, SMV_ERROR_MAIL, "the mail passed its limit") : NULL;
}
