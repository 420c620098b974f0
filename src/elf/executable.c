/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a function lies in an executable or shared library, for uprobes. Such files are large and may
 * be changed while they are read, so libelf reads with pread(2) what is needed, and nothing is mapped.
 *
 *     file offset = symbol value - segment address + segment offset      for PIE and non-PIE alike
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>

#include "elf/internal.h"
#include "elf/near.h"

struct search {
	const char *path, *symbol;
	size_t symbol_length;
	bool with_version; /* the caller names one: "memcpy@GLIBC_2.2.5" */
	Elf *elf;
	uint16_t machine;
	uint64_t file_size;
	/* the best definition so far */
	bool found, ambiguous;
	uint64_t address, size, other_address;
	unsigned rank;
	/* for the finding */
	bool is_imported, is_indirect, is_no_function;
	size_t functions;
};

static inline Elf *elf_close(Elf *elf)
{
	(void)elf_end(elf);
	return NULL;
}
DEFINE_CLEANUP(Elf, elf_handle, elf_close)

/* .symtab names may carry "@VERSION" or "@@VERSION", which nobody types. */
static bool name_matches(const struct search *search, const char *name)
{
	if (strncmp(name, search->symbol, search->symbol_length) != 0)
		return false;
	char next = name[search->symbol_length];
	return next == '\0' || (next == '@' && !search->with_version);
}

static unsigned bind_rank(const GElf_Sym *symbol)
{
	unsigned bind = GELF_ST_BIND(symbol->st_info);
	return bind == STB_LOCAL ? 1 : bind == STB_WEAK ? 2 : 3;
}

static void keep(struct search *search, const GElf_Sym *symbol)
{
	unsigned rank = bind_rank(symbol);
	uint64_t address = symbol->st_value;
	if (search->machine == EM_ARM)
		address &= ~UINT64_C(1); /* set for Thumb code */
	if (search->found && rank == search->rank && address != search->address) {
		search->ambiguous = true;
		search->other_address = address;
	}
	if (search->found && rank <= search->rank)
		return;
	search->found = true;
	search->ambiguous = false;
	search->rank = rank;
	search->address = address;
	search->size = symbol->st_size;
}

static void examine(struct search *search, const GElf_Sym *symbol)
{
	if (symbol->st_shndx == SHN_UNDEF)
		search->is_imported = true;
	else if (GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC)
		search->is_indirect = true;
	else if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC)
		search->is_no_function = true;
	else
		keep(search, symbol);
}

typedef void symbol_fn(void *userdata, const char *name, const GElf_Sym *symbol);

/* libelf checks names and records against the section; the section against the file is checked here. */
static void walk_table(const struct search *search, Elf_Scn *section, const GElf_Shdr *header, symbol_fn *fn,
		       void *userdata)
{
	GElf_Sym symbol;
	uint64_t end;
	if (__builtin_add_overflow(header->sh_offset, header->sh_size, &end) || end > search->file_size)
		return;
	Elf_Data *data = elf_getdata(section, NULL);
	if (!data || data->d_type != ELF_T_SYM)
		return;
	for (int i = 1; gelf_getsym(data, i, &symbol); i++) {
		const char *name = elf_strptr(search->elf, header->sh_link, symbol.st_name);
		if (name && *name)
			fn(userdata, name, &symbol);
	}
}

static void walk_symbols(const struct search *search, uint32_t type, symbol_fn *fn, void *userdata)
{
	GElf_Shdr header;
	for (Elf_Scn *section = elf_nextscn(search->elf, NULL); section; section = elf_nextscn(search->elf, section))
		if (gelf_getshdr(section, &header) && header.sh_type == type)
			walk_table(search, section, &header, fn, userdata);
}

static void match_symbol(void *userdata, const char *name, const GElf_Sym *symbol)
{
	struct search *search = userdata;
	search->functions += GELF_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF;
	if (name_matches(search, name))
		examine(search, symbol);
}

static void consider_symbol(void *userdata, const char *name, const GElf_Sym *symbol)
{
	if (GELF_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF)
		lade_near_consider(userdata, name);
}

static const char *why_missing(const struct search *search)
{
	if (search->is_imported)
		return "the file uses this function but does not define it: probe the library that does";
	if (search->is_indirect)
		return "the name is an indirect function (STT_GNU_IFUNC): probe one of its implementations";
	if (search->is_no_function)
		return "the name belongs to something that is no function";
	if (!search->functions)
		return "the file has no function symbols: it is stripped";
	return NULL;
}

