/* SPDX-License-Identifier: BSD-2-Clause */
/* The state behind the public handle. */
#ifndef LADE_TXN_STATE_H
#define LADE_TXN_STATE_H

#include <lade/state.h>

#include "txn/internal.h"

struct state_pin {
	enum lade_pin_kind kind;
	char *name, *path, *detail;
	bool shared, created;
	uint32_t id, key_size, value_size, max_entries, flags, instructions;
	const char *type_name; /* static */
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

#endif
