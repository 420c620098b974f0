/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sections there are, and which keys each of them takes. */
#include <string.h>

#include "base/similar.h"
#include "base/strbuf.h"
#include "boot/conf.h"

#define BIT(kind) (1U << (kind))
#define PARTS     (BIT(CONF_PROGRAM) | BIT(CONF_MAP))

static const struct kind_row {
	const char *word;
	enum conf_kind kind;
	const char *form;
} kinds[] = {
	{ "location", CONF_LOCATION, "[location DIRECTORY]" },
	{ "object", CONF_OBJECT, "[object NAME]" },
	{ "program", CONF_PROGRAM, "[program OBJECT/NAME]" },
	{ "map", CONF_MAP, "[map OBJECT/NAME]" },
};

static const struct conf_key {
	const char *name;
	unsigned kinds;
	conf_value *take;
	bool repeats;
} keys[] = {
	{ "prefix", BIT(CONF_LOCATION), lade_conf_prefix },
	{ "types", BIT(CONF_LOCATION), lade_conf_types, true },
	{ "critical", BIT(CONF_OBJECT), lade_conf_critical },
	{ "optional", BIT(CONF_OBJECT) | BIT(CONF_PROGRAM), lade_conf_optional },
	{ "kernel", BIT(CONF_OBJECT) | PARTS, lade_conf_kernel },
	{ "config", BIT(CONF_OBJECT) | PARTS, lade_conf_config, true },
	{ "attach", BIT(CONF_LOCATION) | BIT(CONF_OBJECT) | BIT(CONF_PROGRAM), lade_conf_attach, true },
	{ "order", BIT(CONF_LOCATION) | BIT(CONF_OBJECT), lade_conf_order },
	{ "timeout", BIT(CONF_OBJECT), lade_conf_timeout },
	{ "owner", BIT(CONF_LOCATION) | BIT(CONF_OBJECT) | PARTS, lade_conf_owner },
	{ "group", BIT(CONF_LOCATION) | BIT(CONF_OBJECT) | PARTS, lade_conf_group },
	{ "mode", BIT(CONF_LOCATION) | BIT(CONF_OBJECT) | PARTS, lade_conf_mode },
	{ "pin", PARTS, lade_conf_pin },
};

static const struct kind_row *row_of(enum conf_kind kind)
{
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

/* ---- sections ---- */

static void fail_section(struct conf *conf, const char *text)
{
	struct similar_names similar = { .wanted = text };
	struct lade_finding *finding =
		lade_conf_fail(conf, "boot.policy.section", "[%.80s]: no section of a policy", text);
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		lade_similar_consider(&similar, kinds[i].word);
	lade_similar_evidence(&similar, finding, "section");
	lade_similar_clear(&similar);
}

static void fail_form(struct conf *conf, const struct kind_row *row, const char *why)
{
	struct lade_finding *finding = lade_conf_fail(conf, "boot.policy.section", "[%s]: %s", row->word, why);
	finding_fix(finding, "write %s", row->form);
}

/* "/usr/lib/bpf//" is "/usr/lib/bpf". */
static bool is_directory(char *text)
{
	size_t length = strlen(text);
	while (length > 1 && text[length - 1] == '/')
		text[--length] = '\0';
	return text[0] == '/' && !strstr(text, "/../") && !(length >= 3 && strcmp(text + length - 3, "/..") == 0);
}

/* One directory may have several sections: what a later one says is added, and replaces. */
static void begin_location(struct conf *conf, const struct kind_row *row, char *text)
{
	if (!is_directory(text)) {
		fail_form(conf, row, "the directory is no absolute path");
		return;
	}
	array_foreach(known, &conf->policy->locations)
		if (strcmp(known->directory, text) == 0) {
			conf->section.location = (uint32_t)(known - conf->policy->locations.items);
			conf->section.kind = CONF_LOCATION;
			return;
		}
	struct boot_location *location = array_push(&conf->policy->locations);
	if (!location) {
		conf->no_memory = true;
		return;
	}
	*location = (struct boot_location){ .directory = strdup(text),
					    .prefix = strdup(""),
					    .types = UINT64_MAX,
					    .domains = UINT32_MAX,
					    .file = strdup(conf->file),
					    .line = conf->line };
	conf->no_memory |= !location->directory || !location->prefix || !location->file;
	conf->section.location = (uint32_t)(conf->policy->locations.count - 1);
	conf->section.kind = conf->no_memory ? CONF_WRONG : CONF_LOCATION;
}

static void add_rule(struct conf *conf, const struct kind_row *row, const char *object, const char *part)
{
	struct boot_rule *rule = array_push(&conf->policy->rules);
	if (!rule) {
		conf->no_memory = true;
		return;
	}
	*rule = (struct boot_rule){ .object = strdup(object),
				    .program = part ? strdup(part) : NULL,
				    .is_map = row->kind == CONF_MAP,
				    .critical = -1,
				    .optional = -1,
				    .attach = -1,
				    .order = INT32_MIN,
				    .kernel = { 0, UINT32_MAX },
				    .file = strdup(conf->file),
				    .line = conf->line };
	conf->no_memory |= !rule->object || !rule->file || (part && !rule->program);
	conf->section.rule = (uint32_t)(conf->policy->rules.count - 1);
	conf->section.kind = conf->no_memory ? CONF_WRONG : row->kind;
}

/* The name of a section of an object may hold slashes: "netd/cgroupskb/egress". */
static void begin_rule(struct conf *conf, const struct kind_row *row, char *text)
{
	char *slash = strchr(text, '/');
	if (row->kind == CONF_OBJECT && slash) {
		fail_form(conf, row, "the name of an object has no slash");
		return;
	}
	if (row->kind != CONF_OBJECT && (!slash || slash == text || !slash[1])) {
		fail_form(conf, row, "the object or the name is missing");
		return;
	}
	if (row->kind != CONF_OBJECT)
		*slash = '\0';
	add_rule(conf, row, text, row->kind == CONF_OBJECT ? NULL : slash + 1);
}

static void begin(struct conf *conf, char *text)
{
	size_t word = strcspn(text, " \t");
	char *rest = text + word + strspn(text + word, " \t");
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		if (strlen(kinds[i].word) != word || strncmp(text, kinds[i].word, word) != 0)
			continue;
		if (!*rest)
			fail_form(conf, &kinds[i], "the name is missing");
		else if (kinds[i].kind == CONF_LOCATION)
			begin_location(conf, &kinds[i], rest);
		else
			begin_rule(conf, &kinds[i], rest);
		return;
	}
	text[word] = '\0';
	fail_section(conf, text);
}

