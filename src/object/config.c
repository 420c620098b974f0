/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/config.h"

#include <string.h>

struct config_option *lade_kernel_config_option(const struct kernel_config *config, const char *name)
{
	array_foreach(option, &config->options)
		if (strcmp(option->name, name) == 0)
			return option;
	return config->find ? config->find(config, name) : NULL;
}

const char *lade_kernel_config_value(const struct kernel_config *config, const char *name)
{
	const struct config_option *option = lade_kernel_config_option(config, name);
	return option ? option->value : NULL;
}

bool lade_kernel_config_knows(const struct kernel_config *config, const char *name)
{
	const struct config_option *option = lade_kernel_config_option(config, name);
	return option && option->is_known;
}
