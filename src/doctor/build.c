/* SPDX-License-Identifier: BSD-2-Clause */
/* What it takes to make objects here: compilers, tools and headers, by trying them. Nothing is written. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "doctor/build.h"
#include "doctor/command.h"

#define SECTION      "build"
#define ALL_NS       15000000000ULL /* together */
#define ONE_NS       5000000000ULL
#define MOST_BYTES   (4U << 20)
#define TINY_PROGRAM "int tiny(void) { return 0; }\n"

struct bench {
	struct lade_doctor *doctor;
	uint64_t until_ns;
	char clang[PATH_MAX]; /* "": there is none */
	char host[PATH_MAX];  /* a compiler for this machine; "": none */
};

/* Exit status or -errno, as lade_command_run(). */
static int run(const struct bench *bench, const char *const *words, const char *input, struct strbuf *output)
{
	uint64_t one = lade_command_now_ns() + ONE_NS;
	const struct command command = { .words = words,
					 .input = input,
					 .until_ns = one < bench->until_ns ? one : bench->until_ns,
					 .most_bytes = MOST_BYTES };

	return lade_command_run(&command, false, output);
}

static const char *why(int result)
{
	return result == -ETIMEDOUT ? "does not answer" : strerror(-result);
}

static void put_missing(struct bench *bench, const char *name, const char *cost, const char *package)
{
	lade_doctor_detail(bench->doctor,
			   lade_doctor_put(bench->doctor, SECTION, name, LADE_FACT_ABSENT, "PATH", "not found"),
			   "%s; Debian: %s", cost, package);
}

static void advise(struct bench *bench, const char *code, const char *what, const char *cost, const char *package)
{
	struct lade_finding *finding = lade_note_add(&bench->doctor->findings, code, "%s", what);

	finding_cause(finding, "%s", cost);
	finding_fix(finding, "apt-get install %s (Debian's package)", package);
}

/* ---- tools ---- */

static const struct tool {
	const char *name, *option, *code, *package, *cost;
} tools[] = {
	{ "llvm-strip", "--version", "doctor.build.tool", "llvm",
	  "objects keep their DWARF: they are large, and a loader reads all of it" },
	{ "llc", "--version", "doctor.build.tool", "llvm",
	  "builds in two steps (the kernel's samples: clang -emit-llvm | llc -march=bpf) do not run; clang alone does "
	  "it in one" },
	{ "bpftool", "version", "doctor.build.tool", "bpftool",
	  "no vmlinux.h (bpftool btf dump … format c) and no skeletons (bpftool gen skeleton)" },
	{ "pahole", "--version", "doctor.build.tool", "pahole",
	  "a kernel built here has no BTF (CONFIG_DEBUG_INFO_BTF needs it), and none can be made from a vmlinux with "
	  "DWARF" },
};

/* The first word with a digit before and behind a dot: "v7.1.0" → "7.1.0". */
static bool find_version(const char *text, char *version, size_t size)
{
	for (const char *at = text; *at; at++) {
		if (!isdigit((unsigned char)*at))
			continue;
		size_t length = strspn(at, "0123456789.");
		if (memchr(at, '.', length) && length < size) {
			(void)snprintf(version, size, "%.*s", (int)length, at);
			return true;
		}
		at += length - 1;
	}
	return false;
}

static void put_version(struct bench *bench, const char *name, const char *path, const char *option)
{
	const char *const words[] = { path, option, NULL };
	struct strbuf text = { 0 };
	char version[32];
	int result = run(bench, words, NULL, &text);

	if (result == 0 && text.length && find_version(text.text, version, sizeof version))
		lade_doctor_put(bench->doctor, SECTION, name, LADE_FACT_GIVEN, path, "%s", version);
	else if (result >= 0)
		lade_doctor_put(bench->doctor, SECTION, name, LADE_FACT_GIVEN, path, "there, and does not say which");
	else
		lade_doctor_put(bench->doctor, SECTION, name, LADE_FACT_UNKNOWN, path, "%s", why(result));
	lade_strbuf_clear(&text);
}

static void put_tool(struct bench *bench, const struct tool *tool)
{
	char path[PATH_MAX], what[128];

	if (lade_command_find_versioned(tool->name, path, sizeof path)) {
		put_version(bench, tool->name, path, tool->option);
		return;
	}
	put_missing(bench, tool->name, tool->cost, tool->package);
	(void)snprintf(what, sizeof what, "there is no %s in PATH", tool->name);
	advise(bench, tool->code, what, tool->cost, tool->package);
}

/* ---- clang ---- */

