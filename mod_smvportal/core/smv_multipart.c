/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_multipart.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#define MAX_BOUNDARY 70

typedef enum {
    CONTENT,        /* of a part, or what stands before the first; `matched` bytes of the delimiter are held back */
    AFTER_BOUNDARY, /* the whole delimiter is held back */
    AFTER_DASH,
    AFTER_RETURN,
    HEADERS,
    CLOSED,
} place_e;

struct smv_multipart_t {
    const smv_multipart_handler_t *handler;
    void *state;
    apr_pool_t *pool;
    const smv_error_t *error;
    int parts, maximum_parts;
    place_e place;
    int is_in_part, is_padded;
    apr_size_t matched, delimiter_size, headers_size;
    char delimiter[sizeof "\r\n--" + MAX_BOUNDARY];
    char headers[SMV_MULTIPART_MAX_HEADERS + 1];
};

static const smv_error_t *bad(apr_pool_t *pool, const char *detail)
{
    return smv_error(pool, SMV_ERROR_BAD_REQUEST, "multipart/form-data: %s", detail);
}

/* --- parameters of a header: ; name=token; name="quoted" --- */

/* Browsers write a quotation mark as %22 and a backslash as it is, others put a backslash before both.
 * @return what follows the closing quotation mark, NULL where there is none */
static char *unquote(char *text)
{
    char *out = text;

    while (*text && *text != '"') {
        if (text[0] == '\\' && (text[1] == '"' || text[1] == '\\')) {
            text++;
            *out++ = *text++;
        } else if (strncmp(text, "%22", 3) == 0) {
            *out++ = '"';
            text += 3;
        } else {
            *out++ = *text++;
        }
    }
    if (!*text) {
        return NULL;
    }
    *out = '\0';
    return text + 1;
}

/* Read the parameter at *rest in place. @return 1; 0 at the end; -1 where there is something else */
static int next_parameter(char **rest, char **name, char **value)
{
    char *at = *rest + strspn(*rest, "; \t");

    if (!*at) {
        return 0;
    }
    *name = at;
    at += strcspn(at, "=; \t\"");
    if (*at != '=' || at == *name) {
        return -1;
    }
    *at++ = '\0';
    if (*at == '"') {
        *value = at + 1;
        *rest = unquote(*value);
        return *rest ? 1 : -1;
    }
    *value = at;
    at += strcspn(at, "; \t\"");
    *rest = *at ? at + 1 : at;
    *at = '\0';
    return 1;
}

/* @return whether the header's value is this word, or this word with parameters; *rest: what follows it */
static int starts_with_word(char *header, const char *word, char **rest)
{
    apr_size_t size = strlen(word);

    header += strspn(header, " \t");
    *rest = header + size;
    return strncasecmp(header, word, size) == 0 && (!**rest || strchr("; \t", **rest));
}

/* --- the boundary --- */

static int is_boundary(const char *text)
{
    apr_size_t size = strlen(text);

    return size > 0 && size <= MAX_BOUNDARY && text[size - 1] != ' ' &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? ") == size;
}

const smv_error_t *smv_multipart_create(smv_multipart_t **parser, const char *content_type, int maximum_parts,
                                        const smv_multipart_handler_t *handler, void *state, apr_pool_t *pool)
{
    smv_multipart_t *self;
    char *rest, *name, *value, *boundary = NULL;

    if (!content_type || !starts_with_word(apr_pstrdup(pool, content_type), "multipart/form-data", &rest)) {
        return smv_error(pool, SMV_ERROR_MEDIA_TYPE, "the request is no multipart/form-data");
    }
    while (!boundary && next_parameter(&rest, &name, &value) == 1) {
        boundary = strcasecmp(name, "boundary") == 0 ? value : NULL;
    }
    if (!boundary || !is_boundary(boundary)) {
        return bad(pool, "Content-Type has no boundary of 1 to 70 characters");
    }
    self = apr_pcalloc(pool, sizeof *self);
    self->handler = handler;
    self->state = state;
    self->pool = pool;
    self->maximum_parts = maximum_parts;
    apr_cpystrn(self->delimiter, apr_pstrcat(pool, "\r\n--", boundary, NULL), sizeof self->delimiter);
    self->delimiter_size = strlen(self->delimiter);
    self->matched = 2; /* before the first boundary there may be no line at all */
    *parser = self;
    return NULL;
}

/* --- headers of a part --- */

/* Join a header that is continued on a further line. */
static void unfold(char *headers)
{
    for (char *at = strstr(headers, "\r\n"); at; at = strstr(at + 2, "\r\n")) {
        if (at[2] == ' ' || at[2] == '\t') {
            at[0] = at[1] = ' ';
        }
    }
}

/* @return the value of Content-Disposition, ended by NUL; NULL where there is none */
static char *disposition_of(char *headers)
{
    static const char name[] = "Content-Disposition:";

    unfold(headers);
    while (*headers) {
        char *end = strstr(headers, "\r\n");

        if (strncasecmp(headers, name, sizeof name - 1) == 0) {
            *end = '\0';
            return headers + sizeof name - 1;
        }
        headers = end + 2;
    }
    return NULL;
}

static const smv_error_t *begin_part(smv_multipart_t *self)
{
    char *rest, *name, *value, *field = NULL, *file = NULL, *disposition = disposition_of(self->headers);
    int found;

    if (!disposition || !starts_with_word(disposition, "form-data", &rest)) {
        return bad(self->pool, "a part has no Content-Disposition: form-data");
    }
    while ((found = next_parameter(&rest, &name, &value)) == 1) {
        if (strcasecmp(name, "name") == 0) {
            field = value;
        } else if (strcasecmp(name, "filename") == 0) {
            file = value;
        }
    }
    if (found < 0) {
        return bad(self->pool, "the Content-Disposition of a part is malformed");
    }
    if (!field || !*field) {
        return bad(self->pool, "a part has no name");
    }
    if (++self->parts > self->maximum_parts) {
        return smv_error(self->pool, SMV_ERROR_BAD_REQUEST, "multipart/form-data: more than %d parts",
                         self->maximum_parts);
    }
    self->is_in_part = 1;
    self->place = CONTENT;
    self->matched = 0;
    return self->handler->begin(self->state, field, file);
}

