/* SPDX-License-Identifier: BSD-2-Clause */
/* lade check: would these objects load on those kernels? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "load_options.h"

#define CPUS_MOST      8192
#define DEFAULT_KERNEL "lts" /* where nothing says which: what is maintained for years */

const struct cli_option verb_check_options[] = {
	{ 'k', "kernel", "LIST",
	  "kernels: 4.19, 5.10..6.12, lts, android14-6.1, a saved lade doctor --json, a vmlinuz, vmlinux, .deb or "
	  ".rpm; "
	  "commas between; may be repeated; default: lts" },
	{ 0, "btf", "FILE", "the kernel's types: BTF, vmlinux, either packed" },
	{ 0, "config", "FILE", "the kernel's configuration, plain or gzip" },
	{ 0, "system-map", "FILE", "the kernel's symbols: System.map, or a copy of /proc/kallsyms" },
	{ 0, "events", "DIR", "a copy of tracefs' events: DIR/CATEGORY/EVENT/format" },
	{ 0, "machine", "M", "the kernel's processor as uname -m has it: x86_64, aarch64 …" },
	{ 0, "cpus", "N", "how many processors the machine may have" },
	{ 0, "attach", "[[PROG=]TARGET]", "what attaching needs counts, too; may be repeated", cli_is_attach_target },
	{ 0, "allow-unknown", NULL, "exit 0 also where it cannot be said" },
	{ 0, "html", "FILE", "write the answers as one page that needs nothing else" },
	{ 0, "android", "VERSION",
	  "the objects that Android 10 to 16 would load, of --root; operands are directories" },
	{ 0, "root", "DIR", "with --android: an unpacked system image" },
	OBJECT_OPTIONS,
	{ 0 },
};

/* ---- the matrix ---- */

enum check_state check_state(const struct check_row *row, size_t target)
{
	if (row->error)
		return CHECK_BAD;
	if (row->skip || !row->cells || !row->cells[target])
		return CHECK_LEFT_OUT;
	switch (lade_check_answer(row->cells[target])) {
	case LADE_CHECK_LOADS:
		return CHECK_LOADS;
	case LADE_CHECK_DOES_NOT:
		return CHECK_DOES_NOT;
	default:
		return CHECK_CANNOT_SAY;
	}
}

const char *check_state_word(enum check_state state)
{
	static const char *const words[] = {
		[CHECK_LOADS] = "loads",    [CHECK_CANNOT_SAY] = "cannot_say", [CHECK_DOES_NOT] = "does_not_load",
		[CHECK_BAD] = "bad_object", [CHECK_LEFT_OUT] = "left_out",
	};

	return words[state];
}

const char *check_state_text(enum check_state state)
{
	static const char *const texts[] = {
		[CHECK_LOADS] = "loads",    [CHECK_CANNOT_SAY] = "cannot be said", [CHECK_DOES_NOT] = "does not load",
		[CHECK_BAD] = "bad object", [CHECK_LEFT_OUT] = "left out",
	};

	return texts[state];
}

struct lade_target_info check_target(const struct check_matrix *matrix, size_t target)
{
	struct lade_target_info info = { .size = sizeof info };

	if (lade_target_describe(lade_target(matrix->targets, target), &info) < 0 || !info.name)
		info.name = "?";
	return info;
}

bool check_by_table(const struct check_matrix *matrix)
{
	for (size_t i = 0; i < matrix->row_count; i++)
		for (size_t j = 0; matrix->rows[i].cells && j < matrix->target_count; j++)
			if (matrix->rows[i].cells[j] && lade_check_by_table(matrix->rows[i].cells[j]))
				return true;
	return false;
}

static void clear_row(struct check_row *row, size_t targets)
{
	for (size_t i = 0; row->cells && i < targets; i++)
		(void)lade_check_free(row->cells[i]);
	free(row->cells);
	(void)lade_error_free(row->error);
}

static void clear_matrix(struct check_matrix *matrix)
{
	for (size_t i = 0; matrix->rows && i < matrix->row_count; i++)
		clear_row(&matrix->rows[i], matrix->target_count);
	free(matrix->rows);
	(void)lade_needs_free(matrix->needs);
	(void)lade_targets_free(matrix->targets);
}

/* ---- options ---- */

/* All --kernel, commas between; to be freed. */
static char *join_kernels(const struct cli *cli)
{
	size_t position = 0, length = 1;
	const char *value;

	while ((value = cli_next_value(cli, "kernel", &position)))
		length += strlen(value) + 1;
	char *joined = calloc(1, length), *end = joined;
	for (position = 0; joined && (value = cli_next_value(cli, "kernel", &position));)
		end = stpcpy(stpcpy(end, end == joined ? "" : ","), value);
	return joined;
}

