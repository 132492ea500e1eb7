/* SPDX-License-Identifier: Apache-2.0
 *
 * Files on their way in, on a real disk with the real libmagic. With CLAMD or CLAMD_PAUSED, the address of a real clamd
 * that works or that has stopped, only what needs it is tested (tests/integration/test_scanner.py).
 */
#include <CUnit/Basic.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../mod_smvportal/port/smv_incoming.h"
#include "../../mod_smvportal/port/smv_media_type.h"

#define MIB ((apr_size_t)1024 * 1024)
#define ABC_HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define IS(actual, expected) CU_ASSERT_STRING_EQUAL(actual, expected)

static apr_pool_t *pool;
static char folder[] = "/tmp/smvportal-incoming.XXXXXX";
static smv_incoming_config_t config;

static const char *below(const char *path)
{
    return apr_pstrcat(pool, folder, "/", path, NULL);
}

static void before_each(void)
{
    apr_pool_create(&pool, NULL);
    config = (smv_incoming_config_t){.folder = below("documents"),
                                     .maximum = (apr_int64_t)(30 * MIB),
                                     .allowed_types = "application/pdf image/png  text/plain application/zip",
                                     .timeout = apr_time_from_sec(20)};
    apr_dir_make(config.folder, APR_FPROT_OS_DEFAULT, pool);
}

static void after_each(void)
{
    int status = system(apr_pstrcat(pool, "rm -rf ", folder, "/*", NULL));

    CU_ASSERT_EQUAL(status, 0);
    apr_pool_destroy(pool);
}

/* @return the names in a folder, each after a blank */
static const char *names_in(const char *path)
{
    const char *names = "";
    apr_dir_t *opened;
    apr_finfo_t info;

    if (apr_dir_open(&opened, path, pool) != APR_SUCCESS) {
        return "no folder";
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, opened) == APR_SUCCESS) {
        names = *info.name == '.' ? names : apr_pstrcat(pool, names, " ", info.name, NULL);
    }
    apr_dir_close(opened);
    return names;
}

static apr_finfo_t look_at(const char *path)
{
    apr_finfo_t info = {0};

    CU_ASSERT_EQUAL(apr_stat(&info, path, APR_FINFO_NORM, pool), APR_SUCCESS);
    return info;
}

static void write_file(const char *path, const char *data, apr_size_t size)
{
    apr_file_t *file;

    CU_ASSERT_EQUAL_FATAL(
        apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE, APR_FPROT_OS_DEFAULT, pool),
        APR_SUCCESS);
    CU_ASSERT_EQUAL(apr_file_write_full(file, data, size, NULL), APR_SUCCESS);
    apr_file_close(file);
}

static smv_incoming_t *begin(apr_pool_t *in)
{
    smv_incoming_t *incoming = NULL;

    CU_ASSERT_PTR_NULL_FATAL(smv_incoming_begin(&incoming, &config, in));
    return incoming;
}

/* @return the file, written, and what finishing it gave */
static smv_incoming_t *finish(const char *data, apr_size_t size, const smv_error_t **error)
{
    smv_incoming_t *incoming = begin(pool);

    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, data, size));
    *error = smv_incoming_finish(incoming);
    return incoming;
}

static void keep_abc(void)
{
    const smv_error_t *error;
    smv_incoming_t *incoming = finish("abc", 3, &error);

    CU_ASSERT_PTR_NULL_FATAL(error);
    CU_ASSERT_PTR_NULL(smv_incoming_keep(incoming));
}

static void is_error(const smv_error_t *error, smv_error_e code, const char *public_text)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_EQUAL(error->code, code);
    if (public_text) {
        IS(error->public_text, public_text);
    }
}

/* --- keeping --- */

