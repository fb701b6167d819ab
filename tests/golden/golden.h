#pragma once
#include "gpu/device.h"
#include "nn/net.h"
#include "run/safetensors.h"

/* Comparing with the reference's tensors. Each function fails the cmocka test with the tensor's
 * name and the worst element. */

/* Path of a reference file: in tests/data, else in ../shared/golden; NULL (skip) if in neither. */
char *golden_path(const char *file);

/* The file, or the test is skipped. */
QtrSafetensors *golden_load(const char *file);

/* max|a-b| <= 1e-5 + 1e-4 max|b|, but for at most one element in 10,000 (rounding at a quantizer's
 * threshold), at least `spare`. */
void golden_compare(const char *what, const float *a, const float *b, gsize count, gsize spare);

/* The same with no element to spare, but element i may differ by another doubt[i] (chain.h; NULL:
 * none). */
void golden_compare_doubtful(const char *what, const float *a, const float *b, gsize count,
                             const double *doubt);

/* For what follows from a quantizer: an input that lies on a rounding threshold to the last bit
 * moves a whole cone of outputs by a part of a step. The relative error in the Euclidean norm is
 * then at most `bound`, over 1e-5 an element. */
void golden_compare_norm(const char *what, const float *a, const float *b, gsize count,
                         double bound);

/* Compares a part of a net's tensor with the file's tensor `name`, element by element
 * (norm_bound 0) or by norm. */
void golden_compare_tensor(QtrNet *net, const char *tensor, QtrTensorPart part,
                           const QtrSafetensors *file, const char *name, double norm_bound);

/* Compares a tensor after Adam's first step with the file's NAME.stepped. That step is lr * g /
 * (|g| + 1e-8) whatever the size of g, so where g is hardly more than rounding errors so is its
 * sign: each element may differ by what the difference of its gradient to the file's NAME.grad
 * makes. `shrink`: what clipping makes of gradients. */
void golden_compare_stepped(QtrNet *net, const char *tensor, const QtrSafetensors *file,
                            const char *name, double lr, double decay, double shrink);

/* A number of the file's metadata: a JSON object `key`, path "a.b". */
double golden_number(const QtrSafetensors *file, const char *key, const char *path);

/* Writes the file's `prefix`NAME tensors into the net's NAME tensors; every one must be there. */
void golden_write_net(QtrNet *net, const QtrSafetensors *file, const char *prefix,
                      const char *net_prefix);

QtrDevice *golden_device(void);

/* Parameters of a 1-image network of `c_fixed` channels, scale 1, one cell and plain skips, whose
 * layers are `zero`: none in the tail, one in each other block. A test puts its own in place of
 * some. */
void golden_zero_params(QtrNetParams *params, int c_fixed);
/* The genotype of such a final network. */
QtrGenotype golden_zero_genotype(void);

/* A network of `params`, with `genotype_text` (NULL: none) the final one of that genotype; it fails
 * the test if the device has no room. */
QtrNet *golden_new_net(QtrDevice *device, const QtrNetParams *params, const char *genotype_text);
