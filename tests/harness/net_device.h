/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of net_device.bpf.c share: its programs loaded and attached, what they counted, who refused them. */
#ifndef LADE_TESTS_NET_DEVICE_H
#define LADE_TESTS_NET_DEVICE_H

#include "harness/loaded.h"

/* Its counters. */
enum { CLASSIFIER, CLASSIFIER2, TCX_IN, TCX_OUT, XDP, XDP2, DEVMAP, CPUMAP, NETFILTER, LWT, ACTION, PRIMARY, PEER };

/* Setup of a group, and of each of its tests: a network namespace of its own, so that one that fails leaves nothing. */
int device_enter(void **state);
int device_enter_network(void **state);
void device_skip_unless_live(void);

/* These programs of the object are loaded, and pinned if there is a name. second may be NULL. Skips unless live. */
struct loaded load_device_programs(const char *name, const char *first, const char *second);
struct kernel *kernel_of(const struct loaded *loaded);
void attach(struct loaded *loaded, const char *program, const char *target);
struct lade_link_info link_at(const struct loaded *loaded, size_t index);
/* The first finding of a refused attachment: its code, and a piece of its evidence (NULL: any). */
void expect_refusal(struct loaded *loaded, const char *program, const char *target, const char *code,
		    const char *evidence);

#endif
