#pragma once
#include <adwaita.h>

/* The first-start page: leads to the demo, or to a configuration of one's own, in one click. */
#define QTR_TYPE_WELCOME (qtr_welcome_get_type())
G_DECLARE_FINAL_TYPE(QtrWelcome, qtr_welcome, QTR, WELCOME, AdwBin)
