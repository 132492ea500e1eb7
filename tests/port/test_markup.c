/* SPDX-License-Identifier: Apache-2.0
 *
 * The sanitiser: what stays, what goes, and that nothing gets past it.
 */
#include "../../mod_smvportal/port/smv_markup.h"

#include <CUnit/Basic.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <libxml/parser.h>

static apr_pool_t *pool;

static const char *clean(const char *text)
{
    const char *made = NULL;

    CU_ASSERT_PTR_NULL(smv_markup_clean(&made, text, pool));
    return made ? made : "";
}

static void what_is_allowed_stays(void)
{
    static const char *const texts[] = {"<p>Guten Tag</p>",
                                        "<h2>Neu</h2><p>Eins<br>zwei</p>",
                                        "<p>Das ist <strong>wichtig</strong> und <em>schön</em>.</p>",
                                        "<ul><li>eins</li><li>zwei</li></ul>",
                                        "<ol><li>eins<ul><li>innen</li></ul></li><li>zwei</li></ol>",
                                        "<p>Mehr <a href=\"https://www.example.com/?a=1&amp;b=2\">hier</a></p>",
                                        "<p>Tom &amp; Jerry &lt;3</p>",
                                        "<p>Ä ö ü ß € \xf0\x9f\x98\x80</p>"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CU_ASSERT_STRING_EQUAL(clean(texts[i]), texts[i]);
    }
}

static void what_is_written_otherwise_becomes_what_is_allowed(void)
{
    static const struct {
        const char *text, *made;
    } cases[] = {{"<b>fett</b> <i>kursiv</i>", "<p><strong>fett</strong> <em>kursiv</em></p>"},
                 {"<div>eins</div><div>zwei</div>", "<p>eins</p><p>zwei</p>"},
                 {"<div><p>eins</p>zwei</div>", "<p>eins</p><p>zwei</p>"},
                 {"<h1>Groß</h1><h4>klein</h4>", "<h2>Groß</h2><h2>klein</h2>"},
                 {"<p>offen<p>auch", "<p>offen</p><p>auch</p>"},
                 {"<p>a</p>\n\n  <p>b</p>", "<p>a</p><p>b</p>"},
                 {"<p><br></p><p>a</p><div></div>", "<p>a</p>"},
                 {"<strong>a<p>b</p></strong>", "<p><strong>a b </strong></p>"},
                 {"<ul><li><p>a</p><p>b</p></li></ul>", "<ul><li>a b </li></ul>"},
                 {"<ul>los<li>a</li></ul>", "<ul><li>los</li><li>a</li></ul>"},
                 {"<li>allein</li>", "<p>allein</p>"},
                 {"<span style='color:red' class=x id=y>Wort</span>", "<p>Wort</p>"},
                 {"<p onclick='x()' style='position:fixed'>Absatz</p>", "<p>Absatz</p>"},
                 {"<table><tr><td>a</td><td>b</td></tr></table>", "<p>ab</p>"},
                 {"<img src=x onerror=alert(1)>Bild", "<p>Bild</p>"},
                 {"<!-- nichts --><p>a<!-- b --></p>", "<p>a</p>"},
                 {"<p>viele   Leer\nzeichen</p>", "<p>viele Leer zeichen</p>"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(clean(cases[i].text), cases[i].made) != 0) {
            printf("\n%s\n -> %s", cases[i].text, clean(cases[i].text));
        }
        CU_ASSERT_STRING_EQUAL(clean(cases[i].text), cases[i].made);
    }
}

static void a_plain_text_becomes_paragraphs(void)
{
    CU_ASSERT_STRING_EQUAL(clean("Guten Tag,\nhier ist alles.\n\nIhr Team"),
                           "<p>Guten Tag,<br>hier ist alles.</p><p>Ihr Team</p>");
    CU_ASSERT_STRING_EQUAL(clean("Beitrag < 100 & > 50"), "<p>Beitrag &lt; 100 &amp; &gt; 50</p>");
    CU_ASSERT_STRING_EQUAL(clean("eins \r\nzwei\r\n\r\n\r\n"), "<p>eins<br>zwei</p>");
    CU_ASSERT_STRING_EQUAL(clean("&amp;"), "<p>&amp;amp;</p>");
    CU_ASSERT_STRING_EQUAL(clean(" \n\n "), "");
    CU_ASSERT_STRING_EQUAL(clean(""), "");
}

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "<p>a<script>alert(1)</script>b</p>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<style>*{display:none}</style>",
    "<svg onload=alert(1)><p>x</p></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='x'></object><embed src='x'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#9;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='https://example.com/\" onmouseover=\"alert(1)'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='https://a.example'><a href='https://b.example'>x</a></a>",
    "<form action='https://evil.example'><input name=password><button>x</button></form>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><script>alert(1)</script></textarea>",
    "<xmp><script>alert(1)</script></xmp>",
    "<title><img src=x onerror=alert(1)></title>",
    "<template><img src=x onerror=alert(1)></template>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><p>&b;</p>",
    "<body onload=alert(1)><p>x",
    "<p/onclick=alert(1)>x",
    "<p\nonclick=alert(1)\n>x",
    "<<p>>x<</p>>",
    "</p></div></main><h1>x",
    "<p>x</p></body></html><script>alert(1)</script>",
    "<isindex prompt=x><marquee onstart=alert(1)>x</marquee>",
    "<\xc5\xbf\x63ript>alert(1)</script>",
    "<p>\xf0\x9f",
    "<a href=\"https://example.com/\xe2\x80\x8b\">x</a>"};

