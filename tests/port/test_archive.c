/* SPDX-License-Identifier: Apache-2.0
 *
 * ZIPs as another program reads them: Python's zipfile.
 */
#include <CUnit/Basic.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "../../mod_smvportal/port/smv_archive.h"

#define MIB ((apr_size_t)1024 * 1024)
#define TIME apr_time_from_sec(1771234568) /* 2026-02-16 09:36:08 UTC */
#define WHEN "|2026-02-16 09:36:08|"
#define IS(actual, expected) CU_ASSERT_STRING_EQUAL(actual, expected)

static apr_pool_t *pool;
static char folder[] = "/tmp/smvportal-archive.XXXXXX";
static smv_archive_t *archive;

static const char *below(const char *path)
{
    return apr_pstrcat(pool, folder, "/", path, NULL);
}

static void before_each(void)
{
    apr_pool_create(&pool, NULL);
    CU_ASSERT_PTR_NULL_FATAL(smv_archive_begin(&archive, folder, pool));
}

static void after_each(void)
{
    CU_ASSERT_EQUAL(system(apr_pstrcat(pool, "rm -rf ", folder, "/*", NULL)), 0);
    apr_pool_destroy(pool);
}

static apr_file_t *create(const char *name)
{
    apr_file_t *file = NULL;

    CU_ASSERT_EQUAL_FATAL(apr_file_open(&file, below(name), APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE,
                                        APR_FPROT_OS_DEFAULT, pool),
                          APR_SUCCESS);
    return file;
}

static void add(const char *in, const char *name)
{
    CU_ASSERT_PTR_NULL_FATAL(smv_archive_add_text(archive, in, name, "x", 1, TIME));
}

/* @return what show_zip.py says of the archive, finished and copied to a file that has a name */
static const char *show(void)
{
    const char *source = getenv("SMV_SOURCE"), *command, *shown = "";
    apr_file_t *file = NULL, *copy = create("copy.zip");
    apr_off_t size = 0, rest;
    char piece[8192];
    FILE *output;

    CU_ASSERT_PTR_NULL_FATAL(smv_archive_finish(archive, &file, &size));
    for (rest = size; rest > 0;) {
        apr_size_t some = sizeof piece;

        CU_ASSERT_EQUAL_FATAL(apr_file_read(file, piece, &some), APR_SUCCESS);
        CU_ASSERT_EQUAL_FATAL(apr_file_write_full(copy, piece, some, NULL), APR_SUCCESS);
        rest -= (apr_off_t)some;
    }
    CU_ASSERT_EQUAL(rest, 0);
    apr_file_close(copy);
    command = apr_pstrcat(pool, "TZ=UTC PYTHONIOENCODING=utf-8 /usr/bin/python3 ", source ? source : ".",
                          "/tests/port/show_zip.py ", below("copy.zip"), NULL);
    output = popen(command, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    while (fgets(piece, sizeof piece, output)) {
        shown = apr_pstrcat(pool, shown, piece, NULL);
    }
    CU_ASSERT_EQUAL(pclose(output), 0);
    return shown;
}

static void is_error(const smv_error_t *error, smv_error_e code)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_EQUAL(error->code, code);
}

static void texts_and_files_come_out_as_they_went_in(void)
{
    apr_file_t *file = create("stored");

    apr_file_puts("%PDF-1.4", file);
    apr_file_close(file);
    CU_ASSERT_PTR_NULL(smv_archive_add_text(archive, NULL, "liesmich.txt", "Guten Tag", 9, TIME));
    CU_ASSERT_PTR_NULL(smv_archive_add_text(archive, NULL, "leer.txt", "", 0, TIME));
    CU_ASSERT_PTR_NULL(
        smv_archive_add_file(archive, "Dokumente/Größe", "Kündigung – ß€.pdf", below("stored"), 8, TIME));
    IS(show(), "liesmich.txt" WHEN "Guten Tag\n"
               "leer.txt" WHEN "\n"
               "Dokumente/Größe/Kündigung – ß€.pdf" WHEN "%PDF-1.4\n");
}

