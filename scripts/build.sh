#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build.sh FOLDER [CONFIGURE ARGUMENT...]: configure, where that was not done, and make, outside of the source tree.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
shift
# Characters that configure refuses with "unsafe srcdir value", after everything else was done.
for path in "$root" "$folder"; do
    case $path in
    *[!A-Za-z0-9_/.,:@%+=~-]*)
        echo "build.sh: autoconf cannot build where a path has blanks or special characters: move $path" >&2
        exit 1
        ;;
    esac
done
[ -x "$root/configure" ] && [ "$root/configure" -nt "$root/configure.ac" ] || (cd "$root" && autoreconf -fi)
mkdir -p "$folder"
cd "$folder"
[ -e Makefile ] || "$root/configure" --prefix=/usr --sysconfdir=/etc "$@"
make -j"$(nproc)"
