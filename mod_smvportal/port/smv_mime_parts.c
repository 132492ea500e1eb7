/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_mime_parts.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define PIECE 65536
#define MAX_BOUNDARY 70 /* RFC 2046, 5.1.1 */
#define MAX_HEADERS 8192
#define MAX_PARTS 1000

typedef struct message_t {
    const char *name;
    apr_file_t *file;
    apr_array_header_t *parts;
    char delimiter[MAX_BOUNDARY + 4]; /* "\n--" and the boundary */
    apr_size_t length;
    char piece[PIECE];
    apr_pool_t *pool;
} message_t;

static const smv_error_t *away(const message_t *message, apr_status_t status)
{
    char reason[120];

    return smv_error(message->pool, SMV_ERROR_FILE_AWAY, "%s: %s", message->name,
                     apr_strerror(status, reason, sizeof reason));
}

static const smv_error_t *broken(const message_t *message, const char *why)
{
    return smv_error(message->pool, SMV_ERROR_INVALID, "%s: %s", message->name, why);
}

/* @param size in: wanted; out: how much there is */
static const smv_error_t *read_at(message_t *message, apr_off_t from, char *out, apr_size_t *size)
{
    apr_status_t status = apr_file_seek(message->file, APR_SET, &from);

    if (status == APR_SUCCESS) {
        status = apr_file_read_full(message->file, out, *size, size);
    }
    return status == APR_SUCCESS || APR_STATUS_IS_EOF(status) ? NULL : away(message, status);
}

/* @param at out: of the next delimiter's end of line; -1: there is none */
static const smv_error_t *find_delimiter(message_t *message, apr_off_t from, apr_off_t *at)
{
    const smv_error_t *error;

    *at = -1;
    for (;;) {
        apr_size_t size = PIECE;

        if ((error = read_at(message, from, message->piece, &size)) || size < message->length) {
            return error;
        }
        for (const char *found = message->piece, *end = found + size - message->length + 1;
             (found = memchr(found, '\n', (size_t)(end - found))); found++) {
            if (memcmp(found, message->delimiter, message->length) == 0) {
                *at = from + (found - message->piece);
                return NULL;
            }
            if (found + 1 == end) {
                break;
            }
        }
        if (size < PIECE) {
            return NULL;
        }
        from += (apr_off_t)(size - message->length + 1);
    }
}

/* --- headers --- */

/* @return the value of a header, NULL where there is none */
static const char *header_of(const char *headers, const char *name, apr_pool_t *pool)
{
    size_t length = strlen(name);

    for (const char *line = headers; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1;

            value += strspn(value, " \t");
            return apr_pstrmemdup(pool, value, strcspn(value, "\r\n"));
        }
    }
    return NULL;
}

static const char *without_brackets(const char *id, apr_pool_t *pool)
{
    size_t length = strlen(id);

    return *id == '<' && id[length - 1] == '>' ? apr_pstrmemdup(pool, id + 1, length - 2) : id;
}

static int is_encoded(const char *encoding)
{
    return encoding && strcasecmp(encoding, "binary") != 0 && strcasecmp(encoding, "8bit") != 0 &&
           strcasecmp(encoding, "7bit") != 0;
}

/* @return behind the empty line that ends the headers, NULL where there is none */
static char *end_of_headers(char *headers)
{
    for (char *at = headers; (at = strchr(at, '\n')); at++) {
        if (at[1] == '\n') {
            return at + 2;
        }
        if (at[1] == '\r' && at[2] == '\n') {
            return at + 3;
        }
    }
    return NULL;
}

static int has_part(const message_t *message, const char *id)
{
    for (int i = 0; i < message->parts->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(message->parts, i, smv_mime_part_t).id, id) == 0) {
            return 1;
        }
    }
    return 0;
}

