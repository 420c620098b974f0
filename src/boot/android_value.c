/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Android's loader would have returned and logged where Lade found more: its loadProg() knows a handful of
 * numbers, prints them with strerror(), and so calls a program that the verifier rejected "Operation not permitted".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot/android.h"

#define NO_CODE     "Couldn't read all code sections in "
#define NO_PROGRAMS "Failed to load programs, loadCodeSections ret="

static const struct row {
	const char *code; /* or its beginning, with a dot at the end */
	int value;
	const char *line; /* NULL: none, or one with numbers */
	bool has_path;    /* the line ends in the object's path */
} rows[] = {
	{ "dialect.android.license", -2, "Couldn't find license in ", true },
	{ "dialect.android.required", -1 },
	{ "dialect.android.size", -1 },
	{ "dialect.android.stride", -1 },
	{ "dialect.android.zero", BOOT_ANDROID_ABORT },
	{ "dialect.android.undefined", -EINVAL, NO_PROGRAMS "-22" },
	{ "dialect.no-program", 0 }, /* there is nothing to do, and it does it */
	{ "dialect.", -1, NO_CODE, true },
	{ "elf.", -1, NO_CODE, true },
	{ "btf.", -1 },
	{ "plan.", -1 },
	{ "verifier.", -1, NO_PROGRAMS "-1" },
	{ "program.load.", -1, NO_PROGRAMS "-1" },
	{ "kernel.bpf.absent", -ENOSYS, "Failed to create maps: (ret=-38) in ", true },
	{ "pin.map.", -ENOTUNIQ, "Failed to create maps: (ret=-76) in ", true },
};

static bool is_of(const struct row *row, const char *code)
{
	size_t length = strlen(row->code);
	return row->code[length - 1] == '.' ? strncmp(code, row->code, length) == 0 : strcmp(code, row->code) == 0;
}

/* ---- lines with numbers, which the finding's message has ---- */

static unsigned long number_after(const char *message, const char *words)
{
	const char *place = strstr(message, words);
	return place ? strtoul(place + strlen(words), NULL, 10) : 0;
}

static void say_required(const struct boot_location *location, const char *path, const char *message,
			 struct boot_log *log)
{
	lade_boot_log_add(log, LADE_BOOT_ERROR,
			  "BpfLoader version 0x%05x failing due to ELF object %s with required min ver 0x%05lx",
			  location->loader, path, number_after(message, "requires bpfloader version "));
}

static void say_size(const char *message, struct boot_log *log)
{
	const char *which = strstr(message, "size_of_bpf_prog_def") ? "prog" : "map";
	lade_boot_log_add(log, LADE_BOOT_ERROR, "sizeof(bpf_%s_def) of %lu is too small (< %u)", which,
			  number_after(message, " says "), which[0] == 'p' ? 20U : 32U);
}

static void say_stride(const char *path, const char *message, struct boot_log *log)
{
	bool is_map = !strstr(message, "section progs");
	unsigned long bytes = number_after(message, is_map ? "section maps: " : "section progs: ");
	unsigned long record = number_after(message, "records of ");
	const char *what = is_map ? "createMaps failed due to improper sized maps section"
				  : "readProgDefs failed due to improper sized progs section";
	if (record)
		lade_boot_log_add(log, LADE_BOOT_ERROR, "%s, %lu %% %lu != 0", what, bytes, record);
	if (is_map)
		lade_boot_log_add(log, LADE_BOOT_ERROR, "Failed to create maps: (ret=-1) in %s", path);
	else
		lade_boot_log_add(log, LADE_BOOT_ERROR, NO_CODE "%s", path);
}

static void say(const struct row *row, const struct boot_location *location, const char *path, const char *message,
		struct boot_log *log)
{
	if (strcmp(row->code, "dialect.android.required") == 0)
		say_required(location, path, message, log);
	else if (strcmp(row->code, "dialect.android.size") == 0)
		say_size(message, log);
	else if (strcmp(row->code, "dialect.android.stride") == 0)
		say_stride(path, message, log);
	else if (row->line)
		lade_boot_log_add(log, LADE_BOOT_ERROR, "%s%s", row->line, row->has_path ? path : "");
}

/* Maps come before programs, so that a refused call says in which of the two loops it was. */
static int from_errno(const struct lade_finding *finding, int code, const char *path, struct boot_log *log)
{
	if (finding && finding->phase == LADE_PHASE_VERIFY) {
		lade_boot_log_add(log, LADE_BOOT_ERROR, NO_PROGRAMS "-1");
		return -1;
	}
	if (finding && finding->phase == LADE_PHASE_MAP)
		lade_boot_log_add(log, LADE_BOOT_ERROR, "Failed to create maps: (ret=%d) in %s", code, path);
	return code;
}

static bool starts_file(const struct lade_finding *finding)
{
	return strcmp(finding->code, "elf.open") == 0 || strcmp(finding->code, "elf.permission") == 0;
}

int lade_boot_android_value(const struct boot_location *location, const char *path, const struct lade_error *error,
			    struct boot_log *log)
{
	const struct lade_finding *finding = lade_error_finding(error, 0);
	int code = lade_error_code(error);
	if (finding && starts_file(finding))
		return -1;
	for (size_t i = 0; finding && i < ELEMENTS(rows); i++) {
		if (!is_of(&rows[i], finding->code))
			continue;
		say(&rows[i], location, path, finding->message ? finding->message : "", log);
		return rows[i].value;
	}
	return from_errno(finding, code, path, log);
}
