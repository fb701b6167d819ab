# The rows of docs/performance.md from reports of `quantoaster bench --json`.
function number(key) {
    match($0, "\"" key "\":[-+.0-9e]+")
    return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
}
function text(key) {
    match($0, "\"" key "\":\"[^\"]*\"")
    return substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 5)
}
/"device"/ {
    print text("device") "\n"
    print "| workload | best | median | GFLOP/s | of the peak measured beside | memory | copies, launches |"
    print "|---|---|---|---|---|---|---|"
}
/"workload"/ {
    printf "| %s: %s | %.4f s | %.4f s | %.0f | %.0f %% of %.0f | %.0f MiB | %.0f GB/s, %.1f us |\n", text("workload"), text("description"),
        number("best"), number("median"), number("flops") / number("best") / 1e9, 100 * number("of_peak"),
        number("peak_gflops"), number("memory") / 1048576, number("peak_copy_gbs"), number("peak_launch_us")
}
