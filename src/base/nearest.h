#pragma once
#include <glib.h>

/* The member of the NULL-terminated `names` closest to `word` by edit distance, or NULL if none is
 * close enough to be a likely slip of the pen. For "did you mean" messages. */
const char *qtr_nearest_name(const char *word, const char *const *names);
