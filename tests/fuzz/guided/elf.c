/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the input as an object, with everything that the ELF room gives out. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "elf/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static volatile size_t sum;

static void use_section(const struct elf_image *image, const struct elf_section *section)
{
	struct elf_relocations relocations = { 0 };
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	sum += strlen(section->name);
	for (uint64_t i = 0; section->bytes && i < section->size; i += 64)
		sum += section->bytes[i];
	if (lade_elf_relocations(image, section->index, &relocations, &error) < 0)
		return;
	for (size_t i = 0; i < relocations.count; i++)
		if (relocations.items[i].symbol >= image->symbol_count || relocations.items[i].offset >= section->size)
			__builtin_trap();
	array_clear(&relocations);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	CLEANUP(cleanup_elf_image) struct elf_image *image = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	if (lade_elf_parse(bytes, size, "fuzz.o", &image, &error) < 0) {
		/* A refusal is one finding, and never our own mistake. */
		if (lade_error_finding_count(error) != 1)
			__builtin_trap();
		return 0;
	}
	for (size_t i = 0; i < image->section_count; i++)
		use_section(image, &image->sections[i]);
	for (size_t i = 0; i < image->symbol_count; i++)
		if (strlen(image->symbols[i].name) >= size)
			__builtin_trap();
	return 0;
}
