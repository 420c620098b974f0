/* SPDX-License-Identifier: BSD-2-Clause */
/* lade boot: objects of directories under a policy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "boot_log.h"
#include "boot_status.h"
#include "load_options.h"
#include "places.h"

#define ANDROID_DELAY_S 20 /* that Android's loader leaves for its log to be read, before the machine starts again */

const struct cli_option verb_boot_options[] = {
	{ 0, "android", "VERSION", "by the rules of Android 10 to 16; without it by the files of /etc/lade/boot.d" },
	{ 0, "loader", "N", "Android: version of its loader; default: 2 for 12, 19 for 13, 46 for 14 and 15" },
	{ 0, "build-type", "TYPE", "Android: user (default), userdebug or eng" },
	{ 0, "kernel", "V", "with --root or --dry-run: another kernel than this one, as uname -r has it" },
	{ 0, "arch", "A", "with --root or --dry-run: another machine than this one, as uname -m has it" },
	{ 0, "root", "DIR", "an unpacked system image: what is booted is looked for below it" },
	{ 0, "dry-run", NULL, "say what would be loaded and pinned where; needs no privilege and changes nothing" },
	{ 0, "policy", "DIR", "read the policy from here instead of /etc/lade/boot.d" },
	{ 0, "only", "OBJ", "only this object, by its file's name or path; repeatable" },
	{ 0, "replace", NULL, "replace what runs by what the files hold now; what is attached stays attached" },
	{ 0, "critical-only", NULL, "leave out what is not critical" },
	{ 0, "owners", "root|numeric|names",
	  "pins belong to root (default off Android), to Android's numbers, or to the "
	  "accounts that are called so here" },
	{ 0, "sysctls", NULL, "write the sysctls that the policy wants; default: only compare them" },
	{ 0, "lock", NULL, "at the end: kernel.unprivileged_bpf_disabled=1, if it is 0" },
	{ 0, "timeout", "S", "how long the load of one object may take, its verification included" },
	{ 0, "jobs", "N", "threads; default: one for each CPU" },
	{ 0, "android-delay", NULL, "after a critical failure: wait 20 seconds before the exit, as Android does" },
	BOOT_LOG_OPTIONS,
	{ 0, "status", NULL, "say what the last boot did" },
	BTF_OPTION,
	CONFIG_OPTION,
	{ 0 },
};

/* ---- options ---- */

static int read_owners(const struct cli *cli, enum lade_boot_owners *ret_owners)
{
	static const char *const names[] = {
		[LADE_OWNERS_ROOT] = "root",
		[LADE_OWNERS_NUMERIC] = "numeric",
		[LADE_OWNERS_NAMES] = "names",
	};
	const char *wanted = cli_value(cli, "owners");

	if (!wanted)
		return -1;
	for (size_t i = LADE_OWNERS_ROOT; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], wanted) == 0) {
			*ret_owners = (enum lade_boot_owners)i;
			return -1;
		}
	return cli_usage(cli, "--owners: '%s' is none of root, numeric, names", wanted);
}

static int read_timeout(const struct cli *cli, struct lade_boot_opts *opts)
{
	double seconds = 0;
	int code = cli_seconds(cli, "timeout", 0.001, &seconds);

	if (code < 0 && seconds > 4e6)
		code = cli_usage(cli, "--timeout: that is more than 46 days");
	opts->timeout_ms = (unsigned)(seconds * 1000);
	return code;
}

static int read_numbers(struct cli *cli, struct lade_boot_opts *opts)
{
	const char *loader = cli_value(cli, "loader"), *jobs = cli_value(cli, "jobs");
	uint64_t number;

	if (loader && !cli_number(cli, "loader", loader, 0xffff, &number))
		return EXIT_USAGE;
	opts->loader_version = loader ? (uint32_t)number : 0;
	if (jobs && !cli_number(cli, "jobs", jobs, 1024, &number))
		return EXIT_USAGE;
	opts->jobs = jobs ? (unsigned)number : 0;
	return read_timeout(cli, opts);
}

