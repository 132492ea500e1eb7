/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_charset.h"

#include "../core/smv_buffer.h"

#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* ü ä Ä ö Ö Ü ß */
#define UMLAUTS_CP850 "\x81\x84\x8e\x94\x99\x9a\xe1"
#define UMLAUTS_WINDOWS_1252 "\xfc\xe4\xc4\xf6\xd6\xdc\xdf"
#define REPLACEMENT "\xef\xbf\xbd"

struct smv_decoder_t {
    iconv_t iconv;
};

static const char *const names[] = {"",
#define CHARSET_NAME(NAME, name) name,
                                    SMV_CHARSETS(CHARSET_NAME)
#undef CHARSET_NAME
};

const char *smv_charset_name(smv_charset_e charset)
{
    return names[charset];
}

smv_charset_e smv_charset_of(const char *name)
{
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(names[i], name) == 0) {
            return (smv_charset_e)i;
        }
    }
    return SMV_CHARSET_UNKNOWN;
}

/* --- recognition --- */

/* @return how long the sequence is that begins with this byte, 0 where none does */
static int sequence_length(unsigned char first)
{
    if (first >= 0xc2 && first <= 0xdf) {
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        return 3;
    }
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* A byte of 0x80 or more, or one that comes too early for the sequence that was begun. */
static void look_for_utf8(smv_charset_votes_t *votes, unsigned char byte)
{
    int length;

    votes->sequence[votes->begun++] = byte;
    length = sequence_length(votes->sequence[0]);
    if (length == 0) {
        votes->is_no_utf8 = 1;
    } else if (votes->begun == length) {
        votes->is_no_utf8 = smv_utf8_sequence((const char *)votes->sequence, (apr_size_t)length) == 0;
        votes->begun = 0;
    }
}

void smv_charset_look(smv_charset_votes_t *votes, const char *data, apr_size_t size)
{
    for (apr_size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)data[i];

        if (!votes->is_no_utf8 && (byte >= 0x80 || votes->begun)) {
            look_for_utf8(votes, byte);
        }
        if (byte >= 0x80) {
            votes->cp850 += memchr(UMLAUTS_CP850, byte, sizeof UMLAUTS_CP850 - 1) != NULL;
            votes->windows_1252 += memchr(UMLAUTS_WINDOWS_1252, byte, sizeof UMLAUTS_WINDOWS_1252 - 1) != NULL;
        }
    }
}

smv_charset_e smv_charset_recognised(const smv_charset_votes_t *votes)
{
    if (!votes->is_no_utf8 && !votes->begun) {
        return SMV_CHARSET_UTF_8;
    }
    return votes->cp850 > votes->windows_1252 ? SMV_CHARSET_CP850 : SMV_CHARSET_WINDOWS_1252;
}

/* --- decoding --- */

static apr_status_t close_iconv(void *data)
{
    smv_decoder_t *self = data;

    iconv_close(self->iconv);
    return APR_SUCCESS;
}

const smv_error_t *smv_decoder_create(smv_decoder_t **decoder, smv_charset_e charset, apr_pool_t *pool)
{
    smv_decoder_t *self = apr_palloc(pool, sizeof *self);

    self->iconv = iconv_open("UTF-8", smv_charset_name(charset));
    if ((intptr_t)self->iconv == -1) {
        return smv_error(pool, SMV_ERROR_INTERNAL,
                         "the C library has no character set \"%s\": install its gconv modules",
                         smv_charset_name(charset));
    }
    apr_pool_cleanup_register(pool, self, close_iconv, apr_pool_cleanup_null);
    *decoder = self;
    return NULL;
}

apr_size_t smv_decoder_decode(smv_decoder_t *self, char *out, const char *data, apr_size_t size, const char **bad)
{
    char *in = (char *)data, *at = out;
    size_t left = size, room = SMV_DECODER_ROOM(size);

    *bad = NULL;
    while (left > 0 && iconv(self->iconv, &in, &left, &at, &room) == (size_t)-1) {
        *bad = *bad ? *bad : in;
        memcpy(at, REPLACEMENT, sizeof REPLACEMENT - 1);
        at += sizeof REPLACEMENT - 1;
        room -= sizeof REPLACEMENT - 1;
        in++;
        left--;
    }
    return (apr_size_t)(at - out);
}
