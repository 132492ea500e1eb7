#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every test, on a bare Debian 12: installs the tools, builds with gcc and clang (warnings are errors), runs the unit,
# port and guard tests, then pytest against a real httpd and slapd and a headless browser. Ends with one summary line.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/smvportal-check.XXXXXX")
chmod 755 "$work"
tidy=
browser=
trap '[ -z "$tidy$browser" ] || kill $tidy $browser 2>/dev/null; rm -rf "$work"' EXIT
passed=0
failed=0
cd "$root" || exit 1
export PATH=$PATH:/usr/sbin:/sbin

step() { # NAME COMMAND...: one check; its output is shown where it fails
    local name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        tail -n 60 "$work/log"
    fi
}

# The tests of a CUnit program, counted one by one from what it prints.
unit() { # PROGRAM
    SMV_SOURCE=$root "$1" >"$work/log" 2>&1
    local status=$? good bad
    good=$(grep -c '\.\.\.passed' "$work/log")
    bad=$(grep -c '\.\.\.FAILED' "$work/log")
    if [ "$bad" = 0 ] && { [ $status -ne 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    echo "$( ((bad == 0)) && echo 'ok    ' || echo FAILED)  ${1##*/}: $good passed, $bad failed"
    ((bad == 0)) || cat "$work/log"
}

run_pytest() { # NAME ARGUMENT...
    local name=$1
    shift
    /usr/bin/python3 -m pytest -q -p no:cacheprovider --junitxml="$work/$name.xml" "$@" >"$work/$name.log" 2>&1
}

# The one reason to skip a test is that the sample files of the industry, which are not in this project, are not beside it.
count_pytest() { # NAME STATUS
    local counts left_out
    counts=$(/usr/bin/python3 - "$work/$1.xml" <<'PYTHON'
import sys, xml.etree.ElementTree
suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot().find("testsuite")
bad = int(suite.get("failures")) + int(suite.get("errors"))
skipped = [each.get("message") for each in suite.iter("skipped")]
absent = skipped.count("the sample files of the industry are not there")
print(int(suite.get("tests")) - bad - len(skipped), bad + len(skipped) - absent, absent)
PYTHON
    ) || counts="0 1 0"
    read -r good bad left_out <<<"$counts"
    if [ "$bad" = 0 ] && { [ "$2" -ne 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    echo "$( ((bad == 0)) && echo 'ok    ' || echo FAILED)  $1: $good passed, $bad failed$( ((left_out == 0)) || echo ", $left_out skipped without the sample files")"
    ((bad == 0)) || tail -n 150 "$work/$1.log"
}

"$root/scripts/packages.sh" install build demo test || exit 1
step "build with gcc" "$root/scripts/build.sh" "$work/gcc" --enable-werror
step "build with clang" env CC=clang "$root/scripts/build.sh" "$work/clang" --enable-werror
step "build the unit tests" make -C "$work/gcc" tests/unit/test_core tests/port/test_template tests/port/test_store tests/port/test_search \
    tests/port/test_ldap tests/port/test_ldap_names tests/port/test_incoming tests/port/test_archive tests/port/test_json_read tests/port/test_markup tests/port/test_gdv
step "clang-format" make -C "$work/gcc" format-check
# It takes minutes of a processor, which the servers of the tests leave free for the most part.
nice -n 19 make -C "$work/gcc" tidy >"$work/tidy.log" 2>&1 &
tidy=$!
step "layers with gcc" env CC=gcc "$root/tests/guards/layers.sh" "$root"
step "layers with clang" env CC=clang "$root/tests/guards/layers.sh" "$root"
step "make distcheck" make -C "$work/gcc" distcheck
unit "$work/gcc/tests/unit/test_core"
unit "$work/gcc/tests/port/test_template"
unit "$work/gcc/tests/port/test_store"
unit "$work/gcc/tests/port/test_search"
unit "$work/gcc/tests/port/test_incoming"
unit "$work/gcc/tests/port/test_archive"
unit "$work/gcc/tests/port/test_json_read"
unit "$work/gcc/tests/port/test_markup"
unit "$work/gcc/tests/port/test_gdv"
unit "$work/gcc/tests/port/test_ldap_names"
export BUILD_DIR=$work/gcc
# Two at a time, as they mostly wait; what measures times, or how much a load bears, has the machine to itself.
run_pytest browser tests/browser &
browser=$!
run_pytest integration tests/integration -m "not alone"
count_pytest integration $?
wait "$browser"
count_pytest browser $?
browser=
run_pytest alone tests/integration -m alone
count_pytest alone $?
SMV_ACCOUNTS=100000 SMV_RECORDS=60000 run_pytest scale tests/scale
count_pytest scale $?
finish_tidy() {
    wait "$tidy"
    local status=$?
    tidy=
    cat "$work/tidy.log"
    return $status
}
step "clang-tidy" finish_tidy
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
