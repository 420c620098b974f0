/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions become programs, typed by the section table of the dialect. */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#define SLEEPABLE (1U << 4) /* BPF_F_SLEEPABLE, since 5.10 */
#define XDP_FRAGS (1U << 5) /* BPF_F_XDP_HAS_FRAGS, since 5.18 */

/* Programs for many functions at once are verified against none of them. */
static bool needs_btf_id(const struct section_row *row)
{
	return row->needs_attach_btf_id ||
	       (lade_program_type_needs_btf_id(row->program_type) && !strstr(row->prefix, ".multi"));
}

/* redbpf wrote the program's name where others write the iterator's. */
static const char *load_target(const struct section_row *row, const char *target)
{
	return strcmp(row->prefix, "task_iter") == 0 ? "task" : target;
}

static int copy_text(char **place, const char *text)
{
	*place = text ? strdup(text) : NULL;
	return text && !*place ? -ENOMEM : 0;
}

static int apply_row(struct filling *filling, struct lade_program *program, const struct section_row *row,
		     const char *target)
{
	program->row = row;
	program->type = row->program_type;
	program->expected_attach_type = row->expected_attach_type;
	program->has_expected_attach_type = row->has_expected_attach_type;
	program->expected_attach_type_optional = row->expected_attach_optional;
	program->flags = (row->sleepable ? SLEEPABLE : 0) | (row->xdp_frags ? XDP_FRAGS : 0);
	program->attach_btf_id_needed = needs_btf_id(row);
	if (copy_text(&program->attach_target, target) < 0 ||
	    (program->attach_btf_id_needed && copy_text(&program->load_target, load_target(row, target)) < 0))
		return lade_fail_memory(filling->error);
	return 0;
}

static void note_untyped(struct filling *filling, const struct lade_program *program)
{
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "program.type.unknown", "section %s gives program %s no type",
			      program->section, program->name);
	finding_program(note, program->name);
	finding_fix(note, "say its type: --type %s=TYPE", program->name);
}

int lade_program_make(struct filling *filling, uint32_t function, struct lade_program **ret_program)
{
	const struct lade_function *body = &filling->object->functions.items[function];
	bool asleep = body->section[0] == '?'; /* SEC("?…"): only when asked for, since libbpf 0.8 */
	const char *section = body->section + asleep, *target = NULL;
	struct lade_program *program = lade_object_add_program(filling->object, body->name, section, function);
	if (!program)
		return lade_fail_memory(filling->error);
	program->autoload = !asleep;
	filling->functions.items[function].is_program = true;
	char *alias CLEANUP(cleanup_free) =
		filling->road && filling->road->alias ? filling->road->alias(section) : NULL;
	const char *known = alias ? alias : section;
	const struct section_row *row = lade_section_find(filling->dialect->section_table, known, &target);
	if (!row && filling->dialect->other_table)
		row = lade_section_find(filling->dialect->other_table, known, &target);
	if (!row && filling->dialect->assumes_types)
		;
	else if (!row)
		note_untyped(filling, program);
	else if (apply_row(filling, program, row, target) < 0)
		return -ENOMEM;
	*ret_program = program;
	return 0;
}
