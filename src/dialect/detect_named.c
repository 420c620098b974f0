/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of the detection by names: sections maps/NAME, sections that are probes, structs of eBPF for Windows. */
#include <endian.h>
#include <string.h>

#include "dialect/verdict.h"

static const struct verdict silent;

/* ---- sections maps/NAME and maps… ---- */

/* bcc names them after the kind of the table, and its records hold pointers to functions. */
static bool is_bcc_table(const struct elf_section *named)
{
	static const char *const kinds[] = {
		"array",    "hash",         "percpu_array",  "percpu_hash", "lru_hash",   "lru_percpu_hash",
		"lpm_trie", "perf_output",  "perf_array",    "prog",        "stacktrace", "extern",
		"export",   "shared",       "cgroup_array",  "histogram",   "devmap",     "cpumap",
		"xskmap",   "hash_of_maps", "array_of_maps", "ringbuf",     "queuestack", "sockmap",
		"sockhash", "sk_storage",   "inode_storage", "task_storage"
	};
	if (named->size <= 28 || named->size == 280 || named->size == 284)
		return false;
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (strcmp(named->name + 5, kinds[i]) == 0)
			return true;
	return false;
}

static const struct elf_section *find_named(const struct facts *facts, bool (*fits)(const struct elf_section *section))
{
	for (size_t i = 1; i < facts->source->elf->section_count; i++) {
		const struct elf_section *named = &facts->source->elf->sections[i];
		if (strncmp(named->name, "maps/", 5) == 0 && lade_legacy_is_maps(named) && fits(named))
			return named;
	}
	return NULL;
}

static bool is_gobpf_map(const struct elf_section *named)
{
	return named->size == 280 || named->size == 284;
}

static bool is_short_record(const struct elf_section *named)
{
	return named->size >= 16 && named->size <= 28;
}

static bool any_section(const struct elf_section *named)
{
	(void)named;
	return true;
}

static uint32_t last_word(const struct facts *facts, const struct elf_section *named)
{
	uint32_t word;
	memcpy(&word, named->bytes + named->size - 4, sizeof word);
	return facts->source->elf->big_endian ? be32toh(word) : le32toh(word);
}

/* aya's by-name pin is a word that redbpf's loader never read. */
static bool asks_aya_for_a_pin(const struct facts *facts)
{
	for (size_t i = 1; i < facts->source->elf->section_count; i++) {
		const struct elf_section *named = &facts->source->elf->sections[i];
		if (strncmp(named->name, "maps/", 5) == 0 && lade_legacy_is_maps(named) && named->size == 28 &&
		    last_word(facts, named) == 1)
			return true;
	}
	return false;
}

static struct verdict by_short_named(const struct facts *facts, const struct elf_section *named)
{
	bool for_aya = facts->in_aya > facts->in_redbpf, pinned = asks_aya_for_a_pin(facts);
	struct verdict verdict =
		lade_verdict(facts, for_aya ? "aya" : "redbpf", "section %s with one record of %llu bytes", named->name,
			     (unsigned long long)named->size);
	if (for_aya || facts->in_redbpf > facts->in_aya)
		(void)lade_strings_addf(&facts->object->evidence, "%zu of %zu program sections are known to %s",
					for_aya ? facts->in_aya : facts->in_redbpf, facts->code_sections,
					verdict.names[0]);
	else if (pinned)
		verdict.names[verdict.count++] = "aya";
	else if (lade_facts_same_types(facts, "redbpf", "aya"))
		(void)lade_strings_add(&facts->object->also, "aya");
	return verdict;
}

struct verdict lade_verdict_by_named_maps(const struct facts *facts)
{
	const struct elf_section *named = find_named(facts, is_gobpf_map);
	if (named)
		return lade_verdict(facts, "gobpf", "section %s with one record of %llu bytes", named->name,
				    (unsigned long long)named->size);
	named = find_named(facts, is_bcc_table);
	if (named)
		return lade_verdict(facts, "bcc", "section %s, which is a kind of table of bcc, with %llu bytes",
				    named->name, (unsigned long long)named->size);
	named = find_named(facts, is_short_record);
	if (named)
		return by_short_named(facts, named);
	named = find_named(facts, any_section);
	if (named)
		return lade_verdict(facts, "redbpf", "section %s with %llu bytes", named->name,
				    (unsigned long long)named->size);
	if (facts->other_maps && !facts->maps)
		return lade_verdict(facts, "aya", "section %s: aya and others take any name that begins with maps",
				    facts->other_maps->name);
	return silent;
}

/* ---- perf: sections are probes ---- */

struct verdict lade_verdict_by_probes(const struct facts *facts)
{
	const char *first = NULL;
	for (uint32_t i = 0; (i = lade_facts_next_program(facts, i));) {
		const char *name = facts->source->elf->sections[i].name;
		bool is_event = strchr(name, ':') && facts->has_version && !strchr(name, '/');
		if ((!strchr(name, '=') && !is_event) || lade_section_find("libbpf0", name, NULL))
			return silent;
		first = first ? first : name;
	}
	return first ? lade_verdict(facts, "perf", "program section %s is a probe as perf takes it", first) : silent;
}

/* ---- eBPF for Windows ---- */

/* eBPF for Windows: its struct by name, or the oldest one, whose first word is its own size. */
struct verdict lade_verdict_by_windows(const struct facts *facts)
{
	const char *name = facts->members.struct_name;
	if (name &&
	    (strcmp(name, "_ebpf_map_definition_in_file") == 0 || strcmp(name, "ebpf_map_definition_in_file_t") == 0))
		return lade_verdict(facts, "windows", "%s: the map records are struct %s", facts->members.origin, name);
	if (facts->stride < 20)
		return silent;
	for (size_t i = 0; i < facts->records.count; i++)
		if (lade_facts_word(facts, i, 0) != facts->stride || !lade_facts_word(facts, i, 4))
			return silent;
	return lade_verdict(facts, "windows", "every map record begins with its own size, %llu",
			    (unsigned long long)facts->stride);
}
