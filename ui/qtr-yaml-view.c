#include "qtr-yaml-view.h"

#include "base/error.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>

struct _QtrYamlView {
    AdwBin parent_instance;

    QtrDocument *document;
    GtkTextTag *underline;

    /* template widgets */
    GtkSourceView *editor;
    GtkRevealer *revealer;
    GtkListBox *problems;
};

G_DEFINE_FINAL_TYPE(QtrYamlView, qtr_yaml_view, ADW_TYPE_BIN)

static const char *category(gboolean warning)
{
    return warning ? "warning" : "error";
}

static char *on_query_tooltip(GtkSourceMarkAttributes *attributes, GtkSourceMark *mark,
                              QtrYamlView *self)
{
    GtkTextIter at;
    const GPtrArray *problems = qtr_document_get_problems(self->document);
    g_autoptr(GString) text = g_string_new(NULL);

    gtk_text_buffer_get_iter_at_mark(GTK_TEXT_BUFFER(qtr_document_get_buffer(self->document)), &at,
                                     GTK_TEXT_MARK(mark));
    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];

        if (problem->line == gtk_text_iter_get_line(&at) + 1)
            qtr_problems_add(text, "%s", problem->message);
    }
    return g_strdup(text->str);
}

static void add_category(QtrYamlView *self, gboolean warning)
{
    g_autoptr(GtkSourceMarkAttributes) attributes = gtk_source_mark_attributes_new();

    gtk_source_mark_attributes_set_icon_name(attributes, warning ? "dialog-warning-symbolic"
                                                                 : "dialog-error-symbolic");
    if (!warning)
        gtk_source_mark_attributes_set_background(attributes,
                                                  &(GdkRGBA){0.88f, 0.11f, 0.14f, 0.12f});
    g_signal_connect(attributes, "query-tooltip-text", G_CALLBACK(on_query_tooltip), self);
    gtk_source_view_set_mark_attributes(self->editor, category(warning), attributes,
                                        warning ? 1 : 2);
}

/* Marks the line, and underlines from the problem's column to the end of what stands there. */
static void mark(QtrYamlView *self, const QtrConfigProblem *problem)
{
    GtkSourceBuffer *buffer = qtr_document_get_buffer(self->document);
    GtkTextIter start, end;

    gtk_text_buffer_get_iter_at_line(GTK_TEXT_BUFFER(buffer), &start, problem->line - 1);
    (void)gtk_source_buffer_create_source_mark(buffer, NULL, category(problem->warning), &start);
    end = start;
    if (!gtk_text_iter_ends_line(&end))
        gtk_text_iter_forward_to_line_end(&end);
    for (int i = 1; i < problem->column && !gtk_text_iter_equal(&start, &end); i++)
        gtk_text_iter_forward_char(&start);
    if (!problem->warning)
        gtk_text_buffer_apply_tag(GTK_TEXT_BUFFER(buffer), self->underline, &start, &end);
}

static void clear_marks(QtrYamlView *self)
{
    GtkSourceBuffer *buffer = qtr_document_get_buffer(self->document);
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(GTK_TEXT_BUFFER(buffer), &start, &end);
    gtk_source_buffer_remove_source_marks(buffer, &start, &end, category(TRUE));
    gtk_source_buffer_remove_source_marks(buffer, &start, &end, category(FALSE));
    gtk_text_buffer_remove_tag(GTK_TEXT_BUFFER(buffer), self->underline, &start, &end);
}

static GtkWidget *problem_row(const QtrConfigProblem *problem)
{
    GtkWidget *row = gtk_list_box_row_new(), *label = gtk_label_new(NULL);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *icon = gtk_image_new_from_icon_name(problem->warning ? "dialog-warning-symbolic"
                                                                    : "dialog-error-symbolic");
    g_autoptr(GString) text = g_string_new(NULL);

    if (problem->line > 0)
        g_string_append_printf(text, _("Line %d: "), problem->line);
    if (*problem->key)
        g_string_append_printf(text, "%s: ", problem->key);
    g_string_append(text, problem->message);
    gtk_label_set_label(GTK_LABEL(label), text->str);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_add_css_class(label, "caption");
    gtk_widget_add_css_class(icon, category(problem->warning));
    gtk_widget_set_valign(icon, GTK_ALIGN_START);
    gtk_box_append(GTK_BOX(box), icon);
    gtk_box_append(GTK_BOX(box), label);
    gtk_widget_add_css_class(box, "problem-line");
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
    g_object_set_data(G_OBJECT(row), "line", GINT_TO_POINTER(problem->line));
    g_object_set_data(G_OBJECT(row), "column", GINT_TO_POINTER(problem->column));
    return row;
}