static void a_file_is_kept_by_its_content(void)
{
    const char *target = below("documents/ba/" ABC_HASH);
    smv_incoming_t *incoming = begin(pool);
    char content[4] = {0};
    apr_size_t size = 3;
    apr_file_t *file;

    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, "a", 1));
    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, "", 0));
    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, "bc", 2));
    CU_ASSERT_PTR_NULL_FATAL(smv_incoming_finish(incoming));
    IS(smv_incoming_hash(incoming), ABC_HASH);
    IS(smv_incoming_media_type(incoming), "text/plain");
    CU_ASSERT_EQUAL(smv_incoming_size(incoming), 3);
    CU_ASSERT_EQUAL(strlen(names_in(below("documents/incoming"))), 7);
    CU_ASSERT_PTR_NULL_FATAL(smv_incoming_keep(incoming));

    IS(names_in(below("documents/incoming")), "");
    CU_ASSERT_EQUAL(look_at(target).protection, APR_FPROT_UREAD | APR_FPROT_UWRITE);
    CU_ASSERT_EQUAL(look_at(below("documents/ba")).protection, 0x700);
    CU_ASSERT_EQUAL(look_at(below("documents/incoming")).protection, 0x700);
    CU_ASSERT_EQUAL_FATAL(apr_file_open(&file, target, APR_FOPEN_READ, 0, pool), APR_SUCCESS);
    CU_ASSERT_EQUAL(apr_file_read_full(file, content, size, &size), APR_SUCCESS);
    CU_ASSERT_EQUAL(look_at(target).size, 3);
    IS(content, "abc");
}

static void what_is_not_kept_is_gone_with_its_pool(void)
{
    apr_pool_t *request;
    smv_incoming_t *incoming;

    apr_pool_create(&request, pool);
    incoming = begin(request);
    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, "abc", 3));
    CU_ASSERT_EQUAL(strlen(names_in(below("documents/incoming"))), 7);
    CU_ASSERT_EQUAL(
        look_at(below(apr_pstrcat(pool, "documents/incoming/", names_in(below("documents/incoming")) + 1, NULL)))
            .protection,
        APR_FPROT_UREAD | APR_FPROT_UWRITE);
    CU_ASSERT_PTR_NULL(smv_incoming_finish(incoming));
    apr_pool_destroy(request);
    IS(names_in(below("documents/incoming")), "");
    IS(names_in(below("documents")), " incoming");
}

static void content_that_is_there_stays_and_is_new_again(void)
{
    const char *target = below("documents/ba/" ABC_HASH);
    apr_finfo_t before;

    keep_abc();
    before = look_at(target);
    CU_ASSERT_EQUAL(apr_file_mtime_set(target, apr_time_from_sec(1000), pool), APR_SUCCESS);
    keep_abc();
    CU_ASSERT_EQUAL(look_at(target).inode, before.inode);
    CU_ASSERT_TRUE(look_at(target).mtime > apr_time_now() - apr_time_from_sec(60));
    IS(names_in(below("documents/incoming")), "");
}

static void content_that_was_damaged_is_replaced(void)
{
    const char *target = below("documents/ba/" ABC_HASH);

    keep_abc();
    write_file(target, "ab", 2);
    keep_abc();
    CU_ASSERT_EQUAL(look_at(target).size, 3);
}

/* --- refusing --- */

static void a_file_has_a_largest_size(void)
{
    const smv_error_t *error;
    smv_incoming_t *incoming;

    config.maximum = 5;
    incoming = finish("12345", 5, &error);
    CU_ASSERT_PTR_NULL(error);
    incoming = begin(pool);
    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, "123", 3));
    is_error(smv_incoming_write(incoming, "456", 3), SMV_ERROR_TOO_LARGE, "Diese Datei ist zu groß.");
    is_error(smv_incoming_write(incoming, "4", 1), SMV_ERROR_TOO_LARGE, NULL);
    is_error(smv_incoming_finish(incoming), SMV_ERROR_TOO_LARGE, NULL);
    is_error(smv_incoming_keep(incoming), SMV_ERROR_TOO_LARGE, NULL);
    IS(names_in(below("documents")), " incoming");
}

static void an_empty_file_is_refused(void)
{
    const smv_error_t *error;
    smv_incoming_t *incoming = finish("", 0, &error);

    is_error(error, SMV_ERROR_INVALID, "Diese Datei ist leer.");
    is_error(smv_incoming_keep(incoming), SMV_ERROR_INVALID, NULL);
}

