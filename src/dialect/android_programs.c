/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of layouts A to E: one a section, named by its first function. FUNCTION_def in section progs defines
 * when it is loaded, and for whom:
 *
 *     0 uid  4 gid                                                      8 bytes, while Android 11 was made
 *     8 min_kernel  12 max_kernel                                       16
 *     16 optional  17 ignore_on  18 pad                                 B: 20
 *     20 min_loader  24 max_loader                                      C: 28
 *     28 selinux_context[32]  60 pin_subdir[32]                         D: 92
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dialect/android.h"

#define TEXT_BYTES  32
#define KERNEL_NAME 15 /* characters that the kernel takes */

/* ---- names ---- */

/* "skfilter/pick$new" is variant new of skfilter_pick. */
static char *name_of_section(const char *section)
{
	const char *variant = strrchr(section, '$');
	char *name = strndup(section, variant ? (size_t)(variant - section) : strlen(section));
	for (char *slash = name; slash && (slash = strchr(slash, '/'));)
		*slash = '_';
	return name;
}

static void note_dollar(struct android *android, const struct lade_program *program)
{
	const char *dollar = strchr(program->section, '$');
	if (!dollar || dollar - program->section >= KERNEL_NAME || android->layout == 'e')
		return;
	struct lade_finding *note =
		lade_note_add(&android->filling.object->notes, "dialect.android.dollar",
			      "section %s: the $ is within the first %d characters", program->section, KERNEL_NAME);
	finding_program(note, program->name);
}

static bool names_event(uint32_t type)
{
	return type == BPF_PROG_TYPE_KPROBE || type == BPF_PROG_TYPE_TRACEPOINT;
}

static int name_program(struct android *android, struct lade_program *program)
{
	program->kernel_name = name_of_section(program->section);
	if (!program->kernel_name)
		return lade_fail_memory(android->filling.error);
	note_dollar(android, program);
	char *variant = program->attach_target ? strrchr(program->attach_target, '$') : NULL;
	if (variant)
		*variant = '\0';
	if (!names_event(program->type))
		free(TAKE(program->attach_target)); /* what follows the slash is a name, no place */
	return 0;
}

/* ---- the definition ---- */

static uint32_t kernel_word(const struct android *android, const struct android_record *record, uint64_t offset,
			    uint32_t absent)
{
	return lade_android_kernel(android, lade_android_word(android, record, offset, absent));
}

static int read_definition(struct android *android, const struct android_record *record, struct part_policy *policy)
{
	policy->has_owner = true;
	policy->uid = lade_android_word(android, record, 0, 0);
	policy->gid = lade_android_word(android, record, 4, 0);
	policy->kernel.min = kernel_word(android, record, 8, 0);
	policy->kernel.max = kernel_word(android, record, 12, POLICY_KERNEL_ANY);
	policy->optional = lade_android_byte(record, 16) != 0;
	policy->ignore_on = lade_android_byte(record, 17);
	policy->loader.min = lade_android_word(android, record, 20, 0);
	policy->loader.max = lade_android_word(android, record, 24, POLICY_LOADER_ANY);
	int result = lade_android_text(android, record, 28, TEXT_BYTES, &policy->selinux_context);
	return result < 0 ? result : lade_android_text(android, record, 60, TEXT_BYTES, &policy->pin_subdir);
}

/* Loaders since 0.28 refuse a program without a definition; older ones used it as it is. */
static int miss_definition(struct android *android, const struct lade_program *program)
{
	if (android->layout == 'a')
		return 0;
	if (android->layout >= 'd' && android->loader >= LOADER_HAS_UID_MOVED && !android->object_skip) {
		struct lade_finding *finding =
			lade_error_add(android->filling.error, ENOEXEC, "dialect.android.undefined",
				       "%s: section %s: program %s has no definition %s_def",
				       android->filling.elf->file, program->section, program->name, program->name);
		finding_program(finding, program->name);
		return -ENOEXEC;
	}
	struct lade_finding *note =
		lade_note_add(&android->filling.object->notes, "dialect.android.undefined-old",
			      "program %s has no definition: owned by root, for all kernels", program->name);
	finding_program(note, program->name);
	return 0;
}

