/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is recognised and can be loaded by nobody here: bcc's tables exist in the memory of the process that
 * compiled them, and eBPF for Windows numbers types and helpers in its own way. Such objects can be
 * inspected; a load is refused with the reason.
 */
#include "dialect/legacy.h"

#include <errno.h>

/* Nothing in it is relocated: there is nothing to relocate it to. */
static int add_programs(struct filling *filling)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		if (filling->uses[i].role == ROLE_PROGRAM)
			result = lade_code_cut(filling, (uint32_t)i);
	for (uint32_t i = 0; result == 0 && i < filling->functions.count; i++) {
		struct lade_program *program;
		result = lade_program_make(filling, i, &program);
	}
	return result;
}

static int refused_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
			struct lade_error **error, const char *code, const char *what)
{
	struct filling filling;
	int result = lade_fill_begin(&filling, dialect, source, object, error);
	for (size_t i = 1; result == 0 && i < filling.elf->section_count; i++) {
		const struct elf_section *section = &filling.elf->sections[i];
		if (lade_legacy_is_maps(section))
			filling.uses[i] = (struct section_use){ ROLE_MAPS, what, NO_INDEX, 0 };
		else if (lade_section_is_code(section))
			filling.uses[i] = (struct section_use){ ROLE_PROGRAM, NULL, NO_INDEX, 0 };
	}
	if (result == 0)
		result = add_programs(&filling);
	if (result == 0 && lade_object_add_need(object, NO_INDEX, code, "%s", what) < 0)
		result = lade_fail_memory(error);
	if (result == 0)
		result = lade_fill_report(&filling);
	lade_fill_clear(&filling);
	return result;
}

static int bcc_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		    struct lade_error **error)
{
	return refused_fill(dialect, source, object, error, "dialect.refused.bcc",
			    "the tables of bcc exist only in the process that compiled them");
}

static int windows_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
			struct lade_error **error)
{
	return refused_fill(dialect, source, object, error, "dialect.refused.windows",
			    "compiled for eBPF for Windows, whose types and helpers have other numbers");
}

const struct dialect lade_dialect_bcc = { "bcc", "", bcc_fill, NULL, true };
const struct dialect lade_dialect_windows = { "windows", "", windows_fill, NULL, true };
