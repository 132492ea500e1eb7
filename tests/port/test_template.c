/* SPDX-License-Identifier: Apache-2.0
 *
 * Templates: what the vocabulary means, what is refused at start, and what the shipped pages show.
 */
#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_route.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "../../mod_smvportal/port/smv_catalog.h"
#include "../../mod_smvportal/port/smv_template.h"

#include <CUnit/Basic.h>
#include <apr_file_io.h>
#include <apr_file_info.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <unistd.h>

#define I18N "http://xml.zope.org/namespaces/i18n"
#define HTML                                                                                                           \
    "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:tal='http://xml.zope.org/namespaces/tal'"                        \
    " xmlns:metal='http://xml.zope.org/namespaces/metal' xmlns:i18n='http://xml.zope.org/namespaces/i18n'"

static apr_pool_t *pool;
static const char *source; /* of the project */
static const char *scratch;

/* --- helpers --- */

static smv_templates_config_t shipped(void)
{
    return (smv_templates_config_t){apr_pstrcat(pool, source, "/htdocs/templates", NULL), NULL,
                                    apr_pstrcat(pool, source, "/htdocs/locale", NULL)};
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = apr_psprintf(pool, "%s/%s", scratch, name);
    apr_file_t *file;

    if (apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE, APR_FPROT_OS_DEFAULT,
                      pool) == APR_SUCCESS) {
        apr_file_puts(text, file);
        apr_file_close(file);
    }
    return path;
}

static void set(smv_record_t *record, const char *name, smv_value_t value)
{
    int field = smv_shape_field(record->shape, name);

    CU_ASSERT_FATAL(field >= 0);
    record->values[field] = value;
}

static smv_value_t money(apr_int64_t cents)
{
    smv_value_t value = smv_text("EUR");

    value.number = cents;
    return value;
}

static const char *const menu_labels[] = {"Start", "Verträge"};

static smv_record_t *sample_page(void)
{
    smv_record_t *page = smv_record_make(&smv_shape_page, pool);
    smv_list_t *menu = smv_list_make(&smv_shape_menu_entry, 2, pool);

    for (int i = 0; i < 2; i++) {
        menu->records[i].values[SMV_MENU_LABEL] = smv_text(menu_labels[i]);
        menu->records[i].values[SMV_MENU_HREF] = smv_text(i ? "/portal/customers/10001/contracts" : "/portal/");
        menu->records[i].values[SMV_MENU_IS_CURRENT] = smv_number(i);
    }
    page->values[SMV_PAGE_TITLE] = smv_text("Verträge");
    page->values[SMV_PAGE_LANGUAGE] = smv_text("de");
    page->values[SMV_PAGE_BASE] = smv_text("/portal");
    page->values[SMV_PAGE_FIRM_NAME] = smv_text("Musterfirma & Söhne");
    page->values[SMV_PAGE_USER_NAME] = smv_text("Karla Kunde");
    page->values[SMV_PAGE_IS_SIGNED_IN] = smv_number(1);
    page->values[SMV_PAGE_CSRF_TOKEN] = smv_text("token-1");
    page->values[SMV_PAGE_MENU] = smv_nested_list(menu);
    return page;
}

static void fill_contract(smv_record_t *contract, int number)
{
    static const char *const statuses[] = {"active", "cancelled", "external"};
    int i = number % 3;

    set(contract, "id", smv_number(70 + number));
    set(contract, "customer", smv_number(10001));
    set(contract, "number", smv_text(apr_psprintf(pool, "VS-2020/%04d", number)));
    set(contract, "insurer", smv_text("Muster & Partner"));
    set(contract, "tariff", smv_text(i == 1 ? "<b>Haus</b> \"Plus\"" : "Privathaftpflicht"));
    set(contract, "sum_insured", money(500000000));
    set(contract, "start_date", smv_text("2020-03-01"));
    set(contract, "end_date", i == 2 ? smv_text(NULL) : smv_text("2027-03-01"));
    set(contract, "status", smv_text(statuses[i]));
    set(contract, "note", smv_text(i == 1 ? "zum Ablauf" : NULL));
    set(contract, "premium", money(i == 0 ? 5400 : 18207));
    set(contract, "payment_mode", smv_text(i == 0 ? "monthly" : "half_yearly"));
    set(contract, "document_count", smv_number(i));
}

