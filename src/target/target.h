/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of a kernel that is not here, asked question by question. Each answer says what it rests on: what was
 * probed there (a saved `lade doctor --probe --json`) counts more than the kernel's types (its enums list the types and
 * helpers it knows), these more than its configuration, and a table of mainline releases least. Reads files, asks no
 * kernel.
 */
#ifndef LADE_TARGET_TARGET_H
#define LADE_TARGET_TARGET_H

#include <lade/target.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "btf/kernel_types.h"
#include "kernel/event_format.h"
#include "object/config.h"

enum known {
	KNOWN_NOT, /* cannot be said: `why` tells what would settle it */
	KNOWN_YES,
	KNOWN_NO,
};

struct known_fact {
	enum known answer;
	bool by_table;  /* rests on the table of mainline releases: distributions backport */
	char since[12]; /* "5.8": mainline release of the thing; "": not in the tables */
	char why[192];  /* "enum bpf_map_type of kernel.btf lists it", "CONFIG_BPF_LSM is not set in config-6.1" */
};

/* 5 << 24 | 10 << 16 (as lade_needs_version()), the release whose tables count; 0: not known. */
uint32_t lade_target_version(const struct lade_target *target);
/* Is the target at least of this release ("5.3")? By table, unless a probe or the types say it. */
struct known_fact lade_target_since(const struct lade_target *target, const char *release);

/* Numbers of linux/bpf.h. */
struct known_fact lade_target_map_type(struct lade_target *target, uint32_t type);
struct known_fact lade_target_program_type(struct lade_target *target, uint32_t type);
struct known_fact lade_target_attach_type(struct lade_target *target, uint32_t type);
struct known_fact lade_target_link_type(struct lade_target *target, uint32_t type);
struct known_fact lade_target_map_flag(struct lade_target *target, uint32_t flag);
/* Is the helper known at all; and may programs of that type call it? */
struct known_fact lade_target_helper(struct lade_target *target, uint32_t helper);
struct known_fact lade_target_helper_for(struct lade_target *target, uint32_t helper, uint32_t program_type);
/* Highest kind of BTF that BPF_BTF_LOAD takes there; 0: not known, or no BTF at all. */
struct known_fact lade_target_btf_kind(struct lade_target *target, uint32_t kind);

/* "CONFIG_BPF_LSM": built in (a module counts); ret_value (may be NULL) becomes "y", "m", … or NULL. */
struct known_fact lade_target_option(struct lade_target *target, const char *option, const char **ret_value);
/* A function or variable of the kernel, by exact name. ret_near (may be NULL): up to three like it, to be freed. */
struct known_fact lade_target_symbol(struct lade_target *target, const char *name, struct strings *ret_near);
/* "sched/sched_process_exec". ret_format (may be NULL): valid as long as the target, NULL where it is not known. */
struct known_fact lade_target_event(struct lade_target *target, const char *event,
				    const struct event_format **ret_format);

/* Its types, opened on first use; NULL: they are not known, and ret_why (static or the target's) says so. */
struct kernel_types *lade_target_types(struct lade_target *target, const char **ret_why);
/* What a plan for it must be told; config filled as far as it is known. Borrowed. */
const struct kernel_config *lade_target_config(struct lade_target *target);
uint32_t lade_target_cpus(const struct lade_target *target); /* 0: not known */
const char *lade_target_name(const struct lade_target *target);
const char *lade_target_machine(const struct lade_target *target);

DEFINE_CLEANUP(struct lade_targets, lade_targets, lade_targets_free)

#endif
