#pragma once
#include <glib.h>

/* Scalars for TensorBoard: an event file as TensorFlow writes it. Thread-safe. */
typedef struct QtrTensorboard QtrTensorboard;

/* Makes a new events.out.tfevents.<time>.<host>.<pid>.<n> in `dir`, which must exist. TensorBoard
 * reads all such files of a folder as one; `purge_step` >= 0 tells it to forget what earlier files
 * say about that and later steps (a resumed run repeats them), -1: nothing. */
QtrTensorboard *qtr_tensorboard_open(const char *dir, gint64 purge_step, GError **error);

/* Flushes; the error of that is lost, so flush before. NULL-safe. */
void qtr_tensorboard_close(QtrTensorboard *board);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrTensorboard, qtr_tensorboard_close)

/* Appends one value (as float32; NaN and infinities are kept, TensorBoard shows them) of curve
 * `tag`, "loss/train". Buffered. */
gboolean qtr_tensorboard_scalar(QtrTensorboard *board, const char *tag, gint64 step, double value,
                                GError **error);

/* Hands all values to the file system; to be called after each epoch. */
gboolean qtr_tensorboard_flush(QtrTensorboard *board, GError **error);

const char *qtr_tensorboard_path(const QtrTensorboard *board);
