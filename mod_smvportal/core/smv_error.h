/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_error: everything that can go wrong, each with a number of its own, an HTTP status and a public text.
 *
 * A function that can fail returns `const smv_error_t *`: NULL is success. The error is allocated from the pool given.
 * The public text is German (the source language of the catalogue) and tells nothing of the inside; the detail is
 * English, for the error log, and names the cause and the remedy.
 */
#ifndef SMV_ERROR_H
#define SMV_ERROR_H

#include <apr_pools.h>

/* X(NAME, number, HTTP status, public text) */
#define SMV_ERRORS(X)                                                                                                  \
    X(BAD_REQUEST, 101, 400, "Die Anfrage ist nicht zu verstehen.")                                                    \
    X(SIGN_IN_NEEDED, 102, 401, "Bitte melden Sie sich an.")                                                           \
    X(CREDENTIALS, 103, 401, "Benutzername oder Passwort ist falsch.")                                                 \
    X(LOCKED, 104, 403, "Ihr Zugang ist gesperrt oder abgelaufen. Bitte wenden Sie sich an Ihren Makler.")             \
    X(MODULE_NOT_BOOKED, 105, 403, "Das Kundenportal ist zurzeit nicht freigeschaltet.")                               \
    X(DENIED, 106, 403, "Dafür fehlt Ihnen das Recht.")                                                                \
    X(NOT_FOUND, 107, 404, "Diese Seite gibt es nicht.")                                                               \
    X(METHOD, 108, 405, "Diese Methode ist hier nicht möglich.")                                                       \
    X(TOO_LARGE, 109, 413, "Die Anfrage ist zu groß.")                                                                 \
    X(FORGED, 110, 403, "Die Anfrage kam nicht von einer Seite dieses Portals.")                                       \
    X(INVALID, 111, 422, "Bitte prüfen Sie Ihre Angaben.")                                                             \
    X(CONFLICT, 112, 409, "Jemand anderes hat inzwischen etwas geändert.")                                             \
    X(PRECONDITION, 113, 412, "Jemand anderes hat inzwischen etwas geändert.")                                         \
    X(PRECONDITION_NEEDED, 114, 428, "Die Anfrage muss sagen, welchen Stand sie ändert.")                              \
    X(MEDIA_TYPE, 115, 415, "Die Anfrage hat eine Form, die hier nicht möglich ist.")                                  \
    X(EXISTS, 116, 409, "Das gibt es schon.")                                                                          \
    X(IN_USE, 117, 409, "Das ist noch in Gebrauch.")                                                                   \
    X(READ_ONLY, 118, 403, "In der Ansicht als Kunde lässt sich nichts ändern.")                                       \
    X(ACCESS_CODE, 119, 404,                                                                                           \
      "Dieser Zugangscode gilt nicht oder nicht mehr. Jeder Code gilt einmal und 14 Tage lang. Bitte wenden Sie sich " \
      "an Ihren Makler, wenn Sie einen neuen Zugangsbrief brauchen.")                                                  \
    X(PASSWORD_EXPIRED, 120, 403, "Ihr Passwort ist abgelaufen. Bitte wählen Sie ein neues.")                          \
    X(PASSWORD_RESET, 121, 403, "Bitte wählen Sie ein eigenes Passwort, bevor Sie weitermachen.")                      \
    X(NO_ACCOUNT, 122, 403, "Ihre Anmeldung bei der Firma ist mit keinem Zugang zu diesem Portal verbunden.")          \
    X(DIRECTORY_AWAY, 201, 503, "Die Anmeldung ist zurzeit nicht möglich. Bitte versuchen Sie es später noch einmal.") \
    X(DIRECTORY_DATA, 202, 503,                                                                                        \
      "Ihr Zugang ist nicht vollständig eingerichtet. Bitte wenden Sie sich an Ihren Makler.")                         \
    X(DIRECTORY_REFUSED, 203, 403, "Das Verzeichnis lässt diese Änderung nicht zu.")                                   \
    X(DATABASE_BUSY, 301, 503, "Das Portal ist gerade ausgelastet. Bitte versuchen Sie es gleich noch einmal.")        \
    X(DATABASE_AWAY, 302, 503, "Die Vertragsdaten sind zurzeit nicht erreichbar.")                                     \
    X(DATABASE_DATA, 303, 500, "Die Vertragsdaten sind nicht lesbar.")                                                 \
    X(FILE_AWAY, 401, 500, "Das Dokument ist zurzeit nicht erreichbar.")                                               \
    X(SCANNER_AWAY, 402, 503,                                                                                          \
      "Dateien können zurzeit nicht geprüft werden. Bitte versuchen Sie es später noch einmal.")                       \
    X(STORAGE, 403, 503,                                                                                               \
      "Dateien können zurzeit nicht gespeichert werden. Bitte versuchen Sie es später noch einmal.")                   \
    X(MAIL, 404, 503, "Die E-Mail ließ sich nicht versenden.")                                                         \
    X(TEMPLATE, 501, 500, "Diese Seite lässt sich zurzeit nicht anzeigen.")                                            \
    X(CONFIGURATION, 601, 500, "Das Portal ist nicht richtig eingerichtet.")                                           \
    X(INTERNAL, 901, 500, "Ein Fehler ist aufgetreten.")

typedef enum {
#define SMV_ERROR_ENUM(NAME, number, http, text) SMV_ERROR_##NAME = number,
    SMV_ERRORS(SMV_ERROR_ENUM)
#undef SMV_ERROR_ENUM
} smv_error_e;

/* What is wrong with one field of what somebody sent. */
typedef struct smv_problem_t {
    const char *field; /* name in the shape, "" for the whole */
    const char *text;  /* German, static, a msgid of the catalogue */
    int limit;         /* a number that ends the text, 0 for none */
    const char
        *label; /* what people know the thing as, where that is not the field's label: a file's name; NULL else */
    int item;   /* of several in one field: which, from 1; 0 for the only one */
    const struct smv_problem_t *next;
} smv_problem_t;

typedef struct smv_error_t {
    smv_error_e code; /* logged as SMV0101 */
    int http_status;
    const char *public_text;       /* German; static */
    const char *detail;            /* English, for the log; pool of the maker */
    const smv_problem_t *problems; /* SMV_ERROR_INVALID: of the fields; NULL else */
} smv_error_t;

/* @return an error of that code. detail is a printf format; never put a password, token or whole filter in it. */
const smv_error_t *smv_error(apr_pool_t *pool, smv_error_e code, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));

/* SMV_ERROR_INVALID with the problems of the fields. */
const smv_error_t *smv_error_invalid(const smv_problem_t *problems, apr_pool_t *pool);

/* @return the problems with one more behind them; text is static */
const smv_problem_t *smv_problem(const smv_problem_t *problems, const char *field, const char *text, int limit,
                                 apr_pool_t *pool);

/* @return the first problem of a field, NULL where it has none */
const smv_problem_t *smv_problem_of(const smv_problem_t *problems, const char *field);
/* The same with a public text of its own, which says more than that of the code. @param public_text German msgid;
 * static */
const smv_error_t *smv_error_saying(apr_pool_t *pool, smv_error_e code, const char *public_text, const char *detail,
                                    ...) __attribute__((format(printf, 4, 5)));

#endif
