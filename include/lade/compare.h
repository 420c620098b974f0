/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between two objects, or between what is known of two kernels. Pure: no kernel is asked.
 *
 *     struct lade_compare *compare = NULL;
 *     if (lade_compare_objects(before, after, &compare, &error) < 0)
 *             …
 *     for (size_t i = 0; i < lade_compare_count(compare); i++) {
 *             struct lade_difference_info info = { .size = sizeof info };
 *             lade_compare_difference(compare, i, &info);
 *             printf("%s %s: %s -> %s\n", info.section, info.name, info.before, info.after);
 *     }
 *     lade_compare_free(compare);
 */
#ifndef LADE_COMPARE_H
#define LADE_COMPARE_H

#include <lade/object.h>
#include <lade/target.h>

LADE_BEGIN_DECLS

struct lade_compare;

enum lade_difference_kind {
	LADE_DIFFERENCE_ADDED,   /* only the second has it */
	LADE_DIFFERENCE_REMOVED, /* only the first has it */
	LADE_DIFFERENCE_CHANGED,
};
/* "added", "removed", "changed" */
LADE_API const char *lade_difference_kind_name(enum lade_difference_kind change);

/*
 * Objects: as they are now; what was edited counts. Sections "object", "map", "program", "subprogram", "variable",
 * "extern", "need". -ENOMEM
 */
LADE_API int lade_compare_objects(const struct lade_object *before, const struct lade_object *after,
				  struct lade_compare **ret_compare, struct lade_error **error);
/*
 * Kernels: only what is known of both is compared. Sections "kernel", "config", "map type", "program type", "attach
 * type", "map flag", "helper", "helper for" (program types that may call it); "not compared" names
 * what is known of one alone. -ENOMEM
 */
LADE_API int lade_compare_targets(struct lade_target *before, struct lade_target *after,
				  struct lade_compare **ret_compare, struct lade_error **error);
LADE_API struct lade_compare *lade_compare_free(struct lade_compare *compare);

struct lade_difference_info {
	size_t size;
	enum lade_difference_kind change;
	const char *section;
	const char *name;           /* of the map, program, option … */
	const char *what;           /* "value_size", "instructions": what of it; NULL: all of it */
	const char *before, *after; /* NULL: there is none */
	/* Of instructions: the first that differ, disassembled, lines that begin with '-' or '+' and the index; of
	 * needs: what needs it. NULL: nothing to add. */
	const char *detail;
	size_t removed, added; /* of instructions: how many differ */
};
LADE_API size_t lade_compare_count(const struct lade_compare *compare);
/* Borrowed. -ERANGE past the end; -EINVAL when info->size is 0. */
LADE_API int lade_compare_difference(const struct lade_compare *compare, size_t index,
				     struct lade_difference_info *info);

LADE_END_DECLS
#endif
