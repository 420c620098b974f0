/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of needs without doubles, in the order in which they are shown. */
#include "needs/needs.h"

#include <stdio.h>
#include <string.h>

#include "base/info.h"
#include "base/strbuf.h"
#include "needs/table.h"

#define OLDEST_KERNEL "3.18" /* the first with bpf(2) */

LADE_API const char *lade_need_kind_name(enum lade_need_kind kind)
{
	static const char *const names[] = {
		[LADE_NEED_CONFIG] = "config",
		[LADE_NEED_CAPABILITY] = "capability",
		[LADE_NEED_KERNEL] = "kernel",
		[LADE_NEED_KERNEL_BELOW] = "kernel_below",
	};

	return (size_t)kind < ELEMENTS(names) ? names[kind] : "config";
}

uint32_t lade_needs_version(const char *text)
{
	unsigned major = 0, minor = 0;

	if (!text || sscanf(text, "%3u.%3u", &major, &minor) < 1 || major > UINT8_MAX || minor > UINT8_MAX)
		return 0;
	return major << 24 | minor << 16;
}

LADE_API struct lade_needs *lade_needs_new(void)
{
	return calloc(1, sizeof(struct lade_needs));
}

LADE_API struct lade_needs *lade_needs_free(struct lade_needs *needs)
{
	if (!needs)
		return NULL;
	array_foreach(need, &needs->items) {
		free(need->name);
		free(need->reason);
		lade_strings_clear(&need->who);
	}
	array_clear(&needs->items);
	free(needs);
	return NULL;
}

/* Of a version every reason counts; an option is needed once, whatever for. */
static bool is_same(const struct need *need, enum lade_need_kind kind, const char *name, const char *reason)
{
	bool is_version = kind == LADE_NEED_KERNEL || kind == LADE_NEED_KERNEL_BELOW;

	return need->kind == kind && strcmp(need->name, name) == 0 &&
	       (!is_version || strcmp(need->reason, reason) == 0);
}

static const struct need_option *find_option(const char *name)
{
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (strcmp(lade_need_text + lade_need_options[i].name, name) == 0)
			return &lade_need_options[i];
	return NULL;
}

static const char *since_of(enum lade_need_kind kind, const char *name)
{
	const struct need_option *option = kind == LADE_NEED_CONFIG ? find_option(name) : NULL;

	if (option && lade_need_text[option->since])
		return lade_need_text + option->since;
	if (kind == LADE_NEED_CAPABILITY && (strcmp(name, "CAP_BPF") == 0 || strcmp(name, "CAP_PERFMON") == 0))
		return "5.8";
	return NULL;
}

static struct need *add(struct lade_needs *needs, enum lade_need_kind kind, const char *name, const char *reason)
{
	struct need *need = array_push(&needs->items);

	if (!need)
		return NULL;
	*need = (struct need){ .kind = kind, .to_attach = true, .left_out = true, .since = since_of(kind, name) };
	need->name = strdup(name);
	need->reason = strdup(reason);
	return need->name && need->reason ? need : NULL;
}

/* Does a kernel without it leave the part out that is looked at? */
static bool is_left_out(const struct lade_needs *needs, enum lade_need_kind kind, const char *name)
{
	if (kind == LADE_NEED_KERNEL_BELOW)
		return true;
	return kind == LADE_NEED_KERNEL && (needs->optional || lade_needs_version(name) <= needs->window);
}

static bool has_string(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void lade_needs_put(struct lade_needs *needs, enum lade_need_kind kind, const char *name, const char *reason,
		    bool to_attach, const char *who)
{
	struct need *found = NULL;

	if (needs->failed)
		return;
	array_foreach(need, &needs->items)
		if (is_same(need, kind, name, reason))
			found = need;
	if (!found)
		found = add(needs, kind, name, reason);
	needs->failed = !found || (!has_string(&found->who, who) && lade_strings_add(&found->who, who) < 0);
	if (!found)
		return;
	found->to_attach &= to_attach;
	found->left_out &= is_left_out(needs, kind, name);
}

/* ---- what is asked of it ---- */

LADE_API size_t lade_needs_count(const struct lade_needs *needs)
{
	return needs->items.count;
}

LADE_API int lade_needs_get(const struct lade_needs *needs, size_t index, struct lade_need_info *info)
{
	const struct need *need;

	if (index >= needs->items.count)
		return -ERANGE;
	need = &needs->items.items[index];
	struct lade_need_info full = {
		.kind = need->kind,
		.name = need->name,
		.since = need->since,
		.reason = need->reason,
		.to_attach = need->to_attach,
		.left_out = need->left_out,
		.who = (const char *const *)need->who.items,
		.who_count = need->who.count,
	};
	return info_fill(info, &full, sizeof full);
}

LADE_API const char *lade_needs_kernel(const struct lade_needs *needs)
{
	const char *lowest = OLDEST_KERNEL;

	array_foreach(need, &needs->items)
		if (need->kind == LADE_NEED_KERNEL && !need->to_attach && !need->left_out &&
		    lade_needs_version(need->name) > lade_needs_version(lowest))
			lowest = need->name;
	return lowest;
}

char *lade_needs_options(const struct lade_needs *needs)
{
	struct strbuf text = { 0 };

	array_foreach(need, &needs->items)
		if (need->kind == LADE_NEED_CONFIG && strcmp(need->name, "CONFIG_BPF") != 0 &&
		    strcmp(need->name, "CONFIG_BPF_SYSCALL") != 0)
			lade_strbuf_addf(&text, "%s%s", text.length ? ", " : "", need->name);
	return text.length ? lade_strbuf_take(&text) : NULL;
}