static smv_record_t *sample_contracts(int count)
{
    smv_record_t *view = smv_record_make(&smv_shape_contracts_view, pool);
    smv_list_t *contracts = smv_list_make(&smv_shape_contract, count, pool);

    for (int i = 0; i < count; i++) {
        fill_contract((smv_record_t *)&contracts->records[i], i);
    }
    set(view, "customer", smv_number(10001));
    set(view, "contracts", smv_nested_list(contracts));
    set(view, "can_list_documents", smv_number(1));
    return view;
}

static const char *run_page(const smv_templates_t *templates, const char *name, smv_language_e language,
                            const smv_record_t *view)
{
    smv_buffer_t out;
    const smv_error_t *error;

    smv_buffer_init(&out, 64, 1 << 20, pool);
    error = smv_template_run(templates, name, language, sample_page(), view, &out, pool);
    CU_ASSERT_PTR_NULL(error);
    return error ? "" : apr_pstrmemdup(pool, out.data, out.size);
}

static const char *run_shipped(const char *name, smv_language_e language, const smv_record_t *view)
{
    smv_templates_config_t config = shipped();
    smv_templates_t *templates = NULL;
    const smv_error_t *error = smv_templates_load(&templates, &config, pool);

    if (error) {
        fprintf(stderr, "%s\n", error->detail);
    }
    CU_ASSERT_PTR_NULL_FATAL(error);
    return run_page(templates, name, language, view);
}

static const smv_error_t *load_over(smv_templates_t **templates, const char *name, const char *text)
{
    smv_templates_config_t config = shipped();
    const char *path = write_file(name, text);
    const smv_error_t *error;

    config.overlay = scratch;
    error = smv_templates_load(templates, &config, pool);
    apr_file_remove(path, pool);
    return error;
}

/* The contracts page made of this body alone, in German. */
static const char *run_body(const char *body, const smv_record_t *view)
{
    smv_templates_t *templates = NULL;
    const smv_error_t *error =
        load_over(&templates, "contracts.xhtml", apr_pstrcat(pool, HTML "><body>", body, "</body></html>", NULL));
    const char *text, *begin;

    if (error) {
        fprintf(stderr, "%s\n", error->detail);
    }
    CU_ASSERT_PTR_NULL_FATAL(error);
    text = run_page(templates, "contracts", SMV_LANGUAGE_DE, view);
    begin = strstr(text, "<body>") + 6;
    return apr_pstrmemdup(pool, begin, (apr_size_t)(strstr(begin, "</body>") - begin));
}

static const char *refusal(const char *name, const char *text)
{
    smv_templates_t *templates = NULL;
    const smv_error_t *error = load_over(&templates, name, text);

    CU_ASSERT_PTR_NOT_NULL(error);
    CU_ASSERT(!error || error->code == SMV_ERROR_TEMPLATE);
    return error ? error->detail : "";
}

static const char *body_refusal(const char *body)
{
    return refusal("contracts.xhtml", apr_pstrcat(pool, HTML ">\n<body>\n", body, "</body></html>", NULL));
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    while ((text = strstr(text, part))) {
        count++;
        text += strlen(part);
    }
    return count;
}

#define HAS(text, part) CU_ASSERT_PTR_NOT_NULL(strstr(text, part))
#define HAS_NOT(text, part) CU_ASSERT_PTR_NULL(strstr(text, part))
#define IS(text, expected) CU_ASSERT_STRING_EQUAL(text, expected)

/* --- vocabulary --- */

static void content_and_replace(void)
{
    smv_record_t *view = sample_contracts(1);

    IS(run_body("<p tal:content='page/user_name'>x</p>", view), "<p>Karla Kunde</p>");
    IS(run_body("<p><b tal:replace='page/user_name'>x</b></p>", view), "<p>Karla Kunde</p>");
    IS(run_body("<p tal:omit-tag=''>a<i>b</i></p>", view), "a<i>b</i>");
    IS(run_body("<tal:block tal:condition='page/user_name'>a</tal:block>", view), "a");
    IS(run_body("<p>${page/user_name}, ${ page/base }</p>", view), "<p>Karla Kunde, /portal</p>");
}

