#pragma once

/* How fast work goes on, for an estimate of the time left. The first unit of work is not counted:
 * drivers compile kernels when they are first run. */
typedef struct {
    double since, done; /* seconds and units when the count began; since 0: not yet */
} QtrRate;

/* Seconds left at the time `now` (seconds, above 0), `done` of `total` units being done; NAN before
 * two calls with different `done`. */
double qtr_rate_eta(QtrRate *rate, double now, double done, double total);
