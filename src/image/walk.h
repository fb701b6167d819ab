#pragma once
#include "base/log.h"

/* Whether a subfolder, as a path, is passed over with all in it. */
typedef gboolean (*QtrWalkSkip)(const char *path, gpointer user_data);

typedef struct {
    const char *dir;
    gboolean subfolders; /* read them too, down to QTR_FILE_DEPTH_MAX; links to folders as well */
    gboolean once;       /* each folder once, however many links lead to it */
    QtrWalkSkip skip;    /* may be NULL */
    gpointer skip_data;
    QtrLog *log; /* told of subfolders that cannot be read, and how many are too deep */
} QtrWalkParams;

/* The images of a folder, by name: paths relative to it, char*, sorted as bytes. Nothing whose name
 * begins with a dot; a link that leads back ends there. QTR_ERROR_IO if `dir` itself cannot be
 * read. */
GPtrArray *qtr_image_walk(const QtrWalkParams *params, GError **error);
