/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF for older kernels: one rewrite a kind that came later, newest first. Each replaces records by others of the
 * same length, so that ids and offsets stay; what a debugger could have read there is lost, nothing else.
 */
#include <string.h>

#include "btf/btf.h"

#define FUNC_STATIC 0
#define FUNC_GLOBAL 1

static uint32_t info_of(uint32_t kind, uint32_t vlen)
{
	return kind << 24 | vlen;
}

/* A small integer, which the members of a stand-in can have as their type; 0: the object has none. */
static uint32_t small_integer(const struct lade_btf *btf, uint32_t most_bytes)
{
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (lade_btf_kind(type) == BTF_KIND_INT && type->size <= most_bytes)
			return id;
	}
	return 0;
}

/* A union whose members are named as the enumerators were: 12 bytes each, like them. */
static bool rewrite_enum64(struct lade_btf *btf, struct btf_type *type)
{
	uint32_t vlen = lade_btf_vlen(type), integer = small_integer(btf, type->size);
	struct btf_member *members = (struct btf_member *)(type + 1);

	if (!integer)
		return false;
	type->info = info_of(BTF_KIND_UNION, vlen);
	for (uint32_t i = 0; i < vlen; i++) {
		members[i].type = integer;
		members[i].offset = 0;
	}
	return true;
}

static bool rewrite_type_tag(struct lade_btf *btf, struct btf_type *type)
{
	(void)btf;
	type->name_off = 0;
	type->info = info_of(BTF_KIND_CONST, 0);
	return true;
}

/* An integer of one byte: both records are 16 bytes long. */
static bool rewrite_decl_tag(struct lade_btf *btf, struct btf_type *type)
{
	uint32_t encoding = 8; /* bits */

	(void)btf;
	type->info = info_of(BTF_KIND_INT, 0);
	type->size = 1;
	memcpy(type + 1, &encoding, sizeof encoding);
	return true;
}

/* A struct of the same size without members. */
static bool rewrite_float(struct lade_btf *btf, struct btf_type *type)
{
	(void)btf;
	type->name_off = 0;
	type->info = info_of(BTF_KIND_STRUCT, 0);
	return true;
}

static bool rewrite_func(struct lade_btf *btf, struct btf_type *type)
{
	(void)btf;
	if (lade_btf_vlen(type) != FUNC_GLOBAL)
		return false;
	type->info = info_of(BTF_KIND_FUNC, FUNC_STATIC);
	return true;
}

/* Kernels before 5.12 or so refuse a section without variables. */
static bool rewrite_datasec(struct lade_btf *btf, struct btf_type *type)
{
	(void)btf;
	if (lade_btf_vlen(type))
		return false;
	type->name_off = 0;
	type->info = info_of(BTF_KIND_STRUCT, 0);
	return true;
}

static const struct rewrite {
	uint32_t kind;
	const char *what;
	bool (*rewrite)(struct lade_btf *btf, struct btf_type *type);
} rewrites[] = {
	{ BTF_KIND_ENUM64, "64-bit enums (since 6.0)", rewrite_enum64 },
	{ BTF_KIND_TYPE_TAG, "type tags (since 5.17)", rewrite_type_tag },
	{ BTF_KIND_DECL_TAG, "declaration tags (since 5.16)", rewrite_decl_tag },
	{ BTF_KIND_FLOAT, "floating point types (since 5.13)", rewrite_float },
	{ BTF_KIND_DATASEC, "sections without variables", rewrite_datasec },
	{ BTF_KIND_FUNC, "global functions (since 5.6)", rewrite_func },
};

const char *lade_btf_step_back(struct lade_btf *btf, unsigned *step)
{
	while (*step < ELEMENTS(rewrites)) {
		const struct rewrite *rewrite = &rewrites[(*step)++];
		bool changed = false;
		for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
			const struct btf_type *type = lade_btf_type(btf, id);
			if (lade_btf_kind(type) == rewrite->kind)
				changed |= rewrite->rewrite(btf, lade_btf_edit(btf, id));
		}
		if (changed)
			return rewrite->what;
	}
	return NULL;
}
