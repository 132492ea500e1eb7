/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_clamd: asking ClamAV's clamd whether a file holds a virus (INSTREAM, clamd(8)).
 *
 * Whatever clamd answers but "OK" keeps the file out: found, in trouble, too slow, or not there. clamd's
 * StreamMaxLength must not be less than the largest file. Thread-safety: any thread; one connection a call. The process
 * ignores SIGPIPE.
 */
#ifndef SMV_CLAMD_H
#define SMV_CLAMD_H

#include <apr_file_io.h>
#include <apr_time.h>

#include "../core/smv_error.h"

/* @param address the path of clamd's local socket, or a host and a port as in "127.0.0.1:3310"
 * @param timeout of the whole conversation
 * @param file open for reading; where it is read next changes
 * @return SMV_ERROR_INVALID where clamd found something, SMV_ERROR_SCANNER_AWAY where it did not say "OK" */
const smv_error_t *smv_clamd_check(const char *address, apr_time_t timeout, apr_file_t *file, apr_pool_t *pool);

#endif
