/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules for what people type, and what they are made of: UTF-8, controls, dates.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_rules.h"

#include <apr_strings.h>
#include <stdlib.h>

#define TODAY "2026-03-01"

#define IBAN_COUNTRY "Das Land am Anfang der IBAN ist nicht bekannt. Eine deutsche IBAN beginnt mit DE."
#define IBAN_CHARACTERS "Eine IBAN hat nur Buchstaben und Ziffern."
#define IBAN_LENGTH "Die IBAN ist für ihr Land zu kurz oder zu lang. Eine deutsche IBAN hat 22 Stellen."
#define IBAN_GERMAN "Eine deutsche IBAN hat nach DE nur Ziffern."
#define IBAN_CHECK_DIGITS "Die Prüfziffer der IBAN stimmt nicht. Bitte prüfen Sie auf Tippfehler."
#define BIC_FORM "Ein BIC hat 8 oder 11 Buchstaben und Ziffern."
#define BIC_COUNTRY "Das Land im BIC, das fünfte und sechste Zeichen, ist nicht bekannt."
#define MAIL_FORM "Bitte geben Sie eine vollständige E-Mail-Adresse ein, zum Beispiel name@beispiel.de."
#define MAIL_LENGTH "Diese E-Mail-Adresse ist zu lang."
#define PHONE_CHARACTERS "Eine Telefonnummer hat nur Ziffern, Leerzeichen und ( ) / - . sowie ein + am Anfang."
#define PHONE_DIGITS "Eine Telefonnummer hat 5 bis 15 Ziffern."
#define BIRTH_FUTURE "Das Geburtsdatum liegt in der Zukunft."
#define BIRTH_AGE "Das Geburtsdatum liegt mehr als 130 Jahre zurück. Bitte prüfen Sie das Jahr."
#define PAST_FUTURE "Das Datum liegt in der Zukunft."

/* --- how the tests say it --- */

static void takes(const smv_rule_t *rule, const char *typed, const char *kept)
{
    char *text = apr_pstrdup(unit_pool, typed);
    const char *message = rule->check(text, TODAY);

    if (message || strcmp(text, kept) != 0) {
        fprintf(stderr, "%s \"%s\": \"%s\", %s\n", rule->format, typed, text, message ? message : "taken");
    }
    CU_ASSERT_PTR_NULL(message);
    CU_ASSERT_STRING_EQUAL(text, kept);
}

static void takes_as_it_is(const smv_rule_t *rule, const char *typed)
{
    takes(rule, typed, typed);
}

static void refuses(const smv_rule_t *rule, const char *typed, const char *expected)
{
    char *text = apr_pstrdup(unit_pool, typed);
    const char *message = rule->check(text, TODAY);

    if (!message || strcmp(message, expected) != 0) {
        fprintf(stderr, "%s \"%s\": %s\n", rule->format, typed, message ? message : "taken");
    }
    CU_ASSERT_STRING_EQUAL(message ? message : "taken", expected);
    CU_ASSERT(strlen(text) <= strlen(typed));
}

static const char *repeat(const char *text, int times)
{
    const char *all = "";

    while (times-- > 0) {
        all = apr_pstrcat(unit_pool, all, text, NULL);
    }
    return all;
}

/* --- bank accounts --- */

