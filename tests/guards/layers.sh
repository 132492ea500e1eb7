#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds the direction of the layers: what each folder may include (docs/architecture.md), and that each header
# compiles alone.
set -eu
root=${1:-.}
failed=0

complain() {
    printf '%s\n' "$1" >&2
    failed=1
}

# only FOLDER ALLOWED: every #include of FOLDER matches the extended regular expression
only() {
    found=$(grep -nE '^[[:space:]]*#[[:space:]]*include' "$root/mod_smvportal/$1"/*.[ch] | grep -vE "include[[:space:]]+($2)" || true)
    [ -z "$found" ] || complain "mod_smvportal/$1 includes what its layer may not:
$found"
}

c_library='<(assert|ctype|errno|limits|locale|math|grp|netdb|poll|signal|stdarg|stdatomic|stddef|stdint|stdio|stdlib|string|strings|sysexits|threads|time|unistd|inttypes|fcntl|iconv|sys/[a-z]+)\.h>'
core='"(\.\./core/)?smv_[a-z0-9_]+\.h"'

only core "<apr[a-z0-9_]*\\.h>|$c_library|\"smv_[a-z_]+\\.h\""
only port "<apr[a-z_]*\\.h>|$c_library|$core|<(archive|archive_entry|jansson|ldap|ldap_schema|lber|magic|qrencode|sqlite3|gettext-po)\\.h>|<(libxml|openssl)/[a-z0-9A-Z]+\\.h>"
only httpd "<(apr|ap_|http|util_|mod_|httpd|unixd|scoreboard)[a-z_]*\\.h>|$c_library|\"(\\.\\./(core|port)/)?(smv|mod_smvportal)[a-z_]*\\.h\""
only ctl "<apr[a-z_]*\\.h>|$c_library|<termios\\.h>|\"(\\.\\./(core|port)/)?smv[a-z_]*\\.h\""

# one foreign library a file
for file in "$root"/mod_smvportal/port/*.c; do
    libraries=$(grep -oE '#include <(archive|jansson|ldap|lber|magic|qrencode|sqlite3|gettext-po|libxml|openssl)' "$file" | sed 's/lber/ldap/' | sort -u | wc -l)
    [ "$libraries" -le 1 ] || complain "$file: reaches more than one foreign library"
done

for header in "$root"/mod_smvportal/core/*.h "$root"/mod_smvportal/port/*.h; do
    case $header in *_sql.h) [ "${header##*/}" = smv_sql.h ] || continue ;; esac
    # An inline function that nobody calls is not unused: this is a header.
    # shellcheck disable=SC2046,SC2086
    ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only ${CPPFLAGS_APR:-$(pkg-config --cflags apr-1 apr-util-1)} \
        -x c "$header" || complain "$header: does not compile alone"
done

exit $failed
