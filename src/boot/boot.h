/* SPDX-License-Identifier: BSD-2-Clause */
/* One boot under way, and what is told of it afterwards. */
#ifndef LADE_BOOT_BOOT_H
#define LADE_BOOT_BOOT_H

#include <stdatomic.h>

#include "boot/decide.h"
#include "boot/owners.h"
#include "kernel/context.h"

/* What is told of a map or program. */
struct boot_report_part {
	enum lade_boot_part_kind kind;
	char *name, *pin, *skip, *held;
	uint32_t uid, gid, mode, wanted_uid, wanted_gid;
	bool reused;
};

/* One object of a boot. Whoever works on it has it for itself until `finished`. */
struct boot_item {
	char *file; /* as shown: root included */
	char *path; /* as opened: where links below the root lead to; NULL: file */
	char *leaf;
	bool absent;                /* a link below the root that leads nowhere */
	size_t location;            /* index in the policy */
	size_t chain;               /* index of the first object that it must wait for, or its own */
	uint64_t weight;            /* how much there is to verify */
	struct lade_object *object; /* NULL once it is loaded, or could not be read */
	struct boot_decision decision;
	bool decided;

	enum lade_boot_outcome outcome;
	int android_value;
	char *name, *critical;
	uint64_t elapsed_ns;
	struct lade_error *error;
	struct findings notes;
	ARRAY_OF(struct boot_report_part) parts;
	struct boot_log log; /* lines of Android's loader that follow those of the decision */
	atomic_bool tried, finished;
};

struct lade_boot {
	struct boot_policy policy;
	ARRAY_OF(struct boot_item *) items; /* in the order of locations, then of their own */
	struct findings notes;
	char *root, *android, *kernel, *machine;
	const char *build_type;
	bool critical;
	int android_value;
	uint64_t elapsed_ns;
	size_t told; /* items whose lines were given to the log */
};

/* What the files of the executor share while it runs. */
struct boot_run {
	struct lade_context *context; /* the caller's, for its thread */
	struct kernel *kernel;
	const struct lade_boot_opts *opts;
	struct lade_boot *boot;
	struct boot_owners owners;
	unsigned jobs; /* threads, the caller's included */
};

struct boot_item *lade_boot_item_free(struct boot_item *item);
struct boot_report_part *lade_boot_add_part(struct boot_item *item, enum lade_boot_part_kind kind, const char *name);
DEFINE_CLEANUP(struct lade_boot, lade_boot, lade_boot_free)

#endif