static void markup_is_html(void)
{
    smv_record_t *view = sample_contracts(0);
    smv_templates_t *templates = NULL;

    IS(run_body("<img src='a.png' alt=''/><br/><p></p><!-- not sent -->", view),
       "<img src=\"a.png\" alt=\"\"><br><p></p>");
    IS(run_body("<p>a\n     b &lt;&amp; c</p>", view), "<p>a b &lt;&amp; c</p>");
    CU_ASSERT_PTR_NULL_FATAL(load_over(&templates, "contracts.xhtml", HTML " lang='de'/>"));
    IS(run_page(templates, "contracts", SMV_LANGUAGE_DE, view), "<!DOCTYPE html>\n<html lang=\"de\"></html>");
}

static void conditions(void)
{
    static const char *const lists = "<i tal:condition='view/contracts'/><b tal:condition='not: view/contracts'/>";
    smv_record_t *view = sample_contracts(0);

    IS(run_body(lists, view), "<b></b>");
    set(view, "contracts", (smv_value_t){.is_present = 0});
    IS(run_body(lists, view), "<b></b>");
    IS(run_body(lists, sample_contracts(2)), "<i></i>");
    set(view, "can_list_documents", smv_number(0));
    IS(run_body("<i tal:condition='view/can_list_documents'/>", view), "");
    set(view, "can_list_documents", smv_number(1));
    IS(run_body("<i tal:condition='view/can_list_documents'/>", view), "<i></i>");
}

static void repeats(void)
{
    smv_record_t *view = sample_contracts(2);

    IS(run_body("<i tal:repeat='c view/contracts'>${c/id} </i>", view), "<i>70 </i><i>71 </i>");
    IS(run_body("<i tal:repeat='c view/contracts'><b tal:repeat='m page/menu'>${c/id}${m/label}</b></i>", view),
       "<i><b>70Start</b><b>70Verträge</b></i><i><b>71Start</b><b>71Verträge</b></i>");
    IS(run_body("<i tal:repeat='c view/contracts'><b tal:condition='c/note' tal:content='c/note'/></i>", view),
       "<i></i><i><b>zum Ablauf</b></i>");
    IS(run_body("<i tal:repeat='c view/contracts'/>", sample_contracts(0)), "");
}

static void attributes(void)
{
    smv_record_t *view = sample_contracts(1);

    IS(run_body("<a class='x' href='#' tal:attributes='href page/base; title view/customer'/>", view),
       "<a href=\"/portal\" title=\"10001\" class=\"x\"></a>");
    IS(run_body("<i tal:repeat='m page/menu' tal:attributes='hidden m/is_current'/>", view),
       "<i></i><i hidden=\"hidden\"></i>");
    IS(run_body("<i tal:repeat='c view/contracts' class='s ${code: c/status}'>${c/status}</i>", view),
       "<i class=\"s active\">Vertrag</i>");
}

static void values_are_escaped_by_place(void)
{
    smv_record_t *view = sample_contracts(2);
    static const char *const second = "<i tal:repeat='c view/contracts'><a tal:condition='c/note' %s</a></i>";

    HAS(run_body(apr_psprintf(pool, second, ">${c/tariff}"), view), "&lt;b&gt;Haus&lt;/b&gt; &quot;Plus&quot;");
    HAS(run_body(apr_psprintf(pool, second, "title='${c/tariff}'>"), view),
        "title=\"&lt;b&gt;Haus&lt;/b&gt; &quot;Plus&quot;\"");
    HAS(run_body(apr_psprintf(pool, second, "href='/x?${c/tariff}'>"), view), "/x?%3Cb%3EHaus%3C/b%3E%20%22Plus%22");
    HAS(run_body(apr_psprintf(pool, second, "href='${c/premium}/${c/status}'>"), view), "href=\"18207/cancelled\"");
}

