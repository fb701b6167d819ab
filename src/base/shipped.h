#pragma once
#include <glib.h>

/* Configurations that come with the program, and the tiles below tuning/. */

/* Where they are looked for, the first folder first: ./configs, then the installed one. Ends with
 * NULL. */
const char *const *qtr_shipped_folders(void);

/* The first file `name` (relative) in them; NULL: there is none. To be freed. */
char *qtr_shipped_find(const char *name);
