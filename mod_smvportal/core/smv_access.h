/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_access: customer access: the accounts of a customer, who may manage them, and their invitations. Shared by the
 * actions about accesses.
 *
 * Everything made lives as long as the request. Thread-safety: one thread of the request.
 */
#ifndef SMV_ACCESS_H
#define SMV_ACCESS_H

#include "smv_route.h"

/* A login: 3 to 64 of a-z, 0-9, dot, hyphen, underscore and @, beginning with a letter or digit; capitals become small.
 * "new" is none: it is a page. */
extern const smv_rule_t smv_rule_login;

/* @return a login made from a name: "Jörg Groß" -> "joerg.gross"; NULL where nothing of it can be written so */
const char *smv_login_of(const char *name, apr_pool_t *pool);

/* Customer numbers separated by commas or blanks.
 * @return 0 where something else is among them, or more than SMV_MAX_CUSTOMERS_AN_ACCESS */
int smv_read_numbers(smv_numbers_t *numbers, const char *text, apr_pool_t *pool);

#define SMV_MAX_CUSTOMERS_AN_ACCESS 50

/* Whether the caller may manage accesses of a customer and give these roles to one of them.
 * @param may out @return the store's error */
const smv_error_t *smv_access_may_give(const smv_call_t *call, int *may, apr_int64_t customer, const smv_role_t *roles,
                                       int count);

/* Whether the caller may change an access: each of its customers is one whose accesses they manage, its roles are ones
 * they may give, and it is not their own. */
const smv_error_t *smv_access_may_change(const smv_call_t *call, int *may, const smv_account_t *account);

/* The account that the path names; none of staff, none of other customers. @return SMV_ERROR_NOT_FOUND */
const smv_error_t *smv_access_find(const smv_call_t *call, const smv_account_t **account);

/* smv_shape_access of an account. */
const smv_error_t *smv_access_record(const smv_call_t *call, const smv_record_t **record, const smv_account_t *account);

/* Path below the base: of the list of the call's customer, and of one access. */
const char *smv_accesses_path(const smv_call_t *call);
const char *smv_access_path(const smv_call_t *call, const char *login);

/* Note what is about to be done to an access; with detail (a JSON object), or NULL. */
const smv_error_t *smv_access_note(const smv_call_t *call, smv_event_kind_e kind, const char *dn, const char *detail);

/* Invite the account's person to choose a password: makes a code, mails it where that is set up and the account has an
 * address, and answers the letter, which nobody can make again.
 * @param is_reset whether the account has been in use */
const smv_error_t *smv_access_invite(const smv_call_t *call, smv_answer_t *answer, const smv_account_t *account,
                                     int is_reset);

/* What can be said of a form's new password, which is typed twice, without the directory: how good it is, is its
 * business.
 * @return NULL where nothing is wrong */
const smv_problem_t *smv_check_new_password(const smv_call_t *call);

/* The password in a field of a form as the directory takes it: with the code of a second factor behind it, where one
 * was typed (slapo-otp(5)). @return NULL where the field is missing */
const char *smv_bound_password(const smv_form_t *form, const char *field, apr_pool_t *pool);

/* The page on which somebody chooses a new password who may not sign in without one.
 * @param why SMV_ERROR_PASSWORD_EXPIRED, SMV_ERROR_PASSWORD_RESET; NULL: as is known */
smv_record_t *smv_renewal_view(const smv_call_t *call, const char *login, const smv_error_t *why);

#endif
