/* SPDX-License-Identifier: BSD-2-Clause */
/* The first 64 bytes: is this an ELF file, and one made for BPF? */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "elf/internal.h"

#define SMALL_HEADER 20 /* e_ident, e_type, e_machine: enough to name the machine, in ELF32 too */

static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{ EM_386, "an x86" },         { EM_X86_64, "an x86-64" },   { EM_ARM, "an ARM" },
	{ EM_AARCH64, "an AArch64" }, { EM_RISCV, "a RISC-V" },     { EM_PPC, "a PowerPC" },
	{ EM_PPC64, "a PowerPC64" },  { EM_S390, "an s390" },       { EM_MIPS, "a MIPS" },
	{ EM_SPARC, "a SPARC" },      { EM_SPARCV9, "a SPARC V9" }, { 258, "a LoongArch" },
	{ EM_IA_64, "an IA-64" },     { EM_CUDA, "a CUDA" },        { EM_BPF, "a BPF" },
};

const char *lade_elf_machine_name(uint16_t machine)
{
	for (size_t i = 0; i < ELEMENTS(machines); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return NULL;
}

/* What people give a loader by mistake. */
static const struct {
	const char *magic;
	size_t length;
	const char *what, *fix;
} impostors[] = {
	{ "BC\xc0\xde", 4, "LLVM bitcode",
	  "finish the compilation: llc -march=bpf -filetype=obj, or clang without -emit-llvm" },
	{ "!<arch>\n", 8, "a static library", "give one of its members: ar x extracts them" },
	{ "!<thin>\n", 8, "a thin archive", "give one of the objects that it names" },
	{ "\x1f\x8b", 2, "gzip-compressed", "decompress it first" },
	{ "\xfd"
	  "7zXZ",
	  5, "xz-compressed", "decompress it first" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd-compressed", "decompress it first" },
	{ "\x9f\xeb", 2, "raw BTF", "give the object that the BTF describes" },
	{ "\xeb\x9f", 2, "raw BTF", "give the object that the BTF describes" },
};

static bool looks_like_text(const uint8_t *bytes, size_t size)
{
	size_t length = size < 512 ? size : 512;
	for (size_t i = 0; i < length; i++)
		if (bytes[i] < 0x80 && !isprint(bytes[i]) && !isspace(bytes[i]))
			return false;
	return true;
}

static int fail_not_elf(const struct elf_image *image, struct lade_error **error)
{
	const char *what = "no ELF file", *fix = NULL;
	if (image->size == 0)
		what = "the file is empty";
	else if (looks_like_text(image->bytes, image->size)) {
		what = "a text file, not an object";
		fix = "compile it: clang -target bpf -O2 -g -c prog.bpf.c -o prog.bpf.o";
	}
	for (size_t i = 0; i < ELEMENTS(impostors); i++)
		if (image->size >= impostors[i].length &&
		    !memcmp(image->bytes, impostors[i].magic, impostors[i].length)) {
			what = impostors[i].what;
			fix = impostors[i].fix;
		}
	struct lade_finding *finding = lade_error_add(error, ENOEXEC, "elf.not-elf", "%s: %s", image->file, what);
	if (image->size >= SELFMAG)
		finding_evidence(finding, "the file starts with %02x %02x %02x %02x; ELF starts with 7f 45 4c 46",
				 image->bytes[0], image->bytes[1], image->bytes[2], image->bytes[3]);
	if (fix)
		finding_fix(finding, "%s", fix);
	return -ENOEXEC;
}

static int fail_truncated_header(const struct elf_image *image, struct lade_error **error)
{
	return lade_fail(error, EINVAL, "elf.truncated", "%s: ends inside the ELF header: %zu of %zu bytes are there",
			 image->file, image->size, sizeof(Elf64_Ehdr));
}

static int check_ident(const struct elf_image *image, struct lade_error **error)
{
	const uint8_t *ident = image->bytes;
	if (image->size < SELFMAG || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return fail_not_elf(image, error);
	if (image->size < SMALL_HEADER)
		return fail_truncated_header(image, error);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return lade_fail(error, EINVAL, "elf.header", "%s: byte order %u (EI_DATA) is neither 1 nor 2",
				 image->file, ident[EI_DATA]);
	if (ident[EI_VERSION] != EV_CURRENT)
		return lade_fail(error, EINVAL, "elf.header", "%s: ELF version %u (EI_VERSION) is not 1", image->file,
				 ident[EI_VERSION]);
	return 0;
}

static uint16_t half_at(const struct elf_image *image, size_t offset)
{
	const uint8_t *bytes = image->bytes + offset;
	return (uint16_t)(image->big_endian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
}

static const char *type_name(uint16_t type)
{
	static const char *const names[] = { [ET_NONE] = "file without a type",
					     [ET_REL] = "object",
					     [ET_EXEC] = "executable",
					     [ET_DYN] = "shared library or executable",
					     [ET_CORE] = "core file" };
	return type < ELEMENTS(names) ? names[type] : "file";
}

static int fail_machine(const struct elf_image *image, struct lade_error **error)
{
	const char *name = lade_elf_machine_name(image->machine);
	struct lade_finding *finding =
		name ? lade_error_add(error, ENOEXEC, "elf.machine",
				      "%s: this is %s %s; compile with clang -target bpf", image->file, name,
				      type_name(image->type))
		     : lade_error_add(error, ENOEXEC, "elf.machine", "%s: this %s is for machine %u, not for BPF",
				      image->file, type_name(image->type), image->machine);
	finding_evidence(finding, "e_machine is %u; BPF is %u", image->machine, EM_BPF);
	return -ENOEXEC;
}

/* The machine first: "an x86 object" says more than "32-bit". */
static int check_kind(const struct elf_image *image, struct lade_error **error)
{
	if (image->machine != EM_BPF && image->machine != EM_NONE)
		return fail_machine(image, error);
	if (image->bytes[EI_CLASS] != ELFCLASS64) {
		struct lade_finding *finding = lade_error_add(
			error, ENOEXEC, "elf.class", "%s: not a 64-bit ELF file; BPF objects are", image->file);
		finding_evidence(finding, "EI_CLASS is %u; ELFCLASS64 is %u", image->bytes[EI_CLASS], ELFCLASS64);
		return -ENOEXEC;
	}
	if (image->type != ET_REL) {
		struct lade_finding *finding =
			lade_error_add(error, ENOEXEC, "elf.not-relocatable",
				       "%s: %s for BPF, not a relocatable object", image->file, type_name(image->type));
		finding_evidence(finding, "e_type is %u; ET_REL is %u", image->type, ET_REL);
		return -ENOEXEC;
	}
	return 0;
}

bool lade_elf_translate(const struct elf_image *image, uint64_t offset, size_t size, Elf_Type type, void *ret_records)
{
	uint64_t end;
	if (__builtin_add_overflow(offset, size, &end) || end > image->size)
		return false;
	if (size)
		memcpy(ret_records, image->bytes + offset, size);
	/* In our own byte order they are what they shall be; most objects never enter libelf's pages. */
	if (image->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		return true;
	Elf_Data data = { .d_buf = ret_records, .d_type = type, .d_version = EV_CURRENT, .d_size = size };
	(void)elf_version(EV_CURRENT);
	return !size || elf64_xlatetom(&data, &data, image->big_endian ? ELFDATA2MSB : ELFDATA2LSB);
}

int lade_elf_check_header(struct elf_image *image, Elf64_Ehdr *ret_header, struct lade_error **error)
{
	int result = check_ident(image, error);
	if (result < 0)
		return result;
	image->big_endian = image->bytes[EI_DATA] == ELFDATA2MSB;
	image->type = half_at(image, offsetof(Elf64_Ehdr, e_type));
	image->machine = half_at(image, offsetof(Elf64_Ehdr, e_machine));
	result = check_kind(image, error);
	if (result < 0)
		return result;
	if (!lade_elf_translate(image, 0, sizeof *ret_header, ELF_T_EHDR, ret_header))
		return fail_truncated_header(image, error);
	return 0;
}
