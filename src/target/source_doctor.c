/* SPDX-License-Identifier: BSD-2-Clause */
/* What lade doctor --json found on another machine (docs/schema/doctor.json). */
#include <stdio.h>

#include "target/internal.h"
#include "target/json.h"

struct target_probes *lade_target_probes_free(struct target_probes *probes)
{
	if (!probes)
		return NULL;
	array_foreach(probe, &probes->items) {
		free(probe->section);
		free(probe->name);
		free(probe->value);
		free(probe->detail);
	}
	array_clear(&probes->items);
	free(probes->label);
	free(probes);
	return NULL;
}

static int compare(const void *one, const void *other)
{
	const struct target_probe *left = one, *right = other;
	int order = strcmp(left->section, right->section);
	return order ? order : strcmp(left->name, right->name);
}

const struct target_probe *lade_target_probe(const struct target_probes *probes, const char *section, const char *name)
{
	struct target_probe key = { .section = (char *)(uintptr_t)section, .name = (char *)(uintptr_t)name };
	return probes->items.count ? bsearch(&key, probes->items.items, probes->items.count, sizeof key, compare)
				   : NULL;
}

bool lade_target_doctor_likely(const uint8_t *start, size_t length)
{
	size_t at = 0;
	while (at < length && strchr(" \t\r\n", start[at]) && start[at])
		at++;
	return at < length && start[at] == '{';
}

/* ---- reading ---- */

struct report {
	struct json json;
	struct target_probes *probes;
	struct strbuf options; /* the configuration as a file has it */
	bool has_facts, failed;
};

static char *take(struct report *report, struct strbuf *text)
{
	char *taken = text->length ? lade_strbuf_take(text) : strdup("");
	report->failed |= !taken;
	return taken;
}

static bool read_key(struct json *json, struct strbuf *key)
{
	lade_strbuf_clear(key);
	bool is_key = lade_json_string(json, key) && lade_json_take(json, ':');
	json->failed |= !is_key;
	return is_key && key->text;
}

static enum known answer_of(const char *state)
{
	return !strcmp(state, "given") ? KNOWN_YES : !strcmp(state, "absent") ? KNOWN_NO : KNOWN_NOT;
}

static void read_fact(struct report *report)
{
	static const char *const keys[] = { "section", "name", "state", "value", "detail" };
	struct strbuf texts[ELEMENTS(keys)] = { 0 }, key = { 0 };
	struct json *json = &report->json;
	bool first = true;
	json->failed |= !lade_json_take(json, '{');
	while (lade_json_more(json, '}', &first) && read_key(json, &key)) {
		size_t which = 0;
		while (which < ELEMENTS(keys) && strcmp(keys[which], key.text) != 0)
			which++;
		if (which < ELEMENTS(keys) && lade_json_peek(json) == '"')
			lade_json_value(json, &texts[which]);
		else
			lade_json_skip(json);
	}
	struct target_probe *probe = json->failed ? NULL : array_push(&report->probes->items);
	if (probe) {
		probe->section = take(report, &texts[0]);
		probe->name = take(report, &texts[1]);
		probe->answer = answer_of(texts[2].text ? texts[2].text : "");
		probe->value = take(report, &texts[3]);
		probe->detail = take(report, &texts[4]);
	}
	report->failed |= !probe && !json->failed;
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		lade_strbuf_clear(&texts[i]);
	lade_strbuf_clear(&key);
}

static void read_facts(struct report *report)
{
	bool first = true;
	report->has_facts = lade_json_take(&report->json, '[');
	report->json.failed |= !report->has_facts;
	while (!report->failed && lade_json_more(&report->json, ']', &first))
		read_fact(report);
}

static bool is_option(const struct strbuf *text)
{
	return text->text && !strncmp(text->text, "CONFIG_", 7) && !strpbrk(text->text, "\n= ");
}

static void read_options(struct report *report)
{
	struct strbuf key = { 0 }, value = { 0 };
	struct json *json = &report->json;
	bool first = true;
	if (!lade_json_take(json, '{')) {
		lade_json_skip(json); /* null: it could not be read */
		return;
	}
	lade_strbuf_add(&report->options, "# Automatically generated: lade doctor --json\n");
	while (lade_json_more(json, '}', &first) && read_key(json, &key)) {
		lade_json_value(json, &value);
		if (is_option(&key) && value.text && !strchr(value.text, '\n'))
			lade_strbuf_addf(&report->options, "%s=%s\n", key.text, value.text);
		lade_strbuf_clear(&value);
	}
	lade_strbuf_clear(&key);
}

