/* SPDX-License-Identifier: Apache-2.0
 *
 * GDV records: what a catalogue may say, which layout a record has, what stands in its fields, and how a file of them
 * is read whatever is wrong with it. The records are written here; with SMV_SOURCE the catalogue is the real one.
 */
#include <CUnit/Basic.h>
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_buffer.h"
#include "../../mod_smvportal/port/smv_gdv.h"

#define MAX_FILE (1U << 24)

static apr_pool_t *pool;
static const char *folder;
static smv_gdv_catalogue_t *catalogue;

/* --- files and records of the tests --- */

static const char *write_file(const char *name, const char *data, apr_size_t size)
{
    const char *path = apr_psprintf(pool, "%s/%s", folder, name);
    apr_file_t *file;

    CU_ASSERT_EQUAL_FATAL(
        apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE, APR_FPROT_OS_DEFAULT, pool),
        APR_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(apr_file_write_full(file, data, size, NULL), APR_SUCCESS);
    apr_file_close(file);
    return path;
}

typedef struct put_t {
    int at;
    const char *text;
} put_t;

/* @return a record with these texts at these places, which an at of 0 ends; blanks elsewhere */
static char *record(const put_t *puts)
{
    char *made = apr_palloc(pool, SMV_GDV_LENGTH + 1);

    memset(made, ' ', SMV_GDV_LENGTH);
    made[SMV_GDV_LENGTH] = '\0';
    for (; puts->at; puts++) {
        memcpy(made + puts->at - 1, puts->text, strlen(puts->text));
    }
    return made;
}

#define RECORD(...) record((const put_t[]){__VA_ARGS__, {0, NULL}})

static char *head(void)
{
    return RECORD({1, "0001"}, {5, "9999 "}, {10, "Muster Versicherung"}, {256, "1"});
}

static char *contract(const char *number, const char *premium)
{
    return RECORD({1, "0200"}, {5, "9999 "}, {11, "040"}, {14, number}, {44, "01072004"}, {116, premium}, {256, "1"});
}

static char *trailer(const char *count, const char *total)
{
    return RECORD({1, "9999"}, {5, count}, {25, total});
}

static char *lines(const char *end, ...)
{
    char *text = "";
    const char *line;
    va_list arguments;

    va_start(arguments, end);
    while ((line = va_arg(arguments, const char *)) != NULL) {
        text = apr_pstrcat(pool, text, line, end, NULL);
    }
    va_end(arguments);
    return text;
}

static smv_gdv_t *open_bytes(const char *data, apr_size_t size, smv_charset_e charset)
{
    const char *path = write_file("delivery.gdv", data, size);
    smv_gdv_t *reader = NULL;

    CU_ASSERT_PTR_NULL_FATAL(smv_gdv_open(&reader, path, catalogue, charset, pool));
    return reader;
}

static smv_gdv_t *open_text(const char *text)
{
    return open_bytes(text, strlen(text), SMV_CHARSET_UNKNOWN);
}

static const smv_gdv_record_t *next(smv_gdv_t *reader)
{
    const smv_gdv_record_t *found = NULL;

    CU_ASSERT_PTR_NULL_FATAL(smv_gdv_next(reader, &found));
    return found;
}

/* @return the counts at the end of the file */
static const smv_gdv_counts_t *read_all(smv_gdv_t *reader)
{
    const smv_gdv_counts_t *counts = smv_gdv_counts(reader);

    while (next(reader)) {
    }
    CU_ASSERT_EQUAL(counts->records, counts->read + counts->skipped + counts->faulty);
    return counts;
}

/* @return the first record of a package with this one in it */
static const smv_gdv_record_t *read_one(const char *line)
{
    smv_gdv_t *reader = open_text(lines("\n", head(), line, NULL));

    next(reader);
    return next(reader);
}

static void assert_fault(const smv_gdv_record_t *found, smv_gdv_fault_e kind, int at, const char *reason)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL_FATAL(found->fault_count, 1);
    CU_ASSERT_EQUAL(found->faults->kind, kind);
    CU_ASSERT_EQUAL(found->faults->at, at);
    CU_ASSERT_EQUAL(found->faults->record, found->number);
    CU_ASSERT_STRING_EQUAL(found->faults->reason, reason);
}

/* --- the catalogue --- */