/* @param from behind the delimiter that begins it @param end of the part */
static const smv_error_t *add_part(message_t *message, apr_off_t from, apr_off_t end)
{
    char headers[MAX_HEADERS + 1] = "", *content;
    apr_size_t size = MAX_HEADERS < end - from ? MAX_HEADERS : (apr_size_t)(end - from);
    const smv_error_t *error = read_at(message, from, headers, &size);
    apr_off_t begin;
    const char *id;

    if (error) {
        return error;
    }
    headers[size] = '\0';
    content = end_of_headers(headers);
    if (!content || message->parts->nelts == MAX_PARTS) {
        return broken(message, content ? "it has too many parts" : "a part of it has no end of its headers");
    }
    begin = from + (content - headers);
    *content = '\0'; /* it may look like headers, too */
    id = header_of(headers, "Content-ID", message->pool);
    id = id ? without_brackets(id, message->pool) : "";
    if (*id && has_part(message, id)) {
        return broken(message, apr_pstrcat(message->pool, "two parts have the Content-ID ", id, NULL));
    }
    *(smv_mime_part_t *)apr_array_push(message->parts) =
        (smv_mime_part_t){id, is_encoded(header_of(headers, "Content-Transfer-Encoding", message->pool)), begin, end};
    return NULL;
}

/* --- the message --- */

/* The first line that begins with two strokes; before it there may be headers. @return 0 where it is no such message */
static int read_boundary(message_t *message, const char *head, apr_off_t *begin)
{
    const char *line = head + strspn(head, "\r\n");
    size_t length;

    while (line && strncmp(line, "--", 2) != 0) {
        if (!apr_isalpha(*line) && *line != ' ' && *line != '\t' && *line != '\r' && *line != '\n') {
            return 0;
        }
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    length = line ? strcspn(line, "\r\n") : 0;
    if (length <= 2 || length > MAX_BOUNDARY + 2 || !line[length]) {
        return 0;
    }
    message->delimiter[0] = '\n';
    memcpy(message->delimiter + 1, line, length);
    message->length = length + 1;
    *begin = (apr_off_t)(line - head) + (apr_off_t)length;
    return 1;
}

/* The end of the line before a delimiter belongs to that. */
static const smv_error_t *end_of_part(message_t *message, apr_off_t delimiter, apr_off_t *end)
{
    char before = '\0';
    apr_size_t size = 1;
    const smv_error_t *error = delimiter > 0 ? read_at(message, delimiter - 1, &before, &size) : NULL;

    *end = delimiter > 0 && size == 1 && before == '\r' ? delimiter - 1 : delimiter;
    return error;
}

static const smv_error_t *read_parts(message_t *message, apr_off_t from)
{
    const smv_error_t *error = NULL;
    apr_off_t delimiter, end;
    char mark[2] = "";
    apr_size_t size = sizeof mark;

    while (!error && !(size == sizeof mark && memcmp(mark, "--", sizeof mark) == 0)) {
        if ((error = find_delimiter(message, from, &delimiter))) {
            return error;
        }
        if (delimiter < 0) {
            return broken(message, "it ends within a part");
        }
        if (!(error = end_of_part(message, delimiter, &end)) && !(error = add_part(message, from, end))) {
            from = delimiter + (apr_off_t)message->length;
            size = sizeof mark;
            error = read_at(message, from, mark, &size);
        }
    }
    return error;
}

const smv_error_t *smv_mime_parts(apr_array_header_t **parts, apr_file_t *file, const char *name, apr_pool_t *pool)
{
    message_t *message = apr_pcalloc(pool, sizeof *message);
    char head[MAX_HEADERS + 1];
    apr_size_t size = MAX_HEADERS;
    apr_off_t begin;
    const smv_error_t *error;

    *parts = message->parts = apr_array_make(pool, 8, sizeof(smv_mime_part_t));
    message->name = name;
    message->file = file;
    message->pool = pool;
    error = read_at(message, 0, head, &size);
    head[error ? 0 : size] = '\0';
    return !error && read_boundary(message, head, &begin) ? read_parts(message, begin) : error;
}
