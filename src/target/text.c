/* SPDX-License-Identifier: BSD-2-Clause */
/* Configurations and lists of symbols: what is taken out of them at once, the rest is looked at when it is asked for.
 */
#include <ctype.h>
#include <stdio.h>

#include "target/parts.h"

void lade_parts_clear(struct kernel_parts *parts)
{
	free(parts->release);
	free(parts->release_from);
	free(parts->btf_from);
	free(parts->config_from);
	free(parts->symbols_from);
	lade_target_blob_clear(&parts->btf);
	lade_target_blob_clear(&parts->config);
	lade_target_blob_clear(&parts->symbols);
	lade_findings_clear(&parts->notes);
	*parts = (struct kernel_parts){ 0 };
}

int lade_parts_release(struct kernel_parts *parts, const char *release, size_t length, const char *from)
{
	if (parts->release || !length)
		return 0;
	parts->release = strndup(release, length);
	parts->release_from = strdup(from);
	return parts->release && parts->release_from ? 0 : -ENOMEM;
}

/* ---- configurations ---- */

#define HEAD 512u /* bytes at the start of a configuration in which its header stands */

/* As the header of a configuration calls the architecture, and what tells the machine of it. */
static const struct {
	const char *head, *option, *machine;
} machines[] = {
	{ "x86_64", NULL, "x86_64" },
	{ "x86", "\nCONFIG_X86_64=y\n", "x86_64" },
	{ "i386", NULL, "i686" },
	{ "x86", NULL, "i686" },
	{ "arm64", NULL, "aarch64" },
	{ "arm", NULL, "armv7l" },
	{ "riscv", "\nCONFIG_64BIT=y\n", "riscv64" },
	{ "riscv", NULL, "riscv32" },
	{ "powerpc", "\nCONFIG_CPU_LITTLE_ENDIAN=y\n", "ppc64le" },
	{ "powerpc", NULL, "ppc64" },
	{ "s390", NULL, "s390x" },
	{ "loongarch", NULL, "loongarch64" },
	{ "mips", NULL, "mips" },
	{ "sparc64", NULL, "sparc64" },
	{ "um", NULL, "x86_64" },
};

static void learn_machine(struct kernel_parts *parts, const struct target_blob *text, const char *head)
{
	for (size_t i = 0; i < ELEMENTS(machines) && !*parts->machine; i++) {
		const char *option = machines[i].option;
		if (strcmp(machines[i].head, head) != 0 ||
		    (option && !memmem(text->bytes, text->size, option, strlen(option))))
			continue;
		(void)snprintf(parts->machine, sizeof parts->machine, "%s", machines[i].machine);
	}
}

/* "# Linux/x86 6.1.90 Kernel Configuration"; before 4.?: "# Linux/x86_64 3.10.0 Kernel Configuration". */
static int learn_head(struct kernel_parts *parts, const struct target_blob *text, const char *file)
{
	char head[HEAD + 1], machine[16], release[64];
	size_t length = text->size < HEAD ? text->size : HEAD;
	memcpy(head, text->bytes, length);
	head[length] = 0;
	const char *at = strstr(head, "# Linux/");
	if (!at || sscanf(at, "# Linux/%15s %63s Kernel Configuration", machine, release) != 2 || !isdigit(*release))
		return 0;
	learn_machine(parts, text, machine);
	return lade_parts_release(parts, release, strlen(release), file);
}

static bool is_config(const struct target_blob *text)
{
	const char *bytes = (const char *)text->bytes;
	if (memchr(bytes, 0, text->size))
		return false;
	return !strncmp(bytes, "CONFIG_", text->size < 7 ? text->size : 7) ||
	       memmem(bytes, text->size, "\nCONFIG_", 8) || memmem(bytes, text->size, "# CONFIG_", 9);
}

int lade_parts_config(struct kernel_parts *parts, struct target_blob *text, const char *file, struct lade_error **error)
{
	if (parts->config.size)
		return 0;
	if (!text->size || !is_config(text))
		return lade_fail(error, EINVAL, "target.config", "%s: has no line CONFIG_…=…", file);
	if (learn_head(parts, text, file) < 0 || !(parts->config_from = strdup(file)))
		return lade_fail_memory(error);
	parts->config = *text;
	*text = (struct target_blob){ 0 };
	return 0;
}

/* ---- symbols ---- */

/* "ffffffff81000000 T _text", "ffffffffc0000000 t init\t[module]": the name; 0: it is no such line. */
static size_t name_in(const char *line, size_t length, const char **ret_name)
{
	size_t at = 0;
	while (at < length && isxdigit((unsigned char)line[at]))
		at++;
	if (!at || at + 3 >= length || line[at] != ' ' || !isgraph((unsigned char)line[at + 1]) || line[at + 2] != ' ')
		return 0;
	at += 3;
	*ret_name = line + at;
	size_t end = at;
	while (end < length && isgraph((unsigned char)line[end]))
		end++;
	return end - at;
}

/* Names move to the front of the text that they stand in, each with a NUL behind it. */
static size_t gather(char *text, size_t size, size_t *ret_length, size_t *ret_strange)
{
	size_t filled = 0, count = 0;
	for (size_t at = 0; at < size;) {
		const char *end = memchr(text + at, '\n', size - at), *name;
		size_t length = end ? (size_t)(end - text) - at : size - at;
		size_t name_length = name_in(text + at, length, &name);
		*ret_strange += length && !name_length;
		if (name_length) {
			memmove(text + filled, name, name_length);
			filled += name_length;
			text[filled++] = 0;
			count++;
		}
		at += length + 1;
	}
	*ret_length = filled;
	return count;
}

static int note_stub(struct kernel_parts *parts, const char *file)
{
	return lade_note_add(&parts->notes, "target.symbols.stub", "%s: is a stub, and lists no symbols", file)
		       ? 0
		       : -ENOMEM;
}

int lade_parts_symbols(struct kernel_parts *parts, const struct target_blob *text, const char *file,
		       struct lade_error **error)
{
	static const char stub[] = "The real System.map is in";
	size_t length = 0, strange = 0;
	if (parts->symbols.size)
		return 0;
	if (text->size < HEAD && memmem(text->bytes, text->size, stub, strlen(stub)))
		return note_stub(parts, file) < 0 ? lade_fail_memory(error) : 0;
	size_t count = gather((char *)text->bytes, text->size, &length, &strange);
	if (!count || strange > count)
		return lade_fail(error, EINVAL, "target.symbols", "%s: has no lines ADDRESS TYPE NAME", file);
	parts->symbols_from = strdup(file);
	if (!parts->symbols_from || lade_target_blob_copy(text->bytes, length, &parts->symbols) < 0)
		return lade_fail_memory(error);
	return 0;
}