static void an_iban_of_each_country(void)
{
    static const char *const registry[] = {"AD1200012030200359100100",
                                           "AE070331234567890123456",
                                           "AL47212110090000000235698741",
                                           "AT611904300234573201",
                                           "AZ21NABZ00000000137010001944",
                                           "BA391290079401028494",
                                           "BE68539007547034",
                                           "BG80BNBG96611020345678",
                                           "BH67BMAG00001299123456",
                                           "BI4210000100010000332045181",
                                           "BR1800360305000010009795493C1",
                                           "BY13NBRB3600900000002Z00AB00",
                                           "CH9300762011623852957",
                                           "CR05015202001026284066",
                                           "CY17002001280000001200527600",
                                           "CZ6508000000192000145399",
                                           "DE89370400440532013000",
                                           "DJ2100010000000154000100186",
                                           "DK5000400440116243",
                                           "DO28BAGR00000001212453611324",
                                           "EE382200221020145685",
                                           "EG380019000500000000263180002",
                                           "ES9121000418450200051332",
                                           "FI2112345600000785",
                                           "FK88SC123456789012",
                                           "FO6264600001631634",
                                           "FR1420041010050500013M02606",
                                           "GB29NWBK60161331926819",
                                           "GE29NB0000000101904917",
                                           "GI75NWBK000000007099453",
                                           "GL8964710001000206",
                                           "GR1601101250000000012300695",
                                           "GT82TRAJ01020000001210029690",
                                           "HN88CABF00000000000250005469",
                                           "HR1210010051863000160",
                                           "HU42117730161111101800000000",
                                           "IE29AIBK93115212345678",
                                           "IL620108000000099999999",
                                           "IQ98NBIQ850123456789012",
                                           "IS140159260076545510730339",
                                           "IT60X0542811101000000123456",
                                           "JO94CBJO0010000000000131000302",
                                           "KW81CBKU0000000000001234560101",
                                           "KZ86125KZT5004100100",
                                           "LB62099900000001001901229114",
                                           "LC55HEMM000100010012001200023015",
                                           "LI21088100002324013AA",
                                           "LT121000011101001000",
                                           "LU280019400644750000",
                                           "LV80BANK0000435195001",
                                           "LY83002048000020100120361",
                                           "MC5811222000010123456789030",
                                           "MD24AG000225100013104168",
                                           "ME25505000012345678951",
                                           "MK07250120000058984",
                                           "MN121234123456789123",
                                           "MR1300020001010000123456753",
                                           "MT84MALT011000012345MTLCAST001S",
                                           "MU17BOMM0101101030300200000MUR",
                                           "NI45BAPR00000013000003558124",
                                           "NL91ABNA0417164300",
                                           "NO9386011117947",
                                           "OM810180000001299123456",
                                           "PK36SCBL0000001123456702",
                                           "PL61109010140000071219812874",
                                           "PS92PALS000000000400123456702",
                                           "PT50000201231234567890154",
                                           "QA58DOHB00001234567890ABCDEFG",
                                           "RO49AAAA1B31007593840000",
                                           "RS35260005601001611379",
                                           "RU0304452522540817810538091310419",
                                           "SA0380000000608010167519",
                                           "SC18SSCB11010000000000001497USD",
                                           "SD2129010501234001",
                                           "SE4550000000058398257466",
                                           "SI56263300012039086",
                                           "SK3112000000198742637541",
                                           "SM86U0322509800000000270100",
                                           "SO211000001001000100141",
                                           "ST23000100010051845310146",
                                           "SV62CENR00000000000000700025",
                                           "TL380080012345678910157",
                                           "TN5910006035183598478831",
                                           "TR330006100519786457841326",
                                           "UA213223130000026007233566001",
                                           "VA59001123000012345678",
                                           "VG96VPVG0000012345678901",
                                           "XK051212012345678906",
                                           "YE15CBYE0001018861234567891234"};

    for (size_t i = 0; i < sizeof registry / sizeof *registry; i++) {
        takes_as_it_is(&smv_rule_iban, registry[i]);
        refuses(&smv_rule_iban, apr_pstrcat(unit_pool, registry[i], "0", NULL), IBAN_LENGTH);
        refuses(&smv_rule_iban, apr_pstrmemdup(unit_pool, registry[i], strlen(registry[i]) - 1), IBAN_LENGTH);
    }
}

static void an_iban_as_people_type_it(void)
{
    takes(&smv_rule_iban, "de89 3704 0044 0532 0130 00", "DE89370400440532013000");
    takes(&smv_rule_iban, "kz86 125k zt50 0410 0100", "KZ86125KZT5004100100");
    takes(&smv_rule_iban, "gb29 nwbk 6016 1331 9268 19", "GB29NWBK60161331926819");
    takes(&smv_rule_iban, "DE89\u00a03704\u202f0044\t0532  0130 00", "DE89370400440532013000");
}

