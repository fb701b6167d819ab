#pragma once
/* A folder that a test makes its files in. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

G_GNUC_UNUSED static char *scratch_new(void)
{
    g_autoptr(GError) error = NULL;
    char *dir = g_dir_make_tmp("qtr-test-XXXXXX", &error);

    g_assert_no_error(error);
    return dir;
}

G_GNUC_UNUSED static void scratch_remove(const char *dir)
{
    GDir *entries = g_dir_open(dir, 0, NULL);
    const char *name;

    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            scratch_remove(path);
        else
            (void)g_unlink(path);
    }
    if (entries)
        g_dir_close(entries);
    (void)g_rmdir(dir);
}
