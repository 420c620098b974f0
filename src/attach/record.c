/* SPDX-License-Identifier: BSD-2-Clause */
#include "attach/record.h"

#include <string.h>

/* ---- the program's struct ---- */

uint32_t lade_record_argument(const struct lade_btf *btf, const char *program)
{
	const struct btf_type *function = lade_btf_type(btf, lade_btf_find(btf, program, BTF_KIND_FUNC));
	const struct btf_type *prototype = function ? lade_btf_type(btf, function->type) : NULL;
	if (!prototype || lade_btf_kind(prototype) != BTF_KIND_FUNC_PROTO || lade_btf_vlen(prototype) < 1)
		return 0;
	const struct btf_type *pointer =
		lade_btf_type(btf, lade_btf_skip_modifiers(btf, lade_btf_params(prototype)[0].type));
	if (!pointer || lade_btf_kind(pointer) != BTF_KIND_PTR)
		return 0;
	uint32_t id = lade_btf_skip_modifiers(btf, pointer->type);
	const struct btf_type *type = lade_btf_type(btf, id);
	return type && lade_btf_kind(type) == BTF_KIND_STRUCT ? id : 0;
}

/* One field of it, those of anonymous structs included. */
struct place {
	const char *name;
	uint32_t offset, size; /* bytes */
};

struct walk {
	const struct lade_btf *btf;
	void (*visit)(void *data, const struct place *place);
	void *data;
};

enum { DEPTH_MOST = 8 }; /* of anonymous structs in each other */

static void walk_members(const struct walk *walk, uint32_t id, uint64_t base, unsigned depth)
{
	const struct btf_type *type = lade_btf_type(walk->btf, id);
	for (uint32_t i = 0; depth < DEPTH_MOST && i < lade_btf_vlen(type); i++) {
		const struct btf_member *member = &lade_btf_members(type)[i];
		const char *name = lade_btf_string(walk->btf, member->name_off);
		uint32_t inner = lade_btf_skip_modifiers(walk->btf, member->type);
		const struct btf_type *inner_type = lade_btf_type(walk->btf, inner);
		int64_t size = lade_btf_size(walk->btf, inner);
		uint64_t offset = base + lade_btf_member_bit_offset(type, i) / 8;
		if (size < 0 || size > EVENT_BYTES_MOST || offset > EVENT_BYTES_MOST ||
		    lade_btf_member_bit_size(type, i))
			continue;
		if (*name)
			walk->visit(walk->data, &(struct place){ name, (uint32_t)offset, (uint32_t)size });
		else if (inner_type &&
			 (lade_btf_kind(inner_type) == BTF_KIND_STRUCT || lade_btf_kind(inner_type) == BTF_KIND_UNION))
			walk_members(walk, inner, offset, depth + 1);
	}
}

/* ---- beside the record ---- */

struct comparison {
	const struct event_format *format;
	const char *program, *type;
	struct findings *notes;
};

/* The struct's name for what the kernel calls "filename" may say that it is only where the data is. */
static const struct event_field *find_field(const struct event_format *format, const char *name)
{
	static const char *const prefixes[] = { "", "data_loc_", "__data_loc_", "__" };
	for (size_t i = 0; i < ELEMENTS(prefixes); i++) {
		size_t length = strlen(prefixes[i]);
		const struct event_field *field =
			strncmp(name, prefixes[i], length) == 0 ? lade_event_format_find(format, name + length) : NULL;
		if (field)
			return field;
	}
	return NULL;
}

