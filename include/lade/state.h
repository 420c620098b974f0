/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Lade has loaded: read from bpffs alone, whoever loaded it.
 */
#ifndef LADE_STATE_H
#define LADE_STATE_H

#include <lade/context.h>

LADE_BEGIN_DECLS

struct lade_state;

/*
 * Lists every instance below <bpffs>/lade, or the one that `which` names (object name, or a directory
 * given to --pin). An empty list is no error when which is NULL; else -ENOENT.
 */
LADE_API int lade_state_read(struct lade_context *context, const char *which, struct lade_state **ret_state,
			     struct lade_error **error);
LADE_API struct lade_state *lade_state_free(struct lade_state *state);

struct lade_state_entry {
	size_t size;
	const char *name;
	const char *directory;
	const char *file;       /* object file it came from */
	bool unfinished;        /* a load that was interrupted: lade unload removes it */
	bool busy;              /* a load that is running now */
	size_t map_count, program_count, link_count, shared_count;
};
LADE_API size_t lade_state_count(const struct lade_state *state);
LADE_API int lade_state_entry(const struct lade_state *state, size_t index, struct lade_state_entry *entry);

enum lade_pin_kind { LADE_PINNED_MAP, LADE_PINNED_PROGRAM, LADE_PINNED_LINK };

/* One pin of an entry. Numbers are read from the kernel; 0 where it would not say (no privilege). */
struct lade_pin_info {
	size_t size;
	enum lade_pin_kind kind;
	const char *name;       /* full name from the object */
	const char *path;       /* absolute */
	bool shared;            /* outside the instance's directory */
	bool created;           /* by this instance (shared pins) */
	uint32_t id;
	const char *type_name;
	uint32_t key_size, value_size, max_entries, flags; /* maps */
	uint32_t instructions;  /* programs: verified, as the kernel counts them */
	const char *detail;     /* links: program and target */
	/*
	 * Links. What no link of the kernel and so no pin holds (a filter, a qdisc, a program attached the old way, a
	 * tracing event) is one of them: it has no path and no id, its undoing is in the instance's journal.
	 */
	const char *program;    /* or table of kernel operations */
	const char *method;     /* "tracepoint", "tc", "xdp" … */
	const char *target;     /* "sched/sched_process_exec", "dev:lo:ingress" … */
	bool gone;              /* nothing is attached any more: its device went, or somebody else detached it */
	uint64_t netns;         /* inode of the network namespace it lies in; 0: ours, or in none */
};
LADE_API size_t lade_state_pin_count(const struct lade_state *state, size_t entry);
LADE_API int lade_state_pin(const struct lade_state *state, size_t entry, size_t index, struct lade_pin_info *info);

/*
 * Removes an instance: links, programs, maps, and shared pins that no other instance's journal names.
 * Only what a journal or the directory proves to be Lade's. -ENOENT, -EBUSY (a load of it is running).
 */
LADE_API int lade_state_unload(struct lade_context *context, const char *which, struct lade_error **error);

/* Something that was left behind and is provably Lade's. Strings are borrowed during the call. */
struct lade_orphan_info {
	size_t size;
	const char *kind;  /* "instance", "event" (a tracing event), "name" (an instance that lost its name), "pin" */
	const char *name;
	const char *place; /* directory or file */
	const char *why;
	bool removed;      /* it is gone now; a name: given back */
};
typedef void lade_orphan_fn(void *userdata, const struct lade_orphan_info *orphan);

/*
 * Finds what loads, replacements and unloads that were interrupted have left: instances that are not finished and on
 * which nobody works, with every effect and shared pin that their journals name; tracing events in Lade's group that
 * no journal names. Tells each, and removes it if `remove` is true. What runs is not touched, nor what has no proof.
 * The rest is tried after a failure; the first one's code comes back.
 *
 *     lade_state_orphans(context, false, print, NULL, &error);     a look only
 */
LADE_API int lade_state_orphans(struct lade_context *context, bool remove, lade_orphan_fn *fn, void *userdata,
				struct lade_error **error);

LADE_END_DECLS
#endif
