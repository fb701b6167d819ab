#include "cli/cli.h"

#include <adwaita.h>
#include <string.h>

/* The window itself is still to come; it says how to work until then. */
static void on_activate(GApplication *application, gpointer user_data)
{
    GtkWidget *window = adw_application_window_new(GTK_APPLICATION(application));
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget *page = adw_status_page_new();

    gtk_window_set_title(GTK_WINDOW(window), "QuanToaster");
    gtk_window_set_default_size(GTK_WINDOW(window), 720, 480);
    adw_status_page_set_title(ADW_STATUS_PAGE(page), "QuanToaster");
    adw_status_page_set_description(ADW_STATUS_PAGE(page),
                                    "Everything works from the command line:\n"
                                    "quantoaster-gtk --headless help");
    gtk_widget_set_vexpand(page, TRUE);
    gtk_box_append(GTK_BOX(box), adw_header_bar_new());
    gtk_box_append(GTK_BOX(box), page);
    adw_application_window_set_content(ADW_APPLICATION_WINDOW(window), box);
    gtk_window_present(GTK_WINDOW(window));
}

static gboolean asks_for_no_window(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--headless") == 0)
            return TRUE;
    return FALSE;
}

int main(int argc, char **argv)
{
    g_autoptr(AdwApplication) application = NULL;

    if (asks_for_no_window(argc, argv))
        return qtr_cli_main(argc, argv);
    application =
        adw_application_new("io.github.quantoaster.QuanToaster", G_APPLICATION_DEFAULT_FLAGS);
    g_signal_connect(application, "activate", G_CALLBACK(on_activate), NULL);
    return g_application_run(G_APPLICATION(application), argc, argv);
}