/* Only URL paths that the program made keep their "?" and ":". */
static void data_brings_no_scheme_into_a_url(void)
{
    smv_record_t *view = smv_record_make(&smv_shape_login_view, pool);
    smv_templates_t *templates = NULL;
    const char *text;

    set(view, "next", smv_text("javascript:alert(1)"));
    CU_ASSERT_PTR_NULL_FATAL(load_over(&templates, "login.xhtml", HTML "><a href='${view/next}'/></html>"));
    text = run_page(templates, "login", SMV_LANGUAGE_DE, view);
    HAS(text, "href=\"javascript%3Aalert%281%29\"");

    view = smv_record_make(&smv_shape_customers_view, pool);
    set(view, "next_href", smv_text("/portal/customers?after=1&limit=2"));
    HAS(run_shipped("customers", SMV_LANGUAGE_DE, view), "href=\"/portal/customers?after=1&amp;limit=2\"");
}

static void overlay_goes_first(void)
{
    smv_templates_t *templates = NULL;

    CU_ASSERT_PTR_NULL_FATAL(
        load_over(&templates, "layout.xhtml", HTML "><main metal:define-slot='main'>empty</main></html>"));
    HAS(run_page(templates, "contracts", SMV_LANGUAGE_DE, sample_contracts(1)), "<html><main>");
    HAS_NOT(run_page(templates, "contracts", SMV_LANGUAGE_DE, sample_contracts(1)), "empty");
}

static void an_answer_has_a_limit(void)
{
    smv_templates_config_t config = shipped();
    smv_templates_t *templates = NULL;
    smv_buffer_t out;
    const smv_error_t *error;

    CU_ASSERT_PTR_NULL_FATAL(smv_templates_load(&templates, &config, pool));
    smv_buffer_init(&out, 64, 500, pool);
    error = smv_template_run(templates, "contracts", SMV_LANGUAGE_DE, sample_page(), sample_contracts(3), &out, pool);
    CU_ASSERT(error && error->code == SMV_ERROR_TEMPLATE);
}

/* --- refused at start --- */

static void misspelt_paths_are_refused(void)
{
    const char *detail = body_refusal("<p>\n${view/custmer}</p>");

    HAS(detail, "contracts.xhtml:4: ContractsView has no field: view/custmer (known: ");
    HAS(detail, "known: customer, contracts, can_list_documents");
    HAS(body_refusal("<p tal:content='vew/customer'/>"),
        "contracts.xhtml:3: no path begins so: vew/customer (known: page, view)");
    HAS(body_refusal("<p tal:repeat='c view/contracts'>${d/id}</p>"), "known: page, view, c)");
    HAS(body_refusal("<p tal:condition='view/customer/name'/>"), "field without fields");
    HAS(body_refusal("<p tal:content='view/contracts'/>"), "cannot be written");
    HAS(body_refusal("<p tal:repeat='c view/customer'/>"), "not a list");
    HAS(body_refusal("<p tal:content='code: page/title'/>"), "code: is for");
    HAS(body_refusal("<p tal:content='structure page/title'/>"), "structure is for fields of markup");
    HAS(body_refusal("<p>${page/title</p>"), "${ without }");
    HAS(body_refusal("<p tal:content='view'/>"), "has no field");
    HAS(body_refusal("<p tal:content=''/>"), "no path begins so");
}

static void unknown_vocabulary_is_refused(void)
{
    HAS(body_refusal("<p tal:contents='page/title'/>"), "contracts.xhtml:3: no such template attribute here");
    HAS(body_refusal("<p metal:use-macro='layout'/>"), "use-macro");
    HAS(body_refusal("<p i18n:translat=''/>"), "translat");
    HAS(body_refusal("<p>&nbsp;</p>"), "contracts.xhtml:3: ");
}

static void scripts_and_styles_are_refused(void)
{
    HAS(body_refusal("<script>${page/title}</script>"), "no place for scripts");
    HAS(body_refusal("<style>p {}</style>"), "no place for scripts");
    HAS(body_refusal("<p onclick='x'/>"), "onclick");
    HAS(body_refusal("<p tal:attributes='onclick page/title'/>"), "onclick");
    HAS(body_refusal("<p style='x'/>"), "style");
}

