/* SPDX-License-Identifier: BSD-2-Clause */
/* The section table: every extent is checked against the file, every name against its table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf/internal.h"

/* elf_symbol.section and e_shstrndx hold 16 bits, of which the numbers from SHN_LORESERVE on are taken. */
#define MAX_SECTIONS SHN_LORESERVE

const char *lade_elf_string(const struct elf_section *table, uint64_t offset)
{
	if (!table || !table->bytes || offset >= table->size)
		return NULL;
	const char *text = (const char *)table->bytes + offset;
	return memchr(text, '\0', table->size - offset) ? text : NULL;
}

static int fail_table_truncated(const struct elf_image *image, const Elf64_Ehdr *header, uint64_t count,
				struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "elf.truncated",
			       "%s: the table of %llu section headers at offset %llu lies beyond the file", image->file,
			       (unsigned long long)count, (unsigned long long)header->e_shoff);
	finding_evidence(finding, "the file has %zu bytes; a section header has %zu", image->size, sizeof(Elf64_Shdr));
	return -EINVAL;
}

/* e_shnum 0 means: more than 16 bits hold, see section 0. */
static int count_sections(const struct elf_image *image, const Elf64_Ehdr *header, const Elf64_Shdr *first,
			  uint64_t *ret_count, struct lade_error **error)
{
	uint64_t count = header->e_shnum ? header->e_shnum : first->sh_size;
	if (count >= MAX_SECTIONS)
		return lade_fail(error, EFBIG, "elf.too-large", "%s: has %llu sections; the limit is %u", image->file,
				 (unsigned long long)count, MAX_SECTIONS - 1);
	*ret_count = count ? count : 1;
	return 0;
}

static int read_headers(const struct elf_image *image, const Elf64_Ehdr *header, Elf64_Shdr **ret_headers,
			size_t *ret_count, struct lade_error **error)
{
	Elf64_Shdr first;
	uint64_t count = 0;
	if (!header->e_shoff)
		return lade_fail(error, EINVAL, "elf.header", "%s: has no section headers (stripped of its sections?)",
				 image->file);
	if (header->e_shentsize != sizeof first)
		return lade_fail(error, EINVAL, "elf.header",
				 "%s: section headers of %u bytes (e_shentsize); they have %zu", image->file,
				 header->e_shentsize, sizeof first);
	if (!lade_elf_translate(image, header->e_shoff, sizeof first, ELF_T_SHDR, &first))
		return fail_table_truncated(image, header, header->e_shnum, error);
	int result = count_sections(image, header, &first, &count, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_free) Elf64_Shdr *headers = calloc(count, sizeof *headers);
	if (!headers)
		return lade_fail_memory(error);
	if (!lade_elf_translate(image, header->e_shoff, count * sizeof *headers, ELF_T_SHDR, headers))
		return fail_table_truncated(image, header, count, error);
	*ret_headers = TAKE(headers);
	*ret_count = count;
	return 0;
}

static int fail_extent(const struct elf_image *image, const struct elf_section *section, uint64_t offset,
		       struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(
		error, EINVAL, "elf.truncated",
		"%s: section %u (%s) lies beyond the file: %llu bytes at offset %llu, but the file has %zu",
		image->file, section->index, *section->name ? section->name : "unnamed",
		(unsigned long long)section->size, (unsigned long long)offset, image->size);
	finding_evidence(finding, "sh_offset %llu, sh_size %llu, file size %zu", (unsigned long long)offset,
			 (unsigned long long)section->size, image->size);
	return -EINVAL;
}

/* Where the content lies. A section without content has size 0, or a size and no bytes (SHT_NOBITS). */
static int place_section(const struct elf_image *image, const Elf64_Shdr *from, struct elf_section *section,
			 struct lade_error **error)
{
	uint64_t end;
	section->size = from->sh_type == SHT_NULL ? 0 : from->sh_size;
	if (from->sh_type == SHT_NOBITS && from->sh_size > UINT32_MAX)
		return lade_fail(error, EFBIG, "elf.too-large",
				 "%s: section %u (%s) claims %llu bytes without content; the limit is %u", image->file,
				 section->index, *section->name ? section->name : "unnamed",
				 (unsigned long long)from->sh_size, UINT32_MAX);
	if (from->sh_type == SHT_NOBITS || !section->size)
		return 0;
	if (__builtin_add_overflow(from->sh_offset, from->sh_size, &end) || end > image->size)
		return fail_extent(image, section, from->sh_offset, error);
	section->bytes = image->bytes + from->sh_offset;
	return 0;
}