static void a_typing_error_in_an_iban(void)
{
    refuses(&smv_rule_iban, "DE89370400440532013001", IBAN_CHECK_DIGITS);
    refuses(&smv_rule_iban, "DE88370400440532013000", IBAN_CHECK_DIGITS);
    refuses(&smv_rule_iban, "DE89370400440532010300", IBAN_CHECK_DIGITS); /* 3 and 0 have changed places */
    refuses(&smv_rule_iban, "DE98370400440532013000", IBAN_CHECK_DIGITS);
    refuses(&smv_rule_iban, "GB29NWBK60161331926891", IBAN_CHECK_DIGITS);
    refuses(&smv_rule_iban, "GB29NWKB60161331926819", IBAN_CHECK_DIGITS);
    refuses(&smv_rule_iban, "GB0QNWBK60161331920003", IBAN_CHECK_DIGITS); /* no digits, though the remainder is 1 */
    refuses(&smv_rule_iban, "DE8937O400440532013000", IBAN_GERMAN);
    refuses(&smv_rule_iban, "DE89-3704-0044-0532-0130-00", IBAN_CHARACTERS);
    refuses(&smv_rule_iban, "DE8937040044053201300ä", IBAN_CHARACTERS);
    refuses(&smv_rule_iban, "DE", IBAN_LENGTH);
}

/* Each of these leaves the remainder 1, as 98, 97 and 02 would in its place. */
static void check_digits_that_are_never_given(void)
{
    takes_as_it_is(&smv_rule_iban, "DE97370400440000000060");
    refuses(&smv_rule_iban, "DE00370400440000000060", IBAN_CHECK_DIGITS);
    takes_as_it_is(&smv_rule_iban, "DE98370400440000000042");
    refuses(&smv_rule_iban, "DE01370400440000000042", IBAN_CHECK_DIGITS);
    takes_as_it_is(&smv_rule_iban, "DE02370400440000000024");
    refuses(&smv_rule_iban, "DE99370400440000000024", IBAN_CHECK_DIGITS);
}

static void an_iban_of_no_country(void)
{
    refuses(&smv_rule_iban, "ZZ89370400440532013000", IBAN_COUNTRY);
    refuses(&smv_rule_iban, "US89370400440532013000", IBAN_COUNTRY);
    refuses(&smv_rule_iban, "89370400440532013000", IBAN_COUNTRY);
    refuses(&smv_rule_iban, "ÄE89370400440532013000", IBAN_COUNTRY);
    refuses(&smv_rule_iban, "D", IBAN_COUNTRY);
    refuses(&smv_rule_iban, "\u00a0", IBAN_COUNTRY);
}

static void an_iban_as_people_read_it(void)
{
    CU_ASSERT_STRING_EQUAL(smv_iban_masked("DE89370400440532013000", unit_pool), "DE89 •••• 3000");
    CU_ASSERT_STRING_EQUAL(smv_iban_masked("NO9386011117947", unit_pool), "NO93 •••• 7947");
    CU_ASSERT_STRING_EQUAL(smv_iban_masked("123456789", unit_pool), "1234 •••• 6789");
    CU_ASSERT_STRING_EQUAL(smv_iban_masked("12345678", unit_pool), "••••");
    CU_ASSERT_STRING_EQUAL(smv_iban_masked("", unit_pool), "••••");
    CU_ASSERT_STRING_EQUAL(smv_iban_grouped("DE89370400440532013000", unit_pool), "DE89 3704 0044 0532 0130 00");
    CU_ASSERT_STRING_EQUAL(smv_iban_grouped("BE68539007547034", unit_pool), "BE68 5390 0754 7034");
    CU_ASSERT_STRING_EQUAL(smv_iban_grouped("DE8", unit_pool), "DE8");
    CU_ASSERT_STRING_EQUAL(smv_iban_grouped("", unit_pool), "");
}

