/* SPDX-License-Identifier: Apache-2.0
 *
 * multipart/form-data: every body is fed whole, cut in two at each place, byte by byte, and in pieces of random sizes;
 * what comes out is the same each time.
 */
#include "unit.h"

#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_multipart.h"

#define TYPE "multipart/form-data; boundary=bound"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define MAX_PARTS 3

/* What came, as one text: [name|file name]data; or [name]data; for what is no file. */
static smv_buffer_t seen;

static const smv_error_t *see_begin(void *state, const char *name, const char *file_name)
{
    (void)state;
    smv_buffer_puts(&seen, "[");
    smv_buffer_puts(&seen, name);
    smv_buffer_puts(&seen, file_name ? "|" : "");
    smv_buffer_puts(&seen, file_name ? file_name : "");
    smv_buffer_puts(&seen, "]");
    return NULL;
}

static const smv_error_t *see_data(void *state, const char *data, apr_size_t size)
{
    (void)state;
    CU_ASSERT_TRUE(size > 0);
    smv_buffer_write(&seen, data, size);
    return NULL;
}

static const smv_error_t *see_end(void *state)
{
    (void)state;
    smv_buffer_puts(&seen, ";");
    return NULL;
}

static const smv_multipart_handler_t seeing = {see_begin, see_data, see_end};

static smv_multipart_t *make(const char *type, apr_pool_t *pool)
{
    smv_multipart_t *parser = NULL;

    smv_buffer_init(&seen, 256, 1 << 20, pool);
    CU_ASSERT_PTR_NULL_FATAL(smv_multipart_create(&parser, type, MAX_PARTS, &seeing, NULL, pool));
    return parser;
}

/* The same numbers in each run. */
static unsigned next_random(void)
{
    static uint64_t state = 20260207;

    state = state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(state >> 33);
}

typedef enum { WHOLE, IN_TWO, BYTE_BY_BYTE, RANDOMLY } cut_e;

/* @return the size of the next piece */
static apr_size_t cut(cut_e how, apr_size_t at, apr_size_t place, apr_size_t size)
{
    apr_size_t most;

    switch (how) {
    case IN_TWO:
        return at == 0 && place > 0 ? place : size - at;
    case BYTE_BY_BYTE:
        return 1;
    case RANDOMLY:
        most = next_random() % 2 ? 4 : size;
        return 1 + next_random() % most;
    case WHOLE:
        break;
    }
    return size - at;
}

/* Each piece is a copy of its own size, so that the sanitizer sees a read beyond it. */
static const smv_error_t *feed(const char *type, const char *body, apr_size_t size, cut_e how, apr_size_t place,
                               apr_pool_t *pool)
{
    smv_multipart_t *parser = make(type, pool);
    apr_size_t at = 0;

    while (at < size) {
        apr_size_t some = cut(how, at, place, size);
        char *piece;

        some = some < size - at ? some : size - at;
        piece = malloc(some);
        memcpy(piece, body + at, some);
        smv_multipart_feed(parser, piece, some);
        free(piece);
        at += some;
    }
    return smv_multipart_finish(parser);
}

static void check(const char *type, const char *body, apr_size_t size, cut_e how, apr_size_t place,
                  const char *expected, const char *cause)
{
    apr_pool_t *pool;
    const smv_error_t *error;

    apr_pool_create(&pool, unit_pool);
    error = feed(type, body, size, how, place, pool);
    if (cause) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_EQUAL(error->code, SMV_ERROR_BAD_REQUEST);
        CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, cause));
    } else {
        CU_ASSERT_PTR_NULL(error);
    }
    if (expected) {
        CU_ASSERT_STRING_EQUAL(unit_text(&seen), expected);
    }
    apr_pool_destroy(pool);
}

static void check_every_way(const char *type, const char *body, apr_size_t size, const char *expected,
                            const char *cause)
{
    check(type, body, size, WHOLE, 0, expected, cause);
    check(type, body, size, BYTE_BY_BYTE, 0, expected, cause);
    for (apr_size_t place = 1; place < size && place < 2000; place++) {
        check(type, body, size, IN_TWO, place, expected, cause);
    }
    for (int i = 0; i < 200; i++) {
        check(type, body, size, RANDOMLY, 0, expected, cause);
    }
}

