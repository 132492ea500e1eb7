/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_buffer.h"

void smv_buffer_init(smv_buffer_t *buffer, apr_size_t capacity, apr_size_t limit, apr_pool_t *pool)
{
    *buffer = (smv_buffer_t){.limit = limit, .pool = pool};
    buffer->capacity = capacity < limit ? capacity : limit;
    buffer->data = apr_palloc(pool, buffer->capacity ? buffer->capacity : 1);
}

int smv_buffer_reserve(smv_buffer_t *buffer, apr_size_t more)
{
    apr_size_t capacity = buffer->capacity ? buffer->capacity : 1;
    char *data;

    if (buffer->is_failed || more > buffer->limit - buffer->size) {
        buffer->is_failed = 1;
        buffer->capacity = buffer->size;
        return 0;
    }
    if (more <= buffer->capacity - buffer->size) {
        return 1;
    }
    while (capacity - buffer->size < more) {
        capacity = capacity > buffer->limit / 2 ? buffer->limit : capacity * 2;
    }
    data = apr_palloc(buffer->pool, capacity);
    if (!data) {
        buffer->is_failed = 1;
        buffer->capacity = buffer->size;
        return 0;
    }
    memcpy(data, buffer->data, buffer->size);
    buffer->data = data;
    buffer->capacity = capacity;
    return 1;
}

static const char *html_reference(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void smv_buffer_html(smv_buffer_t *buffer, const char *text, apr_size_t size)
{
    apr_size_t start = 0;

    for (apr_size_t i = 0; i < size; i++) {
        const char *reference = html_reference((unsigned char)text[i]);

        if (reference) {
            smv_buffer_write(buffer, text + start, i - start);
            smv_buffer_puts(buffer, reference);
            start = i + 1;
        }
    }
    smv_buffer_write(buffer, text + start, size - start);
}

static int is_url_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~/@+", c));
}

void smv_buffer_url(smv_buffer_t *buffer, const char *text, apr_size_t size)
{
    static const char hex[] = "0123456789ABCDEF";

    for (apr_size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (is_url_plain(c)) {
            smv_buffer_write(buffer, text + i, 1);
        } else {
            char encoded[3] = {'%', hex[c >> 4], hex[c & 15]};

            smv_buffer_write(buffer, encoded, sizeof encoded);
        }
    }
}

apr_size_t smv_utf8_sequence(const char *start, apr_size_t size)
{
    const unsigned char *text = (const unsigned char *)start;
    unsigned char first = text[0];
    apr_size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;

    if (length == 0 || length > size) {
        return 0;
    }
    for (apr_size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if (length > 2 && ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
                       (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))) {
        return 0;
    }
    return length;
}

static void json_control(smv_buffer_t *buffer, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char escaped[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (c == '"' || c == '\\') {
        escaped[1] = (char)c;
        smv_buffer_write(buffer, escaped, 2);
    } else if (c == '\n') {
        smv_buffer_write(buffer, "\\n", 2);
    } else {
        smv_buffer_write(buffer, escaped, sizeof escaped);
    }
}

void smv_buffer_json(smv_buffer_t *buffer, const char *text, apr_size_t size)
{
    apr_size_t start = 0, i = 0;

    smv_buffer_write(buffer, "\"", 1);
    while (i < size) {
        unsigned char c = (unsigned char)text[i];
        apr_size_t length = 1;

        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            i++;
            continue;
        }
        if (c >= 0x80 && (length = smv_utf8_sequence(text + i, size - i)) > 0) {
            i += length;
            continue;
        }
        smv_buffer_write(buffer, text + start, i - start);
        if (c >= 0x80) {
            smv_buffer_puts(buffer, "\xef\xbf\xbd");
        } else {
            json_control(buffer, c);
        }
        start = ++i;
    }
    smv_buffer_write(buffer, text + start, size - start);
    smv_buffer_write(buffer, "\"", 1);
}

void smv_buffer_number(smv_buffer_t *buffer, apr_int64_t number)
{
    char digits[20];
    char *at = digits + sizeof digits;
    apr_uint64_t rest = number < 0 ? 0 - (apr_uint64_t)number : (apr_uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0) {
        *--at = '-';
    }
    smv_buffer_write(buffer, at, (apr_size_t)(digits + sizeof digits - at));
}
