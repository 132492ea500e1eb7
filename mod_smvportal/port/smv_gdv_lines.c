/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_gdv_lines.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#define PIECE 65536U
#define MAX_RAW (4U * SMV_GDV_LENGTH + 1) /* bytes: more are more than 256 characters in any character set */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define REPLACEMENT "\xef\xbf\xbd"
#define NO_BYTE (-1)

struct smv_gdv_lines_t {
    const char *path;
    apr_file_t *file;
    apr_pool_t *pool;
    smv_charset_e charset;
    smv_decoder_t *decoder;
    int is_fixed; /* a record ends after 256 characters */
    apr_status_t status;
    apr_size_t at, size; /* of the piece */
    apr_size_t raw_size;
    smv_gdv_line_t line;
    char piece[PIECE];
    char raw[MAX_RAW];
    char text[SMV_DECODER_ROOM(MAX_RAW) + 1];
};

static const smv_error_t *unreadable(const smv_gdv_lines_t *self)
{
    char reason[128];

    return smv_error(self->pool, SMV_ERROR_FILE_AWAY, "%s: cannot be read: %s", self->path,
                     apr_strerror(self->status, reason, sizeof reason));
}

/* @return whether there is one */
static int read_piece(smv_gdv_lines_t *self)
{
    self->at = 0;
    self->size = PIECE;
    if (self->status == APR_SUCCESS) {
        self->status = apr_file_read(self->file, self->piece, &self->size);
    }
    if (self->status != APR_SUCCESS) {
        self->size = 0;
    }
    return self->size > 0;
}

static int is_line_end(int byte)
{
    return byte == '\n' || byte == '\r' || byte == '\x1a';
}

static int begins_character(const smv_gdv_lines_t *self, int byte)
{
    return self->charset != SMV_CHARSET_UTF_8 || (byte & 0xc0) != 0x80;
}

/* --- opening --- */

static void recognise(smv_gdv_lines_t *self)
{
    smv_charset_votes_t votes = {0};
    apr_off_t start = 0;

    while (read_piece(self)) {
        smv_charset_look(&votes, self->piece, self->size);
    }
    self->charset = smv_charset_recognised(&votes);
    if (self->status == APR_EOF) {
        self->status = apr_file_seek(self->file, APR_SET, &start);
    }
}

/* @return whether the first piece, from its first record on, has no line ends where records end */
static int lacks_line_ends(const smv_gdv_lines_t *self)
{
    apr_size_t at = self->at;
    int characters = 0;

    while (at < self->size && is_line_end(self->piece[at])) {
        at++;
    }
    while (at < self->size && !is_line_end(self->piece[at])) {
        characters += begins_character(self, self->piece[at]);
        at++;
    }
    return at == self->size || (characters > SMV_GDV_LENGTH && characters % SMV_GDV_LENGTH == 0);
}

static void look_at_beginning(smv_gdv_lines_t *self)
{
    apr_size_t size = sizeof BYTE_ORDER_MARK - 1;

    read_piece(self);
    if (self->size >= size && memcmp(self->piece, BYTE_ORDER_MARK, size) == 0) {
        self->at = size;
    }
    self->is_fixed = lacks_line_ends(self);
}

const smv_error_t *smv_gdv_lines_open(smv_gdv_lines_t **lines, const char *path, smv_charset_e charset,
                                      apr_pool_t *pool)
{
    smv_gdv_lines_t *self = apr_pcalloc(pool, sizeof *self);
    const smv_error_t *error;

    self->path = apr_pstrdup(pool, path);
    self->pool = pool;
    self->charset = charset;
    self->status = apr_file_open(&self->file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);
    if (self->status == APR_SUCCESS && charset == SMV_CHARSET_UNKNOWN) {
        recognise(self);
    }
    look_at_beginning(self);
    if (self->status != APR_SUCCESS && self->status != APR_EOF) {
        return unreadable(self);
    }
    error = smv_decoder_create(&self->decoder, self->charset, pool);
    *lines = self;
    return error;
}

smv_charset_e smv_gdv_lines_charset(const smv_gdv_lines_t *self)
{
    return self->charset;
}

/* --- one record --- */

static int peek(smv_gdv_lines_t *self)
{
    if (self->at == self->size && !read_piece(self)) {
        return NO_BYTE;
    }
    return (unsigned char)self->piece[self->at];
}

/* Whatever is more than a record can have is read and forgotten. */
static void take_record(smv_gdv_lines_t *self)
{
    int characters = 0, byte;

    self->raw_size = 0;
    while (is_line_end(peek(self))) {
        self->at++;
    }
    while ((byte = peek(self)) != NO_BYTE && !is_line_end(byte)) {
        if (self->is_fixed && begins_character(self, byte) && ++characters > SMV_GDV_LENGTH) {
            break;
        }
        if (self->raw_size < MAX_RAW) {
            self->raw[self->raw_size++] = (char)byte;
        }
        self->at++;
    }
}

static int is_blank(const smv_gdv_lines_t *self)
{
    apr_size_t at = 0;

    while (at < self->raw_size && self->raw[at] == ' ') {
        at++;
    }
    return at == self->raw_size;
}

/* Fill in start and length. */
static void cut(smv_gdv_line_t *line, const char *text, apr_size_t size)
{
    line->text = text;
    line->length = 0;
    for (apr_size_t at = 0; at < size && line->length <= SMV_GDV_LENGTH; at++) {
        if (((unsigned char)text[at] & 0xc0U) != 0x80) {
            if (line->length < SMV_GDV_LENGTH) {
                line->start[line->length] = (int)at;
            }
            line->length++;
        }
    }
    if (line->length <= SMV_GDV_LENGTH) {
        line->start[line->length] = (int)size;
    }
}

static int find_replacement(const smv_gdv_line_t *line)
{
    for (int at = 1; at <= line->length && at <= SMV_GDV_LENGTH; at++) {
        if (strncmp(line->text + line->start[at - 1], REPLACEMENT, sizeof REPLACEMENT - 1) == 0) {
            return at;
        }
    }
    return 0;
}

static void decode(smv_gdv_lines_t *self)
{
    const char *bad;
    apr_size_t size = smv_decoder_decode(self->decoder, self->text, self->raw, self->raw_size, &bad);

    self->text[size] = '\0';
    cut(&self->line, self->text, size);
    self->line.bad_at = bad ? find_replacement(&self->line) : 0;
    self->line.bad_byte = bad ? (unsigned char)*bad : 0;
}

const smv_error_t *smv_gdv_lines_next(smv_gdv_lines_t *self, const smv_gdv_line_t **line)
{
    *line = NULL;
    do {
        take_record(self);
        if (self->status != APR_SUCCESS && self->status != APR_EOF) {
            return unreadable(self);
        }
        if (self->raw_size == 0) {
            return NULL;
        }
    } while (is_blank(self));
    decode(self);
    *line = &self->line;
    return NULL;
}
