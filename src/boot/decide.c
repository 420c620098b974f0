/* SPDX-License-Identifier: BSD-2-Clause */
/* One object under one policy: room for the answer, who gives it, and giving it back. */
#include "boot/decide.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "boot/rules.h"

/* ---- lines of a log ---- */

void lade_boot_log_add(struct boot_log *log, enum lade_boot_level level, const char *format, ...)
{
	char *text;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	struct boot_log_line *line = log ? array_push(&log->lines) : NULL;
	if (line)
		*line = (struct boot_log_line){ level, text };
	else
		free(text);
}

void lade_boot_log_clear(struct boot_log *log)
{
	array_foreach(line, &log->lines)
		free(line->text);
	array_clear(&log->lines);
}

/* ---- the name of the instance ---- */

/* "net_shared/" and "foo@2" make net_shared_foo_2: what a name in bpffs may hold. */
char *lade_boot_instance_name(const char *prefix, const char *object)
{
	char *name;
	if (asprintf(&name, "%s%s", prefix ? prefix : "", object) < 0)
		return NULL;
	for (char *c = name; *c; c++)
		if (!is_ascii_alnum(*c) && *c != '-')
			*c = '_';
	return name;
}

/* ---- room ---- */

static int make_room(const struct lade_object *object, struct boot_decision *decision)
{
	decision->maps = calloc(object->maps.count + 1, sizeof *decision->maps);
	decision->programs = calloc(object->programs.count + 1, sizeof *decision->programs);
	decision->log = calloc(1, sizeof *decision->log);
	if (!decision->maps || !decision->programs || !decision->log)
		return -ENOMEM;
	decision->map_count = object->maps.count;
	decision->program_count = object->programs.count;
	return 0;
}

int lade_boot_decide(const struct boot_policy *policy, const struct boot_location *location,
		     const struct lade_object *object, struct boot_decision *ret_decision)
{
	struct boot_decision decision = { .verdict = BOOT_LOAD };
	int result = make_room(object, &decision);
	if (result == 0)
		result = policy->is_android ? lade_boot_decide_android(policy, location, object, &decision)
					    : lade_boot_decide_rules(policy, location, object, &decision);
	if (result == 0 && !decision.instance)
		decision.instance = lade_boot_instance_name(location->prefix, object->name);
	if (result == 0 && decision.instance) {
		*ret_decision = decision;
		return 0;
	}
	lade_boot_decision_clear(&decision);
	return -ENOMEM;
}

static void clear_parts(struct boot_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(parts[i].skip);
		free(parts[i].pin);
		free(parts[i].pin_first);
		array_clear(&parts[i].targets);
		lade_boot_log_clear(&parts[i].log);
	}
	free(parts);
}

void lade_boot_decision_clear(struct boot_decision *decision)
{
	clear_parts(decision->maps, decision->map_count);
	clear_parts(decision->programs, decision->program_count);
	free(decision->instance);
	(void)lade_error_free(decision->error);
	lade_findings_clear(&decision->notes);
	if (decision->log)
		lade_boot_log_clear(decision->log);
	free(decision->log);
	*decision = (struct boot_decision){ 0 };
}
