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
# Where NVIDIA's library is; nothing if it is nowhere usual.
nvidia_library() {
    local folder
    for folder in $( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null | sed -n 's,.*=> \(/.*\)/libnvidia-opencl\.so\.1$,\1,p') \
        /usr/local/nvidia/lib64 /usr/lib64 /usr/lib/*-linux-gnu /usr/lib/wsl/lib; do
        if [ -e "$folder/libnvidia-opencl.so.1" ]; then
            echo "$folder/libnvidia-opencl.so.1"
            return
        fi
    done
}

nvidia=$(nvidia_library)
# Containers often have NVIDIA's library but not the file that names it.
if [ -z "${OCL_ICD_VENDORS-}" ] && [ -n "$nvidia" ] && ! grep -qs nvidia /etc/OpenCL/vendors/*.icd; then
    mkdir -p "$results/vendors"
    cp /etc/OpenCL/vendors/*.icd "$results/vendors/" 2>/dev/null
    echo "$nvidia" >"$results/vendors/nvidia.icd"
    export OCL_ICD_VENDORS=$results/vendors
    export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}${nvidia%/*}
fi

# What the machine has, for whoever reads the results.
machine() {
    uname -a
    grep -m1 'model name' /proc/cpuinfo
    grep -s . /etc/OpenCL/vendors/*.icd "${OCL_ICD_VENDORS:-/nowhere}"/*.icd
    echo "NVIDIA's OpenCL library: ${nvidia:-none}"
    ls /dev/nvidia* /dev/dri/* /dev/kfd
    nvidia-smi && nvidia-smi -q -d COMPUTE,CLOCK
}
machine >"$results/machine.txt" 2>&1

# Why no driver may have been found.
explain() {
    if ls /dev/nvidia[0-9]* >/dev/null 2>&1 && [ -z "$nvidia" ]; then
        echo "There is an NVIDIA GPU but no libnvidia-opencl.so.1: a container gets it with" \
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility, a machine with the package of its driver's version."
    elif [ -e /dev/dri/renderD128 ] && [ ! -w /dev/dri/renderD128 ]; then
        echo "There is a GPU that this user may not use: AMD's and Intel's drivers want the group 'render'."
    elif [ -e /dev/dri/renderD128 ] || [ -e /dev/kfd ]; then
        echo "There may be a GPU without an OpenCL driver: intel-opencl-icd, AMD's rocm-opencl-runtime, or mesa-opencl-icd" \
            "with RUSTICL_ENABLE=radeonsi or iris."
    else
        echo "No GPU is to be seen here: neither /dev/nvidia0 nor /dev/dri."
    fi
}

failed=0
limit=()
command -v timeout >/dev/null && limit=(timeout -k 10 3600) # for a kernel that hangs
# One program: its output in NAME.log, a line in the summary.
record() {
    local name=$1 code
    shift
    "${limit[@]}" "$@" >"$results/$name.log" 2>&1
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
    cat "$results/devices.log" "$results/devices.json" >&2
    explain | tee -a "$results/summary.txt" >&2
    exit 1
fi
if ! grep -q '"cpu":false' "$results/devices.json"; then
    echo "No driver offers a GPU; what follows is the processor." | tee -a "$results/summary.txt"
    explain | tee -a "$results/summary.txt"
fi
for program in "$here"/bin/test-*; do
    record "$(basename "$program")" "$program"
done
# bench NAME [WORKLOAD...]: NAME.json, and its table in the summary.
bench() {
    local name=$1
    shift
    if "${limit[@]}" "$here/bin/quantoaster" bench --json "$@" >"$results/$name.json" 2>"$results/$name.log"; then
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
