/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF has both byte orders: bpfel and bpfeb. */
#ifndef LADE_BPF_ASM_BYTEORDER_H
#define LADE_BPF_ASM_BYTEORDER_H

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#include <linux/byteorder/big_endian.h>
#else
#include <linux/byteorder/little_endian.h>
#endif

#endif
