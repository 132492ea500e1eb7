/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_document_name: what the name of a document's file may be.
 */
#ifndef SMV_DOCUMENT_NAME_H
#define SMV_DOCUMENT_NAME_H

#define SMV_DOCUMENT_NAME_LENGTH 200 /* characters at most */

/* @param name NUL-terminated, any bytes
 * @return NULL, else what is wrong: German, static, a msgid of the catalogue */
const char *smv_document_name_fault(const char *name);

#endif
