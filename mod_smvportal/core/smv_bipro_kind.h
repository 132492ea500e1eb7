/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_bipro_kind: what a document of a BiPRO transfer is, by the codes that it comes with: the type of document
 * (ST_DokumentartID), else the category of the business transaction (ST_KatalogGeVoArt, nine digits of which the first
 * three are the group).
 *
 * Pure functions. Thread-safety: any.
 */
#ifndef SMV_BIPRO_KIND_H
#define SMV_BIPRO_KIND_H

/* For the broker, and never for the customer whose contract it is about. */
#define SMV_BIPRO_FOR_BROKER "broker"

/* @param type, category may be NULL
 * @return a code of smv_shape_document's kind, "other" where neither says more; or SMV_BIPRO_FOR_BROKER; static */
const char *smv_bipro_kind(const char *type, const char *category);

#endif
