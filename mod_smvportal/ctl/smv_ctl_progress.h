/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_progress: a bar on standard error, where that is a terminal, for what takes long.
 *
 * Thread-safety: one thread.
 */
#ifndef SMV_CTL_PROGRESS_H
#define SMV_CTL_PROGRESS_H

#include <apr.h>

typedef struct smv_ctl_progress_t {
    const char *label;
    int shown; /* percent; begins as -1 */
} smv_ctl_progress_t;

#define SMV_CTL_PROGRESS(text) ((smv_ctl_progress_t){text, -1})

/* smv_progress_fn. At its end the bar goes. @param progress smv_ctl_progress_t */
void smv_ctl_progress(void *progress, apr_int64_t done, apr_int64_t total);

#endif
