/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of a boot, to where it was asked for. */
#include "boot_log.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* As syslog and as Android number them. */
static const struct {
	int syslog;
	char letter;
} levels[] = {
	[LADE_BOOT_DEBUG] = { 7, 'D' },
	[LADE_BOOT_INFO] = { 6, 'I' },
	[LADE_BOOT_WARNING] = { 4, 'W' },
	[LADE_BOOT_ERROR] = { 3, 'E' },
};

static const struct {
	const char *name;
	enum boot_log_sink sink;
	int (*open)(void);
	const char *what;
} sinks[] = {
	{ "stderr", BOOT_LOG_STDERR, NULL, NULL },
	{ "kmsg", BOOT_LOG_KMSG, boot_kmsg_open, "the kernel's log" },
	{ "journald", BOOT_LOG_JOURNALD, boot_journal_open, "journald" },
};
#define SINKS (sizeof sinks / sizeof *sinks)

static void say(const struct cli *cli, const char *text)
{
	if (!cli->quiet && !cli->json)
		(void)fprintf(stderr, "note: %s\n", text);
}

/* A log that cannot be had must not keep a machine from booting. */
static void step_back(struct boot_log *log, const char *what, int result)
{
	if (log->fd >= 0)
		(void)close(log->fd);
	log->fd = -1;
	log->sink = BOOT_LOG_STDERR;
	if (!log->cli->quiet && !log->cli->json)
		(void)fprintf(stderr, "note: %s does not take lines (%s): they are on standard error\n", what,
			      strerror(-result));
}

static int open_sink(struct boot_log *log, const char *name)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (strcmp(name, sinks[i].name) != 0)
			continue;
		log->sink = sinks[i].sink;
		log->fd = sinks[i].open ? sinks[i].open() : -1;
		if (sinks[i].open && log->fd < 0)
			step_back(log, sinks[i].what, log->fd);
		return -1;
	}
	return cli_usage(log->cli, "--log: '%s' is none of stderr, kmsg, journald", name);
}

int boot_log_open(struct cli *cli, struct boot_log *log)
{
	const char *name = cli_value(cli, "log");
	bool logcat = cli_flag(cli, "logcat");
	*log = (struct boot_log){ .cli = cli, .fd = -1, .wanted = name || logcat || cli->verbose };
	if (logcat && name && strcmp(name, "stderr") != 0)
		return cli_usage(cli, "--logcat writes to standard error, --log %s does not", name);
	if (logcat)
		log->sink = BOOT_LOG_LOGCAT;
	return logcat || !name ? -1 : open_sink(log, name);
}

void boot_log_close(struct boot_log *log)
{
	const char *rule = log->sink == BOOT_LOG_KMSG ? boot_kmsg_rule(log->lines) : NULL;
	if (rule)
		say(log->cli, rule);
	if (log->fd >= 0)
		(void)close(log->fd);
	log->fd = -1;
}

/* ---- lines ---- */

/* "01-31 23:59:59.123   812   812 I bpfloader: text" */
static void print_logcat(char letter, const char *tag, const char *line)
{
	struct timespec now;
	struct tm local;
	char date[32];
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!localtime_r(&now.tv_sec, &local) || !strftime(date, sizeof date, "%m-%d %H:%M:%S", &local))
		date[0] = '\0';
	(void)fprintf(stderr, "%s.%03ld %5d %5ld %c %-8s: ", date, now.tv_nsec / 1000000, (int)getpid(),
		      syscall(SYS_gettid), letter, tag);
	cli_put_safe(stderr, line);
	(void)putc('\n', stderr);
}

static void print_plain(const char *tag, const char *line)
{
	(void)fprintf(stderr, "%s: ", tag);
	cli_put_safe(stderr, line);
	(void)putc('\n', stderr);
}

static void write_line(struct boot_log *log, enum lade_boot_level level, const char *tag, const char *line,
		       const char *code)
{
	int r = 0;
	log->lines++;
	if (log->sink == BOOT_LOG_KMSG)
		r = boot_kmsg_write(log->fd, levels[level].syslog, tag, line);
	else if (log->sink == BOOT_LOG_JOURNALD)
		r = boot_journal_write(log->fd, levels[level].syslog, tag, line, code);
	if (r < 0)
		step_back(log, log->sink == BOOT_LOG_KMSG ? "the kernel's log" : "journald", r);
	if (log->sink == BOOT_LOG_LOGCAT)
		print_logcat(levels[level].letter, tag, line);
	else if (log->sink == BOOT_LOG_STDERR)
		print_plain(tag, line);
}

void boot_log_line(void *userdata, enum lade_boot_level level, const char *tag, const char *line)
{
	struct boot_log *log = userdata;
	if (log->wanted && level <= LADE_BOOT_ERROR)
		write_line(log, level, tag, line, NULL);
}

void boot_log_status(void *userdata, size_t done, size_t total, const char *text)
{
	char state[512];
	(void)userdata;
	(void)snprintf(state, sizeof state, "STATUS=%zu of %zu: %s", done, total, text);
	boot_notify(state);
}

/* ---- findings ---- */

void boot_log_finding(struct boot_log *log, const struct lade_finding *finding)
{
	static const enum lade_boot_level of[] = {
		[LADE_NOTE] = LADE_BOOT_INFO, [LADE_WARNING] = LADE_BOOT_WARNING, [LADE_ERROR] = LADE_BOOT_ERROR
	};
	struct lade_finding_info info = { .size = sizeof info };
	char *line;
	if (log->fd < 0 || lade_finding_describe(finding, &info) < 0)
		return; /* on standard error the command prints findings itself */
	bool has_cause = info.cause && *info.cause, has_fix = info.fix && *info.fix;
	if (asprintf(&line, "%s[%s]: %s%s%s%s%s", lade_severity_name(info.severity), info.code,
		     info.message ? info.message : "", has_cause ? "; because: " : "", has_cause ? info.cause : "",
		     has_fix ? "; fix: " : "", has_fix ? info.fix : "") < 0)
		return;
	write_line(log, of[info.severity], "lade", line, info.code);
	free(line);
}

void boot_log_error(struct boot_log *log, const struct lade_error *error)
{
	for (size_t i = 0; i < lade_error_finding_count(error); i++)
		boot_log_finding(log, lade_error_finding(error, i));
}
