/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "call to undeclared function 'NAME'", "use of undeclared identifier 'NAME'", "conflicting types for 'NAME'": what the
 * name is says which header has it. Functions of the kernel stand in vmlinux.h alone, and constants in the header that
 * the compiler's note names.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "explain/lookup/word_table.h"
#include "explain/reading/mentions.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  32 /* for which the text is searched */
#define LINES_NEAR 12 /* below the message, in which its note stands */
#define NAME_BYTES 96

/* ---- the name ---- */

static bool take_behind(const char *line, const char *mark, char name[NAME_BYTES])
{
	const struct span found = lade_name_behind(line, &mark, 1);

	return lade_name_copy(&found, name, NAME_BYTES);
}

/* "error: 'NAME' undeclared (first use in this function)" */
static bool take_before(const char *line, char name[NAME_BYTES])
{
	const struct span found = lade_name_before(line, " undeclared (");

	return lade_name_copy(&found, name, NAME_BYTES);
}

/* ---- what it is ---- */

static const char *word(uint32_t offset)
{
	return lade_word_text + offset;
}

static const struct word_row *find_row(enum word_row_kind kind, const char *name)
{
	for (size_t i = 0; i < lade_word_row_count; i++)
		if (lade_word_rows[i].kind == kind && strcasecmp(word(lade_word_rows[i].word), name) == 0)
			return &lade_word_rows[i];
	return NULL;
}

/* Which constants have which names; the table has types without their prefix. */
static const struct {
	const char *prefix;
	enum word_row_kind kind;
	bool is_whole;
} constants[] = {
	{ "BPF_MAP_TYPE_", WORD_MAP, false },
	{ "BPF_PROG_TYPE_", WORD_PROGRAM, false },
	{ "BPF_F_", WORD_FLAG, true },
	{ "BPF_", WORD_ATTACH, false },
};

/* The kernel that brought the constant; NULL: it is none, or not known. */
static const char *since_of(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(constants); i++) {
		size_t length = strlen(constants[i].prefix);
		const struct word_row *row;
		if (strncmp(name, constants[i].prefix, length) != 0)
			continue;
		row = find_row(constants[i].kind, constants[i].is_whole ? name : name + length);
		if (row)
			return *word(row->since) ? word(row->since) : NULL;
	}
	return NULL;
}

