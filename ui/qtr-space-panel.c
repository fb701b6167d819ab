#include "qtr-space-panel.h"

#include "qtr-chooser.h"
#include "qtr-columns.h"
#include "qtr-document.h"
#include "qtr-key-row.h"
#include "qtr-primitive-list.h"
#include "qtr-settings.h"
#include "qtr-space-figures.h"
#include "qtr-supernet-view.h"
#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <string.h>

struct _QtrSpacePanel {
    QtrPanel parent_instance;

    QtrDocument *document;
    QtrArch arch; /* as shown */
    gboolean shown;
    GtkWidget *lists[QTR_BLOCKS];
    QtrMeasuring *measuring;

    /* template widgets */
    GtkMenuButton *presets_button;
    QtrSupernetView *drawing;
    GtkLabel *problem;
    QtrSpaceFigures *figures;
    GtkWidget *measure_button, *measure_spinner, *cancel_button;
    GtkLabel *measure_problem;
    AdwPreferencesGroup *network_group;
    AdwPreferencesGroup *primitives_group;
};

G_DEFINE_FINAL_TYPE(QtrSpacePanel, qtr_space_panel, QTR_TYPE_PANEL)

static const struct {
    const char *title, *file;
} presets[] = {
    {N_("Paper: 8 and 4 bits"), "quant_config.yaml"},
    {N_("Paper: full precision"), "fp_config.yaml"},
    {N_("Demo: small and quick"), "demo.yaml"},
};

/* All choices equally likely. */
static QtrDrawing *draw_supernet(const QtrArch *arch)
{
    int n = qtr_arch_layer_count(arch);
    g_autofree float *zeros = g_new0(float, QTR_PRIMITIVES_MAX *QTR_BITS_MAX);
    g_autofree const float **alphas = g_new(const float *, n + 1);

    for (int i = 0; i < n; i++)
        alphas[i] = zeros;
    return qtr_drawing_new_supernet(arch, alphas, NULL);
}

/* `arch` with every primitive offered everywhere. */
static QtrArch with_everything(const QtrArch *arch)
{
    QtrArch all = *arch;

    for (int block = 0; block < QTR_BLOCKS; block++) {
        all.n_primitives[block] = (int)MIN(qtr_primitive_count(), QTR_PRIMITIVES_MAX);
        for (int i = 0; i < all.n_primitives[block]; i++)
            all.primitives[block][i] = qtr_primitive_at((guint)i);
    }
    return all;
}

static void show_arch(QtrSpacePanel *self, const QtrArch *arch)
{
    QtrArch everything = with_everything(arch);
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrSpace) all = qtr_space_new(&everything, QTR_COST_SIDE, QTR_COST_SIDE, NULL);
    g_autoptr(QtrSpace) space = qtr_space_new(arch, QTR_COST_SIDE, QTR_COST_SIDE, &error);

    for (int block = 0; all && block < QTR_BLOCKS; block++)
        qtr_primitive_list_show(QTR_PRIMITIVE_LIST(self->lists[block]), arch, all);
    qtr_space_figures_show(self->figures, space);
    qtr_supernet_view_take(self->drawing, draw_supernet(arch));
}

static gboolean is_of_space(const char *key)
{
    return g_str_has_prefix(key, "arch.") || !*key;
}

/* What keeps the space from being what the text says; the rows say the rest. */
static void show_problem(QtrSpacePanel *self)
{
    const GPtrArray *problems = qtr_document_get_problems(self->document);
    const QtrConfigProblem *first = NULL;
    g_autofree char *text = NULL;

    for (guint i = 0; !first && i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];

        if (!problem->warning && is_of_space(problem->key))
            first = problem;
    }
    gtk_widget_set_visible(GTK_WIDGET(self->problem), first != NULL);
    if (!first)
        return;
    text = first->line > 0 ? g_strdup_printf(_("Line %d: %s%s%s"), first->line, first->key,
                                             *first->key ? ": " : "", first->message)
                           : g_strdup_printf("%s: %s", first->key, first->message);
    gtk_label_set_label(self->problem, text);
}

