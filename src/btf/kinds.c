/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of types: how long their records are and what they may hold. */
#include "btf/internal.h"

static const struct lade_btf_kind_rule kinds[] = {
	[BTF_KIND_INT] = { .name = "int", .fixed = sizeof(uint32_t) },
	[BTF_KIND_PTR] = { .name = "ptr", .refers = true },
	[BTF_KIND_ARRAY] = { .name = "array", .fixed = sizeof(struct btf_array) },
	[BTF_KIND_STRUCT] = { .name = "struct", .element = sizeof(struct btf_member), .has_kind_flag = true },
	[BTF_KIND_UNION] = { .name = "union", .element = sizeof(struct btf_member), .has_kind_flag = true },
	[BTF_KIND_ENUM] = { .name = "enum", .element = sizeof(struct btf_enum), .has_kind_flag = true },
	[BTF_KIND_FWD] = { .name = "fwd", .has_kind_flag = true },
	[BTF_KIND_TYPEDEF] = { .name = "typedef", .refers = true },
	[BTF_KIND_VOLATILE] = { .name = "volatile", .refers = true },
	[BTF_KIND_CONST] = { .name = "const", .refers = true },
	[BTF_KIND_RESTRICT] = { .name = "restrict", .refers = true },
	[BTF_KIND_FUNC] = { .name = "func", .refers = true, .vlen_is_linkage = true },
	[BTF_KIND_FUNC_PROTO] = { .name = "func_proto", .element = sizeof(struct btf_param), .refers = true },
	[BTF_KIND_VAR] = { .name = "var", .fixed = sizeof(struct btf_var), .refers = true },
	[BTF_KIND_DATASEC] = { .name = "datasec", .element = sizeof(struct btf_var_secinfo) },
	[BTF_KIND_FLOAT] = { .name = "float" },
	/* kind_flag of the two tags: an attribute, since 6.15 */
	[BTF_KIND_DECL_TAG] = { .name = "decl_tag",
				.fixed = sizeof(struct btf_decl_tag),
				.refers = true,
				.has_kind_flag = true },
	[BTF_KIND_TYPE_TAG] = { .name = "type_tag", .refers = true, .has_kind_flag = true },
	[BTF_KIND_ENUM64] = { .name = "enum64", .element = sizeof(struct btf_enum64), .has_kind_flag = true },
};

const struct lade_btf_kind_rule *lade_btf_kind_rule(uint32_t kind)
{
	return kind < ELEMENTS(kinds) && kinds[kind].name ? &kinds[kind] : NULL;
}

const char *lade_btf_kind_name(uint32_t kind)
{
	const struct lade_btf_kind_rule *rule = lade_btf_kind_rule(kind);
	return rule ? rule->name : NULL;
}
