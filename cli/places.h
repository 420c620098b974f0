/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the command finds the machine: one table. LADE_RUN and LADE_VAR move what a boot keeps; LADE_MACHINE puts a
 * directory before every path that is not moved by itself, so that a test never meets the machine it runs on.
 */
#ifndef LADE_CLI_PLACES_H
#define LADE_CLI_PLACES_H

enum cli_place {
	PLACE_RUN,     /* readiness, properties, boot.json */
	PLACE_VAR,     /* boot.json, beyond the machine's next boot */
	PLACE_CMDLINE, /* the kernel's command line */
	PLACE_KMSG,
	PLACE_CONSOLE,
	PLACE_JOURNAL,     /* journald's socket */
	PLACE_PRINTK_RULE, /* what the kernel does with many lines in kmsg */
};

/* Static: lives as long as the process. */
const char *cli_place(enum cli_place place);

#endif