static void a_bic(void)
{
    takes_as_it_is(&smv_rule_bic, "COBADEFF");
    takes_as_it_is(&smv_rule_bic, "COBADEFFXXX");
    takes_as_it_is(&smv_rule_bic, "CHASUS33");
    takes_as_it_is(&smv_rule_bic, "NCBVXKPR");
    takes_as_it_is(&smv_rule_bic, "A1B2DE3C4D5");
    takes(&smv_rule_bic, "coba de ff 371", "COBADEFF371");
    refuses(&smv_rule_bic, "COBADEF", BIC_FORM);
    refuses(&smv_rule_bic, "COBADEFFX", BIC_FORM);
    refuses(&smv_rule_bic, "COBADEFFXX", BIC_FORM);
    refuses(&smv_rule_bic, "COBADEFFXXXX", BIC_FORM);
    refuses(&smv_rule_bic, "COBADEF-", BIC_FORM);
    refuses(&smv_rule_bic, "COBADEÄ", BIC_FORM);
    refuses(&smv_rule_bic, "COBAD3FF", BIC_COUNTRY);
    refuses(&smv_rule_bic, "COBAQQFF", BIC_COUNTRY);
}

/* --- mail and phone --- */

static void a_mail_address(void)
{
    takes_as_it_is(&smv_rule_mail, "anna.huber@example.de");
    takes_as_it_is(&smv_rule_mail, "a@b.de");
    takes_as_it_is(&smv_rule_mail, "Anna+Portal@mail.example.co.uk");
    takes_as_it_is(&smv_rule_mail, "o'neill_1@3m.com");
    takes_as_it_is(&smv_rule_mail, "jörg@müller-söhne.de");
    takes_as_it_is(&smv_rule_mail, "info@xn--mller-kva.de");
    takes_as_it_is(&smv_rule_mail, "иван@пример.рф");
    takes_as_it_is(&smv_rule_mail, "用户@例子.公司");
}

static void what_is_no_mail_address(void)
{
    static const char *const texts[] = {"anna",
                                        "anna@",
                                        "@example.de",
                                        "anna@example",
                                        "anna@@example.de",
                                        "a@b@example.de",
                                        "anna@example.",
                                        "anna@.de",
                                        "anna@example..de",
                                        "anna.@example.de",
                                        ".anna@b.de",
                                        "an..na@b.de",
                                        "an na@b.de",
                                        "anna@ex ample.de",
                                        "anna@-b.de",
                                        "anna@b-.de",
                                        "anna@b.d",
                                        "anna@192.168.1.1",
                                        "anna@192.168.1.10",
                                        "anna@[192.168.1.1]",
                                        "anna@b_c.de",
                                        "\"a b\"@b.de",
                                        "anna@b.de,c@d.de",
                                        "<anna@b.de>",
                                        "anna@b.de\nBcc: c@d.de",
                                        "mailto:anna@b.de",
                                        "anna\u00a0h@b.de",
                                        "anna@b\u2024de",
                                        "anna@b\u200b.de",
                                        "anna\u3000h@b.de",
                                        "an×na@b.de",
                                        "anna@b÷c.de",
                                        "anna@b\u3002de",
                                        "\u202eanna@b.de"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        refuses(&smv_rule_mail, texts[i], MAIL_FORM);
    }
}

static void a_mail_address_has_limits(void)
{
    const char *label = repeat("a", 63), *local = repeat("a", 64);
    const char *three = apr_pstrcat(unit_pool, label, ".", label, ".", label, NULL); /* 191 */

    takes_as_it_is(&smv_rule_mail, apr_pstrcat(unit_pool, local, "@b.de", NULL));
    refuses(&smv_rule_mail, apr_pstrcat(unit_pool, local, "a@b.de", NULL), MAIL_LENGTH);
    refuses(&smv_rule_mail, apr_pstrcat(unit_pool, repeat("ä", 33), "@b.de", NULL), MAIL_LENGTH);
    takes_as_it_is(&smv_rule_mail, apr_pstrcat(unit_pool, "a@", label, ".de", NULL));
    refuses(&smv_rule_mail, apr_pstrcat(unit_pool, "a@a", label, ".de", NULL), MAIL_FORM);
    takes_as_it_is(&smv_rule_mail, apr_pstrcat(unit_pool, repeat("a", 59), "@", three, ".de", NULL)); /* 254 */
    refuses(&smv_rule_mail, apr_pstrcat(unit_pool, repeat("a", 60), "@", three, ".de", NULL), MAIL_LENGTH);
}