static int read_policy(struct android *android, const struct android_record *record, struct lade_program *program)
{
	struct part_policy *policy = program->policy = calloc(1, sizeof *policy);
	if (!policy)
		return lade_fail_memory(android->filling.error);
	policy->loader.max = POLICY_LOADER_ANY;
	policy->kernel.max = POLICY_KERNEL_ANY;
	int result = 0;
	if (!record)
		result = miss_definition(android, program);
	else if (android->layout == 'e')
		result = lade_android_named_program(android, record, program);
	else
		result = read_definition(android, record, policy);
	if (result == 0 && !policy->pin_name) {
		policy->pin_name = lade_android_pin_name(android, "prog", false, program->kernel_name);
		result = policy->pin_name ? 0 : lade_fail_memory(android->filling.error);
	}
	if (result < 0)
		return result;
	lade_android_check_places(android, "program", program->name, policy);
	return lade_android_judge(android, policy, LOADER_HAS_BUILD_PROG, &program->skip);
}

/* fuse/ takes its number from a file of kernels that have it; elsewhere the loader ignores the section. */
static int skip_untyped(struct android *android, struct lade_program *program)
{
	if (program->type || program->skip)
		return 0;
	program->skip = strdup("its type is known to kernels with /sys/fs/fuse/bpf_prog_type_fuse only");
	return program->skip ? 0 : lade_fail_memory(android->filling.error);
}

/* FUNCTION_def; `used` says of every definition whether it belongs to a program. */
static int find_definition(struct android *android, const struct lade_program *program,
			   const struct android_records *records, bool *used, const struct android_record **ret_record)
{
	char *name CLEANUP(cleanup_free) = NULL;
	if (asprintf(&name, "%s_def", program->name) < 0) {
		name = NULL;
		return lade_fail_memory(android->filling.error);
	}
	uint32_t index = lade_android_find(records, name);
	*ret_record = index == NO_INDEX ? NULL : &records->items[index];
	if (index != NO_INDEX)
		used[index] = true;
	return 0;
}

static int add_program(struct android *android, uint32_t function, const struct android_records *records, bool *used)
{
	struct lade_program *program;
	const struct android_record *definition = NULL;
	int result = lade_program_make(&android->filling, function, &program);
	if (result == 0)
		result = name_program(android, program);
	if (result == 0)
		result = find_definition(android, program, records, used, &definition);
	if (result == 0)
		result = read_policy(android, definition, program);
	return result == 0 ? skip_untyped(android, program) : result;
}

/* ---- which functions, which definitions ---- */

static bool is_first_of_section(const struct filling *filling, uint32_t function)
{
	return function == 0 ||
	       filling->functions.items[function - 1].section != filling->functions.items[function].section;
}

static void note_second(struct android *android, uint32_t function)
{
	const struct lade_function *body = &android->filling.object->functions.items[function];
	if (android->filling.functions.items[function].is_called)
		return;
	struct lade_finding *note = lade_note_add(&android->filling.object->notes, "dialect.android.second",
						  "section %s: function %s stands behind the program and is left out",
						  body->section, body->name);
	finding_program(note, body->name);
}

static void note_orphans(struct android *android, const struct android_records *records, const bool *used)
{
	for (size_t i = 0; i < records->count; i++)
		if (!used[i])
			(void)lade_note_add(&android->filling.object->notes, "dialect.android.orphan",
					    "definition %s belongs to no program", records->items[i].symbol->name);
}

static int add_programs(struct android *android, const struct android_records *records)
{
	struct filling *filling = &android->filling;
	bool *used CLEANUP(cleanup_free) = calloc(records->count + 1, sizeof *used);
	int result = used ? 0 : lade_fail_memory(filling->error);
	for (uint32_t i = 0; result == 0 && i < filling->functions.count; i++) {
		if (filling->uses[filling->functions.items[i].section].role != ROLE_PROGRAM)
			continue;
		if (is_first_of_section(filling, i))
			result = add_program(android, i, records, used);
		else
			note_second(android, i);
	}
	if (result == 0)
		note_orphans(android, records, used);
	return result;
}

int lade_android_programs(struct android *android)
{
	const char *name = android->layout == 'e' ? ".android_progs" : "progs";
	const struct elf_section *section =
		android->layout == 'a' ? NULL : lade_elf_section(android->filling.elf, name);
	struct android_records records = { 0 };
	int result = 0;
	if (section && android->program_bytes) {
		android->filling.uses[section->index].role = ROLE_POLICY;
		android->filling.uses[section->index].why = "definitions of programs";
		result = lade_android_records(android, section, android->program_bytes, &records);
	}
	if (result == 0)
		result = add_programs(android, &records);
	lade_android_records_clear(&records);
	return result;
}
