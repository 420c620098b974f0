/* SPDX-License-Identifier: BSD-2-Clause */
/* Every section that is known by name leads to a way of attaching its program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "attach/method.h"
#include "object/sections_table.h"

/* What is put to work in another way, or by nobody. */
static const struct {
	const char *prefix, *why;
} exceptions[] = {
	{ "struct_ops", "its table is registered" },
	{ "struct_ops.s", "its table is registered" },
	{ "<id>/<slot>", "a tail call: it goes into a slot" },
	{ "fuse", "Android's own program type, which no mainline kernel has" },
	{ "<name>=<probe>", "perf computes the arguments of its probes" },
};

static bool is_exception(const char *prefix)
{
	for (size_t i = 0; i < ELEMENTS(exceptions); i++)
		if (strcmp(exceptions[i].prefix, prefix) == 0)
			return true;
	return false;
}

static bool has_method(const struct section_row *row)
{
	const struct attach_program program = {
		.name = "program", .section = row->prefix, .type = row->program_type, .row = row
	};
	for (enum target_kind kind = TARGET_NONE; kind <= TARGET_TRACEPOINT; kind++)
		if (lade_attach_method(&program, kind))
			return true;
	return false;
}

static void every_section_leads_to_a_way_to_attach(void **state)
{
	(void)state;
	for (size_t i = 0; i < lade_section_row_count; i++) {
		const struct section_row *row = &lade_section_rows[i];
		if (has_method(row) == is_exception(row->prefix))
			fail_msg("%s of %s: %s", row->prefix, row->dialect,
				 has_method(row) ? "is no exception any more" : "nothing attaches it");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_section_leads_to_a_way_to_attach),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
