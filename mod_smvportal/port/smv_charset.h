/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_charset: text in the character sets of older German software, made UTF-8 by iconv(3).
 *
 * Recognition looks at the whole text, in pieces of any size, as the first umlaut may be far behind its beginning. What
 * is valid UTF-8 is UTF-8, and so is ASCII. Else the umlauts and ß vote: their bytes in CP850 against their bytes in
 * Windows-1252, which wins when there are as many. CP437 has them where CP850 has them, both of ISO 8859 where
 * Windows-1252 has them: of these three none is ever recognised, they must be given where their other characters
 * matter.
 *
 * Ownership: a decoder lives in the pool given, which closes it. Thread-safety: one decoder, one thread.
 */
#ifndef SMV_CHARSET_H
#define SMV_CHARSET_H

#include "../core/smv_error.h"

/* X(NAME, what people and iconv call it) */
#define SMV_CHARSETS(X)                                                                                                \
    X(CP437, "CP437")                                                                                                  \
    X(CP850, "CP850")                                                                                                  \
    X(ISO_8859_1, "ISO-8859-1")                                                                                        \
    X(ISO_8859_15, "ISO-8859-15")                                                                                      \
    X(WINDOWS_1252, "WINDOWS-1252")                                                                                    \
    X(UTF_8, "UTF-8")

typedef enum {
    SMV_CHARSET_UNKNOWN,
#define SMV_CHARSET_ENUM(NAME, name) SMV_CHARSET_##NAME,
    SMV_CHARSETS(SMV_CHARSET_ENUM)
#undef SMV_CHARSET_ENUM
} smv_charset_e;

/* @return its name; "" for SMV_CHARSET_UNKNOWN */
const char *smv_charset_name(smv_charset_e charset);

/* @return the one of that name in upper or lower case, SMV_CHARSET_UNKNOWN where there is none */
smv_charset_e smv_charset_of(const char *name);

/* What was seen of a text so far. Begin with all zeros. */
typedef struct smv_charset_votes_t {
    apr_int64_t cp850, windows_1252;
    int is_no_utf8;
    unsigned char sequence[4]; /* of UTF-8, begun by the piece before */
    int begun;
} smv_charset_votes_t;

void smv_charset_look(smv_charset_votes_t *votes, const char *data, apr_size_t size);

/* @return what the text is, all of which was looked at */
smv_charset_e smv_charset_recognised(const smv_charset_votes_t *votes);

typedef struct smv_decoder_t smv_decoder_t;

/* @param charset a known one. @return SMV_ERROR_INTERNAL where the C library does not know it */
const smv_error_t *smv_decoder_create(smv_decoder_t **decoder, smv_charset_e charset, apr_pool_t *pool);

/* How much room a text of that size may need in UTF-8. */
#define SMV_DECODER_ROOM(size) (3 * (size))

/* Write a whole text as UTF-8, with U+FFFD for each byte that is no character.
 * @param out has room for SMV_DECODER_ROOM(size) bytes
 * @param bad out: the first such byte, NULL where there is none
 * @return how many bytes were written */
apr_size_t smv_decoder_decode(smv_decoder_t *self, char *out, const char *data, apr_size_t size, const char **bad);

#endif
