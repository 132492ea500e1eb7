/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_xml: a file of the installation as a tree, by libxml2, which reaches neither the network nor another file for it
 * and expands no entities.
 *
 * Thread-safety: any thread.
 */
#ifndef SMV_XML_H
#define SMV_XML_H

#include "../core/smv_error.h"

struct _xmlDoc; /* xmlDoc of libxml2 */

/* @param document out: to be freed by xmlFreeDoc
 * @param code of the errors: what cannot be read, has more than 1 MiB, is not well-formed or has a document type
 * declaration; they name file and line */
const smv_error_t *smv_xml_read(struct _xmlDoc **document, const char *path, smv_error_e code, apr_pool_t *pool);

#endif
