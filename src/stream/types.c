/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/types.h"

#include <errno.h>
#include <string.h>

#define LISTED 8 /* names in a message */

/* ---- by name ---- */

static uint32_t find_group(const struct lade_btf *btf, const char *name, uint32_t kind)
{
	uint32_t id = lade_btf_find(btf, name, kind);
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	uint32_t resolved = type ? lade_btf_kind(type) : BTF_KIND_UNKN;
	return resolved == BTF_KIND_STRUCT || resolved == BTF_KIND_UNION ? id : 0;
}

uint32_t lade_record_types_find(const struct record_types *types, const char *name)
{
	static const struct {
		const char *word;
		uint32_t kind;
	} forms[] = { { "struct ", BTF_KIND_STRUCT },
		      { "union ", BTF_KIND_UNION },
		      { "", BTF_KIND_STRUCT },
		      { "", BTF_KIND_UNION },
		      { "", BTF_KIND_TYPEDEF } };
	for (size_t i = 0; types->btf && i < ELEMENTS(forms); i++) {
		size_t length = strlen(forms[i].word);
		if (strncmp(name, forms[i].word, length) != 0)
			continue;
		uint32_t id = name[length] ? find_group(types->btf, name + length, forms[i].kind) : 0;
		if (id)
			return id;
	}
	return 0;
}

void lade_record_types_list(const struct record_types *types, struct lade_finding *finding)
{
	size_t shown = types->candidates.count < LISTED ? types->candidates.count : LISTED;
	if (!types->btf)
		finding_evidence(finding, "no BTF is known for it");
	for (size_t i = 0; i < shown; i++) {
		const struct record_candidate *candidate = &types->candidates.items[i];
		finding_evidence(finding, "%s has %llu bytes", lade_btf_type_name(types->btf, candidate->id),
				 (unsigned long long)candidate->size);
	}
	if (types->candidates.count > shown)
		finding_evidence(finding, "and %zu more", types->candidates.count - shown);
}

/* ---- compiled once ---- */

/* NULL in *ret_decoder: the type is no struct or too large to be taken apart. */
static int get_decoder(struct record_types *types, uint32_t id, const struct lade_decoder **ret_decoder)
{
	array_foreach(known, &types->compiled)
		if (known->id == id) {
			*ret_decoder = known->decoder;
			return 0;
		}
	struct lade_decoder *decoder = NULL;
	int result = lade_decoder_compile(types->btf, id, &decoder);
	if (result == 0 && types->fields.count)
		result = lade_decoder_select(decoder, types->fields.paths, types->fields.count);
	struct compiled_type *added = result == -ENOMEM ? NULL : array_push(&types->compiled);
	if (!added) {
		(void)lade_decoder_free(decoder);
		return -ENOMEM;
	}
	*added = (struct compiled_type){ .id = id, .decoder = decoder };
	*ret_decoder = decoder;
	return 0;
}

/* ---- by size ---- */

static bool fits(const struct record_hints *hints, uint64_t size, size_t length)
{
	return size <= length && length - size <= (hints->is_padded ? 7U : 0U);
}

static void explain_sizes(const struct record_types *types, const struct record_hints *hints, size_t length,
			  struct strbuf *why)
{
	size_t fitting = 0;
	for (size_t i = 0; i < types->candidates.count; i++) {
		const struct record_candidate *candidate = &types->candidates.items[i];
		if (!fits(hints, candidate->size, length))
			continue;
		if (fitting++ < LISTED)
			lade_strbuf_addf(why, "%s%s", fitting > 1 ? ", " : "several structs have this size: ",
					 lade_btf_type_name(types->btf, candidate->id));
	}
	if (fitting > LISTED)
		lade_strbuf_addf(why, " and %zu more", fitting - LISTED);
	if (fitting == 0)
		lade_strbuf_addf(why, "no struct of %zu bytes in the object's BTF", length);
}

static void explain_candidates(const struct record_types *types, struct strbuf *why)
{
	for (size_t i = 0; i < types->candidates.count && i < LISTED; i++)
		lade_strbuf_addf(why, "%s%s (%llu)", i ? ", " : "; there are ",
				 lade_btf_type_name(types->btf, types->candidates.items[i].id),
				 (unsigned long long)types->candidates.items[i].size);
}

static int explain(const struct record_types *types, const struct record_hints *hints, size_t length, char **ret_why)
{
	struct strbuf why = { 0 };
	if (!types->btf) {
		lade_strbuf_add(&why, "the object has no BTF");
	} else {
		explain_sizes(types, hints, length, &why);
		explain_candidates(types, &why);
	}
	char *text = lade_strbuf_take(&why);
	if (!text)
		return -ENOMEM;
	*ret_why = text;
	return 0;
}

/* 0: none, or more than one. A whole goes before what is part of others. */
static uint32_t only_fitting(const struct record_types *types, const struct record_hints *hints, size_t length)
{
	uint32_t found[2] = { 0 };
	size_t count[2] = { 0 };
	for (size_t i = 0; i < types->candidates.count; i++) {
		const struct record_candidate *candidate = &types->candidates.items[i];
		if (!fits(hints, candidate->size, length))
			continue;
		found[candidate->is_part] = candidate->id;
		count[candidate->is_part]++;
	}
	size_t which = count[0] ? 0 : 1;
	return count[which] == 1 ? found[which] : 0;
}

static int explain_short(const struct lade_decoder *decoder, size_t length, char **ret_why)
{
	if (lade_decoder_size(decoder) <= length)
		return 0;
	struct strbuf why = { 0 };
	lade_strbuf_addf(&why, "the record has %zu bytes, %s has %llu", length, lade_decoder_name(decoder),
			 (unsigned long long)lade_decoder_size(decoder));
	char *text = lade_strbuf_take(&why);
	if (!text)
		return -ENOMEM;
	*ret_why = text;
	return 0;
}

int lade_record_types_choose(struct record_types *types, const struct record_hints *hints, size_t length,
			     struct record_choice *ret_choice)
{
	const uint32_t ids[] = {
		[LADE_TYPE_CHOSEN] = hints->chosen,
		[LADE_TYPE_DECLARED] = hints->declared,
		[LADE_TYPE_BY_SIZE] = only_fitting(types, hints, length),
	};
	struct record_choice choice = { 0 };
	for (size_t i = LADE_TYPE_CHOSEN; i < ELEMENTS(ids) && !choice.decoder; i++) {
		if (types->btf && ids[i] && get_decoder(types, ids[i], &choice.decoder) < 0)
			return -ENOMEM;
		choice.source = choice.decoder ? (enum lade_type_source)i : LADE_TYPE_UNKNOWN;
	}
	int result = choice.decoder ? explain_short(choice.decoder, length, &choice.why)
				    : explain(types, hints, length, &choice.why);
	if (result == 0)
		*ret_choice = choice;
	return result;
}
