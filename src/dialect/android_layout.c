/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of Android's layouts an object has, and how long its records are. */
#include <errno.h>
#include <string.h>

#include "dialect/android.h"

#define MAP_LEAST     32 /* a loader refuses to be told less */
#define PROGRAM_LEAST 20

static const struct elf_section *find(const struct elf_image *elf, const char *name)
{
	const struct elf_section *section = lade_elf_section(elf, name);
	return section && section->bytes ? section : NULL;
}

/* Four bytes of a numeric section; 0: too short or not there. */
static uint32_t stated(const struct elf_image *elf, const char *name)
{
	const struct elf_section *section = find(elf, name);
	struct filling filling = { .elf = elf };
	return section && section->size >= sizeof(uint32_t) ? lade_fill_u32(&filling, section->bytes) : 0;
}

/* The one size of all named symbols in a section; 0: none, several, or not written. */
static uint64_t shown(const struct elf_image *elf, const char *name)
{
	const struct elf_section *section = find(elf, name);
	uint64_t size = 0;
	for (size_t i = 1; section && i < elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &elf->symbols[i];
		if (symbol->section != section->index || !lade_symbol_is_named(symbol))
			continue;
		if (!symbol->size || (size && size != symbol->size))
			return 0;
		size = symbol->size;
	}
	return size;
}

static bool has_any(const struct elf_image *elf, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (lade_elf_section(elf, names[i]))
			return true;
	return false;
}

/* Since Android 12 every object has these, by LICENSE(). */
static bool is_versioned(const struct elf_image *elf)
{
	static const char *const names[] = { "size_of_bpf_map_def", "size_of_bpf_prog_def", "bpfloader_min_ver",
					     "bpfloader_max_ver" };
	return has_any(elf, names, ELEMENTS(names));
}

static bool is_named(const struct elf_image *elf)
{
	static const char *const names[] = { ".android_maps", ".android_progs" };
	return has_any(elf, names, ELEMENTS(names));
}

const char *lade_android_layout(const struct elf_image *elf)
{
	if (is_named(elf))
		return "android-e";
	uint64_t map = stated(elf, "size_of_bpf_map_def"), program = stated(elf, "size_of_bpf_prog_def");
	map = map ? map : shown(elf, "maps");
	program = program ? program : shown(elf, "progs");
	if (map > 48 || program > 28)
		return "android-d";
	if (is_versioned(elf) || map > MAP_LEAST || program > PROGRAM_LEAST)
		return "android-c";
	return find(elf, "progs") || map == MAP_LEAST ? "android-b" : "android-a";
}

/* ---- by the names of sections alone ---- */

struct names {
	size_t code, android, others; /* sections with code; of them, known to Android; … and to no one else */
	const char *example;
};

static bool is_foreign(const char *name)
{
	static const char *const tables[] = { "samples", "libbpf", "libbpf0" };
	for (size_t i = 0; i < ELEMENTS(tables); i++)
		if (lade_section_find(tables[i], name, NULL))
			return true;
	return false;
}

static struct names count_names(const struct elf_image *elf)
{
	struct names names = { 0 };
	for (size_t i = 1; i < elf->section_count; i++) {
		const char *name = elf->sections[i].name;
		if (!lade_section_is_code(&elf->sections[i]) || strcmp(name, ".text") == 0)
			continue;
		names.code++;
		if (!strchr(name, '/') || !lade_section_find("android", name, NULL))
			continue;
		names.android++;
		if (is_foreign(name))
			continue;
		names.others++;
		names.example = names.example ? names.example : name;
	}
	return names;
}

/*
 * Android's names on all programs and no mark: Android 10's 28-byte records whose last two words nobody used,
 * Android 11's without section progs, or later ones whose marks were taken away.
 */
static const char *layout_without_marks(const struct elf_image *elf, const struct names *names)
{
	static const uint64_t sizes[] = { 28, MAP_LEAST, 40, 48, 116, 120 };
	const struct elf_section *maps = find(elf, "maps");
	uint64_t size = maps ? shown(elf, "maps") : 28;
	if (names->android != names->code)
		return NULL;
	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		if (size == sizes[i])
			return lade_android_layout(elf);
	if (size || !maps->size)
		return NULL;
	if (maps->size % 28 == 0)
		return "android-a";
	return maps->size % MAP_LEAST == 0 ? "android-b" : NULL;
}

const char *lade_android_by_sections(const struct elf_image *elf, struct strbuf *why)
{
	struct names names = count_names(elf);
	if (!names.others)
		return NULL;
	const char *found = find(elf, ".maps") ? "android-f" : layout_without_marks(elf, &names);
	if (found)
		lade_strbuf_addf(why, "program section %s, a name that Android's loader alone knows", names.example);
	return found;
}

/* ---- sizes ---- */

static int fail_stated(struct android *android, const char *section, uint64_t size, uint64_t least)
{
	return lade_fail(android->filling.error, ENOEXEC, "dialect.android.size",
			 "%s: section %s says %llu bytes; the struct never had fewer than %llu",
			 android->filling.elf->file, section, (unsigned long long)size, (unsigned long long)least);
}

static bool is_size_of_old_program(uint64_t size)
{
	return size == 8 || size == 16; /* while Android 11 was made */
}

static int choose(struct android *android, const char *size_section, const char *section, uint64_t least,
		  uint64_t *ret_bytes)
{
	const struct elf_image *elf = android->filling.elf;
	uint64_t size = stated(elf, size_section);
	bool is_stated = android->layout >= 'c' && lade_elf_section(elf, size_section);
	if (is_stated && size < least)
		return fail_stated(android, size_section, size, least);
	uint64_t seen = shown(elf, section);
	if (is_stated)
		*ret_bytes = size;
	else if (android->layout >= 'c' && seen >= least)
		*ret_bytes = seen;
	else
		*ret_bytes =
			android->layout == 'b' && is_size_of_old_program(seen) && least == PROGRAM_LEAST ? seen : least;
	android->sized |= is_stated;
	return 0;
}

int lade_android_sizes(struct android *android)
{
	if (android->layout == 'e') {
		android->map_bytes = 192;
		android->program_bytes = 180;
		android->sized = true;
		return 0;
	}
	if (android->layout == 'a') {
		android->map_bytes = 28;
		return 0;
	}
	int result = choose(android, "size_of_bpf_map_def", "maps", MAP_LEAST, &android->map_bytes);
	if (result == 0)
		result = choose(android, "size_of_bpf_prog_def", "progs", PROGRAM_LEAST, &android->program_bytes);
	android->sized |= android->layout >= 'c';
	return result;
}
