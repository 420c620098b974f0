/* SPDX-License-Identifier: BSD-2-Clause */
/* Attach targets as CONTRACT.md spells them: "dev:eth0:ingress,prio=1", "file:/bin/sh:main+4" … */
#include "attach/attach.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"
#include "attach/hook.h"

typedef int parse_fn(const char *rest, struct attach_target *target);

/* ---- numbers ---- */

static int parse_number(const char *text, uint64_t max, uint64_t *ret_value)
{
	char *end = NULL;
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 0);
	if (errno || *end || value > max)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

/* A tc handle or class: "N" or "MAJOR:MINOR", both hexadecimal as tc writes them. */
static bool is_class(const char *text)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEFx");
	if (text[digits] == ':')
		return strspn(text + digits + 1, "0123456789abcdefABCDEF") == strlen(text + digits + 1);
	return digits > 0 && !text[digits];
}

/* ---- options of dev: ---- */

struct device_option {
	const char *key;
	bool has_value, value_is_class;
	const char *words[3]; /* NULL: a number */
};

static const struct device_option device_options[] = {
	{ .key = "prio", .has_value = true },
	{ .key = "handle", .has_value = true, .value_is_class = true },
	{ .key = "classid", .has_value = true, .value_is_class = true },
	{ .key = "da" },
	{ .key = "mode", .has_value = true, .words = { "generic", "native", "offload" } },
};

static bool is_good_value(const struct device_option *option, const char *value)
{
	uint64_t number;
	for (size_t i = 0; i < ELEMENTS(option->words) && option->words[i]; i++)
		if (strcmp(value, option->words[i]) == 0)
			return true;
	if (option->words[0])
		return false;
	return option->value_is_class ? is_class(value) : parse_number(value, UINT16_MAX, &number) == 0;
}

static bool is_device_option(const char *text)
{
	size_t key_length = strcspn(text, "=");
	for (size_t i = 0; i < ELEMENTS(device_options); i++) {
		const struct device_option *option = &device_options[i];
		if (strlen(option->key) != key_length || strncmp(text, option->key, key_length) != 0)
			continue;
		if (!option->has_value)
			return !text[key_length];
		return text[key_length] == '=' && is_good_value(option, text + key_length + 1);
	}
	return false;
}

static bool has_option(const struct attach_target *target, const char *text, size_t length)
{
	array_foreach(option, &target->options)
		if (strncmp(*option, text, length) == 0 && ((*option)[length] == '=' || !(*option)[length]))
			return true;
	return false;
}

static int add_device_option(struct attach_target *target, const char *text)
{
	if (!is_device_option(text) || has_option(target, text, strcspn(text, "=")))
		return -EINVAL;
	return lade_strings_add(&target->options, text);
}

static int parse_device(const char *rest, struct attach_target *target)
{
	CLEANUP(cleanup_free) char *copy = strdup(rest);
	if (!copy)
		return -ENOMEM;
	char *options = copy;
	char *direction = strsep(&options, ",");
	char *name = strsep(&direction, ":");
	if (!*name || strlen(name) >= IF_NAMESIZE || strchr(name, '/'))
		return -EINVAL;
	target->name = strdup(name);
	if (!target->name)
		return -ENOMEM;
	if (direction && strcmp(direction, "ingress") != 0 && strcmp(direction, "egress") != 0)
		return -EINVAL;
	if (direction && lade_strings_add(&target->options, direction) < 0)
		return -ENOMEM;
	for (char *option; (option = strsep(&options, ","));) {
		int result = add_device_option(target, option);
		if (result < 0)
			return result;
	}
	return has_option(target, "da", 2) && has_option(target, "classid", 7) ? -EINVAL : 0;
}

/* ---- the other kinds ---- */

static int parse_name(const char *rest, struct attach_target *target)
{
	if (!*rest)
		return -EINVAL;
	target->name = strdup(rest);
	return target->name ? 0 : -ENOMEM;
}

static int parse_file(const char *rest, struct attach_target *target)
{
	return lade_uprobe_parse(rest, target);
}