static void a_mistake_in_the_catalogue_is_named_with_its_line(void)
{
#define NEEDED                                                                                                         \
    "<record type='0200' title='t'><part><decimal name='net_premium' at='116' length='12' "                            \
    "places='2'/></part></record>"                                                                                     \
    "<record type='9999' title='t'><part><number name='record_count' at='5' length='10'/>"                             \
    "<decimal name='net_premium_total' at='25' length='15' places='2'/></part></record>"
#define PART(attributes, fields)                                                                                       \
    NEEDED "\n<record type='0210' title='t'><part " attributes ">" fields "</part></record>"
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", ":0: record 0200 needs a <decimal name=\"net_premium\"> with 2 places"},
        {"\n<rekord/>", ":2: there is no <rekord> here"},
        {"text", ":1: there is something between the elements that is no comment"},
        {"<record xmlns='urn:x'/>", ":1: there is no <record> here"},
        {"\n<record type='0210'/>", ":2: <record> needs title"},
        {"<record type='210' title='t'/>", ":1: type of <record> is \"210\", but must be of four digits"},
        {"<record type='0210' title='t'/>", ":1: <record> has no <part>"},
        {"<record type='0210' title='t'><tail/></record>", ":1: there is no <tail> here"},
        {"<record type='0210' title=''><part/></record>", ":1: title of <record> is empty"},
        {"<record type='0210' title='t' sparte='030'/>", ":1: <record> has no attribute \"sparte\""},
        {"<record type='0210' title='t' line='30'/>",
         ":1: line of <record> is \"30\", but must be of three digits each"},
        {"<record type='0210' title='t' kind='1'/>", ":1: <record> has kind and kind-at, or none of both"},
        {"<record type='0210' title='t' kind='12' kind-at='60'/>",
         ":1: kind of <record> is \"12\", but must be of single letters or digits"},
        {"<record type='0210' title='t' header='h'/>", ":1: there is no header called h before it"},
        {"<header name='h'/>\n<header name='h'/>", ":2: there is another header called h"},
        {"<header name='h'><code name='a' at='1' length='1'/>\n<code name='a' at='2' length='1'/></header>",
         ":2: there is another field called a"},
        {"<header name='h'><text name='A' at='1' length='1'/></header>",
         ":1: the name \"A\" is not of small letters, digits and underscores"},
        {"<header name='h'><text name='a' at='1'/></header>", ":1: <text> needs length"},
        {"<header name='h'><date name='a' at='1' length='6'/></header>", ":1: <date> has no attribute \"length\""},
        {"<header name='h'><number name='a' at='0' length='6'/></header>",
         ":1: at of <number> is \"0\", but must be a number from 1 to 256"},
        {"<header name='h'><number name='a' at='1' length='19'/></header>",
         ":1: length of <number> is \"19\", but must be a number from 1 to 18"},
        {"<header name='h'><date name='a' at='250'/></header>", ":1: a ends at 257, but a record has 256 characters"},
        {"<header name='h'><decimal name='a' at='1' length='6'/></header>", ":1: <decimal> needs places"},
        {"<header name='h'><text name='a' at='1' length='1'><text/></text></header>", ":1: <text> has no elements"},
        {PART("", ""), ":2: a part has either fields or a reason to skip it"},
        {PART("skip='s'", "<text name='a' at='43' length='1'/>"),
         ":2: a part has either fields or a reason to skip it"},
        {PART("number='1'", "<text name='a' at='43' length='1'/>"), ":2: <part> needs at"},
        {PART("number='x' at='256' skip='s'", ""), ":2: number of <part> is \"x\", but must be of single digits"},
        {PART("number='1 2' at='256'", "<text name='a' at='43' length='1'/>"),
         ":2: several parts at once must have a reason to skip them"},
        {PART("number='1' at='256 300' skip='s'", ""),
         ":2: at of <part> is \"300\", but must be a number from 1 to 256"},
        {PART("number='1' at='1 2 3 4 5' skip='s'", ""), ":2: a number stands at 4 places at most"},
        {PART("number='1' at='49 250'", "<text name='a' at='241' length='10'/>"),
         ":2: a covers the number of the part, which stands at 250"},
        {PART("number='1 1' at='256' skip='s'", ""), ":2: there is another such part of record 0210"},
        {PART("wo='1' skip='s'", ""), ":2: <part> has no attribute \"wo\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = apr_pstrcat(pool, "<gdv-catalogue>", cases[i].text, "</gdv-catalogue>", NULL);
        const char *path = write_file("mistaken.xml", text, strlen(text));
        smv_gdv_catalogue_t *made;
        const smv_error_t *error = smv_gdv_catalogue_read(&made, path, pool);

        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_EQUAL(error->code, SMV_ERROR_CONFIGURATION);
        if (strcmp(error->detail, apr_pstrcat(pool, path, cases[i].reason, NULL)) != 0) {
            printf("\n%s\n -> %s", cases[i].text, error->detail);
            CU_FAIL("another mistake was found");
        }
    }
}

static void what_is_no_catalogue_is_refused(void)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"<catalogue/>", ":1: this is <catalogue>, not <gdv-catalogue>"},
        {"<gdv-catalogue a='b'/>", ":1: <gdv-catalogue> has no attribute \"a\""},
        {"<gdv-catalogue>\n<record</gdv-catalogue>", ":2: "},
        {"<!DOCTYPE gdv-catalogue [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n<gdv-catalogue>&e;</gdv-catalogue>",
         ":1: no <!DOCTYPE is allowed; remove it"},
    };
    smv_gdv_catalogue_t *made;
    const smv_error_t *error;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error = smv_gdv_catalogue_read(&made, write_file("none.xml", cases[i].text, strlen(cases[i].text)), pool);
        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, cases[i].reason));
    }
    error = smv_gdv_catalogue_read(&made, apr_pstrcat(pool, folder, "/missing.xml", NULL), pool);
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "missing.xml:0: cannot be read"));
}

/* --- which layout --- */

