#include "cli/cli.h"
#include "qtr-application.h"
#include "qtr-build-config.h"
#include "qtr-rendering.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

static gboolean asks_for_no_window(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--headless") == 0)
            return TRUE;
    return FALSE;
}

int main(int argc, char **argv)
{
    g_autoptr(QtrApplication) application = NULL;

    if (asks_for_no_window(argc, argv))
        return qtr_cli_main(argc, argv);
    qtr_rendering_prepare();
    (void)setlocale(LC_ALL, "");
    (void)bindtextdomain(GETTEXT_PACKAGE, QTR_LOCALE_DIR);
    (void)bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    (void)textdomain(GETTEXT_PACKAGE);
    application = qtr_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
