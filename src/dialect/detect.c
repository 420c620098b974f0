/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which dialect is it? Rules in order of strength; the first that speaks decides. A rule may name a dialect
 * that Lade does not fill yet: then the finding says so.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "dialect/facts.h"

#define MAX_CANDIDATES 4

static const struct dialect *const dialects[] = { &lade_dialect_btf, &lade_dialect_samples };

const struct dialect *lade_dialect_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(dialects); i++) /* NOLINT: items are pointers */
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}

bool lade_dialect_is_planned(const char *name)
{
	static const char *const planned[] = {
		"libbpf0", "iproute2", "android-a", "android-b", "android-c", "android-d", "android-e", "android-f",
		"aya",     "redbpf",   "gobpf",     "calico",    "falco",     "suricata",  "ovs",
	};
	for (size_t i = 0; i < ELEMENTS(planned); i++)
		if (strcmp(planned[i], name) == 0)
			return true;
	return false;
}

/* One name: the dialect. Several: it could be any of these, with different meanings. None: the rule is silent. */
struct verdict {
	const char *names[MAX_CANDIDATES];
	size_t count;
};

static const struct verdict silent;

__attribute__((format(printf, 3, 4))) static struct verdict decide(const struct facts *facts, const char *name,
								   const char *format, ...)
{
	struct strbuf text = { 0 };
	va_list arguments;
	va_start(arguments, format);
	lade_strbuf_addv(&text, format, arguments);
	va_end(arguments);
	if (text.text)
		(void)lade_strings_add(&facts->object->evidence, text.text);
	lade_strbuf_clear(&text);
	return (struct verdict){ { name }, 1 };
}

static const struct elf_section *section(const struct facts *facts, const char *name)
{
	return lade_elf_section(facts->source->elf, name);
}

/* ---- markers ---- */

static struct verdict by_marker(const struct facts *facts)
{
	static const struct {
		const char *section, *dialect;
	} markers[] = {
		{ ".android_maps", "android" },       { "progs", "android" },
		{ "size_of_bpf_map_def", "android" }, { "size_of_bpf_prog_def", "android" },
		{ "bpfloader_min_ver", "android" },   { "schema_version", "falco" },
		{ "api_version", "falco" },
	};
	for (size_t i = 0; i < ELEMENTS(markers); i++)
		if (section(facts, markers[i].section))
			return decide(facts, markers[i].dialect, "section %s", markers[i].section);
	return silent;
}

static struct verdict by_btf_maps(const struct facts *facts)
{
	if (!facts->btf_maps)
		return silent;
	return decide(facts, "btf", "section .maps: BTF-defined maps");
}

static struct verdict by_named_maps(const struct facts *facts)
{
	const struct elf_section *named = facts->named_maps;
	if (!named || facts->maps)
		return silent;
	const char *name = named->size == 280 || named->size == 284 ? "gobpf"
			   : named->size >= 16 && named->size <= 28 ? "redbpf"
								    : NULL;
	if (!name)
		return silent;
	return decide(facts, name, "section %s with one record of %llu bytes", named->name,
		      (unsigned long long)named->size);
}

/* ---- section maps ---- */

static struct verdict by_record_type(const struct facts *facts)
{
	static const struct {
		const char *member, *with, *dialect;
	} members[] = {
		{ "size_key", NULL, "iproute2" },     { "max_elem", NULL, "iproute2" },
		{ "inner_map_idx", NULL, "samples" }, { "numa_node", NULL, "samples" },
		{ "namespace", NULL, "gobpf" },       { "map_id", NULL, "calico" },
		{ "gid", NULL, "android" },           { "mode", NULL, "android" },
		{ "id", "pinning", "aya" },
	};
	const struct btf_type *record = facts->maps ? lade_facts_record_type(facts) : NULL;
	for (size_t i = 0; record && i < ELEMENTS(members); i++)
		if (lade_facts_has_member(facts, record, members[i].member) &&
		    (!members[i].with || lade_facts_has_member(facts, record, members[i].with)))
			return decide(facts, members[i].dialect, "BTF: the map records are struct %s with a member %s",
				      lade_btf_string(facts->source->btf, record->name_off), members[i].member);
	return silent;
}

static bool all_in_samples(const struct facts *facts)
{
	return facts->code_sections && facts->in_samples == facts->code_sections;
}

static struct verdict by_size(const struct facts *facts)
{
	unsigned long long stride = facts->stride;
	if (stride == 36 || (stride == 32 && !all_in_samples(facts)))
		return decide(facts, "iproute2", "map records of %llu bytes", stride);
	if (stride == 48 || stride == 116 || stride == 120)
		return decide(facts, "android", "map records of %llu bytes", stride);
	if (stride > 28)
		return decide(facts, "samples", "map records of %llu bytes: the samples' 28 and more", stride);
	return silent;
}

