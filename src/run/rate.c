#include "run/rate.h"

#include <math.h>

double qtr_rate_eta(QtrRate *rate, double now, double done, double total)
{
    if (!(rate->since > 0))
        *rate = (QtrRate){.since = now, .done = done};
    return done > rate->done ? (now - rate->since) / (done - rate->done) * (total - done) : NAN;
}
