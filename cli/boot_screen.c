/* SPDX-License-Identifier: BSD-2-Clause */
/* A critical failure on one screen: at most 10 lines, the cause first. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "boot_log.h"
#include "places.h"

#define LINES 10
#define WIDTH 400 /* bytes of a line: a console wraps, but a log of hundreds of lines is for `lade boot --status` */

struct screen {
	char lines[LINES][WIDTH];
	size_t count;
};

/* The last line is kept for what to do next. */
__attribute__((format(printf, 2, 3))) static void add(struct screen *screen, const char *format, ...)
{
	va_list arguments;
	if (screen->count >= LINES - 1)
		return;
	va_start(arguments, format);
	(void)vsnprintf(screen->lines[screen->count++], WIDTH, format, arguments);
	va_end(arguments);
}

/* Texts of findings may have several lines: each is one here, as long as there is room. */
static void add_labelled(struct screen *screen, const char *label, const char *text, size_t most)
{
	for (size_t i = 0; text && *text && i < most; i++) {
		size_t length = strcspn(text, "\n");
		add(screen, "  %-8s %.*s", i ? "" : label, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

/* ---- what failed ---- */

static bool is_critical_failure(const struct lade_boot_object_info *info)
{
	return info->outcome == LADE_BOOT_FAILED && info->critical && info->error;
}

/* The first critical object that failed, and how many did besides. */
static bool find_failure(const struct lade_boot *boot, struct lade_boot_object_info *ret_info, size_t *ret_others)
{
	bool found = false;
	*ret_others = 0;
	for (size_t i = 0; i < lade_boot_object_count(boot); i++) {
		struct lade_boot_object_info info = { .size = sizeof info };
		if (lade_boot_object(boot, i, &info) < 0 || info.outcome != LADE_BOOT_FAILED)
			continue;
		if (!found && is_critical_failure(&info)) {
			*ret_info = info;
			found = true;
		} else {
			++*ret_others;
		}
	}
	return found;
}

/* A first finding that is an error says why; the others follow from it more often than not. */
static void add_finding(struct screen *screen, const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (lade_finding_describe(lade_error_finding(error, 0), &info) < 0) {
		add(screen, "CRITICAL: %s", lade_error_message(error));
		return;
	}
	add(screen, "CRITICAL[%s]: %s", info.code, info.message ? info.message : "");
	add_labelled(screen, "because", info.cause, 1);
	for (size_t i = 0; i < info.evidence_count && i < 2; i++)
		add_labelled(screen, i ? "" : "so", info.evidence[i], 1);
	add_labelled(screen, "fix", info.fix, 2);
}

static void add_object(struct screen *screen, const struct lade_boot *boot)
{
	struct lade_boot_object_info info = { .size = sizeof info };
	size_t others;
	if (!boot || !find_failure(boot, &info, &others))
		return;
	add(screen, "  while    loading %s (critical: %s)", info.file, info.critical);
	if (others)
		add(screen, "  besides  %zu more object%s failed", others, others == 1 ? "" : "s");
}

static void compose(struct screen *screen, const struct lade_boot *boot, const struct lade_error *error)
{
	struct lade_boot_object_info info = { .size = sizeof info };
	size_t others;
	if (!error && boot && find_failure(boot, &info, &others))
		error = info.error;
	if (!error)
		return;
	add_finding(screen, error);
	add_object(screen, boot);
	(void)snprintf(
		screen->lines[screen->count++], WIDTH,
		"  now      nothing is ready: who waits for bpf.progs_loaded is told; lade boot --status says more");
}

/* ---- where it goes ---- */

static void print_console(const struct screen *screen)
{
	/* O_NONBLOCK: a serial console that nobody reads must not hold the boot. */
	int fd = open(cli_place(PLACE_CONSOLE), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_APPEND);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	for (size_t i = 0; file && i < screen->count; i++) {
		cli_put_safe(file, screen->lines[i]);
		(void)fputs("\r\n", file);
	}
	if (file)
		(void)fclose(file);
	else if (fd >= 0)
		(void)close(fd);
}

/* By a descriptor of its own: the kernel limits the rate of each. */
static void print_kmsg(const struct screen *screen)
{
	int fd = boot_kmsg_open();
	for (size_t i = 0; fd >= 0 && i < screen->count; i++)
		(void)boot_kmsg_write(fd, 2, "lade", screen->lines[i]);
	if (fd >= 0)
		(void)close(fd);
}

void boot_screen_print(const struct cli *cli, const struct lade_boot *boot, const struct lade_error *error)
{
	struct screen screen = { .count = 0 };
	compose(&screen, boot, error);
	for (size_t i = 0; !cli->json && i < screen.count; i++) {
		cli_put_safe(stderr, screen.lines[i]);
		(void)putc('\n', stderr);
	}
}

void boot_screen_tell(const struct lade_boot *boot, const struct lade_error *error)
{
	struct screen screen = { .count = 0 };
	compose(&screen, boot, error);
	print_kmsg(&screen);
	print_console(&screen);
}