static bool is_map_in_map(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static struct verdict by_inner_or_numa(const struct facts *facts)
{
	for (size_t i = 0; facts->stride == 28 && i < facts->records.count; i++) {
		const char *name = facts->records.items[i].symbol->name;
		if (is_map_in_map(lade_facts_word(facts, i, 0)))
			return decide(facts, "samples", "28-byte map records and %s is a map of maps", name);
		if (lade_facts_word(facts, i, 4) & BPF_F_NUMA_NODE)
			return decide(facts, "samples", "28-byte map records and %s asks for a NUMA node", name);
	}
	return silent;
}

static struct verdict by_pinning_word(const struct facts *facts)
{
	for (size_t i = 0; facts->stride == 28 && i < facts->records.count; i++) {
		const char *name = facts->records.items[i].symbol->name;
		uint32_t pinning = lade_facts_word(facts, i, 6);
		if (pinning == 2)
			return decide(facts, "iproute2", "28-byte map records and word 6 of %s is 2 (PIN_GLOBAL_NS)",
				      name);
		if (pinning == 0)
			continue;
		struct verdict verdict =
			decide(facts, "iproute2", "28-byte map records and word 6 of %s is %u", name, pinning);
		verdict.names[verdict.count++] = pinning == 1 ? "aya" : "samples";
		return verdict;
	}
	return silent;
}

static struct verdict by_id_word(const struct facts *facts)
{
	for (size_t i = 0; facts->stride == 28 && i < facts->records.count; i++) {
		uint32_t id = lade_facts_word(facts, i, 5);
		if (id && lade_facts_word(facts, i, 0) == BPF_MAP_TYPE_PROG_ARRAY && lade_facts_has_tail(facts, id))
			return decide(facts, "iproute2", "a section %u/N and prog array %s with that id in word 5", id,
				      facts->records.items[i].symbol->name);
	}
	return silent;
}

/* Flags that no map of this type can have: then the word is an id of iproute2's first layouts. */
static bool is_no_flag(uint32_t type, uint32_t word)
{
	bool hash = type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_HASH ||
		    type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_LPM_TRIE ||
		    type == BPF_MAP_TYPE_HASH_OF_MAPS;
	return word & ~UINT32_C(0x1ff) || (word & 3 && !hash);
}

static struct verdict by_old_iproute2(const struct facts *facts)
{
	if (facts->stride != 20 && facts->stride != 24)
		return silent;
	for (size_t i = 0; i < facts->records.count; i++) {
		const char *name = facts->records.items[i].symbol->name;
		uint32_t type = lade_facts_word(facts, i, 0), word = lade_facts_word(facts, i, 4);
		uint32_t pinning = lade_facts_word(facts, i, 5);
		if (word && type == BPF_MAP_TYPE_PROG_ARRAY && lade_facts_has_tail(facts, word))
			return decide(facts, "iproute2", "a section %u/N and prog array %s with that id in word 4",
				      word, name);
		if (is_no_flag(type, word) && (pinning == 1 || pinning == 2 || facts->iproute2_section))
			return decide(facts, "iproute2",
				      "word 4 of %s is %u, which are no flags of such a map but may be an id", name,
				      word);
	}
	return silent;
}

/* ---- the words are neutral: names decide ---- */

static void add_also(const struct facts *facts, const char *name, const char *table, const char *other)
{
	if (lade_facts_same_types(facts, table, other))
		(void)lade_strings_add(&facts->object->also, name);
}

static struct verdict samples_by_sections(const struct facts *facts)
{
	struct verdict verdict =
		decide(facts, "samples", "%zu of %zu program sections have names that the samples' loader knows",
		       facts->in_samples, facts->code_sections);
	if (facts->has_version)
		(void)lade_strings_add(&facts->object->evidence, "section version");
	bool plain =
		!facts->maps || (facts->stride && lade_facts_word_zero(facts, 5) && lade_facts_word_zero(facts, 6));
	if (plain && all_in_samples(facts)) {
		add_also(facts, "libbpf0", "samples", "libbpf0");
		if (facts->stride >= 20)
			add_also(facts, "aya", "samples", "aya");
		if (!facts->maps)
			add_also(facts, "btf", "samples", "libbpf");
	}
	return verdict;
}

static struct verdict by_foreign_sections(const struct facts *facts)
{
	static const struct {
		const char *section, *dialect;
	} names[] = {
		{ "filter", "suricata" },
		{ "loadbalancer", "suricata" },
		{ "ingress", "ovs" },
		{ "egress", "ovs" },
	};
	for (size_t i = 0; facts->maps && i < ELEMENTS(names); i++) {
		const struct elf_section *found = section(facts, names[i].section);
		if (found && lade_section_is_code(found))
			return decide(facts, names[i].dialect, "program section %s beside section maps",
				      names[i].section);
	}
	return silent;
}

static struct verdict by_maps_and_sections(const struct facts *facts)
{
	if (!facts->maps)
		return silent;
	if (facts->stride)
		(void)lade_strings_addf(&facts->object->evidence,
					"section maps with records of %llu bytes, known by %s",
					(unsigned long long)facts->stride, facts->records.basis);
	if (facts->only_libbpf0 && !facts->iproute2_section)
		return decide(facts, "libbpf0", "program sections that libbpf knows and the samples' loader does not");
	if (facts->in_samples || facts->has_version || !facts->records.count)
		return samples_by_sections(facts);
	if (facts->iproute2_section)
		return decide(facts, "iproute2", "program section %s", facts->iproute2_section);
	return decide(facts, "iproute2", "program sections with free names and no section version");
}

/* ---- no maps at all ---- */

static struct verdict by_btf_alone(const struct facts *facts)
{
	if (!facts->source->btf)
		return silent;
	return decide(facts, "btf", "no map section, and BTF");
}

/*
 * Programs only: then the names decide. The samples' loader knows fewer names than libbpf but takes them by
 * prefix; what both type alike is samples (no attach type is sent) with btf in also[]. Names that neither
 * knows are left to the user: btf reads them and --type types them.
 */
static struct verdict by_sections_alone(const struct facts *facts)
{
	if (all_in_samples(facts))
		return samples_by_sections(facts);
	if (facts->iproute2_section && !facts->in_libbpf)
		return decide(facts, "iproute2", "program section %s", facts->iproute2_section);
	if (facts->has_version && facts->in_samples > facts->in_libbpf)
		return samples_by_sections(facts);
	return decide(facts, "btf",
		      "no map section and no BTF; %zu of %zu program sections have names that libbpf knows",
		      facts->in_libbpf, facts->code_sections);
}

/* To add a rule: write it and put it where its evidence is as strong as its neighbours'. */
static struct verdict (*const rules[])(const struct facts *facts) = {
	by_marker,         by_btf_maps,         by_named_maps,        by_record_type,
	by_size,           by_inner_or_numa,    by_pinning_word,      by_id_word,
	by_old_iproute2,   by_foreign_sections, by_maps_and_sections, by_btf_alone,
	by_sections_alone,
};

static void add_evidence(struct lade_finding *finding, const struct lade_object *object)
{
	array_foreach(line, &object->evidence)
		finding_evidence(finding, "%s", *line);
}

static int fail_ambiguous(const struct lade_object *object, const struct verdict *verdict, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ENOEXEC, "dialect.ambiguous", "%s: %s or %s", object->file,
						      verdict->names[0], verdict->names[1]);
	add_evidence(finding, object);
	finding_fix(finding, "say which: --dialect %s or --dialect %s", verdict->names[0], verdict->names[1]);
	return -ENOEXEC;
}

