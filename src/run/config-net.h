#pragma once
#include "nn/net.h"
#include "run/config.h"

/* The supernet of a configuration's search. */
void qtr_config_get_supernet(const QtrConfig *config, QtrNetParams *params);
