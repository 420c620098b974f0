/* SPDX-License-Identifier: BSD-2-Clause */
/* The newest thing that a call asks for: an older kernel refuses it, whatever else it is. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "explain/kernels/kernels.h"
#include "explain/strace/strace.h"
#include "needs/table.h"

/* Members that have a value although nobody asks for what they are: the kernel's answer, a first attach type, sizes. */
static const char *const always[] = { "log_true_size", "expected_attach_type", "func_info_rec_size",
				      "line_info_rec_size", "core_relo_rec_size" };

/* "BPF_MAP_TYPE_RINGBUF" is "ringbuf" of the table, flags have their whole names. */
static bool is_named(const struct span *word, const char *name)
{
	size_t length = strlen(name);

	return word->length >= length && strncasecmp(word->text + word->length - length, name, length) == 0 &&
	       (word->length == length || word->text[word->length - length - 1] == '_');
}

static void take(struct traced_newest *newest, const struct span *word, const char *since)
{
	uint16_t version;

	if (!lade_kernel_parse(since, &version) || version <= newest->since)
		return;
	newest->since = version;
	(void)snprintf(newest->name, sizeof newest->name, "%.*s", (int)word->length, word->text);
}

const struct need_fact *lade_traced_fact(const struct span *word, const struct need_fact *facts, size_t count)
{
	const struct need_fact *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (is_named(word, lade_need_text + facts[i].name) &&
		    (!best || strlen(lade_need_text + facts[i].name) > strlen(lade_need_text + best->name)))
			best = &facts[i];
	return best;
}

static void take_word(struct traced_newest *newest, const struct span *word, const struct need_fact *facts,
		      size_t count)
{
	const struct need_fact *fact = lade_traced_fact(word, facts, count);

	if (fact)
		take(newest, word, lade_need_text + fact->since);
}

static void take_flag(struct traced_newest *newest, const struct span *flag)
{
	take_word(newest, flag, lade_need_flags, lade_need_flag_count);
	take_word(newest, flag, lade_need_program_flags, lade_need_program_flag_count);
}

static void take_flags(struct traced_newest *newest, const struct traced_call *call, const char *field)
{
	struct span word;
	const char *end;

	if (!lade_call_field(call, field, &word))
		return;
	end = word.text + word.length;
	for (const char *at = word.text, *bar; at < end; at = bar + 1) {
		bar = memchr(at, '|', (size_t)(end - at));
		bar = bar ? bar : end;
		take_flag(newest, &(struct span){ at, (size_t)(bar - at) });
	}
}

/* 0, NULL, "" and 0x0 ask for nothing. */
static bool is_set(const struct span *value)
{
	size_t zeros = 0;

	while (zeros < value->length && strchr("0x", value->text[zeros]))
		zeros++;
	return zeros < value->length && !(value->length == 4 && memcmp(value->text, "NULL", 4) == 0);
}

static bool asks_for_nothing(const struct span *member)
{
	for (size_t i = 0; i < ELEMENTS(always); i++)
		if (strlen(always[i]) == member->length && memcmp(always[i], member->text, member->length) == 0)
			return true;
	return false;
}

/* NULL: it is none. The table is in the order of names. */
static const char *since_of(const struct span *name)
{
	size_t low = 0, high = lade_need_member_count;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const char *member = lade_need_text + lade_need_members[middle].name;
		const int order = strncmp(member, name->text, name->length);
		if (order == 0 && !member[name->length])
			return lade_need_text + lade_need_members[middle].since;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void take_members(struct traced_newest *newest, const struct traced_call *call)
{
	for (size_t i = 0; i < call->field_count; i++) {
		const struct span *name = &call->fields[i], value = lade_call_value(call, i);
		const char *since = since_of(name);
		if (since && !asks_for_nothing(name) && is_set(&value))
			take(newest, name, since);
	}
}

void lade_traced_newest(const struct traced_call *call, struct traced_newest *ret_newest)
{
	struct span word;

	*ret_newest = (struct traced_newest){ 0 };
	if (lade_call_field(call, "map_type", &word))
		take_word(ret_newest, &word, lade_need_maps, lade_need_map_count);
	if (lade_call_field(call, "prog_type", &word))
		take_word(ret_newest, &word, lade_need_programs, lade_need_program_count);
	take_flags(ret_newest, call, "map_flags");
	take_flags(ret_newest, call, "prog_flags");
	take_members(ret_newest, call);
}
