#pragma once
#include "qtr-document.h"

/* The control that suits a key of the configuration's schema: a spin button, a switch, a list, an
 * entry, or boxes for bits, which change the document themselves. */
GtkWidget *qtr_key_control_new(const QtrConfigKey *key, QtrDocument *document);
/* The signal that tells of a new value; NULL for entries, where typing is not the end of it, and
 * for bits. */
const char *qtr_key_control_signal(const QtrConfigKey *key);

/* What the control shows, as plain text; free with g_free. Not of bits. */
char *qtr_key_control_get(GtkWidget *control, const QtrConfigKey *key);
void qtr_key_control_set(GtkWidget *control, const QtrConfigKey *key, const char *value);

gboolean qtr_key_is_text(QtrKeyType type); /* free text, a name or a path */
/* Text of the user's as YAML: numbers as they are, everything else so that it reads back. Free
 * with g_free. */
char *qtr_key_as_yaml(const QtrConfigKey *key, const char *text);
