/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which dialect is it? Rules in order of strength; the first that speaks decides. A rule may name a dialect
 * that Lade does not fill yet: then the finding says so.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/similar.h"
#include "dialect/android.h"
#include "dialect/verdict.h"

static const struct dialect *const dialects[] = { &lade_dialect_btf,      &lade_dialect_samples, &lade_dialect_iproute2,
						  &lade_dialect_calico,   &lade_dialect_libbpf0, &lade_dialect_aya,
						  &lade_dialect_redbpf,   &lade_dialect_gobpf,   &lade_dialect_falco,
						  &lade_dialect_suricata, &lade_dialect_ovs,     &lade_dialect_perf,
						  &lade_dialect_bcc,      &lade_dialect_windows };

const struct dialect *lade_dialect_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(dialects); i++) /* NOLINT: items are pointers */
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	for (size_t i = 0; i < ANDROID_LAYOUTS; i++)
		if (strcmp(lade_dialects_android[i].name, name) == 0)
			return &lade_dialects_android[i];
	return NULL;
}

void lade_dialect_suggest(const char *name, struct lade_finding *finding)
{
	struct similar_names similar = { .wanted = name };

	for (size_t i = 0; i < ELEMENTS(dialects); i++) /* NOLINT: items are pointers */
		lade_similar_consider(&similar, dialects[i]->name);
	for (size_t i = 0; i < ANDROID_LAYOUTS; i++)
		lade_similar_consider(&similar, lade_dialects_android[i].name);
	if (lade_similar_is_near(&similar))
		finding_fix(finding, "did you mean %s? Without --dialect Lade looks for itself", similar.names[0]);
	lade_similar_clear(&similar);
}

static const struct verdict silent;

struct verdict lade_verdict(const struct facts *facts, const char *name, const char *format, ...)
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
			return lade_verdict(facts, markers[i].dialect, "section %s", markers[i].section);
	return silent;
}

static struct verdict by_android_sections(const struct facts *facts)
{
	struct strbuf why CLEANUP(lade_strbuf_clear) = { 0 };
	const char *layout = lade_android_by_sections(facts->source->elf, &why);
	return layout ? lade_verdict(facts, layout, "%s", why.text ? why.text : "names of sections") : silent;
}

/* Names that libbpf took until 1.0 forbade them: SEC("xdp_pass"), SEC("classifier_ingress"), SEC("prog"). */
static bool has_loose_names(const struct facts *facts)
{
	return facts->in_libbpf0 > facts->in_libbpf;
}

static struct verdict by_btf_maps(const struct facts *facts)
{
	if (!facts->btf_maps)
		return silent;
	if (facts->maps)
		return lade_verdict(facts, "libbpf0", "sections .maps and maps: libbpf before 1.0 read both");
	if (has_loose_names(facts))
		return lade_verdict(facts, "libbpf0",
				    "section .maps, and names of program sections that libbpf took before 1.0");
	return lade_verdict(facts, "btf", "section .maps: BTF-defined maps");
}

/* ---- section maps ---- */

/* aya knows pinning 0 and 1; with another the struct is one that somebody wrote for tc. */
static bool pins_like_tc(const struct facts *facts)
{
	const struct record_member *member = lade_members_find(&facts->members, "pinning");
	for (size_t i = 0; member && member->offset % 4 == 0 && i < facts->records.count; i++)
		if (lade_facts_word(facts, i, (unsigned)(member->offset / 4)) > 1)
			return true;
	return false;
}

/* Names of members that only one dialect has; where they tell nothing the words are still read by name. */
static struct verdict by_record_type(const struct facts *facts)
{
	static const struct {
		const char *member, *with, *dialect;
	} members[] = {
		{ "size_key", NULL, "iproute2" }, { "max_elem", NULL, "iproute2" }, { "namespace", NULL, "gobpf" },
		{ "map_id", NULL, "calico" },     { "gid", NULL, "android" },       { "mode", NULL, "android" },
		{ "inner_id", NULL, "iproute2" }, { "id", "pinning", "aya" },
	};
	const char *name = facts->members.struct_name ? facts->members.struct_name : "",
		   *origin = facts->members.origin;
	if (strcmp(name, "bpf_map_def_extended") == 0) /* its members may all be libbpf's */
		return lade_verdict(facts, "calico", "%s: the map records are struct %s", origin, name);
	for (size_t i = 0; origin && i < ELEMENTS(members); i++)
		if (lade_facts_has_member(facts, members[i].member) &&
		    (!members[i].with || lade_facts_has_member(facts, members[i].with)))
			return lade_verdict(
				facts, members[i].with && pins_like_tc(facts) ? "iproute2" : members[i].dialect,
				"%s: the map records are struct %s with a member %s", origin, name, members[i].member);
	return silent;
}

