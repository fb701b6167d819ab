#pragma once
#include <glib.h>

/* Damaged and forged files: seeded changes of sound ones, the same in every run. */

/* Sound files of one format. */
typedef struct {
    const GBytes *const *samples;
    guint n_samples;
    const char *const *words; /* text put in here and there; NULL-terminated, or NULL */
} QtrMutateSource;

/* Change number `seed` of a sample: bits flipped, bytes and length fields overwritten, ranges cut
 * out, repeated or taken from another sample, words put in, the end cut off. A NUL follows the
 * data. */
GByteArray *qtr_mutate(const QtrMutateSource *source, guint64 seed);

void qtr_mutate_put(const char *path, const GByteArray *data);

/* Asserts what every reader promises: a result without an error, or none with one of QTR_ERROR in
 * one printable line or several. `seed` is told if it does not hold. */
void qtr_mutate_assert_outcome(gboolean ok, const GError *error, guint64 seed);
