/* SPDX-License-Identifier: BSD-2-Clause */
/* The newest thing that a call asks for: an older kernel refuses it, whatever else it is. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "explain/kernels.h"
#include "explain/strace.h"
#include "needs/table.h"

/* Members of the call (data/bpf_attr_fields.csv) that are zero where nobody asks for what they are. */
static const struct {
	const char *field, *since;
} fields[] = {
	{ "map_name", "4.15" },        { "prog_name", "4.15" },
	{ "btf_key_type_id", "4.18" }, { "btf_value_type_id", "4.18" },
	{ "prog_btf_fd", "5.0" },      { "func_info_cnt", "5.0" },
	{ "line_info_cnt", "5.0" },    { "attach_btf_id", "5.5" },
	{ "attach_prog_fd", "5.5" },   { "btf_vmlinux_value_type_id", "5.6" },
	{ "fd_array", "5.14" },        { "map_extra", "5.16" },
	{ "core_relo_cnt", "5.17" },   { "value_type_btf_obj_fd", "6.9" },
	{ "map_token_fd", "6.9" },     { "prog_token_fd", "6.9" },
	{ "excl_prog_hash", "6.18" },
};

/* Of programs. */
static const struct {
	const char *flag, *since;
} flags[] = {
	{ "BPF_F_ANY_ALIGNMENT", "5.0" },       { "BPF_F_TEST_RND_HI32", "5.3" },
	{ "BPF_F_TEST_STATE_FREQ", "5.4" },     { "BPF_F_SLEEPABLE", "5.10" },
	{ "BPF_F_XDP_HAS_FRAGS", "5.18" },      { "BPF_F_XDP_DEV_BOUND_ONLY", "6.3" },
	{ "BPF_F_TEST_REG_INVARIANTS", "6.8" }, { "BPF_F_TOKEN_FD", "6.9" },
};

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
	for (size_t i = 0; i < ELEMENTS(flags); i++)
		if (is_named(flag, flags[i].flag))
			take(newest, flag, flags[i].since);
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
	for (size_t i = 0; i < ELEMENTS(fields); i++) {
		const struct span name = { fields[i].field, strlen(fields[i].field) };
		if (lade_call_field(call, fields[i].field, &word) && is_set(&word))
			take(ret_newest, &name, fields[i].since);
	}
}
