#!/bin/sh
# Starts the program of this name in ../programs with the libraries of the bundle, and with its C and
# C++ libraries too where the machine's are missing or too old.
here=$(dirname "$(readlink -f "$0")")
program=$here/programs/$(basename "$0")
loader=$(basename "$here"/base/ld-linux*)

for system in "/lib64/$loader" "/lib/$loader"; do
    if [ -x "$system" ] && needed=$("$system" --library-path "$here/lib" --list "$program" 2>&1) &&
        ! echo "$needed" | grep -q 'not found'; then
        LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$program" "$@"
    fi
done
exec "$here/base/$loader" --argv0 "$0" \
    --library-path "$here/base:$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$program" "$@"