static bool has_pieces(const struct lade_target_opts *opts)
{
	return opts->btf || opts->config || opts->system_map || opts->events;
}

static int open_targets(struct cli *cli, struct check_matrix *matrix)
{
	struct lade_target_opts opts = {
		.size = sizeof opts,
		.btf = cli_value(cli, "btf"),
		.config = cli_value(cli, "config"),
		.system_map = cli_value(cli, "system-map"),
		.events = cli_value(cli, "events"),
		.machine = cli_value(cli, "machine"),
	};
	struct lade_error *error = NULL;
	uint64_t cpus = 0;

	if (cli_value(cli, "cpus") && !cli_number(cli, "cpus", cli_value(cli, "cpus"), CPUS_MOST, &cpus))
		return EXIT_USAGE;
	opts.cpus = (unsigned)cpus;
	char *kernels = join_kernels(cli);
	if (!kernels)
		return cli_fail_memory(cli);
	if (cli_count(cli, "kernel"))
		opts.kernels = kernels;
	else if (!has_pieces(&opts))
		opts.kernels = DEFAULT_KERNEL;
	int result = lade_targets_open(cli->context, &opts, &matrix->targets, &error);
	free(kernels);
	if (result < 0)
		return cli_fail(cli, error);
	matrix->target_count = lade_target_count(matrix->targets);
	return -1;
}

/* ---- checking ---- */

/* A failure that no kernel is to blame for is the object's: it is told once, in its row. */
static int check_row(struct cli *cli, struct check_matrix *matrix, const struct load_options *options,
		     struct lade_object *object, struct check_row *row)
{
	struct lade_check_opts opts = { .size = sizeof opts, .attach = matrix->attach, .load = &options->load };

	row->cells = calloc(matrix->target_count + 1, sizeof *row->cells);
	if (!row->cells || lade_needs_add(matrix->needs, object) < 0)
		return cli_fail_memory(cli);
	for (size_t i = 0; i < matrix->target_count; i++)
		if (lade_check_object(object, lade_target(matrix->targets, i), &opts, &row->cells[i], &row->error) < 0)
			return row->error ? -1 : cli_fail_memory(cli);
	return -1;
}

/* -1 to go on, also with a bad object; else the exit code. */
static int check_file(struct cli *cli, struct check_matrix *matrix, const struct load_options *options,
		      struct check_row *row)
{
	struct lade_object *object = NULL;
	int code = load_options_open(cli, options, row->file, &object, &row->error);

	if (code == EXIT_USAGE && row->error)
		code = cli_fail(cli, row->error), row->error = NULL;
	else if (code >= 0 && row->error)
		code = -1;
	if (object)
		code = check_row(cli, matrix, options, object, row);
	(void)lade_object_free(object);
	return code;
}

static int check_rows(struct cli *cli, struct check_matrix *matrix, const struct load_options *options)
{
	int code = -1;

	for (size_t i = 0; code < 0 && i < matrix->row_count; i++)
		if (!matrix->rows[i].error && !matrix->rows[i].skip)
			code = check_file(cli, matrix, options, &matrix->rows[i]);
	return code;
}

static size_t count_state(const struct check_matrix *matrix, enum check_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < matrix->row_count; i++)
		for (size_t j = 0; j < matrix->target_count; j++)
			count += check_state(&matrix->rows[i], j) == state;
	return count;
}

/* The worst of them: an object that loads nowhere, one that does not load there, one of which it cannot be said. */
static int exit_code(const struct cli *cli, const struct check_matrix *matrix)
{
	for (size_t i = 0; i < matrix->row_count; i++)
		if (matrix->rows[i].error)
			return lade_error_exit_code(matrix->rows[i].error);
	if (count_state(matrix, CHECK_DOES_NOT))
		return EXIT_KERNEL;
	return count_state(matrix, CHECK_CANNOT_SAY) && !cli_flag(cli, "allow-unknown") ? EXIT_PARTLY : EXIT_OK;
}

/* ---- telling ---- */

