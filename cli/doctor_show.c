/* SPDX-License-Identifier: BSD-2-Clause */
/* The report on one screen, and as JSON. */
#include <string.h>

#include "doctor.h"

#define LINE_COLUMNS  110
#define LABEL_COLUMNS 12
#define LINES_MOST    10 /* of a list, without -v */

bool cli_doctor_fact(const struct lade_doctor *doctor, size_t index, struct lade_fact_info *info)
{
	*info = (struct lade_fact_info){ .size = sizeof *info };
	return lade_doctor_fact(doctor, index, info) == 0;
}

/* ---- a section whose facts stand side by side ---- */

static void put_label(const char *section)
{
	cli_colour(stdout, CLI_BOLD);
	(void)printf("%-*s", LABEL_COLUMNS, section);
	cli_colour(stdout, CLI_PLAIN);
}

static size_t width_of(const struct lade_fact_info *fact)
{
	return strlen(fact->name) + strlen(fact->value) + (fact->detail ? strlen(fact->detail) + 3 : 0) + 4;
}

static void put_fact(const struct lade_fact_info *fact)
{
	(void)printf("%s: ", fact->name);
	cli_put_safe(stdout, fact->value);
	if (!fact->detail)
		return;
	(void)fputs(" (", stdout);
	cli_put_safe(stdout, fact->detail);
	(void)putchar(')');
}

/* Returns the first fact of the next section. */
static size_t show_line(const struct lade_doctor *doctor, size_t index)
{
	struct lade_fact_info fact, first;
	size_t column = LABEL_COLUMNS;

	(void)cli_doctor_fact(doctor, index, &first);
	put_label(first.section);
	for (size_t at = index; cli_doctor_fact(doctor, at, &fact) && strcmp(fact.section, first.section) == 0; at++) {
		size_t width = width_of(&fact);
		bool breaks = at > index && column + width > LINE_COLUMNS;
		if (at > index)
			(void)fputs(breaks ? "\n" : "; ", stdout);
		if (breaks) {
			(void)printf("%*s", LABEL_COLUMNS, "");
			column = LABEL_COLUMNS;
		}
		put_fact(&fact);
		column += width;
		index = at;
	}
	(void)putchar('\n');
	return index + 1;
}

/* ---- a section with a line for each fact of which something is to be said ---- */

static size_t end_of(const struct lade_doctor *doctor, size_t index)
{
	struct lade_fact_info fact, first;

	(void)cli_doctor_fact(doctor, index, &first);
	while (cli_doctor_fact(doctor, index, &fact) && strcmp(fact.section, first.section) == 0)
		index++;
	return index;
}

/* What is lost without some options is nothing: they are no lack. */
static bool is_lack(const struct lade_fact_info *fact)
{
	static const char nothing[] = "nothing:";

	return fact->state == LADE_FACT_ABSENT &&
	       (!fact->detail || strncmp(fact->detail, nothing, strlen(nothing)) != 0);
}

static size_t count_lacks(const struct lade_doctor *doctor, size_t start, size_t end)
{
	struct lade_fact_info fact;
	size_t count = 0;

	for (size_t i = start; i < end; i++)
		count += cli_doctor_fact(doctor, i, &fact) && is_lack(&fact);
	return count;
}

static size_t count_state(const struct lade_doctor *doctor, size_t start, size_t end, enum lade_fact_state state)
{
	struct lade_fact_info fact;
	size_t count = 0;

	for (size_t i = start; i < end; i++)
		count += cli_doctor_fact(doctor, i, &fact) && fact.state == state;
	return count;
}

static void put_absent(const struct lade_doctor *doctor, size_t start, size_t end)
{
	struct lade_fact_info fact;
	size_t shown = 0, absent = count_lacks(doctor, start, end);

	for (size_t i = start; i < end && shown < LINES_MOST; i++) {
		if (!cli_doctor_fact(doctor, i, &fact) || !is_lack(&fact))
			continue;
		(void)printf("%*s- %s: ", LABEL_COLUMNS, "", fact.name);
		cli_put_safe(stdout, fact.detail ? fact.detail : fact.value);
		(void)putchar('\n');
		shown++;
	}
	if (absent > shown)
		(void)printf("%*s%zu more (-v shows them)\n", LABEL_COLUMNS, "", absent - shown);
}

static size_t show_options(const struct lade_doctor *doctor, size_t index)
{
	struct lade_fact_info first;
	size_t end = end_of(doctor, index);

	(void)cli_doctor_fact(doctor, index, &first);
	put_label(first.section);
	cli_put_safe(stdout, first.value);
	if (first.state == LADE_FACT_GIVEN)
		(void)printf(": %zu options that BPF wants are set, %zu are not",
			     end - index - 1 - count_state(doctor, index, end, LADE_FACT_ABSENT),
			     count_lacks(doctor, index, end));
	(void)putchar('\n');
	put_absent(doctor, index, end);
	return end;
}

/* "5 processes: systemd, sshd ×2 …" */
static size_t show_loaders(const struct lade_doctor *doctor, size_t index)
{
	struct lade_fact_info fact;
	size_t end = end_of(doctor, index);

	(void)cli_doctor_fact(doctor, index, &fact);
	put_label("may load");
	cli_put_safe(stdout, fact.value);
	(void)fputs(fact.state == LADE_FACT_GIVEN ? " processes" : "", stdout);
	if (fact.detail)
		(void)printf(" (%s)", fact.detail);
	for (size_t i = index + 1; i < end && i < index + 1 + LINES_MOST; i++) {
		if (!cli_doctor_fact(doctor, i, &fact))
			continue;
		(void)fputs(i == index + 1 ? ": " : ", ", stdout);
		cli_put_safe(stdout, fact.name);
		if (strcmp(fact.value, "1") != 0)
			(void)printf(" ×%s", fact.value);
	}
	(void)puts(end > index + 1 + LINES_MOST ? " …" : "");
	return end;
}

