#pragma once

/* The kernel sources embedded from cl/ at build time (cl/embed.py), include lines resolved. */
typedef struct {
    const char *name; /* file name without ".cl" */
    const char *text;
} QtrClSource;

extern const QtrClSource qtr_cl_sources[]; /* ends with a NULL name */
