/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of linux/bpf.h: does the kernel know them? */
#include <linux/bpf.h>
#include <stdio.h>

#include "needs/needs.h"
#include "needs/table.h"
#include "target/internal.h"

#define VERSION(major, minor) ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16)

static void say(struct known_fact *fact, enum known answer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct known_fact *fact, enum known answer, const char *format, ...)
{
	va_list values;
	fact->answer = answer;
	va_start(values, format);
	(void)vsnprintf(fact->why, sizeof fact->why, format, values);
	va_end(values);
}

/* ---- releases ---- */

static void say_order(const struct lade_target *target, struct known_fact *fact, uint32_t since, uint32_t version)
{
	const char *release = lade_release_name(version);
	bool is_there = version >= since;
	if (!strcmp(target->name, release))
		say(fact, is_there ? KNOWN_YES : KNOWN_NO, "it came in %s%s%s", fact->since, is_there ? "" : ", after ",
		    is_there ? "" : release);
	else
		say(fact, is_there ? KNOWN_YES : KNOWN_NO, "it came in %s, and %s is %s%s", fact->since, target->name,
		    version == target->version ? "" : "by its types like ", release);
}

/* Its release, or what its types say: they may be a distribution's, which backports. */
static void say_release(const struct lade_target *target, struct known_fact *fact, uint32_t since)
{
	struct target_types *types = target->from.types;
	uint32_t version = lade_target_version(target);
	fact->by_table = true;
	if (!version)
		say(fact, KNOWN_NOT, "neither the release nor the types of %s are known", target->name);
	else if (!target->version && types && since > version && since < lade_target_types_ceiling(types))
		say(fact, KNOWN_NOT, "it came in %s, and %s, whose release is not known, may be of %s or newer",
		    fact->since, target->name, lade_release_name(version));
	else
		say_order(target, fact, since, version);
}

struct known_fact lade_target_since(const struct lade_target *target, const char *release)
{
	struct known_fact fact = { .answer = KNOWN_NOT };
	uint32_t since = lade_needs_version(release);
	(void)snprintf(fact.since, sizeof fact.since, "%s", release);
	say_release(target, &fact, since);
	if (target->from.types && since && lade_target_types_level(target->from.types) >= since) {
		fact.by_table = false;
		say(&fact, KNOWN_YES, "%s lists all that came up to %s", target->from.types->label, release);
	}
	return fact;
}

/* ---- numbers ---- */

struct number {
	enum target_enum which;
	const char *section; /* of a report of lade doctor */
	const char *what;
	uint32_t number;
	const char *name, *since, *options; /* NULL: not in our tables */
};

static void fill(struct number *number, const struct need_fact *facts, size_t count)
{
	for (size_t i = 0; i < count && !number->name; i++) {
		if (facts[i].number != number->number)
			continue;
		number->name = lade_need_text + facts[i].name;
		number->since = lade_need_text + facts[i].since;
		number->options = lade_need_text + facts[i].options;
	}
}

static bool from_probe(const struct lade_target *target, const struct number *number, struct known_fact *fact)
{
	const struct target_probe *probe =
		target->from.probes && number->name
			? lade_target_probe(target->from.probes, number->section, number->name)
			: NULL;
	if (!probe || probe->answer == KNOWN_NOT)
		return false;
	say(fact, probe->answer, "it was tried there (%s): %s", target->from.probes->label,
	    probe->answer == KNOWN_YES ? "yes" : "no");
	return true;
}

/* Options that older kernels wanted besides. */
static const struct {
	enum target_enum which;
	uint32_t number, before;
	const char *option;
} older_options[] = {
	{ TARGET_MAP_TYPES, BPF_MAP_TYPE_SOCKMAP, VERSION(5, 13), "CONFIG_BPF_STREAM_PARSER" },
	{ TARGET_MAP_TYPES, BPF_MAP_TYPE_SOCKHASH, VERSION(5, 13), "CONFIG_BPF_STREAM_PARSER" },
	{ TARGET_MAP_TYPES, BPF_MAP_TYPE_TASK_STORAGE, VERSION(5, 13), "CONFIG_BPF_LSM" },
};

static bool lacks_option(struct lade_target *target, const char *option, struct known_fact *fact)
{
	struct known_fact answer = lade_target_option(target, option, NULL);
	if (answer.answer != KNOWN_NO || answer.by_table)
		return false;
	say(fact, KNOWN_NO, "%s", answer.why);
	return true;
}

static bool lacks_options(struct lade_target *target, const struct number *number, struct known_fact *fact)
{
	char option[64];
	int length;
	uint32_t version = lade_target_version(target);
	if (lacks_option(target, "CONFIG_BPF_SYSCALL", fact))
		return true;
	for (const char *at = number->options ? number->options : ""; sscanf(at, " %63s%n", option, &length) == 1;
	     at += length)
		if (lacks_option(target, option, fact))
			return true;
	for (size_t i = 0; i < ELEMENTS(older_options); i++)
		if (older_options[i].which == number->which && older_options[i].number == number->number && version &&
		    version < older_options[i].before && lacks_option(target, older_options[i].option, fact))
			return true;
	return false;
}

