/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_start_screen: the start screen of the firm: what it says of tiles, news and colours, and the pages of its editor.
 *
 * Everything made lives as long as the request. Thread-safety: one thread of the request.
 */
#ifndef SMV_START_SCREEN_H
#define SMV_START_SCREEN_H

#include "smv_row_pages.h"

#define SMV_NEWS_COUNT 4
#define SMV_OWN_TILES 3
#define SMV_TILE_PLACES 7

/* What the logo may be. */
#define SMV_LOGO_TYPES "image/png image/jpeg"
#define SMV_LOGO_SIZE 250000 /* bytes */

/* What people see. Before the firm has published one, all but its tiles is absent.
 * @param screen out: of smv_shape_start_screen */
const smv_error_t *smv_screen_published(const smv_call_t *call, const smv_record_t **screen);

/* The one that the query names ("publication=3"), else the draft. @return SMV_ERROR_NOT_FOUND, SMV_ERROR_BAD_REQUEST */
const smv_error_t *smv_screen_asked(const smv_call_t *call, const smv_record_t **screen);

/* @return the text of a field of the screen; NULL where it is absent */
const char *smv_screen_text(const smv_record_t *screen, const char *field);

/* The same of "link_%d_url" and its like. @param number from 1 */
const char *smv_screen_text_of(const smv_record_t *screen, const char *pattern, int number, apr_pool_t *pool);

/* @return the place of a tile, from 1; 0: it is not shown */
int smv_screen_place(const smv_record_t *screen, const char *field);

/* The firm as its screen shows it. */
smv_record_t *smv_screen_firm(const smv_record_t *firm, const smv_record_t *screen, apr_pool_t *pool);

/* The look of the frame by what is published. @param firm of smv_store_t.firm */
smv_look_t smv_look_of(const smv_call_t *call, const smv_record_t *firm);

/* Set what every start screen has of the firm: its words and news, valid today. */
void smv_start_fill(const smv_call_t *call, const smv_record_t *view, const smv_record_t *firm,
                    const smv_record_t *screen);

/* smv_shape_tile of all tiles, in their order, as they are shown to nobody: without the links of a customer. */
smv_list_t *smv_start_sample_tiles(const smv_call_t *call, const smv_record_t *screen);

/* What the editor shows. */
typedef struct smv_screen_page_t {
    const smv_record_t *draft;
    smv_form_state_t form;    /* of smv_shape_start_screen; its row is made from the draft */
    const smv_record_t *made; /* the values that are shown, as far as they are right: for the contrasts */
    const smv_problem_t *logo_problems;
    const char *notice; /* msgid; NULL: nothing */
} smv_screen_page_t;

/* smv_shape_start_screen_view. */
const smv_error_t *smv_screen_page(const smv_call_t *call, const smv_record_t **view, const smv_screen_page_t *page);

/* The draft with the colours and places that it leaves to the portal. */
smv_record_t *smv_screen_whole(const smv_record_t *screen, apr_pool_t *pool);

/* @return 1 where two screens show something else */
int smv_screen_differs(const smv_record_t *one, const smv_record_t *other);

#endif
