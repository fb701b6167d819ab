#include "base/shipped.h"

#include "qtr-build-config.h"

const char *const *qtr_shipped_folders(void)
{
    static const char *const folders[] = {"configs", QTR_CONFIG_DIR, NULL};

    return folders;
}

char *qtr_shipped_find(const char *name)
{
    for (const char *const *folder = qtr_shipped_folders(); *folder; folder++) {
        g_autofree char *path = g_build_filename(*folder, name, NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
    }
    return NULL;
}
