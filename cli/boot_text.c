/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot did, for people: one screen. */
#include <inttypes.h>
#include <string.h>

#include "boot.h"

static const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* ---- the choice ---- */

static void print_choice(const struct lade_boot_info *info)
{
	if (info->is_android)
		(void)printf("Android %s: loader %" PRIu32 ", build type %s, kernel %s, %s\n", info->android,
			     info->loader_version, info->build_type, info->kernel, info->machine);
}

/* The line above has it. */
static bool is_choice(const struct lade_finding *note)
{
	struct lade_finding_info info = { .size = sizeof info };

	return lade_finding_describe(note, &info) == 0 && strcmp(info.code, "boot.android.chosen") == 0;
}

/* ---- one object ---- */

static size_t count_parts(const struct lade_boot *boot, size_t object, enum lade_boot_part_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < lade_boot_part_count(boot, object); i++) {
		struct lade_boot_part_info part = { .size = sizeof part };
		if (lade_boot_part(boot, object, i, &part) == 0 && part.kind == kind && !part.skip)
			count++;
	}
	return count;
}

static const char *first_message(const struct lade_boot_object_info *info, char *buffer, size_t size)
{
	struct lade_finding_info finding = { .size = sizeof finding };
	const struct lade_finding *first = info->outcome == LADE_BOOT_FAILED ? lade_error_finding(info->error, 0)
					   : info->note_count                ? info->notes[0]
									     : NULL;

	if (!first || lade_finding_describe(first, &finding) < 0 || !finding.message)
		return NULL;
	(void)snprintf(buffer, size, "%s", finding.message);
	buffer[strcspn(buffer, "\n")] = '\0';
	return buffer;
}

static void print_object(struct cli_table *table, const struct lade_boot *boot, size_t index)
{
	struct lade_boot_object_info info = { .size = sizeof info };
	char text[200];

	(void)lade_boot_object(boot, index, &info);
	cli_row(table, 2, leaf_of(info.file), lade_boot_outcome_name(info.outcome));
	if (info.outcome == LADE_BOOT_FAILED || info.outcome == LADE_BOOT_SKIPPED) {
		const char *why = first_message(&info, text, sizeof text);
		cli_cell(table, 2, "%s%s", info.critical && info.outcome == LADE_BOOT_FAILED ? "critical: " : "",
			 why ? why : "");
		return;
	}
	if (info.outcome == LADE_BOOT_NOT_TRIED)
		return;
	size_t maps = count_parts(boot, index, LADE_BOOT_MAP), programs = count_parts(boot, index, LADE_BOOT_PROGRAM);
	cli_cell(table, 2, "%zu map%s, %zu program%s", maps, maps == 1 ? "" : "s", programs, programs == 1 ? "" : "s");
	if (info.outcome == LADE_BOOT_LOADED)
		cli_cell(table, 3, "%.1f ms", (double)info.elapsed_ns / 1e6);
}

/* ---- everything of one object ---- */

static void print_part(struct cli_table *table, const struct lade_boot_part_info *part)
{
	cli_row(table, 2, part->kind == LADE_BOOT_MAP ? "map" : "program", part->name);
	if (part->skip) {
		cli_cell(table, 2, "left out: %s", part->skip);
		return;
	}
	cli_cell(table, 2, "%s", part->pin ? part->pin : "not pinned");
	cli_cell(table, 3, "%" PRIu32 ":%" PRIu32 " %04o", part->uid, part->gid, part->mode & 07777u);
	if (part->uid != part->wanted_uid || part->gid != part->wanted_gid)
		cli_cell(table, 4, "wants %" PRIu32 ":%" PRIu32, part->wanted_uid, part->wanted_gid);
	if (part->held)
		cli_cell(table, 5, "%s", *part->held ? part->held : "attached by lade-hold");
	else if (part->reused)
		cli_cell(table, 5, "reused");
}

