#include "image/codec.h"

#include "base/error.h"
#include "image/codec-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const char *name;
    const char *magic, *end; /* first and last bytes of a whole file */
    gsize magic_size, end_size;
    QtrImage *(*read)(FILE *file, GError **error);
    gboolean (*probe)(FILE *file, int *width, int *height, GError **error);
    gboolean (*write)(const QtrImage *image, const char *path, GError **error);
    gboolean plain; /* neither alpha nor 16 bits */
    const char *extensions[3];
} Format;

static const Format formats[] = {
    {"PNG",
     "\x89PNG\r\n\x1a\n",
     "\0\0\0\0IEND\xae\x42\x60\x82",
     8,
     12,
     qtr_png_read,
     qtr_png_probe,
     qtr_png_write,
     FALSE,
     {".png"}},
    {"JPEG",
     "\xff\xd8\xff",
     "\xff\xd9",
     3,
     2,
     qtr_jpeg_read,
     qtr_jpeg_probe,
     qtr_jpeg_write,
     TRUE,
     {".jpg", ".jpeg"}},
};

static FILE *open_regular(const char *path, GError **error)
{
    /* Without O_NONBLOCK a named pipe in a folder of images would hang the program. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    FILE *file = NULL;

    if (fd < 0)
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: cannot open: %s", path, g_strerror(errno));
    else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: is not a regular file", path);
    else if (!(file = fdopen(fd, "rb")))
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: cannot open: %s", path, g_strerror(errno));
    if (!file && fd >= 0)
        (void)close(fd);
    return file;
}

/* Opens `path` and finds its format by its first bytes; the stream is back at its start. */
static FILE *open_image(const char *path, const Format **format, GError **error)
{
    char magic[8];
    gsize got;
    FILE *file = open_regular(path, error);

    if (!file)
        return NULL;
    got = fread(magic, 1, sizeof magic, file);
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        *format = &formats[i];
        if (got >= (*format)->magic_size &&
            memcmp(magic, (*format)->magic, (*format)->magic_size) == 0) {
            rewind(file);
            return file;
        }
    }
    if (ferror(file))
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: cannot read: %s", path, g_strerror(errno));
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: %s", path,
                    got == 0 ? "the file is empty" : "is neither PNG nor JPEG");
    fclose(file);
    return NULL;
}

QtrImage *qtr_image_load(const char *path, GError **error)
{
    const Format *format;
    FILE *file = open_image(path, &format, error);
    QtrImage *image;

    if (!file)
        return NULL;
    image = format->read(file, error);
    fclose(file);
    if (!image)
        g_prefix_error(error, "%s: ", path);
    return image;
}

gboolean qtr_image_probe(const char *path, int *width, int *height, GError **error)
{
    const Format *format;
    FILE *file = open_image(path, &format, error);
    gboolean ok;

    if (!file)
        return FALSE;
    ok = format->probe(file, width, height, error);
    fclose(file);
    if (!ok)
        g_prefix_error(error, "%s: ", path);
    return ok;
}

static gboolean ends_whole(FILE *file, const Format *format)
{
    char end[12];

    return fseek(file, -(long)format->end_size, SEEK_END) == 0 &&
           fread(end, 1, format->end_size, file) == format->end_size &&
           memcmp(end, format->end, format->end_size) == 0;
}

gboolean qtr_image_verify(const char *path, int *width, int *height, GError **error)
{
    const Format *format;
    FILE *file = open_image(path, &format, error);
    gboolean ok;

    if (!file)
        return FALSE;
    ok = format->probe(file, width, height, error);
    if (ok && !ends_whole(file, format)) {
        g_autoptr(QtrImage) image = NULL;

        rewind(file);
        image = format->read(file, error);
        ok = image != NULL;
    }
    fclose(file);
    if (!ok)
        g_prefix_error(error, "%s: ", path);
    return ok;
}

static const Format *format_of_name(const char *path)
{
    const char *dot = strrchr(path, '.');

    for (gsize i = 0; dot && i < G_N_ELEMENTS(formats); i++)
        for (const char *const *e = formats[i].extensions; *e; e++)
            if (g_ascii_strcasecmp(dot, *e) == 0)
                return &formats[i];
    return NULL;
}

gboolean qtr_image_can_save(const char *path, const QtrImage *image, GError **error)
{
    const Format *format = format_of_name(path);
    gboolean plain = image->depth == 8 && (image->channels == 1 || image->channels == 3);

    if (!format)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: images are written as " QTR_IMAGE_EXTENSIONS, path);
    else if (format->plain && !plain)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: %s holds neither alpha nor 16 bits; write a .png", path, format->name);
    else
        return TRUE;
    return FALSE;
}

gboolean qtr_image_save(const QtrImage *image, const char *path, GError **error)
{
    return qtr_image_can_save(path, image, error) &&
           format_of_name(path)->write(image, path, error);
}

gboolean qtr_image_is_supported_name(const char *path)
{
    return format_of_name(path) != NULL;
}
