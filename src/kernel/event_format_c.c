/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record as a C struct. The types are those of <linux/types.h> by size and sign, since the kernel's own (gfp_t,
 * struct page *) are unknown to a program, and since a field of a system call is wider than its type says.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/event_format.h"

static const char *const keywords[] = {
	"auto",   "break",    "case",     "char",     "const", "continue", "default", "do",     "double",
	"else",   "enum",     "extern",   "float",    "for",   "goto",     "if",      "inline", "int",
	"long",   "register", "restrict", "return",   "short", "signed",   "sizeof",  "static", "struct",
	"switch", "typedef",  "union",    "unsigned", "void",  "volatile", "while",
};

static bool is_keyword(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(keywords); i++)
		if (strcmp(keywords[i], name) == 0)
			return true;
	return false;
}

/* One value: its C type; NULL: there is none of that size. */
static const char *value_type(uint32_t size, bool is_signed, bool is_character)
{
	static const char *const names[2][4] = { { "__u8", "__u16", "__u32", "__u64" },
						 { "__s8", "__s16", "__s32", "__s64" } };
	if (is_character && size == 1)
		return "char";
	for (unsigned i = 0; i < 4; i++)
		if (size == 1u << i)
			return names[is_signed][i];
	return NULL;
}

static bool is_character(const char *type)
{
	return strncmp(type, "char", 4) == 0 || strncmp(type, "const char", 10) == 0;
}

struct member {
	const char *type;
	uint32_t elements; /* 0: no array */
	uint32_t size;     /* of one */
};

/* What has no type of its size is bytes. */
static struct member describe(const struct event_field *field)
{
	uint32_t elements = lade_event_field_elements(field), size = elements ? field->size / elements : field->size;
	bool has_pointer = strchr(field->type, '*');
	const char *type =
		value_type(size, field->is_signed && !field->is_dynamic, is_character(field->type) && !has_pointer);
	if (type)
		return (struct member){ type, elements, size };
	return (struct member){ "__u8", field->size, 1 };
}

/* Comments of a type must not end the comment, nor hold anything that is not on one line. */
static void add_comment(struct strbuf *into, const struct event_field *field)
{
	lade_strbuf_addf(into, "/* %u", field->offset);
	lade_strbuf_add(into, field->size == 1 ? ", 1 byte: " : "");
	if (field->size != 1)
		lade_strbuf_addf(into, ", %u bytes: ", field->size);
	for (const char *at = field->type; *at; at++)
		if (*at >= ' ' && *at < 127 && !(at[0] == '*' && at[1] == '/'))
			lade_strbuf_add_bytes(into, at, 1);
	if (field->is_dynamic)
		lade_strbuf_add(into, "; low 16 bits: where in the record, high 16 bits: length");
	lade_strbuf_add(into, " */\n");
}

static void add_member(struct strbuf *into, const struct event_field *field, const struct member *member)
{
	struct strbuf line = { 0 };
	lade_strbuf_addf(&line, "\t%s %s%s", member->type, field->name, is_keyword(field->name) ? "_" : "");
	if (member->elements)
		lade_strbuf_addf(&line, "[%u]", member->elements);
	lade_strbuf_addf(into, "%s;%*s ", line.text ? line.text : "", line.length < 31 ? (int)(31 - line.length) : 0,
			 "");
	into->failed |= line.failed;
	lade_strbuf_clear(&line);
	add_comment(into, field);
}

static int compare_offsets(const void *left, const void *right)
{
	const struct event_field *one = *(const struct event_field *const *)left;
	const struct event_field *other = *(const struct event_field *const *)right;
	return (one->offset > other->offset) - (one->offset < other->offset);
}

/* Gaps are named; what is not at a multiple of its size packs the struct. */
static int add_members(struct strbuf *into, const struct event_field *const *fields, size_t count, bool *is_packed)
{
	uint32_t end = 0, gaps = 0;
	for (size_t i = 0; i < count; i++) {
		const struct event_field *field = fields[i];
		if (!field->size) /* what follows the record */
			continue;
		if (field->offset < end)
			return -EBADMSG;
		if (field->offset > end)
			lade_strbuf_addf(into, "\t__u8 gap_%u[%u];\n", gaps++, field->offset - end);
		struct member member = describe(field);
		*is_packed |= field->offset % member.size != 0;
		add_member(into, field, &member);
		end = field->offset + field->size;
	}
	return 0;
}

int lade_event_format_spell(const struct event_format *format, const char *name, struct strbuf *into)
{
	CLEANUP(cleanup_free) const struct event_field **fields = calloc(format->count + 1, sizeof *fields);
	bool is_packed = false;
	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < format->count; i++)
		fields[i] = &format->items[i];
	if (format->count > 1)
		qsort(fields, format->count, sizeof *fields, compare_offsets);
	lade_strbuf_addf(into, "struct %s {\n", name);
	int result = add_members(into, fields, format->count, &is_packed);
	lade_strbuf_addf(into, "}%s;\n", is_packed ? " __attribute__((packed))" : "");
	return result < 0 ? result : into->failed ? -ENOMEM : 0;
}
