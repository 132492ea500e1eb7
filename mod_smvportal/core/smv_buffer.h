/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_buffer: one growing piece of memory that a whole answer is written to, sent as one bucket.
 *
 * Invariants: data[0..size) is written, size <= capacity <= limit. A write that would pass the limit, or that gets no
 * memory, sets is_failed and writes nothing; later writes do nothing. Check is_failed once at the end.
 * Ownership: memory comes from the pool; growing doubles and abandons the old piece to the pool.
 * Thread-safety: one thread.
 */
#ifndef SMV_BUFFER_H
#define SMV_BUFFER_H

#include <apr_pools.h>
#include <string.h>

typedef struct smv_buffer_t {
    char *data;
    apr_size_t size, capacity, limit;
    int is_failed;
    apr_pool_t *pool;
} smv_buffer_t;

void smv_buffer_init(smv_buffer_t *buffer, apr_size_t capacity, apr_size_t limit, apr_pool_t *pool);

/* Make room for `more` bytes. @return 1 where there is room */
int smv_buffer_reserve(smv_buffer_t *buffer, apr_size_t more);

static inline void smv_buffer_write(smv_buffer_t *buffer, const char *data, apr_size_t size)
{
    if (buffer->capacity - buffer->size < size && !smv_buffer_reserve(buffer, size)) {
        return;
    }
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}

static inline void smv_buffer_puts(smv_buffer_t *buffer, const char *text)
{
    smv_buffer_write(buffer, text, strlen(text));
}

/* Text with & < > " ' written as character references: for HTML text and attributes in quotes. */
void smv_buffer_html(smv_buffer_t *buffer, const char *text, apr_size_t size);

/* Text as part of a URL path: all but RFC 3986 unreserved characters, "/", "@" and "+" percent-encoded. */
void smv_buffer_url(smv_buffer_t *buffer, const char *text, apr_size_t size);

/* Text as a JSON string with its quotes (RFC 8259, 7). Bytes that are no UTF-8 become U+FFFD. */
void smv_buffer_json(smv_buffer_t *buffer, const char *text, apr_size_t size);

/* @return the length of the UTF-8 sequence at start (RFC 3629, 4), 0 where it is none */
apr_size_t smv_utf8_sequence(const char *start, apr_size_t size);

/* A decimal number. */
void smv_buffer_number(smv_buffer_t *buffer, apr_int64_t number);

#endif
