#pragma once
#include "gpu/device.h"

/* What a device does at most, measured; the yardstick of the benchmark's table. */
typedef struct {
    double gflops;   /* 1e9 single-precision operations a second; an fma is two */
    double copy_gbs; /* 1e9 bytes a second, read plus written, of a copy too large for the caches */
    double launch_us; /* microseconds a launch, in a list of 1000 kernels that do nothing */
} QtrPeak;

/* Takes about a second and an eighth of the device's memory, at most 512 MiB. */
gboolean qtr_peak_measure(QtrDevice *device, QtrPeak *peak, GError **error);
