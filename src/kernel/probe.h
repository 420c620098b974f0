/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kernel can do, found out by trying: tiny programs, maps and types are given to it and closed at once. Nothing
 * is attached, and no version is compared. What decides is the verifier's own words, which differ between versions, and
 * the order in which the kernel looks at what it is given: a target that cannot be is refused in another way than a
 * kind of link that is not known.
 */
#ifndef LADE_KERNEL_PROBE_H
#define LADE_KERNEL_PROBE_H

#include <linux/bpf.h>

#include "kernel/kernel.h"

enum probe_answer {
	PROBE_NO,
	PROBE_YES,
	PROBE_UNKNOWN, /* refused for lack of privilege, memory …, or in a way that says nothing of it */
};

/*
 * Ids of the kernel's types that programs can be verified against; 0: the kernel has none, or its types are not known.
 * kernel/ does not read types: who does fills this in.
 */
struct probe_targets {
	uint32_t tracepoint;      /* btf_trace_… */
	uint32_t function;        /* one that programs may be called at */
	uint32_t changeable;      /* … whose result they may change */
	uint32_t iterator;        /* bpf_iter_… */
	uint32_t hook;            /* bpf_lsm_… */
	uint32_t socket_hook;     /* … of a socket */
	uint32_t table;           /* a struct of kernel operations */
	uint32_t table_operation; /* index of a member that is a function */
};

/* A program of a type, as it is tried: what it wants besides instructions. */
struct probe_form {
	uint32_t type, expected_attach_type, flags, attach_btf_id;
};

#define PROBE_LOG_BYTES 4096
/* Descriptor or negative errno; log (PROBE_LOG_BYTES): "" where nothing was written. */
int lade_probe_load(struct kernel *kernel, const struct probe_form *form, const struct bpf_insn *code, uint32_t count,
		    char *log);
/* The same of a program that does nothing. */
int lade_probe_load_empty(struct kernel *kernel, const struct probe_form *form, char *log);

/* type: BPF_PROG_TYPE_…, BPF_MAP_TYPE_… as numbers, also of kinds that the headers do not know yet. */
enum probe_answer lade_probe_program(struct kernel *kernel, uint32_t type);
enum probe_answer lade_probe_map(struct kernel *kernel, uint32_t type);
/* The same with flags that the type does not want; PROBE_NO: the type or the flags. */
enum probe_answer lade_probe_map_flags(struct kernel *kernel, uint32_t type, uint32_t flags);
/* Of a program of this type, in its most usual form. Types that are verified against a function: PROBE_UNKNOWN. */
enum probe_answer lade_probe_helper(struct kernel *kernel, uint32_t program_type, uint32_t helper);
enum probe_answer lade_probe_helper_of(struct kernel *kernel, const struct probe_form *form, uint32_t helper);
/* Is the helper one that some program can call? false only when the kernel says that it has none of this number. */
bool lade_probe_helper_exists(struct kernel *kernel, uint32_t helper);
enum probe_answer lade_probe_btf_kind(struct kernel *kernel, uint32_t kind);

/* BPF_CGROUP_INET_INGRESS … as a number: can a program of such a kind be had and attached by this kernel? */
enum probe_answer lade_probe_attach(struct kernel *kernel, const struct probe_targets *targets, uint32_t type);
/* BPF_LINK_TYPE_… */
const char *lade_probe_link_name(uint32_t type); /* 3: "cgroup"; NULL: none that is known */
enum probe_answer lade_probe_link(struct kernel *kernel, const struct probe_targets *targets, uint32_t type);

/* ---- probe_feature.c: what is no type ---- */
size_t lade_probe_feature_count(void);
/* As data/limits.csv calls it. */
const char *lade_probe_feature_name(size_t index);
enum probe_answer lade_probe_feature(struct kernel *kernel, size_t index);

#endif
