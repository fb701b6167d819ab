#include "image/codec-private.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

/* As in png.c, what must survive libjpeg's longjmp lives in a struct. */

#define QUALITY 95
/* A progressive file can ask for endless passes over a large picture; real ones have about ten. */
#define MAX_SCANS 500

static const char exif_prefix[6] = "Exif\0";

typedef struct {
    struct jpeg_error_mgr manager; /* first: libjpeg hands it back by this address */
    jmp_buf jump;
    gboolean damaged; /* data was missing or wrong, and libjpeg would paint over it */
    char message[JMSG_LENGTH_MAX];
} Trap;

static void on_error(j_common_ptr cinfo)
{
    Trap *trap = (Trap *)cinfo->err;

    if (!trap->damaged)
        cinfo->err->format_message(cinfo, trap->message);
    longjmp(trap->jump, 1);
}

static void on_message(j_common_ptr cinfo, int level)
{
    Trap *trap = (Trap *)cinfo->err;

    if (level >= 0 || trap->damaged)
        return;
    switch (cinfo->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        trap->damaged = TRUE;
        cinfo->err->format_message(cinfo, trap->message);
        break;
    default:
        break;
    }
}

static struct jpeg_error_mgr *set_trap(Trap *trap)
{
    jpeg_std_error(&trap->manager);
    trap->manager.error_exit = on_error;
    trap->manager.emit_message = on_message;
    return &trap->manager;
}

typedef struct {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_progress_mgr progress;
    Trap trap;
    QtrImage *image;
    JSAMPARRAY ink; /* one row of CMYK, in libjpeg's pool */
    GError *error;  /* a failure found here, not by libjpeg */
} Reader;

static void on_progress(j_common_ptr cinfo)
{
    j_decompress_ptr d = (j_decompress_ptr)cinfo;

    /* Else what is missing of a progressive picture is filled in to its end, however large. */
    if (((Trap *)cinfo->err)->damaged || d->input_scan_number > MAX_SCANS)
        ERREXIT(cinfo, JERR_BAD_PROGRESSION);
}

static gboolean read_header(Reader *reader, FILE *file)
{
    if (setjmp(reader->trap.jump))
        return FALSE;
    jpeg_create_decompress(&reader->cinfo);
    /* A progressive picture is kept whole as coefficients, twice its samples. */
    reader->cinfo.mem->max_memory_to_use = (long)QTR_IMAGE_MAX_BYTES;
    reader->progress.progress_monitor = on_progress;
    reader->cinfo.progress = &reader->progress;
    jpeg_stdio_src(&reader->cinfo, file);
    jpeg_save_markers(&reader->cinfo, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(&reader->cinfo, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&reader->cinfo, TRUE);
    return !reader->trap.damaged;
}

/* Before jpeg_finish_decompress, which forgets the markers. */
static void take_metadata(Reader *reader)
{
    JOCTET *profile;
    unsigned size;

    /* A CMYK profile would be wrong for the RGB made from it. */
    if (reader->cinfo.out_color_space != JCS_CMYK &&
        jpeg_read_icc_profile(&reader->cinfo, &profile, &size)) {
        reader->image->icc = g_bytes_new(profile, size);
        free(profile);
    }
    for (jpeg_saved_marker_ptr m = reader->cinfo.marker_list; m; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length > sizeof exif_prefix &&
            memcmp(m->data, exif_prefix, sizeof exif_prefix) == 0 && !reader->image->exif)
            reader->image->exif =
                g_bytes_new(m->data + sizeof exif_prefix, m->data_length - sizeof exif_prefix);
}

static void cmyk_to_rgb(const guint8 *in, guint8 *out, guint width, gboolean inverted)
{
    guint flip = inverted ? 0 : 255; /* Adobe stores 255 - ink */

    for (guint x = 0; x < width; x++, in += 4, out += 3)
        for (int c = 0; c < 3; c++)
            out[c] = (guint8)(((in[c] ^ flip) * (in[3] ^ flip) + 127) / 255);
}

static gboolean read_pixels(Reader *reader)
{
    j_decompress_ptr cinfo = &reader->cinfo;

    if (setjmp(reader->trap.jump))
        return FALSE;
    switch (cinfo->jpeg_color_space) {
    case JCS_GRAYSCALE:
        cinfo->out_color_space = JCS_GRAYSCALE;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        cinfo->out_color_space = JCS_CMYK;
        break;
    default:
        cinfo->out_color_space = JCS_RGB;
    }
    jpeg_start_decompress(cinfo);
    reader->image =
        qtr_image_try_new((int)cinfo->output_width, (int)cinfo->output_height,
                          cinfo->out_color_space == JCS_GRAYSCALE ? 1 : 3, 8, &reader->error);
    if (!reader->image)
        return FALSE;
    if (cinfo->out_color_space == JCS_CMYK)
        reader->ink =
            cinfo->mem->alloc_sarray((j_common_ptr)cinfo, JPOOL_IMAGE, cinfo->output_width * 4, 1);
    take_metadata(reader);
    while (cinfo->output_scanline < cinfo->output_height && !reader->trap.damaged) {
        JSAMPROW row = (JSAMPROW)reader->image->data +
                       cinfo->output_scanline * qtr_image_stride(reader->image);

        jpeg_read_scanlines(cinfo, reader->ink ? reader->ink : &row, 1);
        if (reader->ink)
            cmyk_to_rgb(reader->ink[0], row, cinfo->output_width, cinfo->saw_Adobe_marker);
    }
    if (!reader->trap.damaged)
        jpeg_finish_decompress(cinfo);
    return !reader->trap.damaged;
}

static void set_read_error(Reader *reader, FILE *file, GError **error)
{
    if (reader->error)
        g_propagate_error(error, g_steal_pointer(&reader->error));
    else if (ferror(file))
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot read: %s", g_strerror(errno));
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "damaged or unsupported JPEG: %s",
                    reader->trap.message);
}

