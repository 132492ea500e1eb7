#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A private portal with sample data on loopback: own slapd, own httpd, own folder.
#
# usage: demo.sh                             start, print the logins, wait; Ctrl-C stops both servers
#        demo.sh start|stop|status|reset     the same in the background; reset throws the sample data away
#        demo.sh env                         shell assignments for scripts
# environment: PORT (8080), LDAP_PORT (3389), DEMO_DIR (.demo), BUILD_DIR (build), HTTPD_WRAPPER (a command to run httpd by)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PORT=${PORT:-8080}
LDAP_PORT=${LDAP_PORT:-3389}
DEMO_DIR=${DEMO_DIR:-$root/.demo}
case $DEMO_DIR in /*) ;; *) DEMO_DIR=$PWD/$DEMO_DIR ;; esac
BUILD_DIR=${BUILD_DIR:-$root/build}
case $BUILD_DIR in /*) ;; *) BUILD_DIR=$PWD/$BUILD_DIR ;; esac
PATH=$PATH:/usr/sbin:/sbin
base_dn=dc=musterfirma,dc=example
admin_password=demo-admin

fail() {
    echo "demo.sh: $*" >&2
    exit 1
}

# A pid file outlives a crash, and its number may be another process's by now: only a server started with a
# configuration from this folder counts.
is_running() { # PIDFILE
    local pid arguments
    { read -r pid <"$1" && [[ $pid =~ ^[0-9]+$ ]]; } 2>/dev/null || return 1
    mapfile -d '' -t arguments 2>/dev/null <"/proc/$pid/cmdline" || return 1
    [[ ${arguments[*]} == *" -f $DEMO_DIR/"* ]]
}

port_taken() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# A server that listens has perhaps not yet said its number, by which stop finds it.
wait_for() { # PORT PIDFILE WHAT LOG
    for _ in $(seq 300); do
        port_taken "$1" && is_running "$2" && return 0
        sleep 0.1
    done
    [ ! -e "$4" ] || tail -n 5 "$4" >&2
    fail "$3 did not start on port $1"
}

build() {
    "$root/scripts/packages.sh" install build demo || fail "the packages could not be installed"
    local log=$root/.build.log
    if ! "$root/scripts/build.sh" "$BUILD_DIR" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail "the build failed: see $log"
    fi
    rm -f "$log"
}

# Where the demo's folder is a link (see make_folder), the servers need what it points to.
resolve_folder() {
    link=$DEMO_DIR
    [ ! -d "$DEMO_DIR" ] || DEMO_DIR=$(readlink -f "$DEMO_DIR")
    case $DEMO_DIR in *[\"\\\$]* | *$'\n'*) fail "DEMO_DIR must not hold quotes, backslashes, dollar signs or line ends" ;; esac
}

# The ports of the running demo, whatever the environment says now.
read_ports() {
    { is_running "$DEMO_DIR/httpd.pid" || is_running "$DEMO_DIR/ldap/slapd.pid"; } || return 0
    [ ! -s "$DEMO_DIR/ports" ] || read -r PORT LDAP_PORT <"$DEMO_DIR/ports"
}

is_foreign_folder() {
    [ -d "$DEMO_DIR" ] && [ ! -e "$DEMO_DIR/.smvportal-demo" ] && [ -n "$(ls -A "$DEMO_DIR")" ]
}

# As root httpd serves as www-data, which must reach the demo's folder wherever the checkout is.
make_folder() {
    [ ! -e "$DEMO_DIR/.smvportal-demo" ] || return 0
    mkdir -p "$DEMO_DIR"
    chmod 755 "$DEMO_DIR"
    if [ "$(id -u)" = 0 ] && ! setpriv --reuid=www-data --regid=www-data --clear-groups test -x "$DEMO_DIR"; then
        rmdir "$DEMO_DIR"
        local elsewhere
        elsewhere=$(mktemp -d /var/tmp/smvportal-demo.XXXXXX)
        chmod 755 "$elsewhere"
        ln -s "$elsewhere" "$DEMO_DIR"
        DEMO_DIR=$elsewhere
    fi
    : >"$DEMO_DIR/.smvportal-demo"
}

render() { # TEMPLATE TARGET: the placeholders of both templates
    local user=""
    [ "$(id -u)" != 0 ] || user=$'User www-data\nGroup www-data'
    local text
    text=$(<"$1")
    text=${text//@DIR@/"$DEMO_DIR"}
    text=${text//@PORT@/"$PORT"}
    text=${text//@LDAP_PORT@/"$LDAP_PORT"}
    text=${text//@MODULES@/"$(apxs -q LIBEXECDIR)"}
    text=${text//@CACHE_TIME@/"${CACHE_TIME:-10}"}
    text=${text//@USER@/"$user"}
    printf '%s\n' "$text" >"$2"
}

# Sample data is complete where its mark names the sources that it was made from, as they are now.
mark_of() { # FILE...
    sha256sum "$@" | sed 's/ .*//'
}