static int parse_function(const char *rest, struct attach_target *target)
{
	return lade_function_split(rest, &target->name, &target->offset);
}

/* "PATH,HOOK": a path may hold commas, so the last word counts only if it is one for a hook. */
static int parse_hook(const char *rest, struct attach_target *target)
{
	const char *comma = strrchr(rest, ',');
	bool has_hook = comma && lade_hook_is_word(comma + 1);
	if (!*rest || comma == rest)
		return -EINVAL;
	target->name = has_hook ? strndup(rest, (size_t)(comma - rest)) : strdup(rest);
	if (!target->name)
		return -ENOMEM;
	return has_hook ? lade_strings_add(&target->options, comma + 1) : 0;
}

/* "NAME,key=value,word": the keys are known, values are judged where they are used. */
static int parse_options(const char *name, size_t name_length, const char *options, const char *const *keys,
			 struct attach_target *target)
{
	CLEANUP(cleanup_free) char *copy = strdup(options);
	target->name = strndup(name, name_length);
	if (!copy || !target->name)
		return -ENOMEM;
	char *rest = copy;
	for (char *option; name_length && (option = strsep(&rest, ","));) {
		size_t length = strcspn(option, "="), key = 0;
		while (keys[key] && (strlen(keys[key]) != length || strncmp(keys[key], option, length) != 0))
			key++;
		bool is_empty = option[length] == '=' && !option[length + 1];
		if (!keys[key] || is_empty || has_option(target, option, length))
			return -EINVAL;
		if (lade_strings_add(&target->options, option) < 0)
			return -ENOMEM;
	}
	return name_length ? 0 : -EINVAL;
}

static int parse_list(const char *rest, const char *const *keys, struct attach_target *target)
{
	size_t length = strcspn(rest, ",");
	if (!rest[length]) {
		target->name = strdup(rest);
		return !target->name ? -ENOMEM : *rest ? 0 : -EINVAL;
	}
	return parse_options(rest, length, rest + length + 1, keys, target);
}

static int parse_route(const char *rest, struct attach_target *target)
{
	static const char *const keys[] = { "dev", "via", "table", "metric", "headroom", NULL };
	return parse_list(rest, keys, target);
}

static int parse_netfilter(const char *rest, struct attach_target *target)
{
	static const char *const keys[] = { "prio", "defrag", "netns", NULL };
	return parse_list(rest, keys, target);
}

/* An entry of a devmap or cpumap, or a hook of a sockmap. */
static int parse_map(const char *rest, struct attach_target *target)
{
	static const char *const keys[] = { "key", "dev", "qsize", NULL };
	const char *entry = strstr(rest, ",key=");
	return entry ? parse_options(rest, (size_t)(entry - rest), entry + 1, keys, target) : parse_hook(rest, target);
}

static int parse_socket(const char *rest, struct attach_target *target)
{
	const char *slash = strchr(rest, '/');
	CLEANUP(cleanup_free) char *pid = slash ? strndup(rest, (size_t)(slash - rest)) : NULL;
	uint64_t process, descriptor;
	if (slash && !pid)
		return -ENOMEM;
	if (!slash || parse_number(pid, INT_MAX, &process) < 0 || process == 0 ||
	    parse_number(slash + 1, INT_MAX, &descriptor) < 0)
		return -EINVAL;
	target->pid = (pid_t)process;
	target->descriptor = (int)descriptor;
	return 0;
}

static int parse_pid(const char *rest, struct attach_target *target)
{
	uint64_t pid;
	if (parse_number(rest, INT_MAX, &pid) < 0 || pid == 0)
		return -EINVAL;
	target->pid = (pid_t)pid;
	return 0;
}

