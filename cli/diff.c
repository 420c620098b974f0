/* SPDX-License-Identifier: BSD-2-Clause */
/* lade diff: what differs between two objects, or between what is known of two kernels. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diff.h"
#include "doctor.h"
#include "load_options.h"

const struct cli_option verb_diff_options[] = {
	{ 0, "exit-code", NULL, "exit 1 when they differ" },
	{ 0, "type", "[PROG=]TYPE", "program type of both objects, where the section does not give it" },
	{ 0, "dialect", "D", "read both objects as this dialect" },
	{ 0, "loader-version", "N", "Android: read both objects as bpfloader N would" },
	{ 0, "build-type", "T", "Android: as on an eng, user or userdebug build" },
	{ 0, "machine", "M", "of kernels: their processor as uname -m has it" },
	{ 0 },
};

/* ---- what they are ---- */

enum kind { KIND_OBJECT, KIND_REPORT, KIND_KERNEL };

/* A file that is not there but is called like an object was meant to be one. */
static bool is_called_object(const char *path)
{
	size_t length = strlen(path);

	return (length > 2 && strcmp(path + length - 2, ".o") == 0) ||
	       (length > 4 && strcmp(path + length - 4, ".bpf") == 0);
}

static enum kind kind_of(const char *path)
{
	unsigned char head[20] = { 0 };
	struct stat status;

	if (stat(path, &status) < 0)
		return is_called_object(path) ? KIND_OBJECT : KIND_KERNEL;
	FILE *file = S_ISREG(status.st_mode) ? fopen(path, "re") : NULL;
	if (!file)
		return is_called_object(path) ? KIND_OBJECT : KIND_KERNEL;
	size_t size = fread(head, 1, sizeof head, file);
	(void)fclose(file);
	if (memchr(head, '{', size) && !memcmp(head, "{", 1) && !is_called_object(path))
		return KIND_REPORT;
	if (size < sizeof head || memcmp(head, ELFMAG, SELFMAG) != 0)
		return is_called_object(path) ? KIND_OBJECT : KIND_KERNEL;
	/* vmlinux and modules are for a processor; objects for BPF, or without a machine as old compilers left them */
	bool is_big = head[EI_DATA] == ELFDATA2MSB;
	unsigned machine = is_big ? (unsigned)head[18] << 8 | head[19] : (unsigned)head[19] << 8 | head[18];
	return machine == EM_BPF || machine == EM_NONE || is_called_object(path) ? KIND_OBJECT : KIND_KERNEL;
}

static int finish(const struct cli *cli, struct diff *diff)
{
	int code = diff_print(cli, diff);

	if (code == EXIT_OK && diff->count && cli_flag(cli, "exit-code"))
		code = EXIT_USAGE; /* 1, as of diff(1) */
	return code;
}

/* ---- two of the library's ---- */

static int show(const struct cli *cli, const char *const *names, const char *kind, const struct lade_compare *compare)
{
	struct diff diff = { .names = names, .kind = kind };
	struct lade_difference_info info = { .size = sizeof info };
	int code = -1;

	for (size_t i = 0; code < 0 && lade_compare_difference(compare, i, &info) == 0; i++)
		code = diff_add(cli, &diff, &info);
	if (code < 0)
		code = finish(cli, &diff);
	diff_clear(&diff);
	return code;
}

static int diff_objects(struct cli *cli, char **names, const struct load_options *options)
{
	struct lade_object *objects[2] = { NULL };
	struct lade_compare *compare = NULL;
	struct lade_error *error = NULL;
	int code = load_options_open(cli, options, names[0], &objects[0], &error);

	if (code < 0)
		code = load_options_open(cli, options, names[1], &objects[1], &error);
	if (code < 0 && lade_compare_objects(objects[0], objects[1], &compare, &error) < 0)
		code = EXIT_ENVIRONMENT;
	if (code < 0)
		code = show(cli, (const char *const *)names, "objects", compare);
	else if (error)
		code = cli_fail(cli, error);
	(void)lade_compare_free(compare);
	(void)lade_object_free(objects[0]);
	(void)lade_object_free(objects[1]);
	return code;
}

/* A configuration or types alone describe a kernel, too; what else a file is, the library finds out. */
static void choose_piece(const char *name, struct lade_target_opts *opts)
{
	static const unsigned char btf_magic[] = { 0x9f, 0xeb }, gzip_magic[] = { 0x1f, 0x8b };
	const char *slash = strrchr(name, '/');
	char head[4096] = "";
	struct stat status;
	FILE *file = stat(name, &status) == 0 && S_ISREG(status.st_mode) ? fopen(name, "re") : NULL;
	size_t size = file ? fread(head, 1, sizeof head - 1, file) : 0;

	if (file)
		(void)fclose(file);
	bool is_packed = size > 2 && memcmp(head, gzip_magic, 2) == 0;
	if (size > 2 && (memcmp(head, btf_magic, 2) == 0 || (head[0] == (char)0xeb && head[1] == (char)0x9f)))
		opts->btf = name;
	else if (strstr(head, "CONFIG_") || (is_packed && strstr(slash ? slash : name, "config")))
		opts->config = name;
	else
		opts->kernels = name;
}

