/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of routes.
 */
#include "smv_route.h"
#include "smv_shapes.h"

#define PAGE SMV_RENDER_PAGE
#define API SMV_RENDER_API
#define FILE_ SMV_RENDER_FILE

/* clang-format off */
const smv_route_t smv_routes[] = {
    /* name, method, pattern, access, right, subject, csrf, renderings,
     *     action, view, api_field, page, title, in_menu */
    {"start", SMV_METHOD_GET, "/", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_SAFE, PAGE,
        smv_show_start, &smv_shape_start_view, NULL, "start", "Start", 1},
    {"login", SMV_METHOD_GET, "/login", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_SAFE, PAGE,
        NULL, &smv_shape_login_view, NULL, "login", "Anmelden", 0},
    {"sign_in", SMV_METHOD_POST, "/login", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_ORIGIN, PAGE,
        NULL, &smv_shape_login_view, NULL, "login", "Anmelden", 0},
    {"sign_out", SMV_METHOD_POST, "/logout", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_TOKEN, PAGE,
        NULL, NULL, NULL, NULL, "Abmelden", 0},
    {"show_me", SMV_METHOD_GET, "/me", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_SAFE, API,
        smv_show_me, &smv_shape_me, NULL, NULL, "Eigener Zugang", 0},
    {"openapi", SMV_METHOD_GET, "/openapi.json", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_SAFE, API,
        NULL, NULL, NULL, NULL, "OpenAPI", 0},
    {"list_customers", SMV_METHOD_GET, "/customers", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_RANGE, SMV_CSRF_SAFE, PAGE | API,
        smv_list_customers, &smv_shape_customers_view, "customers", "customers", "Kunden", 1},
    {"show_customer", SMV_METHOD_GET, "/customers/{number}", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_CUSTOMER, SMV_CSRF_SAFE, PAGE | API,
        smv_show_customer, &smv_shape_customer_view, "customer", "customer", "Kundenkarte", 1},
    {"list_contracts", SMV_METHOD_GET, "/customers/{number}/contracts", SMV_ACCESS_RIGHT, SMV_RIGHT_CONTRACT_VIEW, SMV_SUBJECT_CUSTOMER, SMV_CSRF_SAFE, PAGE | API,
        smv_list_contracts, &smv_shape_contracts_view, "contracts", "contracts", "Verträge", 1},
    {"show_contract", SMV_METHOD_GET, "/contracts/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_CONTRACT_VIEW, SMV_SUBJECT_CONTRACT, SMV_CSRF_SAFE, PAGE | API,
        smv_show_contract, &smv_shape_contract_view, "contract", "contract", "Vertrag", 0},
    {"list_documents", SMV_METHOD_GET, "/customers/{number}/documents", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_LIST, SMV_SUBJECT_CUSTOMER, SMV_CSRF_SAFE, PAGE | API,
        smv_list_documents, &smv_shape_documents_view, "documents", "documents", "Dokumente", 1},
    {"show_document", SMV_METHOD_GET, "/documents/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_LIST, SMV_SUBJECT_DOCUMENT, SMV_CSRF_SAFE, PAGE | API,
        smv_show_document, &smv_shape_document_view, "document", "document", "Dokument", 0},
    {"send_document", SMV_METHOD_GET, "/documents/{id}/content", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_VIEW, SMV_SUBJECT_DOCUMENT, SMV_CSRF_SAFE, PAGE | API | FILE_,
        smv_send_document, NULL, NULL, NULL, "Dokument", 0},
};
/* clang-format on */

const int smv_route_count = (int)(sizeof smv_routes / sizeof *smv_routes);
