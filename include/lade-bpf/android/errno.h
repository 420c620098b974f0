/* SPDX-License-Identifier: BSD-2-Clause */
/* Error numbers; a BPF program has no errno. */
#include <linux/errno.h>