static void gives(const char *body, const char *expected)
{
    check_every_way(TYPE, body, strlen(body), expected, NULL);
}

static void is_refused(const char *body, const char *cause)
{
    check_every_way(TYPE, body, strlen(body), NULL, cause);
}

static void parts_come_with_their_names_and_content(void)
{
    gives("--bound\r\n" FIELD("csrf") "0123\r\n"
                                      "--bound\r\nContent-Type: application/pdf\r\ncontent-disposition:form-data; "
                                      "filename=\"Police.pdf\"; name=file"
                                      "\r\n\r\n%PDF\r\n\r\n\r\n--bound--\r\n",
          "[csrf]0123;[file|Police.pdf]%PDF\r\n\r\n;");
    gives("--bound\r\n" FIELD("empty") "\r\n--bound--", "[empty];");
    gives("--bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--bound--", "[file|];");
    gives("--bound\r\n" FIELD("a") "1\r\n--bound\r\n" FIELD("a") "2\r\n--bound\r\n" FIELD("a") "3\r\n--bound--",
          "[a]1;[a]2;[a]3;");
    gives("--bound--\r\n", "");
}

static void what_stands_around_the_parts_is_not_theirs(void)
{
    gives("Hello\r\n--boundless\r\n--bound \t \r\n" FIELD("a") "1\r\n--bound--\r\n--bound\r\nBye\r\n", "[a]1;");
    gives("\r\n--bound\r\n" FIELD("a") "1\r\n--bound--", "[a]1;");
}

static void what_looks_like_a_boundary_is_content(void)
{
    static const char *const contents[] = {"\r\n--boun",
                                           "\r\n--bounD",
                                           "\r\r\n--boun\r\n--",
                                           "\r\n--bound-",
                                           "\r\n--bound-x",
                                           "\r\n--bound\r",
                                           "\r\n--bound\r\r",
                                           "\r\n--boundx\r\n",
                                           "\r\n--bound\n",
                                           "\n--bound\r\n",
                                           "\r--bound--\r\n",
                                           "--bound--",
                                           "\r\n-\r\n--\r\n",
                                           "\r\n --bound\r\n",
                                           "\r\n--bound-\r\n",
                                           "\r",
                                           "\r\n"};

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        gives(apr_pstrcat(unit_pool, "--bound\r\n" FIELD("a"), contents[i], "\r\n--bound--", NULL),
              apr_pstrcat(unit_pool, "[a]", contents[i], ";", NULL));
    }
}

static void names_may_be_quoted_in_many_ways(void)
{
#define NAMED(file_name)                                                                                               \
    "--bound\r\nContent-Disposition: form-data; name=\"f\"; filename=" file_name "\r\n\r\n\r\n--bound--"
    gives(NAMED("\"Mein \\\"Haus\\\".pdf\""), "[f|Mein \"Haus\".pdf];");
    gives(NAMED("\"Mein %22Haus%22.pdf\""), "[f|Mein \"Haus\".pdf];");
    gives(NAMED("\"100%20%2.pdf\""), "[f|100%20%2.pdf];");
    gives(NAMED("\"Kündigung – größer.pdf\""), "[f|Kündigung – größer.pdf];");
    gives(NAMED("\"C:\\Ablage\\Police.pdf\""), "[f|C:\\Ablage\\Police.pdf];");
    gives(NAMED("\"a\\\\b; name=\\\"x\\\".pdf\""), "[f|a\\b; name=\"x\".pdf];");
    gives(NAMED("Police.pdf ; filename*=UTF-8''other.pdf"), "[f|Police.pdf];");
    gives(NAMED("\"../../etc/passwd\""), "[f|../../etc/passwd];");
    gives("--bound\r\nX: y\r\nContent-Disposition: form-data;\r\n  name=\"f\"\r\n\r\n\r\n--bound--", "[f];");
}