static int ends_with(const smv_multipart_t *self, const char *text)
{
    apr_size_t size = strlen(text);

    return self->headers_size >= size && memcmp(self->headers + self->headers_size - size, text, size) == 0;
}

static const smv_error_t *read_headers(smv_multipart_t *self, char byte)
{
    if (self->headers_size == SMV_MULTIPART_MAX_HEADERS) {
        return smv_error(self->pool, SMV_ERROR_BAD_REQUEST,
                         "multipart/form-data: the headers of a part have more than %d bytes",
                         SMV_MULTIPART_MAX_HEADERS);
    }
    if (byte == '\0' || (byte == '\n') != ends_with(self, "\r")) {
        return bad(self->pool, "the headers of a part have a NUL, or a CR or LF without the other");
    }
    self->headers[self->headers_size++] = byte;
    if (!ends_with(self, "\r\n\r\n") && !(self->headers_size == 2 && ends_with(self, "\r\n"))) {
        return NULL;
    }
    self->headers[self->headers_size] = '\0';
    return begin_part(self);
}

/* --- content --- */

static const smv_error_t *give(smv_multipart_t *self, const char *data, apr_size_t size)
{
    return self->is_in_part && size > 0 ? self->handler->data(self->state, data, size) : NULL;
}

/* What was held back as the start of a delimiter is content after all, up to a byte of what follows it. */
static const smv_error_t *give_back(smv_multipart_t *self, const char *follows)
{
    const smv_error_t *error = give(self, self->delimiter, self->matched);

    self->matched = 0;
    self->place = CONTENT;
    return error ? error : give(self, follows, strlen(follows));
}

static const smv_error_t *end_part(smv_multipart_t *self)
{
    int was_in_part = self->is_in_part;

    self->is_in_part = 0;
    return was_in_part ? self->handler->end(self->state) : NULL;
}

/* CR stands at the start of a delimiter and nowhere else in it, so that after a mismatch only this byte can start one.
 * @param used out: how many bytes were read */
static const smv_error_t *read_content(smv_multipart_t *self, const char *data, apr_size_t size, apr_size_t *used)
{
    const char *line_end;

    if (self->matched == 0) {
        line_end = memchr(data, '\r', size);
        *used = line_end ? (apr_size_t)(line_end - data) + 1 : size;
        self->matched = line_end != NULL;
        return give(self, data, *used - self->matched);
    }
    if (*data != self->delimiter[self->matched]) {
        *used = 0;
        return give_back(self, "");
    }
    *used = 1;
    if (++self->matched == self->delimiter_size) {
        self->place = AFTER_BOUNDARY;
        self->is_padded = 0;
    }
    return NULL;
}

/* --- after a boundary: "--", or blanks and CRLF, or the line is content --- */

static const smv_error_t *read_after_boundary(smv_multipart_t *self, char byte, apr_size_t *used)
{
    *used = 1;
    if (byte == ' ' || byte == '\t') {
        self->is_padded = 1;
    } else if (byte == '\r') {
        self->place = AFTER_RETURN;
    } else if (self->is_padded) {
        return bad(self->pool, "a boundary is followed by something else on its line");
    } else if (byte == '-') {
        self->place = AFTER_DASH;
    } else {
        *used = 0;
        return give_back(self, "");
    }
    return NULL;
}

static const smv_error_t *read_after_dash(smv_multipart_t *self, char byte, apr_size_t *used)
{
    if (byte != '-') {
        *used = 0;
        return give_back(self, "-");
    }
    *used = 1;
    self->place = CLOSED;
    return end_part(self);
}

static const smv_error_t *read_after_return(smv_multipart_t *self, char byte, apr_size_t *used)
{
    if (byte != '\n') {
        const smv_error_t *error =
            self->is_padded ? bad(self->pool, "a boundary is followed by a CR without LF") : give_back(self, "");

        *used = 0;
        self->matched = 1; /* the CR */
        return error;
    }
    *used = 1;
    self->place = HEADERS;
    self->headers_size = 0;
    return end_part(self);
}

static const smv_error_t *read_some(smv_multipart_t *self, const char *data, apr_size_t size, apr_size_t *used)
{
    *used = 1;
    switch (self->place) {
    case CONTENT:
        return read_content(self, data, size, used);
    case AFTER_BOUNDARY:
        return read_after_boundary(self, *data, used);
    case AFTER_DASH:
        return read_after_dash(self, *data, used);
    case AFTER_RETURN:
        return read_after_return(self, *data, used);
    case HEADERS:
        return read_headers(self, *data);
    case CLOSED:
        *used = size;
        break;
    }
    return NULL;
}

const smv_error_t *smv_multipart_feed(smv_multipart_t *self, const char *data, apr_size_t size)
{
    while (size > 0 && !self->error) {
        apr_size_t used;

        self->error = read_some(self, data, size, &used);
        data += used;
        size -= used;
    }
    return self->error;
}

const smv_error_t *smv_multipart_finish(smv_multipart_t *self)
{
    if (self->error || self->place == CLOSED) {
        return self->error;
    }
    self->error = bad(self->pool, self->parts == 0 && self->place == CONTENT
                                      ? "the boundary never came at the start of a line that ends with CRLF"
                                      : "the body ended before its last boundary");
    return self->error;
}
