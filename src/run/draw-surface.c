#include "run/draw-surface.h"

#include "base/error.h"
#include "base/file.h"

#include <cairo-svg.h>
#include <math.h>
#include <string.h>

#define PNG_SIDE_MAX 16384.0
#define CORNER 9.0
#define HEAD_LENGTH 8.0
#define HEAD_HALF 3.8

QtrColour qtr_colour_tint(QtrColour c, double share)
{
    return (QtrColour){1 - (1 - c.r) * share, 1 - (1 - c.g) * share, 1 - (1 - c.b) * share};
}

QtrColour qtr_colour_of_bits(int bits)
{
    static const struct {
        int bits;
        guint32 rgb;
    } scale[] = {{2, 0x1a7f5a}, {3, 0x1c7c86}, {4, 0x1f6cb0},  {5, 0x4a5fbe}, {6, 0x6554c0},
                 {7, 0x7748b4}, {8, 0x8a3ea3}, {16, 0xb35309}, {32, 0xb3261e}};

    for (guint i = 0; i < G_N_ELEMENTS(scale); i++) {
        if (bits <= scale[i].bits)
            return QTR_RGB(scale[i].rgb);
    }
    return QTR_INK;
}

void qtr_draw_set_colour(cairo_t *cr, QtrColour colour)
{
    cairo_set_source_rgb(cr, colour.r, colour.g, colour.b);
}

void qtr_draw_set_font(cairo_t *cr, double size, gboolean bold)
{
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
}

/* cairo stops drawing for good at text that is not UTF-8. */
double qtr_draw_text_width(cairo_t *cr, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    cairo_text_extents_t extents;

    cairo_text_extents(cr, valid, &extents);
    return extents.x_advance;
}

void qtr_draw_text(cairo_t *cr, double x, double y, QtrAlign align, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    double width = align == QTR_ALIGN_LEFT ? 0 : qtr_draw_text_width(cr, valid);

    cairo_move_to(cr, x - (align == QTR_ALIGN_CENTRE ? width / 2 : width), y);
    cairo_show_text(cr, valid);
}

void qtr_draw_rounded(cairo_t *cr, double x, double y, double w, double h, double radius)
{
    double r = MIN(radius, MIN(w, h) / 2);

    cairo_new_sub_path(cr);
    cairo_arc(cr, x + w - r, y + r, r, -G_PI_2, 0);
    cairo_arc(cr, x + w - r, y + h - r, r, 0, G_PI_2);
    cairo_arc(cr, x + r, y + h - r, r, G_PI_2, G_PI);
    cairo_arc(cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
    cairo_close_path(cr);
}

/* The point `distance` from (x, y) towards (tx, ty). */
static void towards(double x, double y, double tx, double ty, double distance, double *px,
                    double *py)
{
    double length = hypot(tx - x, ty - y);
    double share = length > 0 ? MIN(distance / length, 0.5) : 0;

    *px = x + (tx - x) * share;
    *py = y + (ty - y) * share;
}

static void draw_head(cairo_t *cr, double x, double y, double angle)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, angle);
    cairo_move_to(cr, 0, 0);
    cairo_line_to(cr, -HEAD_LENGTH, -HEAD_HALF);
    cairo_line_to(cr, -HEAD_LENGTH, HEAD_HALF);
    cairo_close_path(cr);
    cairo_fill(cr);
    cairo_restore(cr);
}

void qtr_draw_wire(cairo_t *cr, const double *xy, guint n, gboolean arrow)
{
    double angle, ex, ey;

    g_return_if_fail(n >= 2);
    ex = xy[2 * n - 2];
    ey = xy[2 * n - 1];
    angle = atan2(ey - xy[2 * n - 3], ex - xy[2 * n - 4]);
    qtr_draw_set_colour(cr, QTR_WIRE);
    cairo_set_line_width(cr, 1.5);
    cairo_move_to(cr, xy[0], xy[1]);
    for (guint i = 1; i + 1 < n; i++) {
        double ax, ay, bx, by, x = xy[2 * i], y = xy[2 * i + 1];

        towards(x, y, xy[2 * i - 2], xy[2 * i - 1], CORNER, &ax, &ay);
        towards(x, y, xy[2 * i + 2], xy[2 * i + 3], CORNER, &bx, &by);
        cairo_line_to(cr, ax, ay);
        cairo_curve_to(cr, (ax + 2 * x) / 3, (ay + 2 * y) / 3, (bx + 2 * x) / 3, (by + 2 * y) / 3,
                       bx, by);
    }
    if (arrow)
        cairo_line_to(cr, ex - cos(angle) * HEAD_LENGTH, ey - sin(angle) * HEAD_LENGTH);
    else
        cairo_line_to(cr, ex, ey);
    cairo_stroke(cr);
    if (arrow)
        draw_head(cr, ex, ey, angle);
}

const char *qtr_draw_si(double value, char *buffer, gsize size)
{
    static const char prefixes[][2] = {"", "k", "M", "G", "T", "P", "E"};
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    guint i = 0;

    while (fabs(value) >= 999.5 && i + 1 < G_N_ELEMENTS(prefixes)) {
        value /= 1000;
        i++;
    }
    g_ascii_formatd(digits, sizeof digits, "%.3g", value);
    g_snprintf(buffer, size, "%s%s%s", digits, i ? " " : "", prefixes[i]);
    return buffer;
}

typedef struct {
    double width, height;
    QtrDrawPaint paint;
    gconstpointer data;
    gboolean svg;
    int fd;
    GError *error;
} Output;

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned int length)
{
    Output *output = closure;

    if (output->error || !qtr_file_write_all(output->fd, data, length, &output->error))
        return CAIRO_STATUS_WRITE_ERROR;
    return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t paint_all(cairo_surface_t *surface, const Output *output, double scale)
{
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    cairo_scale(cr, scale, scale);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    output->paint(cr, output->data);
    status = cairo_status(cr);
    cairo_destroy(cr);
    return status;
}

static cairo_status_t write_svg(Output *output)
{
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(write_bytes, output, output->width, output->height);
    cairo_status_t status;

    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    status = paint_all(surface, output, 1);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}

static cairo_status_t write_png(Output *output)
{
    double scale = MIN(2.0, PNG_SIDE_MAX / MAX(output->width, output->height));
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)ceil(output->width * scale), (int)ceil(output->height * scale));
    cairo_status_t status;

    status = paint_all(surface, output, scale);
    cairo_surface_flush(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, output);
    cairo_surface_destroy(surface);
    return status;
}

static gboolean fill(int fd, gpointer user_data, GError **error)
{
    Output *output = user_data;
    cairo_status_t status;

    output->fd = fd;
    status = output->svg ? write_svg(output) : write_png(output);
    if (output->error) {
        g_propagate_error(error, g_steal_pointer(&output->error));
        return FALSE;
    }
    if (status == CAIRO_STATUS_SUCCESS)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot draw: %s", cairo_status_to_string(status));
    return FALSE;
}

gboolean qtr_draw_save(const char *path, double width, double height, QtrDrawPaint paint,
                       gconstpointer data, GError **error)
{
    const char *dot = strrchr(path, '.');
    Output output = {width, height, paint, data, FALSE, -1, NULL};

    g_return_val_if_fail(width > 0 && height > 0, FALSE);
    output.svg = dot && g_ascii_strcasecmp(dot, ".svg") == 0;
    if (!output.svg && !(dot && g_ascii_strcasecmp(dot, ".png") == 0)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: pictures are written as .svg or .png, chosen by the extension", path);
        return FALSE;
    }
    return qtr_file_write_with(path, fill, &output, error);
}