static void refresh(QtrYamlView *self)
{
    const GPtrArray *problems = qtr_document_get_problems(self->document);
    GtkWidget *row;

    clear_marks(self);
    while ((row = gtk_widget_get_first_child(GTK_WIDGET(self->problems))))
        gtk_list_box_remove(self->problems, row);
    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];

        gtk_list_box_append(self->problems, problem_row(problem));
        if (problem->line > 0)
            mark(self, problem);
    }
    gtk_revealer_set_reveal_child(self->revealer, problems->len > 0);
}

void qtr_yaml_view_go_to(QtrYamlView *view, int line, int column)
{
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(view->document));
    GtkTextIter at;

    gtk_text_buffer_get_iter_at_line(buffer, &at, MAX(0, line - 1));
    for (int i = 1; i < column && !gtk_text_iter_ends_line(&at); i++)
        gtk_text_iter_forward_char(&at);
    gtk_text_buffer_place_cursor(buffer, &at);
    gtk_text_view_scroll_to_mark(GTK_TEXT_VIEW(view->editor), gtk_text_buffer_get_insert(buffer),
                                 0.2, FALSE, 0, 0);
    gtk_widget_grab_focus(GTK_WIDGET(view->editor));
}

static void on_problem_activated(QtrYamlView *self, GtkListBoxRow *row)
{
    int line = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(row), "line"));
    int column = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(row), "column"));

    if (line > 0)
        qtr_yaml_view_go_to(self, line, column);
}

static void follow_theme(QtrYamlView *self)
{
    gboolean dark = adw_style_manager_get_dark(adw_style_manager_get_default());
    GtkSourceStyleSchemeManager *manager = gtk_source_style_scheme_manager_get_default();

    if (self->document)
        gtk_source_buffer_set_style_scheme(
            qtr_document_get_buffer(self->document),
            gtk_source_style_scheme_manager_get_scheme(manager, dark ? "Adwaita-dark" : "Adwaita"));
}

void qtr_yaml_view_set_document(QtrYamlView *view, QtrDocument *document)
{
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(document));

    view->document = document;
    view->underline =
        gtk_text_buffer_create_tag(buffer, NULL, "underline", PANGO_UNDERLINE_ERROR, NULL);
    gtk_text_view_set_buffer(GTK_TEXT_VIEW(view->editor), buffer);
    g_signal_connect_object(document, "changed", G_CALLBACK(refresh), view, G_CONNECT_SWAPPED);
    follow_theme(view);
    refresh(view);
}

GtkListBox *qtr_yaml_view_get_problem_list(QtrYamlView *view)
{
    return view->problems;
}

static void qtr_yaml_view_class_init(QtrYamlViewClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    g_type_ensure(GTK_SOURCE_TYPE_VIEW);
    gtk_widget_class_set_template_from_resource(widget_class, QTR_RESOURCE_PATH "qtr-yaml-view.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrYamlView, editor);
    gtk_widget_class_bind_template_child(widget_class, QtrYamlView, revealer);
    gtk_widget_class_bind_template_child(widget_class, QtrYamlView, problems);
    gtk_widget_class_bind_template_callback(widget_class, on_problem_activated);
}

static void qtr_yaml_view_init(QtrYamlView *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    add_category(self, TRUE);
    add_category(self, FALSE);
    g_signal_connect_object(adw_style_manager_get_default(), "notify::dark",
                            G_CALLBACK(follow_theme), self, G_CONNECT_SWAPPED);
}