static int fail_page(const struct cli *cli, const char *path, int result)
{
	struct json_object *document = cli->json ? cli_json_document(false) : NULL;
	const char *reason = strerror(-result);

	if (!document) {
		(void)fprintf(stderr, "error[environment.output]: --html: cannot write ");
		cli_put_safe(stderr, path);
		(void)fprintf(stderr,
			      ": %s\n  fix      name a file in a directory that you may write, with room on it\n",
			      reason);
		return EXIT_ENVIRONMENT;
	}
	struct json_object *finding = json_object_new_object();
	char *message = NULL;
	if (asprintf(&message, "--html: cannot write %s: %s", path, reason) < 0)
		message = NULL;
	cli_json_string(finding, "code", "environment.output");
	cli_json_string(finding, "severity", "error");
	cli_json_string(finding, "confidence", "certain");
	cli_json_string(finding, "message", message);
	free(message);
	(void)json_object_array_add(cli_json_array(document, "findings"), finding);
	(void)fprintf(stderr, "%s\n", json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN));
	json_object_put(document);
	return EXIT_ENVIRONMENT;
}

/* Nothing is left to be told of: a failure as of every verb. */
static int fail_all(const struct cli *cli, const struct check_matrix *matrix)
{
	struct lade_error **errors = calloc(matrix->row_count, sizeof *errors);
	int code;

	if (!errors)
		return cli_fail_memory(cli);
	for (size_t i = 0; i < matrix->row_count; i++) {
		errors[i] = matrix->rows[i].error;
		matrix->rows[i].error = NULL;
	}
	code = cli_fail_all(cli, errors, matrix->row_count);
	free(errors);
	return code;
}

static size_t count_bad(const struct check_matrix *matrix)
{
	size_t count = 0;

	for (size_t i = 0; i < matrix->row_count; i++)
		count += matrix->rows[i].error != NULL;
	return count;
}

static int tell(const struct cli *cli, const struct check_matrix *matrix)
{
	const char *page = cli_value(cli, "html");
	int code = exit_code(cli, matrix), printed;

	if (count_bad(matrix) == matrix->row_count)
		return fail_all(cli, matrix);
	printed = cli->json ? check_print_json(cli, matrix, code) : check_print_table(cli, matrix);
	int written = page ? check_write_page(matrix, page) : 0;
	if (written < 0) {
		(void)fflush(stdout);
		return fail_page(cli, page, written);
	}
	return printed == EXIT_OK ? code : printed;
}

/* ---- the verb ---- */

static int prepare_files(struct cli *cli, struct check_matrix *matrix, int argc, char **argv)
{
	matrix->row_count = (size_t)argc;
	matrix->rows = calloc(matrix->row_count + 1, sizeof *matrix->rows);
	for (size_t i = 0; matrix->rows && i < matrix->row_count; i++)
		matrix->rows[i].file = matrix->rows[i].label = argv[i];
	return matrix->rows ? -1 : cli_fail_memory(cli);
}

static int prepare_image(struct cli *cli, struct check_matrix *matrix, int argc, char **argv, struct check_image *image,
			 struct load_options *options)
{
	int code = check_image_read(cli, argc, argv, matrix, image);

	if (code >= 0)
		return code;
	matrix->rows = image->rows;
	matrix->row_count = image->count;
	image->rows = NULL;
	options->open.loader_version = image->open.loader_version;
	options->open.build_type = image->open.build_type;
	return -1;
}

static int run(struct cli *cli, int argc, char **argv, struct check_matrix *matrix, struct load_options *options)
{
	struct check_image image = { 0 };
	int code = load_options_read(cli, options);

	matrix->attach = cli_count(cli, "attach") > 0;
	matrix->needs = lade_needs_new();
	if (code < 0)
		code = matrix->needs ? open_targets(cli, matrix) : cli_fail_memory(cli);
	if (code < 0)
		code = cli_value(cli, "android") ? prepare_image(cli, matrix, argc, argv, &image, options)
						 : prepare_files(cli, matrix, argc, argv);
	if (code < 0)
		code = check_rows(cli, matrix, options);
	if (code < 0)
		code = tell(cli, matrix);
	clear_matrix(matrix);
	matrix->rows = NULL;
	(void)lade_boot_free(image.boot);
	return code;
}

int verb_check(struct cli *cli, int argc, char **argv)
{
	struct check_matrix matrix = { 0 };
	struct load_options options = { 0 };

	if (!argc && !cli_value(cli, "android"))
		return cli_usage(cli, "check needs OBJ…, or --android VERSION with --root DIR");
	if (cli_value(cli, "root") && !cli_value(cli, "android"))
		return cli_usage(cli, "--root is for --android VERSION");
	int code = run(cli, argc, argv, &matrix, &options);
	load_options_clear(&options);
	return code;
}
