/* SPDX-License-Identifier: BSD-2-Clause */
/* lade inspect: what an object holds, read without privilege and without a kernel. */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"

const struct cli_option verb_inspect_options[] = {
	{ 0, "sections", NULL, "show every section and symbol, what it was taken for and why it was ignored" },
	{ 0, "needs", NULL,
	  "show which options, capabilities and versions of a kernel it needs; of several objects, all together" },
	{ 0, "dialect", "D", "read the object as dialect D instead of detecting it" },
	{ 0, "loader-version", "N", "Android: judge the object as bpfloader N would (46; 3700 for layout E)" },
	{ 0, "build-type", "T", "Android: judge it as on an eng, user or userdebug build" },
	{ 0, "pin-names", "FILE",
	  "directories of custom pins of an iproute2 object; default: /etc/iproute2/bpf_pinning" },
	{ 0 },
};

/* ---- words ---- */

const char *cli_type_text(const char *name, uint32_t number, char *buffer, size_t size)
{
	if (name)
		return name;
	(void)snprintf(buffer, size, "%" PRIu32, number);
	return buffer;
}

const char *cli_pinning_name(enum lade_pinning pinning)
{
	static const char *const names[] = {
		[LADE_PIN_OBJECT] = "object", [LADE_PIN_BY_NAME] = "by_name", [LADE_PIN_PATH] = "path"
	};
	return (size_t)pinning < sizeof names / sizeof *names ? names[pinning] : "object";
}

struct word {
	uint32_t number;
	const char *name;
};

static const char *find_word(const struct word *words, uint32_t number)
{
	for (; words->name; words++)
		if (words->number == number)
			return words->name;
	return NULL;
}

const char *cli_bind_name(uint8_t bind)
{
	static const struct word words[] = {
		{ STB_LOCAL, "local" }, { STB_GLOBAL, "global" }, { STB_WEAK, "weak" }, { 0, NULL }
	};
	return find_word(words, bind);
}

const char *cli_symbol_type_name(uint8_t type)
{
	static const struct word words[] = {
		{ STT_NOTYPE, "notype" },   { STT_OBJECT, "object" }, { STT_FUNC, "func" },
		{ STT_SECTION, "section" }, { STT_FILE, "file" },     { 0, NULL },
	};
	return find_word(words, type);
}

const char *cli_section_type_name(uint32_t type)
{
	static const struct word words[] = {
		{ SHT_PROGBITS, "progbits" }, { SHT_NOBITS, "nobits" },
		{ SHT_SYMTAB, "symtab" },     { SHT_STRTAB, "strtab" },
		{ SHT_REL, "rel" },           { SHT_RELA, "rela" },
		{ SHT_NOTE, "note" },         { 0, NULL },
	};
	return find_word(words, type);
}

/* ---- text ---- */

static void print_head(const struct lade_object_info *info)
{
	cli_put_safe(stdout, info->file);
	(void)printf(": %s dialect", info->dialect);
	for (size_t i = 0; i < info->evidence_count; i++) {
		(void)fputs(i ? "; " : " (", stdout);
		cli_put_safe(stdout, info->evidence[i]);
	}
	(void)puts(info->evidence_count ? ")" : "");
}

static void print_also(const struct lade_object_info *info)
{
	for (size_t i = 0; i < info->also_count; i++)
		(void)printf("%s%s", i ? ", " : "  also      ", info->also[i]);
	if (info->also_count)
		(void)putchar('\n');
}

static void print_facts(const struct lade_object_info *info)
{
	print_also(info);
	(void)fputs("  license   ", stdout);
	cli_put_safe(stdout, info->license ? info->license : "none");
	if (info->has_version && info->version == UINT32_MAX - 1)
		(void)fputs("   version of the running kernel", stdout);
	else if (info->has_version)
		(void)printf("   version %" PRIu32 ".%" PRIu32 ".%" PRIu32, info->version >> 16,
			     info->version >> 8 & 0xff, info->version & 0xff);
	(void)puts(info->big_endian ? "   big-endian" : "");
}