/* To be freed. */
static const char **list_only(const struct cli *cli, size_t *ret_count)
{
	const char **only = calloc(cli_count(cli, "only") + 1, sizeof *only), *value;
	size_t position = 0;

	for (*ret_count = 0; only && (value = cli_next_value(cli, "only", &position));)
		only[(*ret_count)++] = value;
	return only;
}

static int read_options(struct cli *cli, int argc, char **argv, struct lade_boot_opts *ret_opts)
{
	struct lade_boot_opts opts = {
		.size = sizeof opts,
		.android = cli_value(cli, "android"),
		.build_type = cli_value(cli, "build-type"),
		.kernel = cli_value(cli, "kernel"),
		.machine = cli_value(cli, "arch"),
		.root = cli_value(cli, "root"),
		.policy_directory = cli_value(cli, "policy"),
		.directories = (const char *const *)argv,
		.directory_count = (size_t)argc,
		.dry_run = cli_flag(cli, "dry-run"),
		.replace = cli_flag(cli, "replace"),
		.critical_only = cli_flag(cli, "critical-only"),
		.sysctls = cli_flag(cli, "sysctls"),
		.lock = cli_flag(cli, "lock"),
	};
	int code = read_numbers(cli, &opts);

	if (code < 0)
		code = read_owners(cli, &opts.owners);
	if (code < 0 && opts.android && opts.policy_directory)
		code = cli_usage(cli, "--policy and --android exclude each other: Android's rules are built in");
	if (code < 0)
		*ret_opts = opts;
	return code;
}

/* ---- readiness ---- */

/* Redeploying one object, or looking only, says nothing about the machine. */
static bool is_whole(const struct lade_boot_opts *opts)
{
	return !opts->dry_run && !opts->only_count;
}

static void set_ready(const struct cli *cli, enum lade_ready_state state, const char *text)
{
	struct lade_error *error = NULL;

	if (lade_ready_set(cli_place(PLACE_RUN), state, text, &error) < 0 && !cli->quiet && !cli->json)
		(void)fprintf(stderr, "note: %s\n", lade_error_message(error));
	(void)lade_error_free(error);
}

/* 7: some objects failed that are not critical: Android's property is set all the same. */
static void tell_ready(const struct cli *cli, int result, const struct lade_error *error)
{
	bool ready = result == 0 || result == -EIO;

	set_ready(cli, ready ? LADE_READY_YES : LADE_READY_FAILED, ready ? NULL : lade_error_message(error));
	boot_notify("READY=1");
}

/* ---- one boot ---- */

static int exit_code(int result, const struct lade_error *error)
{
	return result == 0 ? EXIT_OK : lade_error_exit_code(error);
}

static void log_failures(struct boot_log *log, const struct lade_boot *boot)
{
	for (size_t i = 0; i < lade_boot_object_count(boot); i++) {
		struct lade_boot_object_info info = { .size = sizeof info };
		if (lade_boot_object(boot, i, &info) == 0 && info.outcome == LADE_BOOT_FAILED)
			boot_log_error(log, info.error);
	}
}

static int report(const struct cli *cli, const struct lade_boot *boot, const struct lade_boot_opts *opts, int result,
		  const struct lade_error *error)
{
	struct lade_boot_info info = { .size = sizeof info };
	struct json_object *document = boot_json(boot, error, opts->dry_run);
	int code = exit_code(result, error);

	(void)lade_boot_describe(boot, &info);
	if (!document)
		return cli_fail_memory(cli);
	if (is_whole(opts))
		boot_status_save(cli, document);
	if (is_whole(opts) && result == -ECANCELED)
		boot_screen_tell(boot, NULL);
	if (cli->json)
		return cli_json_print(cli, document) == EXIT_OK ? code : EXIT_ENVIRONMENT;
	json_object_put(document);
	if (result == -ECANCELED && !opts->dry_run) { /* one screen: cause first */
		if (cli->verbose)
			boot_print_text(cli, boot, false);
		boot_screen_print(cli, boot, NULL);
		return code;
	}
	boot_print_text(cli, boot, opts->dry_run);
	boot_print_failures(cli, boot);
	return code;
}

