/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings, and what they mean for the answer. */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "needs/needs.h"
#include "needs/table.h"

static enum lade_severity severity_of(enum verdict verdict)
{
	static const enum lade_severity severities[] = {
		[VERDICT_NOTE] = LADE_NOTE,
		[VERDICT_UNSURE] = LADE_WARNING,
		[VERDICT_REFUSED] = LADE_ERROR,
	};

	return severities[verdict];
}

static struct lade_finding *say(struct judging *judging, enum verdict verdict, const char *code, const char *format,
				va_list arguments)
{
	char text[512];
	struct lade_finding *finding;

	/* What is left out where it does not fit is no failure of the object. */
	if (judging->optional && verdict != VERDICT_NOTE)
		verdict = VERDICT_NOTE;
	(void)vsnprintf(text, sizeof text, format, arguments);
	finding = lade_note_add(&judging->check->findings, code, "%s: %s%s", judging->object->file, text,
				judging->optional ? "; it is optional, and left out there" : "");
	judging->failed |= !finding;
	if (!finding)
		return NULL;
	finding->severity = severity_of(verdict);
	finding->confidence = verdict == VERDICT_UNSURE ? LADE_LIKELY : LADE_CERTAIN;
	if (verdict == VERDICT_NOTE && finding->exit_code)
		finding->exit_code = 0;
	finding_object(finding, judging->object->name);
	if (judging->map)
		finding_map(finding, judging->map->name);
	if (judging->program)
		finding_program(finding, judging->program->name);
	return finding;
}

struct lade_finding *lade_check_say(struct judging *judging, enum verdict verdict, const char *code, const char *format,
				    ...)
{
	struct lade_finding *finding;
	va_list arguments;

	va_start(arguments, format);
	finding = say(judging, verdict, code, format, arguments);
	va_end(arguments);
	return finding;
}

#define OTHERS_MOST 8 /* named one by one */

static void add_other(struct judging *judging, struct said *said)
{
	const char *name = judging->program ? judging->program->name : judging->map ? judging->map->name : NULL;

	if (name && said->finding < judging->check->findings.count && said->others++ < OTHERS_MOST)
		finding_evidence(judging->check->findings.items[said->finding], "%s %s, too",
				 judging->program ? "program" : "map", name);
}

bool lade_check_said(struct judging *judging, enum verdict verdict, const char *what)
{
	struct said *place;

	if (judging->optional)
		verdict = VERDICT_NOTE;
	array_foreach(said, &judging->said) {
		if (said->verdict != verdict || strcmp(said->what, what) != 0)
			continue;
		add_other(judging, said);
		return true;
	}
	place = array_push(&judging->said);
	if (place)
		*place = (struct said){ strdup(what), verdict, judging->check->findings.count, 0 };
	judging->failed |= !place || !place->what;
	if (place && !place->what)
		judging->said.count--;
	return false;
}

enum verdict lade_check_verdict(const struct judging *judging, const struct known_fact *fact)
{
	if (fact->answer == KNOWN_YES)
		return VERDICT_NOTE;
	return fact->answer == KNOWN_NOT || (fact->by_table && judging->backports) ? VERDICT_UNSURE : VERDICT_REFUSED;
}

/* Everything that only the release could tell is one finding in the end. */
static bool remember_unknown(struct judging *judging, const struct known_fact *fact, const char *format,
			     va_list arguments)
{
	char text[256];

	if (fact->answer != KNOWN_NOT || judging->version || judging->optional)
		return false;
	(void)vsnprintf(text, sizeof text, format, arguments);
	array_foreach(known, &judging->unknown)
		if (strcmp(*known, text) == 0)
			return true;
	judging->failed |= lade_strings_add(&judging->unknown, text) < 0;
	return true;
}

/* The last release without it: "5.7" for "5.8", "5.19" for "6.0". */
static void set_last_release(struct lade_finding *finding, const char *since)
{
	static const unsigned last_minor[] = { [3] = 19, [4] = 20, [5] = 19, [6] = 19 };
	unsigned major = 0, minor = 0;
	char until[16];

	if (sscanf(since, "%2u.%2u", &major, &minor) != 2 || major < 4 || (!minor && major > ELEMENTS(last_minor)))
		return;
	(void)snprintf(until, sizeof until, "%u.%u", minor ? major : major - 1,
		       minor ? minor - 1 : last_minor[major - 1]);
	finding_kernels(finding, NULL, until);
}

