/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "struct inode___old.i_ctime": a program that reads a field under two names, behind a guard, and a kernel that has
 * neither. To guard it is no help then: the field has a third name. Of some fields the names are known.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  16
#define MENTIONS   256
#define NAME_BYTES 96

static const struct renamed {
	const char *structure, *fields[6], *story;
} renamed[] = {
	{ "inode",
	  { "i_ctime", "__i_ctime", "i_ctime_sec", "i_ctime_nsec" },
	  "i_ctime before 6.6, __i_ctime from 6.6 on, i_ctime_sec and i_ctime_nsec from 6.11 on" },
	{ "inode",
	  { "i_mtime", "__i_mtime", "i_mtime_sec", "i_mtime_nsec" },
	  "i_mtime before 6.7, __i_mtime from 6.7 on, i_mtime_sec and i_mtime_nsec from 6.11 on" },
	{ "inode",
	  { "i_atime", "__i_atime", "i_atime_sec", "i_atime_nsec" },
	  "i_atime before 6.7, __i_atime from 6.7 on, i_atime_sec and i_atime_nsec from 6.11 on" },
	{ "task_struct", { "state", "__state" }, "state before 5.14, __state from 5.14 on" },
	{ "task_struct",
	  { "real_start_time", "start_boottime" },
	  "real_start_time before 5.5, start_boottime from 5.5 on" },
	{ "kernfs_node", { "parent", "__parent" }, "parent before 6.15, __parent from 6.15 on" },
	{ "kernfs_node", { "id" }, "a union (id.id, id.ino) before 5.5, a number of 64 bits from 5.5 on" },
	{ "mm_struct",
	  { "rss_stat" },
	  "rss_stat.count[] before 6.2, an array of struct percpu_counter (rss_stat[].count) from 6.2 on" },
	{ "request", { "rq_disk" }, "rq_disk before 5.17, q->disk from 5.17 on" },
	{ "bio", { "bi_disk", "bi_bdev" }, "bi_disk from 4.14 to 5.11, bi_bdev before and from 5.12 on" },
	{ "mm_struct",
	  { "mmap" },
	  "mmap before 6.1; from 6.1 on the areas are in a maple tree (mm_mt), which bpf_for_each(task_vma, …) or "
	  "bpf_find_vma() walk" },
	{ "vm_area_struct",
	  { "vm_next", "vm_prev" },
	  "vm_next and vm_prev before 6.1; from 6.1 on the areas are in a maple tree (mm_mt)" },
	{ "module",
	  { "core_layout", "init_layout" },
	  "core_layout and init_layout from 4.5 to 6.3, mem[] from 6.4 on" },
};

struct field {
	char structure[NAME_BYTES], name[NAME_BYTES];
	char flavour[NAME_BYTES]; /* "___old"; "": none */
};

static size_t take_name(const char *at, char name[NAME_BYTES])
{
	const struct span found = lade_name_at(at);

	*name = '\0';
	return lade_name_copy(&found, name, NAME_BYTES) ? found.length : 0;
}

static bool take_field(const char *text, const char *word, struct field *field)
{
	const char *at = strstr(text, word);
	size_t length;
	char *mark;

	if (!at || !(length = take_name(at + strlen(word), field->structure)))
		return false;
	at += strlen(word) + length;
	field->name[0] = field->flavour[0] = '\0';
	if (*at == '.' && !take_name(at + 1, field->name))
		return false;
	if ((mark = strstr(field->structure, "___"))) {
		(void)snprintf(field->flavour, NAME_BYTES, "%s", mark);
		*mark = '\0';
	}
	return field->structure[0] != '\0';
}

/*
 * "<byte_off> [620] struct inode___older.i_ctime (0:0 @ offset 0)"; where the verifier's log lacks its end, libbpf's
 * words about the relocation told the cause ("… asks for (struct kernfs_node.id)").
 */
static bool find_field(const struct explained *item, struct field *field, bool *ret_is_shown)
{
	*ret_is_shown = take_field(item->line, "] struct ", field);
	return *ret_is_shown || (item->finding->cause && take_field(item->finding->cause, "(struct ", field));
}

static const struct renamed *find_renamed(const struct field *field)
{
	for (size_t i = 0; i < ELEMENTS(renamed); i++)
		for (size_t j = 0; j < ELEMENTS(renamed[i].fields) && renamed[i].fields[j]; j++)
			if (strcmp(renamed[i].structure, field->structure) == 0 &&
			    strcmp(renamed[i].fields[j], field->name) == 0)
				return &renamed[i];
	return NULL;
}

static bool is_about(const struct mention *line, const struct field *field, const struct renamed *known)
{
	for (size_t i = 0; known && i < ELEMENTS(known->fields) && known->fields[i]; i++)
		if (lade_in_mention(line, known->fields[i]))
			return true;
	return field->name[0] && lade_in_mention(line, field->name);
}

/* The last source line that asks for one of the names; 0: the log shows none. */
static size_t line_of_guard(const struct span *text, const struct field *field, const struct renamed *known)
{
	struct mention line = { .next = text->text };
	size_t found = 0;

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "bpf_core_", &line); mentions++)
		if (lade_in_mention(&line, "_exists(") && is_about(&line, field, known))
			found = line.number;
	return found;
}

static void blame_renamed(struct explained *item, const struct field *field, const struct renamed *known)
{
	finding_cause(item->finding, "the kernel's struct %s has no %s as the program reads it: it is %s%s",
		      field->structure, field->name, known->story,
		      field->flavour[0] ? ". The program knows several of these names already, and not the one of the "
					  "kernel that runs: it was written for others"
					: "");
	finding_fix(item->finding,
		    "a newer version of the tool, which knows this kernel; in an own program %sbehind "
		    "bpf_core_field_exists() for each name (a flavour: struct %s___x { … } "
		    "__attribute__((preserve_access_index))); bpftool btf dump file /sys/kernel/btf/vmlinux format c | "
		    "grep -A80 '^struct %s {' shows what it is called here",
		    field->flavour[0] ? "one more " : "", field->structure, field->structure);
}

static void blame_third_name(struct explained *item, const struct field *field)
{
	finding_cause(
		item->finding,
		"the kernel's struct %s has no %s. The program provides for other kernels already (the flavour %s, "
		"whose suffix does not count), and for this one neither way is right: the field has a third "
		"name, or is no more, or the kernel was built without its option",
		field->structure, field->name, field->flavour);
	finding_fix(
		item->finding,
		"a newer version of the tool, which knows this kernel; bpftool btf dump file "
		"/sys/kernel/btf/vmlinux format c | grep -A80 '^struct %s {' shows what it is called here: one more "
		"flavour for it (struct %s___x { … } __attribute__((preserve_access_index))) behind "
		"bpf_core_field_exists(), and a way out where none is there",
		field->structure, field->structure);
}

static bool is_open(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && !item->is_settled &&
	       item->finding->confidence != LADE_CERTAIN && strcmp(item->finding->code, "core.target") == 0;
}

void lade_explanation_flavour(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		struct field field;
		bool is_shown;
		if (!is_open(item) || !find_field(item, &field, &is_shown) || looked++ >= ITEMS_MAX)
			continue;
		const struct renamed *known = find_renamed(&field);
		size_t guard = line_of_guard(&span, &field, known);
		if (known)
			blame_renamed(item, &field, known);
		else if (field.flavour[0] && field.name[0])
			blame_third_name(item, &field);
		else
			continue;
		if (guard)
			finding_evidence(item->finding,
					 "line %zu asks whether the field is there under another name, and "
					 "the program took the way of a kernel that does not have it",
					 guard);
		if (is_shown)
			finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