static bool from_types(struct lade_target *target, const struct number *number, struct known_fact *fact)
{
	struct target_types *types = target->from.types;
	enum known known = types ? lade_target_types_list(types, number->which, number->number) : KNOWN_NOT;
	if (known == KNOWN_NOT)
		return false;
	say(fact, known, "enum %s of %s %s it", lade_target_enum_name(number->which), types->label,
	    known == KNOWN_YES ? "lists" : "does not list");
	return true;
}

static void from_table(const struct lade_target *target, const struct number *number, struct known_fact *fact)
{
	fact->by_table = true;
	if (number->since)
		say_release(target, fact, lade_needs_version(number->since));
	else if (lade_target_version(target))
		say(fact, KNOWN_NO, "no release up to %s has %s %u", lade_release_name(UINT32_MAX), number->what,
		    number->number);
	else
		say(fact, KNOWN_NOT, "neither the release nor the types of %s are known", target->name);
}

static struct known_fact ask(struct lade_target *target, const struct number *number)
{
	struct known_fact fact = { .answer = KNOWN_NOT };
	if (number->since)
		(void)snprintf(fact.since, sizeof fact.since, "%s", number->since);
	if (!from_probe(target, number, &fact) && !lacks_options(target, number, &fact) &&
	    !from_types(target, number, &fact))
		from_table(target, number, &fact);
	return fact;
}

struct known_fact lade_target_map_type(struct lade_target *target, uint32_t type)
{
	struct number number = { TARGET_MAP_TYPES, "map types", "map type", type, NULL, NULL, NULL };
	fill(&number, lade_need_maps, lade_need_map_count);
	return ask(target, &number);
}

struct known_fact lade_target_program_type(struct lade_target *target, uint32_t type)
{
	struct number number = { TARGET_PROGRAM_TYPES, "program types", "program type", type, NULL, NULL, NULL };
	fill(&number, lade_need_programs, lade_need_program_count);
	return ask(target, &number);
}

struct known_fact lade_target_attach_type(struct lade_target *target, uint32_t type)
{
	struct number number = { TARGET_ATTACH_TYPES, "attach types", "attach type", type, NULL, NULL, NULL };
	fill(&number, lade_need_attachs, lade_need_attach_count);
	return ask(target, &number);
}

struct known_fact lade_target_link_type(struct lade_target *target, uint32_t type)
{
	struct number number = { TARGET_LINK_TYPES, "link types", "link type", type, NULL, NULL, NULL };
	for (size_t i = 0; i < lade_target_link_count; i++)
		if (lade_target_links[i].number == type) {
			number.name = lade_target_text + lade_target_links[i].name;
			number.since = lade_target_text + lade_target_links[i].since;
		}
	return ask(target, &number);
}

static struct number helper_number(uint32_t helper)
{
	struct number number = { TARGET_HELPERS, "helpers", "helper", helper, NULL, NULL, NULL };
	fill(&number, lade_need_helpers, lade_need_helper_count);
	return number;
}

struct known_fact lade_target_helper(struct lade_target *target, uint32_t helper)
{
	struct number number = helper_number(helper);
	return ask(target, &number);
}

struct known_fact lade_target_map_flag(struct lade_target *target, uint32_t flag)
{
	struct number number = { TARGET_MAP_TYPES, "", "map flag", flag, NULL, NULL, NULL };
	struct known_fact fact = { .answer = KNOWN_NOT };
	fill(&number, lade_need_flags, lade_need_flag_count);
	if (number.since)
		(void)snprintf(fact.since, sizeof fact.since, "%s", number.since);
	from_table(target, &number, &fact);
	if (fact.answer == KNOWN_YES || !target->from.types)
		return fact;
	uint32_t flags = lade_target_types_flags(target->from.types);
	if (!flags)
		return fact;
	bool has = (flags & flag) == flag;
	fact.by_table = false;
	say(&fact, has ? KNOWN_YES : KNOWN_NO, "the flags of maps in %s %s it", target->from.types->label,
	    has ? "have" : "do not have");
	return fact;
}

/* ---- kinds of BTF ---- */

static const struct {
	uint32_t kind;
	const char *since;
} kinds[] = {
	{ BTF_KIND_FUNC, "5.0" },      { BTF_KIND_FUNC_PROTO, "5.0" }, { BTF_KIND_VAR, "5.2" },
	{ BTF_KIND_DATASEC, "5.2" },   { 16 /* FLOAT */, "5.13" },     { 17 /* DECL_TAG */, "5.16" },
	{ 18 /* TYPE_TAG */, "5.17" }, { 19 /* ENUM64 */, "6.0" },
};

struct known_fact lade_target_btf_kind(struct lade_target *target, uint32_t kind)
{
	struct number number = { TARGET_MAP_TYPES, "btf kinds", "kind of BTF", kind, NULL, NULL, NULL };
	struct known_fact fact = { .answer = KNOWN_NOT };
	number.name = lade_btf_kind_name(kind);
	number.since = kind && kind < BTF_KIND_FUNC ? "4.18" : NULL;
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (kinds[i].kind == kind)
			number.since = kinds[i].since;
	if (number.since)
		(void)snprintf(fact.since, sizeof fact.since, "%s", number.since);
	if (!from_probe(target, &number, &fact))
		from_table(target, &number, &fact);
	return fact;
}
