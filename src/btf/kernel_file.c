/* SPDX-License-Identifier: BSD-2-Clause */
/* Which form a file has, and where its BTF lies. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "btf/kernel_file.h"
#include "btf/unpack.h"

/* What is being opened: the file, and its content if that had to be unpacked. */
struct opening {
	const struct lade_kernel_file *file;
	int fd;
	uint64_t size; /* of the content */
	struct lade_bytes unpacked;
	struct lade_error **error;
};

static int fail_file(const struct opening *opening, const char *verb, int reason)
{
	return lade_fail(opening->error, reason, "btf.kernel.file", "%s: cannot %s: %s", opening->file->path, verb,
			 strerror(reason));
}

static int fail_format(const struct opening *opening, const char *why)
{
	return lade_fail(opening->error, EINVAL, "btf.kernel.format", "%s: %s", opening->file->path, why);
}

/* Reading a header or parsing speaks of the object's types; these are a kernel's. Takes reason. */
static int fail_damaged(const struct opening *opening, int result, struct lade_error **reason)
{
	const struct lade_finding *first = lade_error_finding(*reason, 0);
	bool is_ours = first && first->message && strncmp(first->code, "btf.", strlen("btf.")) == 0 &&
		       strncmp(first->code, "btf.kernel.", strlen("btf.kernel.")) != 0;
	if (is_ours)
		(void)lade_fail(opening->error, -result, "btf.kernel.damaged", "%s", first->message);
	else
		lade_error_merge(opening->error, reason);
	*reason = lade_error_free(*reason);
	return result;
}

/* ---- the bytes of the BTF ---- */

/*
 * Of the other byte order, or where its records do not lie at multiples of 4: parsed as a whole, and then looked at in
 * the form that parsing gives.
 */
static int open_parsed(const struct opening *opening, struct lade_bytes *bytes, struct lade_btf **ret_btf,
		       struct lade_error **error)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *parsed = NULL;
	const char *path = opening->file->path;
	size_t size = 0;
	int result = lade_bytes_need(bytes, 0, bytes->size);
	if (result)
		return fail_file(opening, "read", -result);
	result = lade_btf_parse(bytes->start, bytes->size, path, &parsed, error);
	if (result)
		return result;
	const void *plain = lade_btf_bytes(parsed, &size);
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		return lade_fail_memory(error);
	memcpy(copy, plain, size);
	lade_bytes_clear(bytes);
	lade_bytes_take(bytes, copy, size, size);
	return lade_btf_lazy_open(bytes, opening->file->base, path, ret_btf, error);
}

/* Takes bytes. */
static int open_bytes(const struct opening *opening, struct lade_bytes *bytes, struct lade_btf **ret_btf)
{
	const struct lade_kernel_file *file = opening->file;
	struct lade_error *reason = NULL;
	int result = lade_btf_lazy_open(bytes, file->base, file->path, ret_btf, &reason);
	if (result == -ENOTSUP && file->base)
		result = fail_format(opening, "split BTF of another byte order, or not aligned");
	else if (result == -ENOTSUP)
		result = open_parsed(opening, bytes, ret_btf, &reason);
	lade_bytes_clear(bytes);
	return fail_damaged(opening, result, &reason);
}

/* Nobody can cut short what the kernel holds; from a common file a page that is gone would end us. */
static bool may_be_mapped(const struct opening *opening)
{
	struct statfs system;
	return !opening->file->never_map && fstatfs(opening->fd, &system) == 0 && system.f_type == SYSFS_MAGIC;
}

static int open_part(struct opening *opening, uint64_t offset, uint64_t size, struct lade_btf **ret_btf)
{
	struct lade_bytes bytes = { .fd = -1 };
	if (size > LADE_BTF_MAX_BYTES)
		return lade_fail(opening->error, EFBIG, "btf.kernel.format", "%s: .BTF of %llu bytes; the limit is %u",
				 opening->file->path, (unsigned long long)size, LADE_BTF_MAX_BYTES);
	if (opening->unpacked.start) {
		bytes = opening->unpacked;
		bytes.start += offset;
		bytes.size = size;
		opening->unpacked = (struct lade_bytes){ .fd = -1 };
		if (offset % sizeof(uint32_t)) /* a section may begin anywhere; types are looked at where they lie */
			bytes.start = memmove(bytes.mapping, bytes.start, size);
		return open_bytes(opening, &bytes, ret_btf);
	}
	bool may_map = !offset && may_be_mapped(opening);
	if (!may_map || opening->file->map_late || !lade_bytes_map(&bytes, opening->fd, size)) {
		if (lade_bytes_on_demand(&bytes, &opening->fd, offset, size) < 0)
			return lade_fail_memory(opening->error);
		bytes.may_map = may_map && opening->file->map_late;
	}
	return open_bytes(opening, &bytes, ret_btf);
}

/* ---- ELF ---- */

