/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event: a probe that is a tracing event, in tracefs until its line is taken back.
 *
 *     event program=NAME method=kprobe target=do_sys_open control=kprobe_events event=lade/do_sys_open_91c7…
 *
 * The name has 64 random bits: an event of that name is the one that was made.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel/functions.h"
#include "txn/effect.h"
#include "txn/internal.h"

#define PAUSE_NS 10000000L /* a link that was just unpinned lets go of its event a little later */
#define PAUSES   300

/* The words become a path and a line for the kernel. */
static bool is_event(const char *control, const char *event)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	bool is_known = control && (strcmp(control, "kprobe_events") == 0 || strcmp(control, "uprobe_events") == 0);
	return is_known && event && strncmp(event, "lade/", 5) == 0 && event[5] &&
	       event[5 + strspn(event + 5, letters)] == '\0';
}

/* "p:lade/name place", "r4:lade/name place" */
static int meet_line(void *data, const char *line)
{
	const char *event = data, *colon = strchr(line, ':');
	size_t length = strlen(event);
	return colon && strncmp(colon + 1, event, length) == 0 && colon[1 + length] == ' ';
}

static int find_event(struct kernel *kernel, const struct journal_entry *entry, char path[PATH_MAX])
{
	const char *control = lade_journal_value(entry, "control"), *event = lade_journal_value(entry, "event");
	const char *tracefs;
	if (!is_event(control, event))
		return 0;
	int result = lade_kernel_tracefs(kernel, false, &tracefs, NULL);
	if (result < 0)
		return result;
	(void)snprintf(path, PATH_MAX, "%s/%s", tracefs, control);
	result = lade_lines_each(path, meet_line, (void *)event);
	return result == -ENOENT ? 0 : result;
}

int lade_check_event(struct kernel *kernel, const struct journal_entry *entry)
{
	char path[PATH_MAX];
	return find_event(kernel, entry, path);
}

int lade_undo_event(struct kernel *kernel, const struct journal_entry *entry)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	char path[PATH_MAX], line[160];
	int result = find_event(kernel, entry, path);
	if (result <= 0)
		return result;
	(void)snprintf(line, sizeof line, "-:%.128s\n", lade_journal_value(entry, "event"));
	result = kernel->calls->append(kernel, path, line);
	for (int i = 0; result == -EBUSY && i < PAUSES; i++) {
		(void)nanosleep(&pause, NULL);
		result = kernel->calls->append(kernel, path, line);
	}
	return result == -ENOENT ? 0 : result;
}
