/* SPDX-License-Identifier: BSD-2-Clause */
/* vmlinux: types, names and texts in sections. Of a file with debugging data only what is wanted is read. */
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>

#include "btf/internal.h"
#include "base/strbuf.h"
#include "target/parts.h"

static inline Elf *elf_close(Elf *elf)
{
	(void)elf_end(elf);
	return NULL;
}
DEFINE_CLEANUP(Elf, elf_handle, elf_close)

#define TEXTS_MOST (256u << 20) /* bytes of the section with the kernel's constants */

struct vmlinux {
	const struct kernel_image *image;
	Elf *elf;
	size_t names; /* section of section names */
	struct kernel_parts *parts;
	struct lade_error **error;
};

static const struct {
	uint16_t number;
	unsigned char class, order; /* 0: any */
	const char *machine;
} machines[] = {
	{ EM_X86_64, 0, 0, "x86_64" },
	{ EM_386, 0, 0, "i686" },
	{ EM_AARCH64, 0, 0, "aarch64" },
	{ EM_ARM, 0, 0, "armv7l" },
	{ EM_RISCV, ELFCLASS64, 0, "riscv64" },
	{ EM_RISCV, ELFCLASS32, 0, "riscv32" },
	{ EM_S390, 0, 0, "s390x" },
	{ EM_PPC64, 0, ELFDATA2LSB, "ppc64le" },
	{ EM_PPC64, 0, ELFDATA2MSB, "ppc64" },
	{ EM_MIPS, 0, 0, "mips" },
	{ 258 /* EM_LOONGARCH */, 0, 0, "loongarch64" },
};

static int fail_format(const struct vmlinux *vmlinux, const char *why)
{
	return lade_fail(vmlinux->error, EINVAL, "target.format", "%s: %s", vmlinux->image->file, why);
}

static Elf_Scn *find_section(const struct vmlinux *vmlinux, const char *name, uint32_t type, GElf_Shdr *ret_header)
{
	for (Elf_Scn *section = elf_nextscn(vmlinux->elf, NULL); section;
	     section = elf_nextscn(vmlinux->elf, section)) {
		const char *own = gelf_getshdr(section, ret_header)
					  ? elf_strptr(vmlinux->elf, vmlinux->names, ret_header->sh_name)
					  : NULL;
		if (name ? own && !strcmp(own, name) : ret_header->sh_type == type)
			return section;
	}
	return NULL;
}

/* The section's bytes as the file has them. 0 with an empty blob: there is none, or it holds nothing. */
static int copy_section(const struct vmlinux *vmlinux, const char *name, size_t most, struct target_blob *ret_blob)
{
	const struct kernel_image *image = vmlinux->image;
	CLEANUP(cleanup_target_stream) struct target_stream *stream = NULL;
	GElf_Shdr header;
	uint64_t end;
	if (!find_section(vmlinux, name, 0, &header) || header.sh_type == SHT_NOBITS || !header.sh_size)
		return 0;
	if (header.sh_flags & SHF_COMPRESSED)
		return 0;
	if (__builtin_add_overflow(header.sh_offset, header.sh_size, &end) || end > image->size)
		return lade_fail(vmlinux->error, EBADMSG, "target.damaged", "%s: its section %s ends beyond the file",
				 image->file, name);
	if (header.sh_size > most)
		return lade_fail(vmlinux->error, EFBIG, "target.too-large", "%s: its section %s has %llu bytes",
				 image->file, name, (unsigned long long)header.sh_size);
	if (image->fd < 0)
		return lade_target_blob_copy(image->bytes + header.sh_offset, (size_t)header.sh_size, ret_blob)
			       ? lade_fail_memory(vmlinux->error)
			       : 0;
	stream = lade_pipe_file(image->fd, header.sh_offset, header.sh_size);
	int result = stream ? lade_pipe_whole(stream, most, ret_blob) : -ENOMEM;
	if (result == -ENOMEM)
		return lade_fail_memory(vmlinux->error);
	return result < 0 ? lade_fail(vmlinux->error, -result, "target.damaged", "%s: its section %s cannot be read",
				      image->file, name)
			  : 0;
}

static int read_types(struct vmlinux *vmlinux)
{
	CLEANUP(cleanup_target_blob) struct target_blob btf = { 0 };
	int result = vmlinux->parts->btf.size ? 0 : copy_section(vmlinux, ".BTF", LADE_BTF_MAX_BYTES, &btf);
	if (result || !btf.size)
		return result;
	vmlinux->parts->btf_from = strdup(vmlinux->image->file);
	if (!vmlinux->parts->btf_from)
		return lade_fail_memory(vmlinux->error);
	vmlinux->parts->btf = btf;
	btf = (struct target_blob){ 0 };
	return 0;
}

/* ---- names ---- */