static inline Elf *elf_close(Elf *elf)
{
	(void)elf_end(elf);
	return NULL;
}
DEFINE_CLEANUP(Elf, elf_handle, elf_close)

static bool find_section(Elf *elf, GElf_Shdr *ret_header)
{
	size_t names = 0;
	if (!elf || elf_getshdrstrndx(elf, &names) < 0)
		return false;
	for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section)) {
		GElf_Shdr header;
		const char *name = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
		if (!name || strcmp(name, ".BTF") != 0)
			continue;
		*ret_header = header;
		return true;
	}
	return false;
}

static int open_elf(struct opening *opening, struct lade_btf **ret_btf)
{
	GElf_Shdr header;
	uint64_t end;
	(void)elf_version(EV_CURRENT);
	CLEANUP(cleanup_elf_handle)
	Elf *elf = opening->unpacked.start ? elf_memory(opening->unpacked.mapping, opening->size)
					   : elf_begin(opening->fd, ELF_C_READ, NULL);
	if (!find_section(elf, &header))
		return fail_format(opening, "an ELF file without a section .BTF (a kernel has it with "
					    "CONFIG_DEBUG_INFO_BTF=y; vmlinuz has none, vmlinux has)");
	if (header.sh_type == SHT_NOBITS)
		return fail_format(opening, "its section .BTF was stripped to a file of its own");
	if (header.sh_flags & SHF_COMPRESSED)
		return fail_format(opening, "its section .BTF is compressed: objcopy --decompress-debug-sections");
	if (__builtin_add_overflow(header.sh_offset, header.sh_size, &end) || end > opening->size)
		return fail_format(opening, "its section .BTF ends beyond the file");
	return open_part(opening, header.sh_offset, header.sh_size, ret_btf);
}

/* ---- the file ---- */

/* By its first bytes. */
static int open_content(struct opening *opening, const uint8_t *start, size_t length, struct lade_btf **ret_btf)
{
	static const uint8_t btf[2][2] = { { 0x9f, 0xeb }, { 0xeb, 0x9f } };
	if (length >= sizeof btf[0] && (!memcmp(start, btf[0], 2) || !memcmp(start, btf[1], 2)))
		return open_part(opening, 0, opening->size, ret_btf);
	if (length >= SELFMAG && !memcmp(start, ELFMAG, SELFMAG))
		return open_elf(opening, ret_btf);
	return fail_format(opening, "neither BTF nor ELF, nor one of them packed with gzip, xz or zstd");
}

static int open_packed(struct opening *opening, const struct lade_packing *packing, struct lade_btf **ret_btf)
{
	int result = lade_unpack(packing, opening->fd, opening->file->path, &opening->unpacked, opening->error);
	if (result)
		return result;
	const struct lade_bytes *bytes = &opening->unpacked;
	opening->size = bytes->size;
	return open_content(opening, bytes->start, bytes->size, ret_btf);
}

/* Above the standard ones, which a caller may have closed. O_NONBLOCK: a pipe without a writer must not hang. */
static int open_descriptor(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fd > STDERR_FILENO)
		return fd < 0 ? -errno : fd;
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int result = higher < 0 ? -errno : higher;
	(void)fd_close(fd);
	return result;
}

static int open_regular(struct opening *opening, struct lade_btf **ret_btf)
{
	struct stat status;
	uint8_t start[LADE_UNPACK_MAGIC];
	if (fstat(opening->fd, &status) < 0)
		return fail_file(opening, "examine", errno);
	if (S_ISDIR(status.st_mode))
		return fail_file(opening, "read", EISDIR);
	if (!S_ISREG(status.st_mode))
		return lade_fail(opening->error, EINVAL, "btf.kernel.file",
				 "%s: is no file, but a device, pipe or socket", opening->file->path);
	opening->size = (uint64_t)status.st_size;
	ssize_t length = pread(opening->fd, start, sizeof start, 0);
	if (length < 0)
		return fail_file(opening, "read", errno);
	const struct lade_packing *packing = lade_packing_of(start, (size_t)length);
	return packing ? open_packed(opening, packing, ret_btf) : open_content(opening, start, (size_t)length, ret_btf);
}

int lade_kernel_file_open(const struct lade_kernel_file *file, struct lade_btf **ret_btf, struct lade_error **error)
{
	struct opening opening = { .file = file, .fd = open_descriptor(file->path), .error = error };
	if (opening.fd < 0)
		return fail_file(&opening, "open", -opening.fd);
	int result = open_regular(&opening, ret_btf);
	lade_bytes_clear(&opening.unpacked);
	(void)fd_close(opening.fd);
	return result;
}

int lade_kernel_file_bytes(const struct lade_kernel_file *file, struct lade_bytes *bytes, struct lade_btf **ret_btf,
			   struct lade_error **error)
{
	struct opening opening = { .file = file, .fd = -1, .error = error };
	return open_bytes(&opening, bytes, ret_btf);
}