is_complete() { # FOLDER MARK
    [ -e "$1/complete" ] && [ "$(<"$1/complete")" = "$2" ]
}

prepare_directory() {
    local mark
    mark=$(mark_of "$root"/ldap-schema/*)
    ! is_complete "$DEMO_DIR/ldap" "$mark" || return 0
    rm -rf "$DEMO_DIR/ldap"
    mkdir -p "$DEMO_DIR/ldap/data"
    chmod 700 "$DEMO_DIR/ldap"
    local text
    text=$(<"$root/ldap-schema/slapd.conf.in")
    text=${text//@DIR@/"$DEMO_DIR/ldap"}
    text=${text//@SCHEMA@/"$root/ldap-schema"}
    text=${text//@ADMIN_PASSWORD@/"$admin_password"}
    printf '%s\n' "$text" >"$DEMO_DIR/ldap/slapd.conf"
    slapadd -q -f "$DEMO_DIR/ldap/slapd.conf" -l "$root/ldap-schema/sample.ldif" ||
        fail "the sample tree could not be loaded"
    echo "$mark" >"$DEMO_DIR/ldap/complete"
}

prepare_portal() {
    local mark
    mark=$(mark_of "$root"/mod_smvportal/port/*.sql "$root/tests/sample/make_sample.py")
    mkdir -p "$DEMO_DIR"/{conf.d,logs,www/right,www/role}
    rm -rf "$DEMO_DIR/htdocs"
    cp -r "$root/htdocs" "$DEMO_DIR/htdocs"
    chmod -R u=rwX,go=rX "$DEMO_DIR/htdocs" "$DEMO_DIR/www"
    cp "$BUILD_DIR/.libs/mod_smvportal.so" "$DEMO_DIR/mod_smvportal.so"
    for place in right role; do
        echo "<p>$place</p>" >"$DEMO_DIR/www/$place/index.html"
    done
    (umask 077 && echo demo-portal >"$DEMO_DIR/ldap-password")
    if ! is_complete "$DEMO_DIR/data" "$mark"; then
        rm -rf "$DEMO_DIR/data" "$DEMO_DIR/documents"
        mkdir -p "$DEMO_DIR/data" "$DEMO_DIR/documents"
        "$BUILD_DIR/smvportalctl" create-database "$DEMO_DIR/data/portal.sqlite"
        /usr/bin/python3 "$root/tests/sample/make_sample.py" "$DEMO_DIR/data/portal.sqlite" "$DEMO_DIR/documents"
        echo "$mark" >"$DEMO_DIR/data/complete"
        [ "$(id -u)" != 0 ] || chown -R www-data:www-data "$DEMO_DIR/data" "$DEMO_DIR/documents"
        chmod 700 "$DEMO_DIR/data" "$DEMO_DIR/documents"
    fi
    render "$root/conf/demo-httpd.conf.in" "$DEMO_DIR/httpd.conf"
}

start_directory() {
    is_running "$DEMO_DIR/ldap/slapd.pid" && return 0
    ! port_taken "$LDAP_PORT" || fail "port $LDAP_PORT is taken: say LDAP_PORT=… for another one"
    started+=("$DEMO_DIR/ldap/slapd.pid")
    slapd -f "$DEMO_DIR/ldap/slapd.conf" -h "ldap://127.0.0.1:$LDAP_PORT" || fail "slapd did not start"
    wait_for "$LDAP_PORT" "$DEMO_DIR/ldap/slapd.pid" slapd "$DEMO_DIR/none"
}

start_portal() {
    is_running "$DEMO_DIR/httpd.pid" && return 0
    ! port_taken "$PORT" || fail "port $PORT is taken: say PORT=… for another one"
    started+=("$DEMO_DIR/httpd.pid")
    local wrapper
    read -ra wrapper <<<"${HTTPD_WRAPPER-}"
    "${wrapper[@]}" apache2 -f "$DEMO_DIR/httpd.conf" -k start || fail "httpd did not start"
    wait_for "$PORT" "$DEMO_DIR/httpd.pid" httpd "$DEMO_DIR/logs/error.log"
}

# A start that fails or is interrupted leaves none of its servers behind.
undo_start() {
    for each in "${started[@]}"; do stop_one "$each"; done
}

start() {
    started=()
    resolve_folder
    read_ports
    if is_running "$DEMO_DIR/httpd.pid" && is_running "$DEMO_DIR/ldap/slapd.pid"; then
        echo "The portal runs already: http://127.0.0.1:$PORT/portal/"
        return 0
    fi
    is_running "$DEMO_DIR/httpd.pid" || ! port_taken "$PORT" || fail "port $PORT is taken: say PORT=… for another one"
    ! is_foreign_folder || fail "$DEMO_DIR holds other files: say DEMO_DIR=… for a folder of the demo's own"
    build
    make_folder
    echo "$PORT $LDAP_PORT" >"$DEMO_DIR/ports"
    trap undo_start EXIT
    prepare_directory
    start_directory
    is_running "$DEMO_DIR/httpd.pid" || prepare_portal
    start_portal
    trap - EXIT
    cat <<EOF
The portal runs: http://127.0.0.1:$PORT/portal/   (every password is "demo")

  karla.kunde        private customer        customer 10001
  claudia.chef       corporate customer      customers 20001 and 20002
  viktor.vermittler  broker 501              customers 10001, 20001, 20002
  ines.innen         back office             every customer
  nora.nurlesen      customer, reading only  customer 10002
EOF
}

stop_one() { # PIDFILE
    is_running "$1" || return 0
    local pid
    pid=$(cat "$1")
    kill "$pid"
    for _ in $(seq 300); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    fail "process $pid does not stop"
}

stop() {
    resolve_folder
    stop_one "$DEMO_DIR/httpd.pid"
    stop_one "$DEMO_DIR/ldap/slapd.pid"
    echo "The portal is stopped."
}

status() {
    local code=0
    resolve_folder
    for each in httpd:"$DEMO_DIR/httpd.pid" slapd:"$DEMO_DIR/ldap/slapd.pid"; do
        if is_running "${each#*:}"; then echo "${each%%:*} runs"; else echo "${each%%:*} is stopped"; code=3; fi
    done
    return $code
}

reset() {
    ! is_foreign_folder || fail "$DEMO_DIR holds other files and is left alone"
    stop
    [ "$link" = "$DEMO_DIR" ] || [ ! -L "$link" ] || rm -f "$link"
    rm -rf "$DEMO_DIR"
    DEMO_DIR=$link
    start
}

print_env() {
    resolve_folder
    read_ports
    printf '%s=%q\n' BASE_URL "http://127.0.0.1:$PORT/portal" LDAP_URI "ldap://127.0.0.1:$LDAP_PORT" \
        LDAP_BASE "$base_dn" LDAP_ADMIN_DN "cn=admin,$base_dn" LDAP_ADMIN_PW "$admin_password" \
        DATABASE "$DEMO_DIR/data/portal.sqlite" SMVPORTALCTL "$BUILD_DIR/smvportalctl"
}

case ${1-} in
start | stop | status | reset) "$1" ;;
env) print_env ;;
'')
    start
    trap 'stop; exit 0' INT TERM HUP
    echo
    echo "Ctrl-C stops it."
    # a wait, unlike a command in the foreground, ends at once with a signal
    while is_running "$DEMO_DIR/httpd.pid"; do sleep 1 & wait $! || true; done
    stop
    ;;
*) fail "usage: demo.sh [start|stop|status|reset|env]" ;;
esac
