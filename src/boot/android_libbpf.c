/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout F: libbpf's objects, which the platform's loader of Android 16 takes. It has owners, modes and windows of
 * kernels in a table of its own; what is known here is how the pins are called.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/android.h"

/* "tracepoint/sched/sched_switch$new" is prog_OBJECT_tracepoint_sched_sched_switch. */
static int name_pin(struct android_decision *android, const char *kind, const char *name, struct boot_part *part)
{
	const char *file = strrchr(android->path, '/') + 1, *dot = strrchr(file, '.');
	const char *variant = strrchr(name, '$');
	int length = dot ? (int)(dot - file) : (int)strlen(file);
	int kept = variant ? (int)(variant - name) : (int)strlen(name);
	char *leaf CLEANUP(cleanup_free) = NULL;
	if (asprintf(&leaf, "%s_%.*s_%.*s", kind, length, file, kept, name) < 0) {
		leaf = NULL;
		return -ENOMEM;
	}
	for (char *c = leaf; *c; c++)
		if (*c == '/' || *c == '.')
			*c = '_';
	if (asprintf(&part->pin, BPFFS "%s%s", android->location->prefix, leaf) >= 0)
		return 0;
	part->pin = NULL;
	return -ENOMEM;
}

int lade_android_libbpf(struct android_decision *android)
{
	const struct lade_object *object = android->object;
	struct lade_finding *note = lade_note_add(&android->decision->notes, "boot.android.table",
						  "%s: owners and modes are not known: root's", object->file);
	int result = 0;
	finding_object(note, object->file);
	for (uint32_t i = 0; result == 0 && i < object->maps.count; i++)
		if (!object->maps.items[i]->is_data && !object->maps.items[i]->inner_only)
			result = name_pin(android, "map", object->maps.items[i]->name, &android->decision->maps[i]);
	for (uint32_t i = 0; result == 0 && i < object->programs.count; i++)
		result = name_pin(android, "prog", object->programs.items[i]->section, &android->decision->programs[i]);
	return result;
}
