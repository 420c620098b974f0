/* SPDX-License-Identifier: BSD-2-Clause */
/* Two kernels that are not here: only what is known of both. */
#include <stdio.h>

#include "compare/compare.h"
#include "needs/table.h"
#include "target/internal.h"

/* ---- types, helpers, flags ---- */

typedef struct known_fact question_fn(struct lade_target *target, uint32_t number);

struct theme {
	const char *section;
	const struct need_fact *facts;
	const size_t *count;
	question_fn *ask;
};

static void compare_theme(struct lade_compare *compare, const struct theme *theme, struct lade_target *before,
			  struct lade_target *after)
{
	for (size_t i = 0; i < *theme->count; i++) {
		const struct need_fact *fact = &theme->facts[i];
		struct known_fact old = theme->ask(before, fact->number), now = theme->ask(after, fact->number);
		const char *since = lade_need_text + fact->since;
		if (old.answer == KNOWN_NOT || now.answer == KNOWN_NOT || old.answer == now.answer)
			continue;
		struct difference *item = lade_compare_add(compare, theme->section, lade_need_text + fact->name, NULL,
							   old.answer == KNOWN_YES ? "yes" : NULL,
							   now.answer == KNOWN_YES ? "yes" : NULL);
		if (item && *since && asprintf(&item->detail, "since %s", since) < 0)
			item->detail = NULL;
	}
}

/* ---- who may call a helper ---- */

static void put_types(struct strbuf *text, struct lade_target *target, struct lade_target *other, uint32_t helper)
{
	for (size_t i = 0; i < lade_need_program_count; i++) {
		uint32_t type = lade_need_programs[i].number;
		/* What these may call, the table of operations or the replaced program says: no table of ours does. */
		if (type == BPF_PROG_TYPE_STRUCT_OPS || type == BPF_PROG_TYPE_EXT)
			continue;
		if (lade_target_helper_for(target, helper, type).answer != KNOWN_YES ||
		    lade_target_helper_for(other, helper, type).answer != KNOWN_NO ||
		    lade_target_program_type(other, type).answer != KNOWN_YES)
			continue;
		lade_strbuf_addf(text, "%s%s", text->length ? ", " : "", lade_need_text + lade_need_programs[i].name);
	}
}

/* Types that only one of the kernels has differ anyway, and so do helpers. */
static void compare_callers(struct lade_compare *compare, struct lade_target *before, struct lade_target *after)
{
	for (size_t i = 0; i < lade_need_helper_count; i++) {
		uint32_t helper = lade_need_helpers[i].number;
		struct strbuf old = { 0 }, now = { 0 };
		if (lade_target_helper(before, helper).answer != KNOWN_YES ||
		    lade_target_helper(after, helper).answer != KNOWN_YES)
			continue;
		put_types(&old, before, after, helper);
		put_types(&now, after, before, helper);
		if (old.length || now.length)
			(void)lade_compare_add(compare, "helper for", lade_need_text + lade_need_helpers[i].name, NULL,
					       old.length ? old.text : NULL, now.length ? now.text : NULL);
		compare->failed |= old.failed || now.failed;
		lade_strbuf_clear(&old);
		lade_strbuf_clear(&now);
	}
}

/* ---- the configuration ---- */

/* Its options by name; NULL: it is not known. */
static const struct target_config *config_of(const struct lade_target *target)
{
	const char *value = NULL;
	bool named;

	if (target->from.config)
		(void)lade_target_config_find(target->from.config, "CONFIG_BPF", &value, &named); /* makes the index */
	return target->from.config;
}

/* What a part of a configuration does not name is not known, and is not compared. */
static void compare_option(struct lade_compare *compare, const char *name, struct lade_target *before,
			   struct lade_target *after)
{
	const char *old = lade_target_option_value(before, name), *now = lade_target_option_value(after, name);

	if (!old || !now || strcmp(old, now) == 0)
		return;
	(void)lade_compare_add(compare, "config", name, NULL, strcmp(old, "n") != 0 ? old : NULL,
			       strcmp(now, "n") != 0 ? now : NULL);
}

/* Of both lists in the order of names; a name that stands twice in a file counts once. */
static void compare_config(struct lade_compare *compare, struct lade_target *before, struct lade_target *after)
{
	const struct target_config *old = config_of(before), *now = config_of(after);
	const char *last = "";
	size_t i = 0, k = 0;

	while (old && now && (i < old->options.count || k < now->options.count)) {
		int order = i == old->options.count   ? 1
			    : k == now->options.count ? -1
						      : strcmp(old->options.items[i].name, now->options.items[k].name);
		const char *name = order <= 0 ? old->options.items[i].name : now->options.items[k].name;
		if (strcmp(name, last) != 0)
			compare_option(compare, name, before, after);
		last = name;
		i += order <= 0;
		k += order >= 0;
	}
}

/* ---- what it is ---- */

static void compare_descriptions(struct lade_compare *compare, const struct lade_target_info *old,
				 const struct lade_target_info *now)
{
	const struct {
		const char *name;
		bool of_old, of_now;
	} pieces[] = { { "types", old->has_types, now->has_types },
		       { "config", old->has_config, now->has_config },
		       { "symbols", old->has_symbols, now->has_symbols },
		       { "events", old->has_events, now->has_events },
		       { "probes", old->has_probes, now->has_probes } };

	lade_compare_text(compare, "kernel", "release", NULL, old->release, now->release);
	lade_compare_text(compare, "kernel", "version", NULL, old->version, now->version);
	lade_compare_text(compare, "kernel", "machine", NULL, old->machine, now->machine);
	for (size_t i = 0; i < ELEMENTS(pieces); i++)
		if (pieces[i].of_old != pieces[i].of_now)
			(void)lade_compare_add(compare, "not compared", pieces[i].name, NULL,
					       pieces[i].of_old ? "known" : NULL, pieces[i].of_now ? "known" : NULL);
}

LADE_API int lade_compare_targets(struct lade_target *before, struct lade_target *after,
				  struct lade_compare **ret_compare, struct lade_error **error)
{
	static const struct theme themes[] = {
		{ "map type", lade_need_maps, &lade_need_map_count, lade_target_map_type },
		{ "program type", lade_need_programs, &lade_need_program_count, lade_target_program_type },
		{ "attach type", lade_need_attachs, &lade_need_attach_count, lade_target_attach_type },
		{ "map flag", lade_need_flags, &lade_need_flag_count, lade_target_map_flag },
		{ "helper", lade_need_helpers, &lade_need_helper_count, lade_target_helper },
	};
	CLEANUP(cleanup_lade_compare) struct lade_compare *compare = calloc(1, sizeof *compare);
	struct lade_target_info old = { .size = sizeof old }, now = { .size = sizeof now };

	if (!compare)
		return lade_fail_memory(error);
	if (lade_target_describe(before, &old) == 0 && lade_target_describe(after, &now) == 0)
		compare_descriptions(compare, &old, &now);
	if (old.has_config && now.has_config)
		compare_config(compare, before, after);
	for (size_t i = 0; i < ELEMENTS(themes); i++)
		compare_theme(compare, &themes[i], before, after);
	compare_callers(compare, before, after);
	if (compare->failed)
		return lade_fail_memory(error);
	*ret_compare = TAKE(compare);
	return 0;
}
