/* Two convolutions in a row, of which the first one's rows, m, are kept in local memory where the second reads them:
 * what conv-pair.cl and conv-pair-back.cl share.
 *
 * Layout: planes as in common.cl, pitches multiples of QTR_VL; weights as in conv.cl, of each convolution with its own
 * OT. The channels fall into PARTS parts that know nothing of each other.
 * Item: DOWN rows x ACROSS vectors of columns of a part's channels of y; global (ceil(W / columns) * ceil(H / DOWN),
 * PARTS, N). It goes down ROWS rows of y at a time and keeps the rows of m that they need in local memory, which is
 * a core's cache, [RING rows][MIDDLE channels][ROW floats], row r of m in slot r modulo RING. */
#ifndef CIN
#define CIN 3
#define CMID 36
#define COUT 3
#endif
#ifndef G1
#define G1 3
#define G2 3
#define PARTS 3
#endif
#ifndef KH1
#define KH1 3
#define KW1 3
#define KH2 5
#define KW2 5
#endif
#ifndef OT1
#define OT1 4
#define OT2 1
#endif
#ifndef VT1
#define VT1 5 /* vectors of m at a time */
#define VT2 3 /* of a row of y */
#endif
#ifndef ROWS
#define ROWS 4
#endif
#ifndef ACROSS
#define ACROSS 24
#define DOWN 64
#endif

#define IN1 (CIN / G1) /* channels of a group */
#define MID1 (CMID / G1)
#define MID2 (CMID / G2)
#define OUT2 (COUT / G2)
#define BLOCKS1 ((MID1 + OT1 - 1) / OT1)
#define BLOCKS2 ((OUT2 + OT2 - 1) / OT2)
#define MIDDLE (CMID / PARTS)
#define RING (ROWS + KH2 - 1)
#define HALO ((KW2 - 1 + QTR_VL - 1) / QTR_VL) /* vectors */
#define ROW ((ACROSS + HALO + VT1 - 1) / VT1 * VT1 * QTR_VL)
#define SLOT (MIDDLE * ROW)