static int open_kernel(struct cli *cli, const char *name, struct lade_targets **ret_targets, struct lade_error **error)
{
	struct lade_target_opts opts = { .size = sizeof opts, .machine = cli_value(cli, "machine") };

	choose_piece(name, &opts);
	if (lade_targets_open(cli->context, &opts, ret_targets, error) < 0)
		return -EINVAL;
	if (lade_target_count(*ret_targets) == 1)
		return 0;
	(void)cli_usage(cli, "diff compares one kernel with one other: %s are %zu", name,
			lade_target_count(*ret_targets));
	return -ERANGE;
}

static int diff_kernels(struct cli *cli, char **names)
{
	struct lade_targets *targets[2] = { NULL };
	struct lade_compare *compare = NULL;
	struct lade_error *error = NULL;
	int result = open_kernel(cli, names[0], &targets[0], &error), code = EXIT_USAGE;

	if (result == 0)
		result = open_kernel(cli, names[1], &targets[1], &error);
	if (result == 0)
		result = lade_compare_targets(lade_target(targets[0], 0), lade_target(targets[1], 0), &compare, &error);
	if (result == 0)
		code = show(cli, (const char *const *)names, "kernels", compare);
	else if (result != -ERANGE || error)
		code = cli_fail(cli, error);
	(void)lade_compare_free(compare);
	(void)lade_targets_free(targets[0]);
	(void)lade_targets_free(targets[1]);
	return code;
}

/* ---- two reports of doctor ---- */

struct report_diff {
	const struct cli *cli;
	struct diff *diff;
	int code;
};

static void add_fact(void *userdata, const char *key, const char *before, const char *after)
{
	struct report_diff *report = userdata;
	const char *slash = strchr(key, '/');
	char *section = slash ? strndup(key, (size_t)(slash - key)) : NULL;
	const struct lade_difference_info info = {
		.change = before && after ? LADE_DIFFERENCE_CHANGED
			  : before        ? LADE_DIFFERENCE_REMOVED
					  : LADE_DIFFERENCE_ADDED,
		.section = section ? section : "",
		.name = slash ? slash + 1 : key,
		.before = before,
		.after = after,
	};

	if (report->code < 0)
		report->code = diff_add(report->cli, report->diff, &info);
	free(section);
}

static int diff_reports(const struct cli *cli, char **names, struct json_object *old, struct json_object *now)
{
	struct diff diff = { .names = (const char *const *)names, .kind = "reports" };
	struct report_diff report = { cli, &diff, -1 };

	cli_doctor_changes(old, now, add_fact, &report);
	if (report.code < 0)
		report.code = finish(cli, &diff);
	diff_clear(&diff);
	return report.code;
}

/* Two reports hold facts that no other description of a kernel has; one of them alone is a kernel as others are. */
static int diff_described(struct cli *cli, char **names, const enum kind *kinds)
{
	struct json_object *reports[2] = { NULL };
	int code;

	for (size_t i = 0; i < 2; i++)
		if (kinds[i] == KIND_REPORT)
			reports[i] = cli_doctor_read(names[i]);
	if (reports[0] && reports[1])
		code = diff_reports(cli, names, reports[0], reports[1]);
	else
		code = diff_kernels(cli, names);
	for (size_t i = 0; i < 2; i++)
		if (reports[i])
			(void)json_object_put(reports[i]);
	return code;
}

int verb_diff(struct cli *cli, int argc, char **argv)
{
	const enum kind kinds[2] = { kind_of(argv[0]), kind_of(argv[1]) };
	struct load_options options = { 0 };
	int code;

	(void)argc;
	if ((kinds[0] == KIND_OBJECT) != (kinds[1] == KIND_OBJECT))
		return cli_usage(cli, "diff compares two objects or two kernels: %s is an object, %s is none",
				 argv[kinds[0] == KIND_OBJECT ? 0 : 1], argv[kinds[0] == KIND_OBJECT ? 1 : 0]);
	code = load_options_read(cli, &options);
	if (code < 0)
		code = kinds[0] == KIND_OBJECT ? diff_objects(cli, argv, &options) : diff_described(cli, argv, kinds);
	load_options_clear(&options);
	return code;
}
