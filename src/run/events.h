#pragma once
#include "nn/arch.h"
#include "run/job.h"

#include <json-glib/json-glib.h>

/* events.jsonl of a run folder: what happened, as JSON lines, for viewers that may follow it while
 * it grows. Every line is an object with `seq` (1, 2, ... over all resumptions), `time` (Unix
 * seconds) and `type`; the structs below name the other members. Numbers that are not finite are
 * written as null. */

/* The writing end. Thread-safe. Every function writes one whole line or nothing; a failure is
 * QTR_ERROR_IO. Strings may be NULL (written as null) and are borrowed for the call. */
typedef struct QtrEvents QtrEvents;

/* Makes the file, or continues it: an incomplete last line (of a killed process) is cut and `seq`
 * goes on. While open the file is locked: QTR_ERROR_USAGE if another process has this run open. */
QtrEvents *qtr_events_open(const char *path, GError **error);
void qtr_events_close(QtrEvents *events); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrEvents, qtr_events_close)

/* `started`; process id and host are added. */
typedef struct {
    const char *kind; /* "search", "train", "validate", ... */
    const char *name, *device, *config_path;
    guint epochs;      /* in all */
    guint epoch_steps; /* steps of one epoch */
} QtrEventStarted;
gboolean qtr_events_started(QtrEvents *events, const QtrEventStarted *event, GError **error);

/* `resumed`: what follows replaces everything written before for this step and later ones; process
 * id and host are added. */
typedef struct {
    const char *kind, *device;
    guint epoch, step; /* the first to come */
} QtrEventResumed;
gboolean qtr_events_resumed(QtrEvents *events, const QtrEventResumed *event, GError **error);

/* `space`: the layers of a search and what each can choose from: `body_cells`, `scale`,
 * `skip_mode`, `bits` and `layers`: {block, layer (from 1; from 0 in older files), primitives};
 * alphas are listed in this order. */
gboolean qtr_events_space(QtrEvents *events, const QtrArch *arch, GError **error);

/* `step`; the caller thins them out to a few a second. */
typedef struct {
    const char *phase;                /* "warm-up", "search", "train", "validate", ... */
    guint epoch;                      /* from 0 */
    guint step, steps;                /* done and in all, of the epoch */
    double loss, alpha_loss, lr, eta; /* eta: seconds to the end; NAN: unknown or none */
} QtrEventStep;
gboolean qtr_events_step(QtrEvents *events, const QtrEventStep *event, GError **error);

/* `epoch`: an epoch's end; NAN: does not apply. */
typedef struct {
    const char *phase;
    guint epoch, epochs;
    double train_loss, alpha_loss, val_loss;
    double psnr; /* dB */
    double lr, temperature;
    /* method.md 6: expected and of the likeliest architecture, for a crop, of flops * bits ... */
    double cost, memory, best_cost, best_memory;
    double bitops_32; /* ... and the BitOps(32x32) of the latter, as validation tells them */
    double seconds;
    gboolean is_best;
    const char *genotype; /* text, or NULL */
    const QtrArch *arch;  /* with alphas, else NULL */
    const float *const
        *alphas; /* raw, of each layer of qtr_arch_layer_at, primitive-major; or NULL */
} QtrEventEpoch;
gboolean qtr_events_epoch(QtrEvents *events, const QtrEventEpoch *event, GError **error);

/* Paths below are stored as given; ones relative to the run folder keep it movable. */

gboolean qtr_events_checkpoint(QtrEvents *events, const char *path, guint epoch, guint step,
                               gboolean is_best, GError **error); /* `checkpoint` */
gboolean qtr_events_validation(QtrEvents *events, const QtrValidationRow *row,
                               GError **error); /* `validation` */

/* `picture`: `what` is "lr", "sr", "hr", "architecture", ...; `set` and `name` of the image or
 * NULL. */
gboolean qtr_events_picture(QtrEvents *events, const char *what, const char *set, const char *name,
                            const char *path, GError **error);
gboolean qtr_events_warning(QtrEvents *events, const char *message, GError **error);

/* `finished`: `state` is "done", "failed" or "cancelled". */
gboolean qtr_events_finished(QtrEvents *events, const char *state, const char *message,
                             double seconds, GError **error);

/* Any other event; takes `members`, which must not have seq, time or type. */
gboolean qtr_events_write(QtrEvents *events, const char *type, JsonObject *members, GError **error);

/* One line read. */
typedef struct {
    guint64 seq;
    double time;
    const char *type;   /* in object */
    JsonObject *object; /* all members */
} QtrEvent;
void qtr_event_free(QtrEvent *event); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrEvent, qtr_event_free)
/* NAN if the member is absent, null or no number. */
double qtr_event_number(const QtrEvent *event, const char *name);
/* NULL if it is absent or no string. */
const char *qtr_event_string(const QtrEvent *event, const char *name);

/* The reading end: tolerant, so that a viewer shows what there is. Used by one thread at a time. */
typedef struct QtrEventsReader QtrEventsReader;

QtrEventsReader *qtr_events_reader_new(const char *path); /* the file may come into being later */
void qtr_events_reader_free(QtrEventsReader *reader);     /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrEventsReader, qtr_events_reader_free)

/* The next complete line, or NULL: without an error there is no further one yet (call again later),
 * with one (QTR_ERROR_IO) the file cannot be read. Damaged lines, and those over 16 MiB, are
 * counted and passed over. */
QtrEvent *qtr_events_reader_next(QtrEventsReader *reader, GError **error);
guint qtr_events_reader_skipped(const QtrEventsReader *reader);
/* Bytes consumed: where the first incomplete line begins once next has returned NULL. */
goffset qtr_events_reader_offset(const QtrEventsReader *reader);