static void an_archive_of_nothing_is_one(void)
{
    IS(show(), "");
}

static void nothing_of_it_has_a_name(void)
{
    add(NULL, "a");
    CU_ASSERT_EQUAL(rmdir(folder), 0); /* it is empty */
    CU_ASSERT_EQUAL(apr_dir_make(folder, APR_FPROT_OS_DEFAULT, pool), APR_SUCCESS);
    IS(show(), "a" WHEN "x\n");
}

static void the_same_names_get_numbers(void)
{
    static const char *const names[] = {"Police.pdf",     "Police.pdf", "POLICE.PDF", "Police (2).pdf",
                                        "Police (5).pdf", "Police.pdf", "Police.pdf", "ohne",
                                        "ohne",           "a.b.pdf",    "a.b.pdf"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        add("", names[i]);
    }
    add("Ordner", "Police.pdf");
    IS(show(), "Police.pdf" WHEN "x\n"
               "Police (2).pdf" WHEN "x\n"
               "POLICE (3).PDF" WHEN "x\n"
               "Police (2) (2).pdf" WHEN "x\n"
               "Police (5).pdf" WHEN "x\n"
               "Police (4).pdf" WHEN "x\n"
               "Police (6).pdf" WHEN "x\n"
               "ohne" WHEN "x\n"
               "ohne (2)" WHEN "x\n"
               "a.b.pdf" WHEN "x\n"
               "a.b (2).pdf" WHEN "x\n"
               "Ordner/Police.pdf" WHEN "x\n");
}

static void names_become_harmless(void)
{
    static const char *const names[][2] = {{"../../etc/passwd", "___.._etc_passwd"},
                                           {"C:\\Ablage\\a.pdf", "C__Ablage_a.pdf"},
                                           {"..", "__"},
                                           {".htaccess", "_htaccess"},
                                           {"a..b.pdf", "a..b.pdf"},
                                           {"a\nb\x7f\x1b.pdf", "a_b__.pdf"},
                                           {"", "_"},
                                           {"<\"*?|>.txt", "______.txt"},
                                           {"\xc2\x85.txt", "_.txt"},
                                           {"\xff\xc3.txt", "__.txt"},
                                           {"/", "_ (2)"},
                                           {"100 % & 'x'.pdf", "100 % & 'x'.pdf"}};
    const char *expected = "";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        add(NULL, names[i][0]);
        expected = apr_pstrcat(pool, expected, names[i][1], WHEN "x\n", NULL);
    }
    add("/../a\\b//c/", "d");
    IS(show(), apr_pstrcat(pool, expected, "__/a_b/c/d" WHEN "x\n", NULL));
}

static void long_names_are_cut_before_their_extension(void)
{
    char name[1000] = "x";

    for (int i = 0; i < 300; i++) {
        memcpy(name + 1 + 2 * i, "ä", 3);
    }
    memcpy(name + 601, ".pdf", 5);
    add(NULL, name);
    add(NULL, name);
    name[195] = '\0'; /* "x" and 97 times "ä" are 195 bytes; one more would be cut in two at 196 */
    IS(show(), apr_pstrcat(pool, name, ".pdf" WHEN "x\n", name, " (2).pdf" WHEN "x\n", NULL));
}