/* ---- what was probed: "30 of 33; no lirc_mode2; not known: ext, lsm" ---- */

static void put_names(const struct lade_doctor *doctor, size_t start, size_t end, enum lade_fact_state state)
{
	struct lade_fact_info fact;
	size_t count = count_state(doctor, start, end, state), shown = 0;

	if (!count)
		return;
	(void)fputs(state == LADE_FACT_ABSENT ? "; not there: " : "; not known: ", stdout);
	for (size_t i = start; i < end && shown < LINES_MOST; i++)
		if (cli_doctor_fact(doctor, i, &fact) && fact.state == state)
			(void)printf("%s%s", shown++ ? ", " : "", fact.name);
	if (count > shown)
		(void)printf(" and %zu more", count - shown);
}

static size_t show_probed(const struct lade_doctor *doctor, size_t index)
{
	struct lade_fact_info first;
	size_t end = end_of(doctor, index);

	(void)cli_doctor_fact(doctor, index, &first);
	put_label(first.section);
	(void)printf(" %zu of %zu that Lade knows", count_state(doctor, index, end, LADE_FACT_GIVEN), end - index);
	put_names(doctor, index, end, LADE_FACT_ABSENT);
	put_names(doctor, index, end, LADE_FACT_UNKNOWN);
	(void)putchar('\n');
	return end;
}

static bool is_probed(const char *section)
{
	static const char *const probed[] = { "program types", "map types", "attach types", "link types",
					      "btf kinds",     "helpers",   "features" };

	for (size_t i = 0; i < sizeof probed / sizeof *probed; i++)
		if (strcmp(section, probed[i]) == 0)
			return true;
	return false;
}

/* ---- everything, one fact a line ---- */

static void show_all(const struct lade_doctor *doctor)
{
	struct lade_fact_info fact;
	struct cli_table table = { 0 };

	for (size_t i = 0; cli_doctor_fact(doctor, i, &fact); i++)
		cli_row(&table, 5, fact.section, fact.name, fact.value, fact.source, fact.detail);
	(void)cli_table_print(&table, stdout);
}

static void show_screen(const struct lade_doctor *doctor)
{
	struct lade_fact_info fact;

	for (size_t i = 0; cli_doctor_fact(doctor, i, &fact);) {
		if (strcmp(fact.section, "config") == 0 || strcmp(fact.section, "needs") == 0)
			i = show_options(doctor, i);
		else if (strcmp(fact.section, "loaders") == 0)
			i = show_loaders(doctor, i);
		else if (is_probed(fact.section))
			i = show_probed(doctor, i);
		else
			i = show_line(doctor, i);
	}
}

static void show_needs(const struct lade_doctor *doctor)
{
	struct lade_fact_info fact;
	struct cli_table table = { .indent = 2 };

	for (size_t i = 0; cli_doctor_fact(doctor, i, &fact); i++)
		if (strcmp(fact.section, "needs") == 0)
			cli_row(&table, 3, fact.name, fact.value, fact.detail);
	(void)cli_table_print(&table, stdout);
}

void cli_show_doctor(const struct cli *cli, const struct lade_doctor *doctor)
{
	bool for_objects = cli_value(cli, "for");

	if (cli->verbose)
		show_all(doctor);
	else if (for_objects && !cli->quiet)
		show_needs(doctor);
	else if (!for_objects && !cli->quiet)
		show_screen(doctor);
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		const struct lade_finding *finding = lade_doctor_finding(doctor, i);
		if (lade_finding_describe(finding, &info) < 0)
			continue;
		/* Of an object everything that is wrong with the machine is not asked. */
		if ((for_objects || cli->quiet) && info.severity != LADE_ERROR && !cli->verbose)
			continue;
		if (info.severity == LADE_NOTE)
			cli_print_note(cli, finding);
		else
			cli_print_finding(cli, stdout, finding);
	}
}

/* null: the configuration could not be read. */
static void put_options(struct json_object *document, const struct lade_doctor *doctor)
{
	struct lade_option_info option = { .size = sizeof option };
	struct json_object *options = lade_doctor_option_count(doctor) ? json_object_new_object() : NULL;

	for (size_t i = 0; options && lade_doctor_option(doctor, i, &option) == 0; i++)
		cli_json_string(options, option.name, option.value);
	(void)json_object_object_add(document, "config", options);
}

int cli_doctor_json(const struct cli *cli, const struct lade_doctor *doctor, int code)
{
	struct lade_fact_info fact;
	struct json_object *document = cli_json_document(code == EXIT_OK);

	cli_json_number(document, "exit", code);
	struct json_object *facts = cli_json_array(document, "facts");
	for (size_t i = 0; cli_doctor_fact(doctor, i, &fact); i++) {
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "section", fact.section);
		cli_json_string(json, "name", fact.name);
		cli_json_string(json, "state", lade_fact_state_name(fact.state));
		cli_json_string(json, "value", fact.value);
		cli_json_string(json, "detail", fact.detail);
		cli_json_string(json, "source", fact.source);
		(void)json_object_array_add(facts, json);
	}
	put_options(document, doctor);
	struct json_object *findings = cli_json_array(document, "findings");
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++)
		(void)json_object_array_add(findings, cli_finding_json(lade_doctor_finding(doctor, i)));
	return cli_json_print(cli, document);
}