static void a_phone_number(void)
{
    takes_as_it_is(&smv_rule_phone, "+49 30 1234567");
    takes_as_it_is(&smv_rule_phone, "(030) 1234-567");
    takes_as_it_is(&smv_rule_phone, "0171/123.45.67");
    takes_as_it_is(&smv_rule_phone, "12345");
    takes_as_it_is(&smv_rule_phone, "+123456789012345");
    takes(&smv_rule_phone, "+49  30 \t 1234567", "+49 30 1234567");
    takes(&smv_rule_phone, "\u00a0030\u00a0\u202f1234567\u00a0", "030 1234567");
    refuses(&smv_rule_phone, "1234", PHONE_DIGITS);
    refuses(&smv_rule_phone, "+1234567890123456", PHONE_DIGITS);
    refuses(&smv_rule_phone, "()/-.", PHONE_DIGITS);
    refuses(&smv_rule_phone, "\u00a0", PHONE_DIGITS);
    refuses(&smv_rule_phone, "0049+301234567", PHONE_CHARACTERS);
    refuses(&smv_rule_phone, "++49301234567", PHONE_CHARACTERS);
    refuses(&smv_rule_phone, "(+49) 30 1234567", PHONE_CHARACTERS);
    refuses(&smv_rule_phone, "030 1234567 App. 12", PHONE_CHARACTERS);
    refuses(&smv_rule_phone, "030 1234567\n", PHONE_CHARACTERS);
    refuses(&smv_rule_phone, "030 123456７", PHONE_CHARACTERS);
}

/* --- dates --- */

static void dates_of_the_calendar(void)
{
    static const char *const there[] = {"2020-03-01", "2024-02-29", "2000-02-29", "1600-02-29", "2023-02-28",
                                        "2026-01-31", "2026-04-30", "2026-12-31", "1000-01-01", "9999-12-31"};
    static const char *const not_there[] = {
        "1900-02-29", "2023-02-29", "2100-02-29",  "2024-02-30", "2026-04-31",  "2026-06-31",
        "2026-09-31", "2026-11-31", "2026-01-32",  "2026-01-00", "2026-00-01",  "2026-13-01",
        "0999-12-31", "0000-01-01", "2026-1-01",   "2026-01-1",  "26-01-01",    "2026/01/01",
        "2026/01-01", "2026-01/01", "2026-01-0x",  "2026-01- 1", "2026-01-011", "12026-01-01",
        "2026-+1-01", "-026-01-01", "2026-01-01 ", "",           "2026",        "20260101"};

    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        CU_ASSERT_TRUE(smv_is_date(there[i]));
    }
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++) {
        if (smv_is_date(not_there[i])) {
            fprintf(stderr, "\"%s\" is a date\n", not_there[i]);
        }
        CU_ASSERT_FALSE(smv_is_date(not_there[i]));
    }
}

static void reads_as(const char *text, const char *expected)
{
    char iso[11] = "untouched";
    int is_read = smv_read_date(iso, text);

    CU_ASSERT_EQUAL(is_read, strcmp(expected, "untouched") != 0);
    if (strcmp(iso, expected) != 0) {
        fprintf(stderr, "\"%s\" is read as %s\n", text, iso);
    }
    CU_ASSERT_STRING_EQUAL(iso, expected);
}

static void dates_as_people_type_them(void)
{
    static const char *const refused[] = {"31.04.2020", "29.02.1900", "29.02.2023",
                                          "0.1.2020",   "1.0.2020",   "1.13.2020",
                                          "32.1.2020",  "001.3.2020", "00000000000000000000000000000001.3.2020",
                                          "1.003.2020", "1.3.20",     "1.3.02020",
                                          "1.3.",       "1.3",        "1",
                                          "",           ".3.2020",    "1..2020",
                                          "1.3.2020.",  "1. 3.2020",  "1/3/2020",
                                          "1.3-2020",   "01-03-2020", "1.3.0999",
                                          "1.3.2O20",   "2020-02-30", "2020.03.01",
                                          "2020-3-1",   "morgen",     "1.März 2020"};

    reads_as("1.3.2020", "2020-03-01");
    reads_as("01.03.2020", "2020-03-01");
    reads_as("1.03.2020", "2020-03-01");
    reads_as("01.3.2020", "2020-03-01");
    reads_as("31.12.1999", "1999-12-31");
    reads_as("29.2.2000", "2000-02-29");
    reads_as("29.02.2024", "2024-02-29");
    reads_as("2020-03-01", "2020-03-01");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        reads_as(refused[i], "untouched");
    }
}