static void only_listed_types_come_in(void)
{
    static const char *const others[] = {"<!DOCTYPE html><html></html>",
                                         "<script>alert(1)</script>",
                                         "GIF89a\1",
                                         "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                         "#!/bin/sh\nls\n",
                                         "\177ELF\2\1\1"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const smv_error_t *error;
        smv_incoming_t *incoming = finish(others[i], strlen(others[i]), &error);

        is_error(error, SMV_ERROR_INVALID, "Dateien dieser Art werden hier nicht angenommen.");
        is_error(smv_incoming_keep(incoming), SMV_ERROR_INVALID, NULL);
    }
    IS(names_in(below("documents")), " incoming");
}

static void a_name_that_lies_is_refused(void)
{
    const smv_error_t *error;
    smv_incoming_t *incoming = finish("%PDF-1.4\n", 9, &error);

    CU_ASSERT_PTR_NULL_FATAL(error);
    CU_ASSERT_PTR_NULL(smv_incoming_check_name(incoming, "Police.PDF"));
    is_error(smv_incoming_check_name(incoming, "Police.png"), SMV_ERROR_INVALID,
             "Die Endung des Dateinamens passt nicht zum Inhalt der Datei.");
    is_error(smv_incoming_keep(incoming), SMV_ERROR_INVALID, NULL);
}

static void the_order_is_held(void)
{
    const smv_error_t *error;
    smv_incoming_t *incoming = begin(pool);

    is_error(smv_incoming_keep(incoming), SMV_ERROR_INTERNAL, NULL);
    is_error(smv_incoming_check_name(begin(pool), "a.pdf"), SMV_ERROR_INTERNAL, NULL);
    incoming = finish("abc", 3, &error);
    is_error(smv_incoming_write(incoming, "d", 1), SMV_ERROR_INTERNAL, NULL);
    incoming = finish("abc", 3, &error);
    CU_ASSERT_PTR_NULL(smv_incoming_keep(incoming));
    is_error(smv_incoming_keep(incoming), SMV_ERROR_INTERNAL, NULL);
}

static void a_disk_in_trouble_is_said(void)
{
    struct rlimit before, small;
    const smv_error_t *error;
    smv_incoming_t *incoming;

    incoming = finish("abc", 3, &error);
    write_file(below("documents/ba"), "no folder", 9);
    error = smv_incoming_keep(incoming);
    is_error(error, SMV_ERROR_STORAGE, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "/documents/ba/" ABC_HASH));

    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    incoming = begin(pool);
    error = smv_incoming_write(incoming, apr_pcalloc(pool, 5000), 5000);
    setrlimit(RLIMIT_FSIZE, &before);
    is_error(error, SMV_ERROR_STORAGE, NULL);

    config.folder = below("nowhere");
    is_error(smv_incoming_begin(&incoming, &config, pool), SMV_ERROR_STORAGE, NULL);
}

/* --- types --- */

static const char *type_at(const char *path)
{
    const char *type = "";
    apr_file_t *file;

    CU_ASSERT_EQUAL_FATAL(apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, 0, pool), APR_SUCCESS);
    CU_ASSERT_PTR_NULL(smv_media_type_of(&type, file, pool));
    apr_file_close(file);
    return type;
}

#define WORD "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define EXCEL "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define ODF "application/vnd.oasis.opendocument."

