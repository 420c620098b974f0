/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF for older kernels: one rewrite a kind or form that came later, newest first. Each replaces records by others of
 * the same length, so that ids and offsets stay; what a debugger could have read there is lost, nothing else.
 */
#include "btf/internal.h"

#define FUNC_STATIC 0
#define FUNC_GLOBAL 1

static uint32_t info_of(uint32_t kind, uint32_t vlen)
{
	return kind << 24 | vlen;
}

/* What is being rewritten. */
struct stepping {
	struct lade_btf *btf;
	uint32_t integer; /* the smallest, which members of a stand-in can have as their type; 0: the object has none */
};

static uint32_t smallest_integer(const struct lade_btf *btf)
{
	uint32_t found = 0;

	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (lade_btf_kind(type) == BTF_KIND_INT && (!found || type->size < lade_btf_type(btf, found)->size))
			found = id;
	}
	return found;
}

static bool rewrite_type_tag(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	type->name_off = 0;
	type->info = info_of(BTF_KIND_CONST, 0);
	return true;
}

/* An integer of one byte: both records are 16 bytes long. */
static bool rewrite_decl_tag(const struct stepping *step, struct btf_type *type)
{
	uint32_t encoding = 8; /* bits */

	(void)step;
	type->info = info_of(BTF_KIND_INT, 0);
	type->size = 1;
	memcpy(type + 1, &encoding, sizeof encoding);
	return true;
}

/* Attributes that are no BTF tags: only the flag tells them apart. */
static bool rewrite_attribute(const struct stepping *step, struct btf_type *type)
{
	if (!lade_btf_kind_flag(type))
		return false;
	return lade_btf_kind(type) == BTF_KIND_TYPE_TAG ? rewrite_type_tag(step, type) : rewrite_decl_tag(step, type);
}

/* The clone's own strings. Where another name ends in this one, it changes with it. */
static char *name_of(const struct stepping *step, const struct btf_type *type)
{
	return (char *)(uintptr_t)lade_btf_string(step->btf, type->name_off);
}

/* "?.struct_ops" is not to stop a kernel that takes no such names. */
static bool rewrite_question_mark(const struct stepping *step, struct btf_type *type)
{
	char *name = name_of(step, type);

	if (*name != '?')
		return false;
	*name = '_';
	return true;
}

/* The values stay; a reader takes them for unsigned. */
static bool rewrite_enum(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	if (!lade_btf_kind_flag(type))
		return false;
	type->info = info_of(BTF_KIND_ENUM, lade_btf_vlen(type));
	return true;
}

/* A union whose members are named as the enumerators were: 12 bytes each, like them. */
static bool rewrite_enum64(const struct stepping *step, struct btf_type *type)
{
	uint32_t vlen = lade_btf_vlen(type);
	struct btf_member *members = (struct btf_member *)(type + 1);

	if (!step->integer || lade_btf_type(step->btf, step->integer)->size > type->size)
		return false;
	type->info = info_of(BTF_KIND_UNION, vlen);
	for (uint32_t i = 0; i < vlen; i++) {
		members[i].type = step->integer;
		members[i].offset = 0;
	}
	return true;
}

/* A struct of the same size without members. */
static bool rewrite_float(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	type->name_off = 0;
	type->info = info_of(BTF_KIND_STRUCT, 0);
	return true;
}

static bool rewrite_func(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	if (lade_btf_vlen(type) != FUNC_GLOBAL)
		return false;
	type->info = info_of(BTF_KIND_FUNC, FUNC_STATIC);
	return true;
}

/* Kernels before 5.12 or so refuse a section without variables. */
static bool rewrite_datasec(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	if (lade_btf_vlen(type))
		return false;
	type->name_off = 0;
	type->info = info_of(BTF_KIND_STRUCT, 0);
	return true;
}

/* A byte: the variable may be as small. */
static bool rewrite_var(const struct stepping *step, struct btf_type *type)
{
	return rewrite_decl_tag(step, type); /* as long, and as free of what others refer to */
}

