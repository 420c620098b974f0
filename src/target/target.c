/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of targets, and what is said of one as a whole. */
#include <stdio.h>
#include <sys/utsname.h>

#include "base/info.h"
#include "target/internal.h"

#define TARGETS_MOST 1024u

/* ---- one ---- */

static void clear_sources(struct target_sources *sources)
{
	(void)lade_target_types_free(sources->types);
	(void)lade_target_config_free(sources->config);
	(void)lade_target_symbols_free(sources->symbols);
	(void)lade_target_events_free(sources->events);
	(void)lade_target_probes_free(sources->probes);
	*sources = (struct target_sources){ 0 };
}

struct lade_target *lade_target_free(struct lade_target *target)
{
	if (!target)
		return NULL;
	clear_sources(&target->own);
	lade_findings_clear(&target->notes);
	free(target->name);
	free(target->release);
	free(target);
	return NULL;
}

struct lade_target *lade_targets_push(struct lade_targets *targets, const char *name)
{
	CLEANUP(cleanup_lade_target) struct lade_target *target = calloc(1, sizeof *target);
	if (target)
		target->name = strdup(name);
	struct lade_target **kept =
		target && target->name && targets->count < TARGETS_MOST ? array_push(targets) : NULL;
	if (!kept)
		return NULL;
	*kept = TAKE(target);
	return *kept;
}

/* ---- what the pieces add ---- */

static int note_difference(const struct lade_targets *targets, struct lade_target *target)
{
	const char *release = targets->piece_parts.release;
	uint32_t code = release ? lade_release_code(release, NULL) : 0;
	if (!code || !target->version || code == target->version)
		return 0;
	return lade_note_add(&target->notes, "target.version.differs", "%s: %s is of %s", target->name,
			     targets->piece_parts.release_from, release)
		       ? 0
		       : -ENOMEM;
}

static int note_pieces(const struct lade_targets *targets, struct lade_target *target)
{
	array_foreach(note, &targets->piece_parts.notes)
		if (!lade_note_add(&target->notes, (*note)->code, "%s", (*note)->message))
			return -ENOMEM;
	return note_difference(targets, target);
}

static int add_pieces(const struct lade_targets *targets, struct lade_target *target)
{
	const struct target_sources *own = &target->own, *pieces = &targets->pieces;
	const struct kernel_parts *parts = &targets->piece_parts;
	target->from = (struct target_sources){
		.types = pieces->types ? pieces->types : own->types,
		.config = pieces->config ? pieces->config : own->config,
		.symbols = pieces->symbols ? pieces->symbols : own->symbols,
		.events = pieces->events ? pieces->events : own->events,
		.probes = own->probes,
	};
	if (note_pieces(targets, target) < 0)
		return -ENOMEM;
	if (!target->release && parts->release &&
	    (!target->version || target->version == lade_release_code(parts->release, NULL)))
		target->release = strdup(parts->release);
	if (!target->version && target->release)
		target->version = lade_release_code(target->release, NULL);
	if (!*target->machine)
		(void)snprintf(target->machine, sizeof target->machine, "%s", parts->machine);
	return 0;
}

/* Words of uname and of Debian, Go and others for the same. */
static const struct {
	const char *word, *machine;
} machines[] = {
	{ "amd64", "x86_64" }, { "x86-64", "x86_64" }, { "arm64", "aarch64" },
	{ "i386", "i686" },    { "x86", "i686" },      { "arm", "armv7l" },
	{ "armhf", "armv7l" }, { "riscv", "riscv64" }, { "ppc64el", "ppc64le" },
};

static void settle_machine(struct lade_target *target, const char *wanted)
{
	struct utsname own;
	if (wanted) {
		for (size_t i = 0; i < ELEMENTS(machines); i++)
			if (!strcmp(machines[i].word, wanted))
				wanted = machines[i].machine;
		(void)snprintf(target->machine, sizeof target->machine, "%s", wanted);
	}
	const char *told =
		target->from.types && !*target->machine ? lade_target_types_machine(target->from.types) : NULL;
	if (told)
		(void)snprintf(target->machine, sizeof target->machine, "%s", told);
	if (!*target->machine && uname(&own) == 0)
		(void)snprintf(target->machine, sizeof target->machine, "%.*s", (int)sizeof target->machine - 1,
			       own.machine);
}

static int finish(struct lade_targets *targets, const struct lade_target_opts *opts)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct lade_target *target = targets->items[i];
		if (add_pieces(targets, target) < 0)
			return -ENOMEM;
		settle_machine(target, opts->machine);
		if (opts->cpus)
			target->cpus = opts->cpus;
	}
	return 0;
}

