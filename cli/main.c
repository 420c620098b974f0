/* SPDX-License-Identifier: BSD-2-Clause */
/* lade: from the environment and the command line to one verb. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli.h"

/* A kernel object must not become descriptor 0, 1 or 2, else the next message is written into it. */
static bool open_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) /* NOLINT: inherited on purpose */
			return false;
	return true;
}

static void log_line(void *userdata, enum lade_log_level level, const char *line)
{
	(void)userdata, (void)level;
	cli_put_safe(stderr, line);
	(void)putc('\n', stderr);
}

static void log_information(void *userdata, enum lade_log_level level, const char *line)
{
	if (level == LADE_LOG_INFO)
		log_line(userdata, level, line);
}

/* -v, or LADE_LOG=debug (everything) or info. */
static lade_log_fn *choose_log(const struct cli *cli)
{
	const char *wanted = secure_getenv("LADE_LOG");
	if (cli->verbose || (wanted && strcasecmp(wanted, "debug") == 0))
		return log_line;
	return wanted && strcasecmp(wanted, "info") == 0 ? log_information : NULL;
}

static const char *environment(const char *name)
{
	const char *value = secure_getenv(name);
	return value && *value ? value : NULL;
}

/* Verification times are remembered for root alone: nobody else may write where root reads. */
static const char *choose_cache(void)
{
	const char *cache = secure_getenv("LADE_CACHE");
	if (cache)
		return *cache && strcmp(cache, "off") != 0 ? cache : NULL;
	return geteuid() == 0 ? "/var/cache/lade" : NULL;
}

/* Empty: none, as libbpf reads it. */
static const char *choose_token(const struct cli *cli)
{
	const char *option = cli_value(cli, "token");
	return option ? option : secure_getenv("LIBBPF_BPF_TOKEN_PATH");
}

/* "" would be a file without a name; an empty --token means none. */
static int check_paths(struct cli *cli)
{
	static const char *const options[] = { "btf", "config" };
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		const char *value = cli_value(cli, options[i]);
		if (value && !*value)
			return cli_usage(cli, "--%s needs the path of a file", options[i]);
	}
	return -1;
}

static int open_context(struct cli *cli)
{
	int code = check_paths(cli);
	if (code >= 0)
		return code;
	const struct lade_context_opts opts = {
		.size = sizeof opts,
		.log = choose_log(cli),
		.bpffs = environment("LADE_BPFFS"),
		.no_mount = environment("LADE_NO_MOUNT") != NULL,
		.raise_memlock = true,
		.cache = choose_cache(),
		.btf = cli_value(cli, "btf"),
		.config = cli_value(cli, "config"),
		.btf_path = environment("LADE_BTF_PATH"),
		.bpf_token_path = choose_token(cli),
	};
	struct lade_error *error = NULL;
	if (lade_context_new(&opts, &cli->context, &error) < 0)
		return cli_fail(cli, error);
	return -1;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
	if (!cli->verb->no_context) {
		int code = open_context(cli);
		if (code >= 0)
			return code;
	}
	return cli->verb->function(cli, argc, argv);
}

/* What was printed must have arrived: a full disk is an error even when the verb was fine. */
static int close_output(const struct cli *cli, int code)
{
	bool failed = ferror(stdout);
	errno = 0;
	if ((fflush(stdout) == 0 && !failed) || code != EXIT_OK)
		return code;
	int reason = errno;
	if (reason != EPIPE && !cli->quiet)
		(void)fprintf(stderr, "error[environment.output]: cannot write to standard output: %s\n",
			      strerror(reason ? reason : EIO));
	return EXIT_ENVIRONMENT;
}

int main(int argc, char **argv)
{
	if (!open_standard_files())
		return EXIT_ENVIRONMENT;
	(void)signal(SIGPIPE, SIG_IGN); /* a load must not end halfway because its reader has gone */
	(void)signal(SIGXFSZ, SIG_IGN); /* or because ulimit -f is smaller than what the cache keeps */
	struct cli cli = { .words = argv + (argc > 0), .word_count = argc > 0 ? argc - 1 : 0 };
	int code = cli_parse(&cli, &argc, &argv);
	if (code < 0)
		code = run_verb(&cli, argc, argv);
	code = close_output(&cli, code);
	lade_context_free(cli.context);
	free(cli.settings);
	return code;
}