static void what_is_malformed_is_a_bad_request(void)
{
    is_refused("", "the boundary never came");
    is_refused("--other\r\n" FIELD("a") "1\r\n--other--", "the boundary never came");
    is_refused("--bound\nContent-Disposition: form-data; name=\"a\"\n\n1\n--bound--\n", "the boundary never came");
    is_refused("--bound\r\nContent-Disposition: form-data\r\n\r\n1\r\n--bound--", "has no name");
    is_refused("--bound\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--bound--", "has no name");
    is_refused("--bound\r\n\r\n1\r\n--bound--", "no Content-Disposition");
    is_refused("--bound\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--bound--",
               "no Content-Disposition");
    is_refused("--bound\r\nContent-Disposition: form-datax; name=\"a\"\r\n\r\n\r\n--bound--", "no Content-Disposition");
    is_refused("--bound\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--bound--", "malformed");
    is_refused("--bound\r\nContent-Disposition: form-data; name\r\n\r\n\r\n--bound--", "malformed");
    is_refused("--bound\r\nContent-Disposition: form-data;\n name=\"a\"\r\n\r\n\r\n--bound--", "CR or LF");
    is_refused("--bound\r\nX: \ry\r\n" FIELD("a") "\r\n--bound--", "CR or LF");
    is_refused("--bound x\r\n" FIELD("a") "1\r\n--bound--", "followed by something else");
    is_refused("--bound \rx\r\n" FIELD("a") "1\r\n--bound--", "CR without LF");
    is_refused("--bound\r\n" FIELD("a") "1\r\n--bound\r\n" FIELD("b") "2\r\n--bound\r\n" FIELD(
                   "c") "3\r\n--bound\r\n" FIELD("d") "4\r\n--bound--",
               "more than 3 parts");
    check_every_way(TYPE, "--bound\r\nX: \0\r\n\r\n", 16, "", "NUL");
}

static void a_body_that_is_cut_short_is_a_bad_request(void)
{
    static const char body[] = "--bound\r\n" FIELD("a") "1\r\n--bound\r\n" FIELD("b") "\r\n--bound--";

    for (apr_size_t size = 7; size < sizeof body - 1; size++) {
        check(TYPE, body, size, WHOLE, 0, NULL, "before its last boundary");
    }
    check(TYPE, body, sizeof body - 1, WHOLE, 0, "[a]1;[b];", NULL);
}

static const char *with_headers_of(apr_size_t size)
{
    static const char start[] = "--bound\r\n", disposition[] = FIELD("a");
    char *filler = apr_palloc(unit_pool, size);

    size -= sizeof disposition - 1;
    memset(filler, 'x', size);
    memcpy(filler, "X:", 2);
    memcpy(filler + size - 2, "\r\n", 3);
    return apr_pstrcat(unit_pool, start, filler, disposition, "1\r\n--bound--", NULL);
}

static void headers_are_bounded(void)
{
    const char *most = with_headers_of(SMV_MULTIPART_MAX_HEADERS);
    const char *more = with_headers_of(SMV_MULTIPART_MAX_HEADERS + 1);

    check(TYPE, most, strlen(most), WHOLE, 0, "[a]1;", NULL);
    check(TYPE, most, strlen(most), BYTE_BY_BYTE, 0, "[a]1;", NULL);
    check(TYPE, more, strlen(more), WHOLE, 0, "", "more than 8192 bytes");
    check(TYPE, more, strlen(more), BYTE_BY_BYTE, 0, "", "more than 8192 bytes");
}

#define SEVENTY "0123456789012345678901234567890123456789012345678901234567890123456789"