static void the_number_of_a_part_stands_at_its_own_place(void)
{
    static const struct {
        const put_t puts[6];
        const char *title;
        char number;
    } cases[] = {
        {{{1, "0100"}, {256, "4"}}, "address", '4'},
        {{{1, "0210"}, {11, "130"}, {251, "2"}, {256, "1"}}, "household insurance", '2'},
        {{{1, "0210"}, {11, "000"}, {43, "2"}, {256, "1"}}, "general insurance", '2'},
        {{{1, "0210"}, {11, "040"}, {256, "7"}}, "liability insurance", '\0'},
        {{{1, "0220"}, {11, "030"}, {43, "0000012"}}, "accident insurance: person", '2'},
        {{{1, "0220"}, {11, "030"}, {43, "3     2"}, {250, "3"}}, "accident insurance: person", '3'},
        {{{1, "0220"}, {11, "030"}, {43, "3000011"}, {250, "1"}}, "accident insurance: person", '1'},
        {{{1, "0220"}, {11, "030"}, {43, "0000001"}, {60, "9"}, {250, "9"}}, "accident insurance: person", '9'},
        {{{1, "0500"}, {66, "1"}}, "claim", '1'},
        {{{1, "0500"}, {66, "1"}, {256, "1"}}, "claim", '1'},
        {{{1, "0500"}, {66, "1"}, {256, "2"}}, "claim", '2'},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const smv_gdv_record_t *found = read_one(record(cases[i].puts));

        CU_ASSERT_PTR_NOT_NULL_FATAL(found->layout);
        CU_ASSERT_STRING_EQUAL(found->layout->title, cases[i].title);
        CU_ASSERT_EQUAL(found->layout->number, cases[i].number);
    }
}

static void a_blank_number_is_that_of_the_first_part(void)
{
    const smv_gdv_record_t *found = read_one(RECORD({1, "0220"}, {11, "051"}));

    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_SKIPPED);
    CU_ASSERT_EQUAL(found->layout->number, '1');
}

static void kinds_of_a_line_have_layouts_of_their_own(void)
{
    const smv_gdv_record_t *found = read_one(RECORD({1, "0220"}, {11, "010"}, {60, "8"}, {256, "6"}));

    CU_ASSERT_PTR_NOT_NULL_FATAL(found->layout);
    CU_ASSERT_STRING_EQUAL(found->layout->kinds, "48");
    assert_fault(read_one(RECORD({1, "0220"}, {11, "010"}, {60, "8"}, {256, "7"})), SMV_GDV_FAULT_NO_LAYOUT, 256,
                 "record type 0220 has no partial record \"7\"");
    assert_fault(read_one(RECORD({1, "0220"}, {11, "010"}, {60, "X"}, {256, "1"})), SMV_GDV_FAULT_NO_LAYOUT, 60,
                 "record type 0220 has no kind \"X\"");
}

static void a_line_without_layouts_of_its_own_has_the_general_ones(void)
{
    const smv_gdv_record_t *found =
        read_one(RECORD({1, "0210"}, {11, "450"}, {43, "1"}, {49, "Sturm"}, {215, "000000012345"}));

    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_READ);
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "line_name"), "Sturm");
    CU_ASSERT_EQUAL(smv_gdv_value(found, "premium")->number, 12345);
    assert_fault(read_one(RECORD({1, "0210"}, {11, "130"}, {43, "1"}, {251, "7"})), SMV_GDV_FAULT_NO_LAYOUT, 251,
                 "record type 0210 has no partial record \"7\"");
}

static void records_that_interleave_are_known_each_by_itself(void)
{
    smv_gdv_t *reader = open_text(lines("\n", head(), RECORD({1, "0220"}, {11, "010"}, {60, "2"}, {256, "1"}),
                                        RECORD({1, "0220"}, {11, "010"}, {60, "4"}, {256, "1"}),
                                        RECORD({1, "0220"}, {11, "010"}, {60, "2"}, {256, "2"}), NULL));

    next(reader);
    CU_ASSERT_STRING_EQUAL(next(reader)->layout->kinds, "2");
    CU_ASSERT_STRING_EQUAL(next(reader)->layout->kinds, "48");
    CU_ASSERT_EQUAL(next(reader)->layout->number, '2');
}

static void what_the_portal_does_not_need_is_skipped_with_a_reason(void)
{
    const smv_gdv_record_t *found = read_one(RECORD({1, "0350"}, {5, "9999 "}, {14, "        123456789"}, {256, "1"}));

    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_SKIPPED);
    CU_ASSERT_STRING_EQUAL(found->layout->skip, "clauses of the contract");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "policy_number"), "123456789");
}

static void what_has_no_layout_is_a_fault(void)
{
    assert_fault(read_one(RECORD({1, "0820"}, {256, "1"})), SMV_GDV_FAULT_UNKNOWN_TYPE, 1,
                 "there is no record type \"0820\"");
    assert_fault(read_one(RECORD({1, "\033[2J"}, {256, "1"})), SMV_GDV_FAULT_UNKNOWN_TYPE, 1,
                 "there is no record type \" [2J\"");
    assert_fault(read_one(RECORD({1, "0212"}, {11, "777"})), SMV_GDV_FAULT_NO_LAYOUT, 11,
                 "record type 0212 has no line of business \"777\"");
}