static bool is_name(const GElf_Sym *symbol)
{
	unsigned char type = GELF_ST_TYPE(symbol->st_info);
	return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

static int add_names(struct vmlinux *vmlinux, Elf_Data *data, const GElf_Shdr *header, struct strbuf *names)
{
	size_t count = header->sh_entsize ? (size_t)(header->sh_size / header->sh_entsize) : 0;
	for (size_t i = 1; i < count && i < INT32_MAX && names->length < LADE_SYMBOLS_MOST; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)i, &symbol))
			break;
		const char *name = is_name(&symbol) ? elf_strptr(vmlinux->elf, header->sh_link, symbol.st_name) : NULL;
		if (name && *name)
			lade_strbuf_add_bytes(names, name, strlen(name) + 1);
	}
	return names->failed ? -ENOMEM : 0;
}

static int read_names(struct vmlinux *vmlinux)
{
	struct kernel_parts *parts = vmlinux->parts;
	struct strbuf names = { 0 };
	GElf_Shdr header;
	Elf_Scn *section = parts->symbols.size ? NULL : find_section(vmlinux, NULL, SHT_SYMTAB, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	int result = data ? add_names(vmlinux, data, &header, &names) : 0;
	if (!result && names.length) {
		parts->symbols_from = strdup(vmlinux->image->file);
		result = parts->symbols_from ? lade_target_blob_copy(names.text, names.length, &parts->symbols)
					     : -ENOMEM;
	}
	lade_strbuf_clear(&names);
	return result ? lade_fail_memory(vmlinux->error) : 0;
}

/* ---- texts ---- */

static int search(struct vmlinux *vmlinux, const uint8_t *bytes, size_t size)
{
	const char *file = vmlinux->image->file;
	struct kernel_parts *parts = vmlinux->parts;
	if (lade_image_banner(bytes, size, file, parts) < 0 || lade_image_config(bytes, size, file, parts) < 0 ||
	    (!parts->symbols.size && lade_image_kallsyms(bytes, size, file, parts) < 0))
		return lade_fail_memory(vmlinux->error);
	return 0;
}

static int read_texts(struct vmlinux *vmlinux)
{
	static const char *const sections[] = { ".rodata", ".init.data", ".data" };
	const struct kernel_image *image = vmlinux->image;
	if (image->fd < 0)
		return search(vmlinux, image->bytes, (size_t)image->size);
	for (size_t i = 0; i < ELEMENTS(sections) && !vmlinux->parts->is_kernel; i++) {
		CLEANUP(cleanup_target_blob) struct target_blob bytes = { 0 };
		int result = copy_section(vmlinux, sections[i], TEXTS_MOST, &bytes);
		if (!result && bytes.size)
			result = search(vmlinux, bytes.bytes, bytes.size);
		if (result)
			return result;
	}
	return 0;
}

static void learn_machine(struct vmlinux *vmlinux, const GElf_Ehdr *header)
{
	struct kernel_parts *parts = vmlinux->parts;
	for (size_t i = 0; i < ELEMENTS(machines) && !*parts->machine; i++)
		if (machines[i].number == header->e_machine &&
		    (!machines[i].class || machines[i].class == header->e_ident[EI_CLASS]) &&
		    (!machines[i].order || machines[i].order == header->e_ident[EI_DATA]))
			(void)snprintf(parts->machine, sizeof parts->machine, "%s", machines[i].machine);
}

static int read_parts(struct vmlinux *vmlinux)
{
	GElf_Ehdr header;
	if (!vmlinux->elf || !gelf_getehdr(vmlinux->elf, &header) ||
	    elf_getshdrstrndx(vmlinux->elf, &vmlinux->names) < 0)
		return lade_fail(vmlinux->error, EBADMSG, "target.damaged", "%s: an ELF file whose header is wrong",
				 vmlinux->image->file);
	if (header.e_machine == EM_BPF)
		return fail_format(vmlinux, "is a BPF object, and no kernel");
	if (header.e_type == ET_REL)
		return fail_format(vmlinux, "is an object file or a module, and no kernel");
	int result = read_types(vmlinux);
	if (!result)
		result = read_names(vmlinux);
	if (!result)
		result = read_texts(vmlinux);
	if (result)
		return result;
	if (!vmlinux->parts->is_kernel && !vmlinux->parts->btf.size)
		return fail_format(vmlinux, "is an ELF file, but no kernel");
	learn_machine(vmlinux, &header);
	vmlinux->parts->is_kernel = true;
	return 0;
}

int lade_image_elf(const struct kernel_image *image, struct kernel_parts *parts, struct lade_error **error)
{
	(void)elf_version(EV_CURRENT);
	/* elf_memory() takes bytes that may be written, and does not write. */
	CLEANUP(cleanup_elf_handle)
	Elf *elf = image->fd < 0 ? elf_memory((char *)(uintptr_t)image->bytes, (size_t)image->size)
				 : elf_begin(image->fd, ELF_C_READ, NULL);
	struct vmlinux vmlinux = { .image = image, .elf = elf, .parts = parts, .error = error };
	return read_parts(&vmlinux);
}