static bool is_filler(const char *name)
{
	static const char *const words[] = { "_", "pad", "gap", "unused", "reserved", "hole", "common" };
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strncmp(name, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* The field in whose middle a place begins, none of its values beginning there; NULL: there is none. */
static const struct event_field *cut_field(const struct event_format *format, uint32_t offset)
{
	array_foreach(field, format) {
		uint32_t elements = lade_event_field_elements(field);
		uint32_t step = elements ? field->size / elements : field->size;
		if (step && offset > field->offset && offset < field->offset + field->size &&
		    (offset - field->offset) % step)
			return field;
	}
	return NULL;
}

static struct lade_finding *warn(struct comparison *comparison, const struct place *place)
{
	struct lade_finding *finding = lade_note_add(
		comparison->notes, "attach.tracepoint.field", "%s: field %s of struct %s is not what %s has there",
		comparison->program, place->name, comparison->type, comparison->format->name);
	finding_program(finding, comparison->program);
	finding_evidence(finding, "struct %s: %s at offset %u, %u bytes", comparison->type, place->name, place->offset,
			 place->size);
	finding_fix(finding, "lade gen tracepoint %s prints the struct of this kernel", comparison->format->name);
	return finding;
}

static void compare_place(void *data, const struct place *place)
{
	struct comparison *comparison = data;
	const struct event_field *field = find_field(comparison->format, place->name);
	if (field && field->offset == place->offset && place->size <= field->size)
		return;
	const struct event_field *there = field ? field : cut_field(comparison->format, place->offset);
	if (!field && is_filler(place->name))
		return;
	if (there) {
		struct lade_finding *finding = warn(comparison, place);
		finding_evidence(finding, "the event's format: %s %s at offset %u, %u bytes", there->type, there->name,
				 there->offset, there->size);
	} else if (place->offset + place->size > comparison->format->size && place->size) {
		struct lade_finding *finding = warn(comparison, place);
		finding_evidence(finding, "the event's record ends at %u", comparison->format->size);
	}
}

static bool is_kernels_own(const char *type)
{
	return strncmp(type, "trace_event_raw_", 16) == 0 || strncmp(type, "syscall_trace_", 14) == 0;
}

void lade_record_compare(const struct event_format *format, const struct lade_btf *btf, const char *program,
			 struct findings *notes)
{
	uint32_t id = lade_record_argument(btf, program);
	const char *name = lade_btf_type_name(btf, id);
	if (!id || is_kernels_own(name))
		return;
	struct comparison comparison = { format, program, *name ? name : "(anonymous)", notes };
	const struct walk walk = { btf, compare_place, &comparison };
	walk_members(&walk, id, 0, 0);
}

/* An event of perf's own kind without a format of this shape is none of ours to judge. */
void lade_record_check(struct attach_call *call, const char *tracefs, const char *event)
{
	CLEANUP(cleanup_event_format) struct event_format format = { 0 };
	if (call->program->btf && call->program->notes && lade_event_format_read(tracefs, event, &format) == 0)
		lade_record_compare(&format, call->program->btf, call->program->name, call->program->notes);
}

/* ---- beyond the record ---- */

struct beyond {
	uint32_t end; /* of the record */
	bool is_found;
	struct place first;
};

static void find_beyond(void *data, const struct place *place)
{
	struct beyond *beyond = data;
	if (beyond->is_found || place->offset + place->size <= beyond->end)
		return;
	beyond->is_found = true;
	beyond->first = *place;
}

static void explain_field(struct attach_call *call, const struct event_format *format, struct lade_finding *finding)
{
	const struct lade_btf *btf = call->program->btf;
	struct beyond beyond = { .end = format->size };
	const struct walk walk = { btf, find_beyond, &beyond };
	uint32_t id = btf ? lade_record_argument(btf, call->program->name) : 0;
	if (id)
		walk_members(&walk, id, 0, 0);
	if (beyond.is_found)
		finding_evidence(finding, "field %s of struct %s is at offset %u with %u bytes: past the end",
				 beyond.first.name, lade_btf_type_name(btf, id), beyond.first.offset,
				 beyond.first.size);
}

void lade_record_explain(struct attach_call *call, const char *event, struct lade_finding *finding)
{
	CLEANUP(cleanup_event_format) struct event_format format = { 0 };
	const char *tracefs;
	if (lade_kernel_tracefs(call->kernel, false, &tracefs, NULL) < 0 ||
	    lade_event_format_read(tracefs, event, &format) < 0)
		return;
	const struct event_field *last = &format.items[format.count - 1];
	finding_evidence(finding, "the record of %s has %u bytes; its last field is %s at offset %u", event,
			 format.size, last->name, last->offset);
	explain_field(call, &format, finding);
	finding_fix(finding, "lade gen tracepoint %s prints the struct of this kernel", event);
}