/* --- values --- */

static void each_type_of_field_has_its_value(void)
{
    const smv_gdv_record_t *found =
        read_one(RECORD({1, "0200"}, {5, "12345"}, {14, "       AB-1 2 3  "}, {31, " 7"}, {44, "31121999"},
                        {52, "00000000"}, {113, "EUR"}, {116, "000000123456"}, {256, "1"}));

    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_READ);
    CU_ASSERT_EQUAL(found->number, 2);
    CU_ASSERT_EQUAL(found->package, 1);
    CU_ASSERT_STRING_EQUAL(found->type, "0200");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "policy_number"), "AB-1 2 3");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "start_date"), "1999-12-31");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "currency"), "EUR");
    CU_ASSERT_EQUAL(smv_gdv_value(found, "sequence_number")->number, 7);
    CU_ASSERT_EQUAL(smv_gdv_value(found, "net_premium")->number, 123456);
    CU_ASSERT_PTR_NULL(smv_gdv_value(found, "end_date"));
    CU_ASSERT_PTR_NULL(smv_gdv_value(found, "exit_date"));
    CU_ASSERT_PTR_NULL(smv_gdv_text(found, "status"));
    CU_ASSERT_PTR_NULL(smv_gdv_value(found, "no_such_field"));
}

static const smv_gdv_record_t *with_start(const char *date)
{
    return read_one(RECORD({1, "0200"}, {44, date}, {256, "1"}));
}

static void of_a_date_what_is_known_stays(void)
{
    static const struct {
        const char *date, *iso;
    } cases[] = {{"29022004", "2004-02-29"}, {"00072004", "2004-07"}, {"00002004", "2004"},      {"15002004", "2004"},
                 {"01070000", "--07-01"},    {"00070000", "--07"},    {"15000000", NULL},        {"00000000", NULL},
                 {"        ", NULL},         {"29020000", "--02-29"}, {"31129999", "9999-12-31"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const smv_gdv_record_t *found = with_start(cases[i].date);
        const char *iso = smv_gdv_text(found, "start_date");

        CU_ASSERT_EQUAL(found->outcome, SMV_GDV_READ);
        CU_ASSERT_TRUE(iso ? cases[i].iso && strcmp(iso, cases[i].iso) == 0 : !cases[i].iso);
    }
}

static void a_date_that_cannot_be_is_a_fault(void)
{
    const smv_gdv_record_t *found = with_start("01132004");

    assert_fault(found, SMV_GDV_FAULT_DATE, 46, "start_date is \"01132004\", which is no date");
    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_FAULTY);
    CU_ASSERT_PTR_NULL(smv_gdv_value(found, "start_date"));
    assert_fault(with_start("29022003"), SMV_GDV_FAULT_DATE, 44, "start_date is \"29022003\", which is no date");
    assert_fault(with_start("29021900"), SMV_GDV_FAULT_DATE, 44, "start_date is \"29021900\", which is no date");
    assert_fault(with_start("32000000"), SMV_GDV_FAULT_DATE, 44, "start_date is \"32000000\", which is no date");
    assert_fault(with_start("0107  04"), SMV_GDV_FAULT_DATE, 48, "start_date is \"0107  04\", which is no date");
}

static void a_number_with_letters_is_a_fault_and_the_rest_is_read(void)
{
    const smv_gdv_record_t *found =
        read_one(RECORD({1, "0200"}, {14, "123456789"}, {44, "99999999"}, {116, "  12A4567890"}, {256, "1"}));

    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_FAULTY);
    CU_ASSERT_EQUAL_FATAL(found->fault_count, 2);
    CU_ASSERT_EQUAL(found->faults[1].kind, SMV_GDV_FAULT_NUMBER);
    CU_ASSERT_EQUAL(found->faults[1].at, 120);
    CU_ASSERT_STRING_EQUAL(found->faults[1].reason, "net_premium is \"12A4567890\", which is no number");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "policy_number"), "123456789");
    CU_ASSERT_STRING_EQUAL(
        smv_gdv_fault_text(&found->faults[1], pool),
        apr_pstrcat(pool, folder,
                    "/delivery.gdv: record 2, byte 120: net_premium is \"12A4567890\", which is no number", NULL));
}

static void an_amount_may_have_a_sign(void)
{
    const smv_gdv_record_t *found = read_one(RECORD({1, "0500"}, {66, "1"}, {140, "0000000012345-"}));

    CU_ASSERT_EQUAL(smv_gdv_value(found, "amount")->number, -12345);
    found = read_one(RECORD({1, "0500"}, {66, "1"}, {140, "0000000012345"}));
    CU_ASSERT_EQUAL(smv_gdv_value(found, "amount")->number, 12345);
    assert_fault(read_one(RECORD({1, "0500"}, {66, "1"}, {140, "0000000012345H"})), SMV_GDV_FAULT_NUMBER, 153,
                 "the sign of amount is neither + nor -");
}