static bool all_in_samples(const struct facts *facts)
{
	return facts->code_sections && facts->in_samples == facts->code_sections;
}

static struct verdict by_size(const struct facts *facts)
{
	unsigned long long stride = facts->words_are_named ? 0 : facts->stride;
	if (stride == 36 || (stride == 32 && !all_in_samples(facts)))
		return lade_verdict(facts, "iproute2", "map records of %llu bytes", stride);
	if (stride == 48 || stride == 116 || stride == 120)
		return lade_verdict(facts, "android", "map records of %llu bytes", stride);
	if (stride > 28)
		return lade_verdict(facts, "samples", "map records of %llu bytes: the samples' 28 and more", stride);
	return silent;
}

/* Program sections of projects that took the samples' records; NULL: none. */
static const char *foreign_dialect(const struct facts *facts, const char **ret_section)
{
	static const struct {
		const char *section, *dialect;
		bool is_prefix;
	} names[] = { { "filter", "suricata", false },
		      { "loadbalancer", "suricata", false },
		      { "tail-", "ovs", true } };
	for (uint32_t i = 0; (i = lade_facts_next_program(facts, i));) {
		*ret_section = facts->source->elf->sections[i].name;
		for (size_t j = 0; j < ELEMENTS(names); j++)
			if (names[j].is_prefix ? strncmp(*ret_section, names[j].section, strlen(names[j].section)) == 0
					       : strcmp(*ret_section, names[j].section) == 0)
				return names[j].dialect;
	}
	return NULL;
}

static struct verdict by_foreign_sections(const struct facts *facts)
{
	const char *section, *dialect = facts->maps ? foreign_dialect(facts, &section) : NULL;
	/* Suricata's objects have a version, and a tc object may call a section filter, too. */
	if (!dialect || (strcmp(dialect, "suricata") == 0 && !facts->has_version && !facts->words_are_named))
		return silent;
	return lade_verdict(facts, dialect, "program section %s beside section maps%s", section,
			    facts->has_version ? " and version" : "");
}