static void map_details(const struct lade_map_info *info, const struct lade_map *map, char *text, size_t size)
{
	struct lade_map_info inner = { .size = sizeof inner };
	size_t used = 0;
#define ADD(...)                                                                                                       \
	do {                                                                                                           \
		int added_ = used < size ? snprintf(text + used, size - used, __VA_ARGS__) : 0;                        \
		used += added_ > 0 ? (size_t)added_ : 0;                                                               \
	} while (0)
	text[0] = '\0';
	if (info->flags)
		ADD("flags 0x%" PRIx32 "  ", info->flags);
	if (info->extra)
		ADD("extra %" PRIu64 "  ", info->extra);
	if (info->has_numa_node)
		ADD("node %" PRIu32 "  ", info->numa_node);
	if (info->inner && lade_map_describe(info->inner, &inner) == 0)
		ADD("inner %s  ", inner.name);
	if (info->is_inner_only)
		ADD("template  ");
	if (info->skip)
		ADD("%s  ", info->skip);
	if (info->pinning == LADE_PIN_BY_NAME)
		ADD("pinned by name  ");
	if (info->pin_path)
		ADD("pinned %s  ", info->pin_path);
	for (size_t i = 0; i < info->initial_count; i++) {
		uint32_t slot;
		const char *target;
		if (lade_map_initial(map, i, &slot, &target) == 0)
			ADD("%" PRIu32 ": %s  ", slot, target);
	}
#undef ADD
	for (size_t length = strlen(text); length && text[length - 1] == ' '; length--)
		text[length - 1] = '\0';
}

static void add_map(struct cli_table *table, const char *label, const struct lade_map *map)
{
	char number[16], details[512];
	struct lade_map_info info = { .size = sizeof info };
	if (lade_map_describe(map, &info) < 0)
		return;
	map_details(&info, map, details, sizeof details);
	cli_row(table, 6, label, info.name, cli_type_text(info.type_name, info.type, number, sizeof number), "", "",
		details);
	cli_cell(table, 3, "%" PRIu32 " → %" PRIu32, info.key_size, info.value_size);
	cli_cell(table, 4, "%" PRIu32 " entries", info.max_entries);
}

static bool print_maps(const struct lade_object *object)
{
	struct cli_table table = { .indent = 2 };
	for (size_t i = 0; i < lade_object_map_count(object); i++)
		add_map(&table, i ? "" : "maps    ", lade_object_map(object, i));
	return cli_table_print(&table, stdout);
}

static void add_program(struct cli_table *table, const char *label, const struct lade_program *program)
{
	char number[16];
	struct lade_program_info info = { .size = sizeof info };
	if (lade_program_describe(program, &info) < 0)
		return;
	const char *type = info.type ? cli_type_text(info.type_name, info.type, number, sizeof number) : "no type";
	cli_row(table, 6, label, info.name, type, "", info.section, info.autoload ? "" : "only when asked for");
	cli_cell(table, 3, "%" PRIu32 " insns%s", info.instructions, info.subprogram_count ? " +" : "");
	if (info.subprogram_count)
		cli_cell(table, 3, "%" PRIu32 " insns, %zu subprogram%s", info.instructions, info.subprogram_count,
			 info.subprogram_count == 1 ? "" : "s");
	if (info.skip)
		cli_cell(table, 5, "%s", info.skip);
	else if (info.core_relocations)
		cli_cell(table, 5, "%" PRIu32 " CO-RE relocations", info.core_relocations);
}

static bool print_programs(const struct lade_object *object)
{
	struct cli_table table = { .indent = 2 };
	for (size_t i = 0; i < lade_object_program_count(object); i++)
		add_program(&table, i ? "" : "programs", lade_object_program(object, i));
	return cli_table_print(&table, stdout);
}

