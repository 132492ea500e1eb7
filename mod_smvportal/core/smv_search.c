/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_search.h"

#include "smv_rules.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define DAY_OF_BIRTH "¶"
#define LEAP_YEAR "2000"

static int is_word_character(char c)
{
    return (unsigned char)c >= 0x80 || apr_isalnum(c);
}

/* Bytes of punctuation beyond ASCII: U+0080 to U+00BF, among them the marks of the index, and U+2000 to U+207F. */
static apr_size_t punctuation(const char *text)
{
    unsigned char lead = (unsigned char)text[0], next = lead ? (unsigned char)text[1] : 0;

    return lead == 0xC2 ? 2 : lead == 0xE2 && (next == 0x80 || next == 0x81) ? 3 : 0;
}

/* @return the text with umlauts in two letters, NULL where it has none */
static const char *without_umlauts(const char *text, apr_pool_t *pool)
{
    static const char *const spellings[][2] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "Ae"},
                                               {"Ö", "Oe"}, {"Ü", "Ue"}, {"ß", "ss"}};
    char *spelt = apr_pstrdup(pool, text); /* two bytes each, in either spelling */
    int has_any = 0;

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        for (char *place = spelt; (place = strstr(place, spellings[i][0])); has_any = 1) {
            memcpy(place, spellings[i][1], 2);
        }
    }
    return has_any ? spelt : NULL;
}

static int is_year(const char *text)
{
    return strlen(text) == 4 && strspn(text, "0123456789") == 4 &&
           (strncmp(text, "19", 2) == 0 || strncmp(text, "20", 2) == 0);
}

static void add_term(smv_search_t *search, const char *text, const char *other)
{
    if (search->count < SMV_SEARCH_TERMS) {
        search->terms[search->count++] = (smv_term_t){text, other};
    }
}

static void add_word(smv_search_t *search, const char *word, apr_pool_t *pool)
{
    add_term(search, word, is_year(word) ? apr_pstrcat(pool, DAY_OF_BIRTH, word, NULL) : without_umlauts(word, pool));
}

/* "24.12.1948", "1948-12-24", and "24.12." of any year. @return 0 where it is no day */
static int add_day(smv_search_t *search, const char *text, apr_pool_t *pool)
{
    const char *last = strrchr(text, '.');
    int has_year = !last || last[1];
    char iso[11];

    if (!smv_read_date(iso, has_year ? text : apr_pstrcat(pool, text, LEAP_YEAR, NULL))) {
        return 0;
    }
    add_term(search,
             has_year ? apr_psprintf(pool, DAY_OF_BIRTH "%.4s%.2s%.2s", iso, iso + 5, iso + 8)
                      : apr_psprintf(pool, DAY_OF_BIRTH "%.2s%.2s", iso + 8, iso + 5),
             NULL);
    return 1;
}

static void add_words(smv_search_t *search, const char *text, apr_pool_t *pool)
{
    while (*text) {
        apr_size_t size = 0, skip;

        while (text[size] && is_word_character(text[size]) && !punctuation(text + size)) {
            size++;
        }
        if (size) {
            add_word(search, apr_pstrmemdup(pool, text, size), pool);
        }
        text += size;
        skip = punctuation(text);
        text += skip ? skip : *text != '\0';
    }
}

/* As index contract_by_number has it: upper() of SQLite knows ASCII alone. */
static const char *contract_number(const char *typed, apr_pool_t *pool)
{
    char *number = apr_pstrdup(pool, typed), *end = number;

    for (; *typed; typed++) {
        if (!strchr(" -/.", *typed)) {
            *end++ = *typed;
        }
    }
    *end = '\0';
    for (end = number; *end; end++) {
        if (*end >= 'a' && *end <= 'z') {
            *end = (char)(*end - 'a' + 'A');
        }
    }
    return number;
}

const smv_search_t *smv_search_read(const char *typed, apr_pool_t *pool)
{
    smv_search_t *search = apr_pcalloc(pool, sizeof *search);
    char *rest, *part = apr_strtok(apr_pstrdup(pool, typed), " ,;", &rest);

    search->contract = contract_number(typed, pool);
    for (; part; part = apr_strtok(NULL, " ,;", &rest)) {
        if (!add_day(search, part, pool)) {
            add_words(search, part, pool);
        }
    }
    return search;
}
