#include "qtr-panel.h"

#include <glib/gi18n.h>

typedef struct {
    char *title;
    char *icon_name;
} QtrPanelPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(QtrPanel, qtr_panel, ADW_TYPE_BIN)

enum { PROP_TITLE = 1, PROP_ICON_NAME, N_PROPS };

static void qtr_panel_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    QtrPanelPrivate *priv = qtr_panel_get_instance_private(QTR_PANEL(object));

    if (id == PROP_TITLE)
        g_value_set_string(value, priv->title);
    else if (id == PROP_ICON_NAME)
        g_value_set_string(value, priv->icon_name);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void qtr_panel_set_property(GObject *object, guint id, const GValue *value,
                                   GParamSpec *pspec)
{
    QtrPanelPrivate *priv = qtr_panel_get_instance_private(QTR_PANEL(object));

    if (id == PROP_TITLE) {
        g_free(priv->title);
        priv->title = g_value_dup_string(value);
    } else if (id == PROP_ICON_NAME) {
        g_free(priv->icon_name);
        priv->icon_name = g_value_dup_string(value);
    } else {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void qtr_panel_finalize(GObject *object)
{
    QtrPanelPrivate *priv = qtr_panel_get_instance_private(QTR_PANEL(object));

    g_free(priv->title);
    g_free(priv->icon_name);
    G_OBJECT_CLASS(qtr_panel_parent_class)->finalize(object);
}

static void qtr_panel_class_init(QtrPanelClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

    object_class->get_property = qtr_panel_get_property;
    object_class->set_property = qtr_panel_set_property;
    object_class->finalize = qtr_panel_finalize;
    g_object_class_install_property(object_class, PROP_TITLE,
                                    g_param_spec_string("title", NULL, NULL, NULL, flags));
    g_object_class_install_property(object_class, PROP_ICON_NAME,
                                    g_param_spec_string("icon-name", NULL, NULL, NULL, flags));
}

static void qtr_panel_init(QtrPanel *self)
{
}

const char *qtr_panel_get_title(QtrPanel *panel)
{
    QtrPanelPrivate *priv = qtr_panel_get_instance_private(panel);

    return priv->title;
}

const char *qtr_panel_get_icon_name(QtrPanel *panel)
{
    QtrPanelPrivate *priv = qtr_panel_get_instance_private(panel);

    return priv->icon_name;
}

void qtr_panel_set_document(QtrPanel *panel, QtrDocument *document)
{
    if (QTR_PANEL_GET_CLASS(panel)->set_document)
        QTR_PANEL_GET_CLASS(panel)->set_document(panel, document);
}

void qtr_panel_show_run(QtrPanel *panel, const char *folder)
{
    if (QTR_PANEL_GET_CLASS(panel)->show_run)
        QTR_PANEL_GET_CLASS(panel)->show_run(panel, folder);
}

void qtr_toast(GtkWidget *widget, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    gtk_widget_activate_action(widget, "win.toast", "s", text);
}

void qtr_toast_saved(GtkWidget *widget, const char *path, const GError *error)
{
    if (error)
        qtr_toast(widget, "%s", error->message);
    else
        qtr_toast(widget, _("Saved to %s"), path);
}