static int compile(const struct bench *bench, const char *clang, const char *cpu)
{
	const char *const words[] = { clang, "--target=bpf", cpu, "-x", "c", "-c", "-o", "/dev/null", "-", NULL };

	return run(bench, words, TINY_PROGRAM, NULL);
}

/* False: it does not answer, and is not asked again. */
static bool put_target(struct bench *bench)
{
	int result = compile(bench, bench->clang, "-O2");

	if (result < 0) {
		lade_doctor_put(bench->doctor, SECTION, "bpf target", LADE_FACT_UNKNOWN, bench->clang, "%s",
				why(result));
		struct lade_finding *finding = lade_note_add(&bench->doctor->findings, "doctor.build.clang",
							     "%s cannot be used: %s", bench->clang, why(result));
		finding_cause(finding, "it is the first clang in PATH, and compiles nothing");
		finding_fix(finding, "install it anew, or put another one before it in PATH");
		return result != -ETIMEDOUT;
	}
	lade_doctor_put(bench->doctor, SECTION, "bpf target", result == 0 ? LADE_FACT_GIVEN : LADE_FACT_ABSENT,
			bench->clang, "%s", result == 0 ? "yes" : "no");
	if (result != 0)
		advise(bench, "doctor.build.target", "clang cannot compile for the BPF target",
		       "it was built without LLVM's BPF backend", "clang");
	return true;
}

/* Another clang of this machine that takes it. */
static bool find_other(const struct bench *bench, const char *option, char *path, size_t size)
{
	enum { NEWEST = 30, OLDEST = 10 };
	char name[32];

	for (int version = NEWEST; version >= OLDEST; version--) {
		(void)snprintf(name, sizeof name, "clang-%d", version);
		if (lade_command_find(name, path, size) && compile(bench, path, option) == 0)
			return true;
	}
	return false;
}

static const struct level {
	const char *name, *option, *cost;
} levels[] = {
	{ "cpu v1", "-mcpu=v1", "objects for kernels before 4.14" },
	{ "cpu v2", "-mcpu=v2", "unsigned less-than jumps (kernels since 4.14)" },
	{ "cpu v3", "-mcpu=v3",
	  "32-bit jumps and atomics with a result (since 5.1 and 5.12); clang 20 has it by default" },
	{ "cpu v4", "-mcpu=v4", "sign extension, signed division, long jumps (since 6.6): needs clang 18" },
};

static void put_level(struct bench *bench, const struct level *level)
{
	char other[PATH_MAX];
	int result = compile(bench, bench->clang, level->option);
	struct doctor_fact *fact;

	if (result == 0) {
		lade_doctor_put(bench->doctor, SECTION, level->name, LADE_FACT_GIVEN, bench->clang, "yes");
		return;
	}
	if (find_other(bench, level->option, other, sizeof other)) {
		fact = lade_doctor_put(bench->doctor, SECTION, level->name, LADE_FACT_GIVEN, other, "yes");
		lade_doctor_detail(bench->doctor, fact, "with %s, not with %s", other, bench->clang);
		return;
	}
	fact = lade_doctor_put(bench->doctor, SECTION, level->name, result < 0 ? LADE_FACT_UNKNOWN : LADE_FACT_ABSENT,
			       bench->clang, "%s", result < 0 ? why(result) : "no");
	lade_doctor_detail(bench->doctor, fact, "%s", level->cost);
}

static void put_clang(struct bench *bench)
{
	static const char cost[] = "no BPF program can be compiled here";

	if (!lade_command_find_versioned("clang", bench->clang, sizeof bench->clang)) {
		bench->clang[0] = '\0';
		put_missing(bench, "clang", cost, "clang");
		advise(bench, "doctor.build.clang", "there is no clang in PATH", cost, "clang");
		return;
	}
	put_version(bench, "clang", bench->clang, "--version");
	bool is_usable = put_target(bench);
	for (size_t i = 0; is_usable && i < ELEMENTS(levels); i++)
		put_level(bench, &levels[i]);
}

/* ---- headers and libraries ---- */

static const struct header {
	const char *name, *include, *package, *cost;
} headers[] = {
	{ "libelf headers", "#include <libelf.h>\n#include <gelf.h>\n", "libelf-dev",
	  "libbpf, bpftool and lade itself cannot be built" },
	{ "libbpf headers", "#include <bpf/libbpf.h>\n#include <bpf/bpf_core_read.h>\n", "libbpf-dev",
	  "programs that include <bpf/bpf_helpers.h> do not compile" },
};

static int include(const struct bench *bench, const char *const *options, const char *text)
{
	const char *words[8] = { bench->host, "-fsyntax-only", "-x", "c" };
	size_t count = 4;

	for (size_t i = 0; options[i] && count < ELEMENTS(words) - 2; i++)
		words[count++] = options[i];
	words[count] = "-";
	return run(bench, words, text, NULL);
}

