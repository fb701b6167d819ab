#include "qtr-window-private.h"

void qtr_window_remember(QtrWindow *self, const char *path)
{
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);

    if (uri)
        (void)gtk_recent_manager_add_full(
            gtk_recent_manager_get_default(), uri,
            &(GtkRecentData){.mime_type = (char *)"application/yaml",
                             .app_name = (char *)"QuanToaster",
                             .app_exec = (char *)"quantoaster-gtk %f",
                             .groups = (char *[]){(char *)"QuanToaster", NULL}});
    g_settings_set_string(self->settings, "recent-file", path);
}

void qtr_window_update_recent(QtrWindow *self)
{
    g_autolist(GtkRecentInfo) infos =
        gtk_recent_manager_get_items(gtk_recent_manager_get_default());
    int n = 0;

    g_menu_remove_all(self->recent_menu);
    for (GList *l = infos; l && n < 8; l = l->next) {
        g_autofree char *path =
            gtk_recent_info_has_application(l->data, "QuanToaster")
                ? g_filename_from_uri(gtk_recent_info_get_uri(l->data), NULL, NULL)
                : NULL;
        g_autofree char *name = path ? g_path_get_basename(path) : NULL;
        g_autoptr(GMenuItem) item = NULL;

        if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
            continue;
        item = g_menu_item_new(name, NULL);
        g_menu_item_set_action_and_target(item, "win.open-path", "s", path);
        g_menu_append_item(self->recent_menu, item);
        n++;
    }
}
