/* Loops that an item has to itself on CPUs and QTR_GROUP items of a work-group share on GPUs, neighbours in turn
 * (QTR_ITEMS_SHARED of ops/emit.h). GROUP_ID counts the loops, GROUP_ITEM those who share one. Sums, the largest and
 * the smallest of the group are a tree of fixed shape in local memory; every item of the group has to ask for them. */
#ifndef QTR_GROUP
#define QTR_GROUP 1 /* or a power of two */
#endif

#if QTR_GROUP > 1
#define GROUP_ID ((int)get_group_id(0))
#define GROUP_ITEM ((int)get_local_id(0))
#define GROUP_KERNEL __kernel __attribute__((reqd_work_group_size(QTR_GROUP, 1, 1)))
/* `floats` an item, declared in the kernel and handed to functions. In a function that is not inlined PoCL 3.1 takes
 * it for one variable of all threads. */
#define GROUP_MEMORY(floats) __local float group_memory[(floats)*QTR_GROUP];
#define GROUP_FUNCTION static inline __attribute__((always_inline))
#define GROUP_PARAM , __local float *group_memory
#define GROUP_VALUE , group_memory
#define GROUP_BARRIER barrier(CLK_GLOBAL_MEM_FENCE)
#define GROUP_FOLD(name, fold)                                                                     \
    GROUP_FUNCTION float name(float own, __local float *memory)                                    \
    {                                                                                              \
        const int item = GROUP_ITEM;                                                               \
                                                                                                   \
        barrier(CLK_LOCAL_MEM_FENCE);                                                              \
        memory[item] = own;                                                                        \
        barrier(CLK_LOCAL_MEM_FENCE);                                                              \
        for (int n = QTR_GROUP / 2; n > 0; n /= 2) {                                               \
            if (item < n)                                                                          \
                memory[item] = fold(memory[item], memory[item + n]);                               \
            barrier(CLK_LOCAL_MEM_FENCE);                                                          \
        }                                                                                          \
        return memory[0];                                                                          \
    }
#define GROUP_PLUS(a, b) ((a) + (b))
GROUP_FOLD(group_sum, GROUP_PLUS)
GROUP_FOLD(group_max, fmax)
GROUP_FOLD(group_min, fmin)
#define GROUP_SUM(x) group_sum((x), group_memory)
#define GROUP_MAX(x) group_max((x), group_memory)
#define GROUP_MIN(x) group_min((x), group_memory)
#else
#define GROUP_ID ((int)get_global_id(0))
#define GROUP_ITEM 0
#define GROUP_KERNEL __kernel
#define GROUP_MEMORY(floats)
#define GROUP_FUNCTION static inline
#define GROUP_PARAM
#define GROUP_VALUE
#define GROUP_BARRIER
#define GROUP_SUM(x) (x)
#define GROUP_MAX(x) (x)
#define GROUP_MIN(x) (x)
#endif
