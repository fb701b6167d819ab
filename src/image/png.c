#include "image/codec-private.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>

/* libpng leaves by longjmp: all that must survive the jump lives in these structs, never in locals
 * of the function that called setjmp. */

typedef struct {
    png_structp png;
    png_infop info;
    FILE *file;
    QtrImage *image;
    png_bytep *rows;
    GError *error; /* the first failure */
} Reader;

static void keep_error(GError **slot, QtrErrorCode code, const char *what, const char *message)
{
    if (!*slot)
        g_set_error(slot, QTR_ERROR, code, "%s: %s", what, message);
}

static void on_read_error(png_structp png, png_const_charp message)
{
    Reader *reader = png_get_error_ptr(png);

    keep_error(&reader->error, QTR_ERROR_FORMAT, "damaged PNG", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
}

static void read_bytes(png_structp png, png_bytep data, size_t size)
{
    Reader *reader = png_get_io_ptr(png);

    if (fread(data, 1, size, reader->file) == size)
        return;
    if (ferror(reader->file))
        keep_error(&reader->error, QTR_ERROR_IO, "cannot read", g_strerror(errno));
    png_error(png, "the file ends too early");
}

static void close_reader(Reader *reader)
{
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    g_free(reader->rows);
}

static gboolean open_reader(Reader *reader, FILE *file, GError **error)
{
    *reader = (Reader){.file = file};
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_read_error, on_warning);
    if (reader->png)
        reader->info = png_create_info_struct(reader->png);
    if (reader->info)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY, "cannot start libpng");
    close_reader(reader);
    return FALSE;
}

static gboolean read_header(Reader *reader)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return FALSE;
    png_set_user_limits(reader->png, QTR_IMAGE_MAX_SIDE, QTR_IMAGE_MAX_SIDE);
    png_set_option(reader->png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_benign_errors(reader->png, 1);
    png_set_read_fn(reader->png, reader, read_bytes);
    png_read_info(reader->png, reader->info);
    return TRUE;
}

static gboolean read_pixels(Reader *reader)
{
    png_structp png = reader->png;
    png_infop info = reader->info;

    if (setjmp(png_jmpbuf(png)))
        return FALSE;
    png_set_expand(png);
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        png_set_swap(png);
    (void)png_set_interlace_handling(png);
    png_read_update_info(png, info);
    reader->image = qtr_image_try_new(
        (int)png_get_image_width(png, info), (int)png_get_image_height(png, info),
        png_get_channels(png, info), png_get_bit_depth(png, info), &reader->error);
    if (!reader->image)
        return FALSE;
    reader->rows = g_new(png_bytep, reader->image->height);
    for (int y = 0; y < reader->image->height; y++)
        reader->rows[y] =
            (png_bytep)reader->image->data + (gsize)y * qtr_image_stride(reader->image);
    png_read_image(png, reader->rows);
    png_read_end(png, info);
    return TRUE;
}

static void take_metadata(Reader *reader)
{
    png_charp name;
    png_bytep profile, exif;
    int compression;
    png_uint_32 size;

    if (png_get_iCCP(reader->png, reader->info, &name, &compression, &profile, &size))
        reader->image->icc = g_bytes_new(profile, size);
    if (png_get_eXIf_1(reader->png, reader->info, &size, &exif))
        reader->image->exif = g_bytes_new(exif, size);
}

QtrImage *qtr_png_read(FILE *file, GError **error)
{
    Reader reader;

    if (!open_reader(&reader, file, error))
        return NULL;
    if (read_header(&reader) && read_pixels(&reader)) {
        take_metadata(&reader);
    } else {
        g_clear_pointer(&reader.image, qtr_image_free);
        g_propagate_error(error, g_steal_pointer(&reader.error));
    }
    g_clear_error(&reader.error);
    close_reader(&reader);
    return reader.image;
}

gboolean qtr_png_probe(FILE *file, int *width, int *height, GError **error)
{
    Reader reader;
    gboolean ok;

    if (!open_reader(&reader, file, error))
        return FALSE;
    ok = read_header(&reader);
    if (ok) {
        *width = (int)png_get_image_width(reader.png, reader.info);
        *height = (int)png_get_image_height(reader.png, reader.info);
        g_clear_error(&reader.error);
    } else {
        g_propagate_error(error, reader.error);
    }
    close_reader(&reader);
    return ok;
}

typedef struct {
    png_structp png;
    png_infop info;
    const QtrImage *image;
    int fd;
    GError *error;
} Writer;

static void on_write_error(png_structp png, png_const_charp message)
{
    Writer *writer = png_get_error_ptr(png);

    keep_error(&writer->error, QTR_ERROR_USAGE, "cannot be written as PNG", message);
    png_longjmp(png, 1);
}

static void write_bytes(png_structp png, png_bytep data, size_t size)
{
    Writer *writer = png_get_io_ptr(png);

    if (!qtr_file_write_all(writer->fd, data, size, &writer->error))
        png_error(png, "write failed");
}

static void flush_bytes(png_structp png)
{
}

static void put_metadata(Writer *writer)
{
    gsize size;
    gconstpointer data;

    if (writer->image->icc) {
        data = g_bytes_get_data(writer->image->icc, &size);
        png_set_iCCP(writer->png, writer->info, "icc", PNG_COMPRESSION_TYPE_BASE, data,
                     (png_uint_32)size);
    }
    if (writer->image->exif) {
        data = g_bytes_get_data(writer->image->exif, &size);
        png_set_eXIf_1(writer->png, writer->info, (png_uint_32)size, (png_bytep)data);
    }
}

static gboolean write_all(Writer *writer)
{
    static const int colour[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                 PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    const QtrImage *image = writer->image;

    if (setjmp(png_jmpbuf(writer->png)))
        return FALSE;
    png_set_write_fn(writer->png, writer, write_bytes, flush_bytes);
    png_set_benign_errors(writer->png, 1);
    png_set_IHDR(writer->png, writer->info, (png_uint_32)image->width, (png_uint_32)image->height,
                 image->depth, colour[image->channels], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    put_metadata(writer);
    png_write_info(writer->png, writer->info);
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN && image->depth == 16)
        png_set_swap(writer->png);
    for (int y = 0; y < image->height; y++)
        png_write_row(writer->png,
                      (png_const_bytep)image->data + (gsize)y * qtr_image_stride(image));
    png_write_end(writer->png, NULL); /* with the info libpng 1.6.39 would repeat eXIf */
    return TRUE;
}

static gboolean fill(int fd, gpointer user_data, GError **error)
{
    Writer writer = {.image = user_data, .fd = fd};
    gboolean ok = FALSE;

    writer.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_write_error, on_warning);
    if (writer.png)
        writer.info = png_create_info_struct(writer.png);
    if (writer.info)
        ok = write_all(&writer);
    else
        g_set_error(&writer.error, QTR_ERROR, QTR_ERROR_MEMORY, "cannot start libpng");
    png_destroy_write_struct(&writer.png, &writer.info);
    if (ok)
        g_clear_error(&writer.error);
    else
        g_propagate_error(error, writer.error);
    return ok;
}

gboolean qtr_png_write(const QtrImage *image, const char *path, GError **error)
{
    return qtr_file_write_with(path, fill, (gpointer)image, error);
}
