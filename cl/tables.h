/* The tables that the host fills for a network and kernels read, in C and OpenCL C: src/nn. */
#ifndef QTR_CL_TABLES_H
#define QTR_CL_TABLES_H

/* A convolution. Offsets are in floats of the buffers named. */
enum {
    NET_CONV_W,     /* offset of W in params */
    NET_CONV_STEPS, /* offset of the LSQ steps, [NBITS][Cout], in params */
    NET_CONV_MIXED, /* offset of W~ and of its gradient */
    NET_CONV_OUT,
    NET_CONV_IN, /* Cin / g */
    NET_CONV_KH,
    NET_CONV_KW,
    NET_CONV_GROUPS,
    NET_CONV_MIX,     /* offset of its row in mix */
    NET_CONV_SCALE,   /* 1: P multiplies the packed weights */
    NET_CONV_FORWARD, /* offset in packed, and output channels a tile */
    NET_CONV_FORWARD_TILE,
    NET_CONV_BACK, /* likewise of the data gradient; -1: none */
    NET_CONV_BACK_TILE,
    NET_CONV_RANGES, /* offset of its rows in the per-channel arrays: ranges and dots */
    NET_CONV_LEVELS, /* offset of its NBITS values 2^(b-1)-1 (0: not quantized) in levels */
    NET_CONV_ID,
    NET_CONV_COMPONENTS, /* of strips of rows (winograd-points.cl), or 0 */
    NET_CONV_FIELDS
};

/* A merged convolution: its row above, its first part, how many it has, its bit width of the mix.
 */
enum { NET_MERGE_CONV, NET_MERGE_FIRST, NET_MERGE_PARTS, NET_MERGE_BIT, NET_MERGE_FIELDS };
/* A part: its row above, that of its first merged convolution, its dots or -1. */
enum { NET_PART_CONV, NET_PART_WHOLE, NET_PART_DOTS, NET_PART_FIELDS };

/* A layer's alphas, and its first row in mix (P, q_0, ...). */
enum { NET_LAYER_ALPHA, NET_LAYER_PRIMITIVES, NET_LAYER_MIX, NET_LAYER_FIELDS };

/* A source of dots: a convolution, or an identity (which has slot 0 alone). */
enum {
    NET_SOURCE_WEIGHTS,
    NET_SOURCE_CHANNELS,
    NET_SOURCE_ACTS,
    NET_SOURCE_ITEMS,
    NET_SOURCE_IDENTITY,
    NET_SOURCE_SCALE,
    NET_SOURCE_FIELDS
};

/* An activation's quantizer: step 0 means plain ReLU, whose clip is infinite. */
enum { NET_ACT_STEP, NET_ACT_CLIP, NET_ACT_INVERSE, NET_ACT_FIELDS };

/* Blocks of pixels whose statistics are gathered together. */
#define NET_STAT_ROWS 32
#define NET_STAT_COLUMNS 256

#define NET_NORM_CHUNK 1024 /* of parameters, whose squares are added together */

/* Whose update an optimizer's launch makes. */
enum { NET_WHO_WEIGHTS, NET_WHO_SCALES, NET_WHO_ALPHAS };

#endif