static void put_header(struct bench *bench, const struct header *header)
{
	static const char *const none[] = { NULL };
	int result = include(bench, none, header->include);
	char what[128];

	if (result <= 0) {
		lade_doctor_put(bench->doctor, SECTION, header->name, result ? LADE_FACT_UNKNOWN : LADE_FACT_GIVEN,
				bench->host, "%s", result ? why(result) : "yes");
		return;
	}
	lade_doctor_detail(
		bench->doctor,
		lade_doctor_put(bench->doctor, SECTION, header->name, LADE_FACT_ABSENT, bench->host, "not found"),
		"%s; Debian: %s", header->cost, header->package);
	(void)snprintf(what, sizeof what, "the %s are not installed", header->name);
	advise(bench, "doctor.build.headers", what, header->cost, header->package);
}

/* The compiler's answer is a path when it finds the file, else the name alone. */
static void put_libelf(struct bench *bench)
{
	const char *const words[] = { bench->host, "-print-file-name=libelf.so", NULL };
	struct strbuf text = { 0 };
	int result = run(bench, words, NULL, &text);
	bool found = result == 0 && text.length && text.text[0] == '/';

	if (found)
		text.text[strcspn(text.text, "\n")] = '\0';
	if (result < 0)
		lade_doctor_put(bench->doctor, SECTION, "libelf", LADE_FACT_UNKNOWN, bench->host, "%s", why(result));
	else if (found)
		lade_doctor_put(bench->doctor, SECTION, "libelf", LADE_FACT_GIVEN, bench->host, "%s", text.text);
	else
		lade_doctor_detail(
			bench->doctor,
			lade_doctor_put(bench->doctor, SECTION, "libelf", LADE_FACT_ABSENT, bench->host, "not found"),
			"libbpf, bpftool and lade itself cannot be built; Debian: libelf-dev");
	lade_strbuf_clear(&text);
}

/* The UAPI headers include those of an architecture, and the BPF target has none. */
static void put_architecture_headers(struct bench *bench)
{
	static const char text[] = "#include <linux/types.h>\n";
	char directory[64];
	const char *const plain[] = { "--target=bpf", NULL }, *const with[] = { "--target=bpf", directory, NULL };

	(void)snprintf(directory, sizeof directory, "-I/usr/include/%s", lade_doctor_multiarch());
	int result = include(bench, plain, text);
	if (result <= 0) {
		lade_doctor_put(bench->doctor, SECTION, "asm/types.h", result ? LADE_FACT_UNKNOWN : LADE_FACT_GIVEN,
				bench->clang, "%s", result ? why(result) : "found for the BPF target");
		return;
	}
	bool helps = include(bench, with, text) == 0;
	struct doctor_fact *fact =
		lade_doctor_put(bench->doctor, SECTION, "asm/types.h", helps ? LADE_FACT_GIVEN : LADE_FACT_ABSENT,
				bench->clang, "%s", helps ? "found only when told where" : "not found");
	if (helps)
		lade_doctor_detail(bench->doctor, fact, "give %s to clang", directory);
	struct lade_finding *finding =
		lade_note_add(&bench->doctor->findings, "doctor.build.asm",
			      "clang --target=bpf does not find asm/types.h, which <linux/bpf.h> includes");
	if (helps)
		finding_fix(finding, "compile with %s, or include vmlinux.h in their place", directory);
}

void lade_doctor_build(struct lade_doctor *doctor)
{
	static const char *const compilers[] = { "cc", "gcc" };
	struct bench bench = { .doctor = doctor, .until_ns = lade_command_now_ns() + ALL_NS };

	put_clang(&bench);
	for (size_t i = 0; i < ELEMENTS(tools); i++)
		put_tool(&bench, &tools[i]);
	if (*bench.clang)
		(void)snprintf(bench.host, sizeof bench.host, "%s", bench.clang);
	for (size_t i = 0; !*bench.host && i < ELEMENTS(compilers); i++)
		if (!lade_command_find(compilers[i], bench.host, sizeof bench.host))
			bench.host[0] = '\0';
	if (!*bench.host)
		return;
	put_libelf(&bench);
	for (size_t i = 0; i < ELEMENTS(headers); i++)
		put_header(&bench, &headers[i]);
	if (*bench.clang)
		put_architecture_headers(&bench);
	const char *const words[] = { bench.host, "-E", "-x", "c", "-", NULL };
	struct strbuf text = { 0 };
	int result = run(&bench, words, "#include <linux/bpf.h>\n", &text);
	lade_doctor_uapi(doctor, bench.host, result, text.text ? text.text : "");
	lade_strbuf_clear(&text);
}
