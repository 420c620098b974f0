/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks: places that take programs by attach type (a cgroup, a sockmap, a network namespace, a lirc device). Each is
 * held by a link where the kernel has one, else by BPF_PROG_ATTACH, which is an effect.
 */
#ifndef LADE_ATTACH_HOOK_H
#define LADE_ATTACH_HOOK_H

#include "attach/method.h"
#include "kernel/hooks.h"

/* ---- hook.c: which one ---- */

/* Is this a word for a hook, as in "cgroup:PATH,ingress"? */
bool lade_hook_is_word(const char *word);
/* The attach type of a hook that cgroups have; false: they have none of this name. */
bool lade_hook_of_cgroup(const char *word, uint32_t *ret_attach_type);
/* Could the program go where the target's word says, by its type and its section? True without a word. */
bool lade_hook_fits(const struct attach_program *program, const struct attach_target *target);
/* attach.target-kind: it could not. */
int lade_hook_fail_word(const struct attach_program *program, const struct attach_target *target,
			struct lade_error **error);
/*
 * The attach type: what the target's word says, else what the program was loaded for, else what the section says, else
 * the only one of this type of program. attach.hook.unsaid: none of these.
 */
int lade_hook_type(struct attach_call *call, uint32_t *ret_attach_type);

/* ---- hook_attach.c: putting a program there ---- */

struct hook_place {
	const char *target; /* as the user would type it */
	int fd;
	uint32_t attach_type;
	enum kernel_form link; /* form of its links; 0: there are none */
	/* The older way; NULL: there is none. */
	const char *effect;    /* kind of its journal entry */
	const char *fields[9]; /* key, value, …, NULL; program id and attach type are added */
	uint32_t flags;        /* BPF_F_ALLOW_MULTI … */
	int (*attach)(struct kernel *kernel, const struct hook_place *place, int prog_fd); /* NULL: BPF_PROG_ATTACH */
	/* Says who is in the way: a finding, or NULL to have the errno's own. May be NULL. */
	struct lade_finding *(*explain)(struct attach_call *call, const struct hook_place *place, int result);
	const void *data; /* of attach and explain */
};
int lade_hook_put(struct attach_call *call, const struct hook_place *place);

/* Evidence: who is at a place. where: "cgroup /a/b" … Of cgroups: and whom it takes beside and below it. */
void lade_hook_name_holders(struct attach_call *call, const struct hook_programs *programs, const char *where,
			    struct lade_finding *finding);

#endif
