/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where programs go: functions, tracepoints and hooks. What a program is verified against must be there when it is
 * loaded; other places only when it is attached.
 */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "object/sections.h"

#define TRACE_PREFIX "btf_trace_"
#define ITER_PREFIX  "bpf_iter_"

/* ---- what programs are verified against ---- */

/* Functions that no program may trace, whatever the kernel's types say: the verifier and trampolines use them. */
static const char *const untraceable[] = { "migrate_disable", "migrate_enable", "rcu_read_unlock_strict",
					   "__rcu_read_lock", "__rcu_read_unlock" };

/* The compiler has made another function of it: "NAME.isra.0". */
static const char *renamed(const struct strings *near, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < near->count; i++)
		if (strncmp(near->items[i], name, length) == 0 && near->items[i][length] == '.')
			return near->items[i];
	return NULL;
}

static void add_near(struct lade_finding *finding, const struct strings *near, const char *name)
{
	const char *other = renamed(near, name);

	if (other) {
		finding_evidence(finding, "there is %s: the compiler changed what it is called with", other);
		finding_fix(finding,
			    "a probe on %s can be set, but its arguments may be elsewhere; else take its caller",
			    other);
		return;
	}
	array_foreach(item, near)
		finding_evidence(finding, "there is %s", *item);
}

/* In a module it may be all the same, of which System.map knows nothing. */
static void check_function(struct judging *judging, const char *symbol, const char *name)
{
	struct strings near = { 0 };
	const struct known_fact fact = lade_target_symbol(judging->target, symbol, &near);

	if (fact.answer == KNOWN_NO) {
		enum verdict verdict = renamed(&near, symbol) ? VERDICT_REFUSED : VERDICT_UNSURE;
		struct lade_finding *finding = lade_check_say(
			judging, verdict, "check.target",
			"program %s is verified against %s, which that kernel has not", judging->program->name, name);
		finding_evidence(finding, "%s", fact.why);
		add_near(finding, &near, symbol);
	} else if (fact.answer == KNOWN_NOT) {
		judging->open_targets++;
	}
	lade_strings_clear(&near);
}

static void check_open_target(struct judging *judging, const char *name)
{
	char symbol[160];
	const struct need_rule *rule;

	if (strncmp(name, TRACE_PREFIX, strlen(TRACE_PREFIX)) == 0) {
		(void)snprintf(symbol, sizeof symbol, "__tracepoint_%s", name + strlen(TRACE_PREFIX));
		check_function(judging, symbol, symbol);
		return;
	}
	rule = strncmp(name, ITER_PREFIX, strlen(ITER_PREFIX)) == 0
		       ? lade_need_release("iterator", name + strlen(ITER_PREFIX))
		       : NULL;
	if (rule) {
		const struct known_fact fact = lade_target_since(judging->target, need_text(rule->name));
		(void)lade_check_needs(judging, &fact, "check.target", "program %s: the iterator %s came in %s",
				       judging->program->name, name + strlen(ITER_PREFIX), need_text(rule->name));
		return;
	}
	check_function(judging, name, name);
}

static void check_untraceable(struct judging *judging, const char *name)
{
	if (judging->program->type != BPF_PROG_TYPE_TRACING)
		return;
	for (size_t i = 0; i < ELEMENTS(untraceable); i++)
		if (strcmp(untraceable[i], name) == 0)
			(void)lade_check_say(judging, VERDICT_REFUSED, "check.target",
					     "program %s: no kernel lets programs trace %s", judging->program->name,
					     name);
}

static void check_load_target(struct judging *judging)
{
	CLEANUP(cleanup_free) char *name = NULL;

	if (!judging->program->attach_btf_id_needed)
		return;
	lade_check_rules(judging, "feature", "target");
	if (judging->program->type == BPF_PROG_TYPE_STRUCT_OPS)
		return;
	if (lade_load_target_name(judging->program, &name) < 0)
		judging->failed = true;
	if (!name)
		return;
	check_untraceable(judging, name);
	if (!judging->types)
		check_open_target(judging, name);
}

/* ---- probes ---- */

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static bool has_prefix(const struct lade_program *program, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(prefixes[i]);
		if (strncmp(program->section, prefixes[i], length) == 0 && program->section[length] == '/')
			return true;
	}
	return false;
}

static void say_probe(struct judging *judging, const char *function, const struct known_fact *fact,
		      const struct strings *near)
{
	size_t before = judging->check->findings.count;

	(void)lade_check_attach_needs(judging, fact, "check.probe", "program %s: that kernel has no function %s",
				      judging->program->name, function);
	if (judging->check->findings.count > before)
		add_near(judging->check->findings.items[before], near, function);
}

static void check_probe(struct judging *judging)
{
	static const char *const prefixes[] = { "kprobe", "kretprobe", "kprobe.multi", "kretprobe.multi",
						"kprobe.session" };
	const char *target = judging->program->attach_target;
	struct strings near = { 0 };
	struct known_fact fact;
	char function[160];

	if (judging->program->type != BPF_PROG_TYPE_KPROBE || !judging->about.has_symbols || !target ||
	    is_pattern(target) || !has_prefix(judging->program, prefixes, ELEMENTS(prefixes)))
		return;
	(void)snprintf(function, sizeof function, "%.*s", (int)strcspn(target, "+:@,"), target);
	if (!*function || strchr(target, ':'))
		return;
	fact = lade_target_symbol(judging->target, function, &near);
	if (fact.answer == KNOWN_NO)
		say_probe(judging, function, &fact, &near);
	lade_strings_clear(&near);
}

