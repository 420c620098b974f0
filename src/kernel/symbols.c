/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kernel/symbols_program.h"

#define PIECE_BYTES 65536
#define LINE_BYTES  1024 /* KSYM_NAME_LEN is 512 */

/* ---- /proc/kallsyms ---- */

static bool read_address(const char **text, const char *end, uint64_t *ret_address)
{
	uint64_t address = 0;
	const char *start = *text;
	for (; *text < end && **text != ' '; (*text)++) {
		char c = **text;
		uint64_t digit = c >= '0' && c <= '9'   ? (uint64_t)(c - '0')
				 : c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a') + 10
							: 16;
		if (digit > 15 || *text - start >= 16)
			return false;
		address = address << 4 | digit;
	}
	*ret_address = address;
	return *text > start;
}

/* Link-time optimisation renames what it exports from one file to another: "name.llvm.123". Data only, as libbpf. */
static size_t name_length(const char *name, size_t length, char type)
{
	static const char mark[] = ".llvm.";
	const char *found = type == 'd' ? memmem(name, length, mark, sizeof mark - 1) : NULL;
	return found ? (size_t)(found - name) : length;
}

static void meet(struct kernel_symbol *symbol, uint64_t address)
{
	if (symbol->state == SYMBOL_AMBIGUOUS || (symbol->state == SYMBOL_FOUND && symbol->address == address))
		return;
	if (symbol->state == SYMBOL_FOUND) {
		symbol->state = SYMBOL_AMBIGUOUS;
		symbol->other = address;
		return;
	}
	symbol->state = address ? SYMBOL_FOUND : SYMBOL_HIDDEN;
	symbol->address = address;
}

void lade_symbols_line(struct symbol_search *search, const char *line, size_t length)
{
	const char *end = line + length;
	uint64_t address;
	if (!read_address(&line, end, &address) || end - line < 4 || line[0] != ' ' || line[2] != ' ')
		return;
	char type = line[1];
	line += 3;
	const char *tab = memchr(line, '\t', (size_t)(end - line));
	size_t name = name_length(line, (size_t)((tab ? tab : end) - line), type);
	for (size_t i = 0; i < search->count; i++) {
		const char *wanted = search->symbols[i].name;
		if (*wanted == *line && strncmp(wanted, line, name) == 0 && !wanted[name])
			meet(&search->symbols[i], address);
	}
}

/* Whole lines of the buffer; what is left of it moves to its beginning. */
static size_t take_lines(struct symbol_search *search, char *buffer, size_t length)
{
	char *line = buffer, *end;
	while ((end = memchr(line, '\n', length - (size_t)(line - buffer)))) {
		lade_symbols_line(search, line, (size_t)(end - line));
		line = end + 1;
	}
	size_t left = length - (size_t)(line - buffer);
	if (left > LINE_BYTES) /* no line of a kernel's */
		return 0;
	memmove(buffer, line, left);
	return left;
}

/* To its end: only then is it known that a name has one address. */
static int read_kallsyms(struct symbol_search *search)
{
	CLEANUP(cleanup_fd) int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_free) char *buffer = malloc(PIECE_BYTES + LINE_BYTES);
	size_t left = 0;
	if (fd < 0)
		return -errno;
	if (!buffer)
		return -ENOMEM;
	for (;;) {
		ssize_t count = read(fd, buffer + left, PIECE_BYTES);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		left = take_lines(search, buffer, left + (size_t)count);
	}
	if (left)
		lade_symbols_line(search, buffer, left);
	return 0;
}

static int fail_kallsyms(int code, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, -code, "ksym.kallsyms", "addresses of kernel symbols cannot be found out");
	finding_evidence(finding, "a program that asks the kernel for them (since 5.16) could not run");
	finding_evidence(finding, "/proc/kallsyms: %s", strerror(-code));
	return code;
}

static int search_kallsyms(struct kernel *kernel, struct kernel_symbol *symbols, size_t count,
			   struct lade_error **error)
{
	struct symbol_search search = { symbols, count };
	/* The file of this machine says nothing of a kernel that is elsewhere. */
	int result = kernel->recorded_version ? -ENOENT : read_kallsyms(&search);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0)
		return fail_kallsyms(result, error);
	for (size_t i = 0; i < count; i++)
		if (symbols[i].state == SYMBOL_UNKNOWN)
			symbols[i].state = SYMBOL_ABSENT;
	return 0;
}

static bool is_missed(const struct kernel_symbol *symbol)
{
	return symbol->state == SYMBOL_ABSENT && symbol->is_required;
}

/* A file that cannot be read adds nothing to what the kernel said. Read once for all of them: it is long. */
static int look_again(struct kernel *kernel, struct kernel_symbol *symbols, size_t count, struct lade_error **error)
{
	CLEANUP(cleanup_free) struct kernel_symbol *missed = calloc(count + 1, sizeof *missed);
	size_t number = 0;
	if (!missed)
		return lade_fail_memory(error);
	for (size_t i = 0; i < count; i++)
		if (is_missed(&symbols[i]))
			missed[number++] = (struct kernel_symbol){ .name = symbols[i].name, .is_required = true };
	int result = number ? search_kallsyms(kernel, missed, number, NULL) : 0;
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	number = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		if (is_missed(&symbols[i]))
			symbols[i] = missed[number++];
	return 0;
}

int lade_kernel_symbols(struct kernel *kernel, struct kernel_symbol *symbols, size_t count, struct lade_error **error)
{
	int result = count ? lade_symbols_ask(kernel, symbols, count) : 0;
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result == 0)
		return look_again(kernel, symbols, count, error);
	for (size_t i = 0; i < count; i++)
		symbols[i].state = SYMBOL_UNKNOWN;
	return search_kallsyms(kernel, symbols, count, error);
}
