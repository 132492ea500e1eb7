#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The one list of Debian packages. packages.sh build|demo|test prints one; packages.sh install LIST... installs what
# is missing, without starting any service.
set -eu

list() {
    case $1 in
    build) echo apache2-dev autoconf automake gcc libapr1-dev libaprutil1-dev libgettextpo-dev \
        libldap-dev libsqlite3-dev libssl-dev libtool libxml2-dev make pkg-config ;;
    demo) echo apache2-bin ldap-utils python3 slapd ;;
    test) echo chromium chromium-driver clang curl libcunit1-dev python3-jsonschema python3-ldap python3-pytest \
        python3-requests python3-selenium ;;
    *) echo "packages.sh: no list is called $1" >&2; exit 64 ;;
    esac
}

install() {
    missing=
    for name in $(for each in "$@"; do list "$each"; done); do
        dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing="$missing $name"
    done
    [ -n "$missing" ] || return 0
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    echo "Installing:$missing" >&2
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
        $as_root chmod 755 $policy
        made=yes
    fi
    status=0
    # shellcheck disable=SC2086
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends $missing; } >&2 || status=$?
    [ -z "$made" ] || $as_root rm -f $policy
    return $status
}

case ${1-} in
install) shift; install "$@" ;;
*) list "${1-}" ;;
esac
