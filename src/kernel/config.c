/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that are asked for, and what the kernel or the file of its configuration says of them. */
#include "kernel/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/config_file.h"
#include "kernel/kernel.h"

static bool is_of_file(const char *name)
{
	return strncmp(name, "CONFIG_", strlen("CONFIG_")) == 0;
}

struct kernel_config *lade_kernel_config_new(const char *file)
{
	CLEANUP(cleanup_kernel_config) struct kernel_config *config = calloc(1, sizeof *config);
	if (!config)
		return NULL;
	config->file = file ? strdup(file) : NULL;
	return file && !config->file ? NULL : TAKE(config);
}

struct kernel_config *lade_kernel_config_free(struct kernel_config *config)
{
	if (!config)
		return NULL;
	array_foreach(option, &config->options) {
		free(option->name);
		free(option->value);
	}
	array_clear(&config->options);
	lade_strings_clear(&config->tried);
	free(config->file);
	free(config->path);
	free(config);
	return NULL;
}

int lade_kernel_config_ask(struct kernel_config *config, const char *name)
{
	if (lade_kernel_config_option(config, name))
		return 0;
	char *copy = strdup(name);
	struct config_option *option = copy ? array_push(&config->options) : NULL;
	if (!option) {
		free(copy);
		return -ENOMEM;
	}
	option->name = copy;
	return 0;
}

/* ---- what only the running kernel can tell ---- */

static int version(struct kernel *kernel)
{
	struct kernel running = { 0 };
	return (int)lade_kernel_version(kernel ? kernel : &running);
}

static int has_attach_cookie(struct kernel *kernel)
{
	return kernel ? lade_kernel_has_attach_cookie(kernel) : -ENODATA;
}

static int has_syscall_wrapper(struct kernel *kernel)
{
	return kernel ? lade_kernel_has_syscall_wrapper(kernel) : -ENODATA;
}

static const struct {
	const char *name;
	int (*ask)(struct kernel *kernel);
} answers[] = {
	{ "LINUX_KERNEL_VERSION", version },
	{ "LINUX_HAS_BPF_COOKIE", has_attach_cookie },
	{ "LINUX_HAS_SYSCALL_WRAPPER", has_syscall_wrapper },
};

static int answer(struct config_option *option, struct kernel *kernel)
{
	for (size_t i = 0; i < ELEMENTS(answers); i++) {
		if (strcmp(answers[i].name, option->name) != 0)
			continue;
		int number = answers[i].ask(kernel);
		if (number < 0)
			return 0;
		if (asprintf(&option->value, "%d", number) < 0) {
			option->value = NULL;
			return -ENOMEM;
		}
	}
	option->is_known = true;
	return 0;
}

/* ---- all of them ---- */

/* The file is read to its end once more when another object asks for more. */
static bool wants_file(const struct kernel_config *config)
{
	array_foreach(option, &config->options)
		if (!option->is_known && is_of_file(option->name))
			return !config->is_read || config->path;
	return false;
}

int lade_kernel_config_find(struct kernel_config *config, struct kernel *kernel, struct lade_error **error)
{
	int result = 0;
	array_foreach(option, &config->options)
		if (result == 0 && !option->is_known && !is_of_file(option->name))
			result = answer(option, kernel);
	if (result < 0)
		return lade_fail_memory(error);
	if (!wants_file(config))
		return 0;
	result = lade_config_find_file(config, error);
	if (result < 0)
		return result;
	array_foreach(option, &config->options)
		option->is_known |= config->path && is_of_file(option->name);
	return 0;
}