/* ---- opening ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

char *lade_target_label(const char *from)
{
	const char *of = strstr(from, " of ");
	CLEANUP(cleanup_free) char *member = of ? strndup(from, (size_t)(of - from)) : NULL;
	char *label = NULL;
	if (!of)
		return strdup(base_name(from));
	if (!member || asprintf(&label, "%s of %s", base_name(member), base_name(of + strlen(" of "))) < 0)
		return NULL;
	return label;
}

/* The kernel that the pieces alone are of. */
static int push_pieces(struct lade_targets *targets, const struct lade_target_opts *opts, struct lade_error **error)
{
	const char *const paths[] = { opts->config, opts->btf, opts->system_map, opts->events };
	const char *name = NULL;
	for (size_t i = 0; i < ELEMENTS(paths) && !name; i++)
		name = paths[i];
	if (!name)
		return lade_fail(error, EINVAL, "target.pieces", "no kernel was named, and no piece of one was given");
	return lade_targets_push(targets, base_name(name)) ? 0 : lade_fail_memory(error);
}

static int read_words(struct lade_targets *targets, const char *words, struct lade_error **error)
{
	for (const char *at = words; *at;) {
		size_t length = strcspn(at, ",");
		const char *next = at + length + (at[length] == ',');
		for (; length && strchr(" \t\n", *at); length--)
			at++;
		while (length && strchr(" \t\n", at[length - 1]))
			length--;
		CLEANUP(cleanup_free) char *word = strndup(at, length);
		if (!word)
			return lade_fail_memory(error);
		int result = length ? lade_targets_word(targets, word, error) : 0;
		if (result)
			return result;
		at = next;
	}
	return targets->count ? 0 : lade_fail(error, EINVAL, "target.word", "the list of kernels is empty");
}

LADE_API int lade_targets_open(struct lade_context *context, const struct lade_target_opts *opts,
			       struct lade_targets **ret_targets, struct lade_error **error)
{
	struct lade_target_opts known;
	(void)context;
	int result = opts_read(&known, sizeof known, opts);
	if (result)
		return result;
	CLEANUP(cleanup_lade_targets) struct lade_targets *targets = calloc(1, sizeof *targets);
	if (!targets)
		return lade_fail_memory(error);
	result = lade_targets_pieces(targets, &known, error);
	if (!result)
		result =
			known.kernels ? read_words(targets, known.kernels, error) : push_pieces(targets, &known, error);
	if (!result && finish(targets, &known) < 0)
		result = lade_fail_memory(error);
	if (result)
		return result;
	*ret_targets = TAKE(targets);
	return 0;
}

LADE_API struct lade_targets *lade_targets_free(struct lade_targets *targets)
{
	if (!targets)
		return NULL;
	for (size_t i = 0; i < targets->count; i++)
		(void)lade_target_free(targets->items[i]);
	array_clear(targets);
	clear_sources(&targets->pieces);
	lade_parts_clear(&targets->piece_parts);
	free(targets);
	return NULL;
}

LADE_API size_t lade_target_count(const struct lade_targets *targets)
{
	return targets ? targets->count : 0;
}

LADE_API struct lade_target *lade_target(struct lade_targets *targets, size_t index)
{
	return targets && index < targets->count ? targets->items[index] : NULL;
}

/* ---- what it is ---- */

uint32_t lade_target_version(const struct lade_target *target)
{
	uint32_t level = target->from.types ? lade_target_types_level(target->from.types) : 0;
	return level > target->version ? level : target->version;
}

LADE_API int lade_target_describe(const struct lade_target *target, struct lade_target_info *info)
{
	if (!target)
		return -EINVAL;
	const char *version = lade_release_name(lade_target_version(target));
	struct lade_target_info full = {
		.name = target->name,
		.release = target->release,
		.version = *version ? version : NULL,
		.machine = target->machine,
		.has_types = target->from.types,
		.has_config = target->from.config,
		.has_symbols = target->from.symbols,
		.has_events = target->from.events,
		.has_probes = target->from.probes && target->from.probes->was_probed,
	};
	return info_fill(info, &full, sizeof full);
}

LADE_API size_t lade_target_note_count(const struct lade_target *target)
{
	return target ? target->notes.count : 0;
}

LADE_API const struct lade_finding *lade_target_note(const struct lade_target *target, size_t index)
{
	return target && index < target->notes.count ? target->notes.items[index] : NULL;
}

const char *lade_target_name(const struct lade_target *target)
{
	return target->name;
}

const char *lade_target_machine(const struct lade_target *target)
{
	return target->machine;
}

uint32_t lade_target_cpus(const struct lade_target *target)
{
	return target->cpus;
}

struct kernel_types *lade_target_types(struct lade_target *target, const char **ret_why)
{
	const char *value;
	if (target->from.types)
		return target->from.types->types;
	struct known_fact fact = lade_target_option(target, "CONFIG_DEBUG_INFO_BTF", &value);
	*ret_why = fact.answer == KNOWN_NO
			   ? "the kernel was built without CONFIG_DEBUG_INFO_BTF, and has no types (BTF)"
			   : "the types (BTF) of the kernel were not given: --btf FILE";
	return NULL;
}

const struct kernel_config *lade_target_config(struct lade_target *target)
{
	return target->from.config ? &target->from.config->plan : NULL;
}
