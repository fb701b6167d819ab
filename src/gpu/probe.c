#include "base/error.h"
#include "gpu/private.h"

#include <CL/cl_ext.h>
#include <string.h>

/* Extensions that older headers lack. */
#ifndef CL_DEVICE_SUB_GROUP_SIZES_INTEL
#define CL_DEVICE_SUB_GROUP_SIZES_INTEL 0x4108
#endif
#ifndef CL_DEVICE_PCI_BUS_ID_NV
#define CL_DEVICE_PCI_BUS_ID_NV 0x4008
#define CL_DEVICE_PCI_SLOT_ID_NV 0x4009
#define CL_DEVICE_PCI_DOMAIN_ID_NV 0x400A
#endif

/* Every GPU allows that many, and a few dozen groups of them keep it busy. */
#define GROUP_ITEMS 256

void qtr_probe_free(QtrProbe *probe)
{
    qtr_device_info_free(probe->info);
    g_free(probe);
}

void qtr_device_info_free(QtrDeviceInfo *info)
{
    if (!info)
        return;
    g_free(info->key);
    g_free(info->name);
    g_free(info->vendor);
    g_free(info->driver);
    g_free(info->platform);
    g_free(info->version);
    g_free(info);
}

static char *platform_text(cl_platform_id platform, cl_platform_info what)
{
    gsize size = 0;
    char *text;

    if (clGetPlatformInfo(platform, what, 0, NULL, &size) != CL_SUCCESS)
        return g_strdup("");
    text = g_malloc0(size + 1);
    (void)clGetPlatformInfo(platform, what, size, text, NULL);
    return g_strstrip(text);
}

static char *device_text(cl_device_id id, cl_device_info what)
{
    gsize size = 0;
    char *text;

    if (clGetDeviceInfo(id, what, 0, NULL, &size) != CL_SUCCESS)
        return g_strdup("");
    text = g_malloc0(size + 1);
    (void)clGetDeviceInfo(id, what, size, text, NULL);
    return g_strstrip(text);
}

/* Properties a driver does not know stay 0. */
#define DEVICE_VALUE(type, name, id, what)                                                         \
    type name = 0;                                                                                 \
    (void)clGetDeviceInfo((id), (what), sizeof(name), &(name), NULL)

static gboolean cpu_has_avx512(void)
{
    g_autofree char *text = NULL;

    return g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) && strstr(text, " avx512f");
}

/* LLVM reports 256 bits for CPUs it would rather not run at 512; our kernels gain from them. */
static int suggested_vector_width(cl_device_id id, const QtrDeviceInfo *info)
{
    DEVICE_VALUE(cl_uint, native, id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);

    if (!info->is_cpu)
        return 1;
    if (native >= 16 || strstr(info->name, "avx512") || cpu_has_avx512())
        return 16;
    return native >= 8 ? 8 : 4;
}

static char *pci_address(cl_device_id id, const char *extensions)
{
    cl_device_pci_bus_info_khr pci;
    cl_uint bus, slot, domain = 0;

    if (strstr(extensions, "cl_khr_pci_bus_info") &&
        clGetDeviceInfo(id, CL_DEVICE_PCI_BUS_INFO_KHR, sizeof pci, &pci, NULL) == CL_SUCCESS)
        return g_strdup_printf("%04x:%02x:%02x.%x", pci.pci_domain, pci.pci_bus, pci.pci_device,
                               pci.pci_function);
    if (strstr(extensions, "cl_nv_device_attribute_query") &&
        clGetDeviceInfo(id, CL_DEVICE_PCI_BUS_ID_NV, sizeof bus, &bus, NULL) == CL_SUCCESS &&
        clGetDeviceInfo(id, CL_DEVICE_PCI_SLOT_ID_NV, sizeof slot, &slot, NULL) == CL_SUCCESS) {
        (void)clGetDeviceInfo(id, CL_DEVICE_PCI_DOMAIN_ID_NV, sizeof domain, &domain, NULL);
        return g_strdup_printf("%04x:%02x:%02x.%x", domain, bus, slot >> 3, slot & 7);
    }
    return NULL;
}

