/* SPDX-License-Identifier: Apache-2.0
 *
 * Customer access: codes and their pictures, mails, logins, and who may give which role.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_access.h"
#include "fake_store.h"

#define BIT SMV_RIGHT_BIT

/* --- codes --- */

static unsigned char next_byte;

static apr_status_t count_up(void *bytes, apr_size_t size)
{
    for (apr_size_t i = 0; i < size; i++) {
        ((unsigned char *)bytes)[i] = next_byte++;
    }
    return APR_SUCCESS;
}

static apr_status_t fail(void *bytes, apr_size_t size)
{
    (void)bytes, (void)size;
    return APR_EGENERAL;
}

static void a_code_has_five_groups_of_what_nobody_mistakes(void)
{
    static const smv_crypto_t crypto = {.random = count_up}, broken = {.random = fail};
    int seen[256] = {0}, different = 0;
    char code[SMV_CODE_SIZE];

    for (int i = 0; i < 64; i++) {
        CU_ASSERT_PTR_NULL(smv_code_make(code, &crypto, unit_pool));
        CU_ASSERT_EQUAL(strlen(code), SMV_CODE_SIZE - 1);
        for (int at = 0; code[at]; at++) {
            CU_ASSERT_EQUAL(code[at] == '-', at % 5 == 4);
            seen[(unsigned char)code[at]]++;
        }
    }
    for (const char *c = "01IO"; *c; c++) {
        CU_ASSERT_EQUAL(seen[(unsigned char)*c], 0);
    }
    for (int c = 0; c < 256; c++) {
        different += c != '-' && seen[c] > 0;
        CU_ASSERT(c == '-' || seen[c] == 0 || seen[c] == 64 * 20 / 32); /* each as often as the others */
    }
    CU_ASSERT_EQUAL(different, 32);
    CU_ASSERT_PTR_NOT_NULL(smv_code_make(code, &broken, unit_pool));
}

static void a_code_is_read_as_people_type_it(void)
{
    const char *code = "K7QF-2MZP-ABCD-EFGH-JKLM";

    CU_ASSERT_STRING_EQUAL(smv_code_read("k7qf 2mzp abcd efgh jklm", unit_pool), code);
    CU_ASSERT_STRING_EQUAL(smv_code_read("K7QF2MZPABCDEFGHJKLM", unit_pool), code);
    CU_ASSERT_STRING_EQUAL(smv_code_read(code, unit_pool), code);
    CU_ASSERT_STRING_EQUAL(smv_code_read("K7QF2MZPABCDEFGHJKL0", unit_pool), "K7QF2MZPABCDEFGHJKL0");
    CU_ASSERT_STRING_EQUAL(smv_code_read("K7QF2MZPABCDEFGHJKLMM", unit_pool), "K7QF2MZPABCDEFGHJKLMM");
    CU_ASSERT_STRING_EQUAL(smv_code_read("", unit_pool), "");
}

static void a_picture_is_a_path_of_runs_within_a_quiet_zone(void)
{
    static const unsigned char modules[] = {1, 1, 0, 0, 0, 0, 1, 0, 1};
    const smv_qr_code_t code = {3, modules};

    CU_ASSERT_STRING_EQUAL(smv_qr_path(&code, unit_pool), "M4 4h2v1h-2zM4 6h1v1h-1zM6 6h1v1h-1z");
}

/* --- mail --- */

static const char *write_mail(const smv_mail_t *mail)
{
    smv_buffer_t out;

    smv_buffer_init(&out, 64, 1 << 16, unit_pool);
    return smv_mail_write(&out, mail, unit_pool) ? NULL : unit_text(&out);
}

static smv_mail_t plain_mail(void)
{
    return (smv_mail_t){.from = "portal@firma.example",
                        .to = "erika@beispiel.example",
                        .subject = "Zugang",
                        .text = "Guten Tag",
                        .id = "0a1b",
                        .now = apr_time_from_sec(784887151)};
}

