/* SPDX-License-Identifier: BSD-2-Clause */
/* The newest thing that a call asks for: an older kernel refuses it, whatever else it is. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "explain/kernels.h"
#include "explain/strace.h"
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

static bool asks_for_nothing(const char *member)
{
	for (size_t i = 0; i < ELEMENTS(always); i++)
		if (strcmp(member, always[i]) == 0)
			return true;
	return false;
}

/* What stands before an equals sign, back to what lade_call_field() wants before a name. */
static struct span name_before(const char *begin, const char *equals)
{
	const char *at = equals;

	while (at > begin && !strchr("{ ,", at[-1]))
		at--;
	return (struct span){ at, (size_t)(equals - at) };
}

/* NULL: it is none. */
static const struct need_member *find_member(const struct span *name)
{
	for (size_t i = 0; i < lade_need_member_count; i++) {
		const char *member = lade_need_text + lade_need_members[i].name;
		if (strncmp(member, name->text, name->length) == 0 && !member[name->length])
			return &lade_need_members[i];
	}
	return NULL;
}

/* By the names that the call has: it has a few, and the table many. */
static void take_members(struct traced_newest *newest, const struct traced_call *call)
{
	const char *begin = call->arguments.text, *end = begin + call->arguments.length;
	struct span value;

	for (const char *at = begin; (at = memchr(at, '=', (size_t)(end - at))); at++) {
		const struct span name = name_before(begin, at);
		const struct need_member *found = name.length ? find_member(&name) : NULL;
		const char *member = found ? lade_need_text + found->name : NULL;
		if (member && !asks_for_nothing(member) && lade_call_field(call, member, &value) && is_set(&value))
			take(newest, &name, lade_need_text + found->since);
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
