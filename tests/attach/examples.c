/* SPDX-License-Identifier: BSD-2-Clause */
/* The examples of lade-attach(7), man/examples.csv: there is one for every way to attach, and their targets are right.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/method.h"
#include "base/cleanup.h"
#include "object/sections.h"

enum column { GROUP, KIND_OF, SECTION, ALSO, COMMAND, SEEN, COLUMNS };

struct example {
	char *columns[COLUMNS];
};

static struct {
	char text[65536];
	struct example examples[100];
	size_t count;
} page;

/* Cuts one field of a line of CSV off; quotes may hold commas, none of ours holds a quote or a line end. */
static char *next_field(char **rest)
{
	bool quoted = **rest == '"';
	char *field = *rest + quoted, *end = strchr(field, quoted ? '"' : ',');

	if (!end)
		end = field + strlen(field);
	*rest = *end ? end + 1 + (quoted && end[1] == ',') : end;
	*end = '\0';
	return field;
}

static int read_examples(void **state)
{
	FILE *file = fopen(TEST_SOURCE_ROOT "/man/examples.csv", "r");
	size_t length = file ? fread(page.text, 1, sizeof page.text - 1, file) : 0;
	char *lines = page.text;

	(void)state;
	if (!file || !length || length == sizeof page.text - 1)
		return -1;
	(void)fclose(file);
	(void)strsep(&lines, "\n"); /* heads */
	for (char *line; (line = strsep(&lines, "\n")) && *line;) {
		assert_in_range(page.count, 0, ELEMENTS(page.examples) - 1);
		for (unsigned i = 0; i < COLUMNS; i++)
			page.examples[page.count].columns[i] = next_field(&line);
		page.count++;
	}
	return page.count ? 0 : -1;
}

static const struct section_row *find_row(const char *section, const char **ret_target)
{
	static const char *const dialects[] = { "libbpf", "libbpf0", "redbpf" };
	const struct section_row *row = NULL;

	for (size_t i = 0; !row && i < ELEMENTS(dialects); i++)
		row = lade_section_find(dialects[i], section, ret_target);
	return row;
}

/* The word after "--attach "; NULL: there is none. */
static const char *attach_option(const char *command)
{
	const char *found = strstr(command, "--attach ");

	return found ? found + strlen("--attach ") : NULL;
}

/* "PROG=TARGET"? Then it is not asked whether the target fits the program. */
static bool names_program(const char *option)
{
	return option && strcspn(option, "=") < strcspn(option, ":");
}

/* The target of the option without "PROG="; NULL: the section says it. */
static char *target_of(const char *command)
{
	const char *option = attach_option(command);
	char *target;

	if (!option)
		return NULL;
	if (names_program(option))
		option = strchr(option, '=') + 1;
	target = strndup(option, strcspn(option, " "));
	assert_non_null(target);
	return target;
}

static void parse(const char *command, struct attach_target *ret_target)
{
	CLEANUP(cleanup_free) char *text = target_of(command);
	struct lade_error *error = NULL;

	*ret_target = (struct attach_target){ 0 };
	if (text && *text && lade_target_parse(text, ret_target, &error) < 0)
		fail_msg("%s: %s", command, lade_error_message(error));
}

/* The method for this section and the command's target, after the same checks that lade_attach() makes. */
static const struct method_row *method_of(const char *section, const char *command)
{
	struct attach_program program = { .name = "program", .section = section, .fd = -1 };
	const struct method_row *method;
	struct attach_target target;

	program.row = find_row(section, &program.attach_target);
	if (!program.row)
		fail_msg("%s: SEC(\"%s\") gives no type", command, section);
	program.type = program.row->program_type;
	program.expected_attach_type = program.row->expected_attach_type;
	parse(command, &target);
	method = lade_attach_method(&program, target.kind);
	if (!method)
		fail_msg("%s: nothing attaches SEC(\"%s\")", command, section);
	if (target.kind != TARGET_NONE && !(method->targets & KIND(target.kind)))
		fail_msg("%s: SEC(\"%s\") takes no such target", command, section);
	if (target.kind != TARGET_NONE && !names_program(attach_option(command)) && method->fits &&
	    !method->fits(&program, &target))
		fail_msg("%s: the target does not fit SEC(\"%s\")", command, section);
	if (target.kind == TARGET_NONE && method->default_target == DEFAULT_NONE)
		fail_msg("%s: SEC(\"%s\") needs a target", command, section);
	if (target.kind == TARGET_NONE && method->default_target == DEFAULT_SECTION && !program.attach_target)
		fail_msg("%s: SEC(\"%s\") names nothing", command, section);
	lade_target_clear(&target);
	return method;
}

/* Tables of kernel operations are no method of programs. */
static bool is_program(const struct example *example)
{
	return strncmp(example->columns[SECTION], "struct_ops", strlen("struct_ops")) != 0;
}

static void targets_of_all_examples_fit_their_sections(void **state)
{
	(void)state;
	for (size_t i = 0; i < page.count; i++)
		if (is_program(&page.examples[i]))
			(void)method_of(page.examples[i].columns[SECTION], page.examples[i].columns[COMMAND]);
}

static bool takes(const struct example *example, const struct method_row *method)
{
	char also[1024], *words = also;

	if (method_of(example->columns[SECTION], example->columns[COMMAND]) == method)
		return true;
	(void)snprintf(also, sizeof also, "%s", example->columns[ALSO]);
	for (char *word; (word = strsep(&words, " "));)
		if (*word && method_of(word, example->columns[COMMAND]) == method)
			return true;
	return false;
}

static void every_way_to_attach_has_an_example(void **state)
{
	const struct method_row *methods;
	size_t count = lade_attach_methods(&methods), missing = 0;

	(void)state;
	assert_int_not_equal(count, 0);
	for (size_t i = 0; i < count; i++) {
		bool found = false;
		for (size_t j = 0; j < page.count && !found; j++)
			found = is_program(&page.examples[j]) && takes(&page.examples[j], &methods[i]);
		if (!found)
			(void)fprintf(stderr, "man/examples.csv: no example for %s, program type %u, section %s\n",
				      methods[i].method, methods[i].program_type,
				      methods[i].prefix ? methods[i].prefix : "of any name");
		missing += !found;
	}
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_of_all_examples_fit_their_sections),
		cmocka_unit_test(every_way_to_attach_has_an_example),
	};

	return cmocka_run_group_tests(tests, read_examples, NULL);
}