static void control_characters_are_blanks(void)
{
    char *line = RECORD({1, "0100"}, {44, "\tA\033B"}, {256, "1"});
    char *text = lines("\n", head(), line, NULL);
    smv_gdv_t *reader;

    *strchr(text, '\t') = '\0';
    reader = open_bytes(text, 2 * (SMV_GDV_LENGTH + 1), SMV_CHARSET_UNKNOWN);
    next(reader);
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(next(reader), "name_1"), "A B");
    line = RECORD({1, "0100"}, {44, "A\x9b\xe4"}, {256, "1"});
    reader = open_bytes(lines("\n", head(), line, NULL), 2 * (SMV_GDV_LENGTH + 1), SMV_CHARSET_ISO_8859_1);
    next(reader);
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(next(reader), "name_1"), "A  \xC3\xA4"); /* U+009B and ä */
}

/* --- lines --- */

static void lines_end_in_any_way(void)
{
    static const char *const ends[] = {"\n", "\r\n", "\r", "", "\n\n", "\r\n \r\n", "\n\x1a\n"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *one =
            lines(ends[i], head(), contract("1", "000000000100"), trailer("0000000001", "000000000000100"), NULL);
        smv_gdv_t *reader = open_text(apr_pstrcat(pool, "\n", one, one, NULL));
        const smv_gdv_counts_t *counts = read_all(reader);

        CU_ASSERT_EQUAL(counts->records, 6);
        CU_ASSERT_EQUAL(counts->read, 6);
        CU_ASSERT_EQUAL(counts->packages, 2);
    }
}

static void the_last_line_needs_no_end(void)
{
    const char *text = apr_pstrcat(pool, lines("\n", head(), contract("1", "000000000100"), NULL),
                                   trailer("0000000001", "000000000000100"), NULL);

    CU_ASSERT_EQUAL(read_all(open_text(text))->read, 3);
    CU_ASSERT_EQUAL(read_all(open_text(apr_pstrcat(pool, text, "\x1a", NULL)))->read, 3);
    text = lines("", head(), contract("1", "000000000100"), trailer("0000000001", "000000000000100"), NULL);
    CU_ASSERT_EQUAL(read_all(open_text(apr_pstrcat(pool, text, "\r\n", NULL)))->read, 3);
}

static void an_empty_file_has_no_records(void)
{
    CU_ASSERT_EQUAL(read_all(open_text(""))->records, 0);
    CU_ASSERT_EQUAL(read_all(open_text("\r\n\n"))->records, 0);
    CU_ASSERT_EQUAL(read_all(open_text("\xef\xbb\xbf"))->records, 0);
}

static void a_record_of_another_length_is_a_fault_and_the_next_is_read(void)
{
    const char *longer = apr_pstrcat(pool, contract("2", "000000000100"), "X", NULL);
    char *shorter = contract("3", "000000000100");
    smv_gdv_t *reader;

    shorter[250] = '\0';
    reader = open_text(lines("\n", head(), longer, shorter, "02", contract("4", "000000000100"), NULL));
    next(reader);
    assert_fault(next(reader), SMV_GDV_FAULT_TOO_LONG, 257, "the record has more than 256 characters");
    assert_fault(next(reader), SMV_GDV_FAULT_TOO_SHORT, 251, "the record ends after 250 of 256 characters");
    assert_fault(next(reader), SMV_GDV_FAULT_TOO_SHORT, 3, "the record ends after 2 of 256 characters");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(next(reader), "policy_number"), "4");
}

static void a_line_without_end_takes_no_memory(void)
{
    smv_buffer_t text;
    const smv_gdv_counts_t *counts;

    smv_buffer_init(&text, 1 << 20, MAX_FILE, pool);
    smv_buffer_puts(&text, lines("\n", head(), NULL));
    for (int i = 0; i < 4000; i++) {
        smv_buffer_puts(&text, contract("1", "000000000100"));
    }
    smv_buffer_puts(&text, "\n");
    smv_buffer_puts(&text, trailer("0000000001", "000000000000000"));
    counts = read_all(open_bytes(text.data, text.size, SMV_CHARSET_UNKNOWN));
    CU_ASSERT_EQUAL(counts->records, 3);
    CU_ASSERT_EQUAL(counts->faults[SMV_GDV_FAULT_TOO_LONG], 1);
    CU_ASSERT_EQUAL(counts->faulty, 1);
}

/* --- character sets --- */

/* @return what is read of a name and of the street behind it, in a file whose character set is recognised */
static const char *name_in(const char *bytes, smv_charset_e given, smv_charset_e expected)
{
    apr_size_t characters = 0;
    char *line = RECORD({1, "0100"}, {188, "Hauptstr. 1"}, {256, "1"}), *text;
    const smv_gdv_record_t *found;
    smv_gdv_t *reader;

    for (const char *at = bytes; *at; at++) {
        characters += expected != SMV_CHARSET_UTF_8 || ((unsigned char)*at & 0xc0U) != 0x80;
    }
    line[43] = '\0';
    text = apr_pstrcat(pool, head(), "\n", line, bytes, line + 43 + characters, "\n", NULL);
    reader = open_bytes(text, strlen(text), given);
    CU_ASSERT_EQUAL(smv_gdv_charset(reader), expected);
    next(reader);
    found = next(reader);
    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_READ);
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "street"), "Hauptstr. 1");
    return smv_gdv_text(found, "name_1");
}