/* The device runs would take: the configuration's own, which needs no -g, before the preferences'.
 */
static char *find_device(const QtrConfig *config)
{
    g_autoptr(GSettings) settings = qtr_settings_new();

    return config->env.gpu && *config->env.gpu ? g_strdup("")
                                               : g_settings_get_string(settings, "device");
}

/* What may be read from any folder. */
static char *make_yaml(const QtrConfig *config)
{
    g_autoptr(QtrConfig) copy = qtr_config_copy(config);

    (void)qtr_config_make_absolute(copy, NULL);
    return qtr_config_to_yaml(copy);
}

static void show_measured(QtrSpacePanel *self)
{
    const QtrConfig *config = qtr_document_get_config(self->document);
    gboolean busy = qtr_measuring_is_busy(self->measuring);
    gboolean sound = config && !qtr_document_find_problem(self->document, NULL);
    g_autofree char *yaml = config ? make_yaml(config) : g_strdup("");
    g_autofree char *device = config ? find_device(config) : g_strdup("");
    const QtrMeasured *measured = qtr_measuring_find(self->measuring, yaml, device);
    const char *failure = measured ? measured->failure : NULL;

    qtr_space_figures_show_measured(self->figures, measured);
    gtk_widget_set_visible(self->measure_button, !busy);
    gtk_widget_set_visible(self->measure_spinner, busy);
    gtk_widget_set_visible(self->cancel_button, busy);
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "space.measure", sound && !busy);
    gtk_label_set_label(self->measure_problem, failure ? failure : "");
    gtk_widget_set_visible(GTK_WIDGET(self->measure_problem), failure != NULL);
}

static void measure(GtkWidget *widget, const char *action, GVariant *parameter)
{
    QtrSpacePanel *self = QTR_SPACE_PANEL(widget);
    const QtrConfig *config = qtr_document_get_config(self->document);
    g_autofree char *yaml = NULL, *device = NULL;

    if (!config)
        return;
    yaml = make_yaml(config);
    device = find_device(config);
    qtr_measuring_start(self->measuring, yaml, device);
}

static void cancel_measuring(GtkWidget *widget, const char *action, GVariant *parameter)
{
    qtr_measuring_cancel(QTR_SPACE_PANEL(widget)->measuring);
}

static void refresh(QtrSpacePanel *self)
{
    const QtrConfig *config = qtr_document_get_config(self->document);
    QtrArch arch;

    show_problem(self);
    show_measured(self);
    gtk_widget_set_sensitive(GTK_WIDGET(self->primitives_group), config != NULL);
    if (!config)
        return;
    memset(&arch, 0, sizeof arch); /* compared as bytes */
    qtr_config_get_arch(config, &arch);
    if (self->shown && memcmp(&arch, &self->arch, sizeof arch) == 0)
        return;
    self->arch = arch;
    self->shown = TRUE;
    show_arch(self, &arch);
}

static void apply_preset(GtkWidget *widget, const char *action, GVariant *parameter)
{
    static const char *const sections[] = {"arch", NULL};
    QtrSpacePanel *self = QTR_SPACE_PANEL(widget);
    g_autofree char *relative =
        g_build_filename("configs", g_variant_get_string(parameter, NULL), NULL);
    g_autofree char *path = qtr_settings_shipped(relative, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrConfig) config = path ? qtr_config_load(path, NULL, NULL, NULL, &error) : NULL;
    const QtrConfigProblem *problem = qtr_document_find_problem(self->document, "");

    if (!config)
        qtr_toast(widget, "%s", error ? error->message : _("This preset is not installed"));
    else if (problem)
        qtr_toast(
            widget,
            _("Not applied: first mend line %d in Configuration, or choose New Configuration"),
            problem->line);
    else if (!qtr_document_apply(self->document, config, sections))
        qtr_toast(widget, _("Applied in part: “arch” in Configuration has no place for some keys"));
}

static void on_export_chosen(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    QtrSpacePanel *self = QTR_SPACE_PANEL(widget);
    g_autoptr(GError) error = NULL;

    (void)qtr_drawing_save(qtr_supernet_view_get(self->drawing), paths[0], &error);
    qtr_toast_saved(widget, paths[0], error);
}

