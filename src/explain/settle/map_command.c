/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "bpftool map create PATH type TYPE key BYTES value BYTES entries N": the command before "map create failed" says what
 * was asked for, of which its words may prove that no kernel takes it, or since when kernels know the type.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "diagnose/map_rules.h"
#include "explain/found/others.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"
#include "explain/strace/strace.h"
#include "needs/table.h"
#include "object/sections_table.h"

#define TEXT_BYTES   (1U << 20)
#define ITEMS_MAX    8 /* for which the text is searched */
#define OLD_ENOUGH   (4 << 8 | 19)
#define NUMBER_BYTES 24
#define FRAMES_MAX   127U /* kernel.perf_event_max_stack, unless it was changed */

static bool is_refused(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && item->errnum == EINVAL &&
	       strcmp(item->finding->code, "map.create.definition") == 0 && strstr(item->line, "map create failed");
}

/* The last one before the line that failed. */
static bool find_command(const struct span *text, size_t before, struct mention *ret_line)
{
	struct mention line = { .next = text->text };
	bool is_found = false;

	while (lade_find_mention(text, "bpftool map create ", &line) && line.number < before) {
		*ret_line = line;
		is_found = true;
	}
	return is_found;
}

/* What stands behind " key ": empty where the command does not have it. */
static struct span word_behind(const struct mention *line, const char *name)
{
	const char *end = line->text.text + line->text.length, *at = lade_in_mention(line, name), *stop;

	if (!at)
		return (struct span){ end, 0 };
	at += strlen(name);
	for (stop = at; stop < end && lade_is_of_name(*stop); stop++)
		;
	return (struct span){ at, (size_t)(stop - at) };
}

/* Decimal, or hexadecimal as flags often are. */
static uint32_t number_behind(const struct mention *line, const char *name)
{
	const struct span word = word_behind(line, name);
	char digits[NUMBER_BYTES];

	if (word.length >= sizeof digits)
		return 0;
	memcpy(digits, word.text, word.length);
	digits[word.length] = '\0';
	return (uint32_t)strtoul(digits, NULL, 0);
}

/* 0: no such type. */
static uint32_t type_of(const struct span *word)
{
	for (uint32_t type = 1; type < lade_map_name_count; type++) {
		const char *name = lade_map_names[type];
		if (name && strlen(name) == word->length && strncasecmp(name, word->text, word->length) == 0)
			return type;
	}
	return 0;
}

static void blame_rule(struct lade_finding *finding, const struct map_rule *rule)
{
	finding_cause(finding, "the command asks for what no kernel takes: %s", rule->cause);
	finding_fix(finding, "%s (in the command: key, value, entries, flags)", rule->fix);
	finding_confidence(finding, LADE_LIKELY);
}

/* Maps of maps learn from a first map what all the others will be like. */
static bool lacks_inner(const struct mention *command, uint32_t type)
{
	return (type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS) &&
	       !lade_in_mention(command, " inner_map ");
}

static void blame_inner(struct lade_finding *finding)
{
	finding_cause(finding,
		      "the command makes a map of maps and names no map (inner_map) as the one that the others "
		      "are to be like");
	finding_fix(finding, "make such a map first, and add inner_map pinned PATH (or id N) to the command");
	finding_confidence(finding, LADE_LIKELY);
}

/* More addresses than the kernel keeps of a stack, where nobody changed that number. */
static bool is_too_deep(const struct map_definition *map)
{
	return map->type == BPF_MAP_TYPE_STACK_TRACE && map->value_size > FRAMES_MAX * sizeof(uint64_t);
}

static void blame_depth(struct lade_finding *finding)
{
	finding_cause(
		finding,
		"a stack trace may have kernel.perf_event_max_stack addresses of 8 bytes (%u where nobody changed "
		"it), and the command's value is larger",
		FRAMES_MAX);
	finding_fix(finding, "value %zu at most, or sysctl kernel.perf_event_max_stack=N first",
		    FRAMES_MAX * sizeof(uint64_t));
	finding_confidence(finding, LADE_LIKELY);
}

static void blame_age(struct lade_finding *finding, const struct span *type, const char *since,
		      const struct kernel_known *kernel)
{
	uint16_t version;

	if (!*since || !lade_kernel_parse(since, &version) || version <= OLD_ENOUGH || kernel->low >= version)
		return;
	finding_cause(finding,
		      "the command's sizes are none that the type forbids, and maps of type %.*s came with %s: the "
		      "kernel is older, or was built without them; else it is a flag that this type does not take",
		      (int)type->length, type->text, since);
	finding_fix(finding, "uname -r: a kernel from %s on; bpftool feature probe kernel | grep %.*s", since,
		    (int)type->length, type->text);
	finding_confidence(finding, LADE_LIKELY);
}

static const char *since_of(uint32_t type)
{
	for (size_t i = 0; i < lade_need_map_count; i++)
		if (lade_need_maps[i].number == type)
			return lade_need_text + lade_need_maps[i].since;
	return "";
}

static void settle(struct explained *item, const struct mention *command, const struct kernel_known *kernel)
{
	const struct span type = word_behind(command, " type ");
	const struct map_definition map = {
		.type = type_of(&type),
		.key_size = number_behind(command, " key "),
		.value_size = number_behind(command, " value "),
		.max_entries = number_behind(command, " entries "),
		.flags = number_behind(command, " flags "),
	};
	const struct map_rule *rule = map.type ? lade_map_broken_rule(&map) : NULL;

	if (rule || lacks_inner(command, map.type) || is_too_deep(&map))
		lade_drop_others(&item->finding->evidence, NULL);
	if (rule)
		blame_rule(item->finding, rule);
	else if (lacks_inner(command, map.type))
		blame_inner(item->finding);
	else if (is_too_deep(&map))
		blame_depth(item->finding);
	else if (map.type)
		blame_age(item->finding, &type, since_of(map.type), kernel);
	if (map.type)
		finding_evidence(item->finding,
				 "the command: type %.*s, key %" PRIu32 ", value %" PRIu32 ", %" PRIu32 " entries",
				 (int)type.length, type.text, map.key_size, map.value_size, map.max_entries);
}

void lade_explanation_map_command(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span whole = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	struct mention command = { 0 };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (is_refused(item) && looked++ < ITEMS_MAX && find_command(&whole, item->first_line, &command))
			settle(item, &command, &explanation->kernel);
}
