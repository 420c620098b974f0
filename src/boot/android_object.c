/* SPDX-License-Identifier: BSD-2-Clause */
/* One object under Android's rules: the steps of loadProg() up to the first system call, in their order. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "boot/android.h"
#include "boot/rules.h"

/* ---- verdicts ---- */

int lade_android_leave_out(struct android_decision *android, const char *why)
{
	struct lade_finding *note = lade_note_add(&android->decision->notes, "boot.android.skipped",
						  "%s is left out: %s", android->path, why);
	finding_object(note, android->object->file);
	android->decision->verdict = BOOT_SKIP;
	android->decision->android_value = 0;
	return 0;
}

struct lade_finding *lade_android_refuse(struct android_decision *android, int value, const char *code,
					 const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text CLEANUP(cleanup_free) = lade_vformat(format, arguments);
	va_end(arguments);
	android->decision->verdict = BOOT_FAIL;
	android->decision->android_value = value;
	struct lade_finding *finding = lade_error_add(&android->decision->error, ENOEXEC, code, "%s: %s",
						      android->object->file, text ? text : "refused");
	finding_object(finding, android->object->file);
	return finding;
}

/* ---- steps ---- */

static android_step *const steps[] = {
	lade_android_begin, lade_android_gate, lade_android_code, lade_android_part_maps, lade_android_part_programs,
};

/* "/system/etc/bpf/netd.o": the path on the device, whatever the root is. */
static char *device_path(const struct boot_location *location, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *path;
	if (asprintf(&path, "%s/%s", location->directory, slash ? slash + 1 : file) < 0)
		return NULL;
	return path;
}

int lade_boot_decide_android(const struct boot_policy *policy, const struct boot_location *location,
			     const struct lade_object *object, struct boot_decision *decision)
{
	char *path CLEANUP(cleanup_free) = device_path(location, object->file);
	struct android_decision android = { policy, location, object, decision, path, location->loader };
	int result = path ? 0 : -ENOMEM;
	for (size_t i = 0; result == 0 && decision->verdict == BOOT_LOAD && i < ELEMENTS(steps); i++)
		result = steps[i](&android);
	return result;
}
