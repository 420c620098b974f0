/* SPDX-License-Identifier: BSD-2-Clause */
#include "places.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *variable; /* moves it; NULL: only LADE_MACHINE does */
	const char *path;
} places[] = {
	[PLACE_RUN] = { "LADE_RUN", "/run/lade" },
	[PLACE_VAR] = { "LADE_VAR", "/var/lib/lade" },
	[PLACE_CMDLINE] = { NULL, "/proc/cmdline" },
	[PLACE_KMSG] = { NULL, "/dev/kmsg" },
	[PLACE_CONSOLE] = { NULL, "/dev/console" },
	[PLACE_JOURNAL] = { NULL, "/run/systemd/journal/socket" },
	[PLACE_PRINTK_RULE] = { NULL, "/proc/sys/kernel/printk_devkmsg" },
};

static const char *setting(const char *variable)
{
	const char *value = variable ? secure_getenv(variable) : NULL;
	return value && *value ? value : NULL;
}

const char *cli_place(enum cli_place place)
{
	static char moved[sizeof places / sizeof *places][PATH_MAX];
	const char *own = setting(places[place].variable), *machine = setting("LADE_MACHINE");
	if (own || !machine)
		return own ? own : places[place].path;
	(void)snprintf(moved[place], sizeof moved[place], "%s%s", machine, places[place].path);
	return moved[place];
}
