#pragma once
#include <glib.h>

/* Adds `text` with its NUL, which keeps it apart from what follows. */
void qtr_digest_add_text(GChecksum *sum, const char *text);