/* What keeps a boot from trying anything is told as every other failure is, and where a critical one is told. */
static int fail_early(const struct cli *cli, const struct lade_boot_opts *opts, struct boot_log *log,
		      struct lade_error *error)
{
	int code = lade_error_exit_code(error);

	boot_log_error(log, error);
	if (is_whole(opts) && code != EXIT_USAGE) {
		boot_screen_tell(NULL, error);
		struct json_object *document = cli_json_document(false);
		struct json_object *findings = cli_json_array(document, "findings");
		for (size_t i = 0; i < lade_error_finding_count(error); i++)
			(void)json_object_array_add(findings, cli_finding_json(lade_error_finding(error, i)));
		boot_status_save(cli, document);
		json_object_put(document);
	}
	return cli_fail(cli, error);
}

/* Nothing but the environment keeps it from having objects to tell of. */
static bool was_tried(int result)
{
	return result == 0 || result == -ECANCELED || result == -EIO;
}

/* Without bpf(2) a critical object has failed before it was tried. */
static bool lost_critical(const struct lade_boot *boot)
{
	struct lade_boot_info info = { .size = sizeof info };

	return boot && lade_boot_describe(boot, &info) == 0 && info.critical;
}

static int boot(struct cli *cli, struct lade_boot_opts *opts, struct boot_log *log)
{
	struct lade_boot *booted = NULL;
	struct lade_error *error = NULL;
	int result, code;

	if (is_whole(opts))
		set_ready(cli, LADE_READY_BOOTING, NULL);
	result = lade_boot_run(cli->context, opts, &booted, &error);
	if (is_whole(opts))
		tell_ready(cli, result, error);
	if (!was_tried(result) || !booted) {
		code = error ? fail_early(cli, opts, log, error) : cli_fail_memory(cli);
		if (lost_critical(booted))
			code = EXIT_CRITICAL;
		(void)lade_boot_free(booted);
		return code;
	}
	log_failures(log, booted);
	code = report(cli, booted, opts, result, error);
	if (result == -ECANCELED && cli_flag(cli, "android-delay") && !opts->dry_run)
		(void)sleep(ANDROID_DELAY_S);
	(void)lade_boot_free(booted);
	(void)lade_error_free(error);
	return code;
}

/* -1: go on, else the exit code. */
static int heed_rescue(const struct cli *cli, struct lade_boot_opts *opts)
{
	struct lade_error *notes = NULL;
	enum lade_rescue rescue = opts->dry_run ? LADE_RESCUE_NONE : lade_rescue_read(cli_place(PLACE_CMDLINE), &notes);

	for (size_t i = 0; !cli->quiet && !cli->json && i < lade_error_finding_count(notes); i++)
		cli_print_finding(cli, stderr, lade_error_finding(notes, i));
	(void)lade_error_free(notes);
	if (rescue == LADE_RESCUE_CRITICAL_ONLY)
		opts->critical_only = true;
	if (rescue != LADE_RESCUE_OFF)
		return -1;
	set_ready(cli, LADE_READY_OFF, "lade.boot=off");
	boot_notify("READY=1");
	if (!cli->json)
		return EXIT_OK;
	struct json_object *document = cli_json_document(true);
	cli_json_string(document, "rescue", "off");
	return cli_json_print(cli, document);
}

int verb_boot(struct cli *cli, int argc, char **argv)
{
	struct lade_boot_opts opts;
	struct boot_log log;
	const char **only;
	int code;

	if (cli_flag(cli, "status"))
		return boot_status_print(cli);
	code = read_options(cli, argc, argv, &opts);
	if (code >= 0)
		return code;
	code = heed_rescue(cli, &opts);
	if (code >= 0)
		return code;
	code = boot_log_open(cli, &log);
	if (code >= 0)
		return code;
	only = list_only(cli, &opts.only_count);
	opts.only = only;
	opts.log = boot_log_line;
	opts.status = boot_log_status;
	opts.userdata = &log;
	code = only ? boot(cli, &opts, &log) : cli_fail_memory(cli);
	free(only);
	boot_log_close(&log);
	return code;
}