static int fail_not_yet(const struct lade_object *object, const char *name, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOEXEC, "dialect.not-yet", "%s: this is the %s dialect", object->file, name);
	add_evidence(finding, object);
	return -ENOEXEC;
}

static int apply(struct lade_object *object, const struct verdict *verdict, const struct dialect **ret_dialect,
		 struct lade_error **error)
{
	if (verdict->count > 1)
		return fail_ambiguous(object, verdict, error);
	const struct dialect *dialect = lade_dialect_find(verdict->names[0]);
	if (!dialect)
		return fail_not_yet(object, verdict->names[0], error);
	*ret_dialect = dialect;
	return 0;
}

static int check_code(const struct facts *facts, struct lade_error **error)
{
	const struct elf_section *text = section(facts, ".text");
	if (facts->code_sections || (text && lade_section_is_code(text)))
		return 0;
	return lade_fail(error, ENOEXEC, "dialect.no-program", "%s: no section holds a program", facts->object->file);
}

int lade_dialect_detect(const struct source *source, struct lade_object *object, const struct dialect **ret_dialect,
			struct lade_error **error)
{
	struct facts facts;
	if (lade_facts_gather(source, object, &facts) < 0)
		return lade_fail_memory(error);
	int result = check_code(&facts, error);
	struct verdict verdict = silent;
	for (size_t i = 0; result == 0 && verdict.count == 0 && i < ELEMENTS(rules); i++)
		verdict = rules[i](&facts);
	if (result == 0)
		result = apply(object, &verdict, ret_dialect, error);
	lade_facts_clear(&facts);
	return result;
}
