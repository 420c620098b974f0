/* SPDX-License-Identifier: BSD-2-Clause */
/* What a word means: of a register's state as logs show it, of helpers, types, options and commands. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lade/explain.h>

#include "base/info.h"
#include "explain/lookup/word_table.h"

#define WORD_BYTES 128
#define ROWS_MAX   16
#define SLOT_BYTES 8 /* letters of a slot of the stack: "????mmmm" */

/* What was found, in order, each once. */
struct found {
	const struct word_row *rows[ROWS_MAX];
	size_t count;
};

static const char *string(uint32_t offset)
{
	return lade_word_text + offset;
}

static void found_add(struct found *found, const struct word_row *row)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->rows[i] == row)
			return;
	if (found->count < ROWS_MAX)
		found->rows[found->count++] = row;
}

static bool is_state(const struct word_row *row)
{
	return row->kind == WORD_STATE;
}

/* ---- names: helpers, types, options, commands, flags ---- */

/* "bpf_map_type_hash" → "hash"; what people write before a name. */
static const char *without_prefix(const char *text)
{
	static const char *const prefixes[] = { "bpf_map_type_", "bpf_prog_type_", "bpf_func_",
						"config_",       "bpf_f_",         "bpf_" };

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncasecmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return text + strlen(prefixes[i]);
	return text;
}

/* "prog-load" is "PROG_LOAD". */
static bool is_same_name(const char *one, const char *other)
{
	for (; *one && *other; one++, other++) {
		int left = *one == '-' ? '_' : tolower((unsigned char)*one);
		int right = *other == '-' ? '_' : tolower((unsigned char)*other);
		if (left != right)
			return false;
	}
	return !*one && !*other;
}

static bool is_named(const struct word_row *row, const char *text)
{
	const char *name = string(row->word);

	return is_same_name(name, text) || is_same_name(without_prefix(name), without_prefix(text));
}

static void find_names(struct found *found, const char *text)
{
	for (size_t i = 0; i < lade_word_row_count; i++)
		if (!is_state(&lade_word_rows[i]) && is_named(&lade_word_rows[i], text))
			found_add(found, &lade_word_rows[i]);
}

/* "bpf_probe_read_user#112", "unknown#112": the helper of that number. */
static void find_helper(struct found *found, const char *text)
{
	const char *hash = strchr(text, '#');
	char meaning[32];

	if (!hash || !isdigit((unsigned char)hash[1]) || strchr(text, ' '))
		return;
	(void)snprintf(meaning, sizeof meaning, "helper %.9s", hash + 1);
	for (size_t i = 0; i < lade_word_row_count; i++) {
		const struct word_row *row = &lade_word_rows[i];
		size_t length = strlen(meaning);
		if (row->kind == WORD_HELPER && strncmp(string(row->meaning), meaning, length) == 0 &&
		    !isdigit((unsigned char)string(row->meaning)[length]))
			found_add(found, row);
	}
}

/* ---- words of a register's state ---- */

static bool find_state(struct found *found, const char *text)
{
	for (size_t i = 0; i < lade_word_row_count; i++)
		if (is_state(&lade_word_rows[i]) && strcmp(string(lade_word_rows[i].word), text) == 0) {
			found_add(found, &lade_word_rows[i]);
			return true;
		}
	return false;
}

/* "umax=255" → "umax="; "umax" → "umax=". */
static bool find_assignment(struct found *found, const char *text)
{
	char name[WORD_BYTES + 2];
	size_t length = strcspn(text, "=");

	(void)snprintf(name, sizeof name, "%.*s=", (int)(length < WORD_BYTES ? length : WORD_BYTES - 1), text);
	return find_state(found, name);
}

/* The longest row that ends in '_' and that the text begins with. */
static const struct word_row *prefix_of(const char *text)
{
	const struct word_row *best = NULL;
	size_t longest = 1;

	for (size_t i = 0; i < lade_word_row_count; i++) {
		const struct word_row *row = &lade_word_rows[i];
		const char *word = string(row->word);
		size_t length = strlen(word);
		if (!is_state(row) || *word == '_' || length <= longest || word[length - 1] != '_' ||
		    strncmp(text, word, length) != 0)
			continue;
		best = row;
		longest = length;
	}
	return best;
}

/* "ptr_or_null" without the name of a structure: "ptr_or_null_". */
static bool find_unnamed(struct found *found, const char *text)
{
	char word[WORD_BYTES + 2];

	(void)snprintf(word, sizeof word, "%s_", text);
	return find_state(found, word);
}

/* "trusted_ptr_or_null_task_struct", "untrusted_mem_or_null": piece by piece. */
static bool find_pieces(struct found *found, const char *text)
{
	static const char may_be_null[] = "_or_null";
	size_t before = found->count, length;
	const struct word_row *row;
	char rest[WORD_BYTES];

	(void)snprintf(rest, sizeof rest, "%s", text);
	while (*rest && !find_state(found, rest) && !find_unnamed(found, rest)) {
		row = prefix_of(rest);
		if (!row)
			break;
		found_add(found, row);
		length = strlen(string(row->word));
		memmove(rest, rest + length, strlen(rest + length) + 1);
	}
	length = strlen(rest);
	if (length > strlen(may_be_null) && strcmp(rest + length - strlen(may_be_null), may_be_null) == 0) {
		rest[length - strlen(may_be_null)] = '\0';
		if (find_state(found, rest))
			(void)find_state(found, may_be_null);
	}
	return found->count > before;
}

