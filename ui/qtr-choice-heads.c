#include "qtr-choice-heads.h"

#include "qtr-look.h"

#include <glib/gi18n.h>

#define SMALL 0.8 /* of the widget's font */
#define SPACE 6   /* of a name to what is above and below */

static PangoLayout *small_text(GtkWidget *widget, const char *text)
{
    PangoLayout *layout = gtk_widget_create_pango_layout(widget, text);
    PangoAttrList *small = pango_attr_list_new();

    pango_attr_list_insert(small, pango_attr_scale_new(SMALL));
    pango_layout_set_attributes(layout, small);
    pango_attr_list_unref(small);
    return layout;
}

static PangoLayout *name_text(GtkWidget *widget, const QtrChoiceColumns *columns, guint primitive)
{
    return small_text(widget, qtr_choice_columns_name(columns, primitive));
}

static PangoLayout *bits_text(GtkWidget *widget, const QtrChoiceColumns *columns, guint column)
{
    g_autofree char *text = g_strdup_printf("%d", qtr_choice_columns_bits(columns, column));

    return small_text(widget, text);
}

static guint bits_of(const QtrChoiceColumns *columns)
{
    return qtr_choice_columns_count(columns) / qtr_choice_columns_primitives(columns);
}

QtrChoiceHeads qtr_choice_heads_measure(GtkWidget *widget, const QtrChoiceColumns *columns)
{
    QtrChoiceHeads heads = {0};
    int width, height = 0;

    for (guint p = 0; p < qtr_choice_columns_primitives(columns); p++) {
        g_autoptr(PangoLayout) layout = name_text(widget, columns, p);

        pango_layout_get_pixel_size(layout, &width, &height);
        heads.names = MAX(heads.names, (float)width + 2 * SPACE);
    }
    heads.bits = (float)height;
    heads.cell = (float)height / (float)bits_of(columns);
    for (guint b = 0; b < bits_of(columns); b++) {
        g_autoptr(PangoLayout) layout = bits_text(widget, columns, b);

        pango_layout_get_pixel_size(layout, &width, NULL);
        heads.cell = MAX(heads.cell, (float)width + 2);
    }
    return heads;
}

void qtr_choice_heads_paint_text(GtkSnapshot *snapshot, PangoLayout *layout, float x, float y,
                                 float degrees, const GdkRGBA *colour)
{
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(x, y));
    gtk_snapshot_rotate(snapshot, degrees);
    gtk_snapshot_append_layout(snapshot, layout, colour);
    gtk_snapshot_restore(snapshot);
}

void qtr_choice_heads_paint(const QtrChoiceHeads *heads, GtkWidget *widget, GtkSnapshot *snapshot,
                            const QtrChoiceColumns *columns, float left, float cell)
{
    g_autoptr(PangoLayout) title = small_text(widget, _("bits"));
    GdkRGBA colour = qtr_look_colour(widget);
    float primitive = cell * (float)bits_of(columns);
    int width, height;

    for (guint p = 0; p < qtr_choice_columns_primitives(columns); p++) {
        g_autoptr(PangoLayout) layout = name_text(widget, columns, p);

        pango_layout_get_pixel_size(layout, NULL, &height);
        qtr_choice_heads_paint_text(snapshot, layout,
                                    left + ((float)p + 0.5f) * primitive - (float)height / 2,
                                    heads->names - SPACE, -90, &colour);
    }
    colour.alpha *= 0.75f;
    pango_layout_get_pixel_size(title, &width, NULL);
    qtr_choice_heads_paint_text(snapshot, title, left - SPACE - (float)width, heads->names, 0,
                                &colour);
    for (guint c = 0; c < qtr_choice_columns_count(columns); c++) {
        g_autoptr(PangoLayout) layout = bits_text(widget, columns, c);

        pango_layout_get_pixel_size(layout, &width, NULL);
        qtr_choice_heads_paint_text(snapshot, layout,
                                    left + ((float)c + 0.5f) * cell - (float)width / 2,
                                    heads->names, 0, &colour);
    }
}
