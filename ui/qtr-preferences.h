#pragma once
#include <adwaita.h>

/* The preferences: device, folder of runs, threads. Changes count at once. */
#define QTR_TYPE_PREFERENCES (qtr_preferences_get_type())
G_DECLARE_FINAL_TYPE(QtrPreferences, qtr_preferences, QTR, PREFERENCES, AdwPreferencesWindow)

GtkWidget *qtr_preferences_new(GSettings *settings);
