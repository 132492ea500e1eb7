/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_user: what root does in the folders of httpd's user is done as that user, so that nothing that user has put
 * there leads root elsewhere.
 *
 * Thread-safety: one thread.
 */
#ifndef SMV_CTL_USER_H
#define SMV_CTL_USER_H

#include <apr_file_io.h>

#include "smv_ctl_conf.h"

/* From now on be httpd's user, where root runs this. @return SMV_ERROR_STORAGE */
const smv_error_t *smv_ctl_be_portal(const smv_ctl_portal_t *portal, apr_pool_t *pool);

/* A file that whoever runs this has named, opened as that user. @return SMV_ERROR_FILE_AWAY: it is none, or away */
const smv_error_t *smv_ctl_open_named(apr_file_t **file, const char *path, apr_pool_t *pool);

/* A file that a delivery has in its own folder, opened as who runs this. No part of the name may be a link, and what it
 * names is a file, no device and no pipe.
 * @param name below the folder, without a part ".." @param file out: for reading
 * @return SMV_ERROR_FILE_AWAY */
const smv_error_t *smv_ctl_open_delivered(apr_file_t **file, const char *folder, const char *name, apr_pool_t *pool);

#endif
