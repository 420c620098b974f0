/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of the kernel as attach targets: what was named, is it there, may it be probed. */
#ifndef LADE_ATTACH_FUNCTION_H
#define LADE_ATTACH_FUNCTION_H

#include "attach/method.h"

/* "NAME[+OFF]" taken apart. -EINVAL: not of this form; -ENOMEM. */
int lade_function_split(const char *text, char **ret_name, uint64_t *ret_offset);

struct function_place {
	char *name;
	uint64_t offset;
	char *text; /* "NAME" or "NAME+0x10": for the kernel, messages and lists */
};
/* What the command or the section names. Findings: attach.function.syntax, attach.function.return-offset. */
int lade_function_place(struct attach_call *call, struct function_place *ret_place);
void lade_function_place_clear(struct function_place *place);
/* Sets the text anew after a change of the name. -ENOMEM with its finding. */
int lade_function_place_name(struct attach_call *call, struct function_place *place);

/*
 * Before the kernel is asked to attach: is there such a function, and is it none of those that probes must leave
 * alone? Where that cannot be found out, 0. Findings: attach.function.missing, attach.function.inlined,
 * attach.function.blacklisted.
 */
int lade_function_check(struct attach_call *call, const char *name);
/* attach.function.missing or attach.function.inlined for a function that is not there. -ENOENT */
int lade_function_fail_missing(struct attach_call *call, const char *name);
/* Evidence of why a function that is there was refused. text: "NAME[+OFF]". */
void lade_function_explain_refusal(struct attach_call *call, const char *text, struct lade_finding *finding);

/* attr->type, and the bit that says "at the return", of the event source "kprobe" or "uprobe" (since 4.17). */
int lade_event_source(const char *name, bool is_return, struct perf_event_attr *attr);

/* What a system call's function is called on this architecture: "__x64_sys_"; NULL: there are no wrappers. */
const char *lade_system_call_prefix(void);

#endif
