#pragma once
#include "cli/console.h"
#include "cli/option.h"

/* The commands as a table: parsing, help, man page and completion are made from it. */

/* What a command gets. */
typedef struct {
    const QtrOptions *options;
    QtrConsole *console;
    QtrLog *log;
    const gint *stop; /* see QtrJob */
} QtrCli;

typedef struct {
    const char *name;
    const char *arguments;            /* "IN..." or "" */
    const char *summary;              /* one line */
    const char *description;          /* paragraphs, lines broken by hand; may be NULL */
    const char *examples;             /* one a line; may be NULL */
    const QtrOption *options;         /* its own, after the common ones */
    int min_arguments, max_arguments; /* -1: any number */
    gboolean (*run)(const QtrCli *cli, GError **error);
} QtrCommand;

/* Ended by NULL; the first is the one that runs when none is given. */
const QtrCommand *const *qtr_cli_commands(void);
/* Also of those that are for the program's own children only. NULL if there is none. */
const QtrCommand *qtr_cli_find_command(const char *name);

/* The command that starts this program, with or without a window of its own, ended by NULL. */
const char *const *qtr_cli_executable(void);

/* cmd-*.c */
extern const QtrCommand qtr_command_run, qtr_command_search, qtr_command_train,
    qtr_command_validate, qtr_command_batch, qtr_command_sample, qtr_command_prep,
    qtr_command_upscale, qtr_command_space, qtr_command_draw, qtr_command_devices,
    qtr_command_bench, qtr_command_tune, qtr_command_help, qtr_command_keep_programs;

/* Shared by commands. */

/* The configuration of -c with --set, --seed and -g applied; all problems in one QTR_ERROR_USAGE,
 * what of `needs` (QtrConfigNeeds) is not there among them, and what is wrong with the files that
 * options name. A missing -c is one too, and with --resume a key that a run cannot change. */
QtrConfig *qtr_cli_load_config(const QtrCli *cli, guint needs, GError **error);
/* The same, but all defaults without -c: for commands to which a file of weights says the rest. */
QtrConfig *qtr_cli_load_config_or_default(const QtrCli *cli, guint needs, GError **error);
/* The one device of -g, NULL if none was given; several are a usage error. */
gboolean qtr_cli_device(const QtrCli *cli, const char **device, GError **error);
/* A job with console, log and stop flag filled in. */
QtrJob qtr_cli_job(const QtrCli *cli, const QtrConfig *config, const char *device);
