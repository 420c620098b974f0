/* SPDX-License-Identifier: BSD-2-Clause */
/* Options, symbols and events: what has a name. */
#include <stdio.h>

#include "needs/needs.h"
#include "needs/table.h"
#include "target/internal.h"

__attribute__((format(printf, 3, 4))) static void say(struct known_fact *fact, enum known answer, const char *format,
						      ...)
{
	va_list values;
	fact->answer = answer;
	va_start(values, format);
	(void)vsnprintf(fact->why, sizeof fact->why, format, values);
	va_end(values);
}

/* ---- options ---- */

/* What older kernels called it. */
static const struct {
	const char *name, *older;
} renamed[] = {
	{ "CONFIG_KPROBE_EVENTS", "CONFIG_KPROBE_EVENT" },
	{ "CONFIG_UPROBE_EVENTS", "CONFIG_UPROBE_EVENT" },
	{ "CONFIG_HAVE_EBPF_JIT", "CONFIG_HAVE_BPF_JIT" },
	{ "CONFIG_CFI_CLANG", "CONFIG_CFI" },
};

static const char *since_of(const char *option)
{
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (!strcmp(lade_need_text + lade_need_options[i].name, option))
			return lade_need_text + lade_need_options[i].since;
	return "";
}

static bool from_config(const struct lade_target *target, const char *option, const char **ret_value,
			struct known_fact *fact)
{
	struct target_config *config = target->from.config;
	bool named = false;
	if (!config)
		return false;
	enum known known = lade_target_config_find(config, option, ret_value, &named);
	for (size_t i = 0; i < ELEMENTS(renamed) && !named; i++)
		if (!strcmp(renamed[i].name, option)) {
			enum known older = lade_target_config_find(config, renamed[i].older, ret_value, &named);
			known = named ? older : known;
		}
	if (known == KNOWN_YES)
		say(fact, known, "%s=%s in %s", option, *ret_value, config->label);
	else if (named)
		say(fact, known, "%s is not set in %s", option, config->label);
	else if (known == KNOWN_NO)
		say(fact, known, "%s does not have %s: it is not set", config->label, option);
	else
		say(fact, known, "%s is a part of a configuration, and does not have %s", config->label, option);
	return true;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static bool from_android(const struct lade_target *target, const char *option, const char **ret_value,
			 struct known_fact *fact)
{
	const struct target_android *android = target->android;
	if (!android)
		return false;
	if (has_word(lade_target_text + android->options_set, option)) {
		*ret_value = "y";
		say(fact, KNOWN_YES, "%s=y in kernels of %s", option, target->name);
		return true;
	}
	if (!has_word(lade_target_text + android->options_not_set, option))
		return false;
	say(fact, KNOWN_NO, "%s is not set in kernels of %s", option, target->name);
	return true;
}

struct known_fact lade_target_option(struct lade_target *target, const char *option, const char **ret_value)
{
	struct known_fact fact = { .answer = KNOWN_NOT };
	const char *ignored, **value = ret_value ? ret_value : &ignored, *since = since_of(option);
	uint32_t version = lade_target_version(target);
	*value = NULL;
	(void)snprintf(fact.since, sizeof fact.since, "%s", since);
	if (from_config(target, option, value, &fact) || from_android(target, option, value, &fact))
		return fact;
	if (!strcmp(option, "CONFIG_DEBUG_INFO_BTF") && target->own.types) {
		*value = "y";
		say(&fact, KNOWN_YES, "%s has the kernel's types", target->own.types->label);
		return fact;
	}
	fact.by_table = true;
	if (version && lade_needs_version(since) > version)
		say(&fact, KNOWN_NO, "%s came in %s", option, since);
	else
		say(&fact, KNOWN_NOT, "the configuration of %s is not known: --config FILE", target->name);
	return fact;
}

/* ---- symbols ---- */

static bool is_function(struct lade_target *target, const char *name)
{
	struct kernel_type type = { .id = 0 };
	return target->from.types &&
	       lade_kernel_types_exact(target->from.types->types, name, BTF_KIND_FUNC, false, &type, NULL) == 0 &&
	       type.id;
}

struct known_fact lade_target_symbol(struct lade_target *target, const char *name, struct strings *ret_near)
{
	struct known_fact fact = { .answer = KNOWN_NOT };
	struct target_symbols *symbols = target->from.symbols;
	enum known known = symbols ? lade_target_symbols_find(symbols, name) : KNOWN_NOT;
	if (known == KNOWN_YES) {
		say(&fact, known, "%s lists it", symbols->label);
	} else if (known == KNOWN_NO) {
		say(&fact, known, "%s does not list it", symbols->label);
		if (ret_near)
			lade_target_symbols_near(symbols, name, ret_near);
	} else if (is_function(target, name)) {
		say(&fact, KNOWN_YES, "%s has a function of this name", target->from.types->label);
	} else {
		say(&fact, KNOWN_NOT, "the symbols of %s are not known: --system-map FILE", target->name);
	}
	return fact;
}

/* ---- events ---- */

static bool is_tracepoint(struct lade_target *target, const char *event)
{
	char name[160];
	struct kernel_type type = { .id = 0 };
	int length = snprintf(name, sizeof name, "btf_trace_%s", event);
	return target->from.types && length > 0 && (size_t)length < sizeof name &&
	       lade_kernel_types_exact(target->from.types->types, name, BTF_KIND_TYPEDEF, false, &type, NULL) == 0 &&
	       type.id;
}

/* "syscalls/sys_enter_openat": the kernel makes them of its system calls. */
static const char *system_call(const char *event)
{
	static const char *const prefixes[] = { "syscalls/sys_enter_", "syscalls/sys_exit_" };
	for (size_t i = 0; i < ELEMENTS(prefixes); i++)
		if (!strncmp(event, prefixes[i], strlen(prefixes[i])))
			return event + strlen(prefixes[i]);
	return NULL;
}

static bool has_system_call(struct lade_target *target, const char *call)
{
	static const char *const patterns[] = { "__x64_sys_",   "__arm64_sys_", "__do_sys_", "__se_sys_",
						"__riscv_sys_", "__s390x_sys_", "sys_" };
	for (size_t i = 0; i < ELEMENTS(patterns); i++) {
		char name[160];
		(void)snprintf(name, sizeof name, "%s%s", patterns[i], call);
		if (lade_target_symbol(target, name, NULL).answer == KNOWN_YES)
			return true;
	}
	return false;
}

static void from_names(struct lade_target *target, const char *event, struct known_fact *fact)
{
	const char *call = system_call(event), *slash = strchr(event, '/');
	struct known_fact option =
		lade_target_option(target, call ? "CONFIG_FTRACE_SYSCALLS" : "CONFIG_EVENT_TRACING", NULL);
	if (option.answer == KNOWN_NO && !option.by_table) {
		say(fact, KNOWN_NO, "%s", option.why);
		return;
	}
	if (call ? has_system_call(target, call) : slash && is_tracepoint(target, slash + 1))
		say(fact, KNOWN_YES, "%s",
		    call ? "the kernel has this system call" : "the kernel's types have this tracepoint");
	else
		say(fact, KNOWN_NOT, "the events of %s are not known: --events DIR", target->name);
}

struct known_fact lade_target_event(struct lade_target *target, const char *event,
				    const struct event_format **ret_format)
{
	struct known_fact fact = { .answer = KNOWN_NOT };
	struct target_events *events = target->from.events;
	const struct event_format *format = NULL;
	enum known known = events ? lade_target_events_find(events, event, &format) : KNOWN_NOT;
	if (ret_format)
		*ret_format = format;
	if (known == KNOWN_NOT)
		from_names(target, event, &fact);
	else
		say(&fact, known,
		    known == KNOWN_YES ? "%s has its format" : "%s does not have it, but others of its category",
		    events->label);
	return fact;
}
