#include "cli/validation.h"

#include "base/json.h"
#include "run/table.h"

#include <math.h>

/* "12.3 G": three digits and a prefix, as operation counts are spoken of. */
static char *with_prefix(double value)
{
    static const char *const prefixes[] = {"", " k", " M", " G", " T", " P"};
    guint i = 0;

    while (value >= 1000 && i + 1 < G_N_ELEMENTS(prefixes)) {
        value /= 1000;
        i++;
    }
    return g_strdup_printf("%.*f%s", value < 10 ? 2 : value < 100 ? 1 : 0, value, prefixes[i]);
}

void qtr_cli_print_validation(QtrConsole *console, const GPtrArray *rows)
{
    if (rows->len == 0)
        return;
    qtr_console_print(console, "%-12s %6s %9s %9s %9s %7s %14s %14s %9s\n", "set", "images",
                      "PSNR/dB", "bicubic", "gain", "SSIM", QTR_COLUMN_BITOPS,
                      QTR_COLUMN_BITOPS_LARGE, "s/MPixel");
    for (guint i = 0; i < rows->len; i++) {
        const QtrValidationRow *row = g_ptr_array_index(rows, i);
        g_autofree char *small = with_prefix(row->bitops_32);
        g_autofree char *large = with_prefix(row->bitops_256);

        qtr_console_print(console, "%-12s %6u %9.3f %9.3f %+9.3f %7.4f %14s %14s %9.3f\n", row->set,
                          row->images, row->psnr, row->psnr_bicubic, row->psnr - row->psnr_bicubic,
                          row->ssim, small, large, row->seconds_per_megapixel);
    }
}

JsonArray *qtr_cli_validation_json(const GPtrArray *rows)
{
    JsonArray *array = json_array_new();

    for (guint i = 0; i < rows->len; i++) {
        const QtrValidationRow *row = g_ptr_array_index(rows, i);
        JsonObject *object = json_object_new();

        json_object_set_string_member(object, "set", row->set);
        json_object_set_int_member(object, "images", row->images);
        json_object_set_member(object, "psnr", qtr_json_number(row->psnr));
        json_object_set_member(object, "psnr_bicubic", qtr_json_number(row->psnr_bicubic));
        json_object_set_member(object, "ssim", qtr_json_number(row->ssim));
        json_object_set_member(object, "bitops_32", qtr_json_number(row->bitops_32));
        json_object_set_member(object, "bitops_256", qtr_json_number(row->bitops_256));
        json_object_set_member(object, "model_size", qtr_json_number(row->model_size));
        json_object_set_int_member(object, "packed_bytes", (gint64)row->packed_bytes);
        json_object_set_member(object, "seconds_per_megapixel",
                               qtr_json_number(row->seconds_per_megapixel));
        json_array_add_object_element(array, object);
    }
    return array;
}
