/* The shape of a convolution: channels, groups, kernel; each group's output channels are made in
 * blocks of OT, which every kernel chooses for itself. */
#ifndef CIN
#define CIN 36
#endif
#ifndef COUT
#define COUT 36
#endif
#ifndef G
#define G 1
#endif
#ifndef KH
#define KH 3
#endif
#ifndef KW
#define KW 3
#endif
#define CING (CIN / G)
#define COUTG (COUT / G)
#define BLOCKS ((COUTG + OT - 1) / OT)
