#pragma once
/* Shared by the tests of what a device keeps in a folder: the folder, as setup and teardown of a
 * test, and what is logged. */
#include "base/log.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int make_folder(void **state)
{
    return (*state = g_dir_make_tmp("qtr-cache-XXXXXX", NULL)) ? 0 : -1;
}

static int remove_folder(void **state)
{
    g_autofree char *folder = *state;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    return g_rmdir(folder);
}

/* A sink that appends to a GString. */
static void collect(QtrLogLevel level, const char *line, gpointer user_data)
{
    g_string_append_printf(user_data, "%s\n", line);
}