/* A struct with a member for each variable. Its name must be one that C knows. */
static bool rewrite_section(const struct stepping *step, struct btf_type *type)
{
	uint32_t vlen = lade_btf_vlen(type);
	struct btf_member *members = (struct btf_member *)(type + 1);
	const struct btf_var_secinfo *variables = lade_btf_secinfos(type);

	for (uint32_t i = 0; i < vlen; i++) {
		const struct btf_var_secinfo variable = variables[i]; /* a copy: they share the place */
		const struct btf_type *var = lade_btf_type(step->btf, variable.type);
		uint32_t bits = 0;
		if (__builtin_mul_overflow(variable.offset, 8u, &bits))
			bits = 0;
		members[i] = (struct btf_member){ var ? var->name_off : 0, variable.type, bits };
	}
	type->info = info_of(BTF_KIND_STRUCT, vlen);
	for (char *c = name_of(step, type); *c; c++)
		if (*c == '.' || *c == '?')
			*c = '_';
	return true;
}

/* A typedef of what stands for its prototype. */
static bool rewrite_function(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	type->info = info_of(BTF_KIND_TYPEDEF, 0);
	return true;
}

/* An enum of as many enumerators as there are parameters: 8 bytes each. */
static bool rewrite_prototype(const struct stepping *step, struct btf_type *type)
{
	(void)step;
	type->info = info_of(BTF_KIND_ENUM, lade_btf_vlen(type));
	type->size = sizeof(uint32_t);
	return true;
}

/* What came with one kernel goes together. */
static const struct rewrite {
	const char *what;
	struct {
		uint32_t kind; /* 0: none */
		bool (*rewrite)(const struct stepping *step, struct btf_type *type);
	} parts[2];
} rewrites[] = {
	{ "attributes (since 6.15)",
	  { { BTF_KIND_TYPE_TAG, rewrite_attribute }, { BTF_KIND_DECL_TAG, rewrite_attribute } } },
	{ "names of sections with a question mark (since 6.9)", { { BTF_KIND_DATASEC, rewrite_question_mark } } },
	{ "64-bit and signed enums (since 6.0)",
	  { { BTF_KIND_ENUM64, rewrite_enum64 }, { BTF_KIND_ENUM, rewrite_enum } } },
	{ "type tags (since 5.17)", { { BTF_KIND_TYPE_TAG, rewrite_type_tag } } },
	{ "declaration tags (since 5.16)", { { BTF_KIND_DECL_TAG, rewrite_decl_tag } } },
	{ "floating point types (since 5.13)", { { BTF_KIND_FLOAT, rewrite_float } } },
	{ "sections without variables", { { BTF_KIND_DATASEC, rewrite_datasec } } },
	{ "global functions (since 5.6)", { { BTF_KIND_FUNC, rewrite_func } } },
	{ "variables and their sections (since 5.2)",
	  { { BTF_KIND_DATASEC, rewrite_section }, { BTF_KIND_VAR, rewrite_var } } },
	{ "functions (since 5.0)",
	  { { BTF_KIND_FUNC, rewrite_function }, { BTF_KIND_FUNC_PROTO, rewrite_prototype } } },
};

static bool apply(const struct rewrite *rewrite, const struct stepping *step, struct btf_type *type)
{
	for (size_t i = 0; i < ELEMENTS(rewrite->parts); i++)
		if (rewrite->parts[i].kind && rewrite->parts[i].kind == lade_btf_kind(type))
			return rewrite->parts[i].rewrite(step, type);
	return false;
}

const char *lade_btf_step_back(struct lade_btf *btf, unsigned *step)
{
	const struct stepping stepping = { btf, smallest_integer(btf) };

	while (*step < ELEMENTS(rewrites)) {
		const struct rewrite *rewrite = &rewrites[(*step)++];
		bool changed = false;
		for (uint32_t id = 1; id < lade_btf_count(btf); id++)
			changed |= apply(rewrite, &stepping, lade_btf_edit(btf, id));
		if (changed)
			return rewrite->what;
	}
	return NULL;
}