static void the_character_set_is_recognised(void)
{
    CU_ASSERT_STRING_EQUAL(name_in("Mueller", SMV_CHARSET_UNKNOWN, SMV_CHARSET_UTF_8), "Mueller");
    CU_ASSERT_STRING_EQUAL(name_in("M\xc3\xbcller \xe2\x82\xac", SMV_CHARSET_UNKNOWN, SMV_CHARSET_UTF_8), "Müller €");
    CU_ASSERT_STRING_EQUAL(name_in("M\xfcller", SMV_CHARSET_UNKNOWN, SMV_CHARSET_WINDOWS_1252), "Müller");
    CU_ASSERT_STRING_EQUAL(name_in("\x80 100", SMV_CHARSET_UNKNOWN, SMV_CHARSET_WINDOWS_1252), "€ 100");
    CU_ASSERT_STRING_EQUAL(name_in("M\x81ller & S\x94hne, Gie\xe1"
                                   "en",
                                   SMV_CHARSET_UNKNOWN, SMV_CHARSET_CP850),
                           "Müller & Söhne, Gießen");
}

static void the_character_set_may_be_given(void)
{
    CU_ASSERT_STRING_EQUAL(name_in("M\x81ller\x9b", SMV_CHARSET_CP437, SMV_CHARSET_CP437), "Müller¢");
    CU_ASSERT_STRING_EQUAL(name_in("M\x81ller\x9b", SMV_CHARSET_CP850, SMV_CHARSET_CP850), "Müllerø");
    CU_ASSERT_STRING_EQUAL(name_in("M\xfcller\xa4", SMV_CHARSET_ISO_8859_1, SMV_CHARSET_ISO_8859_1), "Müller¤");
    CU_ASSERT_STRING_EQUAL(name_in("M\xfcller\xa4", SMV_CHARSET_ISO_8859_15, SMV_CHARSET_ISO_8859_15), "Müller€");
    CU_ASSERT_EQUAL(smv_charset_of("iso-8859-15"), SMV_CHARSET_ISO_8859_15);
    CU_ASSERT_EQUAL(smv_charset_of("EBCDIC"), SMV_CHARSET_UNKNOWN);
}

static void pieces_do_not_matter_for_recognition(void)
{
    static const char *const texts[] = {
        "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80", "M\xfcller", "M\x81ller", "M\xc3", "\xc3(", "\xed\xa0\x80"};
    static const smv_charset_e charsets[] = {SMV_CHARSET_UTF_8,        SMV_CHARSET_WINDOWS_1252,
                                             SMV_CHARSET_CP850,        SMV_CHARSET_WINDOWS_1252,
                                             SMV_CHARSET_WINDOWS_1252, SMV_CHARSET_WINDOWS_1252};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (apr_size_t size = 1; size <= strlen(texts[i]); size++) {
            smv_charset_votes_t votes = {0};

            for (apr_size_t at = 0; at < strlen(texts[i]); at += size) {
                smv_charset_look(&votes, texts[i] + at, strnlen(texts[i] + at, size));
            }
            CU_ASSERT_EQUAL(smv_charset_recognised(&votes), charsets[i]);
        }
    }
}

static void a_byte_that_is_no_character_is_a_fault(void)
{
    char *text = lines("\n", head(), RECORD({1, "0100"}, {44, "M\x81ller"}, {256, "1"}), NULL);
    smv_gdv_t *reader = open_bytes(text, strlen(text), SMV_CHARSET_WINDOWS_1252);
    const smv_gdv_record_t *found;

    next(reader);
    found = next(reader);
    assert_fault(found, SMV_GDV_FAULT_CHARACTER, 45, "0x81 is no character of WINDOWS-1252");
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "name_1"), "M\xef\xbf\xbdller");
}

static void utf8_without_line_ends_is_cut_by_characters(void)
{
    char *line = RECORD({1, "0100"}, {44, "Mu"}, {188, "Hauptstr. 1"}, {256, "1"});
    const char *text;
    smv_gdv_t *reader;

    line[43] = '\0';
    text = apr_pstrcat(pool, line, "\xc3\xbc", line + 44, NULL);
    reader = open_text(apr_pstrcat(pool, head(), text, text, text, NULL));
    next(reader);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_STRING_EQUAL(smv_gdv_text(next(reader), "street"), "Hauptstr. 1");
    }
}

/* --- packages --- */

static void a_file_may_have_several_packages(void)
{
    const char *one = lines("\n", head(), RECORD({1, "0001"}, {256, "2"}), contract("1", "000000000100"),
                            trailer("0000000001", "000000000000100"), NULL);
    smv_gdv_t *reader = open_text(apr_pstrcat(pool, one, one, NULL));
    static const int packages[] = {1, 1, 1, 1, 2, 2, 2, 2};

    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++) {
        const smv_gdv_record_t *found = next(reader);

        CU_ASSERT_EQUAL(found->number, (apr_int64_t)i + 1);
        CU_ASSERT_EQUAL(found->package, packages[i]);
        CU_ASSERT_EQUAL(found->fault_count, 0);
    }
    CU_ASSERT_PTR_NULL(next(reader));
    CU_ASSERT_PTR_NULL(next(reader));
}

