/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration, looked up by name. */
#include "target/internal.h"

/*
 * A defconfig or a fragment leaves out what has its default. These are options of the user's that are off by default,
 * and nothing else switches them on: where such a file does not name them, they are off.
 */
static const char *const off_by_default[] = {
	"CONFIG_BPF_JIT",
	"CONFIG_BPF_JIT_ALWAYS_ON",
	"CONFIG_BPF_KPROBE_OVERRIDE",
	"CONFIG_BPF_LIRC_MODE2",
	"CONFIG_BPF_LSM",
	"CONFIG_BPF_STREAM_PARSER",
	"CONFIG_BPF_SYSCALL",
	"CONFIG_CGROUP_BPF",
	"CONFIG_CGROUP_NET_CLASSID",
	"CONFIG_DEBUG_INFO_BTF",
	"CONFIG_FTRACE_SYSCALLS",
	"CONFIG_FUNCTION_TRACER",
	"CONFIG_HID_BPF",
	"CONFIG_IPV6_SEG6_BPF",
	"CONFIG_KPROBES",
	"CONFIG_LWTUNNEL_BPF",
	"CONFIG_NETFILTER_BPF_LINK",
	"CONFIG_NETFILTER_XT_MATCH_BPF",
	"CONFIG_NETKIT",
	"CONFIG_NET_ACT_BPF",
	"CONFIG_NET_CLS_BPF",
	"CONFIG_NET_SCH_BPF",
	"CONFIG_NET_SCH_INGRESS",
	"CONFIG_SCHED_CLASS_EXT",
	"CONFIG_XDP_SOCKETS",
};

#define WHOLE_LEAST 1000u /* lines about options; a whole configuration has thousands */

struct target_config *lade_target_config_free(struct target_config *config)
{
	if (!config)
		return NULL;
	array_foreach(option, &config->plan.options) {
		free(option->name);
		free(option->value);
	}
	array_clear(&config->plan.options);
	free(config->plan.path);
	array_clear(&config->options);
	lade_target_blob_clear(&config->text);
	free(config->label);
	free(config);
	return NULL;
}

/* ---- what plans look up ---- */

static struct config_option *find_for_plan(const struct kernel_config *plan, const char *name)
{
	struct target_config *config = (struct target_config *)(uintptr_t)plan; /* its first member */
	const char *value = NULL;
	bool named;
	if (strncmp(name, "CONFIG_", 7) != 0)
		return NULL;
	enum known known = lade_target_config_find(config, name, &value, &named);
	struct config_option option = { .name = strdup(name), .value = value ? strdup(value) : NULL };
	option.is_known = known != KNOWN_NOT;
	struct config_option *kept = option.name && (option.value || !value) ? array_push(&config->plan.options) : NULL;
	if (kept) {
		*kept = option;
		return kept;
	}
	free(option.name);
	free(option.value);
	return NULL;
}

int lade_target_config_new(struct target_blob *text, const char *label, struct target_config **ret_config)
{
	CLEANUP(cleanup_target_config) struct target_config *config = calloc(1, sizeof *config);
	if (!config)
		return -ENOMEM;
	config->label = lade_target_label(label);
	config->plan.path = strdup(label);
	if (!config->label || !config->plan.path)
		return -ENOMEM;
	config->plan.is_read = true;
	config->plan.find = find_for_plan;
	config->text = *text;
	*text = (struct target_blob){ 0 };
	*ret_config = TAKE(config);
	return 0;
}

/* ---- the index ---- */

static void add_option(struct target_config *config, const char *name, const char *value)
{
	struct target_option *option = array_push(&config->options);
	config->failed |= !option;
	if (option)
		*option = (struct target_option){ name, value };
}

/* CONFIG_A=value, # CONFIG_A is not set */
static void take_line(struct target_config *config, char *line)
{
	static const char not_set[] = " is not set";
	bool is_comment = line[0] == '#' && line[1] == ' ';
	char *name = is_comment ? line + 2 : line, *end;
	if (strncmp(name, "CONFIG_", 7) != 0)
		return;
	if (is_comment) {
		end = strstr(name, not_set);
		if (end && end == name + strcspn(name, " ")) {
			*end = 0;
			add_option(config, name, NULL);
		}
		return;
	}
	end = strchr(name, '=');
	if (!end)
		return;
	*end++ = 0;
	for (size_t length = strlen(end); length && strchr(" \t\r", end[length - 1]); length--)
		end[length - 1] = 0;
	add_option(config, name, !strcmp(end, "n") ? NULL : end); /* as in a fragment */
}

static int compare(const void *one, const void *other)
{
	const struct target_option *left = one, *right = other;
	int order = strcmp(left->name, right->name);
	return order ? order : (left->name > right->name) - (left->name < right->name); /* as in the file */
}

static void build_index(struct target_config *config)
{
	char *text = (char *)config->text.bytes,
	     *end = text + config->text.size; /* behind it there is room for a NUL */
	config->indexed = true;
	*end = 0;
	config->is_part = !strstr(text, "Kernel Configuration") && !strstr(text, "Automatically generated");
	while (text < end && !config->failed) {
		char *line = text;
		text += strcspn(text, "\n");
		*text++ = 0;
		take_line(config, line);
	}
	if (config->options.count >= WHOLE_LEAST)
		config->is_part = false;
	lade_sort(config->options.items, config->options.count, sizeof *config->options.items, compare);
}

static bool is_off_by_default(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(off_by_default); i++)
		if (!strcmp(off_by_default[i], name))
			return true;
	return false;
}

/* The last of one name: a line that was added behind counts more. */
static const struct target_option *find(const struct target_config *config, const char *name)
{
	size_t low = 0, high = config->options.count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(config->options.items[middle].name, name) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	const struct target_option *option = low ? &config->options.items[low - 1] : NULL;
	return option && !strcmp(option->name, name) ? option : NULL;
}

enum known lade_target_config_find(struct target_config *config, const char *name, const char **ret_value,
				   bool *ret_named)
{
	if (!config->indexed)
		build_index(config);
	const struct target_option *option = config->failed ? NULL : find(config, name);
	*ret_value = option ? option->value : NULL;
	*ret_named = option;
	if (option)
		return option->value ? KNOWN_YES : KNOWN_NO;
	if (config->failed || (config->is_part && !is_off_by_default(name)))
		return KNOWN_NOT;
	return KNOWN_NO;
}
