/* SPDX-License-Identifier: BSD-2-Clause */
/* Small executables made by hand: one segment with everything in it, and the sections that a test gives. */
#ifndef TESTS_SYMBOLS_MAKER_H
#define TESTS_SYMBOLS_MAKER_H

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "base/error.h"

#define MADE_BASE    0x400000u
#define MADE_CONTENT 0x1000u /* offset of the first section's bytes; each has so many */
#define MADE_STEP    0x1000u

struct made_section {
	const char *name;
	uint32_t type;
	const void *bytes;
	size_t size;
	uint32_t link;
};

struct made {
	char path[64];
	int fd;
	uint8_t *bytes;
	size_t size;
};

static inline struct made make_binary(uint16_t machine, const struct made_section *sections, size_t count)
{
	size_t names_at = MADE_CONTENT + count * MADE_STEP, table_at = names_at + MADE_STEP;
	struct made made = { .path = "/tmp/lade-test-made-XXXXXX",
			     .size = table_at + (count + 2) * sizeof(Elf64_Shdr) };
	made.bytes = calloc(1, made.size);
	assert_non_null(made.bytes);
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			      .e_type = ET_EXEC,
			      .e_machine = machine,
			      .e_version = 1,
			      .e_phoff = sizeof header,
			      .e_shoff = table_at,
			      .e_ehsize = sizeof header,
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = 1,
			      .e_shentsize = sizeof(Elf64_Shdr),
			      .e_shnum = (uint16_t)(count + 2),
			      .e_shstrndx = (uint16_t)(count + 1) };
	Elf64_Phdr segment = { .p_type = PT_LOAD,
			       .p_flags = PF_R | PF_W | PF_X,
			       .p_vaddr = MADE_BASE,
			       .p_filesz = made.size,
			       .p_memsz = made.size };
	Elf64_Shdr *table = (Elf64_Shdr *)(void *)(made.bytes + table_at);
	size_t name = 1;
	memcpy(made.bytes, &header, sizeof header);
	memcpy(made.bytes + sizeof header, &segment, sizeof segment);
	for (size_t i = 0; i <= count; i++) {
		struct made_section names = { ".shstrtab", SHT_STRTAB, NULL, MADE_STEP, 0 };
		const struct made_section *section = i < count ? &sections[i] : &names;
		size_t at = MADE_CONTENT + i * MADE_STEP;
		assert_true(section->size <= MADE_STEP);
		if (section->bytes)
			memcpy(made.bytes + at, section->bytes, section->size);
		table[i + 1] = (Elf64_Shdr){ .sh_name = (uint32_t)name,
					     .sh_type = section->type,
					     .sh_addr = MADE_BASE + at,
					     .sh_offset = at,
					     .sh_size = section->size,
					     .sh_link = section->link,
					     .sh_addralign = 1 };
		(void)strcpy((char *)made.bytes + names_at + name, section->name);
		name += strlen(section->name) + 1;
	}
	made.fd = mkstemp(made.path);
	assert_true(made.fd >= 0);
	assert_int_equal(pwrite(made.fd, made.bytes, made.size, 0), made.size);
	return made;
}

static inline void made_remove(struct made *made)
{
	(void)close(made->fd);
	(void)unlink(made->path);
	free(made->bytes);
}

/* Calls use() with each byte of the file changed in turn, and at last for the file cut at each of many lengths. */
static inline void made_damage(const struct made *made, size_t from, size_t to, void (*use)(const char *path))
{
	for (size_t i = from; i < to; i++) {
		const uint8_t spoilt[] = { 0xff, 0, (uint8_t)~made->bytes[i], (uint8_t)(made->bytes[i] + 1) };
		for (size_t j = 0; j < sizeof spoilt; j++) {
			assert_int_equal(pwrite(made->fd, &spoilt[j], 1, (off_t)i), 1);
			use(made->path);
		}
		assert_int_equal(pwrite(made->fd, &made->bytes[i], 1, (off_t)i), 1);
	}
}

static inline void made_cut(const struct made *made, void (*use)(const char *path))
{
	for (size_t size = made->size; size > 0; size -= size > 61 ? 61 : size) {
		assert_int_equal(ftruncate(made->fd, (off_t)size), 0);
		use(made->path);
	}
	assert_int_equal(pwrite(made->fd, made->bytes, made->size, 0), made->size);
}

/* The error's first finding has this code, and it or its evidence mentions the text; frees the error. */
static inline void expect_finding(struct lade_error *error, const char *code, const char *text)
{
	struct lade_finding_info info = { .size = sizeof info };
	assert_non_null(error);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	bool found = strstr(info.message, text) || (info.cause && strstr(info.cause, text)) ||
		     (info.fix && strstr(info.fix, text));
	for (size_t i = 0; i < info.evidence_count; i++)
		found = found || strstr(info.evidence[i], text);
	if (!found)
		fail_msg("%s: nothing mentions \"%s\"", lade_error_message(error), text);
	lade_error_free(error);
}

#endif
