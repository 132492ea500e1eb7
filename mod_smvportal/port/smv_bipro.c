/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_bipro.h"

#include "../core/smv_buffer.h"
#include "../core/smv_rules.h"
#include "smv_base64.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <libxml/xmlreader.h>
#include <string.h>

/* A content has more characters than libxml2 lets a text have without this; they are counted here. */
#define READER_OPTIONS                                                                                                 \
    (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES | XML_PARSE_HUGE)
#define NAMESPACE "http://www.bipro.net/namespace/"
#define MAX_TEXT 4096
#define MAX_FILES 500 /* of one transfer */
#define MARGIN 262144 /* bytes of one tag or text that is no content */
#define MAX_DEPTH 64
#define MAX_SAID 10000 /* values of one transfer that are kept */
#define CATEGORY_DIGITS 9
#define CONTRACT_NUMBER "Versicherungsscheinnummer"
#define DATE_LENGTH 10

typedef struct reading_t {
    const char *name;
    apr_file_t *file;
    int line;               /* of the file, before the first that is read */
    apr_off_t left;         /* to read; -1: to the end */
    apr_int64_t bytes;      /* read */
    apr_int64_t unanswered; /* of those, since the reader told of something */
    apr_int64_t maximum;    /* of a content */
    xmlTextReaderPtr reader;
    const smv_bipro_listener_t *listener;

    smv_bipro_transfer_t shipment; /* what its transfers have where they say nothing */
    smv_bipro_transfer_t transfer;
    smv_bipro_file_t *in_file;
    int transfer_depth, file_depth, content_depth, foreign_depth; /* of the element read; -1: none */
    smv_buffer_t text;                                            /* of the innermost element */
    smv_base64_t *decoder;
    int has_transfers, said;
    int has_children; /* the element whose end is read next */
    const smv_error_t *error;
    apr_pool_t *pool, *of_transfer;
} reading_t;

/* --- the file --- */

static int read_bytes(void *context, char *buffer, int size)
{
    reading_t *self = context;
    apr_size_t count = (apr_size_t)size;
    apr_status_t status;

    if (self->left >= 0 && (apr_off_t)count > self->left) {
        count = (apr_size_t)self->left;
    }
    if (count == 0) {
        return 0;
    }
    /* A content in base64, in lines, is 1.37 of it. */
    if (self->unanswered > MARGIN + (self->content_depth >= 0 ? self->maximum * 3 / 2 : 0)) {
        self->error =
            smv_error(self->pool, SMV_ERROR_INVALID, "%s: something in it is larger than it may be", self->name);
        return -1;
    }
    status = apr_file_read(self->file, buffer, &count);
    if (APR_STATUS_IS_EOF(status)) {
        return 0;
    }
    self->unanswered += (apr_int64_t)count;
    self->bytes += (apr_int64_t)count;
    self->left -= self->left >= 0 ? (apr_off_t)count : 0;
    return status == APR_SUCCESS ? (int)count : -1;
}

static int line_of(const reading_t *self)
{
    return self->line + xmlTextReaderGetParserLineNumber(self->reader);
}

static void fail(reading_t *self, const char *why)
{
    if (!self->error) {
        self->error = smv_error(self->pool, SMV_ERROR_INVALID, "%s:%d: %s", self->name, line_of(self), why);
    }
}

/* --- contents --- */

static int is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static void begin_content(reading_t *self)
{
    self->in_file->content = self->listener->begin(self->listener->context, self->of_transfer);
    self->error = smv_base64_begin(&self->decoder, self->listener->write, self->in_file->content, self->of_transfer);
}

static void add_content(reading_t *self, const char *text)
{
    if (!self->decoder && !is_blank(text)) {
        if (self->in_file->content) {
            self->in_file->fault = "it has several contents";
            return;
        }
        begin_content(self);
    }
    if (self->decoder && !self->error) {
        smv_base64_feed(self->decoder, text, strlen(text));
    }
}

static void end_content(reading_t *self)
{
    if (self->decoder && !smv_base64_end(self->decoder)) {
        self->in_file->fault = "its content is no base64";
    }
    self->decoder = NULL;
    self->content_depth = -1;
}