static void export_drawing(GtkWidget *widget, const char *action, GVariant *parameter)
{
    static const char *const patterns[] = {"*.svg", "*.png", NULL};
    const QtrChooserParams params = {.title = _("Save the Drawing"),
                                     .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                     .name = "search-space.svg",
                                     .filter_title = _("Pictures (SVG, PNG)"),
                                     .patterns = patterns};

    if (qtr_supernet_view_get(QTR_SPACE_PANEL(widget)->drawing))
        qtr_chooser_ask(widget, &params, on_export_chosen, NULL, NULL);
}

static void qtr_space_panel_set_document(QtrPanel *panel, QtrDocument *document)
{
    static const char *const keys[] = {
        "arch.arch_pattern.head",
        "arch.arch_pattern.body",
        "arch.arch_pattern.skip",
        "arch.body_cells",
        "arch.arch_pattern.upsample",
        "arch.arch_pattern.tail",
        "arch.c_fixed",
        "arch.scale",
        "arch.skip_mode",
        "arch.bits",
    };
    static const QtrBlock blocks[] = {QTR_BLOCK_HEAD, QTR_BLOCK_BODY, QTR_BLOCK_SKIP,
                                      QTR_BLOCK_UPSAMPLE, QTR_BLOCK_TAIL};
    QtrSpacePanel *self = QTR_SPACE_PANEL(panel);

    self->document = document;
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        adw_preferences_group_add(self->network_group,
                                  qtr_key_row_new(qtr_config_key_find(keys[i]), document));
    for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
        self->lists[blocks[i]] = qtr_primitive_list_new(blocks[i], document);
        adw_preferences_group_add(self->primitives_group, self->lists[blocks[i]]);
    }
    g_signal_connect_object(document, "changed", G_CALLBACK(refresh), self, G_CONNECT_SWAPPED);
    refresh(self);
}

static void add_presets(QtrSpacePanel *self)
{
    g_autoptr(GMenu) menu = g_menu_new();

    for (gsize i = 0; i < G_N_ELEMENTS(presets); i++) {
        g_autoptr(GMenuItem) item = g_menu_item_new(gettext(presets[i].title), NULL);

        g_menu_item_set_action_and_target(item, "space.preset", "s", presets[i].file);
        g_menu_append_item(menu, item);
    }
    gtk_menu_button_set_menu_model(self->presets_button, G_MENU_MODEL(menu));
}

static void qtr_space_panel_dispose(GObject *object)
{
    QtrSpacePanel *self = QTR_SPACE_PANEL(object);

    if (self->measuring)
        g_signal_handlers_disconnect_by_data(self->measuring, self);
    g_clear_object(&self->measuring);
    G_OBJECT_CLASS(qtr_space_panel_parent_class)->dispose(object);
}

static void qtr_space_panel_class_init(QtrSpacePanelClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_space_panel_dispose;
    QTR_PANEL_CLASS(klass)->set_document = qtr_space_panel_set_document;
    g_type_ensure(QTR_TYPE_COLUMNS);
    g_type_ensure(QTR_TYPE_SUPERNET_VIEW);
    g_type_ensure(QTR_TYPE_SPACE_FIGURES);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-space-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, presets_button);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, drawing);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, problem);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, figures);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, measure_button);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, measure_spinner);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, cancel_button);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, measure_problem);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, network_group);
    gtk_widget_class_bind_template_child(widget_class, QtrSpacePanel, primitives_group);
    gtk_widget_class_install_action(widget_class, "space.preset", "s", apply_preset);
    gtk_widget_class_install_action(widget_class, "space.export", NULL, export_drawing);
    gtk_widget_class_install_action(widget_class, "space.measure", NULL, measure);
    gtk_widget_class_install_action(widget_class, "space.cancel", NULL, cancel_measuring);
}

static void qtr_space_panel_init(QtrSpacePanel *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    self->measuring = qtr_measuring_new();
    g_signal_connect_swapped(self->measuring, "changed", G_CALLBACK(show_measured), self);
    add_presets(self);
}
