/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kernel can do, found out by trying: tiny programs, maps and types are given to it and closed at once. Nothing
 * is attached, and no version is compared. What decides is the verifier's own words, which differ between versions.
 */
#ifndef LADE_KERNEL_PROBE_H
#define LADE_KERNEL_PROBE_H

#include "kernel/kernel.h"

enum probe_answer {
	PROBE_NO,
	PROBE_YES,
	PROBE_UNKNOWN, /* refused for lack of privilege, memory …, or in a way that says nothing of it */
};

/* type: BPF_PROG_TYPE_…, BPF_MAP_TYPE_… as numbers, also of kinds that the headers do not know yet. */
enum probe_answer lade_probe_program(struct kernel *kernel, uint32_t type);
enum probe_answer lade_probe_map(struct kernel *kernel, uint32_t type);
/* Of a program of this type. Types that are verified against a function of the kernel: PROBE_UNKNOWN. */
enum probe_answer lade_probe_helper(struct kernel *kernel, uint32_t program_type, uint32_t helper);
/* Is the helper one that some program can call? false only when the kernel says that it has none of this number. */
bool lade_probe_helper_exists(struct kernel *kernel, uint32_t helper);
enum probe_answer lade_probe_btf_kind(struct kernel *kernel, uint32_t kind);

#endif
