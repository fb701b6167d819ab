#include "qtr-columns.h"

#define COLUMN_MIN 400 /* width of one of two columns */
#define SPACING 24

struct _QtrColumns {
    GtkWidget parent_instance;
};

static GtkBuildableIface *parent_buildable;

static void add_child(GtkBuildable *buildable, GtkBuilder *builder, GObject *child,
                      const char *type)
{
    if (GTK_IS_WIDGET(child))
        gtk_widget_set_parent(GTK_WIDGET(child), GTK_WIDGET(buildable));
    else
        parent_buildable->add_child(buildable, builder, child, type);
}

static void buildable_init(GtkBuildableIface *iface)
{
    parent_buildable = g_type_interface_peek_parent(iface);
    iface->add_child = add_child;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(QtrColumns, qtr_columns, GTK_TYPE_WIDGET,
                              G_IMPLEMENT_INTERFACE(GTK_TYPE_BUILDABLE, buildable_init))

static gboolean fits_two(int width)
{
    return width >= 2 * COLUMN_MIN + SPACING;
}

static GtkSizeRequestMode qtr_columns_get_request_mode(GtkWidget *widget)
{
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void measure_width(GtkWidget *widget, int *minimum, int *natural)
{
    GtkWidget *child = gtk_widget_get_first_child(widget);

    for (; child; child = gtk_widget_get_next_sibling(child)) {
        int child_minimum, child_natural;

        gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural,
                           NULL, NULL);
        *minimum = MAX(*minimum, child_minimum);
        *natural = MAX(*natural, child_natural);
    }
    *natural = MAX(*natural, 2 * COLUMN_MIN + SPACING);
}

static int child_height(GtkWidget *child, int width)
{
    int minimum;

    gtk_widget_measure(child, GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL, NULL);
    return minimum;
}

static int height_for(GtkWidget *widget, int width)
{
    GtkWidget *first = gtk_widget_get_first_child(widget);
    GtkWidget *second = first ? gtk_widget_get_next_sibling(first) : NULL;
    int column = (width - SPACING) / 2;

    if (!second)
        return first ? child_height(first, width) : 0;
    if (fits_two(width))
        return MAX(child_height(first, column), child_height(second, width - SPACING - column));
    return child_height(first, width) + SPACING + child_height(second, width);
}

static void qtr_columns_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                int *minimum, int *natural, int *minimum_baseline,
                                int *natural_baseline)
{
    *minimum = *natural = 0;
    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        measure_width(widget, minimum, natural);
    } else {
        int width = 0, ignored = 0;

        if (for_size < 0)
            measure_width(widget, &width, &ignored);
        *minimum = *natural = height_for(widget, MAX(for_size, width));
    }
}

static void qtr_columns_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    GtkWidget *first = gtk_widget_get_first_child(widget);
    GtkWidget *second = first ? gtk_widget_get_next_sibling(first) : NULL;
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    int column = (width - SPACING) / 2, y;

    if (!second) {
        if (first)
            gtk_widget_size_allocate(first, &(GtkAllocation){0, 0, width, height}, -1);
        return;
    }
    if (fits_two(width)) {
        gtk_widget_size_allocate(first,
                                 &(GtkAllocation){rtl ? width - column : 0, 0, column, height}, -1);
        gtk_widget_size_allocate(
            second,
            &(GtkAllocation){rtl ? 0 : column + SPACING, 0, width - SPACING - column, height}, -1);
        return;
    }
    y = child_height(first, width);
    gtk_widget_size_allocate(first, &(GtkAllocation){0, 0, width, y}, -1);
    gtk_widget_size_allocate(
        second, &(GtkAllocation){0, y + SPACING, width, MAX(0, height - y - SPACING)}, -1);
}

static void qtr_columns_dispose(GObject *object)
{
    GtkWidget *child;

    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))))
        gtk_widget_unparent(child);
    G_OBJECT_CLASS(qtr_columns_parent_class)->dispose(object);
}

static void qtr_columns_class_init(QtrColumnsClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_columns_dispose;
    widget_class->get_request_mode = qtr_columns_get_request_mode;
    widget_class->measure = qtr_columns_measure;
    widget_class->size_allocate = qtr_columns_size_allocate;
}

static void qtr_columns_init(QtrColumns *self)
{
}
