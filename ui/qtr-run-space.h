#pragma once
#include "qtr-run-snapshot.h"

#include <json-glib/json-glib.h>

/* Reading of the `space` event and of an `epoch` event's alphas, as untrusted. NULL: damaged, or
 * there are none. */
QtrRunSpace *qtr_run_space_parse(JsonObject *object);
QtrRunAlphas *qtr_run_space_parse_alphas(const QtrRunSpace *space, JsonObject *object, guint epoch);
/* "body 2 · simple_3x3"; free with g_free. */
char *qtr_run_space_layer_title(const QtrRunSpace *space, guint layer);