static bool print_variables(const struct lade_object *object)
{
	struct cli_table table = { .indent = 2 };
	for (size_t i = 0; i < lade_object_variable_count(object); i++) {
		struct lade_variable_info info = { .size = sizeof info };
		struct lade_map_info map = { .size = sizeof map };
		if (lade_variable_describe(lade_object_variable(object, i), &info) < 0 ||
		    lade_map_describe(info.map, &map) < 0)
			continue;
		cli_row(&table, 5, i ? "" : "variables", info.name, info.type_name, "",
			info.is_static ? "static" : (info.is_weak ? "weak" : ""));
		cli_cell(&table, 3, "%s + %" PRIu32 ", %" PRIu32 " bytes", map.name, info.offset, info.length);
	}
	return cli_table_print(&table, stdout);
}

static bool print_externs(const struct lade_object *object)
{
	struct cli_table table = { .indent = 2 };
	for (size_t i = 0; i < lade_object_extern_count(object); i++) {
		struct lade_extern_info info = { .size = sizeof info };
		if (lade_object_extern(object, i, &info) == 0)
			cli_row(&table, 4, i ? "" : "externs ", info.name, info.section, info.is_weak ? "weak" : "");
	}
	return cli_table_print(&table, stdout);
}

static bool print_relocations(const struct lade_object *object)
{
	struct cli_table table = { .indent = 2, .right = 1 << 2 };
	for (size_t i = 0; i < lade_object_relocation_count(object); i++) {
		struct lade_relocation_info info = { .size = sizeof info };
		if (lade_object_relocation(object, i, &info) < 0)
			continue;
		cli_row(&table, 5, i ? "" : "relocations", info.section, "", info.kind, info.target);
		cli_cell(&table, 2, "%" PRIu64, info.offset);
		if (info.addend)
			cli_cell(&table, 4, "%s + %" PRId64, info.target ? info.target : "", info.addend);
	}
	return cli_table_print(&table, stdout);
}

static bool print_sections(const struct lade_object *object)
{
	char number[16];
	struct cli_table table = { .indent = 2, .right = 1 << 1 | 1 << 4 };
	for (size_t i = 0; i < lade_object_section_count(object); i++) {
		struct lade_section_info info = { .size = sizeof info };
		if (lade_object_section(object, i, &info) < 0)
			continue;
		const char *type =
			cli_type_text(cli_section_type_name(info.elf_type), info.elf_type, number, sizeof number);
		cli_row(&table, 7, i ? "" : "sections", "", info.name, type, "", info.role, info.why);
		cli_cell(&table, 1, "%" PRIu32, info.index);
		cli_cell(&table, 4, "%" PRIu64, info.bytes);
	}
	return cli_table_print(&table, stdout);
}

static bool print_symbols(const struct lade_object *object)
{
	char bind[16], type[16];
	struct cli_table table = { .indent = 2, .right = 1 << 2 | 1 << 3 };
	for (size_t i = 0; i < lade_object_symbol_count(object); i++) {
		struct lade_symbol_info info = { .size = sizeof info };
		if (lade_object_symbol(object, i, &info) < 0)
			continue;
		cli_row(&table, 8, i ? "" : "symbols ", info.name, "", "",
			cli_type_text(cli_bind_name(info.elf_bind), info.elf_bind, bind, sizeof bind),
			cli_type_text(cli_symbol_type_name(info.elf_type), info.elf_type, type, sizeof type), info.role,
			info.why);
		cli_cell(&table, 2, "%" PRIu16, info.elf_section);
		cli_cell(&table, 3, "%" PRIu64, info.value);
	}
	return cli_table_print(&table, stdout);
}

static bool print_object(const struct cli *cli, const struct lade_object *object)
{
	struct lade_object_info info = { .size = sizeof info };
	if (lade_object_describe(object, &info) < 0)
		return false;
	print_head(&info);
	print_facts(&info);
	bool good = print_maps(object) && print_programs(object) && print_variables(object) && print_externs(object);
	if (good)
		good = cli_print_policy(object);
	if (good && cli->verbose)
		good = print_relocations(object);
	if (good && (cli->verbose || cli_flag(cli, "sections")))
		good = print_sections(object) && print_symbols(object);
	for (size_t i = 0; i < lade_object_note_count(object); i++)
		cli_print_note(cli, lade_object_note(object, i));
	return good;
}