static void prove(const struct judging *judging, struct lade_finding *finding, const struct known_fact *fact)
{
	if (*fact->why)
		finding_evidence(finding, "%s", fact->why);
	if (finding && fact->by_table && !judging->is_release)
		finding->confidence = LADE_LIKELY;
	if (strncmp(fact->why, "CONFIG_", strlen("CONFIG_")) == 0)
		finding_fix(finding, "%.*s=y in that kernel's configuration", (int)strcspn(fact->why, " "), fact->why);
	if (!*fact->since || (judging->version && judging->version >= lade_needs_version(fact->since)))
		return; /* it is not the release that decides */
	finding_fix(finding, "a kernel from %s on has it%s", fact->since,
		    fact->by_table && judging->backports ? "; this distribution may have brought it to its own: "
							   "--btf FILE of that kernel tells"
							 : "");
	set_last_release(finding, fact->since);
}

bool lade_check_lacks_bpf(const struct judging *judging, const struct known_fact *fact)
{
	return fact->answer == KNOWN_NO && *judging->no_bpf && strcmp(fact->why, judging->no_bpf) == 0;
}

bool lade_check_needs(struct judging *judging, const struct known_fact *fact, const char *code, const char *format, ...)
{
	struct lade_finding *finding;
	va_list arguments, again;
	bool kept;

	judging->check->by_table |= fact->by_table;
	if (fact->answer == KNOWN_YES || lade_check_lacks_bpf(judging, fact))
		return true;
	va_start(arguments, format);
	va_copy(again, arguments);
	kept = remember_unknown(judging, fact, format, again);
	va_end(again);
	finding = kept ? NULL : say(judging, lade_check_verdict(judging, fact), code, format, arguments);
	va_end(arguments);
	prove(judging, finding, fact);
	return false;
}

bool lade_check_attach_needs(struct judging *judging, const struct known_fact *fact, const char *code,
			     const char *format, ...)
{
	enum verdict verdict = lade_check_verdict(judging, fact);
	struct lade_finding *finding;
	char text[384];
	va_list arguments;

	if (fact->answer == KNOWN_YES || (fact->answer == KNOWN_NOT && !judging->opts.attach))
		return true;
	if (!judging->opts.attach)
		verdict = VERDICT_NOTE;
	else
		judging->check->by_table |= fact->by_table;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	finding = lade_check_say(judging, verdict, code, "%s%s", text,
				 judging->opts.attach ? "" : "; it loads, but cannot be attached so");
	prove(judging, finding, fact);
	return false;
}

/* ---- places in the source ---- */

/* The last line that begins at or before the instruction. */
static const struct bpf_line_info *line_of(const struct program_operation *load, uint32_t instruction)
{
	const struct bpf_line_info *found = NULL;

	array_foreach(line, &load->line_info)
		if (line->insn_off <= instruction && (!found || line->insn_off >= found->insn_off))
			found = line;
	return found;
}

void lade_check_at(const struct judging *judging, struct lade_finding *finding, uint32_t instruction)
{
	const struct lade_btf *btf = judging->object->btf;
	const struct bpf_line_info *line = judging->load && btf && finding ? line_of(judging->load, instruction) : NULL;

	finding_instruction(finding, instruction);
	if (line) {
		const char *text = lade_btf_string(btf, line->line_off);
		while (*text == ' ' || *text == '\t')
			text++;
		finding_source(finding, lade_btf_string(btf, line->file_name_off), line->line_col >> 10, text);
	}
}

/* ---- releases ---- */

#define RELEASE(major, minor) ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16)

bool lade_check_since(struct judging *judging, unsigned major, unsigned minor)
{
	return judging->version && judging->version >= RELEASE(major, minor);
}

bool lade_check_before(struct judging *judging, unsigned major, unsigned minor)
{
	return judging->version && judging->version < RELEASE(major, minor);
}

bool lade_check_feature(struct judging *judging, const char *feature, int64_t where)
{
	const struct need_rule *rule = lade_need_feature(feature);
	size_t before = judging->check->findings.count;
	struct known_fact fact;
	bool fits;

	if (!rule)
		return true;
	fact = lade_target_since(judging->target, need_text(rule->name));
	if (fact.answer != KNOWN_YES && lade_check_said(judging, lade_check_verdict(judging, &fact), feature))
		return false;
	fits = lade_check_needs(
		judging, &fact, need_text(rule->code), "program %s has %s, which needs a kernel from %s on",
		judging->program ? judging->program->name : "?", need_text(rule->reason), need_text(rule->name));
	if (!fits && where >= 0 && judging->check->findings.count > before)
		lade_check_at(judging, judging->check->findings.items[before], (uint32_t)where);
	return fits;
}
