/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the kernel's types, and those of its modules. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "btf/kernel_file.h"
#include "btf/kernel_index.h"

#define SYSFS "/sys/kernel/btf"

/* ---- modules ---- */

static struct lade_kernel_module *module_free(struct lade_kernel_module *module)
{
	if (!module)
		return NULL;
	lade_btf_free(module->btf);
	free(module->name);
	free(module);
	return NULL;
}

void lade_kernel_modules_clear(struct kernel_types *types)
{
	for (size_t i = 0; i < types->modules.count; i++)
		(void)module_free(types->modules.items[i]);
	array_clear(&types->modules);
}

static struct lade_kernel_module *module_get(struct kernel_types *types, const char *name)
{
	for (size_t i = 0; i < types->modules.count; i++)
		if (!strcmp(types->modules.items[i]->name, name))
			return types->modules.items[i];
	struct lade_kernel_module *module = calloc(1, sizeof *module);
	if (module)
		module->name = strdup(name);
	struct lade_kernel_module **kept = module && module->name ? array_push(&types->modules) : NULL;
	if (!kept)
		return module_free(module);
	*kept = module;
	return module;
}

/* One that cannot be read, or was unloaded meanwhile, has no types. */
static void module_open(const struct kernel_types *types, struct lade_kernel_module *module)
{
	CLEANUP(cleanup_free) char *path = NULL;
	if (module->tried || asprintf(&path, "%s/%s", types->sysfs, module->name) < 0)
		return;
	struct lade_kernel_file file = { .path = path, .base = types->base, .never_map = types->never_map };
	module->tried = true;
	(void)lade_kernel_file_open(&file, &module->btf, NULL);
}

static bool is_module_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strcmp(name, "vmlinux") != 0;
}

const struct lade_btf *lade_kernel_types_module(struct kernel_types *types, const char *module)
{
	struct lade_kernel_module *known = types->sysfs && is_module_name(module) ? module_get(types, module) : NULL;
	if (!known)
		return NULL;
	module_open(types, known);
	return known->btf;
}

static inline DIR *directory_close(DIR *directory)
{
	(void)closedir(directory);
	return NULL;
}
DEFINE_CLEANUP(DIR, directory, directory_close)

int lade_kernel_modules_open(struct kernel_types *types, struct lade_error **error)
{
	CLEANUP(cleanup_directory)
	DIR *directory = types->sysfs && !types->modules_listed ? opendir(types->sysfs) : NULL;
	types->modules_listed = true;
	for (const struct dirent *entry; directory && (entry = readdir(directory));)
		if (is_module_name(entry->d_name) && !module_get(types, entry->d_name))
			return lade_fail_memory(error);
	for (size_t i = 0; i < types->modules.count; i++)
		module_open(types, types->modules.items[i]);
	return 0;
}

/* ---- the kernel ---- */

struct kernel_types *lade_kernel_types_free(struct kernel_types *types)
{
	if (!types)
		return NULL;
	lade_kernel_names_clear(types);
	lade_kernel_modules_clear(types);
	lade_btf_free(types->base);
	free(types->sysfs);
	free(types->cache);
	(void)lade_kernel_index_free(types->index);
	free(types);
	return NULL;
}

const struct lade_btf *lade_kernel_types_base(const struct kernel_types *types)
{
	return types->base;
}

static bool copy_string(char **copy, const char *string)
{
	*copy = string ? strdup(string) : NULL;
	return !string || *copy;
}

int lade_kernel_types_open(const struct kernel_types_options *options, struct kernel_types **ret_types,
			   struct lade_error **error)
{
	CLEANUP(cleanup_kernel_types) struct kernel_types *types = calloc(1, sizeof *types);
	const char *sysfs = options->sysfs ? options->sysfs : SYSFS;
	bool is_sysfs = false;
	if (!types)
		return lade_fail_memory(error);
	struct lade_kernel_file file = { .path = options->file };
	int result = options->bytes ? lade_kernel_file_bytes(&file, options->bytes, &types->base, error)
				    : lade_kernel_search(options, sysfs, &types->base, &is_sysfs, error);
	if (result)
		return result;
	types->never_map = options->never_map;
	if (!copy_string(&types->sysfs, is_sysfs ? sysfs : NULL) ||
	    !copy_string(&types->cache, is_sysfs ? options->cache : NULL))
		return lade_fail_memory(error);
	*ret_types = TAKE(types);
	return 0;
}