static void broken_files_are_refused(void)
{
    const char *deep = "<p/>";

    HAS(body_refusal("<p><b></p>"), "contracts.xhtml:3: ");
    HAS(refusal("contracts.xhtml", "<!DOCTYPE html [<!ENTITY a 'b'>]><html>&a;</html>"), "DOCTYPE");
    for (int i = 0; i < 70; i++) {
        deep = apr_pstrcat(pool, "<i>", deep, "</i>", NULL);
    }
    HAS(body_refusal(deep), "too deep");
    HAS(refusal("contracts.xhtml", HTML " metal:use-macro='../etc/x'/>"), "name of a template file");
    HAS(refusal("contracts.xhtml", HTML " metal:use-macro='layot'/>"), "layot.xhtml");
    HAS(refusal("contracts.xhtml", HTML " metal:use-macro='layout'><b metal:fill-slot='mian'/></html>"),
        "must name the slots");
}

/* The message names the file that the fault is in, be it the page or its layout. */
static void faults_name_their_file(void)
{
    HAS(refusal("contracts.xhtml",
                HTML " metal:use-macro='layout'>\n<b metal:fill-slot='main'>\n<i>${view/x}</i></b></html>"),
        "contracts.xhtml:3:");
    HAS(refusal("layout.xhtml", HTML ">\n<p>${page/x}</p><main metal:define-slot='main'/></html>"),
        "layout.xhtml:2: Page has no");
}

static void catalogues_must_be_readable(void)
{
    smv_templates_config_t config = shipped();
    smv_templates_t *templates;
    const smv_error_t *error;
    const char *rubbish = "";

    config.locale = scratch;
    error = smv_templates_load(&templates, &config, pool);
    CU_ASSERT_FATAL(error != NULL);
    HAS(error->detail, "en.po: cannot be read");
    for (int i = 0; i < 100; i++) {
        rubbish = apr_pstrcat(pool, rubbish, "msgid \"a\nrubbish\n", NULL);
    }
    write_file("en.po", rubbish);
    error = smv_templates_load(&templates, &config, pool);
    CU_ASSERT_FATAL(error != NULL);
    HAS(error->detail, "en.po:2: ");
    apr_file_remove(apr_pstrcat(pool, scratch, "/en.po", NULL), pool);
}

/* --- the shipped pages --- */

static void contract_table_in_german(void)
{
    static const char *const columns[] = {"Vertrag Nr.", "Gesellschaft", "Tarif",    "Vertragssumme",
                                          "Beginn",      "Ablauf",       "Status",   "Hinweis",
                                          "Beitrag",     "Zahlweise",    "Sonstiges"};
    const char *text = run_shipped("contracts", SMV_LANGUAGE_DE, sample_contracts(3));

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        HAS(text, apr_psprintf(pool, ">%s<", columns[i]));
    }
    CU_ASSERT_EQUAL(count_of(text, "</th>"), 8);
    CU_ASSERT_EQUAL(count_of(text, "</td>"), 3 * 8);
    HAS(text, "<a href=\"/portal/contracts/70\">VS-2020/0000</a>");
    HAS(text, ">54,00 € monatlich</td>");
    HAS(text, ">182,07 € 1/2-jährlich</td>");
    HAS(text, ">5.000.000,00 €</td>");
    HAS(text, ">01.03.2020</td>");
    HAS(text, ">Anzahl Dokumente: 1<");
    CU_ASSERT_EQUAL(count_of(text, "Anzahl Dokumente"), 2);
    HAS(text, "<span class=\"status active\">Vertrag</span>");
}

static void contract_table_in_english(void)
{
    const char *text = run_shipped("contracts", SMV_LANGUAGE_EN, sample_contracts(3));

    HAS(text, ">€54.00 monthly</td>");
    HAS(text, ">1 March 2020</td>");
    HAS(text, ">Documents: 1<");
    HAS(text, "data-label=\"Sum insured\"");
    HAS(text, "<title>Contracts – Musterfirma &amp; Söhne</title>");
    HAS_NOT(text, "Beitrag");
}

static void frame_of_pages(void)
{
    const char *text = run_shipped("contracts", SMV_LANGUAGE_DE, sample_contracts(1));

    HAS(text, "<!DOCTYPE html>\n<html lang=\"de\">");
    HAS(text, "<a href=\"/portal/\">Start</a>");
    HAS(text, "<a aria-current=\"page\" href=\"/portal/customers/10001/contracts\">Verträge</a>");
    HAS(text, "action=\"/portal/logout\"");
    HAS(text, "<input type=\"hidden\" name=\"csrf_token\" value=\"token-1\">");
    HAS(text, "name=\"everywhere\" value=\"1\"");
    HAS(text, "href=\"/portal/assets/portal.css\"");
    HAS_NOT(text, "xmlns");
    HAS_NOT(text, "tal:");
}