/* --- what elements say --- */

static const char *day_of(const char *time, apr_pool_t *pool)
{
    const char *day = apr_pstrndup(pool, time, DATE_LENGTH);

    return smv_is_date(day) ? day : NULL;
}

static int is_category(const char *text)
{
    return strlen(text) == CATEGORY_DIGITS && strspn(text, "0123456789") == CATEGORY_DIGITS;
}

static void say_of_file(reading_t *self, const char *name, const char *text)
{
    smv_bipro_file_t *file = self->in_file;

    if (strcmp(name, "Dateiname") == 0) {
        file->name = text;
    } else if (strcmp(name, "DokumentartID") == 0) {
        file->type = file->type ? file->type : text;
    } else if (strcmp(name, "Kurzbeschreibung") == 0) {
        file->title = text;
    } else if (strcmp(name, "Bezeichnung") == 0) {
        file->title = file->title ? file->title : text;
    } else if (strcmp(name, "Erstelldatum") == 0) {
        file->date = day_of(text, self->of_transfer);
    } else if (strcmp(name, "Datenlink") == 0) {
        file->reference = file->reference ? file->reference : text;
    } else if (strcmp(name, "Dateityp") == 0) {
        file->is_data = strcmp(text, "Nettodaten") == 0;
    } else if (strcmp(name, "Komprimierungstyp") == 0) {
        file->is_compressed = strcmp(text, "KEINE") != 0;
    }
}

static void add_contract(reading_t *self, const char *number)
{
    smv_bipro_transfer_t *transfer = &self->transfer;

    if (!transfer->contract) {
        transfer->contract = number;
    } else if (!transfer->has_several_contracts && strcmp(transfer->contract, number) != 0) {
        transfer->contract = apr_pstrcat(self->of_transfer, transfer->contract, ", ", number, NULL);
        transfer->has_several_contracts = 1;
    }
}

static void say_of_transfer(reading_t *self, const char *name, const char *text)
{
    smv_bipro_transfer_t *transfer = &self->transfer;

    if (strcmp(name, CONTRACT_NUMBER) == 0) {
        add_contract(self, text);
    } else if (strcmp(name, "Kategorie") == 0 || (strcmp(name, "ArtID") == 0 && is_category(text))) {
        transfer->category = transfer->category ? transfer->category : text;
    } else if (strcmp(name, "Erstelldatum") == 0 && !transfer->date) {
        transfer->date = day_of(text, self->of_transfer);
    }
}

static void say_of_shipment(reading_t *self, const char *name, const char *text)
{
    smv_bipro_transfer_t *shipment = &self->shipment;

    if (strcmp(name, "ID") == 0 && !shipment->shipment) {
        shipment->shipment = text;
    } else if (strcmp(name, "Kategorie") == 0 && !shipment->category) {
        shipment->category = text;
    } else if (strcmp(name, "Einstellzeitpunkt") == 0) {
        shipment->date = day_of(text, self->pool);
    }
}

/* Blanks around it are of the layout, and so are ends of lines in it. */
static const char *text_of(const reading_t *self, apr_pool_t *pool)
{
    char *text;

    const char *begin = self->text.data, *end = begin + self->text.size;

    while (begin < end && strchr(" \t\r\n", *begin)) {
        begin++;
    }
    while (end > begin && strchr(" \t\r\n", end[-1])) {
        end--;
    }
    text = apr_pstrmemdup(pool, begin, (apr_size_t)(end - begin));
    for (char *at = text; (at = strpbrk(at, "\t\r\n")); at++) {
        *at = ' ';
    }
    return text;
}

