#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The one list of Debian packages. packages.sh build|demo|test|bench|memory prints one; packages.sh install LIST... installs what
# is missing, without starting any service.
set -eu

list() {
    case $1 in
    build) echo apache2-dev autoconf automake gcc libapr1-dev libaprutil1-dev libarchive-dev libgettextpo-dev \
        libjansson-dev libldap-dev libmagic-dev libqrencode-dev libsqlite3-dev libssl-dev libtool libxml2-dev make pkg-config ;;
    demo) echo apache2-bin ldap-utils python3 slapd ;;
    test) echo 389-ds-base chromium chromium-driver clamav-daemon clang clang-format clang-tidy curl groff-base krb5-admin-server krb5-kdc krb5-user \
        libapache2-mod-auth-gssapi libapache2-mod-auth-mellon libapache2-mod-auth-openidc libapache2-mod-fcgid libcunit1-dev \
        libio-socket-timeout-perl libio-string-perl liblasso-perl liblemonldap-ng-portal-perl libnet-ldap-perl \
        libunicode-string-perl libxml-simple-perl python3-jsonschema \
        openssl python3-ldap python3-pytest python3-requests python3-selenium samba samba-ad-provision samba-dsdb-modules slapd-contrib zbar-tools
        command -v npm >/dev/null || echo npm ;; # Node.js from elsewhere has its own
    bench) echo python3-requests wrk ;;
    memory) echo valgrind ;;
    *) echo "packages.sh: no list is called $1" >&2; exit 64 ;;
    esac
}

policy=/usr/sbin/policy-rc.d

# Packages start no service while this policy stands; one that was there before comes back, however the run ends.
forbid_services() {
    made=
    trap allow_services EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if { [ -e $policy ] || [ -L $policy ]; } && [ ! -e $policy.before-demo ]; then
        $as_root mv $policy $policy.before-demo
    fi
    made=yes
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
}

allow_services() {
    if [ -e $policy.before-demo ] || [ -L $policy.before-demo ]; then
        $as_root mv -f $policy.before-demo $policy
    elif [ -n "$made" ]; then
        $as_root rm -f $policy
    fi
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
    forbid_services
    status=0
    # shellcheck disable=SC2086
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends $missing; } >&2 || status=$?
    return $status
}

case ${1-} in
install) shift; install "$@" ;;
*) list "${1-}" ;;
esac