static void read_limits(QtrDeviceInfo *info, cl_device_id id)
{
    DEVICE_VALUE(cl_ulong, memory, id, CL_DEVICE_GLOBAL_MEM_SIZE);
    DEVICE_VALUE(cl_ulong, cache, id, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE);
    DEVICE_VALUE(cl_ulong, max_alloc, id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    DEVICE_VALUE(cl_ulong, local_memory, id, CL_DEVICE_LOCAL_MEM_SIZE);
    DEVICE_VALUE(cl_uint, units, id, CL_DEVICE_MAX_COMPUTE_UNITS);
    DEVICE_VALUE(cl_uint, clock, id, CL_DEVICE_MAX_CLOCK_FREQUENCY);
    DEVICE_VALUE(gsize, max_group, id, CL_DEVICE_MAX_WORK_GROUP_SIZE);
    DEVICE_VALUE(cl_bool, unified, id, CL_DEVICE_HOST_UNIFIED_MEMORY);
    DEVICE_VALUE(cl_device_fp_config, fp, id, CL_DEVICE_SINGLE_FP_CONFIG);

    info->memory = memory;
    info->max_alloc = max_alloc;
    info->local_memory = local_memory;
    info->cache = cache;
    info->compute_units = units;
    info->max_clock_mhz = clock;
    info->max_group = max_group;
    info->unified_memory = unified;
    info->exact_divide = (fp & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
}

/* Of Intel's extensions, as only there kernels can ask for a size. */
static gboolean has_subgroups_of_16(cl_device_id id, const char *extensions)
{
    gsize sizes[32], bytes = 0;

    if (!strstr(extensions, "cl_intel_subgroups") ||
        !strstr(extensions, "cl_intel_required_subgroup_size") ||
        clGetDeviceInfo(id, CL_DEVICE_SUB_GROUP_SIZES_INTEL, sizeof sizes, sizes, &bytes) !=
            CL_SUCCESS)
        return FALSE;
    for (gsize i = 0; i < MIN(bytes, sizeof sizes) / sizeof *sizes; i++)
        if (sizes[i] == 16)
            return TRUE;
    return FALSE;
}

void qtr_probe_set_form(QtrDeviceInfo *info, gboolean shares_tiles)
{
    info->shares_tiles = shares_tiles;
    info->group_items = shares_tiles ? GROUP_ITEMS : 1;
    while (info->group_items > 1 && (gsize)info->group_items > info->max_group)
        info->group_items /= 2;
}

static QtrProbe *probe_device(cl_platform_id platform, cl_device_id id)
{
    g_autofree char *extensions = device_text(id, CL_DEVICE_EXTENSIONS);
    g_autofree char *pci = pci_address(id, extensions);
    DEVICE_VALUE(cl_device_type, type, id, CL_DEVICE_TYPE);
    QtrDeviceInfo *info = g_new0(QtrDeviceInfo, 1);
    QtrProbe *probe = g_new0(QtrProbe, 1);

    info->name = device_text(id, CL_DEVICE_NAME);
    info->vendor = device_text(id, CL_DEVICE_VENDOR);
    info->driver = device_text(id, CL_DRIVER_VERSION);
    info->version = platform_text(platform, CL_PLATFORM_VERSION);
    info->platform = platform_text(platform, CL_PLATFORM_NAME);
    info->key =
        g_strjoin(" / ", info->platform, info->name, pci, NULL); /* a NULL pci ends the list */
    read_limits(info, id);
    info->is_cpu = (type & CL_DEVICE_TYPE_CPU) != 0;
    info->subgroups_of_16 = has_subgroups_of_16(id, extensions);
    info->vector_width = suggested_vector_width(id, info);
    qtr_probe_set_form(info, !info->is_cpu);
    probe->id = id;
    probe->is_gpu = (type & CL_DEVICE_TYPE_GPU) != 0;
    probe->info = info;
    return probe;
}

/* Kernels are built from source and data is exchanged as it lies in memory. */
static gboolean is_usable(cl_device_id id)
{
    g_autofree char *version = device_text(id, CL_DEVICE_VERSION);
    DEVICE_VALUE(cl_bool, available, id, CL_DEVICE_AVAILABLE);
    DEVICE_VALUE(cl_bool, compiler, id, CL_DEVICE_COMPILER_AVAILABLE);
    DEVICE_VALUE(cl_bool, little, id, CL_DEVICE_ENDIAN_LITTLE);

    return available && compiler && little == (G_BYTE_ORDER == G_LITTLE_ENDIAN) &&
           !g_str_has_prefix(version, "OpenCL 1.0") && !g_str_has_prefix(version, "OpenCL 1.1");
}

static void probe_platform(GPtrArray *probes, cl_platform_id platform)
{
    g_autofree cl_device_id *ids = NULL;
    cl_uint count = 0;

    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, NULL, &count) != CL_SUCCESS || count == 0)
        return;
    ids = g_new0(cl_device_id, count);
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids, NULL) != CL_SUCCESS)
        return;
    for (cl_uint i = 0; i < count; i++)
        if (is_usable(ids[i]))
            g_ptr_array_add(probes, probe_device(platform, ids[i]));
}

static const char install_hint[] =
    "install a driver: on Debian or Ubuntu `apt install pocl-opencl-icd` runs on the CPU; GPUs "
    "need their vendor's package (nvidia-opencl-icd, intel-opencl-icd, or AMD's ROCm); in "
    "containers often only the file that names the driver is missing: "
    "`echo libnvidia-opencl.so.1 >/etc/OpenCL/vendors/nvidia.icd`";

GPtrArray *qtr_probe_all(GError **error)
{
    g_autoptr(GPtrArray) probes = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_probe_free);
    g_autofree cl_platform_id *platforms = NULL;
    cl_uint count = 0;
    cl_int code = clGetPlatformIDs(0, NULL, &count);

    if (code == CL_PLATFORM_NOT_FOUND_KHR || (code == CL_SUCCESS && count == 0)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE, "no OpenCL platform was found; %s",
                    install_hint);
        return NULL;
    }
    if (code == CL_SUCCESS) {
        platforms = g_new0(cl_platform_id, count);
        code = clGetPlatformIDs(count, platforms, NULL);
    }
    if (code != CL_SUCCESS) {
        qtr_cl_fail(error, code, "the OpenCL platforms cannot be listed");
        return NULL;
    }
    for (cl_uint i = 0; i < count; i++)
        probe_platform(probes, platforms[i]);
    if (probes->len == 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE,
                    "none of the %u OpenCL platforms has a usable device (OpenCL 1.2 with a "
                    "compiler); %s",
                    count, install_hint);
        return NULL;
    }
    return qtr_probe_arrange(g_steal_pointer(&probes));
}

GPtrArray *qtr_device_list(GError **error)
{
    g_autoptr(GPtrArray) probes = qtr_probe_all(error);
    GPtrArray *infos;

    if (!probes)
        return NULL;
    infos = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_device_info_free);
    for (guint i = 0; i < probes->len; i++)
        g_ptr_array_add(infos, g_steal_pointer(&((QtrProbe *)probes->pdata[i])->info));
    return infos;
}
