#include "qtr-look.h"

GdkRGBA qtr_look_colour(GtkWidget *widget)
{
    GdkRGBA colour;

    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &colour);
    return colour;
}

gboolean qtr_look_is_dark(GtkWidget *widget)
{
    GdkRGBA text = qtr_look_colour(widget);

    return 0.3f * text.red + 0.6f * text.green + 0.1f * text.blue > 0.5f;
}

#define POINTS_PER_INCH 72.0

double qtr_look_font_pixels(GtkWidget *widget)
{
    PangoContext *context = gtk_widget_get_pango_context(widget);
    const PangoFontDescription *font = pango_context_get_font_description(context);
    double size = (double)pango_font_description_get_size(font) / PANGO_SCALE;
    double dpi = pango_cairo_context_get_resolution(context);

    if (pango_font_description_get_size_is_absolute(font))
        return size;
    return size * (dpi > 0 ? dpi : 96) / POINTS_PER_INCH;
}