static void a_file_that_is_not_as_told_is_an_error(void)
{
    apr_file_t *file = create("stored");
    apr_off_t size;

    apr_file_puts("12345678", file);
    apr_file_close(file);
    is_error(smv_archive_add_file(archive, NULL, "a", below("stored"), 9, TIME), SMV_ERROR_FILE_AWAY);
    is_error(smv_archive_add_text(archive, NULL, "b", "x", 1, TIME), SMV_ERROR_FILE_AWAY);
    is_error(smv_archive_finish(archive, &file, &size), SMV_ERROR_FILE_AWAY);
    CU_ASSERT_PTR_NULL_FATAL(smv_archive_begin(&archive, folder, pool));
    is_error(smv_archive_add_file(archive, NULL, "a", below("stored"), 7, TIME), SMV_ERROR_FILE_AWAY);
    CU_ASSERT_PTR_NULL_FATAL(smv_archive_begin(&archive, folder, pool));
    is_error(smv_archive_add_file(archive, NULL, "a", below("missing"), 8, TIME), SMV_ERROR_FILE_AWAY);
    CU_ASSERT_PTR_NULL_FATAL(smv_archive_begin(&archive, folder, pool));
    is_error(smv_archive_add_file(archive, NULL, "a", folder, 8, TIME), SMV_ERROR_FILE_AWAY);
}

static void many_entries_are_bounded(void)
{
    apr_file_t *file;
    apr_off_t size;

    for (int i = 0; i < SMV_ARCHIVE_MAX_ENTRIES; i++) {
        add(NULL, "Police.pdf");
    }
    is_error(smv_archive_add_text(archive, NULL, "one more", "x", 1, TIME), SMV_ERROR_TOO_LARGE);
    is_error(smv_archive_finish(archive, &file, &size), SMV_ERROR_TOO_LARGE);
}

static void a_disk_in_trouble_is_said(void)
{
    struct rlimit before, small;
    const smv_error_t *error;
    apr_file_t *file;
    apr_off_t size;
    unsigned seed = 1;
    char *noise = apr_palloc(pool, MIB);

    for (apr_size_t i = 0; i < MIB; i++) { /* what cannot be compressed */
        seed = seed * 1103515245 + 12345;
        noise[i] = (char)(seed >> 16);
    }
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 65536;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    error = smv_archive_add_text(archive, NULL, "noise", noise, MIB, TIME);
    setrlimit(RLIMIT_FSIZE, &before);
    is_error(error, SMV_ERROR_STORAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "File too large"));
    is_error(smv_archive_finish(archive, &file, &size), SMV_ERROR_STORAGE);
    is_error(smv_archive_begin(&archive, below("nowhere"), pool), SMV_ERROR_STORAGE);
}

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

static void memory_does_not_grow_with_the_files(void)
{
    static char piece[8192];
    apr_file_t *file = create("stored");
    long small, large;

    for (apr_size_t at = 0; at < 25 * MIB; at += sizeof piece) {
        memset(piece, (int)(at / sizeof piece), sizeof piece);
        apr_file_write_full(file, piece, sizeof piece, NULL);
    }
    apr_file_close(file);
    add(NULL, "a");
    peak();
    add(NULL, "b");
    small = peak();
    CU_ASSERT_PTR_NULL(smv_archive_add_file(archive, NULL, "c", below("stored"), (apr_int64_t)(25 * MIB), TIME));
    large = peak();
    CU_ASSERT_TRUE(small > 0 && large - small < 2048);
    IS(show(), "a" WHEN "x\nb" WHEN "x\nc" WHEN "26214400 bytes\n");
}
#endif

#define TEST(name)                                                                                                     \
    {                                                                                                                  \
#name, name                                                                                                    \
    }

static CU_TestInfo tests[] = {
    TEST(texts_and_files_come_out_as_they_went_in),
    TEST(an_archive_of_nothing_is_one),
    TEST(nothing_of_it_has_a_name),
    TEST(the_same_names_get_numbers),
    TEST(names_become_harmless),
    TEST(long_names_are_cut_before_their_extension),
    TEST(a_file_that_is_not_as_told_is_an_error),
    TEST(many_entries_are_bounded),
    TEST(a_disk_in_trouble_is_said),
#ifndef __SANITIZE_ADDRESS__
    TEST(memory_does_not_grow_with_the_files),
#endif
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{"archives", NULL, NULL, before_each, after_each, tests}, CU_SUITE_INFO_NULL};
    int failures;

    setenv("TZ", "UTC", 1);
    tzset();
    if (apr_initialize() != APR_SUCCESS || !mkdtemp(folder) || CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS) {
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