static void a_trailer_that_says_otherwise_is_a_fault(void)
{
    smv_gdv_t *reader = open_text(lines("\n", head(), contract("1", "000000000100"), contract("2", "000000000250"),
                                        "broken", trailer("0000000002", "000000000000351"), NULL));
    const smv_gdv_record_t *found = NULL;

    for (int i = 0; i < 5; i++) {
        found = next(reader);
    }
    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_FAULTY);
    CU_ASSERT_EQUAL(found->package, 1);
    CU_ASSERT_EQUAL_FATAL(found->fault_count, 2);
    CU_ASSERT_EQUAL(found->faults[0].kind, SMV_GDV_FAULT_RECORD_COUNT);
    CU_ASSERT_EQUAL(found->faults[0].at, 5);
    CU_ASSERT_STRING_EQUAL(found->faults[0].reason, "the trailer says 2 records, its package has 3");
    CU_ASSERT_EQUAL(found->faults[1].kind, SMV_GDV_FAULT_PREMIUM_TOTAL);
    CU_ASSERT_STRING_EQUAL(found->faults[1].reason, "the trailer says 3.51 of net premiums, its package has 3.50");
    CU_ASSERT_PTR_NULL(next(reader));
}

static void a_trailer_that_says_nothing_is_a_fault(void)
{
    const smv_gdv_record_t *found = read_one(trailer("", ""));

    CU_ASSERT_EQUAL_FATAL(found->fault_count, 2);
    CU_ASSERT_STRING_EQUAL(found->faults[0].reason, "the trailer says no number of records, its package has 0");
    CU_ASSERT_STRING_EQUAL(found->faults[1].reason, "the trailer says no total of net premiums, its package has 0.00");
}

static void a_package_without_a_trailer_is_said(void)
{
    smv_gdv_t *reader =
        open_text(lines("\n", head(), contract("1", "000000000100"), head(), contract("2", "000000000100"), NULL));
    const smv_gdv_record_t *found;

    next(reader);
    next(reader);
    found = next(reader);
    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_UNENDED);
    CU_ASSERT_EQUAL(found->number, 2);
    CU_ASSERT_EQUAL(found->package, 1);
    assert_fault(found, SMV_GDV_FAULT_NO_TRAILER, 1,
                 "the package that began with record 1 has no trailer 9999 behind this record");
    found = next(reader);
    CU_ASSERT_STRING_EQUAL(found->type, "0001");
    CU_ASSERT_EQUAL(found->package, 2);
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(next(reader), "policy_number"), "2");
    found = next(reader);
    CU_ASSERT_EQUAL(found->outcome, SMV_GDV_UNENDED);
    CU_ASSERT_EQUAL(found->number, 4);
    CU_ASSERT_PTR_NULL(next(reader));
    CU_ASSERT_EQUAL(read_all(reader)->records, 4);
    CU_ASSERT_EQUAL(read_all(reader)->faults[SMV_GDV_FAULT_NO_TRAILER], 2);
}

static void what_stands_outside_of_a_package_is_a_fault(void)
{
    smv_gdv_t *reader =
        open_text(lines("\n", contract("1", "000000000100"), trailer("0000000001", "000000000000100"), head(),
                        trailer("0000000000", "000000000000000"), contract("2", "000000000100"), NULL));
    const smv_gdv_record_t *found = next(reader);

    assert_fault(found, SMV_GDV_FAULT_OUTSIDE, 1,
                 "the record stands outside of a package, which goes from 0001 to 9999");
    CU_ASSERT_EQUAL(found->package, 0);
    CU_ASSERT_STRING_EQUAL(smv_gdv_text(found, "policy_number"), "1");
    CU_ASSERT_EQUAL(read_all(reader)->faults[SMV_GDV_FAULT_OUTSIDE], 3);
    CU_ASSERT_EQUAL(read_all(reader)->read, 2);
}

static void a_broken_head_or_trailer_still_bounds_its_package(void)
{
    smv_gdv_t *reader = open_text(lines("\n", "0001 cut short", contract("1", "000000000100"), "9999 cut short", NULL));
    const smv_gdv_counts_t *counts = read_all(reader);

    CU_ASSERT_EQUAL(counts->packages, 1);
    CU_ASSERT_EQUAL(counts->read, 1);
    CU_ASSERT_EQUAL(counts->faults[SMV_GDV_FAULT_TOO_SHORT], 2);
    CU_ASSERT_EQUAL(counts->faults[SMV_GDV_FAULT_OUTSIDE], 0);
    CU_ASSERT_EQUAL(counts->faults[SMV_GDV_FAULT_NO_TRAILER], 0);
}

/* --- any bytes --- */