static void print_whole_object(const struct cli *cli, const struct lade_boot *boot, size_t index, const char **location)
{
	struct lade_boot_object_info info = { .size = sizeof info };
	struct cli_table table = { .indent = 4 };
	char text[200];
	const char *why;

	(void)lade_boot_object(boot, index, &info);
	if (!*location || strcmp(*location, info.location) != 0) {
		cli_put_safe(stdout, info.location);
		(void)putchar('\n');
	}
	*location = info.location;
	why = first_message(&info, text, sizeof text);
	(void)fputs("  ", stdout);
	cli_put_safe(stdout, leaf_of(info.file));
	(void)printf(": %s%s%s%s%s%s",
		     info.outcome == LADE_BOOT_PLANNED ? "would be loaded" : lade_boot_outcome_name(info.outcome),
		     info.name ? " as " : "", info.name ? info.name : "", info.critical ? " (critical: " : "",
		     info.critical ? info.critical : "", info.critical ? ")" : "");
	if (why && (info.outcome == LADE_BOOT_SKIPPED || info.outcome == LADE_BOOT_FAILED)) {
		(void)fputs(": ", stdout);
		cli_put_safe(stdout, why);
	}
	(void)putchar('\n');
	for (size_t i = 0; i < lade_boot_part_count(boot, index); i++) {
		struct lade_boot_part_info part = { .size = sizeof part };
		if (lade_boot_part(boot, index, i, &part) == 0)
			print_part(&table, &part);
	}
	(void)cli_table_print(&table, stdout);
	for (size_t i = 0; i < info.note_count; i++)
		cli_print_note(cli, info.notes[i]);
}

/* ---- held, and the sum ---- */

static void print_held(const struct lade_boot *boot)
{
	for (size_t object = 0; object < lade_boot_object_count(boot); object++)
		for (size_t i = 0; i < lade_boot_part_count(boot, object); i++) {
			struct lade_boot_part_info part = { .size = sizeof part };
			if (lade_boot_part(boot, object, i, &part) < 0 || !part.held)
				continue;
			(void)printf("  held     ");
			cli_put_safe(stdout, part.name);
			(void)printf("%s%s: this kernel cannot pin it; lade-hold attaches it and stays\n",
				     *part.held ? " on " : "", part.held);
		}
}

static void print_sum(const struct lade_boot *boot, const struct lade_boot_info *info, bool dry_run)
{
	size_t planned = 0;

	for (size_t i = 0; i < lade_boot_object_count(boot); i++) {
		struct lade_boot_object_info object = { .size = sizeof object };
		(void)lade_boot_object(boot, i, &object);
		planned += object.outcome == LADE_BOOT_PLANNED;
	}
	if (dry_run)
		(void)printf("%zu would be loaded", planned);
	else
		(void)printf("%zu loaded, %zu unchanged", info->loaded, info->unchanged);
	(void)printf(", %zu skipped, %zu failed in %.1f ms\n", info->skipped, info->failed,
		     (double)info->elapsed_ns / 1e6);
}

void boot_print_text(const struct cli *cli, const struct lade_boot *boot, bool dry_run)
{
	struct lade_boot_info info = { .size = sizeof info };
	struct cli_table table = { .indent = 2 };
	const char *location = NULL;
	bool whole = dry_run || cli->verbose;

	if (cli->quiet || lade_boot_describe(boot, &info) < 0)
		return;
	print_choice(&info);
	for (size_t i = 0; i < lade_boot_note_count(boot); i++)
		if (!is_choice(lade_boot_note(boot, i)))
			cli_print_note(cli, lade_boot_note(boot, i));
	for (size_t i = 0; i < lade_boot_object_count(boot); i++)
		if (whole)
			print_whole_object(cli, boot, i, &location);
		else
			print_object(&table, boot, i);
	(void)cli_table_print(&table, stdout);
	print_held(boot);
	print_sum(boot, &info, dry_run);
	(void)fflush(stdout);
}

void boot_print_failures(const struct cli *cli, const struct lade_boot *boot)
{
	for (size_t i = 0; i < lade_boot_object_count(boot); i++) {
		struct lade_boot_object_info info = { .size = sizeof info };
		(void)lade_boot_object(boot, i, &info);
		for (size_t j = 0; info.outcome == LADE_BOOT_FAILED && j < lade_error_finding_count(info.error); j++)
			cli_print_finding(cli, stderr, lade_error_finding(info.error, j));
	}
}