void lade_conf_begin(struct conf *conf, const char *text, size_t length)
{
	conf->section = (struct conf_section){ .kind = CONF_WRONG };
	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	if (memchr(text, '\0', length)) {
		(void)lade_conf_fail(conf, "boot.policy.syntax", "a byte is NUL");
		return;
	}
	char *copy CLEANUP(cleanup_free) = strndup(text, length);
	if (copy)
		begin(conf, copy);
	else
		conf->no_memory = true;
}

/* ---- keys ---- */

static void fail_key(struct conf *conf, const char *name)
{
	const struct kind_row *row = row_of(conf->section.kind);
	struct similar_names similar = { .wanted = name };
	struct lade_finding *finding = lade_conf_fail(conf, "boot.policy.key", "%.60s: no key of %s", name, row->form);
	struct strbuf all = { 0 };
	for (size_t i = 0; i < ELEMENTS(keys); i++) {
		if (!(keys[i].kinds & BIT(conf->section.kind)))
			continue;
		lade_similar_consider(&similar, keys[i].name);
		lade_strbuf_addf(&all, "%s%s", all.length ? ", " : "", keys[i].name);
	}
	lade_similar_evidence(&similar, finding, "key");
	char *list CLEANUP(cleanup_free) = lade_strbuf_take(&all);
	finding_fix(finding, "its keys are %s", list ? list : "in lade-boot.d(5)");
	lade_similar_clear(&similar);
}

static void take(struct conf *conf, size_t row, const char *value)
{
	uint64_t bit = UINT64_C(1) << row;
	if (!*value) {
		(void)lade_conf_fail(conf, "boot.policy.value", "%s: the value is missing", keys[row].name);
		return;
	}
	if (conf->section.said & bit && !keys[row].repeats) {
		struct lade_finding *finding =
			lade_conf_fail(conf, "boot.policy.value", "%s is said twice in one section", keys[row].name);
		finding_fix(finding, "leave one of the lines out");
		return;
	}
	(void)keys[row].take(conf, keys[row].name, value);
	conf->section.said |= bit;
}

void lade_conf_key(struct conf *conf, const char *key, const char *value)
{
	if (conf->section.kind == CONF_WRONG)
		return; /* its section has been told of */
	if (conf->section.kind == CONF_NONE) {
		struct lade_finding *finding =
			lade_conf_fail(conf, "boot.policy.section", "%.60s: before the first section", key);
		finding_fix(finding, "begin with [location DIRECTORY], [object NAME], [program OBJECT/NAME] or "
				     "[map OBJECT/NAME]");
		return;
	}
	for (size_t i = 0; i < ELEMENTS(keys); i++)
		if (strcmp(keys[i].name, key) == 0 && keys[i].kinds & BIT(conf->section.kind)) {
			take(conf, i, value);
			return;
		}
	fail_key(conf, key);
}
