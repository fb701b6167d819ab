#pragma once
#include <glib.h>

/* The one error domain of the core library. Messages are complete sentences' worth of fact: what
 * failed, where (path, line, key) and what to do about it. */
#define QTR_ERROR (qtr_error_quark())
GQuark qtr_error_quark(void);

typedef enum {
    QTR_ERROR_USAGE,     /* the command line or the configuration is wrong: exit code 2 */
    QTR_ERROR_IO,        /* a file could not be read or written */
    QTR_ERROR_FORMAT,    /* a file was read but is damaged or of a foreign kind */
    QTR_ERROR_DEVICE,    /* no OpenCL device, or a device call failed */
    QTR_ERROR_MEMORY,    /* the memory of the device or of this machine does not suffice */
    QTR_ERROR_NUMERIC,   /* a loss or result is not finite */
    QTR_ERROR_CANCELLED, /* stopped on request; state was saved: exit code 130 */
    QTR_ERROR_PARTIAL,   /* part of a batch failed: exit code 3 */
} QtrErrorCode;
