/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_process: run a program to its end, without a shell, with a plain environment and within a time.
 */
#ifndef SMV_PROCESS_H
#define SMV_PROCESS_H

#include "../core/smv_error.h"

typedef struct smv_process_t {
    const char *command; /* its path, and arguments separated by blanks, quoted where they have some */
    const char *input;   /* what it reads; NULL: nothing */
    apr_size_t input_size;
    char *output; /* what it writes; NULL: nobody reads that */
    apr_size_t output_size;
} smv_process_t;

/* @return SMV_ERROR_CONFIGURATION: the command does not begin with the path of a program */
const smv_error_t *smv_process_check(const char *command, apr_pool_t *pool);

/* @param process output: ended by NUL, cut to its size
 * @param failure code of the errors, which name the program and never what it read or wrote */
const smv_error_t *smv_process_run(smv_process_t *process, smv_error_e failure, apr_pool_t *pool);

#endif
