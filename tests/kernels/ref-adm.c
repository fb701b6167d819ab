#include "ref-adm.h"

#include <math.h>
#include <string.h>

#define EPS 1e-5
#define MOMENTUM 0.1

void ref_adm_init(RefAdm *adm)
{
    gsize c = (gsize)adm->channels, n = (gsize)adm->size.images;

    adm->z = g_new0(double, ref_count(adm->size, adm->channels));
    adm->batch_mean = g_new0(double, c);
    adm->batch_inv = g_new0(double, c);
    adm->std = g_new0(double, n);
    adm->sample_mean = g_new0(double, n);
    adm->phi = g_new0(double, n);
    adm->dgamma = g_new0(double, c);
    adm->dbeta = g_new0(double, c);
}

void ref_adm_clear(RefAdm *adm)
{
    double *parts[] = {adm->z,           adm->batch_mean, adm->batch_inv, adm->std,
                       adm->sample_mean, adm->phi,        adm->dgamma,    adm->dbeta};

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        g_free(parts[i]);
}

static gsize pixels(const RefAdm *adm)
{
    return (gsize)adm->size.height * (gsize)adm->size.width;
}

static gsize plane(const RefAdm *adm, int n, int c)
{
    return (gsize)(n * adm->channels + c) * pixels(adm);
}

/* Sum of (x - shift)^power over channel `c` of all images. */
static double channel_sum(const RefAdm *adm, const double *x, int c, double shift, int power)
{
    double sum = 0.0;

    for (int n = 0; n < adm->size.images; n++)
        for (gsize i = 0; i < pixels(adm); i++)
            sum += pow(x[plane(adm, n, c) + i] - shift, power);
    return sum;
}

static void batch_norm(RefAdm *adm, const double *x, int c, gboolean training)
{
    double count = (double)pixels(adm) * adm->size.images, mean = adm->mean[c], var = adm->var[c];

    if (training) {
        double squares;

        mean = channel_sum(adm, x, c, 0.0, 1) / count;
        squares = channel_sum(adm, x, c, mean, 2);
        var = squares / count;
        adm->mean[c] += MOMENTUM * (mean - adm->mean[c]);
        adm->var[c] += MOMENTUM * (squares / fmax(count - 1.0, 1.0) - adm->var[c]);
    }
    adm->batch_mean[c] = mean;
    adm->batch_inv[c] = 1.0 / sqrt(var + EPS);
    for (int n = 0; n < adm->size.images; n++)
        for (gsize i = plane(adm, n, c); i < plane(adm, n, c) + pixels(adm); i++)
            adm->z[i] = (x[i] - mean) * adm->batch_inv[c] * adm->gamma[c] + adm->beta[c];
}

static void deviation(RefAdm *adm, const double *x, int n)
{
    gsize count = (gsize)adm->channels * pixels(adm);
    const double *sample = x + plane(adm, n, 0);
    double sum = 0.0, squares = 0.0;

    for (gsize i = 0; i < count; i++)
        sum += sample[i];
    adm->sample_mean[n] = sum / (double)count;
    for (gsize i = 0; i < count; i++)
        squares += (sample[i] - adm->sample_mean[n]) * (sample[i] - adm->sample_mean[n]);
    adm->std[n] = sqrt(squares / fmax((double)count - 1.0, 1.0));
    adm->phi[n] = adm->phi_w * adm->std[n] + adm->phi_b;
}

void ref_adm_begin(RefAdm *adm, const double *x, gboolean training)
{
    for (int c = 0; c < adm->channels; c++)
        batch_norm(adm, x, c, training);
    for (int n = 0; n < adm->size.images; n++)
        deviation(adm, x, n);
}

void ref_adm_end(const RefAdm *adm, const double *f, const double *x, double *y)
{
    gsize sample = (gsize)adm->channels * pixels(adm);

    for (gsize i = 0; i < ref_count(adm->size, adm->channels); i++)
        y[i] = f[i] * adm->phi[i / sample] + x[i];
}

void ref_adm_back_end(const RefAdm *adm, const double *dy, double *df)
{
    gsize sample = (gsize)adm->channels * pixels(adm);

    for (gsize i = 0; i < ref_count(adm->size, adm->channels); i++)
        df[i] = dy[i] * adm->phi[i / sample];
}

/* dx += the gradient through the deviation of image n. */
static void through_deviation(RefAdm *adm, const double *x, const double *f, const double *dy,
                              double *dx, int n)
{
    gsize first = plane(adm, n, 0), count = (gsize)adm->channels * pixels(adm);
    double dphi = 0.0;

    for (gsize i = first; i < first + count; i++)
        dphi += dy[i] * f[i];
    adm->dphi_w += dphi * adm->std[n];
    adm->dphi_b += dphi;
    for (gsize i = first; i < first + count && adm->std[n] > 0.0; i++)
        dx[i] += dphi * adm->phi_w * (x[i] - adm->sample_mean[n]) /
                 (((double)count - 1.0) * adm->std[n]);
}

/* dx += the gradient through batch norm's channel c. */
static void through_norm(RefAdm *adm, const double *x, const double *dz, double *dx, int c)
{
    double count = (double)pixels(adm) * adm->size.images, sum = 0.0, dot = 0.0;
    double inv = adm->batch_inv[c];

    for (int n = 0; n < adm->size.images; n++)
        for (gsize i = plane(adm, n, c); i < plane(adm, n, c) + pixels(adm); i++) {
            sum += dz[i];
            dot += dz[i] * (x[i] - adm->batch_mean[c]) * inv;
        }
    adm->dgamma[c] = dot;
    adm->dbeta[c] = sum;
    for (int n = 0; n < adm->size.images; n++)
        for (gsize i = plane(adm, n, c); i < plane(adm, n, c) + pixels(adm); i++)
            dx[i] += adm->gamma[c] * inv *
                     (dz[i] - sum / count - (x[i] - adm->batch_mean[c]) * inv * dot / count);
}

void ref_adm_back_begin(RefAdm *adm, const double *x, const double *f, const double *dy,
                        const double *dz, double *dx)
{
    memcpy(dx, dy, sizeof(double) * ref_count(adm->size, adm->channels));
    adm->dphi_w = adm->dphi_b = 0.0;
    for (int n = 0; n < adm->size.images; n++)
        through_deviation(adm, x, f, dy, dx, n);
    for (int c = 0; c < adm->channels; c++)
        through_norm(adm, x, dz, dx, c);
}
