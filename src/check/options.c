/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of the kernel's configuration. What a type asks for is in the tables of types, the rest in data/needs.csv. An
 * option that came with a later release than the target's is no condition there.
 */
#include <string.h>

#include "base/glob.h"
#include "check/check.h"
#include "needs/needs.h"
#include "needs/table.h"

/* Where a file can stand in for what the option builds in. */
static bool has_substitute(const struct judging *judging, const char *option)
{
	if (strcmp(option, "CONFIG_DEBUG_INFO_BTF") == 0)
		return judging->types != NULL;
	return strcmp(option, "CONFIG_IKCONFIG_PROC") == 0;
}

static bool came_later(struct judging *judging, const char *option)
{
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (strcmp(need_text(lade_need_options[i].name), option) == 0)
			return judging->version &&
			       judging->version < lade_needs_version(need_text(lade_need_options[i].since));
	return false;
}

static bool is_known(struct strings *list, const char *text)
{
	array_foreach(item, list)
		if (strcmp(*item, text) == 0)
			return true;
	return false;
}

static const char *loss_of(const char *option)
{
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (strcmp(need_text(lade_need_options[i].name), option) == 0)
			return need_text(lade_need_options[i].loss);
	return "";
}

static bool say_option(struct judging *judging, const struct known_fact *fact, const char *option, bool to_attach,
		       const char *what)
{
	size_t before = judging->check->findings.count;
	const char *who = judging->map ? judging->map->name : judging->program ? judging->program->name : NULL;
	struct known_fact option_fact = *fact;
	bool fits;

	fact = &option_fact;
	option_fact.since[0] = '\0'; /* when the option came decides nothing here */
	if (!who)
		fits = lade_check_needs(judging, fact, "check.config", "that kernel is built without %s: %s", option,
					what);
	else if (to_attach)
		fits = lade_check_attach_needs(judging, fact, "check.config.attach",
					       "%s: that kernel is built without %s: %s", who, option, what);
	else
		fits = lade_check_needs(judging, fact, "check.config", "%s: that kernel is built without %s: %s", who,
					option, what);
	if (!fits && judging->check->findings.count > before) {
		struct lade_finding *finding = judging->check->findings.items[before];
		finding_fix(finding, "%s=y in that kernel's configuration", option);
		if (*loss_of(option))
			finding_cause(finding, "without %s: %s", option, loss_of(option));
	}
	return fits;
}

/* Each is said once, of whom needs it first. Where the configuration is not known, it is only named. */
static bool check_option(struct judging *judging, const char *option, bool to_attach, const char *what)
{
	struct known_fact fact;

	if (has_substitute(judging, option) || came_later(judging, option) || is_known(&judging->options, option))
		return true;
	judging->failed |= lade_strings_add(&judging->options, option) < 0;
	fact = lade_target_option(judging->target, option, NULL);
	if (fact.answer == KNOWN_NOT)
		judging->failed |= lade_strings_add(&judging->open_options, option) < 0;
	if (fact.answer != KNOWN_NO)
		return true;
	return say_option(judging, &fact, option, to_attach, what);
}

bool lade_check_option_words(struct judging *judging, const char *options, bool to_attach, const char *what)
{
	bool fits = true;

	while (*options) {
		char word[64] = "";
		size_t length = strcspn(options, " ");
		if (length && length < sizeof word) {
			memcpy(word, options, length);
			fits &= check_option(judging, word, to_attach, what);
		}
		options += length + strspn(options + length, " ");
	}
	return fits;
}

static void apply_rule(struct judging *judging, const struct need_rule *rule)
{
	const char *name = need_text(rule->name), *reason = need_text(rule->reason);
	struct known_fact fact;

	if (rule->kind == LADE_NEED_CONFIG) {
		(void)check_option(judging, name, rule->to_attach, reason);
	} else if (rule->kind == LADE_NEED_CAPABILITY) {
		if (!rule->to_attach || judging->opts.attach)
			lade_check_capability_words(judging, name);
	} else if (rule->to_attach && judging->version) {
		fact = lade_target_since(judging->target, name);
		(void)lade_check_attach_needs(judging, &fact, "check.attach", "%s needs a kernel from %s on", reason,
					      name);
	}
}

void lade_check_rules(struct judging *judging, const char *what, const char *name)
{
	for (size_t i = 0; i < lade_need_rule_count; i++) {
		const struct need_rule *rule = &lade_need_rules[i];
		if (strcmp(need_text(rule->what), what) == 0 && lade_glob_matches(need_text(rule->match), name))
			apply_rule(judging, rule);
	}
}

/* What nobody could look up; what an attachment needs is among them. */
void lade_check_open_options(struct judging *judging)
{
	struct lade_finding *note;

	if (!judging->open_options.count)
		return;
	note = lade_check_say(judging, VERDICT_NOTE, "check.config.open",
			      "%zu option%s of that kernel's configuration could not be looked up",
			      judging->open_options.count, judging->open_options.count == 1 ? "" : "s");
	finding_confidence(note, LADE_LIKELY);
	array_foreach(option, &judging->open_options)
		finding_evidence(note, "it needs %s", *option);
}

/* Without these there is nothing to judge further: no command of bpf(2) works. */
void lade_check_options(struct judging *judging)
{
	const struct known_fact fact = lade_target_option(judging->target, "CONFIG_BPF_SYSCALL", NULL);

	(void)check_option(judging, "CONFIG_BPF", false, "there is no BPF at all");
	(void)check_option(judging, "CONFIG_BPF_SYSCALL", false,
			   "there is no system call bpf(2), which does everything");
	if (fact.answer == KNOWN_NO)
		memcpy(judging->no_bpf, fact.why, sizeof judging->no_bpf);
}
