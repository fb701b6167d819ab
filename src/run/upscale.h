#pragma once
#include "run/job.h"

/* The `upscale` command: images of any size through a trained network. */

typedef struct {
    const char *weights;  /* best.safetensors; its metadata describes the network */
    const char *genotype; /* path; NULL: of the metadata */
    gboolean
        config_is_given; /* job->config overrides channels, cells, scale and ADM of the metadata */
    const char *const
        *inputs;        /* images and folders (read with their subfolders), NULL-terminated */
    const char *output; /* a file for one image, else a folder, made if absent; the subfolders of an
                           input are kept */
    gboolean skip_existing; /* a result that is there stays as it is, and its image is not read */
    int tile; /* side of tiles in LR pixels, see qtr_infer_set_tile; 0: as memory asks for */
} QtrUpscaleParams;

typedef struct {
    guint images, failed; /* to be enlarged, and of these */
    guint skipped;        /* not among them: their results were there */
} QtrUpscaleResult;

/* Grey stays grey, 16 bits stay 16 bits, alpha is enlarged too, colour profile and EXIF are kept.
 * Tiled or not, the result is the same. An image that fails is a warning, and QTR_ERROR_IO at the
 * end. Before any work it is QTR_ERROR_USAGE if a result would replace an input or another result.
 * Where the output lies in a folder to be read, it is passed over. */
gboolean qtr_job_upscale(const QtrJob *job, const QtrUpscaleParams *params,
                         QtrUpscaleResult *result, GError **error);
