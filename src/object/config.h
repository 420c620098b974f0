/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of the configuration a kernel was built with. kernel/config.c finds it out; a plan looks it up, and
 * touches nothing.
 */
#ifndef LADE_OBJECT_CONFIG_H
#define LADE_OBJECT_CONFIG_H

#include "base/array.h"

struct config_option {
	char *name;
	char *value;   /* text after the '='; NULL: it is not set */
	bool is_known; /* was looked for */
};

struct kernel_config {
	char *file;           /* the one to read; NULL: the running kernel's */
	char *path;           /* the one that was read; NULL: none could be, or none was needed */
	struct strings tried; /* each "PATH: why it was not read" */
	bool is_read;         /* the search for a file has ended */
	struct {
		struct config_option *items;
		size_t count, capacity;
	} options;
	/* Of a kernel that is not here: who answers names that are not among the options. NULL: nobody. */
	struct config_option *(*find)(const struct kernel_config *config, const char *name);
};

/* NULL: nobody asked for it. */
struct config_option *lade_kernel_config_option(const struct kernel_config *config, const char *name);
/* NULL: not asked for, or not set. */
const char *lade_kernel_config_value(const struct kernel_config *config, const char *name);
/* Is an answer possible? A name of the file is unknown where no file could be read. */
bool lade_kernel_config_knows(const struct kernel_config *config, const char *name);

#endif