static void a_type_is_told_by_content(void)
{
#define SAMPLE(type, bytes)                                                                                            \
    {                                                                                                                  \
        type, bytes, sizeof(bytes) - 1                                                                                 \
    }
    static const struct {
        const char *type, *bytes;
        apr_size_t size;
    } samples[] = {
        SAMPLE("application/pdf", "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"),
        SAMPLE("image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0"),
        SAMPLE("image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"),
        SAMPLE("image/gif", "GIF89a\1\0\1\0\0\0\0;"),
        SAMPLE("image/tiff", "II*\0\x08\0\0\0\0\0"),
        SAMPLE("image/heic", "\0\0\0\x18"
                             "ftypheic\0\0\0\0mif1heic"),
        SAMPLE("image/webp", "RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0"),
        SAMPLE("text/plain", "Sehr geehrte Frau Müller,\n\nguten Tag.\n"),
        SAMPLE("text/plain", "Sehr geehrte Frau M\xfcller,\n"),
        SAMPLE("text/plain", "a,b,c\n1,2,3\n4,5,6\n7,8,9\n"),
        SAMPLE("text/plain", "{\"a\": 1}\n"),
        SAMPLE("text/html", "<html><script>alert(1)</script>"),
        SAMPLE("message/rfc822", "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nHallo\r\n"),
    };

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        write_file(below("sample"), samples[i].bytes, samples[i].size);
        IS(type_at(below("sample")), samples[i].type);
    }
}

static void office_files_are_told_from_other_zips(void)
{
    static const char *const files[][2] = {{"usual.docx", WORD},
                                           {"types-last.docx", WORD},
                                           {"custom-first.docx", WORD},
                                           {"pictures-last.docx", WORD},
                                           {"usual.xlsx", EXCEL},
                                           {"custom-first.xlsx", EXCEL},
                                           {"usual.odt", ODF "text"},
                                           {"usual.ods", ODF "spreadsheet"},
                                           {"no-types.zip", "application/zip"},
                                           {"name-inside.zip", "application/zip"}};
    const char *source = getenv("SMV_SOURCE");
    const char *command =
        apr_pstrcat(pool, "/usr/bin/python3 ", source ? source : ".", "/tests/port/make_office.py ", folder, NULL);

    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        IS(type_at(below(files[i][0])), files[i][1]);
        CU_ASSERT_TRUE(smv_media_type_matches_name(files[i][1], files[i][0]));
    }
}

static void an_extension_belongs_to_types(void)
{
    static const struct {
        int is_match;
        const char *name, *type;
    } cases[] = {{1, "a.pdf", "application/pdf"},
                 {1, "a.b.PDF", "application/pdf"},
                 {0, "a.pdf", "text/plain"},
                 {0, "a.pdf.png", "application/pdf"},
                 {1, "a.jpg", "image/jpeg"},
                 {1, "a.jpeg", "image/jpeg"},
                 {0, "a.jpg", "image/png"},
                 {1, "a.csv", "text/plain"},
                 {0, "a.csv", WORD},
                 {1, "a.eml", "text/plain"},
                 {1, "a.docx", WORD},
                 {0, "a.docx", "application/zip"},
                 {0, "a.zip", WORD},
                 {0, "a.docx", EXCEL},
                 {1, "a.odt", ODF "text"},
                 {1, "a.heif", "image/heic"},
                 {1, "a.TIF", "image/tiff"},
                 {1, "a.webp", "image/webp"},
                 {0, "a.html", "text/plain"},
                 {0, "a.exe", "application/pdf"},
                 {0, "a.", "application/pdf"},
                 {1, "Police", "application/pdf"},
                 {1, ".pdf", "text/plain"},
                 {1, "a.doc", "application/msword"},
                 {0, "a.pdf", "application/msword"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (smv_media_type_matches_name(cases[i].type, cases[i].name) != cases[i].is_match) {
            fprintf(stderr, "%s as %s\n", cases[i].name, cases[i].type);
            CU_FAIL("the name and the type");
        }
    }
    CU_ASSERT_TRUE(smv_media_type_is_in("image/png", " image/jpeg  Image/PNG "));
    CU_ASSERT_FALSE(smv_media_type_is_in("image/png", "image/pngx ximage/png image/"));
    CU_ASSERT_FALSE(smv_media_type_is_in("", " "));
}

static void *APR_THREAD_FUNC look_many_times(apr_thread_t *thread, void *data)
{
    const char *text = data, *expected = *text == '%' ? "application/pdf" : "text/plain";
    apr_status_t wrong = 0;

    for (int i = 0; i < 50; i++) {
        smv_incoming_t *incoming;

        if (smv_incoming_begin(&incoming, &config, apr_thread_pool_get(thread)) ||
            smv_incoming_write(incoming, text, strlen(text)) || smv_incoming_finish(incoming) ||
            strcmp(smv_incoming_media_type(incoming), expected) != 0 || smv_incoming_keep(incoming)) {
            wrong++;
        }
    }
    apr_thread_exit(thread, wrong);
    return NULL;
}

static void many_threads_may_bring_files(void)
{
    static char pdf[] = "%PDF-1.4\n", text[] = "Guten Tag\n";
    apr_thread_t *threads[8];

    for (int i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, look_many_times, i % 2 ? pdf : text, pool),
                              APR_SUCCESS);
    }
    for (int i = 0; i < 8; i++) {
        apr_status_t wrong = 1;

        apr_thread_join(&wrong, threads[i]);
        CU_ASSERT_EQUAL(wrong, 0);
    }
    IS(names_in(below("documents/incoming")), "");
}