static bool is_slot(const char *text)
{
	return strlen(text) == SLOT_BYTES && strspn(text, "?m0rsdif") == SLOT_BYTES;
}

/* "invP5", "Pscalar", "inv0", "frame2": a word with something of its own around it. */
static bool find_decorated(struct found *found, const char *text)
{
	char word[WORD_BYTES];
	size_t length = strcspn(text, "0123456789-");

	if (*text == 'P' && text[1])
		return find_pieces(found, text + 1) && find_state(found, "P");
	if (!text[length])
		return false;
	(void)snprintf(word, sizeof word, "%.*s", (int)length, text);
	if (strcmp(word, "frame") == 0)
		return find_state(found, "frame1");
	if (length > 1 && word[length - 1] == 'P') {
		word[length - 1] = '\0';
		(void)find_state(found, "P");
	}
	return length && find_state(found, word);
}

/* One value of a state: "map_value(off=0,ks=4)", "scalar", "umax=255". */
static bool find_value(struct found *found, const char *text)
{
	char word[WORD_BYTES];

	if (find_state(found, text))
		return true;
	(void)snprintf(word, sizeof word, "%.*s", (int)strcspn(text, text[0] == '(' ? "" : "("), text);
	if (strchr(word, '=') && find_assignment(found, word))
		return true;
	return find_pieces(found, word) || find_decorated(found, word) || find_assignment(found, word) ||
	       (is_slot(word) && find_state(found, "mmmmmmmm"));
}

/* "R1_w=", "R10", "fp-8_rw": false: it is none. *ret_value is behind '='. */
static bool find_place(struct found *found, const char *text, const char **ret_value)
{
	const char *equals = strchr(text, '='), *at = text;
	char mark[WORD_BYTES];

	if (*at == 'R' && isdigit((unsigned char)at[1]))
		at++;
	else if (strncmp(at, "fp-", 3) == 0 && isdigit((unsigned char)at[3]))
		at += 3;
	else
		return false;
	if (*text == 'f')
		(void)find_state(found, "fp-8=");
	at += strspn(at, "0123456789");
	if (*at == '_') {
		(void)snprintf(mark, sizeof mark, "%.*s", (int)strcspn(at, "="), at);
		(void)find_state(found, mark);
	}
	if (*at != '_' && *at != '=' && *at)
		return false;
	*ret_value = equals ? equals + 1 : "";
	return true;
}

static void find_states(struct found *found, const char *text)
{
	const char *value = text;

	if (find_state(found, text))
		return;
	(void)find_place(found, text, &value);
	if (*value)
		(void)find_value(found, value);
}

static void find_all(struct found *found, const char *text)
{
	char word[WORD_BYTES];
	size_t length = strlen(text);

	if (!length || length >= sizeof word)
		return;
	(void)snprintf(word, sizeof word, "%s", text);
	while (length && strchr(" ,;:'\"\n", word[length - 1]))
		word[--length] = '\0';
	find_states(found, word + strspn(word, " '\""));
	find_names(found, word);
	find_helper(found, word);
}

/* ---- public ---- */

static int describe(const struct word_row *row, struct lade_word_info *info)
{
	const struct lade_word_info full = {
		.kind = (enum lade_word_kind)row->kind,
		.word = string(row->word),
		.since = string(row->since),
		.until = string(row->until),
		.meaning = string(row->meaning),
		.fix = string(row->fix),
		.needs = string(row->needs),
		.where = string(row->where),
	};

	return info_fill(info, &full, sizeof full);
}

LADE_API size_t lade_word_count(void)
{
	return lade_word_row_count;
}

LADE_API int lade_word_at(size_t index, struct lade_word_info *info)
{
	return index < lade_word_row_count ? describe(&lade_word_rows[index], info) : -ERANGE;
}

LADE_API int lade_word_find(const char *text, size_t nth, struct lade_word_info *info)
{
	struct found found = { 0 };

	find_all(&found, text);
	return nth < found.count ? describe(found.rows[nth], info) : -ENOENT;
}

LADE_API const char *lade_word_kind_name(enum lade_word_kind kind)
{
	static const char *const names[] = {
		[LADE_WORD_STATE] = "log",
		[LADE_WORD_HELPER] = "helper",
		[LADE_WORD_MAP] = "map type",
		[LADE_WORD_PROGRAM] = "program type",
		[LADE_WORD_ATTACH] = "attach type",
		[LADE_WORD_CONFIG] = "option",
		[LADE_WORD_COMMAND] = "command",
		[LADE_WORD_FLAG] = "flag",
		[LADE_WORD_CAPABILITY] = "capability",
		[LADE_WORD_KFUNC] = "kernel function",
	};

	return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "word";
}

/* "BPF_MAP_CREATE", "map-create" and "create" are one word; so is a beginning of the operation itself. */
LADE_API const char *lade_operation_called(const char *word, size_t nth)
{
	const char *bare = strncasecmp(word, "bpf_", 4) == 0 ? word + 4 : word;

	for (size_t i = 0; i < lade_operation_word_count; i++) {
		const struct operation_word *row = &lade_operation_words[i];
		if (!is_same_name(string(row->word), word) && !is_same_name(string(row->word), bare) &&
		    !is_same_name(string(row->operation), word))
			continue;
		/* The words of an operation stand together: one of them is enough. */
		while (i + 1 < lade_operation_word_count && lade_operation_words[i + 1].operation == row->operation)
			i++;
		if (nth-- == 0)
			return string(row->operation);
	}
	return NULL;
}
