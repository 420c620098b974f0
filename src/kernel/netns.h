/* SPDX-License-Identifier: BSD-2-Clause */
/* Network namespaces: which one this is, and doing something in another one without the process leaving its own. */
#ifndef LADE_KERNEL_NETNS_H
#define LADE_KERNEL_NETNS_H

#include "kernel/kernel.h"

typedef int netns_fn(struct kernel *kernel, void *data);

/* Inode of the calling thread's network namespace, or of the one at path; 0: there is none, or it cannot be told. */
uint64_t lade_netns_inode(const char *path); /* NULL: our own */

/*
 * Calls fn in the network namespace of this inode: at once when it is our own, else in a thread that enters it. Looked
 * for in /run/netns, /proc/PID/ns/net, among mounts and open files. -ENXIO: it no longer exists. -EPERM: it may exist,
 * or does, and cannot be entered. Else what fn returns.
 */
int lade_netns_do(struct kernel *kernel, uint64_t inode, netns_fn *fn, void *data);
/* The same for a path ("/run/netns/blue", "/proc/12/ns/net"). -ENXIO: that is no network namespace; open(2)'s errno.
 */
int lade_netns_do_at(struct kernel *kernel, const char *path, netns_fn *fn, void *data);

#endif
