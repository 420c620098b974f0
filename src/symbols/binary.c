/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers of an executable. Section headers may be missing or lie; program headers are what the kernel goes by. */
#include "symbols/binary.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_SECTIONS 65536u

/* ---- the file ---- */

static int open_file(const char *path, struct lade_binary *binary, struct lade_error **error)
{
	struct stat status;
	/* O_NONBLOCK: opening a pipe without a writer must not hang. */
	binary->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (binary->fd < 0 || fstat(binary->fd, &status) < 0) {
		int reason = errno;
		return lade_fail(error, reason, "attach.uprobe.file", "%s: cannot open: %s", path, strerror(reason));
	}
	if (!S_ISREG(status.st_mode))
		return lade_fail(error, EINVAL, "attach.uprobe.file", "%s: not a regular file", path);
	binary->size = (uint64_t)status.st_size;
	return 0;
}

/* ---- headers ---- */

static int fail_elf(const struct lade_binary *binary, const char *what, struct lade_error **error)
{
	return lade_fail(error, ENOEXEC, "attach.uprobe.file", "%s: %s", binary->path, what);
}

static int check_header(struct lade_binary *binary, const struct lade_blob *start, struct lade_error **error)
{
	const uint8_t *ident = start->bytes;

	if (start->size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
	    (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB))
		return fail_elf(binary, "not an ELF file", error);
	binary->is_64 = ident[EI_CLASS] == ELFCLASS64;
	binary->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	if (start->size < BINARY_RECORD(binary, Ehdr))
		return fail_elf(binary, "not an ELF file: it ends within the header", error);
	binary->type = (uint16_t)BINARY_FIELD(binary, ident, Ehdr, e_type);
	binary->machine = (uint16_t)BINARY_FIELD(binary, ident, Ehdr, e_machine);
	if (binary->type != ET_EXEC && binary->type != ET_DYN)
		return fail_elf(binary, "neither an executable nor a shared library", error);
	return 0;
}

/* A table of headers as a whole; records of another size than ours are not read. */
static int read_table(struct lade_binary *binary, const char *what, uint64_t offset, uint64_t count, uint64_t size,
		      uint64_t wanted_size, struct lade_blob *ret_table)
{
	uint64_t bytes;
	int result = -EBADMSG;

	if (!offset || !count)
		return -ENOENT;
	if (size == wanted_size && !__builtin_mul_overflow(count, size, &bytes))
		result = lade_binary_read(binary, offset, bytes, ret_table);
	if (result < 0 && result != -ENOMEM)
		(void)lade_strings_addf(&binary->damages, "the table of %s (%llu at offset %#llx) is not in the file",
					what, (unsigned long long)count, (unsigned long long)offset);
	return result;
}

static struct lade_binary_section section_of(const struct lade_binary *binary, const uint8_t *record)
{
	return (struct lade_binary_section){
		.name = "",
		.type = (uint32_t)BINARY_FIELD(binary, record, Shdr, sh_type),
		.flags = BINARY_FIELD(binary, record, Shdr, sh_flags),
		.address = BINARY_FIELD(binary, record, Shdr, sh_addr),
		.offset = BINARY_FIELD(binary, record, Shdr, sh_offset),
		.size = BINARY_FIELD(binary, record, Shdr, sh_size),
		.link = (uint32_t)BINARY_FIELD(binary, record, Shdr, sh_link),
		.info = (uint32_t)BINARY_FIELD(binary, record, Shdr, sh_info),
		.entry_size = BINARY_FIELD(binary, record, Shdr, sh_entsize),
	};
}

static void name_sections(struct lade_binary *binary, const struct lade_blob *table, uint32_t strings)
{
	struct lade_blob names = { 0 };

	if (strings >= binary->sections.count ||
	    lade_binary_content(binary, &binary->sections.items[strings], &names) < 0)
		return;
	for (size_t i = 0; i < binary->sections.count; i++) {
		const uint8_t *record = table->bytes + i * BINARY_RECORD(binary, Shdr);
		const char *name = lade_blob_string(&names, BINARY_FIELD(binary, record, Shdr, sh_name));
		binary->sections.items[i].name = name ? name : "";
	}
	binary->names = (char *)names.bytes;
}

/* With 65280 sections or more the first one's header holds their number, and that of their names. */
static void read_numbers(const struct lade_binary *binary, const uint8_t *header, uint64_t *count, uint32_t *strings)
{
	CLEANUP(lade_blob_clear) struct lade_blob first = { 0 };
	uint64_t offset = BINARY_FIELD(binary, header, Ehdr, e_shoff);

	*count = BINARY_FIELD(binary, header, Ehdr, e_shnum);
	*strings = (uint32_t)BINARY_FIELD(binary, header, Ehdr, e_shstrndx);
	if ((*count && *strings != SHN_XINDEX) || !offset ||
	    lade_binary_read(binary, offset, BINARY_RECORD(binary, Shdr), &first) < 0)
		return;
	struct lade_binary_section section = section_of(binary, first.bytes);
	*count = *count ? *count : section.size;
	*strings = *strings == SHN_XINDEX ? section.link : *strings;
}

