/* SPDX-License-Identifier: BSD-2-Clause */
/* Relocations and types in words. */
#include "btf/core_internal.h"

void lade_core_spell_type(struct strbuf *into, const struct lade_btf *btf, uint32_t id)
{
	if (id)
		lade_btf_spell(btf, id, into);
	else
		lade_strbuf_add(into, "void");
}

void lade_core_spell_path(struct strbuf *into, uint32_t kind, const struct core_path *path)
{
	const struct core_kind *known = lade_core_kind(kind);
	lade_core_spell_type(into, path->types.btf, path->root);
	if (known && known->family == CORE_ENUM && path->count)
		lade_strbuf_addf(into, "::%s", path->steps[0].name);
	if (!known || known->family != CORE_FIELD)
		return;
	for (uint32_t i = 0; i < path->count; i++) {
		const struct core_step *step = &path->steps[i];
		if (step->name)
			lade_strbuf_addf(into, ".%s", step->name);
		else if (i || step->index)
			lade_strbuf_addf(into, "[%u]", step->index);
	}
}

void lade_core_spell_candidate(struct strbuf *into, const struct kernel_type *candidate)
{
	lade_core_spell_type(into, candidate->btf, candidate->id);
	lade_strbuf_addf(into, " [%u]", candidate->id);
	if (candidate->module)
		lade_strbuf_addf(into, " of module %s", candidate->module);
}

void lade_core_spell(const struct lade_btf *local, const struct btf_core_relocation *relocation, struct strbuf *into)
{
	struct core_path path;
	const char *reason = NULL;

	if (lade_core_parse(local, relocation, &path, &reason) == 0)
		lade_core_spell_path(into, relocation->kind, &path);
}
