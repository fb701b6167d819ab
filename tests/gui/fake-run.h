#pragma once
#include "run/events.h"

/* Run folders as a run leaves them, without running anything. Paths are free with g_free. */

typedef struct {
    const char *name;
    guint search_epochs, train_epochs; /* 0: without */
    double penalty, psnr, bitops;      /* psnr NAN: no validation */
    const char *state;                 /* of the `finished` event; NULL: none, as if at work */
    gboolean pictures;                 /* LR, SR, HR and bicubic of two images */
} FakeRun;
#define FAKE_RUN_INIT                                                                              \
    {                                                                                              \
        .name = "demo", .search_epochs = 12, .train_epochs = 20, .penalty = 0.001, .psnr = 27.1,   \
        .bitops = 3.2e9, .state = "done"                                                           \
    }

/* Makes `parent`/`leaf`. */
char *fake_run_make(const char *parent, const char *leaf, const FakeRun *run);
/* To add to what it tells. */
QtrEvents *fake_run_open_events(const char *dir);
/* One search step more. */
void fake_run_add_step(const char *dir, guint epoch, guint step, double loss);

/* A program that stands for this one, in `dir`: it notes each call as a line of DIR/calls.txt and
 * ends at once. Set in the environment until fake_program_forget. */
void fake_program_make(const char *dir);
void fake_program_forget(void);
/* The calls so far, "" if none; free with g_free. */
char *fake_program_calls(const char *dir);

char *fake_dir_make(void);
void fake_dir_remove(char *dir); /* with all that is in it; frees the path */
