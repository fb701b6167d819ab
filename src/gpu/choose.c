#include "base/error.h"
#include "gpu/private.h"

#include <string.h>

/* Which of the devices found is meant; no OpenCL call in here. */

/* Drivers that sit on another API or are less complete than a vendor's own. */
static gboolean is_second_choice(const QtrDeviceInfo *info)
{
    static const char *const names[] = {"OpenCLOn12", "Clover", "rusticl", NULL};

    for (int i = 0; names[i]; i++)
        if (strstr(info->platform, names[i]))
            return TRUE;
    return FALSE;
}

/* The PCI address, or "" where the driver does not tell. */
static const char *pci_of(const QtrDeviceInfo *info)
{
    return info->key + strlen(info->platform) + strlen(" / ") + strlen(info->name);
}

static gboolean is_same_device(const QtrDeviceInfo *a, const QtrDeviceInfo *b)
{
    if (g_str_equal(a->platform, b->platform) || a->is_cpu != b->is_cpu)
        return FALSE;
    if (a->is_cpu)
        return TRUE; /* a machine's processors are one OpenCL device of each CPU driver */
    if (*pci_of(a) && *pci_of(b))
        return g_str_equal(pci_of(a), pci_of(b));
    return g_str_equal(a->name, b->name);
}

static gboolean has_twin_before(const GPtrArray *probes, guint index)
{
    const QtrDeviceInfo *info = ((QtrProbe *)probes->pdata[index])->info;

    for (guint i = 0; i < probes->len; i++) {
        const QtrDeviceInfo *other = ((QtrProbe *)probes->pdata[i])->info;
        int order = (int)is_second_choice(other) - (int)is_second_choice(info);

        if (i != index && is_same_device(info, other) && (order < 0 || (order == 0 && i < index)))
            return TRUE;
    }
    return FALSE;
}

/* Moves the twins to the end, keeping the order otherwise. */
static GPtrArray *order_probes(GPtrArray *probes)
{
    GPtrArray *ordered = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_probe_free);

    for (int twins = 0; twins < 2; twins++)
        for (guint i = 0; i < probes->len; i++)
            if (has_twin_before(probes, i) == twins)
                g_ptr_array_add(ordered, probes->pdata[i]);
    g_ptr_array_set_free_func(probes, NULL);
    g_ptr_array_unref(probes);
    return ordered;
}

static void number_probes(GPtrArray *probes)
{
    g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < probes->len; i++) {
        QtrDeviceInfo *info = ((QtrProbe *)probes->pdata[i])->info;

        info->index = (int)i;
        for (int n = 2; g_hash_table_contains(keys, info->key); n++) {
            g_free(info->key);
            info->key = g_strdup_printf("%s / %s #%d", info->platform, info->name, n);
        }
        g_hash_table_add(keys, info->key);
    }
}

static void mark_default(GPtrArray *probes)
{
    QtrDeviceInfo *best = NULL;
    int best_rank = -1;

    for (guint i = 0; i < probes->len; i++) {
        const QtrProbe *probe = probes->pdata[i];
        int rank = 0;

        if (probe->is_gpu)
            rank = probe->info->unified_memory ? 2 : 3;
        else if (probe->info->is_cpu)
            rank = 1;
        /* Drivers of one device may have each its own name for it, and tell no PCI address. */
        rank = 2 * rank + !is_second_choice(probe->info);
        if (rank > best_rank) {
            best = probe->info;
            best_rank = rank;
        }
    }
    if (best)
        best->is_default = TRUE;
}

GPtrArray *qtr_probe_arrange(GPtrArray *probes)
{
    probes = order_probes(probes);
    number_probes(probes);
    mark_default(probes);
    return probes;
}

static gboolean is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static int fit_of_number(const QtrDeviceInfo *info, const char *number)
{
    guint64 index;

    return g_ascii_string_to_unsigned(number, 10, 0, G_MAXINT, &index, NULL) &&
           index == (guint64)info->index;
}

/* How well the name fits: 0: not, 1: a part of it, 2: all of it. */
static int fit_of_name(const QtrDeviceInfo *info, const char *selector)
{
    g_autofree char *name = g_utf8_casefold(info->name, -1);
    g_autofree char *part = g_utf8_casefold(selector, -1);

    if (!*part || !strstr(name, part))
        return 0;
    return g_str_equal(name, part) ? 2 : 1;
}

static gboolean has_twin_in(const GPtrArray *fitting, const QtrProbe *probe)
{
    for (guint i = 0; i < fitting->len; i++)
        if (is_same_device(((const QtrProbe *)fitting->pdata[i])->info, probe->info))
            return TRUE;
    return FALSE;
}

/* Those that fit best. Of a device that several drivers show it is the first alone. */
static GPtrArray *find_fitting(const GPtrArray *probes, const char *selector)
{
    GPtrArray *fitting = g_ptr_array_new();
    gboolean number = is_number(selector);
    int best = 1;

    for (guint i = 0; i < probes->len; i++) {
        QtrProbe *probe = probes->pdata[i];
        int fit = (number ? fit_of_number : fit_of_name)(probe->info, selector);

        if (fit > best) {
            best = fit;
            g_ptr_array_set_size(fitting, 0);
        }
        if (fit == best && !has_twin_in(fitting, probe))
            g_ptr_array_add(fitting, probe);
    }
    return fitting;
}

static char *candidates(const GPtrArray *probes)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < probes->len; i++) {
        const QtrDeviceInfo *info = ((const QtrProbe *)probes->pdata[i])->info;

        g_string_append_printf(text, "\n  %d: %s", info->index, info->key);
    }
    return g_string_free(text, FALSE);
}

QtrProbe *qtr_probe_choose(const GPtrArray *probes, const char *selector, GError **error)
{
    g_autoptr(GPtrArray) fitting = NULL;
    g_autofree char *list = NULL;

    for (guint i = 0; i < probes->len; i++) {
        QtrProbe *probe = probes->pdata[i];

        if (selector ? g_str_equal(probe->info->key, selector) : probe->info->is_default)
            return probe;
    }
    fitting = selector ? find_fitting(probes, selector) : g_ptr_array_new();
    if (fitting->len == 1)
        return fitting->pdata[0];
    list = candidates(probes);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "%s OpenCL device fits \"%s\"; there %s:%s",
                fitting->len == 0 ? "no" : "more than one", selector,
                probes->len == 1 ? "is" : "are", list);
    return NULL;
}
