/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types in C's spelling. C writes a declarator from the inside out: what BTF says first stands in the
 * middle. Pointers grow to the left of it, arrays and parameters to the right:
 *
 *     ptr → array(4) → ptr → int       *      (*)[4]      *(*)[4]      int *(*)[4]
 */
#include <stdio.h>

#include "btf/internal.h"

#define MAX_TYPES  256  /* in one spelling: parameters of parameters grow quickly */
#define MAX_LENGTH 4096 /* bytes of one spelling */
#define MAX_NESTED 8    /* function types in function types */

struct budget {
	unsigned types;
};

enum qualifier { QUALIFIER_CONST = 1, QUALIFIER_VOLATILE = 2, QUALIFIER_RESTRICT = 4 };

/* The part around the (absent) name. left holds tokens in the reverse of their order. */
struct declarator {
	const char *left[3 * LADE_BTF_MAX_DEPTH];
	size_t left_count;
	struct strbuf right;
	unsigned qualifiers; /* seen, not yet written: they belong to what comes next */
};

static void spell(const struct lade_btf *btf, uint32_t id, struct strbuf *into, struct budget *budget, unsigned nested);

static unsigned qualifier_of(uint32_t kind)
{
	return kind == BTF_KIND_CONST      ? QUALIFIER_CONST
	       : kind == BTF_KIND_VOLATILE ? QUALIFIER_VOLATILE
	       : kind == BTF_KIND_RESTRICT ? QUALIFIER_RESTRICT
					   : 0;
}

static void push_left(struct declarator *declarator, const char *token)
{
	if (declarator->left_count < ELEMENTS(declarator->left))
		declarator->left[declarator->left_count++] = token;
}

static uint32_t skip_qualifiers(const struct lade_btf *btf, uint32_t id)
{
	for (unsigned depth = 0; depth < LADE_BTF_MAX_DEPTH; depth++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		uint32_t kind = lade_btf_kind(type);
		if (!qualifier_of(kind) && kind != BTF_KIND_TYPE_TAG)
			return id;
		id = type->type;
	}
	return 0;
}

static void add_pointer(const struct lade_btf *btf, const struct btf_type *type, struct declarator *declarator)
{
	static const char *const stars[] = {
		"*",         "*const",          "*volatile",          "*const volatile",
		"*restrict", "*const restrict", "*volatile restrict", "*const volatile restrict"
	};
	uint32_t kind = lade_btf_kind(lade_btf_type(btf, skip_qualifiers(btf, type->type)));
	push_left(declarator, stars[declarator->qualifiers]);
	declarator->qualifiers = 0;
	if (kind == BTF_KIND_ARRAY || kind == BTF_KIND_FUNC_PROTO) {
		push_left(declarator, "(");
		lade_strbuf_add(&declarator->right, ")");
	}
}

static void add_parameters(const struct lade_btf *btf, const struct btf_type *type, struct strbuf *right,
			   struct budget *budget, unsigned nested)
{
	const struct btf_param *params = lade_btf_params(type);
	uint32_t count = lade_btf_vlen(type);
	lade_strbuf_add(right, count ? "(" : "(void");
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			lade_strbuf_add(right, ", ");
		if (!budget->types || nested == MAX_NESTED || right->length > MAX_LENGTH) {
			lade_strbuf_add(right, "…");
			break;
		}
		if (!params[i].type && i == count - 1)
			lade_strbuf_add(right, "...");
		else
			spell(btf, params[i].type, right, budget, nested + 1);
	}
	lade_strbuf_add(right, ")");
	budget->types -= budget->types > 0;
}

static void add_base(const struct lade_btf *btf, uint32_t id, unsigned qualifiers, struct strbuf *into)
{
	static const char *const keywords[] = { [BTF_KIND_STRUCT] = "struct ",
						[BTF_KIND_UNION] = "union ",
						[BTF_KIND_ENUM] = "enum ",
						[BTF_KIND_ENUM64] = "enum " };
	const struct btf_type *type = lade_btf_type(btf, id);
	uint32_t kind = lade_btf_kind(type);
	const char *name = lade_btf_type_name(btf, id), *keyword = "";
	if (kind == BTF_KIND_FWD)
		keyword = lade_btf_kind_flag(type) ? "union " : "struct ";
	else if (kind < ELEMENTS(keywords) && keywords[kind])
		keyword = keywords[kind];
	if (qualifiers & QUALIFIER_CONST)
		lade_strbuf_add(into, "const ");
	if (qualifiers & QUALIFIER_VOLATILE)
		lade_strbuf_add(into, "volatile ");
	lade_strbuf_add(into, keyword);
	if (*name)
		lade_strbuf_add(into, name);
	else
		lade_strbuf_add(into, *keyword ? "{…}" : "void");
}

/* One step inwards; the next id, or the same when this is the base. */
static uint32_t step(const struct lade_btf *btf, uint32_t id, struct declarator *declarator, struct budget *budget,
		     unsigned nested)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	uint32_t kind = lade_btf_kind(type);
	if (kind == BTF_KIND_PTR)
		add_pointer(btf, type, declarator);
	else if (kind == BTF_KIND_ARRAY)
		lade_strbuf_addf(&declarator->right, "[%u]", lade_btf_array(type)->nelems);
	else if (kind == BTF_KIND_FUNC_PROTO)
		add_parameters(btf, type, &declarator->right, budget, nested);
	else if (qualifier_of(kind))
		declarator->qualifiers |= qualifier_of(kind);
	else if (kind != BTF_KIND_TYPE_TAG && kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR &&
		 kind != BTF_KIND_DECL_TAG)
		return id;
	return kind == BTF_KIND_ARRAY ? lade_btf_array(type)->type : type->type;
}

static void write_declarator(const struct declarator *declarator, struct strbuf *into)
{
	const char *right = declarator->right.text ? declarator->right.text : "";
	if (declarator->left_count || *right == '(')
		lade_strbuf_add(into, " ");
	for (size_t i = declarator->left_count; i-- > 0;) {
		const char *token = declarator->left[i];
		lade_strbuf_add(into, token);
		/* "*const *": a word and a star need no more than what C asks for, but are easier to read apart */
		if (i && token[1] && *token == '*')
			lade_strbuf_add(into, " ");
	}
	lade_strbuf_add(into, right);
	if (declarator->right.failed)
		into->failed = true;
}

static void spell(const struct lade_btf *btf, uint32_t id, struct strbuf *into, struct budget *budget, unsigned nested)
{
	struct declarator declarator = { 0 };
	budget->types -= budget->types > 0;
	for (unsigned depth = 0;; depth++) {
		uint32_t next = step(btf, id, &declarator, budget, nested);
		if (next == id || depth == LADE_BTF_MAX_DEPTH)
			break;
		id = next;
	}
	/* Still no base: a cycle. */
	uint32_t kind = lade_btf_kind(lade_btf_type(btf, id));
	bool is_cycle = kind == BTF_KIND_PTR || kind == BTF_KIND_ARRAY || qualifier_of(kind);
	if (is_cycle)
		lade_strbuf_add(into, "…");
	else
		add_base(btf, id, declarator.qualifiers, into);
	write_declarator(&declarator, into);
	lade_strbuf_clear(&declarator.right);
}

void lade_btf_spell(const struct lade_btf *btf, uint32_t id, struct strbuf *into)
{
	struct budget budget = { .types = MAX_TYPES };
	spell(btf, id, into, &budget, 0);
}
