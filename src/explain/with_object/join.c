/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which program of an object a verifier's log is about: the one whose instructions are the log's. Then its lines,
 * maps, relocations and kernel functions say more of the instruction that was rejected.
 */
#include "explain/with_object/join.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "btf/core.h"
#include "explain/verifier/step.h"

#define COMPARED_MAX   20000 /* instructions of a log */
#define CANDIDATES_MAX 8
#define CALL           (BPF_JMP | BPF_CALL)

/* An instruction as a log shows it. */
struct logged {
	uint32_t number;
	uint8_t code;
	int64_t helper; /* of a call of a helper; -1: it is none */
	int64_t jump;   /* "goto pc+5"; INT64_MAX: none */
};
struct logged_list {
	struct logged *items;
	size_t count, capacity;
};

/* ---- the log's instructions ---- */

static int64_t number_behind(const char *line, size_t length, const char *mark, int64_t otherwise)
{
	const char *at = memmem(line, length, mark, strlen(mark));

	if (!at)
		return otherwise;
	at += strlen(mark);
	return isdigit((unsigned char)*at) || *at == '-' ? strtoll(at, NULL, 10) : otherwise;
}

static bool read_instruction(const char *text, size_t length, struct logged *ret_logged)
{
	struct verifier_line line = lade_verifier_line(text, length);
	const char *open = line.kind == VERIFIER_INSTRUCTION ? memchr(text, '(', length) : NULL;
	char digits[3] = "";

	if (!open || line.number < 0 || line.number > UINT32_MAX || open + 3 >= text + length)
		return false;
	memcpy(digits, open + 1, 2);
	if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
		return false;
	*ret_logged = (struct logged){ (uint32_t)line.number, (uint8_t)strtoul(digits, NULL, 16), -1, INT64_MAX };
	if (ret_logged->code == CALL)
		ret_logged->helper = number_behind(line.text.text, line.text.length, "#", -1);
	else
		ret_logged->jump = number_behind(line.text.text, line.text.length, "goto pc+", INT64_MAX);
	return true;
}

static void read_log(const char *log, struct logged_list *list)
{
	struct logged *place, logged;

	for (const char *text = log; text && *text && list->count < COMPARED_MAX;) {
		size_t length = strcspn(text, "\n");
		if (read_instruction(text, length, &logged)) {
			place = array_push(list);
			if (!place)
				return;
			*place = logged;
		}
		text += length + (text[length] == '\n');
	}
}

/* ---- comparing ---- */

static bool has_core(const struct located *located)
{
	size_t at = lade_located_core(located);

	return at < located->function->core.count && located->function->core.items[at].offset == located->index;
}

/* Loaders call bpf_probe_read() where the kernel lacks its newer kin, and change what CO-RE relocations mark. */
static bool may_be_rewritten(const struct located *located)
{
	int32_t helper = located->instruction->imm;

	return has_core(located) || lade_located_relocation(located) ||
	       (located->instruction->code == CALL && helper >= BPF_FUNC_probe_read_user &&
		helper <= BPF_FUNC_probe_read_kernel_str);
}

static bool is_same(const struct layout *layout, const struct logged *logged)
{
	struct located located;

	if (!lade_log_layout_find(layout, logged->number, &located))
		return false;
	if (may_be_rewritten(&located))
		return true;
	if (located.instruction->code != logged->code)
		return false;
	if (logged->helper >= 0 && located.instruction->src_reg == 0)
		return located.instruction->imm == logged->helper;
	return logged->jump == INT64_MAX || located.instruction->off == logged->jump;
}

static bool is_program(const struct layout *layout, const struct logged_list *log)
{
	array_foreach(logged, log)
		if (!is_same(layout, logged))
			return false;
	return log->count > 0;
}

struct candidates {
	struct lade_program *items[CANDIDATES_MAX];
	size_t count; /* more than CANDIDATES_MAX: only so many are named */
};

static void find_candidates(const struct lade_object *object, const char *log, struct candidates *found)
{
	struct logged_list logged = { 0 };

	if (log)
		read_log(log, &logged);
	array_foreach(program, &object->programs) {
		struct layout layout;
		if (!logged.count || lade_log_layout_make(*program, &layout) < 0)
			break;
		if (is_program(&layout, &logged) && found->count++ < CANDIDATES_MAX)
			found->items[found->count - 1] = *program;
		lade_log_layout_clear(&layout);
	}
	array_clear(&logged);
}

/* The kernel cuts names at 15 bytes. */
static bool is_named(const struct lade_program *program, const char *name)
{
	return strcmp(program->name, name) == 0 ||
	       (strlen(name) == BPF_OBJ_NAME_LEN - 1 && strncmp(program->name, name, strlen(name)) == 0);
}

