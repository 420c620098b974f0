// SPDX-License-Identifier: BSD-2-Clause
/* The same without the security module: the kernel's own function returns something else. */
#define PLACE "fmod_ret/security_file_open"
#include "vm_lsm.bpf.c"
