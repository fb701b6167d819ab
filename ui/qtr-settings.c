#include "qtr-settings.h"

#include "qtr-build-config.h"

#include <glib/gstdio.h>

static char *executable(void)
{
    return g_file_read_link("/proc/self/exe", NULL);
}

/* Folder `steps` above the executable. */
static char *above_executable(int steps)
{
    char *path = executable();

    for (; path && steps > 0; steps--) {
        char *parent = g_path_get_dirname(path);

        g_free(path);
        path = parent;
    }
    return path;
}

static GSettingsSchema *look_up_in_build(GSettingsSchemaSource *parent)
{
    g_autofree char *build = above_executable(2);
    g_autofree char *folder = build ? g_build_filename(build, "resources", NULL) : NULL;
    g_autoptr(GSettingsSchemaSource) source = NULL;

    if (folder)
        source = g_settings_schema_source_new_from_directory(folder, parent, TRUE, NULL);
    return source ? g_settings_schema_source_lookup(source, QTR_APP_ID, FALSE) : NULL;
}

GSettings *qtr_settings_new(void)
{
    GSettingsSchemaSource *source = g_settings_schema_source_get_default();
    g_autoptr(GSettingsSchema) schema =
        source ? g_settings_schema_source_lookup(source, QTR_APP_ID, TRUE) : NULL;

    if (!schema)
        schema = look_up_in_build(source);
    if (!schema)
        g_error("the settings schema %s is not installed; run 'meson install'", QTR_APP_ID);
    return g_settings_new_full(schema, NULL, NULL);
}

char *qtr_settings_runs_folder(GSettings *settings)
{
    g_autofree char *folder = g_settings_get_string(settings, "runs-folder");

    if (!*folder) {
        g_free(folder);
        folder = g_build_filename(g_get_user_data_dir(), "quantoaster", "runs", NULL);
    }
    (void)g_mkdir_with_parents(folder, 0777);
    return g_steal_pointer(&folder);
}

char *qtr_settings_program(void)
{
    const char *given = g_getenv("QUANTOASTER_PROGRAM");

    return given ? g_strdup(given) : executable();
}

char *qtr_settings_shipped(const char *relative, char **root)
{
    g_autofree char *current = g_get_current_dir();
    g_autofree char *source = above_executable(3);
    g_autofree char *prefix = above_executable(2);
    g_autofree char *beside =
        prefix ? g_build_filename(prefix, "share", "quantoaster", NULL) : NULL;
    const char *const folders[] = {current, source, beside, QTR_SHIPPED_DIR};

    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = folders[i] ? g_build_filename(folders[i], relative, NULL) : NULL;

        if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
            continue;
        if (root)
            *root = g_strdup(folders[i]);
        return g_steal_pointer(&path);
    }
    return NULL;
}