static struct elf_section describe(const Elf64_Shdr *from, size_t index)
{
	return (struct elf_section){
		.name = "",
		.index = (uint32_t)index,
		.type = from->sh_type,
		.flags = from->sh_flags,
		.link = from->sh_link,
		.info = from->sh_info,
		.entry_size = from->sh_entsize,
		.alignment = from->sh_addralign,
	};
}

/* *ret_names stays NULL when the file says that its sections have no names. */
static int find_names(const struct elf_image *image, const Elf64_Ehdr *header, const Elf64_Shdr *headers,
		      struct elf_section **ret_names, struct lade_error **error)
{
	uint32_t index = header->e_shstrndx == SHN_XINDEX ? headers[0].sh_link : header->e_shstrndx;
	if (index == SHN_UNDEF)
		return 0;
	if (index >= image->section_count)
		return lade_fail(error, EINVAL, "elf.strings",
				 "%s: section names are said to be in section %u (e_shstrndx), but there are only %zu",
				 image->file, index, image->section_count);
	struct elf_section *names = &image->sections[index];
	if (names->type != SHT_STRTAB)
		return lade_fail(
			error, EINVAL, "elf.strings",
			"%s: section names are said to be in section %u (e_shstrndx), which is no string table",
			image->file, index);
	int result = place_section(image, &headers[index], names, error);
	if (result < 0)
		return result;
	*ret_names = names;
	return 0;
}

static int fill_sections(const struct elf_image *image, const Elf64_Ehdr *header, const Elf64_Shdr *headers,
			 struct lade_error **error)
{
	struct elf_section *names = NULL;
	for (size_t i = 0; i < image->section_count; i++)
		image->sections[i] = describe(&headers[i], i);
	int result = find_names(image, header, headers, &names, error);
	if (result < 0)
		return result;
	for (size_t i = 1; i < image->section_count; i++) {
		const char *name = lade_elf_string(names, headers[i].sh_name);
		if (name)
			image->sections[i].name = name;
		result = place_section(image, &headers[i], &image->sections[i], error);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Backwards, so that each chain is in file order. */
static int chain_relocations(const struct elf_image *image, struct lade_error **error)
{
	struct lade_elf_index *index = lade_elf_index(image);
	index->first_relocation = calloc(image->section_count, sizeof(uint32_t));
	index->next_relocation = calloc(image->section_count, sizeof(uint32_t));
	if (!index->first_relocation || !index->next_relocation)
		return lade_fail_memory(error);
	for (uint32_t i = (uint32_t)image->section_count - 1; i > 0; i--) {
		const struct elf_section *section = &image->sections[i];
		if (section->type != SHT_REL && section->type != SHT_RELA)
			continue;
		if (section->info >= image->section_count)
			return lade_fail(error, EINVAL, "elf.relocation",
					 "%s: section %u (%s) relocates section %u (sh_info), but there are only %zu",
					 image->file, i, section->name, section->info, image->section_count);
		index->next_relocation[i] = index->first_relocation[section->info];
		index->first_relocation[section->info] = i;
	}
	return 0;
}

int lade_elf_read_sections(struct elf_image *image, const Elf64_Ehdr *header, struct lade_error **error)
{
	CLEANUP(cleanup_free) Elf64_Shdr *headers = NULL;
	int result = read_headers(image, header, &headers, &image->section_count, error);
	if (result < 0)
		return result;
	image->sections = calloc(image->section_count, sizeof *image->sections);
	if (!image->sections)
		return lade_fail_memory(error);
	result = fill_sections(image, header, headers, error);
	if (result < 0)
		return result;
	return chain_relocations(image, error);
}