/* --- memory --- */

#ifndef __SANITIZE_ADDRESS__ /* which keeps freed memory for a while */
/* @return the most memory that this process had since the last call, in KiB */
static long peak(void)
{
    FILE *status = fopen("/proc/self/status", "r"), *clear;
    char line[256];
    long kib = -1;

    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kib = strtol(line + 6, NULL, 10);
        }
    }
    clear = fopen("/proc/self/clear_refs", "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(clear);
    fputs("5", clear);
    fclose(clear);
    fclose(status);
    return kib;
}

static void bring_in(apr_size_t size)
{
    static char piece[8192];
    smv_incoming_t *incoming = begin(pool);

    memset(piece, 'x', sizeof piece);
    CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, "%PDF-1.4\n", 9));
    for (apr_size_t at = 0; at < size; at += sizeof piece) {
        CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, piece, sizeof piece));
    }
    CU_ASSERT_PTR_NULL(smv_incoming_finish(incoming));
    CU_ASSERT_PTR_NULL(smv_incoming_keep(incoming));
}

static void memory_does_not_grow_with_the_file(void)
{
    long small, large;

    bring_in(sizeof(int)); /* loads libmagic's database */
    peak();
    bring_in(sizeof(int));
    small = peak();
    bring_in(25 * MIB);
    large = peak();
    CU_ASSERT_TRUE(small > 0 && large - small < 2048);
}
#endif

/* --- the virus check --- */

static void scan(const char *data, apr_size_t size, const smv_error_t **error)
{
    smv_incoming_t *incoming = finish(data, size, error);

    CU_ASSERT_PTR_EQUAL(smv_incoming_keep(incoming), *error);
}

static void a_scanner_that_is_away_keeps_files_out(void)
{
    static const char *const addresses[] = {"127.0.0.1:1", "no address", "/nowhere/clamd.socket", "127.0.0.1", ":3310"};
    const smv_error_t *error;

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        config.clamd = addresses[i];
        scan("abc", 3, &error);
        is_error(error, SMV_ERROR_SCANNER_AWAY, NULL);
        CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, addresses[i]));
    }
    IS(names_in(below("documents")), " incoming");
}

/* In two halves, so that no scanner finds this file. */
static const char eicar[] = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-"
                            "\0"
                            "ANTIVIRUS-TEST-FILE!$H+H*";

static void a_virus_is_found(void)
{
    const char *virus = apr_pstrcat(pool, eicar, eicar + strlen(eicar) + 1, NULL);
    const smv_error_t *error;

    config.allowed_types = "text/plain application/octet-stream application/pdf";
    CU_ASSERT_EQUAL(strlen(virus), 68);
    scan(virus, 68, &error);
    is_error(error, SMV_ERROR_INVALID, "In dieser Datei wurde ein Virus gefunden.");
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "Eicar"));
    IS(names_in(below("documents")), " incoming");
    scan("%PDF-1.4\n", 9, &error);
    CU_ASSERT_PTR_NULL(error);
    CU_ASSERT_NOT_EQUAL(strlen(names_in(below("documents"))), strlen(" incoming"));
}