static int fail_missing(const struct search *search, struct lade_error **error)
{
	const char *why = why_missing(search);
	struct lade_near near = { .wanted = search->symbol, .wanted_length = search->symbol_length };
	struct lade_finding *finding = lade_error_add(error, ENOENT, "attach.uprobe.symbol",
						      "%s: defines no function %s", search->path, search->symbol);
	if (why)
		finding_cause(finding, "%s", why);
	walk_symbols(search, SHT_SYMTAB, consider_symbol, &near);
	walk_symbols(search, SHT_DYNSYM, consider_symbol, &near);
	lade_near_report(&near, finding);
	lade_near_clear(&near);
	return -ENOENT;
}

static int fail_ambiguous(const struct search *search, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, EINVAL, "attach.uprobe.symbol",
						      "%s: defines several functions %s", search->path, search->symbol);
	finding_cause(finding, "several functions of this name are local to their source files");
	finding_evidence(finding, "one is at %#llx, another at %#llx", (unsigned long long)search->address,
			 (unsigned long long)search->other_address);
	return -EINVAL;
}

static int find_function(struct search *search, struct lade_error **error)
{
	walk_symbols(search, SHT_SYMTAB, match_symbol, search);
	if (!search->found)
		walk_symbols(search, SHT_DYNSYM, match_symbol, search);
	if (!search->found)
		return fail_missing(search, error);
	return search->ambiguous ? fail_ambiguous(search, error) : 0;
}

static bool to_file_offset(const struct search *search, uint64_t address, uint64_t *ret_offset)
{
	GElf_Phdr segment;
	size_t count = 0;
	if (elf_getphdrnum(search->elf, &count) < 0)
		return false;
	for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
		uint64_t offset;
		if (!gelf_getphdr(search->elf, (int)i, &segment) || segment.p_type != PT_LOAD)
			continue;
		if (address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz)
			continue;
		if (__builtin_add_overflow(address - segment.p_vaddr, segment.p_offset, &offset) ||
		    offset >= search->file_size)
			return false;
		*ret_offset = offset;
		return true;
	}
	return false;
}

static int locate(const struct search *search, uint64_t addend, uint64_t *ret_offset, struct lade_error **error)
{
	uint64_t address;
	if (search->size && addend >= search->size)
		return lade_fail(error, EINVAL, "attach.uprobe.symbol",
				 "%s: %s+%#llx lies behind the function's %llu bytes", search->path, search->symbol,
				 (unsigned long long)addend, (unsigned long long)search->size);
	if (__builtin_add_overflow(search->address, addend, &address) || !to_file_offset(search, address, ret_offset)) {
		struct lade_finding *finding =
			lade_error_add(error, EINVAL, "attach.uprobe.symbol",
				       "%s: no loaded segment of the file holds %s", search->path, search->symbol);
		finding_evidence(finding, "its address is %#llx", (unsigned long long)search->address);
		return -EINVAL;
	}
	return 0;
}

static int open_file(const char *path, struct search *search, struct lade_error **error)
{
	struct stat status;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &status) < 0) {
		int reason = errno;
		return lade_fail(error, reason, "attach.uprobe.file", "%s: cannot open: %s", path, strerror(reason));
	}
	if (!S_ISREG(status.st_mode))
		return lade_fail(error, EINVAL, "attach.uprobe.file", "%s: not a regular file", path);
	search->file_size = (uint64_t)status.st_size;
	return take_fd(&fd);
}

/* *owner is set in every case. */
static int open_elf(int fd, struct search *search, Elf **owner, struct lade_error **error)
{
	GElf_Ehdr header;
	(void)elf_version(EV_CURRENT);
	search->elf = *owner = elf_begin(fd, ELF_C_READ, NULL);
	if (!search->elf || elf_kind(search->elf) != ELF_K_ELF || !gelf_getehdr(search->elf, &header))
		return lade_fail(error, ENOEXEC, "attach.uprobe.file", "%s: not an ELF file", search->path);
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return lade_fail(error, ENOEXEC, "attach.uprobe.file", "%s: neither an executable nor a shared library",
				 search->path);
	search->machine = header.e_machine;
	return 0;
}

int lade_elf_function_offset(const char *path, const char *symbol, uint64_t addend, uint64_t *ret_offset,
			     struct lade_error **error)
{
	struct search search = { .path = path,
				 .symbol = symbol,
				 .symbol_length = strlen(symbol),
				 .with_version = strchr(symbol, '@') != NULL };
	CLEANUP(cleanup_fd) int fd = open_file(path, &search, error);
	if (fd < 0)
		return fd;
	CLEANUP(cleanup_elf_handle) Elf *elf = NULL;
	int result = open_elf(fd, &search, &elf, error);
	if (result < 0)
		return result;
	result = find_function(&search, error);
	return result < 0 ? result : locate(&search, addend, ret_offset, error);
}
