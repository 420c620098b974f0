/* SPDX-License-Identifier: BSD-2-Clause */
/* The objects of an Android image, as its loader would find them: a dry run of its boot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* "5.10" is no release as uname has it: "5.10.0". To be freed; NULL: not known, or no memory. */
static char *release_of(const struct lade_target_info *info)
{
	char *release = NULL;
	const char *text = info->release ? info->release : info->version;
	const char *dot = text ? strchr(text, '.') : NULL;

	if (!text)
		return NULL;
	if (asprintf(&release, "%s%s", text, dot && strchr(dot + 1, '.') ? "" : ".0") < 0)
		return NULL;
	return release;
}

static const char *why_left_out(const struct lade_boot_object_info *object)
{
	struct lade_finding_info note = { .size = sizeof note };

	for (size_t i = 0; i < object->note_count; i++)
		if (lade_finding_describe(object->notes[i], &note) == 0 && note.message)
			return note.message;
	return "the image's loader leaves it out";
}

/* As the device calls it: without the root of the image. */
static const char *label_of(const char *file, const char *root)
{
	size_t length = root ? strlen(root) : 0;

	while (length && root[length - 1] == '/')
		length--;
	return length && strncmp(file, root, length) == 0 && file[length] == '/' ? file + length : file;
}

/* What failed to be read is opened again by the check, which then tells why. */
static int take_objects(struct check_image *image, const char *root)
{
	size_t count = lade_boot_object_count(image->boot);

	image->rows = calloc(count + 1, sizeof *image->rows);
	for (size_t i = 0; image->rows && i < count; i++) {
		struct lade_boot_object_info info = { .size = sizeof info };
		if (lade_boot_object(image->boot, i, &info) < 0)
			continue;
		struct check_row *row = &image->rows[image->count++];
		row->file = info.file;
		row->label = label_of(info.file, root);
		if (info.outcome == LADE_BOOT_SKIPPED)
			row->skip = why_left_out(&info);
	}
	return image->rows ? 0 : -1;
}

static int rehearse(struct cli *cli, const struct lade_boot_opts *opts, struct check_image *image)
{
	struct lade_error *error = NULL;
	struct lade_boot_info info = { .size = sizeof info };

	(void)lade_boot_run(cli->context, opts, &image->boot, &error);
	if (!image->boot || !lade_boot_object_count(image->boot))
		return error ? cli_fail(cli, error)
			     : cli_usage(cli, "--android %s: no objects below %s", opts->android,
					 opts->root ? opts->root : "/");
	(void)lade_error_free(error); /* objects that fail: their rows tell */
	if (take_objects(image, opts->root) < 0)
		return cli_fail_memory(cli);
	if (lade_boot_describe(image->boot, &info) == 0) {
		image->open.loader_version = info.loader_version;
		image->open.build_type = info.build_type;
	}
	return -1;
}

int check_image_read(struct cli *cli, int argc, char **argv, const struct check_matrix *matrix,
		     struct check_image *ret_image)
{
	struct lade_target_info target = check_target(matrix, 0);
	char *release = matrix->target_count ? release_of(&target) : NULL;
	struct lade_boot_opts opts = {
		.size = sizeof opts,
		.android = cli_value(cli, "android"),
		.root = cli_value(cli, "root"),
		.build_type = cli_value(cli, "build-type"),
		.kernel = release,
		.machine = target.machine,
		.directories = (const char *const *)argv,
		.directory_count = (size_t)argc,
		.dry_run = true,
	};
	uint64_t loader = 0;

	if (cli_value(cli, "loader-version") &&
	    !cli_number(cli, "loader-version", cli_value(cli, "loader-version"), 0xffff, &loader)) {
		free(release);
		return EXIT_USAGE;
	}
	opts.loader_version = (uint32_t)loader;
	int code = rehearse(cli, &opts, ret_image);
	free(release);
	return code;
}
