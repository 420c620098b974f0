/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recorded kernel: answers from a profile instead of a machine, for kernels that cannot be booted
 * here. It checks attributes as that version did (size of union bpf_attr, fields past the last known
 * one, names, flags, map rules, BTF kinds, kern_version, instruction count, cost limit), hands out real
 * descriptors (memfd) so that leak checks hold, keeps pins as files below a real directory, and remembers
 * every call. It does not verify programs: it accepts what the profile's attribute rules accept, unless
 * told to reject by name.
 */
#ifndef LADE_KERNEL_RECORDED_H
#define LADE_KERNEL_RECORDED_H

#include "kernel/kernel.h"

struct recorded_profile {
	const char *name;            /* "4.19" */
	uint32_t version;            /* KERNEL_VERSION code */
	uint32_t attr_union_size;    /* bytes: non-zero at or beyond gives E2BIG */
	uint32_t highest_btf_kind;   /* 0: no BPF_BTF_LOAD */
	bool btf_kind_flag, global_data, names, link_create, freeze;
	bool kern_version_checked;
	uint32_t max_instructions;
	bool map_cost_4g;            /* E2BIG at 4 GiB and above */
	uint32_t highest_map_type, highest_program_type;
	bool rename_exchange;
	const char *common_log; /* said of every refusal to whoever gives a log (since 7.2); NULL: nothing */
};
const struct recorded_profile *lade_recorded_profile(const char *name); /* "4.9", "4.19", "5.4", "5.10", "6.18" */

/* A program of this name (its first 15 bytes) is rejected with errnum and this verifier log. Borrowed. */
struct recorded_rejection {
	const char *program;
	int errnum;
	const char *log;
};

int lade_kernel_recorded(const struct recorded_profile *profile, const struct recorded_rejection *rejections,
			 size_t rejection_count, struct kernel **ret_kernel);

/* One remembered call. */
struct recorded_call {
	int command;         /* bpf command, or -1 */
	char *name;          /* "BPF_MAP_CREATE", "mkdir" … */
	int result;
	void *attr;          /* copy of the attribute; instruction arrays are copied to `payload` */
	size_t attr_size;
	void *payload;       /* instructions (PROG_LOAD), BTF bytes (BTF_LOAD) */
	size_t payload_size;
};
size_t lade_recorded_call_count(const struct kernel *kernel);
const struct recorded_call *lade_recorded_call(const struct kernel *kernel, size_t index);

#endif