static const struct {
	const char *prefix;
	enum target_kind kind;
	parse_fn *parse;
	const char *form;
} kinds[] = {
	{ "dev:", TARGET_DEVICE, parse_device,
	  "dev:IF[:ingress|egress][,prio=N][,handle=N][,da|classid=X][,mode=generic|native|offload]" },
	{ "cgroup:", TARGET_CGROUP, parse_hook, "cgroup:PATH[,HOOK]" },
	{ "file:", TARGET_FILE, parse_file, "file:PATH[:SYMBOL[+OFF]][,pid=N][,ref_ctr=OFF][,cookie=N][,usdt=PROVIDER:NAME]" },
	{ "pid:", TARGET_PID, parse_pid, "pid:N" },
	{ "prog:", TARGET_PROGRAM, parse_name, "prog:PIN|ID" },
	{ "netns:", TARGET_NETNS, parse_name, "netns:self|NAME|PATH" },
	{ "map:", TARGET_MAP, parse_map, "map:NAME|PIN|ID[,HOOK|,key=N[,dev=IF|qsize=N]]" },
	{ "socket:", TARGET_SOCKET, parse_socket, "socket:PID/FD" },
	{ "lirc:", TARGET_LIRC, parse_name, "lirc:/dev/lircN" },
	{ "route:", TARGET_ROUTE, parse_route,
	  "route:PREFIX[,dev=IF][,via=ADDRESS][,table=N][,metric=N][,headroom=N]" },
	{ "netfilter:", TARGET_NETFILTER, parse_netfilter,
	  "netfilter:ipv4|ipv6:HOOK[,prio=N][,defrag][,netns=NAME|PATH]" },
	{ "function:", TARGET_FUNCTION, parse_function, "function:NAME[+OFF]|function:GLOB" },
	{ "tracepoint:", TARGET_TRACEPOINT, parse_name, "tracepoint:CATEGORY/NAME" },
};

/* The word before the colon is nearly one of a kind: what follows it stays. */
static void suggest_kind(const char *text, struct lade_finding *finding)
{
	const char *colon = strchr(text, ':');
	CLEANUP(cleanup_free) char *word = colon ? strndup(text, (size_t)(colon - text) + 1) : NULL;
	struct similar_names similar = { .wanted = word ? word : "" };
	for (size_t i = 0; word && i < ELEMENTS(kinds); i++)
		lade_similar_consider(&similar, kinds[i].prefix);
	if (word && lade_similar_is_near(&similar))
		finding_fix(finding, "did you mean %s%s?", similar.names[0], colon + 1);
	lade_similar_clear(&similar);
}

/* index: the kind whose form is wanted, or ELEMENTS(kinds) when the text is of no kind. */
static int fail_syntax(struct lade_error **error, const char *text, size_t index)
{
	struct strbuf forms = { 0 };
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (i == index || index == ELEMENTS(kinds))
			lade_strbuf_addf(&forms, "%s%s", forms.length ? ", " : "", kinds[i].form);
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "attach.target.syntax", "\"%s\" is not an attach target", text);
	finding_fix(finding, "write %s", forms.text ? forms.text : kinds[0].form);
	if (index == ELEMENTS(kinds))
		suggest_kind(text, finding);
	lade_strbuf_clear(&forms);
	return -EINVAL;
}

static size_t find_kind(const char *text)
{
	size_t i = 0;
	while (i < ELEMENTS(kinds) && strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
		i++;
	return i;
}

int lade_target_parse(const char *text, struct attach_target *ret_target, struct lade_error **error)
{
	size_t index = find_kind(text);
	if (index == ELEMENTS(kinds))
		return fail_syntax(error, text, index);
	struct attach_target target = { .kind = kinds[index].kind };
	int result = kinds[index].parse(text + strlen(kinds[index].prefix), &target);
	target.text = strdup(text);
	if (result == 0 && target.text) {
		*ret_target = target;
		return 0;
	}
	result = result < 0 ? result : -ENOMEM;
	lade_target_clear(&target);
	return result == -ENOMEM ? lade_fail_memory(error) : fail_syntax(error, text, index);
}

void lade_target_clear(struct attach_target *target)
{
	free(target->text);
	free(target->name);
	free(target->symbol);
	lade_strings_clear(&target->options);
	*target = (struct attach_target){ 0 };
}