static void read_report(struct report *report)
{
	struct strbuf key = { 0 };
	struct json *json = &report->json;
	bool first = true;
	json->failed |= !lade_json_take(json, '{');
	while (!report->failed && lade_json_more(json, '}', &first) && read_key(json, &key)) {
		if (!strcmp(key.text, "facts"))
			read_facts(report);
		else if (!strcmp(key.text, "config"))
			read_options(report);
		else
			lade_json_skip(json);
	}
	lade_strbuf_clear(&key);
	json->failed |= lade_json_peek(json) != 0;
}

/* ---- what of it is for all ---- */

static const char *given(const struct target_probes *probes, const char *section, const char *name)
{
	const struct target_probe *probe = lade_target_probe(probes, section, name);
	return probe && probe->answer == KNOWN_YES ? probe->value : NULL;
}

/* Without a configuration as a whole there are the options that the report names. */
static void add_named_options(struct report *report)
{
	lade_strbuf_add(&report->options, "# of lade doctor --json\n");
	array_foreach(probe, &report->probes->items)
		if (!strcmp(probe->section, "config") && !strncmp(probe->name, "CONFIG_", 7)) {
			if (probe->answer == KNOWN_YES)
				lade_strbuf_addf(&report->options, "%s=%s\n", probe->name, probe->value);
			else if (probe->answer == KNOWN_NO)
				lade_strbuf_addf(&report->options, "# %s is not set\n", probe->name);
		}
}

static int take_parts(struct report *report, const char *file, struct kernel_parts *parts, uint32_t *ret_cpus)
{
	const struct target_probes *probes = report->probes;
	const char *release = given(probes, "kernel", "release"), *machine = given(probes, "kernel", "architecture");
	const char *cpus = given(probes, "kernel", "processors");
	CLEANUP(cleanup_target_blob) struct target_blob text = { 0 };
	if (release && lade_parts_release(parts, release, strlen(release), file) < 0)
		return -ENOMEM;
	if (machine)
		(void)snprintf(parts->machine, sizeof parts->machine, "%s", machine);
	if (cpus && sscanf(cpus, "%7u", ret_cpus) != 1)
		*ret_cpus = 0;
	if (!report->options.length)
		add_named_options(report);
	if (report->options.failed || lade_target_blob_copy(report->options.text, report->options.length, &text) < 0)
		return -ENOMEM;
	return lade_parts_config(parts, &text, file, NULL) == -ENOMEM ? -ENOMEM : 0;
}

static const char *const probed_sections[] = { "program types", "map types", "helpers" };

static bool was_probed(const struct target_probes *probes)
{
	array_foreach(probe, &probes->items)
		for (size_t i = 0; i < ELEMENTS(probed_sections); i++)
			if (!strcmp(probe->section, probed_sections[i]))
				return true;
	return false;
}

int lade_target_doctor_read(const struct target_blob *text, const char *file, struct kernel_parts *parts,
			    struct target_probes **ret_probes, uint32_t *ret_cpus, struct lade_error **error)
{
	CLEANUP(cleanup_target_probes) struct target_probes *probes = calloc(1, sizeof *probes);
	const char *start = (const char *)text->bytes;
	struct report report = { .json = { .at = start, .end = start + text->size }, .probes = probes };
	if (probes)
		probes->label = lade_target_label(file);
	if (!probes || !probes->label)
		return lade_fail_memory(error);
	read_report(&report);
	bool is_report = !report.json.failed && report.has_facts;
	if (is_report && !report.failed) {
		lade_sort(probes->items.items, probes->items.count, sizeof *probes->items.items, compare);
		is_report = given(probes, "kernel", "release");
		probes->was_probed = was_probed(probes);
		report.failed = is_report && take_parts(&report, file, parts, ret_cpus) < 0;
	}
	lade_strbuf_clear(&report.options);
	if (report.failed)
		return lade_fail_memory(error);
	if (!is_report)
		return lade_fail(error, EINVAL, "target.doctor", "%s: is %s", file,
				 report.json.failed ? "no JSON, or cut short" : "JSON, but no report of lade doctor");
	*ret_probes = TAKE(probes);
	return 0;
}
