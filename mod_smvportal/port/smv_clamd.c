/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_clamd.h"

#include <apr_network_io.h>
#include <apr_strings.h>
#include <string.h>

#define CHUNK_SIZE 32768
#define MAX_ANSWER 1024
#define CLEAN "stream: OK"

typedef struct conversation_t {
    const char *address;
    apr_socket_t *socket;
    apr_time_t end;
    apr_pool_t *pool;
} conversation_t;

static const smv_error_t *away(const conversation_t *self, const char *doing, apr_status_t status)
{
    char reason[128];

    return smv_error(self->pool, SMV_ERROR_SCANNER_AWAY, "clamd at %s: %s: %s", self->address, doing,
                     apr_strerror(status, reason, sizeof reason));
}

/* Let the next word with clamd end when the whole conversation has to. */
static apr_status_t limit(const conversation_t *self)
{
    apr_interval_time_t left = self->end - apr_time_now();

    return left > 0 ? apr_socket_timeout_set(self->socket, left) : APR_TIMEUP;
}

static apr_status_t resolve(apr_sockaddr_t **place, const char *address, apr_pool_t *pool)
{
    char *host, *scope;
    apr_port_t port;
    apr_status_t status;

    if (*address == '/') {
        return apr_sockaddr_info_get(place, address, APR_UNIX, 0, 0, pool);
    }
    status = apr_parse_addr_port(&host, &scope, &port, address, pool);
    if (status != APR_SUCCESS || !host || !port) {
        return APR_EINVAL;
    }
    return apr_sockaddr_info_get(place, host, APR_UNSPEC, port, 0, pool);
}

static apr_status_t connect_to(conversation_t *self)
{
    apr_sockaddr_t *place;
    apr_status_t status = resolve(&place, self->address, self->pool);

    if (status == APR_SUCCESS) {
        status = apr_socket_create(&self->socket, place->family, SOCK_STREAM, 0, self->pool);
    }
    if (status == APR_SUCCESS) {
        status = limit(self);
    }
    return status == APR_SUCCESS ? apr_socket_connect(self->socket, place) : status;
}

static apr_status_t send_all(const conversation_t *self, const char *data, apr_size_t size)
{
    while (size > 0) {
        apr_size_t sent = size;
        apr_status_t status = limit(self);

        if (status == APR_SUCCESS) {
            status = apr_socket_send(self->socket, data, &sent);
        }
        if (status != APR_SUCCESS) {
            return status;
        }
        data += sent;
        size -= sent;
    }
    return APR_SUCCESS;
}

/* A chunk is its size in four bytes, the highest first, and its bytes. */
static apr_status_t send_chunk(const conversation_t *self, char *chunk, apr_size_t size)
{
    for (int i = 0; i < 4; i++) {
        chunk[i] = (char)(size >> (24 - 8 * i) & 0xff);
    }
    return send_all(self, chunk, size + 4);
}

/* @param read out: APR_EOF where the file could be read to its end */
static apr_status_t send_file(const conversation_t *self, apr_file_t *file, apr_status_t *read)
{
    static const char command[] = "zINSTREAM";
    char *chunk = apr_palloc(self->pool, 4 + CHUNK_SIZE);
    apr_status_t status = send_all(self, command, sizeof command);
    apr_off_t start = 0;

    *read = apr_file_seek(file, APR_SET, &start);
    while (status == APR_SUCCESS && *read == APR_SUCCESS) {
        apr_size_t size = CHUNK_SIZE;

        *read = apr_file_read(file, chunk + 4, &size);
        if (*read == APR_SUCCESS) {
            status = send_chunk(self, chunk, size);
        }
    }
    return status == APR_SUCCESS && *read == APR_EOF ? send_chunk(self, chunk, 0) : status;
}

/* @param answer out: MAX_ANSWER bytes; ends with NUL, even where it was cut short */
static apr_status_t receive(const conversation_t *self, char *answer)
{
    apr_size_t size = 0;
    apr_status_t status = APR_SUCCESS;

    while (status == APR_SUCCESS && size < MAX_ANSWER - 1 && !memchr(answer, '\0', size)) {
        apr_size_t some = MAX_ANSWER - 1 - size;

        status = limit(self);
        if (status == APR_SUCCESS) {
            status = apr_socket_recv(self->socket, answer + size, &some);
            size += status == APR_SUCCESS ? some : 0;
        }
    }
    answer[size] = '\0';
    return status;
}

static int ends_with(const char *text, const char *end)
{
    apr_size_t size = strlen(text), length = strlen(end);

    return size >= length && strcmp(text + size - length, end) == 0;
}

/* clamd says what displeases it, such as too large a file, and hangs up before everything is sent. */
static const smv_error_t *converse(conversation_t *self, apr_file_t *file)
{
    char answer[MAX_ANSWER];
    apr_status_t status = connect_to(self), sent, read;

    if (status != APR_SUCCESS) {
        return away(self, "cannot connect", status);
    }
    sent = send_file(self, file, &read);
    if (sent == APR_SUCCESS && read != APR_EOF) {
        return away(self, "cannot read the file to send", read);
    }
    status = receive(self, answer);
    if (sent == APR_SUCCESS && status == APR_SUCCESS && strcmp(answer, CLEAN) == 0) {
        return NULL;
    }
    if (sent == APR_SUCCESS && status == APR_SUCCESS && ends_with(answer, " FOUND")) {
        return smv_error_saying(self->pool, SMV_ERROR_INVALID, "In dieser Datei wurde ein Virus gefunden.", "clamd: %s",
                                answer);
    }
    if (*answer) {
        return smv_error(self->pool, SMV_ERROR_SCANNER_AWAY, "clamd at %s: %s", self->address, answer);
    }
    return away(self, sent == APR_SUCCESS ? "no answer" : "cannot send", sent == APR_SUCCESS ? status : sent);
}

const smv_error_t *smv_clamd_check(const char *address, apr_time_t timeout, apr_file_t *file, apr_pool_t *pool)
{
    conversation_t conversation = {.address = address, .end = apr_time_now() + timeout, .pool = pool};
    const smv_error_t *error = converse(&conversation, file);

    if (conversation.socket) {
        apr_socket_close(conversation.socket);
    }
    return error;
}