static int read_sections(struct lade_binary *binary, const uint8_t *header)
{
	CLEANUP(lade_blob_clear) struct lade_blob table = { 0 };
	uint64_t count;
	uint32_t strings;

	read_numbers(binary, header, &count, &strings);
	int result = read_table(binary, "section headers", BINARY_FIELD(binary, header, Ehdr, e_shoff), count,
				BINARY_FIELD(binary, header, Ehdr, e_shentsize), BINARY_RECORD(binary, Shdr), &table);
	if (result < 0)
		return result == -ENOMEM ? result : 0;
	/* A linker leaves some dozens; each may be read as a whole. */
	for (uint64_t i = 0; i < count && i < MOST_SECTIONS; i++) {
		struct lade_binary_section *section = array_push(&binary->sections);
		if (!section)
			return -ENOMEM;
		*section = section_of(binary, table.bytes + i * BINARY_RECORD(binary, Shdr));
	}
	name_sections(binary, &table, strings);
	return 0;
}

static int read_segments(struct lade_binary *binary, const uint8_t *header)
{
	CLEANUP(lade_blob_clear) struct lade_blob table = { 0 };
	uint64_t count = BINARY_FIELD(binary, header, Ehdr, e_phnum);

	if (count == PN_XNUM && binary->sections.count)
		count = binary->sections.items[0].info;
	int result = read_table(binary, "program headers", BINARY_FIELD(binary, header, Ehdr, e_phoff), count,
				BINARY_FIELD(binary, header, Ehdr, e_phentsize), BINARY_RECORD(binary, Phdr), &table);
	if (result < 0)
		return result == -ENOMEM ? result : 0;
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *record = table.bytes + i * BINARY_RECORD(binary, Phdr);
		struct lade_binary_segment *segment = array_push(&binary->segments);
		if (!segment)
			return -ENOMEM;
		*segment = (struct lade_binary_segment){
			.type = (uint32_t)BINARY_FIELD(binary, record, Phdr, p_type),
			.flags = (uint32_t)BINARY_FIELD(binary, record, Phdr, p_flags),
			.offset = BINARY_FIELD(binary, record, Phdr, p_offset),
			.address = BINARY_FIELD(binary, record, Phdr, p_vaddr),
			.file_size = BINARY_FIELD(binary, record, Phdr, p_filesz),
		};
	}
	return 0;
}

static int read_headers(struct lade_binary *binary, struct lade_error **error)
{
	CLEANUP(lade_blob_clear) struct lade_blob start = { 0 };
	uint64_t length = binary->size < sizeof(Elf64_Ehdr) ? binary->size : sizeof(Elf64_Ehdr);
	int result = lade_binary_read(binary, 0, length, &start);

	if (result == 0)
		result = check_header(binary, &start, error);
	else if (result != -ENOMEM)
		return fail_elf(binary, "cannot be read", error);
	if (result < 0 && result != -ENOMEM)
		return result;
	if (result == 0)
		result = read_sections(binary, start.bytes);
	if (result == 0)
		result = read_segments(binary, start.bytes);
	return result < 0 ? lade_fail_memory(error) : 0;
}

/* ---- */

static struct lade_binary *binary_new(const char *path)
{
	struct lade_binary *binary = calloc(1, sizeof *binary);

	if (!binary)
		return NULL;
	binary->fd = -1;
	binary->path = strdup(path);
	return binary->path ? binary : lade_binary_free(binary);
}

int lade_binary_open(const char *path, struct lade_binary **ret_binary, struct lade_error **error)
{
	CLEANUP(cleanup_lade_binary) struct lade_binary *binary = binary_new(path);
	int result = binary ? open_file(path, binary, error) : lade_fail_memory(error);

	if (result == 0)
		result = read_headers(binary, error);
	if (result < 0)
		return result;
	*ret_binary = TAKE(binary);
	return 0;
}

int lade_binary_in_memory(uint8_t *memory, uint64_t size, const char *path, struct lade_binary **ret_binary,
			  struct lade_error **error)
{
	CLEANUP(cleanup_free) uint8_t *owned = memory;
	CLEANUP(cleanup_lade_binary) struct lade_binary *binary = binary_new(path);

	if (!binary)
		return lade_fail_memory(error);
	binary->memory = TAKE(owned);
	binary->size = size;
	int result = read_headers(binary, error);
	if (result == 0)
		*ret_binary = TAKE(binary);
	return result;
}

struct lade_binary *lade_binary_free(struct lade_binary *binary)
{
	if (!binary)
		return NULL;
	(void)fd_close(binary->fd);
	free(binary->memory);
	free(binary->path);
	free(binary->names);
	array_clear(&binary->sections);
	array_clear(&binary->segments);
	lade_strings_clear(&binary->damages);
	free(binary);
	return NULL;
}
