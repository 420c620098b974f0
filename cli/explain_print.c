/* SPDX-License-Identifier: BSD-2-Clause */
/* What lade explain looked up, as text and as JSON. */
#include <string.h>

#include "explain.h"

bool cli_lookup_begin(const struct cli *cli, struct cli_lookup *ret_lookup)
{
	*ret_lookup = (struct cli_lookup){ .cli = cli };
	if (!cli->json)
		return true;
	ret_lookup->document = cli_json_document(true);
	ret_lookup->codes = cli_json_array(ret_lookup->document, "codes");
	ret_lookup->causes = cli_json_array(ret_lookup->document, "causes");
	ret_lookup->words = cli_json_array(ret_lookup->document, "words");
	return ret_lookup->document;
}

static void put_words(const char *label, const char *text)
{
	if (text && *text)
		(void)printf("  %-8s %s\n", label, text);
}

/* "since 5.3, until 6.1"; "" without either. */
static const char *spell_kernels(const char *since, const char *until, char *text, size_t size)
{
	(void)snprintf(text, size, "%s%.16s%s%s%.16s", *since ? "since " : "", since, *since && *until ? ", " : "",
		       *until ? "until " : "", until);
	return text;
}

static void add_kernels(struct json_object *json, const char *since, const char *until)
{
	cli_json_string(json, "since", *since ? since : NULL);
	cli_json_string(json, "until", *until ? until : NULL);
}

static void put_code(const struct lade_code_info *info)
{
	char kernels[64];

	(void)printf("%s[%s]\n", lade_severity_name(info->severity), info->code);
	put_words("because", *info->cause ? info->cause : "the finding itself says why, with its evidence");
	put_words("fix", info->fix);
	put_words("kernels", spell_kernels(info->since, info->until, kernels, sizeof kernels));
	(void)printf("  %-8s while Lade is at: %s\n", "when", lade_phase_name(info->phase));
	if (info->exit_code)
		(void)printf("  %-8s exit code %d\n", "ends", info->exit_code);
	(void)printf("  %-8s docs/findings/%s.md#%s\n", "see", info->room, info->code);
}

void cli_lookup_code(struct cli_lookup *lookup, const struct lade_code_info *info)
{
	const char *severity = lade_severity_name(info->severity), *phase = lade_phase_name(info->phase);
	if (lookup->document) {
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "code", info->code);
		cli_json_string(json, "severity", severity);
		cli_json_string(json, "phase", phase);
		cli_json_number(json, "exit", info->exit_code);
		cli_json_string(json, "cause", *info->cause ? info->cause : NULL);
		cli_json_string(json, "fix", *info->fix ? info->fix : NULL);
		add_kernels(json, info->since, info->until);
		cli_json_string(json, "page", info->room);
		(void)json_object_array_add(lookup->codes, json);
		return;
	}
	if (!lookup->single) {
		(void)printf("%-30s %s\n", info->code, *info->cause ? info->cause : "(the finding itself says why)");
		return;
	}
	put_code(info);
}

void cli_lookup_number(struct cli_lookup *lookup, int errnum)
{
	if (lookup->document) {
		cli_json_number(lookup->document, "errno", errnum);
		cli_json_string(lookup->document, "word", lade_errno_word_of(errnum));
		return;
	}
	(void)printf("-%d is %s: %s\n", errnum, lade_errno_word_of(errnum), lade_errno_text_of(errnum));
}

void cli_lookup_errno(struct cli_lookup *lookup, const struct lade_errno_info *info)
{
	char kernels[64];
	(void)spell_kernels(info->since, info->until, kernels, sizeof kernels);
	if (!lookup->document) {
		(void)printf("  %s %s: %s%s%s%s\n", info->operation, info->word, info->cause, *kernels ? " (" : "",
			     kernels, *kernels ? ")" : "");
		if (*info->probe && strcmp(info->probe, "-") != 0)
			(void)printf("      to tell: %s\n", info->probe);
		return;
	}
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "operation", info->operation);
	cli_json_number(json, "errno", info->errnum);
	cli_json_string(json, "word", info->word);
	cli_json_string(json, "cause", info->cause);
	cli_json_string(json, "probe", *info->probe ? info->probe : NULL);
	add_kernels(json, info->since, info->until);
	(void)json_object_array_add(lookup->causes, json);
}

static void put_word(const struct cli_lookup *lookup, const struct lade_word_info *info)
{
	static const char *const labels[] = {
		[LADE_WORD_HELPER] = "called by", [LADE_WORD_ATTACH] = "program", [LADE_WORD_CONFIG] = "to see"
	};
	bool has_label = (size_t)info->kind < sizeof labels / sizeof *labels && labels[info->kind];
	char kernels[64];

	(void)spell_kernels(info->since, info->until, kernels, sizeof kernels);
	if (!lookup->single) {
		(void)printf("%-30s %s%s%s: %s\n", info->word, lade_word_kind_name(info->kind), *kernels ? ", " : "",
			     kernels, info->meaning);
		return;
	}
	(void)printf("%s (%s%s%s)\n", info->word, lade_word_kind_name(info->kind), *kernels ? ", " : "", kernels);
	put_words("means", info->meaning);
	put_words("needs", info->needs);
	put_words(has_label ? labels[info->kind] : "where", info->where);
	put_words("fix", info->fix);
}

static void add_optional(struct json_object *json, const char *key, const char *text)
{
	cli_json_string(json, key, *text ? text : NULL);
}

void cli_lookup_word(struct cli_lookup *lookup, const struct lade_word_info *info)
{
	struct json_object *json;

	if (!lookup->document) {
		put_word(lookup, info);
		return;
	}
	json = json_object_new_object();
	cli_json_string(json, "word", info->word);
	cli_json_string(json, "kind", lade_word_kind_name(info->kind));
	add_kernels(json, info->since, info->until);
	add_optional(json, "meaning", info->meaning);
	add_optional(json, "fix", info->fix);
	add_optional(json, "needs", info->needs);
	add_optional(json, "where", info->where);
	(void)json_object_array_add(lookup->words, json);
}

void cli_lookup_note(const struct cli_lookup *lookup, const char *text)
{
	if (!lookup->document)
		(void)puts(text);
}

int cli_lookup_end(struct cli_lookup *lookup)
{
	return lookup->document ? cli_json_print(lookup->cli, lookup->document) : EXIT_OK;
}
