/* SPDX-License-Identifier: BSD-2-Clause */
/* One object of a boot, from its decision to its pins. */
#ifndef LADE_BOOT_LOAD_H
#define LADE_BOOT_LOAD_H

#include "boot/boot.h"
#include "boot/owners.h"

struct boot_load {
	const struct boot_owners *owners;
	bool replace;
	unsigned jobs;       /* threads that verify its programs */
	unsigned timeout_ms; /* of an object for which the policy says none; 0: none */
};

/* Opens and decides; failures are the item's. Safe on any thread that has its own context. */
void lade_boot_read(struct boot_item *item, struct lade_context *context, struct lade_context *home,
		    const struct lade_boot *boot);
/* Tells the decision of an item that is not loaded (a dry run, a skip), and whose the pins would be. */
void lade_boot_tell_plan(struct boot_item *item, const struct lade_context *context, const struct boot_owners *owners);
/* apply.c */
int lade_boot_apply(struct boot_item *item, const struct lade_context *context);
struct boot_report_part *lade_boot_told_part(const struct boot_item *item, enum lade_boot_part_kind kind,
					     const char *name);
/* rehearse.c: tells the decision, and fails what the plan alone refuses. */
void lade_boot_rehearse(struct boot_item *item, const struct lade_context *context, const struct boot_device *device,
			const struct boot_owners *owners);
/* Its error is set; an object that may fail is forgiven. */
void lade_boot_fail(struct boot_item *item);
/* Loads what is to be loaded; the object is freed. On any thread that has its own context. */
void lade_boot_load(struct boot_item *item, struct lade_context *context, const struct boot_load *how);
/* "/sys/fs/bpf//map_x" in the context's bpffs, without empty parts. NULL without memory. */
char *lade_boot_place(const struct lade_context *context, const char *pin);

/* An object that may fail: its error becomes a note. */
void lade_boot_forgive(struct boot_item *item);
void lade_boot_move_findings(struct findings *from, struct findings *to);
/* "netd" of "netd.bpf.o", "netd.o", "netd.bpf". NULL without memory. */
char *lade_boot_stem(const char *leaf);

#endif
