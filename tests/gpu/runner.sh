#!/usr/bin/env bash
# Runs the bundle that tests/gpu/run made: run RESULTS [WORKLOAD...] (those of `quantoaster bench`).
set -uo pipefail
[ $# -gt 0 ] || { sed -n '2s/^# //p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" || exit 2
results=$(cd "$1" && pwd)
shift

export QTR_SOURCE_ROOT=$here QTR_SHARED=$here/shared CMOCKA_MESSAGE_OUTPUT=TAP
export XDG_CACHE_HOME=$results/cache
# Containers often have NVIDIA's library but not the file that names it.
if [ -z "${OCL_ICD_VENDORS-}" ] && ! ls /etc/OpenCL/vendors/*.icd >/dev/null 2>&1; then
    mkdir -p "$results/vendors"
    echo libnvidia-opencl.so.1 >"$results/vendors/nvidia.icd"
    export OCL_ICD_VENDORS=$results/vendors
fi

failed=0
# One program: its output in NAME.log, a line in the summary.
record() {
    local name=$1 code
    shift
    "$@" >"$results/$name.log" 2>&1
    code=$?
    [ $code -eq 0 ] || failed=$((failed + 1))
    printf '%s %s (%s passed, %s failed, %s skipped)\n' "$([ $code -eq 0 ] && echo ok || echo "FAILED with $code")" \
        "$name" "$(grep -E '^ok' "$results/$name.log" | grep -vc '# SKIP')" \
        "$(grep -E '^not ok' "$results/$name.log" | grep -vc '# SKIP')" \
        "$(grep -Ec '^(not )?ok .*# SKIP' "$results/$name.log")" | tee -a "$results/summary.txt"
}

cp "$here/version.txt" "$results/"
: >"$results/summary.txt"
if ! "$here/bin/quantoaster" devices --json >"$results/devices.json" 2>"$results/devices.log"; then
    cat "$results/devices.log" >&2
    exit 1
fi
for program in "$here"/bin/test-*; do
    record "$(basename "$program")" "$program"
done
# bench NAME [WORKLOAD...]: NAME.json, and its table in the summary.
bench() {
    local name=$1
    shift
    if "$here/bin/quantoaster" bench --json "$@" >"$results/$name.json" 2>"$results/$name.log"; then
        sed 's/{"workload"/\n&/g' "$results/$name.json" | awk -f "$here/table.awk" | tee "$results/$name.md"
    else
        failed=$((failed + 1))
        echo "FAILED $name" | tee -a "$results/summary.txt"
    fi
}

if grep -q '"cpu":false' "$results/devices.json"; then
    echo "With tiles that are not measured:"
    bench bench-before "$@"
    record tune "$here/bin/quantoaster" tune -c "$here/configs/quant_config.yaml" -o "$results/tuning"
    echo "With those measured:"
fi
bench bench "$@"
echo "$failed programs failed" | tee -a "$results/summary.txt"
[ "$failed" -eq 0 ]
