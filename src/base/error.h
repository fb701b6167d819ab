#pragma once
#include <glib.h>

/* The one error domain of the core library. Messages are complete sentences' worth of fact: what
 * failed, where (path, line, key) and what to do about it. */
#define QTR_ERROR (qtr_error_quark())
GQuark qtr_error_quark(void);

typedef enum {
    QTR_ERROR_USAGE,     /* the command line or the configuration is wrong: QTR_EXIT_USAGE */
    QTR_ERROR_IO,        /* a file could not be read or written */
    QTR_ERROR_FORMAT,    /* a file was read but is damaged or of a foreign kind */
    QTR_ERROR_DEVICE,    /* no OpenCL device, or a device call failed */
    QTR_ERROR_MEMORY,    /* the memory of the device or of this machine does not suffice */
    QTR_ERROR_NUMERIC,   /* a loss or result is not finite */
    QTR_ERROR_CANCELLED, /* stopped on request; state was saved: QTR_EXIT_INTERRUPTED */
    QTR_ERROR_PARTIAL,   /* part of a batch failed: QTR_EXIT_PARTIAL */
} QtrErrorCode;

/* What a process of the program ends with. */
typedef enum {
    QTR_EXIT_DONE = 0,
    QTR_EXIT_FAILED = 1,
    QTR_EXIT_USAGE = 2,
    QTR_EXIT_PARTIAL = 3,
    QTR_EXIT_INTERRUPTED = 130,
} QtrExitCode;

/* Adds a line to `problems`: what is wrong is told all at once, one problem a line. */
void qtr_problems_add(GString *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);