static bool begins_with(const char *name, const char *const *beginnings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

/* Enumerations of linux/bpf.h, which types of the kernel hold; what is #defined they do not. */
static bool is_enumerated(const char *name)
{
	static const char *const types[] = { "BPF_MAP_TYPE_", "BPF_PROG_TYPE_" };

	return begins_with(name, types, ELEMENTS(types)) || since_of(name);
}

static bool is_defined(const char *name)
{
	static const char *const macros[] = { "BPF_F_ALLOW_",  "BPF_F_REPLACE",   "BPF_F_STRICT_ALIGNMENT",
					      "BPF_F_TEST_",   "BPF_F_SLEEPABLE", "BPF_F_ANY_ALIGNMENT",
					      "BPF_F_XDP_",    "BPF_F_QUERY_",    "BPF_F_NETFILTER_",
					      "BPF_F_BEFORE",  "BPF_F_AFTER",     "BPF_F_ID",
					      "BPF_BUILD_ID_", "XDP_FLAGS_" };

	return begins_with(name, macros, ELEMENTS(macros));
}

/* A function of the kernel that the table does not have yet: the selftests' own headers have all others. */
static bool is_of_selftest(const struct explained *item, const char *name)
{
	static const char *const others[] = { "bpf_printk", "bpf_for",    "bpf_repeat",  "bpf_core_",
					      "bpf_ntoh",   "bpf_hton",   "bpf_be",      "bpf_le",
					      "bpf_cpu_to", "bpf_kfunc_", "bpf_testmod", "bpf_tail_call_static" };

	return strncmp(name, "bpf_", strlen("bpf_")) == 0 && strstr(item->line, "progs/") &&
	       !begins_with(name, others, ELEMENTS(others)) && !find_row(WORD_HELPER, name);
}

/* ---- what the compiler shows below ---- */

struct shown {
	size_t types_line;   /* of a note that vmlinux.h has the name, or one like it; 0: there is none */
	bool is_of_header;   /* the note is about linux/bpf.h */
	bool is_of_function; /* a declaration with __ksym is shown */
};

static bool has(const struct span *line, const char *wanted)
{
	return lade_search(line->text, line->length, wanted, strlen(wanted)) != NULL;
}

static bool is_end(const struct span *line)
{
	return has(line, ": error:") || has(line, ": warning:") || has(line, " generated.");
}

static void look_at(const struct span *line, size_t number, struct shown *shown)
{
	if (has(line, "note:") && has(line, "vmlinux.h:") && !shown->types_line)
		shown->types_line = number;
	if (has(line, "note:") && has(line, "linux/bpf.h:"))
		shown->is_of_header = true;
	if (has(line, "__ksym"))
		shown->is_of_function = true;
}

static struct shown look_below(const struct span *text, size_t number)
{
	struct shown shown = { 0 };
	struct mention line;

	if (!lade_line_at(text, number, &line))
		return shown;
	while (line.number < number + LINES_NEAR && lade_next_line(text, &line) && !is_end(&line.text))
		look_at(&line.text, line.number, &shown);
	return shown;
}

/* ---- causes ---- */

static void settle(struct explained *item)
{
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void blame_function(struct explained *item, const char *name)
{
	const struct word_row *row = find_row(WORD_KFUNC, name);
	const char *since = row ? word(row->since) : "";

	if (!row && !is_of_selftest(item, name))
		return;
	finding_cause(item->finding,
		      "%s() is a function of the kernel that programs may call (a kfunc%s%s), and no helper: "
		      "bpf_helpers.h never declares it. vmlinux.h does, if it was made by bpftool 7.5 or later of a "
		      "kernel that has the function and was built with pahole 1.27 or later; else the source must",
		      name, *since ? ", since " : "", since);
	finding_fix(item->finding,
		    "pahole --version: dwarves 1.27 or later, then build the kernel anew and vmlinux.h of it (in the "
		    "kernel's selftests: make vmlinux, remove tools/include/vmlinux.h, make again; VMLINUX_BTF= names "
		    "another kernel); or declare it as the kernel's sources have it: extern … %s(…) __ksym __weak;",
		    name);
	settle(item);
}

static void blame_types(struct explained *item, const char *name, size_t line)
{
	const char *since = since_of(name);
	char place[48] = "";

	if (line)
		(void)snprintf(place, sizeof place, " (line %zu shows it)", line);
	finding_cause(item->finding,
		      "the vmlinux.h that is included%s does not have %s%s%s: it was made of an older kernel's types",
		      place, name, since ? ", which came with kernel " : "", since ? since : "");
	finding_fix(item->finding,
		    "vmlinux.h of a newer kernel%s%s: bpftool btf dump file VMLINUX format c > vmlinux.h; in the "
		    "kernel's tree make vmlinux first (CONFIG_DEBUG_INFO_BTF=y), or VMLINUX_BTF=/path/to/vmlinux, and "
		    "remove the old one (tools/include/vmlinux.h of the selftests); which kernel runs does not matter",
		    since ? ", from " : "", since ? since : "");
	settle(item);
}

static void blame_macro(struct explained *item, const char *name, size_t line)
{
	finding_cause(item->finding,
		      "%s is #defined in the kernel's headers, and vmlinux.h, which is included (line %zu shows it), "
		      "holds no #define: it is made of types",
		      name, line);
	finding_fix(item->finding,
		    "#define %s in the source, with the value that linux/bpf.h (linux/if_link.h for "
		    "XDP_FLAGS_) gives it",
		    name);
	settle(item);
}

static void blame_constant(struct explained *item, const char *name, const struct span *text)
{
	const struct shown shown = look_below(text, item->first_line);
	const char *since = since_of(name);

	if (!is_enumerated(name) && !is_defined(name))
		return;
	/* No kernel is known to have it, and the compiler knows a name that is near. */
	if (!since && !is_defined(name) && strstr(item->line, "; did you mean '"))
		return;
	if (shown.types_line && is_defined(name))
		blame_macro(item, name, shown.types_line);
	else if (shown.types_line || (strstr(item->line, "progs/") && !shown.is_of_header && !is_defined(name) &&
				      lade_search_long(text->text, text->length, "CLNG-BPF", strlen("CLNG-BPF"))))
		blame_types(item, name, shown.types_line);
	else if (since)
		finding_evidence(item->finding, "%s came with kernel %s: headers of that one or later have it", name,
				 since);
}

/* Declared by vmlinux.h, and by the source: whichever the compiler met second is the error, the other one its note. */
static void blame_second(struct explained *item, const char *name, const struct span *text)
{
	const struct shown shown = look_below(text, item->first_line);

	if (!(shown.types_line || strstr(item->line, "vmlinux.h:")) || strstr(item->line, "bpf_helper") ||
	    !(shown.is_of_function || find_row(WORD_KFUNC, name)))
		return;
	finding_cause(item->finding,
		      "%s() is a function of the kernel (a kfunc), which vmlinux.h declares, as bpftool 7.5 and later "
		      "write it, and which the source declares as well, with other types",
		      name);
	finding_fix(item->finding,
		    "#define BPF_NO_KFUNC_PROTOTYPES before #include \"vmlinux.h\" (or clang "
		    "-DBPF_NO_KFUNC_PROTOTYPES): the source's own declarations count then; or drop these, and use "
		    "vmlinux.h's with its types");
	settle(item);
}

static void settle_item(struct explained *item, const struct span *text)
{
	char name[NAME_BYTES];

	if (take_behind(item->line, "conflicting types for ", name))
		blame_second(item, name, text);
	else if (take_behind(item->line, "call to undeclared function ", name) ||
		 take_behind(item->line, "implicit declaration of function ", name))
		blame_function(item, name);
	else if (take_behind(item->line, "use of undeclared identifier ", name) || take_before(item->line, name))
		blame_constant(item, name, text);
}

void lade_explanation_declared(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (item->role != LADE_EXPLAINED_NOTE && item->finding && item->line && !item->is_settled &&
		    strcmp(item->finding->code, "compile.source") == 0 && item->finding->confidence != LADE_CERTAIN &&
		    !strstr(item->line, "/virtual/") && looked++ < ITEMS_MAX)
			settle_item(item, &span);
}
