/* SPDX-License-Identifier: BSD-2-Clause */
/* The state behind the public handle. */
#ifndef LADE_TXN_STATE_H
#define LADE_TXN_STATE_H

#include <lade/state.h>

#include <linux/bpf.h>

#include "txn/internal.h"

struct state_pin {
	enum lade_pin_kind kind;
	char *name, *path, *detail;
	bool shared, created;
	uint32_t id, key_size, value_size, max_entries, flags, instructions;
	const char *type_name; /* static */
	/* Links and effects. path is NULL for an effect. */
	char *program, *method, *target, *request;
	unsigned effect; /* its number in the journal */
	bool gone;       /* the kernel took it away, with its device for one, or somebody else did */
	uint64_t netns;  /* inode of the network namespace it lies in; 0: ours, or it lies in none */
};

struct state_instance {
	char *name, *directory, *file;
	bool unfinished, busy;
	ARRAY_OF(struct state_pin) pins;
};

struct lade_state {
	ARRAY_OF(struct state_instance) instances;
};

/*
 * Directories of the instances that `which` names (NULL: all): an object name, or a directory. A finished
 * instance comes alone or with the unfinished ones of its name. -ENOENT, state.ambiguous, state.not-lade.
 */
int lade_state_find(struct lade_context *context, const char *which, struct strings *ret_directories,
		    struct lade_error **error);
/* Fills the pins of an instance whose directory is set; asks the kernel for their numbers. */
int lade_state_read_pins(struct kernel *kernel, const struct journal *journal, struct state_instance *instance);
/* state_links.c: the effects of its journal, as links without a path. */
int lade_state_read_effects(struct kernel *kernel, const struct journal *journal, struct state_instance *instance);
/* state_links.c: what the journal says of a pinned link; entry NULL: nothing. */
int lade_state_describe_link(const struct journal_entry *entry, const char *relative, struct state_pin *pin);
/* Has the kernel detached this link by itself? */
bool lade_state_link_is_gone(const struct bpf_link_info *info);
/* state_unload.c: one directory; findings as lade_state_unload(). */
int lade_state_unload_directory(struct lade_context *context, struct kernel *kernel, const char *directory,
				struct lade_error **error);
/* lade/ goes with the last instance in it. */
void lade_state_drop_root(struct lade_context *context, struct kernel *kernel);
void lade_state_instance_clear(struct state_instance *instance);

#endif
