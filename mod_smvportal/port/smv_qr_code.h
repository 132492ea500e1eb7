/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_qr_code: QR codes by libqrencode. Any thread.
 */
#ifndef SMV_QR_CODE_H
#define SMV_QR_CODE_H

#include "../core/smv_code.h"

extern smv_qr_fn smv_qr_code_make;

#endif
