#pragma once
#include "qtr-application.h"
#include "qtr-window.h"

/* The whole window, with an application that has a folder of its own and a script for a program. */
typedef struct {
    char *folder;  /* its runs are kept in "runs" of it */
    char *program; /* the script; notes each call as a line of "calls" in `folder` */
    QtrApplication *application;
    GtkWidget *window;
} AppScene;

/* For cmocka's groups: one application for all tests, as there is one in a process. */
int app_scene_begin(void **state);
int app_scene_end(void **state);

/* Shows the window as at the first start. */
AppScene app_scene_open(void **state);
/* Closes what is still open of it and stops its runs; asserts that the window is freed. */
void app_scene_close(AppScene *scene);

/* Whether the script was called with this, or has noted it. */
gboolean app_scene_was_called(const AppScene *scene, const char *what);
gboolean app_scene_has_run(gpointer scene); /* conditions for stage_wait */
gboolean app_scene_has_stopped(gpointer scene);
gboolean app_scene_is_idle(gpointer scene);

/* Asserts that the window comes to read so. */
void app_scene_reads(const AppScene *scene, const char *text);
/* Presses the button of the dialog that asks. */
void app_scene_answer(const char *label);
/* Files and folders of a folder: whether nothing was left beside what belongs there. */
guint app_scene_count_entries(const char *folder);