static void a_mail_is_as_the_standards_say(void)
{
    smv_mail_t mail = plain_mail();

    CU_ASSERT_STRING_EQUAL(write_mail(&mail), "From: <portal@firma.example>\n"
                                              "To: <erika@beispiel.example>\n"
                                              "Subject: Zugang\n"
                                              "Date: Tue, 15 Nov 1994 08:12:31 +0000\n"
                                              "Message-ID: <0a1b@firma.example>\n"
                                              "MIME-Version: 1.0\n"
                                              "Content-Type: text/plain; charset=utf-8\n"
                                              "Content-Transfer-Encoding: base64\n"
                                              "Auto-Submitted: auto-generated\n\n"
                                              "R3V0ZW4gVGFn\n");
    mail.subject = "für Änne";
    CU_ASSERT_PTR_NOT_NULL(strstr(write_mail(&mail), "Subject: =?utf-8?B?ZsO8ciDDhG5uZQ==?=\n"));
    mail.to_name = "Änne, \"x\" <y@z>";
    CU_ASSERT_PTR_NOT_NULL(
        strstr(write_mail(&mail), "To: =?utf-8?B?w4RubmUsICJ4IiA8eUB6Pg==?=\n <erika@beispiel.example>\n"));
}

static void long_words_are_folded_between_characters(void)
{
    smv_mail_t mail = plain_mail();
    const char *text;

    mail.subject = "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ";
    text = write_mail(&mail);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "?=\n =?utf-8?B?w4TDhMOE"));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        CU_ASSERT(strcspn(line, "\n") <= 76); /* RFC 2047, 2 */
    }
}

static void nothing_adds_a_header(void)
{
    static const char *const bad[] = {"a@b.example\nBcc: x@y.example",
                                      "a@b.example, x@y.example",
                                      "<a@b.example>",
                                      "a b@c.example",
                                      "ä@b.example",
                                      "a@bär.example",
                                      "",
                                      "@b.example"};
    smv_mail_t mail = plain_mail();

    mail.subject = mail.to_name = "x\nBcc: y@z.example\n\nbody";
    CU_ASSERT_PTR_NULL(strstr(write_mail(&mail), "Bcc"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mail.to = bad[i];
        CU_ASSERT_PTR_NULL(write_mail(&mail));
    }
}

/* --- logins and numbers --- */

static void a_login_is_made_from_a_name(void)
{
    CU_ASSERT_STRING_EQUAL(smv_login_of("Jörg Groß", unit_pool), "joerg.gross");
    CU_ASSERT_STRING_EQUAL(smv_login_of("  Anna-Lena  Öztürk ", unit_pool), "anna.lena.oeztuerk");
    CU_ASSERT_PTR_NULL(smv_login_of("李", unit_pool));
    CU_ASSERT_PTR_NULL(smv_login_of("New", unit_pool));
}

static void numbers_are_read_from_a_list(void)
{
    smv_numbers_t numbers;

    CU_ASSERT_TRUE(smv_read_numbers(&numbers, " 1, 22;333 4 ", unit_pool));
    CU_ASSERT_EQUAL(numbers.count, 4);
    CU_ASSERT_EQUAL(numbers.at[2], 333);
    CU_ASSERT_FALSE(smv_read_numbers(&numbers, "1,x", unit_pool));
    CU_ASSERT_FALSE(smv_read_numbers(&numbers, "01", unit_pool));
    CU_ASSERT_FALSE(smv_read_numbers(&numbers, "1234567890123456789", unit_pool));
}

/* --- who may give what --- */

static int may_give(const fake_person_t *giver, apr_int64_t customer, smv_scope_e scope, smv_rightset_t rights)
{
    const smv_role_t role = {.name = "Rolle", .scope = scope, .rights = rights};
    const smv_subject_t subject = {customer, 501};

    return smv_policy_may_give(&giver->principal, &subject, &role, 1);
}

static void staff_give_every_role_of_customers_but_no_attribute_that_they_lack(void)
{
    fake_person_t staff;

    fake_person_init(&staff);
    fake_person_add_role(&staff, SMV_SCOPE_ALL, BIT(SMV_RIGHT_ACCESS_MANAGE));
    CU_ASSERT_TRUE(may_give(&staff, 10001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_BANK_ACCOUNT_EDIT)));
    CU_ASSERT_TRUE(may_give(&staff, 10001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_ACCESS_MANAGE)));
    CU_ASSERT_FALSE(may_give(&staff, 10001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_ROLE_MANAGE)));
    CU_ASSERT_FALSE(may_give(&staff, 10001, SMV_SCOPE_PORTFOLIO, 0));
    CU_ASSERT_FALSE(may_give(&staff, 10001, SMV_SCOPE_ALL, 0));
}

