#pragma once
#include "run/config.h"

/* The YAML text of a configuration while it is being written. */

/* What the text means, with faulty keys at their defaults; NULL if it is not YAML. `name` is for
 * messages, `folder` (may be NULL) what relative paths count from. `problems` receives the
 * QtrConfigProblem found. */
QtrConfig *qtr_config_text_read(const char *text, const char *name, const char *folder,
                                GPtrArray **problems);
/* The text with its relative paths made absolute, as `config` was read from it. Free with g_free.
 */
char *qtr_config_text_make_absolute(const char *text, const QtrConfig *config);