static void a_birth_date(void)
{
    takes_as_it_is(&smv_rule_birth_date, "2026-03-01");
    refuses(&smv_rule_birth_date, "2026-03-02", BIRTH_FUTURE);
    refuses(&smv_rule_birth_date, "2027-01-01", BIRTH_FUTURE);
    takes_as_it_is(&smv_rule_birth_date, "1896-03-01");
    refuses(&smv_rule_birth_date, "1896-02-29", BIRTH_AGE);
    refuses(&smv_rule_birth_date, "1895-12-31", BIRTH_AGE);
    refuses(&smv_rule_birth_date, "1000-01-01", BIRTH_AGE);
}

static void a_past_date(void)
{
    takes_as_it_is(&smv_rule_past_date, "2026-03-01");
    takes_as_it_is(&smv_rule_past_date, "1000-01-01");
    refuses(&smv_rule_past_date, "2026-03-02", PAST_FUTURE);
    refuses(&smv_rule_past_date, "9999-12-31", PAST_FUTURE);
}

/* --- UTF-8 --- */

static void is_text(const char *text, apr_size_t size, int expected)
{
    if (smv_is_utf8(text, size) != expected) {
        fprintf(stderr, "%.*s is expected to be %s\n", (int)size, text, expected ? "UTF-8" : "none");
    }
    CU_ASSERT_EQUAL(smv_is_utf8(text, size), expected);
}

/* The first and last of each length, and both neighbours of what is left out. */
static void well_formed_utf8(void)
{
    static const char *const texts[] = {"",
                                        "\x01",
                                        "\x7f",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xef\xbf\xbf",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf",
                                        "Größe 3 € \U0001f600"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        is_text(texts[i], strlen(texts[i]), 1);
    }
    is_text("a\0ä", 4, 1);
}

static void malformed_utf8(void)
{
    static const char *const texts[] = {"\x80",
                                        "\xbf",
                                        "\x9f\xbf",
                                        "\xf8\x90\x80\x80",
                                        "a\x80",
                                        "\xc3",
                                        "\xc3(",
                                        "\xe2\x82",
                                        "\xe2(\xa1",
                                        "\xe2\x82(",
                                        "\xf0\x9f\x98",
                                        "\xf0(\x8c\xbc",
                                        "\xf0\x90(\xbc",
                                        "\xf0\x90\x8c(",
                                        "\xc0\x80",
                                        "\xc0\xaf",
                                        "\xc1\xbf",
                                        "\xe0\x80\xaf",
                                        "\xe0\x9f\xbf",
                                        "\xf0\x80\x80\xaf",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xfc\x84\x80\x80\x80\x80",
                                        "\xfe",
                                        "\xff",
                                        "Gr\xf6\xdf"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        is_text(texts[i], strlen(texts[i]), 0);
        is_text(apr_pstrcat(unit_pool, "ä", texts[i], "ä", NULL), strlen(texts[i]) + 4, 0);
    }
    is_text("\xc3\xa4", 1, 0); /* size ends within the letter */
    is_text("\0\x80", 2, 0);
}

static void the_length_in_code_points(void)
{
    CU_ASSERT_EQUAL(smv_utf8_length("", 0), 0);
    CU_ASSERT_EQUAL(smv_utf8_length("abc", 3), 3);
    CU_ASSERT_EQUAL(smv_utf8_length("äöü", 6), 3);
    CU_ASSERT_EQUAL(smv_utf8_length("a€\U0001f600", 8), 3);
    CU_ASSERT_EQUAL(smv_utf8_length("a\0b", 3), 3);
    CU_ASSERT_EQUAL(smv_utf8_length("a\u0308", 3), 2);
}