/* ---- the verb ---- */

struct inspection {
	struct cli *cli;
	struct json_object *list; /* where one of several objects goes; NULL: text, or a document of its own */
	struct lade_needs *needs; /* of all objects; NULL: nobody asks */
	struct lade_error **errors;
	size_t failed;
};

static int show_json(const struct inspection *inspection, const struct lade_object *object)
{
	bool sections = cli_flag(inspection->cli, "sections") || inspection->cli->verbose;
	if (!inspection->list) {
		struct json_object *document = cli_json_document(true);
		if (document)
			cli_object_json(document, object, sections);
		if (document && inspection->needs)
			cli_needs_json(document, inspection->needs);
		return cli_json_print(inspection->cli, document);
	}
	struct json_object *json = json_object_new_object();
	cli_object_json(json, object, sections);
	(void)json_object_array_add(inspection->list, json);
	return EXIT_OK;
}

static int inspect_one(struct inspection *inspection, const char *path)
{
	struct lade_open_opts options = { .size = sizeof options,
					  .sections = cli_flag(inspection->cli, "sections"),
					  .dialect = cli_value(inspection->cli, "dialect"),
					  .pin_names = cli_value(inspection->cli, "pin-names") };
	if (!cli_android_options(inspection->cli, &options))
		return EXIT_USAGE;
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	if (lade_object_open(inspection->cli->context, path, &options, &object, &error) < 0) {
		inspection->errors[inspection->failed++] = error;
		return EXIT_OK;
	}
	bool is_known = !inspection->needs || lade_needs_add(inspection->needs, object) == 0;
	int code = EXIT_OK;
	if (is_known && inspection->cli->json)
		code = show_json(inspection, object);
	else if (is_known && !inspection->needs)
		is_known = print_object(inspection->cli, object);
	if (!is_known)
		code = cli_fail_memory(inspection->cli);
	lade_object_free(object);
	return code;
}

static int inspect_all(struct inspection *inspection, int argc, char **argv)
{
	int code = EXIT_OK;
	for (int i = 0; i < argc && code == EXIT_OK; i++)
		code = inspect_one(inspection, argv[i]);
	if (!inspection->failed)
		return code;
	bool partly = inspection->failed < (size_t)argc;
	int failure = cli_fail_all(inspection->cli, inspection->errors, inspection->failed);
	return partly ? EXIT_PARTLY : failure;
}

/* Of one object as JSON they are in its document already. Frees the needs. */
static int show_needs(struct inspection *inspection, int argc, struct json_object *document, int code)
{
	struct lade_needs *needs = inspection->needs;
	if (needs && document)
		cli_needs_json(document, needs);
	else if (needs && !inspection->cli->json && inspection->failed < (size_t)argc && !cli_print_needs(needs))
		code = cli_fail_memory(inspection->cli);
	inspection->needs = lade_needs_free(needs);
	return code;
}

int verb_inspect(struct cli *cli, int argc, char **argv)
{
	struct inspection inspection = { .cli = cli };
	inspection.errors = calloc((size_t)argc + 1, sizeof(struct lade_error *));
	inspection.needs = cli_flag(cli, "needs") ? lade_needs_new() : NULL;
	struct json_object *document = cli->json && argc > 1 ? cli_json_document(true) : NULL;
	if (!inspection.errors || (cli_flag(cli, "needs") && !inspection.needs) ||
	    (cli->json && argc > 1 && !document)) {
		free(inspection.errors);
		return cli_fail_memory(cli);
	}
	if (document)
		inspection.list = cli_json_array(document, "objects");
	int code = inspect_all(&inspection, argc, argv);
	free(inspection.errors);
	code = show_needs(&inspection, argc, document, code);
	if (!document)
		return code;
	int printed = cli_json_print(cli, document);
	return code ? code : printed;
}
