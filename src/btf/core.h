/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CO-RE: what a relocation of .BTF.ext asks of the target's types, and the instruction that holds the answer.
 * The semantics are libbpf's; the instructions that come out are the same, bit for bit.
 */
#ifndef LADE_BTF_CORE_H
#define LADE_BTF_CORE_H

#include <linux/bpf.h>

#include "btf/btf.h"
#include "btf/kernel_types.h"

/* The call that stands for an instruction whose relocation found nothing: the verifier says "invalid func
 * unknown#195896080" when it reaches one. libbpf's number, so that logs of both read alike. */
#define CORE_POISON 195896080

/* Resolves the relocations of one object; every question is answered once. */
struct core_resolver;

/* All are borrowed. target NULL: only relocations that need none (type id local) resolve. */
int lade_core_resolver_new(const struct lade_btf *local, struct kernel_types *target, const char *file,
			   struct core_resolver **ret_resolver, struct lade_error **error);
struct core_resolver *lade_core_resolver_free(struct core_resolver *resolver);

/* Does it need the target's types? */
bool lade_core_needs_target(const struct btf_core_relocation *relocation);
/* Name of the type it starts from, for lade_kernel_types_want(); "" when it has none. */
const char *lade_core_root_name(const struct lade_btf *local, const struct btf_core_relocation *relocation);
/* "byte_off", "field_exists", "target_type_id" …: libbpf's names; NULL: unknown. */
const char *lade_core_kind_name(uint32_t kind);
/* What a relocation asks for, in the object's own types: "struct task_struct.pid"; nothing is added if it is damaged. */
struct strbuf;
void lade_core_spell(const struct lade_btf *local, const struct btf_core_relocation *relocation, struct strbuf *into);

/* An instruction that was poisoned, and why: kept for the day the verifier reaches it. */
struct core_poison {
	uint32_t instruction;
	char *what;  /* "struct task_struct.cookie (field offset)", owned */
	char *why;   /* "3 types named task_struct have no field cookie" …, owned */
	char *guard; /* "bpf_core_field_exists(((struct task_struct *)0)->cookie)", owned; NULL: none fits (see why) */
};
void lade_core_poison_clear(struct core_poison *poison);

/*
 * Resolves relocation and patches instructions[index]; with *ret_poisoned the instruction is now CORE_POISON and
 * poison is filled. program is for messages. Findings: core.record (hostile or damaged), core.ambiguous (candidates
 * that differ, and how), core.instruction (is not what the relocation's kind allows, or holds another value),
 * core.target (there are no target types).
 */
int lade_core_apply(struct core_resolver *resolver, const struct btf_core_relocation *relocation, const char *program,
		    struct bpf_insn *instructions, uint32_t count, uint32_t index, bool *ret_poisoned,
		    struct core_poison *poison, struct lade_error **error);
/* For -v, once it was applied: "struct task_struct.pid: byte_off 1256 → 2456 (1 candidate: 123)". To be freed. */
char *lade_core_explain(struct core_resolver *resolver, const struct btf_core_relocation *relocation);

/* Bytes of a name before its flavour: 11 of "task_struct___old". */
size_t lade_core_name_length(const char *name);
/* Can the object mean the target's type by its own? Names of the two are not looked at, sizes may differ. */
bool lade_core_is_compatible(const struct lade_btf *local, uint32_t local_id, const struct lade_btf *target,
			     uint32_t target_id);

DEFINE_CLEANUP(struct core_resolver, core_resolver, lade_core_resolver_free)

#endif