static void the_boundary_comes_from_the_content_type(void)
{
    static const char *const without[] = {"",
                                          "; charset=utf-8",
                                          "; boundary",
                                          "; boundary=",
                                          "; boundary=\"\"",
                                          "; boundary=\"bound",
                                          "; boundary=\"bo\tund\"",
                                          "; boundary=\"bound \"",
                                          "; boundary=" SEVENTY "0"};
    static const char *const others[] = {NULL, "", "application/x-www-form-urlencoded", "multipart/mixed; boundary=a",
                                         "multipart/form-datax; boundary=a"};
    static const char quoted[] = "--a b\r\n" FIELD("a") "1\r\n--a b--", longest[] = "--" SEVENTY "--";
    smv_multipart_t *parser;
    const smv_error_t *error;

    check_every_way("Multipart/Form-Data ; charset=utf-8 ;Boundary=\"a b\" ", quoted, strlen(quoted), "[a]1;", NULL);
    check_every_way("multipart/form-data;boundary=" SEVENTY, longest, strlen(longest), "", NULL);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        error = smv_multipart_create(&parser, apr_pstrcat(unit_pool, "multipart/form-data", without[i], NULL), 1,
                                     &seeing, NULL, unit_pool);
        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_EQUAL(error->code, SMV_ERROR_BAD_REQUEST);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        error = smv_multipart_create(&parser, others[i], 1, &seeing, NULL, unit_pool);
        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_EQUAL(error->code, SMV_ERROR_MEDIA_TYPE);
    }
}

static const smv_error_t *refuse_data(void *state, const char *data, apr_size_t size)
{
    (void)data, (void)size;
    ++*(int *)state;
    return smv_error(unit_pool, SMV_ERROR_TOO_LARGE, "no more");
}

static void an_error_of_the_handler_ends_it(void)
{
    static const smv_multipart_handler_t refusing = {see_begin, refuse_data, see_end};
    static const char body[] = "--bound\r\n" FIELD("a") "1\r\n--bound\r\n" FIELD("b") "2\r\n--bound--";
    int calls = 0;
    smv_multipart_t *parser = make(TYPE, unit_pool);
    const smv_error_t *error;

    CU_ASSERT_PTR_NULL_FATAL(smv_multipart_create(&parser, TYPE, MAX_PARTS, &refusing, &calls, unit_pool));
    error = smv_multipart_feed(parser, body, sizeof body - 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_EQUAL(error->code, SMV_ERROR_TOO_LARGE);
    CU_ASSERT_PTR_EQUAL(smv_multipart_feed(parser, body, sizeof body - 1), error);
    CU_ASSERT_PTR_EQUAL(smv_multipart_finish(parser), error);
    CU_ASSERT_EQUAL(calls, 1);
    CU_ASSERT_STRING_EQUAL(unit_text(&seen), "[a]");
}

/* Contents made of the bytes that boundaries are made of: what goes in comes out, however it is cut. */
static void random_contents_come_out_as_they_went_in(void)
{
    static const char *const pieces[] = {"\r", "\n", "-", "--", "bound", "\r\n", "\r\n--", "\r\n--boun", "x", " "};

    for (int i = 0; i < 3000; i++) {
        const char *content = "";
        apr_pool_t *pool;

        apr_pool_create(&pool, unit_pool);
        for (unsigned n = next_random() % 12; n > 0; n--) {
            content = apr_pstrcat(pool, content, pieces[next_random() % (sizeof pieces / sizeof *pieces)], NULL);
        }
        if (!strstr(content, "\r\n--bound")) {
            const char *body = apr_pstrcat(pool, "--bound\r\n" FIELD("a"), content, "\r\n--bound--", NULL);

            check(TYPE, body, strlen(body), RANDOMLY, 0, apr_pstrcat(pool, "[a]", content, ";", NULL), NULL);
        }
        apr_pool_destroy(pool);
    }
}

int suite_multipart(void)
{
    static CU_TestInfo tests[] = {
        {"parts come with their names and content", parts_come_with_their_names_and_content},
        {"what stands around the parts is not theirs", what_stands_around_the_parts_is_not_theirs},
        {"what looks like a boundary is content", what_looks_like_a_boundary_is_content},
        {"names may be quoted in many ways", names_may_be_quoted_in_many_ways},
        {"what is malformed is a bad request", what_is_malformed_is_a_bad_request},
        {"a body that is cut short is a bad request", a_body_that_is_cut_short_is_a_bad_request},
        {"headers are bounded", headers_are_bounded},
        {"the boundary comes from the Content-Type", the_boundary_comes_from_the_content_type},
        {"an error of the handler ends it", an_error_of_the_handler_ends_it},
        {"random contents come out as they went in", random_contents_come_out_as_they_went_in},
        CU_TEST_INFO_NULL};

    return unit_register("multipart/form-data", tests);
}
