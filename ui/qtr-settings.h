#pragma once
#include <gio/gio.h>

#define QTR_APP_ID "io.github.quantoaster.QuanToaster"
#define QTR_RESOURCE_PATH "/io/github/quantoaster/QuanToaster/"

/* The application's settings (their schema is in resources); free with g_object_unref. The schema
 * is taken from where GSettings looks, else from the build folder the program lies in. Aborts with
 * a message if there is none: the installation is incomplete. */
GSettings *qtr_settings_new(void);

/* Folder that runs are made in and looked for, made if absent; free with g_free. */
char *qtr_settings_runs_folder(GSettings *settings);

/* This program, for children (`quantoaster-gtk --headless ...`): QUANTOASTER_PROGRAM of the
 * environment, else the running executable. Free with g_free. */
char *qtr_settings_program(void);

/* `relative` ("configs/demo.yaml") in the folder of shipped files: the current folder, the source
 * tree of a program in its build folder, or where it is installed. NULL: nowhere. Free with g_free.
 * `root` (may be NULL) receives that folder; free with g_free. */
char *qtr_settings_shipped(const char *relative, char **root);
