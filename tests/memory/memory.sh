#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# memory.sh asan|valgrind [PYTEST ARGUMENT...]: the integration tests on a httpd whose memory is watched. Fails where a
# test fails, and where httpd or one of its children reports an error or a leak.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tool=${1:-}
shift || true
reports=$(mktemp -d "${TMPDIR:-/tmp}/smvportal-memory.XXXXXX")
chmod 1777 "$reports"
export BUILD_DIR=${BUILD_DIR:-$root/build-$tool}
export PATH=$PATH:/usr/sbin:/sbin

# httpd unloads modules at its end; libraries that went with them would have nothing left that points to their memory.
libraries() {
    ldd "$BUILD_DIR/.libs/mod_smvportal.so" | awk '$3 ~ /^\// && $3 !~ /\/lib([au]san|[cm])\.so/ { print $3 }' | paste -sd:
}

"$root/scripts/packages.sh" install build demo test memory || exit 1
case $tool in
asan)
    "$root/scripts/build.sh" "$BUILD_DIR" --enable-sanitizers >"$reports/build.log" 2>&1 || { cat "$reports/build.log"; exit 1; }
    options=log_path=$reports/report:exitcode=0:fast_unwind_on_malloc=0:detect_stack_use_after_return=1
    export LSAN_OPTIONS=suppressions=$root/tests/memory/lsan.supp:print_suppressions=0:exitcode=0
    export HTTPD_WRAPPER="env LD_PRELOAD=$(gcc -print-file-name=libasan.so):$(gcc -print-file-name=libubsan.so):$(libraries) \
ASAN_OPTIONS=$options UBSAN_OPTIONS=$options:print_stacktrace=1"
    ;;
valgrind)
    "$root/scripts/build.sh" "$BUILD_DIR" >"$reports/build.log" 2>&1 || { cat "$reports/build.log"; exit 1; }
    export HTTPD_WRAPPER="env LD_PRELOAD=$(libraries) valgrind --log-file=$reports/report.%p \
--suppressions=$root/tests/memory/valgrind.supp --keep-debuginfo=yes --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=30"
    ;;
*)
    echo "usage: memory.sh asan|valgrind [PYTEST ARGUMENT...]" >&2
    exit 64
    ;;
esac

make -C "$BUILD_DIR" check TESTS= >>"$reports/build.log" 2>&1 || { cat "$reports/build.log"; exit 1; }
status=0
if [ "$tool" = asan ]; then
    for program in unit/test_core port/test_template port/test_store; do
        SMV_SOURCE=$root "$BUILD_DIR/tests/$program" >"$reports/program.log" 2>&1 || { cat "$reports/program.log"; status=1; }
    done
fi
/usr/bin/python3 -m pytest -q -p no:cacheprovider "${@:-$root/tests/integration}" || status=1
watched=0
for report in "$reports"/report*; do
    [ -e "$report" ] || continue
    watched=$((watched + 1))
    if [ "$tool" = asan ] || grep -qE "ERROR SUMMARY: [1-9]|Invalid|uninitialised|definitely lost in" "$report"; then
        status=1
        cat "$report"
    fi
done
[ "$tool" = asan ] || [ $watched -gt 0 ] || status=1
echo "$tool: $([ $status = 0 ] && echo clean || echo "see $reports")"
[ $status != 0 ] || rm -rf "$reports"
exit $status