static void what_the_scanner_will_not_read_stays_out(void)
{
    const smv_error_t *error;
    char *large = apr_palloc(pool, 3 * MIB);

    memset(large, 'x', 3 * MIB);
    scan(large, MIB / 2, &error);
    CU_ASSERT_PTR_NULL(error);
    scan(large, 3 * MIB, &error); /* more than its StreamMaxLength */
    is_error(error, SMV_ERROR_SCANNER_AWAY, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "size limit"));
}

static void a_scanner_that_has_stopped_is_not_waited_for_long(void)
{
    const apr_size_t sizes[] = {3, 8 * MIB}; /* no answer; does not even read */
    char *data = apr_palloc(pool, 8 * MIB);

    memset(data, 'x', 8 * MIB);
    config.timeout = apr_time_from_msec(500);
    for (int i = 0; i < 2; i++) {
        const smv_error_t *error;
        smv_incoming_t *incoming = begin(pool);
        apr_time_t start;

        CU_ASSERT_PTR_NULL(smv_incoming_write(incoming, data, sizes[i]));
        start = apr_time_now();
        error = smv_incoming_finish(incoming);
        is_error(error, SMV_ERROR_SCANNER_AWAY, NULL);
        CU_ASSERT_TRUE(apr_time_now() - start > apr_time_from_msec(450));
        CU_ASSERT_TRUE(apr_time_now() - start < apr_time_from_sec(5));
    }
}

#define TEST(name)                                                                                                     \
    {                                                                                                                  \
#name, name                                                                                                    \
    }

static CU_TestInfo tests[] = {
    TEST(a_file_is_kept_by_its_content),
    TEST(what_is_not_kept_is_gone_with_its_pool),
    TEST(content_that_is_there_stays_and_is_new_again),
    TEST(content_that_was_damaged_is_replaced),
    TEST(a_file_has_a_largest_size),
    TEST(an_empty_file_is_refused),
    TEST(only_listed_types_come_in),
    TEST(a_name_that_lies_is_refused),
    TEST(the_order_is_held),
    TEST(a_disk_in_trouble_is_said),
    TEST(a_type_is_told_by_content),
    TEST(office_files_are_told_from_other_zips),
    TEST(an_extension_belongs_to_types),
    TEST(many_threads_may_bring_files),
#ifndef __SANITIZE_ADDRESS__
    TEST(memory_does_not_grow_with_the_file),
#endif
    TEST(a_scanner_that_is_away_keeps_files_out),
    CU_TEST_INFO_NULL,
};

static CU_TestInfo tests_with_scanner[] = {
    TEST(a_virus_is_found),
    TEST(what_the_scanner_will_not_read_stays_out),
    CU_TEST_INFO_NULL,
};

static CU_TestInfo tests_with_stopped_scanner[] = {
    TEST(a_scanner_that_has_stopped_is_not_waited_for_long),
    CU_TEST_INFO_NULL,
};

static const char *scanner;

static void before_each_with_scanner(void)
{
    before_each();
    config.clamd = scanner;
}

int main(void)
{
    CU_SuiteInfo all[] = {{"incoming files", NULL, NULL, before_each, after_each, tests}, CU_SUITE_INFO_NULL};
    CU_SuiteInfo with_scanner[] = {
        {"virus check", NULL, NULL, before_each_with_scanner, after_each, tests_with_scanner}, CU_SUITE_INFO_NULL};
    CU_SuiteInfo *suites = all;
    int failures;

    signal(SIGPIPE, SIG_IGN); /* as httpd has it */
    if (apr_initialize() != APR_SUCCESS || !mkdtemp(folder) || CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    if ((scanner = getenv("CLAMD"))) {
        suites = with_scanner;
    } else if ((scanner = getenv("CLAMD_PAUSED"))) {
        suites = with_scanner;
        with_scanner->pTests = tests_with_stopped_scanner;
    }
    if (CU_register_suites(suites) != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = (int)CU_get_number_of_failures() + (int)CU_get_number_of_failure_records();
    CU_cleanup_registry();
    rmdir(folder);
    apr_terminate();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