static void a_firms_administrator_gives_what_they_have(void)
{
    fake_person_t chief;

    fake_person_init(&chief);
    fake_person_add_customer(&chief, 20001);
    fake_person_add_role(&chief, SMV_SCOPE_OWN,
                         BIT(SMV_RIGHT_ACCESS_MANAGE) | BIT(SMV_RIGHT_CONTRACT_VIEW) | BIT(SMV_RIGHT_EXPIRY_DATE_HIDE));
    CU_ASSERT_TRUE(
        may_give(&chief, 20001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_CONTRACT_VIEW) | BIT(SMV_RIGHT_EXPIRY_DATE_HIDE)));
    CU_ASSERT_FALSE(may_give(&chief, 20001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_CONTRACT_VIEW)));
    CU_ASSERT_FALSE(
        may_give(&chief, 20001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_DOCUMENT_VIEW) | BIT(SMV_RIGHT_EXPIRY_DATE_HIDE)));
    CU_ASSERT_FALSE(may_give(&chief, 10001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_EXPIRY_DATE_HIDE)));
    CU_ASSERT_FALSE(may_give(&chief, 20001, SMV_SCOPE_ALL, BIT(SMV_RIGHT_EXPIRY_DATE_HIDE)));
}

/* To view everything as staff, and manage one's own firm, do not become managing with the rights of staff. */
static void a_role_without_the_attribute_makes_nobody_staff(void)
{
    fake_person_t both;

    fake_person_init(&both);
    fake_person_add_customer(&both, 20001);
    fake_person_add_role(&both, SMV_SCOPE_OWN, BIT(SMV_RIGHT_ACCESS_MANAGE));
    fake_person_add_role(&both, SMV_SCOPE_ALL, BIT(SMV_RIGHT_CONTRACT_VIEW));
    CU_ASSERT_TRUE(may_give(&both, 20001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_CONTRACT_VIEW)));
    CU_ASSERT_FALSE(may_give(&both, 20001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_BANK_ACCOUNT_EDIT)));
    CU_ASSERT_FALSE(may_give(&both, 10001, SMV_SCOPE_OWN, BIT(SMV_RIGHT_CONTRACT_VIEW)));
}

int suite_access(void)
{
    static CU_TestInfo tests[] = {
        {"a code has five groups of what nobody mistakes", a_code_has_five_groups_of_what_nobody_mistakes},
        {"a code is read as people type it", a_code_is_read_as_people_type_it},
        {"a picture is a path of runs within a quiet zone", a_picture_is_a_path_of_runs_within_a_quiet_zone},
        {"a mail is as the standards say", a_mail_is_as_the_standards_say},
        {"long words are folded between characters", long_words_are_folded_between_characters},
        {"nothing adds a header", nothing_adds_a_header},
        {"a login is made from a name", a_login_is_made_from_a_name},
        {"numbers are read from a list", numbers_are_read_from_a_list},
        {"staff give every role of customers but no attribute that they lack",
         staff_give_every_role_of_customers_but_no_attribute_that_they_lack},
        {"a firm's administrator gives what they have", a_firms_administrator_gives_what_they_have},
        {"a role without the attribute makes nobody staff", a_role_without_the_attribute_makes_nobody_staff},
        CU_TEST_INFO_NULL};

    return unit_register("access", tests);
}