static int is_known(const char *name)
{
    static const char *const names[] = {
        "Dateiname", "DokumentartID",     "Kurzbeschreibung", "Bezeichnung", "Erstelldatum", "Datenlink",
        "Dateityp",  "Komprimierungstyp", CONTRACT_NUMBER,    "Kategorie",   "ArtID",        "Einstellzeitpunkt",
        "ID"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A number that cannot be read is one all the same: the other ones are not certain then. */
static void pass_over(reading_t *self, const char *name)
{
    self->transfer.has_several_contracts |=
        self->transfer_depth >= 0 && !self->in_file && strcmp(name, CONTRACT_NUMBER) == 0;
}

/* What is not text alone, or has control characters, says nothing. */
static void say(reading_t *self, const char *name)
{
    const char *text;

    if (self->foreign_depth >= 0 || !is_known(name)) {
        return;
    }
    if (++self->said > MAX_SAID) {
        fail(self, "it says too much");
        return;
    }
    text = text_of(self, self->of_transfer ? self->of_transfer : self->pool);
    if (self->has_children || self->text.is_failed || smv_has_control(text, strlen(text))) {
        pass_over(self, name);
    } else if (*text == '\0') {
        return;
    } else if (self->in_file) {
        say_of_file(self, name, text);
    } else if (self->transfer_depth >= 0) {
        say_of_transfer(self, name, text);
    } else {
        say_of_shipment(self, name, text);
    }
}

/* --- elements --- */

static int is_of_bipro(const reading_t *self)
{
    const char *space = (const char *)xmlTextReaderConstNamespaceUri(self->reader);

    return space && strncmp(space, NAMESPACE, strlen(NAMESPACE)) == 0;
}

static void begin_transfer(reading_t *self, int depth)
{
    self->has_transfers = 1;
    self->said = 0;
    self->transfer_depth = depth;
    if (apr_pool_create(&self->of_transfer, self->pool) != APR_SUCCESS) {
        self->error = smv_error(self->pool, SMV_ERROR_INTERNAL, "no memory for a transfer");
        return;
    }
    self->transfer =
        (smv_bipro_transfer_t){.files = apr_array_make(self->of_transfer, MAX_FILES, sizeof *self->in_file)};
}

static void begin_file(reading_t *self, int depth)
{
    if (self->transfer.files->nelts == MAX_FILES) {
        fail(self, "a transfer has too many files");
        return;
    }
    self->file_depth = depth;
    self->in_file = apr_array_push(self->transfer.files);
    *self->in_file = (smv_bipro_file_t){.line = line_of(self)};
}

static void refer(reading_t *self)
{
    xmlChar *href = xmlTextReaderGetAttribute(self->reader, (const xmlChar *)"href");

    if (href && smv_has_control((const char *)href, strlen((const char *)href))) {
        self->in_file->fault = "its reference has control characters";
    } else if (href) {
        self->in_file->reference = apr_pstrdup(self->of_transfer, (const char *)href);
    }
    xmlFree(href);
}

/* Contracts beside the one that it is about. */
static int is_foreign(const char *name)
{
    return strcmp(name, "Vertragsverbindungsnummer") == 0 || strcmp(name, "VorNebenVersicherung") == 0;
}

static void begin_element(reading_t *self, const char *name, int depth)
{
    self->text.size = 0;
    self->text.is_failed = self->has_children = 0;
    if (depth > MAX_DEPTH) {
        fail(self, "it is nested too deep");
    } else if (self->transfer_depth < 0) {
        if (strcmp(name, "Transfer") == 0 && is_of_bipro(self)) {
            begin_transfer(self, depth);
        }
    } else if (!self->in_file) {
        if (strcmp(name, "Datei") == 0) {
            begin_file(self, depth);
        } else if (self->foreign_depth < 0 && is_foreign(name)) {
            self->foreign_depth = depth;
        }
    } else if (self->content_depth >= 0) {
        refer(self);
    } else if (strcmp(name, "Daten") == 0) {
        self->content_depth = depth;
    }
}

static void end_transfer(reading_t *self)
{
    smv_bipro_transfer_t *transfer = &self->transfer;

    transfer->shipment = self->shipment.shipment;
    transfer->category = transfer->category ? transfer->category : self->shipment.category;
    transfer->date = transfer->date ? transfer->date : self->shipment.date;
    self->transfer_depth = self->foreign_depth = -1;
    self->error = self->listener->take(self->listener->context, transfer, self->of_transfer);
    self->listener->progress(self->listener->context, self->bytes);
    apr_pool_destroy(self->of_transfer);
    self->of_transfer = NULL;
}

static void end_element(reading_t *self, const char *name, int depth)
{
    if (depth == self->content_depth) {
        end_content(self);
    } else if (depth == self->file_depth) {
        self->in_file = NULL;
        self->file_depth = -1;
    } else if (depth == self->transfer_depth) {
        end_transfer(self);
    } else if (depth == self->foreign_depth) {
        self->foreign_depth = -1;
    } else {
        say(self, name);
    }
    self->text.size = 0;
    self->has_children = 1; /* what ends next is around this one */
}

static void add_text(reading_t *self, const char *text)
{
    if (self->content_depth >= 0) {
        add_content(self, text);
    } else {
        smv_buffer_puts(&self->text, text);
    }
}

/* --- reading --- */

static void take_node(reading_t *self)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(self->reader);
    const char *value = (const char *)xmlTextReaderConstValue(self->reader);
    int depth = xmlTextReaderDepth(self->reader);

    switch (xmlTextReaderNodeType(self->reader)) {
    case XML_READER_TYPE_ELEMENT:
        begin_element(self, name, depth);
        if (!self->error && xmlTextReaderIsEmptyElement(self->reader)) {
            end_element(self, name, depth);
        }
        break;
    case XML_READER_TYPE_END_ELEMENT:
        end_element(self, name, depth);
        break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        add_text(self, value);
        break;
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        fail(self, "no document type and no entity is allowed");
        break;
    default:
        break;
    }
}

static void read_all(reading_t *self)
{
    int status = 1;

    while (!self->error && (status = xmlTextReaderRead(self->reader)) == 1) {
        self->unanswered = 0;
        take_node(self);
    }
    if (!self->error && status != 0) {
        const xmlError *cause = xmlGetLastError();

        fail(self, cause && cause->message ? apr_pstrndup(self->pool, cause->message, strcspn(cause->message, "\n"))
                                           : "it is no XML");
    }
    if (!self->error && !self->has_transfers) {
        fail(self, "there is no transfer of BiPRO in it");
    }
}

/* Lines before the message, where it is part of a larger one. */
static const smv_error_t *count_lines(reading_t *self, apr_off_t left)
{
    char piece[8192], reason[120];
    apr_off_t begin = 0;
    apr_status_t status = apr_file_seek(self->file, APR_SET, &begin);

    while (status == APR_SUCCESS && left > 0) {
        apr_size_t size = left < (apr_off_t)sizeof piece ? (apr_size_t)left : sizeof piece;

        status = apr_file_read(self->file, piece, &size);
        for (apr_size_t i = 0; status == APR_SUCCESS && i < size; i++) {
            self->line += piece[i] == '\n';
        }
        left -= status == APR_SUCCESS ? (apr_off_t)size : 0;
    }
    return status == APR_SUCCESS ? NULL
                                 : smv_error(self->pool, SMV_ERROR_FILE_AWAY, "%s: %s", self->name,
                                             apr_strerror(status, reason, sizeof reason));
}

const smv_error_t *smv_bipro_read(apr_file_t *file, const char *name, apr_off_t begin, apr_off_t end,
                                  apr_int64_t maximum, const smv_bipro_listener_t *listener, apr_pool_t *pool)
{
    reading_t self = {.name = name,
                      .file = file,
                      .left = end ? end - begin : -1,
                      .maximum = maximum,
                      .listener = listener,
                      .transfer_depth = -1,
                      .file_depth = -1,
                      .content_depth = -1,
                      .foreign_depth = -1,
                      .pool = pool};
    const smv_error_t *error = count_lines(&self, begin);

    if (error) {
        return error;
    }
    smv_buffer_init(&self.text, 256, MAX_TEXT, pool);
    xmlResetLastError();
    self.reader = xmlReaderForIO(read_bytes, NULL, &self, NULL, NULL, READER_OPTIONS);
    if (self.reader) {
        read_all(&self);
        xmlFreeTextReader(self.reader);
    } else {
        self.error = smv_error(pool, SMV_ERROR_INTERNAL, "no memory for a reader of XML");
    }
    if (self.of_transfer) {
        apr_pool_destroy(self.of_transfer);
    }
    return self.error;
}
