/* SPDX-License-Identifier: BSD-2-Clause */
/* check_older.bpf.c a version later: another map, a larger value, more instructions, a newer kernel. */
#define NEWER
#include "check_older.bpf.c"