static struct lade_program *find_named(const struct lade_object *object, const char *name)
{
	array_foreach(program, &object->programs)
		if (name && is_named(*program, name))
			return *program;
	return NULL;
}

static void name_candidates(const struct candidates *found, struct lade_finding *finding)
{
	struct strbuf names = { 0 };

	for (size_t i = 0; i < found->count && i < CANDIDATES_MAX; i++)
		lade_strbuf_addf(&names, "%s%s", i ? ", " : "", found->items[i]->name);
	if (found->count > CANDIDATES_MAX)
		lade_strbuf_add(&names, " …");
	CLEANUP(cleanup_free) char *text = lade_strbuf_take(&names);
	finding_evidence(finding, "%zu programs of the object have these instructions: %s", found->count,
			 text ? text : "");
}

/* The program, by name if the log has one and the instructions do not say otherwise; NULL: not plain. */
static struct lade_program *choose(const struct lade_object *object, struct lade_finding *finding)
{
	struct lade_program *named = find_named(object, finding->program);
	struct candidates found = { 0 };

	find_candidates(object, finding->log, &found);
	for (size_t i = 0; i < found.count && i < CANDIDATES_MAX; i++)
		if (found.items[i] == named)
			return named;
	if (found.count == 1) {
		finding_evidence(finding, "the log's instructions are those of %s%s%s", found.items[0]->name,
				 finding->program ? ", not of " : "", finding->program ? finding->program : "");
		return found.items[0];
	}
	if (found.count > 1) {
		name_candidates(&found, finding);
		return finding->program ? NULL : found.items[0];
	}
	if (finding->instruction >= 0)
		finding_evidence(finding,
				 "no program of %s has the log's instructions: it is about another object or build",
				 object->file);
	return finding->instruction < 0 ? named : NULL;
}

/* ---- what the object adds ---- */

/* "7: call bpf_map_lookup_elem#1 (returned r0, map counts)" and its source line: the variable that it sets. */
static struct span variable_of(const char *line, long number, const char *source)
{
	const char *text = strchr(line, ':'), *why = text ? strstr(text, " (") : NULL;
	struct verifier_step step = { .source = { source, strlen(source) } };

	while (why && strstr(why + 1, " ("))
		why = strstr(why + 1, " (");
	if (!why || why < text + 2)
		return (struct span){ "", 0 };
	step.line = (struct verifier_line){ .number = number, .text = { text + 2, (size_t)(why - text - 2) } };
	(void)snprintf(step.why, sizeof step.why, "%.*s", (int)strcspn(why + 2, ",)"), why + 2);
	return lade_verifier_step_variable(&step);
}

/* Once in the text. NULL: it does not stand there. */
static char *with_name(const char *text, const char *word, const char *before, const struct span *name,
		       const char *behind)
{
	const char *at = text ? strstr(text, word) : NULL;
	char *longer = NULL;

	if (!at || asprintf(&longer, "%.*s%s%.*s%s%s", (int)(at - text), text, before, (int)name->length, name->text,
			    behind, at + strlen(word)) < 0)
		return NULL;
	return longer;
}

/* What was said of a pointer or of what a call returned, with its name. */
static void use_name(const struct span *name, struct lade_finding *finding)
{
	static const struct {
		const char *word, *before, *behind;
	} causes[] = { { "the pointer is what ", "", " is what " } },
	  fixes[] = { { "(!pointer)", "(!", ")" }, { "(pointer, 0)", "(", ", 0)" }, { "(pointer)", "(", ")" } };

	for (size_t i = 0; i < ELEMENTS(causes); i++) {
		CLEANUP(cleanup_free)
		char *text = with_name(finding->cause, causes[i].word, causes[i].before, name, causes[i].behind);
		if (text)
			finding_cause(finding, "%s", text);
	}
	for (size_t i = 0; i < ELEMENTS(fixes); i++) {
		CLEANUP(cleanup_free)
		char *text = with_name(finding->fix, fixes[i].word, fixes[i].before, name, fixes[i].behind);
		if (text)
			finding_fix(finding, "%s", text);
	}
}