static void login_page(void)
{
    smv_record_t *view = smv_record_make(&smv_shape_login_view, pool);
    const char *text = run_shipped("login", SMV_LANGUAGE_DE, view);

    HAS(text, "action=\"/portal/login\"");
    HAS_NOT(text, "name=\"next\"");
    HAS_NOT(text, "role=\"alert\"");
    set(view, "username", smv_text("\"><script>"));
    set(view, "next", smv_text("/portal/documents/7"));
    set(view, "error", smv_text("Benutzername oder Passwort ist falsch."));
    text = run_shipped("login", SMV_LANGUAGE_EN, view);
    HAS(text, "name=\"next\" value=\"/portal/documents/7\"");
    HAS(text, "role=\"alert\">User name or password is wrong.</p>");
    HAS(text, "value=\"&quot;&gt;&lt;script&gt;\"");
}

static void document_content_needs_its_right(void)
{
    smv_record_t *view = smv_record_make(&smv_shape_documents_view, pool);
    smv_list_t *documents = smv_list_make(&smv_shape_document, 1, pool);
    smv_record_t *document = (smv_record_t *)documents->records;

    set(document, "id", smv_number(9));
    set(document, "name", smv_text("Police.pdf"));
    set(document, "size", smv_number(12345));
    set(view, "documents", smv_nested_list(documents));
    HAS(run_shipped("documents", SMV_LANGUAGE_DE, view), ">12,3 KB</td>");
    HAS_NOT(run_shipped("documents", SMV_LANGUAGE_DE, view), "/content");
    set(view, "can_view_documents", smv_number(1));
    HAS(run_shipped("documents", SMV_LANGUAGE_DE, view), "href=\"/portal/documents/9/content\"");
    HAS(run_shipped("documents", SMV_LANGUAGE_DE, view), "href=\"/portal/documents/9/content?download=1\"");
}

/* --- translations --- */

static apr_hash_t *english;

static void expect_english(const char *msgid)
{
    int is_found = apr_hash_get(english, msgid, APR_HASH_KEY_STRING) != NULL;

    if (!is_found) {
        fprintf(stderr, "en.po has no translation of: %s\n", msgid);
    }
    CU_ASSERT_TRUE(is_found);
}

static void expect_codes(const smv_shape_t *shape)
{
    for (int i = 0; i < shape->count; i++) {
        for (const smv_code_t *code = shape->fields[i].codes; code && code->code; code++) {
            expect_english(code->label);
        }
    }
}

static void expect_text(const char *text)
{
    char *rest, *copy = apr_pstrdup(pool, text), *msgid = "";

    for (char *word = apr_strtok(copy, " \n", &rest); word; word = apr_strtok(NULL, " \n", &rest)) {
        msgid = apr_pstrcat(pool, msgid, msgid[0] ? " " : "", word, NULL);
    }
    if (msgid[0]) {
        expect_english(msgid);
    }
}

static void expect_element(xmlNodePtr element)
{
    int is_translated = xmlHasNsProp(element, (const xmlChar *)"translate", (const xmlChar *)I18N) != NULL;
    xmlChar *names = xmlGetNsProp(element, (const xmlChar *)"attributes", (const xmlChar *)I18N);
    char *rest, *name = names ? apr_strtok((char *)names, " ", &rest) : NULL;

    for (; name; name = apr_strtok(NULL, " ", &rest)) {
        xmlChar *value = xmlGetNoNsProp(element, (const xmlChar *)name);

        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        expect_text((const char *)value);
        xmlFree(value);
    }
    xmlFree(names);
    for (xmlNodePtr node = element->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            expect_element(node);
        } else if (node->type == XML_TEXT_NODE && is_translated) {
            expect_text((const char *)node->content);
        }
    }
}

