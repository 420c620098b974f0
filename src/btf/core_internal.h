/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the core_*.c share. A relocation starts from a type of the object and goes along an access string
 * ("0:3:1": element 0, member 3, its member 1). That way is looked for again in each type of the target that has
 * the name; both ways have a value, and the instruction gets the second one's.
 */
#ifndef LADE_BTF_CORE_INTERNAL_H
#define LADE_BTF_CORE_INTERNAL_H

#include <string.h>

#include "btf/core.h"

/* libbpf's limit on the length of one access. */
#define CORE_MAX_DEPTH 64
/* And of types in types, and functions in functions, in both comparisons of whole types. */
#define CORE_MAX_LEVEL 32
/* Members and enumerators looked at for one object: half a second's worth for hostile ones, out of reach for others. */
#define CORE_MAX_STEPS 20000000ULL
/* What it costs to begin with a type. */
#define CORE_TYPE_STEPS 8u
#define CORE_MAX_NAMES  50000u
/* What a candidate costs of them, remembered and looked at. */
#define CORE_CANDIDATE_STEPS 100u

enum core_family { CORE_NO_FAMILY, CORE_FIELD, CORE_TYPE, CORE_ENUM };

struct core_kind {
	const char *name; /* libbpf's */
	const char *what; /* for messages */
	enum core_family family;
};
/* NULL: unknown. */
const struct core_kind *lade_core_kind(uint32_t kind);

/* Types with the size of their pointers: always 8 in the object, those of the processor in the target. */
struct core_types {
	const struct lade_btf *btf;
	uint32_t pointer_bytes;
};
int64_t lade_core_size(const struct core_types *types, uint32_t id);

/* A named member (or enumerator), or an element of an array when name is NULL. Anonymous structs leave no step. */
struct core_step {
	uint32_t type_id; /* of the struct or enum; of the element */
	uint32_t index;
	const char *name;
};

struct core_path {
	struct core_types types;
	uint32_t root;
	uint32_t count; /* of steps; 0 for kinds that ask about the type as a whole */
	uint32_t depth; /* anonymous structs included */
	uint64_t bit_offset;
	struct core_step steps[CORE_MAX_DEPTH];
};

/* What one resolver may spend. */
struct core_budget {
	uint64_t steps; /* members, enumerators, candidates looked at */
	uint32_t names; /* compared for likeness, which is only for messages */
};
static inline bool lade_core_spend(struct core_budget *budget, uint64_t steps)
{
	budget->steps = budget->steps > steps ? budget->steps - steps : 0;
	return budget->steps > 0;
}

/* ---- core_access.c: the way through the object's own types. -EINVAL and the reason when it is none. ---- */
int lade_core_parse(const struct lade_btf *local, const struct btf_core_relocation *relocation, struct core_path *path,
		    const char **ret_reason);
/* May this array have more elements than it says? parent: the step that led to it, NULL: none. */
bool lade_core_is_flexible(const struct lade_btf *btf, const struct core_step *parent, uint32_t elements);
/* Adds elements × size to the offset; false: beyond 4 Gbit, where no struct ends. */
bool lade_core_advance(struct core_path *path, uint64_t elements, uint64_t bytes);

/* ---- core_match.c: the same way through a type of the target. 1 found, 0 not there, negative with the reason. ---- */
int lade_core_match(struct core_budget *budget, uint32_t kind, const struct core_path *local,
		    const struct core_types *types, uint32_t id, struct core_path *target, const char **ret_reason);
/* Only the first `steps` of it; *ret_end is the type that they lead to. */
int lade_core_match_fields(struct core_budget *budget, const struct core_path *local, uint32_t steps,
			   struct core_path *target, uint32_t *ret_end, const char **ret_reason);
/* How many bytes of the name come before its flavour: "task_struct___old" has 11. */
size_t lade_core_essential_length(const char *name);
bool lade_core_same_name(const char *left, const char *right);
uint32_t lade_core_enumerators(const struct btf_type *type); /* 0 for anything but enum and enum64 */
const char *lade_core_enumerator_name(const struct lade_btf *btf, const struct btf_type *type, uint32_t index);
bool lade_core_is_enum(const struct btf_type *type);
bool lade_core_is_composite(const struct btf_type *type);
/* Of the same kind; enum and enum64 are one. */
bool lade_core_kinds_agree(const struct btf_type *left, const struct btf_type *right);

/* ---- core_compatible.c, core_same.c: whole types. 1, 0, or -EINVAL with the reason. ---- */
struct core_pair {
	const struct lade_btf *local, *target;
	struct core_budget *budget;
	const char *reason;
};
int lade_core_fields_compatible(const struct core_pair *pair, uint32_t local, uint32_t target);
int lade_core_types_compatible(struct core_pair *pair, uint32_t local, uint32_t target);
int lade_core_types_match(struct core_pair *pair, uint32_t local, uint32_t target);

/* ---- core_value.c ---- */
struct core_answer {
	uint64_t local_value, value;
	uint32_t local_bytes, bytes; /* of the field, when a load or store of it may have to change its size */
	bool poison;                 /* nothing found, and the kind has no value for that */
	bool unchecked;              /* the compiler may have put another value into the instruction */
	bool unsafe_size;            /* sizes differ, and a wider or narrower load would not read the same value */
};
/* target NULL: nothing was found. -EINVAL with the reason. */
int lade_core_answer(uint32_t kind, const struct core_path *local, const struct core_path *target,
		     struct core_answer *ret_answer, const char **ret_reason);

/* ---- core_patch.c ---- */
/* *ret_poisoned is also set where the size of a load cannot be adjusted. -EINVAL, -ERANGE with the reason in text. */
int lade_core_patch(const struct core_answer *answer, struct bpf_insn *instructions, uint32_t count, uint32_t index,
		    bool *ret_poisoned, char *text, size_t text_size);

/* ---- core_explain.c, core_poison.c: words ---- */
/* "struct task_struct.pid", "enum e::VALUE", "struct x[2].a[3]". */
void lade_core_spell_path(struct strbuf *into, uint32_t kind, const struct core_path *path);
void lade_core_spell_type(struct strbuf *into, const struct lade_btf *btf, uint32_t id);
/* "struct task_struct [123]", "struct nf_conn [130001] of nf_conntrack". */
void lade_core_spell_candidate(struct strbuf *into, const struct kernel_type *candidate);
/* What is asked, what was there, which guard helps. 0, -ENOMEM. */
struct core_question {
	uint32_t kind;
	const struct core_path *local;
	const struct core_answer *answer;
	struct core_budget *budget;
	const struct kernel_type_list *candidates; /* of the right kind */
	const struct kernel_type_list *namesakes;  /* of any */
	uint32_t pointer_bytes;
	uint32_t instruction;
};
int lade_core_describe(const struct core_question *question, struct core_poison *poison);

#endif