static bool is_map_in_map(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* Words that only the samples' records have; whose they are the names of the programs tell. */
static const char *samples_like(const struct facts *facts)
{
	const char *section, *foreign = foreign_dialect(facts, &section);
	if (foreign)
		return foreign;
	return all_in_samples(facts) || facts->in_libbpf0 <= facts->in_samples ? "samples" : "libbpf0";
}

static struct verdict by_inner_or_numa(const struct facts *facts)
{
	for (size_t i = 0; !facts->words_are_named && facts->stride == 28 && i < facts->records.count; i++) {
		const char *name = facts->records.items[i].symbol->name;
		if (is_map_in_map(lade_facts_word(facts, i, 0)))
			return lade_verdict(facts, samples_like(facts), "28-byte map records and %s is a map of maps",
					    name);
		if (lade_facts_word(facts, i, 4) & BPF_F_NUMA_NODE)
			return lade_verdict(facts, samples_like(facts),
					    "28-byte map records and %s asks for a NUMA node", name);
	}
	return silent;
}

static struct verdict by_pinning_word(const struct facts *facts)
{
	for (size_t i = 0; !facts->words_are_named && facts->stride == 28 && i < facts->records.count; i++) {
		const char *name = facts->records.items[i].symbol->name;
		uint32_t pinning = lade_facts_word(facts, i, 6);
		if (pinning == 2)
			return lade_verdict(facts, "iproute2",
					    "28-byte map records and word 6 of %s is 2 (PIN_GLOBAL_NS)", name);
		if (pinning == 0)
			continue;
		struct verdict verdict =
			lade_verdict(facts, "iproute2", "28-byte map records and word 6 of %s is %u", name, pinning);
		verdict.names[verdict.count++] = pinning == 1 ? "aya" : "samples";
		return verdict;
	}
	return silent;
}

static struct verdict by_id_word(const struct facts *facts)
{
	for (size_t i = 0; !facts->words_are_named && facts->stride == 28 && i < facts->records.count; i++) {
		uint32_t id = lade_facts_word(facts, i, 5);
		if (id && lade_facts_word(facts, i, 0) == BPF_MAP_TYPE_PROG_ARRAY && lade_facts_has_tail(facts, id))
			return lade_verdict(facts, "iproute2",
					    "a section %u/N and prog array %s with that id in word 5", id,
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
	if (facts->words_are_named || (facts->stride != 20 && facts->stride != 24))
		return silent;
	for (size_t i = 0; i < facts->records.count; i++) {
		const char *name = facts->records.items[i].symbol->name;
		uint32_t type = lade_facts_word(facts, i, 0), word = lade_facts_word(facts, i, 4);
		uint32_t pinning = lade_facts_word(facts, i, 5);
		if (word && type == BPF_MAP_TYPE_PROG_ARRAY && lade_facts_has_tail(facts, word))
			return lade_verdict(facts, "iproute2",
					    "a section %u/N and prog array %s with that id in word 4", word, name);
		if (is_no_flag(type, word) && (pinning == 1 || pinning == 2 || facts->iproute2_section))
			return lade_verdict(facts, "iproute2",
					    "word 4 of %s is %u, which are no flags of such a map but may be an id",
					    name, word);
		if (!is_map_in_map(type) && (pinning == 1 || pinning == 2)) {
			struct verdict verdict = lade_verdict(
				facts, "samples", "24-byte map records, and word 5 of %s, no map of maps, is %u", name,
				pinning);
			verdict.names[verdict.count++] = "iproute2";
			return verdict;
		}
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
		lade_verdict(facts, "samples", "%zu of %zu program sections have names that the samples' loader knows",
			     facts->in_samples, facts->code_sections);
	if (facts->has_version)
		(void)lade_strings_add(&facts->object->evidence, "section version");
	bool plain =
		!facts->maps || (facts->stride && lade_facts_word_zero(facts, 5) && lade_facts_word_zero(facts, 6));
	if (plain && all_in_samples(facts)) {
		add_also(facts, "libbpf0", "samples", "libbpf0");
		if (facts->stride >= 20)
			add_also(facts, "aya", "samples", "aya");
		if (facts->stride == 28)
			add_also(facts, "android-a", "samples", "android");
		if (!facts->maps)
			add_also(facts, "btf", "samples", "libbpf");
	}
	return verdict;
}

/* The samples' dialect reads words by their places: where BTF has them elsewhere another must. */
static bool words_lie_elsewhere(const struct facts *facts)
{
	static const struct {
		const char *name;
		uint64_t offset;
	} places[] = {
		{ "type", 0 },       { "key_size", 4 },       { "value_size", 8 }, { "max_entries", 12 },
		{ "map_flags", 16 }, { "inner_map_idx", 20 }, { "numa_node", 24 },
	};
	for (size_t i = 0; facts->words_are_named && i < ELEMENTS(places); i++) {
		const struct record_member *member = lade_members_find(&facts->members, places[i].name);
		if (member && member->offset != places[i].offset)
			return true;
	}
	return false;
}

static void add_record_evidence(const struct facts *facts)
{
	if (facts->words_are_named)
		(void)lade_strings_addf(&facts->object->evidence, "%s: the map records are struct %s",
					facts->members.origin, facts->members.struct_name);
	else if (facts->stride)
		(void)lade_strings_addf(&facts->object->evidence,
					"section maps with records of %llu bytes, known by %s",
					(unsigned long long)facts->stride, facts->records.basis);
}

static bool has_tail_section(const struct facts *facts)
{
	uint32_t id;
	for (uint32_t i = 0; (i = lade_facts_next_program(facts, i));)
		if (lade_facts_is_tail(facts->source->elf->sections[i].name, &id))
			return true;
	return false;
}

static struct verdict iproute2_by_section(const struct facts *facts)
{
	struct verdict verdict = lade_verdict(facts, "iproute2", "program section %s", facts->iproute2_section);
	if (!has_tail_section(facts) && lade_facts_word_zero(facts, 5) && facts->in_libbpf0 == facts->code_sections)
		add_also(facts, "libbpf0", "iproute2", "libbpf0");
	return verdict;
}

static struct verdict by_maps_and_sections(const struct facts *facts)
{
	if (!facts->maps)
		return silent;
	add_record_evidence(facts);
	if (words_lie_elsewhere(facts))
		return lade_verdict(facts, "libbpf0", "the words lie in other places than the samples have them");
	if (facts->iproute2_section && !facts->words_are_named && (has_tail_section(facts) || !facts->in_samples) &&
	    !facts->has_version)
		return iproute2_by_section(facts);
	if (!all_in_samples(facts) && facts->in_libbpf0 > facts->in_samples)
		return lade_verdict(
			facts, "libbpf0",
			"%zu of %zu program sections have names that libbpf took before 1.0, %zu that the samples' "
			"loader knows",
			facts->in_libbpf0, facts->code_sections, facts->in_samples);
	if (facts->in_samples || (!facts->records.count && !facts->code_sections))
		return samples_by_sections(facts);
	if (facts->has_version || facts->words_are_named)
		return lade_verdict(facts, "libbpf0", "no program section has a name that says a type");
	if (facts->iproute2_section)
		return iproute2_by_section(facts);
	return lade_verdict(facts, "iproute2", "program sections with free names and no section version");
}

/* ---- no maps at all ---- */

static struct verdict by_btf_alone(const struct facts *facts)
{
	if (!facts->source->btf)
		return silent;
	if (has_loose_names(facts))
		return lade_verdict(facts, "libbpf0",
				    "no map section, and program sections that libbpf took before 1.0");
	return lade_verdict(facts, "btf", "no map section, and BTF");
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
		return lade_verdict(facts, "iproute2", "program section %s", facts->iproute2_section);
	if (facts->has_version && facts->in_samples > facts->in_libbpf)
		return samples_by_sections(facts);
	if (has_loose_names(facts))
		return lade_verdict(facts, "libbpf0", "program sections that libbpf took before 1.0");
	return lade_verdict(facts, "btf",
			    "no map section and no BTF; %zu of %zu program sections have names that libbpf knows",
			    facts->in_libbpf, facts->code_sections);
}

/* To add a rule: write it and put it where its evidence is as strong as its neighbours'. */
static struct verdict (*const rules[])(const struct facts *facts) = {
	by_marker,
	by_android_sections,
	lade_verdict_by_probes,
	by_btf_maps,
	lade_verdict_by_named_maps,
	lade_verdict_by_windows,
	by_record_type,
	by_size,
	by_inner_or_numa,
	by_id_word,
	by_pinning_word,
	by_old_iproute2,
	by_foreign_sections,
	by_maps_and_sections,
	by_btf_alone,
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

/* .rodata, .data, .bss and their like, when code refers to them; NULL: none. */
static const struct elf_section *data_in_use(const struct elf_image *elf)
{
	for (size_t i = 1; i < elf->section_count; i++) {
		struct elf_relocations relocations = { 0 };
		const struct elf_section *found = NULL;
		if (!lade_section_is_code(&elf->sections[i]) ||
		    lade_elf_relocations(elf, (uint32_t)i, &relocations, NULL) < 0)
			continue;
		array_foreach(relocation, &relocations) {
			uint16_t target = elf->symbols[relocation->symbol].section;
			const struct elf_section *data = target < elf->section_count ? &elf->sections[target] : NULL;
			if (data && (strncmp(data->name, ".rodata", 7) == 0 || strncmp(data->name, ".data", 5) == 0 ||
				     strncmp(data->name, ".bss", 4) == 0))
				found = data;
		}
		array_clear(&relocations);
		if (found)
			return found;
	}
	return NULL;
}

/* What the samples' loader bound to the wrong map, libbpf loaded: the object was written for libbpf. */
static void prefer_variables(const struct elf_image *elf, struct lade_object *object, struct verdict *verdict)
{
	const struct elf_section *data;
	if (verdict->count != 1 || strcmp(verdict->names[0], "samples") != 0)
		return;
	data = data_in_use(elf);
	if (!data)
		return;
	(void)lade_strings_addf(&object->evidence,
				"its code refers to section %s, which the samples' loader did not load", data->name);
	lade_strings_clear(&object->also);
	verdict->names[0] = "libbpf0";
}

/* Every name that a rule gives is a dialect's. */
static int apply(const struct elf_image *elf, struct lade_object *object, const struct verdict *verdict,
		 const struct dialect **ret_dialect, struct lade_error **error)
{
	if (verdict->count > 1)
		return fail_ambiguous(object, verdict, error);
	const char *name = strcmp(verdict->names[0], "android") == 0 ? lade_android_layout(elf) : verdict->names[0];
	*ret_dialect = lade_dialect_find(name);
	return 0;
}

static int check_code(const struct facts *facts, struct lade_error **error)
{
	const struct elf_section *text = section(facts, ".text");
	if (facts->code_sections || (text && lade_section_is_code(text)))
		return 0;
	if (facts->maps || facts->btf_maps || facts->named_maps) /* maps for others to share */
		return 0;
	if (facts->source->btf) /* types for others to use */
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
	if (result == 0) {
		prefer_variables(source->elf, object, &verdict);
		result = apply(source->elf, object, &verdict, ret_dialect, error);
	}
	lade_facts_clear(&facts);
	return result;
}