/* ---- tracepoints ---- */

/* The struct that the program's argument points to; NULL: its types say nothing. */
static const struct btf_type *context_struct(const struct judging *judging, const struct program_operation *load)
{
	const struct lade_btf *btf = judging->object->btf;
	const struct btf_type *function =
		load->func_info.count ? lade_btf_type(btf, load->func_info.items[0].type_id) : NULL;
	const struct btf_type *prototype = function ? lade_btf_type(btf, function->type) : NULL;
	const struct btf_param *params = prototype && lade_btf_vlen(prototype) ? lade_btf_params(prototype) : NULL;
	const struct btf_type *pointer =
		params ? lade_btf_type(btf, lade_btf_skip_modifiers(btf, params[0].type)) : NULL;
	const struct btf_type *type = lade_btf_kind(pointer) == BTF_KIND_PTR
					      ? lade_btf_type(btf, lade_btf_skip_modifiers(btf, pointer->type))
					      : NULL;

	return lade_btf_kind(type) == BTF_KIND_STRUCT ? type : NULL;
}

/* Name of the member that begins at an offset; NULL: none, or nobody knows. */
static const char *member_at(const struct lade_btf *btf, const struct btf_type *type, uint32_t offset)
{
	for (uint32_t i = 0; type && i < lade_btf_vlen(type); i++)
		if (lade_btf_member_bit_offset(type, i) == offset * 8)
			return lade_btf_string(btf, lade_btf_members(type)[i].name_off);
	return NULL;
}

/* CO-RE has moved what it knows of: those are right by themselves. */
static bool is_relocated(const struct judging *judging, const struct program_operation *load, uint32_t instruction)
{
	array_foreach(placed, &load->placed)
		array_foreach(relocation, &judging->object->functions.items[placed->function].core)
			if (placed->start + relocation->offset == instruction)
				return true;
	return false;
}

static void check_read(struct judging *judging, const struct program_operation *load, const struct event_format *format,
		       const struct flow_read *read)
{
	const char *member = member_at(judging->object->btf, context_struct(judging, load), read->offset);
	const struct event_field *field = member ? lade_event_format_find(format, member) : NULL;
	struct lade_finding *finding;

	if (is_relocated(judging, load, read->instruction) || !field || field->offset == read->offset)
		return;
	finding = lade_check_say(judging, VERDICT_NOTE, "check.event.field",
				 "program %s reads %s at byte %u of the record, and it is at %u there",
				 judging->program->name, member, read->offset, field->offset);
	finding_evidence(finding, "field:%s %s; offset:%u; size:%u;", field->type, field->name, field->offset,
			 field->size);
	lade_check_at(judging, finding, read->instruction);
}

/* What lies beyond the record is refused when the program is attached. */
static void check_record(struct judging *judging, const struct program_operation *load, const struct flow *flow,
			 const struct event_format *format)
{
	const struct flow_read *furthest = NULL;
	struct known_fact fact = { .answer = KNOWN_NO };

	array_foreach(read, &flow->reads) {
		if (flow->reach[read->instruction] != FLOW_REACHED)
			continue;
		if (!furthest || read->offset + read->size > furthest->offset + furthest->size)
			furthest = read;
		check_read(judging, load, format, read);
	}
	if (!furthest || furthest->offset + furthest->size <= format->size)
		return;
	(void)snprintf(fact.why, sizeof fact.why, "the record of %.100s ends at byte %u", format->name, format->size);
	size_t before = judging->check->findings.count;
	(void)lade_check_attach_needs(judging, &fact, "check.event.record",
				      "program %s reads up to byte %u of a record of %u bytes", judging->program->name,
				      furthest->offset + furthest->size, format->size);
	if (judging->check->findings.count > before)
		lade_check_at(judging, judging->check->findings.items[before], furthest->instruction);
}

static void check_tracepoint(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	const char *event = judging->program->attach_target;
	const struct event_format *format = NULL;
	struct known_fact fact;

	if (load->type != BPF_PROG_TYPE_TRACEPOINT || !event || !strchr(event, '/') || !judging->about.has_events)
		return;
	fact = lade_target_event(judging->target, event, &format);
	if (lade_check_attach_needs(judging, &fact, "check.event", "program %s: that kernel has no tracepoint %s",
				    judging->program->name, event) &&
	    format)
		check_record(judging, load, flow, format);
}

void lade_check_places(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	check_load_target(judging);
	check_probe(judging);
	check_tracepoint(judging, load, flow);
}

void lade_check_open_targets(struct judging *judging)
{
	struct lade_finding *note;

	if (!judging->open_targets)
		return;
	note = lade_check_say(judging, VERDICT_NOTE, "check.target.open",
			      "%u function%s or hook%s that programs are verified against could not be looked up",
			      judging->open_targets, judging->open_targets == 1 ? "" : "s",
			      judging->open_targets == 1 ? "" : "s");
	finding_confidence(note, LADE_LIKELY);
}
