// SPDX-License-Identifier: BSD-2-Clause
/* The same, where the section names the module. */
#define PLACE "fentry/veth:veth_xmit"
#include "vm_module.bpf.c"