static unsigned int next_random(unsigned int *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

/* Good records with some bytes changed, left out or doubled: each is accounted for, whatever it became. */
static void whatever_a_file_has_it_is_read_to_its_end(void)
{
    static const char bytes[] = "\n\r\x1a\0 09\xc3\xbc\x81\xff";
    const char *good = lines("\n", head(), contract("1", "000000000100"), trailer("0000000001", "000000000000100"),
                             head(), RECORD({1, "0220"}, {11, "030"}, {43, "3     2"}, {250, "3"}),
                             trailer("0000000001", "000000000000000"), NULL);
    apr_size_t size = strlen(good);
    apr_pool_t *outer = pool;
    unsigned int state = 7;

    for (int i = 0; i < 1000; i++) {
        char *text;

        apr_pool_create(&pool, outer);
        text = apr_pmemdup(pool, good, size);
        for (unsigned int changes = next_random(&state) % 12; changes > 0; changes--) {
            text[next_random(&state) % size] = bytes[next_random(&state) % (sizeof bytes - 1)];
        }
        read_all(open_bytes(text, next_random(&state) % (size + 1), (smv_charset_e)(i % (SMV_CHARSET_UTF_8 + 1))));
        apr_pool_destroy(pool);
        pool = outer;
    }
}

static void a_file_that_is_not_there_is_an_error(void)
{
    smv_gdv_t *reader;
    const smv_error_t *error =
        smv_gdv_open(&reader, apr_pstrcat(pool, folder, "/missing.gdv", NULL), catalogue, SMV_CHARSET_UNKNOWN, pool);

    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_EQUAL(error->code, SMV_ERROR_FILE_AWAY);
    CU_ASSERT_PTR_NOT_NULL(smv_gdv_open(&reader, folder, catalogue, SMV_CHARSET_UNKNOWN, pool));
}

static void begin(void)
{
    const char *source = getenv("SMV_SOURCE"), *temporary;
    char *made;
    const smv_error_t *error;

    apr_temp_dir_get(&temporary, pool);
    made = apr_pstrcat(pool, temporary, "/smv-gdv-XXXXXX", NULL);
    folder = mkdtemp(made);
    error = smv_gdv_catalogue_read(&catalogue,
                                   apr_pstrcat(pool, source ? source : ".", "/conf/gdv-catalogue.xml", NULL), pool);
    if (error || !folder) {
        fprintf(stderr, "%s\n", error ? error->detail : "no folder for files");
        exit(1);
    }
}

static void end(void)
{
    static const char *const files[] = {"delivery.gdv", "mistaken.xml", "none.xml"};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        apr_file_remove(apr_pstrcat(pool, folder, "/", files[i], NULL), pool);
    }
    apr_dir_remove(folder, pool);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a mistake in the catalogue is named with its line", a_mistake_in_the_catalogue_is_named_with_its_line},
        {"what is no catalogue is refused", what_is_no_catalogue_is_refused},
        {"the number of a part stands at its own place", the_number_of_a_part_stands_at_its_own_place},
        {"a blank number is that of the first part", a_blank_number_is_that_of_the_first_part},
        {"kinds of a line have layouts of their own", kinds_of_a_line_have_layouts_of_their_own},
        {"a line without layouts of its own has the general ones",
         a_line_without_layouts_of_its_own_has_the_general_ones},
        {"records that interleave are known each by itself", records_that_interleave_are_known_each_by_itself},
        {"what the portal does not need is skipped with a reason",
         what_the_portal_does_not_need_is_skipped_with_a_reason},
        {"what has no layout is a fault", what_has_no_layout_is_a_fault},
        {"each type of field has its value", each_type_of_field_has_its_value},
        {"of a date what is known stays", of_a_date_what_is_known_stays},
        {"a date that cannot be is a fault", a_date_that_cannot_be_is_a_fault},
        {"a number with letters is a fault and the rest is read",
         a_number_with_letters_is_a_fault_and_the_rest_is_read},
        {"an amount may have a sign", an_amount_may_have_a_sign},
        {"control characters are blanks", control_characters_are_blanks},
        {"lines end in any way", lines_end_in_any_way},
        {"the last line needs no end", the_last_line_needs_no_end},
        {"an empty file has no records", an_empty_file_has_no_records},
        {"a record of another length is a fault and the next is read",
         a_record_of_another_length_is_a_fault_and_the_next_is_read},
        {"a line without end takes no memory", a_line_without_end_takes_no_memory},
        {"the character set is recognised", the_character_set_is_recognised},
        {"the character set may be given", the_character_set_may_be_given},
        {"pieces do not matter for recognition", pieces_do_not_matter_for_recognition},
        {"a byte that is no character is a fault", a_byte_that_is_no_character_is_a_fault},
        {"UTF-8 without line ends is cut by characters", utf8_without_line_ends_is_cut_by_characters},
        {"a file may have several packages", a_file_may_have_several_packages},
        {"a trailer that says otherwise is a fault", a_trailer_that_says_otherwise_is_a_fault},
        {"a trailer that says nothing is a fault", a_trailer_that_says_nothing_is_a_fault},
        {"a package without a trailer is said", a_package_without_a_trailer_is_said},
        {"what stands outside of a package is a fault", what_stands_outside_of_a_package_is_a_fault},
        {"a broken head or trailer still bounds its package", a_broken_head_or_trailer_still_bounds_its_package},
        {"whatever a file has it is read to its end", whatever_a_file_has_it_is_read_to_its_end},
        {"a file that is not there is an error", a_file_that_is_not_there_is_an_error},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"gdv", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned int failures;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    begin();
    CU_initialize_registry();
    CU_register_suites(suites);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    end();
    apr_pool_destroy(pool);
    apr_terminate();
    return failures > 0;
}
