#pragma once
#include "ref-conv.h"

/* ADM(x, f) = f * phi(std(x)) + x around a function of z = BN(x), in double (method.md 2). */
typedef struct {
    RefSize size;
    int channels;
    const double *gamma, *beta; /* a channel each */
    double phi_w, phi_b;
    double *mean, *var; /* running statistics, updated in training */

    double *z;                              /* of forward */
    double *batch_mean, *batch_inv;         /* what BN used */
    double *std, *sample_mean, *phi;        /* an image each */
    double *dgamma, *dbeta, dphi_w, dphi_b; /* of backward */
} RefAdm;

/* Allocates results; mean, var, gamma and beta are the caller's. */
void ref_adm_init(RefAdm *adm);
void ref_adm_clear(RefAdm *adm);
/* z, batch norm in training or evaluation, and phi. */
void ref_adm_begin(RefAdm *adm, const double *x, gboolean training);
/* y = f * phi + x */
void ref_adm_end(const RefAdm *adm, const double *f, const double *x, double *y);
/* df, then, given dz of it, dx and the gradients of the parameters (in training). */
void ref_adm_back_end(const RefAdm *adm, const double *dy, double *df);
void ref_adm_back_begin(RefAdm *adm, const double *x, const double *f, const double *dy,
                        const double *dz, double *dx);