static void expect_templates(void)
{
    apr_dir_t *folder;
    apr_finfo_t info;
    int count = 0;

    CU_ASSERT_FATAL(apr_dir_open(&folder, shipped().folder, pool) == APR_SUCCESS);
    while (apr_dir_read(&info, APR_FINFO_NAME, folder) == APR_SUCCESS) {
        if (strstr(info.name, ".xhtml")) {
            xmlDocPtr document = xmlReadFile(apr_pstrcat(pool, shipped().folder, "/", info.name, NULL), NULL, 0);

            CU_ASSERT_PTR_NOT_NULL_FATAL(document);
            expect_element(xmlDocGetRootElement(document));
            xmlFreeDoc(document);
            count++;
        }
    }
    apr_dir_close(folder);
    CU_ASSERT(count >= 10);
}

static void every_text_has_its_english(void)
{
    const char *path = apr_pstrcat(pool, shipped().locale, "/en.po", NULL);

    CU_ASSERT_PTR_NULL_FATAL(smv_catalog_load(&english, path, pool));
    expect_codes(&smv_shape_customer);
    expect_codes(&smv_shape_contract);
    expect_codes(&smv_shape_document);
    expect_codes(&smv_shape_unassigned_document);
    for (int i = 0; i < smv_route_count; i++) {
        if (smv_routes[i].page) {
            expect_english(smv_routes[i].title);
        }
    }
#define EXPECT(NAME, number, http, text) expect_english(text);
    SMV_ERRORS(EXPECT)
#undef EXPECT
    expect_templates();
}

static void unknown_msgids_stay_german(void)
{
    smv_templates_config_t config = shipped();
    smv_templates_t *templates = NULL;

    CU_ASSERT_PTR_NULL_FATAL(smv_templates_load(&templates, &config, pool));
    IS(smv_translate(templates, SMV_LANGUAGE_EN, "Verträge"), "Contracts");
    IS(smv_translate(templates, SMV_LANGUAGE_DE, "Verträge"), "Verträge");
    IS(smv_translate(templates, SMV_LANGUAGE_EN, "Unbekanntes"), "Unbekanntes");
}

/* --- registration --- */

static CU_TestInfo vocabulary_tests[] = {{"content and replace", content_and_replace},
                                         {"markup is HTML", markup_is_html},
                                         {"conditions", conditions},
                                         {"repeats", repeats},
                                         {"attributes", attributes},
                                         {"values are escaped by place", values_are_escaped_by_place},
                                         {"data brings no scheme into a URL", data_brings_no_scheme_into_a_url},
                                         {"overlay goes first", overlay_goes_first},
                                         {"an answer has a limit", an_answer_has_a_limit},
                                         CU_TEST_INFO_NULL};

static CU_TestInfo refusal_tests[] = {{"misspelt paths", misspelt_paths_are_refused},
                                      {"unknown vocabulary", unknown_vocabulary_is_refused},
                                      {"scripts and styles", scripts_and_styles_are_refused},
                                      {"broken files", broken_files_are_refused},
                                      {"faults name their file", faults_name_their_file},
                                      {"catalogues must be readable", catalogues_must_be_readable},
                                      CU_TEST_INFO_NULL};

static CU_TestInfo page_tests[] = {{"contract table in German", contract_table_in_german},
                                   {"contract table in English", contract_table_in_english},
                                   {"frame of pages", frame_of_pages},
                                   {"login page", login_page},
                                   {"document content needs its right", document_content_needs_its_right},
                                   {"every text has its English", every_text_has_its_english},
                                   {"unknown msgids stay German", unknown_msgids_stay_german},
                                   CU_TEST_INFO_NULL};

static CU_SuiteInfo suites[] = {{"vocabulary", NULL, NULL, NULL, NULL, vocabulary_tests},
                                {"refused at start", NULL, NULL, NULL, NULL, refusal_tests},
                                {"shipped pages", NULL, NULL, NULL, NULL, page_tests},
                                CU_SUITE_INFO_NULL};

int main(void)
{
    char folder[] = "/tmp/smv-template-XXXXXX";
    int failures;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    source = getenv("SMV_SOURCE") ? getenv("SMV_SOURCE") : ".";
    scratch = mkdtemp(folder);
    if (!scratch || CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = (int)CU_get_number_of_failures();
    CU_cleanup_registry();
    rmdir(scratch);
    xmlCleanupParser();
    apr_pool_destroy(pool);
    apr_terminate();
    return failures > 0;
}
