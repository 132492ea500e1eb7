/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_progress.h"

#include <stdio.h>
#include <unistd.h>

#define WIDTH 30
#define CLEAR "\r\033[K"

void smv_ctl_progress(void *baton, apr_int64_t done, apr_int64_t total)
{
    smv_ctl_progress_t *progress = baton;
    int percent = total > 0 ? (int)(done * 100 / total) : 100;

    if (percent == progress->shown || !isatty(STDERR_FILENO)) {
        return;
    }
    progress->shown = percent;
    fprintf(stderr, CLEAR "%-10s [", progress->label);
    for (int i = 0; i < WIDTH; i++) {
        fputc(i < percent * WIDTH / 100 ? '#' : '.', stderr);
    }
    fprintf(stderr, "] %3d%%%s", percent, percent == 100 ? CLEAR : "");
    fflush(stderr);
}