static void controls(void)
{
    static const char *const found[] = {"\x01",     "\x08",   "\x0b",       "\x0c",     "\x0e",
                                        "\x1f",     "\x7f",   "\xc2\x80",   "\xc2\x85", "\xc2\x9f",
                                        "\u202a",   "\u202e", "\u2066",     "\u2069",   "Police\u202egnp.exe",
                                        "a\nb\x1b", "\x80",   "Gr\xf6\xdf", "\xe2\x80"};
    static const char *const clean[] = {"",       "\t\r\n", " ~",     "\u00a0", "Größe 3 €\r\n\U0001f600",
                                        "\u2029", "\u202f", "\u2065", "\u206a"};

    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        CU_ASSERT_TRUE(smv_has_control(found[i], strlen(found[i])));
    }
    for (size_t i = 0; i < sizeof clean / sizeof *clean; i++) {
        CU_ASSERT_FALSE(smv_has_control(clean[i], strlen(clean[i])));
    }
    CU_ASSERT_TRUE(smv_has_control("a\0b", 3));
    CU_ASSERT_FALSE(smv_has_control("ab\x01", 2));
}

/* --- what the rules tell others --- */

static void how_a_form_shows_them(void)
{
    CU_ASSERT_STRING_EQUAL(smv_rule_mail.input_type, "email");
    CU_ASSERT_STRING_EQUAL(smv_rule_mail.autocomplete, "email");
    CU_ASSERT_STRING_EQUAL(smv_rule_phone.input_type, "tel");
    CU_ASSERT_STRING_EQUAL(smv_rule_phone.autocomplete, "tel");
    CU_ASSERT_STRING_EQUAL(smv_rule_birth_date.autocomplete, "bday");
    CU_ASSERT_STRING_EQUAL(smv_rule_iban.input_type, "text");
    CU_ASSERT_PTR_NULL(smv_rule_iban.autocomplete);
}

static void the_messages_are_there_in_english(void)
{
    static const char *const messages[] = {IBAN_COUNTRY, IBAN_CHARACTERS, IBAN_LENGTH, IBAN_GERMAN, IBAN_CHECK_DIGITS,
                                           BIC_FORM,     BIC_COUNTRY,     MAIL_FORM,   MAIL_LENGTH, PHONE_CHARACTERS,
                                           PHONE_DIGITS, BIRTH_FUTURE,    BIRTH_AGE,   PAST_FUTURE};
    static char catalogue[1 << 18];
    const char *source = getenv("SMV_SOURCE") ? getenv("SMV_SOURCE") : ".";
    FILE *file = fopen(apr_pstrcat(unit_pool, source, "/htdocs/locale/en.po", NULL), "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fread(catalogue, 1, sizeof catalogue - 1, file) > 0);
    fclose(file);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(catalogue, apr_psprintf(unit_pool, "msgid \"%s\"\n", messages[i])));
    }
}

int suite_rules(void)
{
    static CU_TestInfo tests[] = {
        {"an IBAN of each country", an_iban_of_each_country},
        {"an IBAN as people type it", an_iban_as_people_type_it},
        {"a typing error in an IBAN", a_typing_error_in_an_iban},
        {"check digits that are never given", check_digits_that_are_never_given},
        {"an IBAN of no country", an_iban_of_no_country},
        {"an IBAN as people read it", an_iban_as_people_read_it},
        {"a BIC", a_bic},
        {"a mail address", a_mail_address},
        {"what is no mail address", what_is_no_mail_address},
        {"a mail address has limits", a_mail_address_has_limits},
        {"a phone number", a_phone_number},
        {"dates of the calendar", dates_of_the_calendar},
        {"dates as people type them", dates_as_people_type_them},
        {"a birth date", a_birth_date},
        {"a past date", a_past_date},
        {"well-formed UTF-8", well_formed_utf8},
        {"malformed UTF-8", malformed_utf8},
        {"the length in code points", the_length_in_code_points},
        {"controls", controls},
        {"how a form shows them", how_a_form_shows_them},
        {"the messages are there in English", the_messages_are_there_in_english},
        CU_TEST_INFO_NULL,
    };

    return unit_register("rules", tests);
}