QtrImage *qtr_jpeg_read(FILE *file, GError **error)
{
    Reader reader = {.image = NULL};

    reader.cinfo.err = set_trap(&reader.trap);
    if (!read_header(&reader, file) || !read_pixels(&reader)) {
        g_clear_pointer(&reader.image, qtr_image_free);
        set_read_error(&reader, file, error);
    }
    jpeg_destroy_decompress(&reader.cinfo);
    return reader.image;
}

gboolean qtr_jpeg_probe(FILE *file, int *width, int *height, GError **error)
{
    Reader reader = {.image = NULL};
    gboolean ok;

    reader.cinfo.err = set_trap(&reader.trap);
    ok = read_header(&reader, file);
    if (ok) {
        *width = (int)reader.cinfo.image_width;
        *height = (int)reader.cinfo.image_height;
    } else {
        set_read_error(&reader, file, error);
    }
    jpeg_destroy_decompress(&reader.cinfo);
    return ok;
}

typedef struct {
    struct jpeg_compress_struct cinfo;
    Trap trap;
    const QtrImage *image;
    guint8 *data; /* made by libjpeg with malloc */
    unsigned long size;
} Writer;

static gboolean write_all(Writer *writer)
{
    j_compress_ptr cinfo = &writer->cinfo;
    const QtrImage *image = writer->image;
    gsize size;

    if (setjmp(writer->trap.jump))
        return FALSE;
    jpeg_create_compress(cinfo);
    jpeg_mem_dest(cinfo, &writer->data, &writer->size);
    cinfo->image_width = (JDIMENSION)image->width;
    cinfo->image_height = (JDIMENSION)image->height;
    cinfo->input_components = image->channels;
    cinfo->in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(cinfo);
    jpeg_set_quality(cinfo, QUALITY, TRUE);
    /* Halved chroma would undo part of what super-resolution gained. */
    cinfo->comp_info[0].h_samp_factor = cinfo->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(cinfo, TRUE);
    if (image->exif) {
        gconstpointer exif = g_bytes_get_data(image->exif, &size);

        jpeg_write_m_header(cinfo, JPEG_APP0 + 1, (unsigned)(size + sizeof exif_prefix));
        for (gsize i = 0; i < sizeof exif_prefix; i++)
            jpeg_write_m_byte(cinfo, exif_prefix[i]);
        for (gsize i = 0; i < size; i++)
            jpeg_write_m_byte(cinfo, ((const guint8 *)exif)[i]);
    }
    if (image->icc) {
        gconstpointer icc = g_bytes_get_data(image->icc, &size);

        jpeg_write_icc_profile(cinfo, icc, (unsigned)size);
    }
    while (cinfo->next_scanline < cinfo->image_height) {
        JSAMPROW row = (JSAMPROW)image->data + cinfo->next_scanline * qtr_image_stride(image);

        jpeg_write_scanlines(cinfo, &row, 1);
    }
    jpeg_finish_compress(cinfo);
    return TRUE;
}

gboolean qtr_jpeg_write(const QtrImage *image, const char *path, GError **error)
{
    Writer writer = {.image = image};
    gboolean ok = FALSE;

    g_return_val_if_fail(image->depth == 8 && (image->channels == 1 || image->channels == 3),
                         FALSE);
    writer.cinfo.err = set_trap(&writer.trap);
    if (write_all(&writer))
        ok = qtr_file_write(path, writer.data, writer.size, error);
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "%s: cannot be written as JPEG: %s", path,
                    writer.trap.message);
    jpeg_destroy_compress(&writer.cinfo);
    free(writer.data);
    return ok;
}