/* @return what is no tag that the sanitiser writes; NULL where all are */
static const char *foreign_tag(const char *made)
{
    static const char *const tags[] = {"<p>",  "</p>",  "<h2>", "</h2>",    "<ul>",      "</ul>", "<ol>",  "</ol>",
                                       "<li>", "</li>", "<br>", "<strong>", "</strong>", "<em>",  "</em>", "</a>"};

    for (const char *at = strchr(made, '<'); at; at = strchr(at + 1, '<')) {
        int is_known =
            strncmp(at, "<a href=\"", 9) == 0 && strspn(at + 9, "abcdefghijklmnopqrstuvwxyz0123456789:/.?=&;+-_@") ==
                                                     (size_t)(strstr(at + 9, "\">") - at - 9);

        for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
            is_known |= strncmp(at, tags[i], strlen(tags[i])) == 0;
        }
        if (!is_known) {
            return at;
        }
    }
    return NULL;
}

static void nothing_else_gets_through(void)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        const char *made = clean(hostile[i]);

        CU_ASSERT_PTR_NULL(foreign_tag(made));
        CU_ASSERT_PTR_NULL(strstr(made, "javascript:"));
        CU_ASSERT_STRING_EQUAL(clean(made), made);
        CU_ASSERT_TRUE(strchr(made, '>') == NULL ||
                       xmlReadDoc((const xmlChar *)apr_pstrcat(pool, "<x>", made, "</x>", NULL), NULL, "UTF-8",
                                  XML_PARSE_RECOVER | XML_PARSE_NOERROR) != NULL);
    }
    CU_ASSERT_STRING_EQUAL(clean("<p>a<script>alert(1)</script>b</p>"), "<p>ab</p>");
    CU_ASSERT_STRING_EQUAL(clean("<a href='javascript:alert(1)'>x</a>"), "<p>x</p>");
}

static unsigned int next_random(unsigned int *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

/* Pieces of markup in any order: what comes out is what is allowed, and comes out of itself. */
static const char *const pieces[] = {"<p>",
                                     "</p>",
                                     "<div>",
                                     "</div>",
                                     "<ul>",
                                     "</ul>",
                                     "<ol>",
                                     "<li>",
                                     "</li>",
                                     "<strong>",
                                     "</strong>",
                                     "<em>",
                                     "</em>",
                                     "<a href='https://example.com'>",
                                     "</a>",
                                     "<br>",
                                     "<h3>",
                                     "</h3>",
                                     "<script>",
                                     "</script>",
                                     "<svg>",
                                     "</svg>",
                                     "<table><tr><td>",
                                     "</table>",
                                     "<!--",
                                     "-->",
                                     "text ",
                                     "\n\n",
                                     "&lt;",
                                     "&",
                                     "<",
                                     ">",
                                     "'",
                                     "\"",
                                     "<span>",
                                     "</span>",
                                     "<b>",
                                     "</i>",
                                     "<style>",
                                     "</style>",
                                     "<a href=\"javascript:x\">",
                                     "<![CDATA[",
                                     "]]>"};

static const char *random_markup(unsigned int *state)
{
    const char *text = "<p>";
    int count = (int)(next_random(state) % 14);

    for (int i = 0; i < count; i++) {
        text = apr_pstrcat(pool, text, pieces[next_random(state) % (sizeof pieces / sizeof *pieces)], NULL);
    }
    return text;
}

static void pieces_in_any_order_stay_within_what_is_allowed(void)
{

    unsigned int state = 42;

    for (int i = 0; i < 20000; i++) {
        const char *text = random_markup(&state), *made = clean(text);

        if (foreign_tag(made) || strcmp(clean(made), made) != 0) {
            printf("\n%s\n -> %s\n -> %s\n", text, made, clean(made));
            CU_FAIL("something got through, or comes out otherwise the second time");
            break;
        }
        apr_pool_clear(pool);
    }
}

static void what_is_deep_or_long_has_an_end(void)
{
    const char *made = NULL;
    smv_buffer_t deep, many;

    smv_buffer_init(&deep, 1 << 16, 1 << 20, pool);
    smv_buffer_init(&many, 1 << 16, 1 << 20, pool);
    for (int i = 0; i < 80000; i++) {
        smv_buffer_puts(&deep, "<div>");
        smv_buffer_puts(&many, "<p>ab");
    }
    smv_buffer_write(&deep, "", 1);
    smv_buffer_write(&many, "", 1);
    CU_ASSERT_PTR_NULL(smv_markup_clean(&made, deep.data, pool));
    CU_ASSERT_PTR_NOT_NULL(smv_markup_clean(&made, many.data, pool)); /* more than it may be */
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"what is allowed stays", what_is_allowed_stays},
        {"what is written otherwise becomes what is allowed", what_is_written_otherwise_becomes_what_is_allowed},
        {"a plain text becomes paragraphs", a_plain_text_becomes_paragraphs},
        {"nothing else gets through", nothing_else_gets_through},
        {"pieces in any order stay within what is allowed", pieces_in_any_order_stay_within_what_is_allowed},
        {"what is deep or long has an end", what_is_deep_or_long_has_an_end},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"markup", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned int failures;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    CU_initialize_registry();
    CU_register_suites(suites);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    apr_pool_destroy(pool);
    xmlCleanupParser();
    apr_terminate();
    return failures > 0;
}
