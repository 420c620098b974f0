/* SPDX-License-Identifier: BSD-2-Clause */
/* Filling and describing one finding. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/info.h"

static void replace(char **place, const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	free(*place);
	*place = copy;
}

void finding_object(struct lade_finding *finding, const char *name)
{
	if (finding)
		replace(&finding->object, name);
}

void finding_map(struct lade_finding *finding, const char *name)
{
	if (finding)
		replace(&finding->map, name);
}

void finding_program(struct lade_finding *finding, const char *name)
{
	if (finding)
		replace(&finding->program, name);
}

void finding_log(struct lade_finding *finding, const char *log)
{
	if (finding)
		replace(&finding->log, log);
}

void finding_see(struct lade_finding *finding, const char *see)
{
	if (finding)
		replace(&finding->see, see);
}

static const char *bound(const char *version)
{
	return version && *version ? version : NULL;
}

void finding_kernels(struct lade_finding *finding, const char *since, const char *until)
{
	if (!finding)
		return;
	replace(&finding->since, bound(since));
	replace(&finding->until, bound(until));
}

void finding_source(struct lade_finding *finding, const char *file, uint32_t line, const char *text)
{
	if (!finding)
		return;
	replace(&finding->source_file, file);
	replace(&finding->source_text, text);
	finding->source_line = line;
}

static void replacev(char **place, const char *format, va_list arguments)
{
	char *text = NULL;
	if (vasprintf(&text, format, arguments) < 0)
		return;
	free(*place);
	*place = text;
}

void finding_cause(struct lade_finding *finding, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	if (finding)
		replacev(&finding->cause, format, arguments);
	va_end(arguments);
}

void finding_fix(struct lade_finding *finding, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	if (finding)
		replacev(&finding->fix, format, arguments);
	va_end(arguments);
}

void finding_evidence(struct lade_finding *finding, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	if (!finding)
		return;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (text)
		(void)lade_strings_add(&finding->evidence, text);
	free(text);
}

static bool copy_texts(struct lade_finding *copy, const struct lade_finding *finding)
{
	const struct {
		char **to;
		const char *from;
	} texts[] = {
		{ &copy->object, finding->object },
		{ &copy->map, finding->map },
		{ &copy->program, finding->program },
		{ &copy->source_file, finding->source_file },
		{ &copy->source_text, finding->source_text },
		{ &copy->message, finding->message },
		{ &copy->cause, finding->cause },
		{ &copy->fix, finding->fix },
		{ &copy->see, finding->see },
		{ &copy->log, finding->log },
		{ &copy->since, finding->since },
		{ &copy->until, finding->until },
	};
	bool is_whole = true;

	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		*texts[i].to = texts[i].from ? strdup(texts[i].from) : NULL;
		is_whole &= !texts[i].from || *texts[i].to;
	}
	array_foreach(line, &finding->evidence)
		is_whole &= lade_strings_add(&copy->evidence, *line) == 0;
	return is_whole;
}

struct lade_finding *lade_finding_copy(const struct lade_finding *finding)
{
	struct lade_finding *copy = calloc(1, sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *finding;
	copy->evidence = (struct strings){ 0 };
	return copy_texts(copy, finding) ? copy : lade_finding_free(copy);
}

int lade_finding_describe(const struct lade_finding *finding, struct lade_finding_info *info)
{
	const struct finding_kind *kind = lade_finding_kind(finding->code);
	bool is_general = kind && !finding->since && !finding->until;
	struct lade_finding_info full = {
		.size = info->size,
		.code = finding->code,
		.severity = finding->severity,
		.confidence = finding->confidence,
		.phase = finding->phase,
		.object = finding->object,
		.map = finding->map,
		.program = finding->program,
		.instruction = finding->instruction,
		.source_file = finding->source_file,
		.source_line = finding->source_line,
		.source_text = finding->source_text,
		.message = finding->message,
		.cause = finding->cause,
		.evidence = (const char *const *)finding->evidence.items,
		.evidence_count = finding->evidence.count,
		.fix = finding->fix,
		.see = finding->see ? finding->see : finding->code - (sizeof FINDING_SEE - 1),
		.log = finding->log,
		.since = is_general ? bound(kind->since) : finding->since,
		.until = is_general ? bound(kind->until) : finding->until,
	};
	return info_fill(info, &full, sizeof full);
}

const char *lade_severity_name(enum lade_severity severity)
{
	static const char *const names[] = { "note", "warning", "error" };
	return (size_t)severity < ELEMENTS(names) ? names[severity] : "error";
}

const char *lade_confidence_name(enum lade_confidence confidence)
{
	static const char *const names[] = { "certain", "likely", "possible" };
	return (size_t)confidence < ELEMENTS(names) ? names[confidence] : "possible";
}

const char *lade_phase_name(enum lade_phase phase)
{
	static const char *const names[] = { "read", "model",  "plan",   "map",  "verify",
					     "pin",  "attach", "stream", "state" };
	return (size_t)phase < ELEMENTS(names) ? names[phase] : "plan";
}
