/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration a kernel was built with, as far as somebody asked for it. Names are asked for, the file is read
 * once for all of them (/proc/config.gz and others, or one that the user names), and what was found is kept: a plan
 * looks it up without touching anything.
 *
 * Names that begin with LINUX_ are no lines of the file: LINUX_KERNEL_VERSION is the running kernel's, LINUX_HAS_… are
 * what it turned out to be able to do.
 */
#ifndef LADE_KERNEL_CONFIG_H
#define LADE_KERNEL_CONFIG_H

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "object/config.h"

struct kernel;

/* file NULL: the running kernel's configuration. NULL without memory. */
struct kernel_config *lade_kernel_config_new(const char *file);
struct kernel_config *lade_kernel_config_free(struct kernel_config *config);

/* 0, -ENOMEM */
int lade_kernel_config_ask(struct kernel_config *config, const char *name);
/*
 * Finds everything that was asked for and is not known yet. kernel NULL: what only a running kernel can tell stays
 * unknown. That there is no file is no error: who needs one says so. config.file: the user's cannot be read; -ENOMEM.
 */
int lade_kernel_config_find(struct kernel_config *config, struct kernel *kernel, struct lade_error **error);
/* ---- the reader, for tests ---- */
/* Takes the text in pieces of any size; lines longer than CONFIG_LINE_BYTES are skipped. */
#define CONFIG_LINE_BYTES 4096
struct config_reader {
	struct kernel_config *config;
	char line[CONFIG_LINE_BYTES];
	size_t length;
	bool skipping; /* inside a line that is too long */
};
/* 0, -ENOMEM */
int lade_config_read(struct config_reader *reader, const char *text, size_t length);
/* The last line may lack its end. */
int lade_config_read_end(struct config_reader *reader);

/* ---- probes.c: what programs ask as LINUX_HAS_… 1, 0, or a negative errno when it could not be found out. ---- */
int lade_kernel_has_attach_cookie(struct kernel *kernel);
int lade_kernel_has_syscall_wrapper(struct kernel *kernel);

DEFINE_CLEANUP(struct kernel_config, kernel_config, lade_kernel_config_free)

#endif
