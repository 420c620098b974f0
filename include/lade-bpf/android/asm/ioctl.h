/* SPDX-License-Identifier: BSD-2-Clause */
/* Debian keeps asm/ per processor; for BPF it is the generic one. */
#include <asm-generic/ioctl.h>