/* Source lines behind steps that have none: "12: r1 = r0 (copied)". */
static void add_lines(const struct lade_object *object, const struct layout *layout, struct lade_finding *finding)
{
	array_foreach(line, &finding->evidence) {
		char *end, *longer = NULL;
		long number = strtol(*line, &end, 10);
		const char *file, *text;
		const struct lade_map *map;
		struct located located;
		uint32_t source;
		if (end == *line || *end != ':' || !lade_log_layout_find(layout, number, &located))
			continue;
		map = located.instruction->code == CALL && !strstr(*line, ", map ") ? lade_located_map(object, &located)
										    : NULL;
		bool has_line = !strstr(*line, "  ; ") && lade_located_line(object, &located, &file, &source, &text);
		if (!map && !has_line)
			continue;
		struct span variable = has_line && text ? variable_of(*line, number, text) : (struct span){ "", 0 };
		if (asprintf(&longer, "%s%s%s%s%s%s%.*s", *line, map ? ", map " : "", map ? map->name : "",
			     has_line ? "  ; " : "", has_line ? text : "", variable.length ? "; variable " : "",
			     (int)variable.length, variable.text) < 0)
			continue;
		free(*line);
		*line = longer;
		if (variable.length)
			use_name(&variable, finding);
	}
}

static void add_map(const struct lade_map *map, struct lade_finding *finding)
{
	if (!map)
		return;
	finding_evidence(finding, "the map is %s: keys of %u bytes, values of %u, %u entries", map->name,
			 map->definition.key_size, map->definition.value_size, map->definition.max_entries);
	if (!finding->map)
		finding_map(finding, map->name);
}

static void add_relocation(const struct lade_object *object, const struct located *located,
			   struct lade_finding *finding)
{
	const struct function_relocation *relocation = lade_located_relocation(located);

	if (!relocation)
		return;
	if ((relocation->kind == RELOCATION_MAP || relocation->kind == RELOCATION_MAP_VALUE) &&
	    relocation->target < object->maps.count)
		add_map(object->maps.items[relocation->target], finding);
	if (relocation->kind == RELOCATION_EXTERN && relocation->target < object->externs.count) {
		const struct object_extern *outside = &object->externs.items[relocation->target];
		finding_evidence(finding, "%s %s%s",
				 outside->kind == EXTERN_KFUNC ? "it calls the kernel function"
							       : "it takes the kernel's",
				 outside->name, outside->is_weak ? " (weak: may be absent)" : "");
	}
}

static void add_core(const struct lade_object *object, const struct located *located, struct lade_finding *finding)
{
	if (!object->btf)
		return;
	for (size_t i = lade_located_core(located); i < located->function->core.count; i++) {
		const struct btf_core_relocation *relocation = &located->function->core.items[i];
		struct strbuf spelled = { 0 };
		if (relocation->offset != located->index)
			break;
		lade_core_spell(object->btf, relocation, &spelled);
		CLEANUP(cleanup_free) char *text = lade_strbuf_take(&spelled);
		const char *kind = lade_core_kind_name(relocation->kind);
		finding_evidence(finding, "a CO-RE relocation is here: %s of %s", kind ? kind : "an unknown kind",
				 text && *text ? text : "something that the object does not describe");
	}
}

static void add_place(const struct lade_object *object, const struct layout *layout, struct lade_finding *finding)
{
	const char *file, *text;
	struct located located;
	uint32_t line;

	if (!lade_log_layout_find(layout, finding->instruction, &located))
		return;
	if (located.start)
		finding_evidence(finding, "instruction %lld is number %u of function %s",
				 (long long)finding->instruction, located.index, located.function->name);
	if (!finding->source_file && lade_located_line(object, &located, &file, &line, &text))
		finding_source(finding, file, line, text);
	if (located.instruction->code == CALL && located.instruction->src_reg == 0)
		add_map(lade_located_map(object, &located), finding);
	add_relocation(object, &located, finding);
	add_core(object, &located, finding);
}

static void join_program(const struct lade_object *object, struct lade_program *program, struct lade_finding *finding)
{
	struct layout layout;

	finding_program(finding, program->name);
	if (lade_log_layout_make(program, &layout) < 0)
		return;
	add_lines(object, &layout, finding);
	if (finding->instruction >= 0)
		add_place(object, &layout, finding);
	lade_log_layout_clear(&layout);
}

static const struct lade_map *find_map(const struct lade_object *object, const char *name)
{
	array_foreach(map, &object->maps)
		if (name && strcmp((*map)->name, name) == 0)
			return *map;
	return NULL;
}

void lade_join(const struct lade_object *object, struct lade_finding *finding)
{
	struct lade_program *program;

	if (!finding->object)
		finding_object(finding, object->file);
	if (finding->log || finding->phase == LADE_PHASE_VERIFY) {
		program = choose(object, finding);
		if (program)
			join_program(object, program, finding);
	} else {
		add_map(find_map(object, finding->map), finding);
	}
}
