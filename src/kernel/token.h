/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF tokens (since 6.9): what the owner of a bpffs delegates to a user namespace. One is made when the kernel refuses a
 * call for lack of privilege, so that whoever has the privilege never asks for one.
 */
#ifndef LADE_KERNEL_TOKEN_H
#define LADE_KERNEL_TOKEN_H

#include "kernel/kernel.h"

/* Descriptor, or 0: none has been needed so far; -1: none can be had. */
static inline int lade_token_known(struct kernel *kernel)
{
	return atomic_load(&kernel->token);
}
/* The same, and makes it on first use. Safe on any thread. */
int lade_token_get(struct kernel *kernel);
/* Makes it now, from this bpffs. environment.token when that fails. */
int lade_token_make(struct kernel *kernel, const char *path, struct lade_error **error);
void lade_token_clear(struct kernel *kernel);

#endif
