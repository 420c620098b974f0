/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the lines of a boot go: standard error, the kernel's log, or journald. What a critical failure says goes to the
 * console and the kernel's log as well, and STATUS= to the service manager.
 *
 *     struct boot_log log;
 *     int code = boot_log_open(cli, &log);             -1: go on, else the exit code
 *     opts.log = boot_log_line; opts.status = boot_log_status; opts.userdata = &log;
 *     …
 *     boot_log_close(&log);
 */
#ifndef LADE_CLI_BOOT_LOG_H
#define LADE_CLI_BOOT_LOG_H

#include "cli.h"

#define BOOT_LOG_OPTIONS                                                                                               \
	{ 0, "log", "stderr|kmsg|journald", "where the lines of the log go; default: standard error" },                \
	{                                                                                                              \
		0, "logcat", NULL, "the lines in logcat's format (threadtime), on standard error"                      \
	}

enum boot_log_sink { BOOT_LOG_STDERR, BOOT_LOG_LOGCAT, BOOT_LOG_KMSG, BOOT_LOG_JOURNALD };

struct boot_log {
	struct cli *cli;
	enum boot_log_sink sink;
	bool wanted; /* --log, --logcat or -v: else lines are nowhere, only findings are shown */
	int fd;      /* of kmsg or journald; -1: none */
	size_t lines;
};

/* Usage: --log of another name, or --logcat with it. A sink that is not there: a note, and standard error. */
int boot_log_open(struct cli *cli, struct boot_log *log);
/* Says once what the kernel does with many lines (printk_devkmsg), where many were written. */
void boot_log_close(struct boot_log *log);

/* lade_boot_log_fn: userdata is the log. */
void boot_log_line(void *userdata, enum lade_boot_level level, const char *tag, const char *line);
/* lade_boot_status_fn: STATUS= for the service manager. userdata is not used. */
void boot_log_status(void *userdata, size_t done, size_t total, const char *text);
/* A finding, to kmsg or journald (with LADE_CODE=) where these were chosen; nothing on standard error. */
void boot_log_finding(struct boot_log *log, const struct lade_finding *finding);
/* All of one error. */
void boot_log_error(struct boot_log *log, const struct lade_error *error);

/* boot_kmsg.c: one record each, cut at what the kernel takes. level: 3 error … 7 debug, as syslog has it. */
int boot_kmsg_open(void);
/* 0, or a negative errno. */
int boot_kmsg_write(int fd, int level, const char *tag, const char *line);
/* What the kernel does with what is written to kmsg, where that is less than all of `lines`; NULL: nothing to say. */
const char *boot_kmsg_rule(size_t lines);

/* boot_journal.c */
int boot_journal_open(void);
/* code: LADE_CODE=; NULL: none. 0, or a negative errno. */
int boot_journal_write(int fd, int level, const char *tag, const char *line, const char *code);

/* boot_notify.c: "READY=1", "STATUS=…" to the service manager that started us, if one did. */
void boot_notify(const char *state);

/*
 * boot_screen.c: what an engineer needs of a critical failure: at most 10 lines, cause first. boot NULL: of this error
 * alone, before anything was tried.
 */
/* On standard error, unless --json. */
void boot_screen_print(const struct cli *cli, const struct lade_boot *boot, const struct lade_error *error);
/* On the console and in kmsg: of a boot of the machine, not of a try. */
void boot_screen_tell(const struct lade_boot *boot, const struct lade_error *error);

#endif
