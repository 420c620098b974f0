/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command: one table of verbs, one file per verb, only the public headers.
 *
 * A verb is {name, arguments, summary, options, function}. Help, completion and the option lists of the
 * man page are generated from it. The framework parses the options; a verb's function gets its operands
 * in argv (argv[0] is the first one) and asks for its options by their long names:
 *
 *     const struct cli_option verb_show_options[] = {
 *             { 'x', "example", "TEXT", "what it does" },
 *             { 0 },
 *     };
 *     int verb_show(struct cli *cli, int argc, char **argv)
 *     {
 *             const char *text = cli_value(cli, "example");
 *             …
 *             return cli_fail(cli, error);
 *     }
 *
 * It returns the exit code of the process.
 */
#ifndef LADE_CLI_H
#define LADE_CLI_H

#include <stdio.h>

#include <json-c/json.h>

#include <lade/lade.h>

/* Exit codes; 2 to 6 come with a finding: lade_error_exit_code(). */
enum {
	EXIT_OK = 0,
	EXIT_USAGE = 1,
	EXIT_OBJECT = 2,
	EXIT_KERNEL = 3,
	EXIT_VERIFIER = 4,
	EXIT_ENVIRONMENT = 5,
	EXIT_CONFLICT = 6,
	EXIT_PARTLY = 7,
	EXIT_CRITICAL = 8, /* boot only */
};

struct cli_option {
	char letter;          /* 0: only long */
	const char *name;     /* long, without "--" */
	const char *argument; /* "NAME"; NULL: a flag */
	const char *help;
	/* An argument that may be left out: says whether the next word is it ("--attach dev:lo", "--attach a.o"). */
	bool (*takes)(const char *word);
};

struct cli;

struct cli_verb {
	const char *name;
	const char *arguments; /* "OBJ…" */
	const char *summary;
	const struct cli_option *options; /* ends with a zero name */
	int (*function)(struct cli *cli, int argc, char **argv);
	int least, most; /* operands; most -1: any number */
	bool no_context; /* needs no library */
	bool numbers;    /* -38 is an operand and no option, and means 38 */
};

struct cli_setting {
	const struct cli_option *option;
	const char *value;
};

struct cli {
	const struct cli_verb *verb;
	bool json, pretty, verbose, quiet;
	enum { CLI_LOG_END, CLI_LOG_NONE, CLI_LOG_WHOLE } log; /* what is shown of a finding's log */
	struct lade_context *context;
	struct cli_setting *settings; /* options given, in order */
	size_t setting_count;
	char **words; /* of the command line, without the command itself */
	int word_count;
};

/* ---- options.c ---- */
extern const struct cli_option cli_common_options[];

/* Parses the common options and finds the verb. Returns -1 to go on, else the exit code. */
int cli_parse(struct cli *cli, int *argc, char ***argv);
bool cli_flag(const struct cli *cli, const char *name);
/* The last value given; NULL: not given. */
const char *cli_value(const struct cli *cli, const char *name);
/* Every value of a repeatable option: start with *position = 0; NULL at the end. */
const char *cli_next_value(const struct cli *cli, const char *name, size_t *position);
size_t cli_count(const struct cli *cli, const char *name);
/* Decimal, 0x or 0 number up to max; false after a usage message that names the option and the word. */
bool cli_number(struct cli *cli, const char *option, const char *text, uint64_t max, uint64_t *ret_number);
/* The same with K, M or G behind it (powers of 1024). */
bool cli_bytes(struct cli *cli, const char *option, const char *text, uint64_t max, uint64_t *ret_bytes);
/* A time above 0 and of at least this; *ret_seconds stays as it is without the option. -1: fine, else the exit code. */
int cli_seconds(const struct cli *cli, const char *option, double least, double *ret_seconds);
/* "A=B" → A (to be freed), and B in *ret_right; NULL when there is no '=' (no message). */
char *cli_split(const char *text, const char **ret_right);
/* --loader-version and --build-type; false after a usage message. */
bool cli_android_options(struct cli *cli, struct lade_open_opts *options);
/* Message about wrong use; returns EXIT_USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The nearest of count words, or NULL when none is near. */
const char *cli_nearest(const char *word, const char *const *words, size_t count);

/* ---- verbs.c ---- */
extern const struct cli_verb cli_verbs[];
extern const size_t cli_verb_count;
const struct cli_verb *cli_find_verb(const char *name);

/* ---- output.c ---- */
/* Prints all findings of an error on stderr, frees it, returns its exit code. */
int cli_fail(const struct cli *cli, struct lade_error *error);
/* The same for several errors (of several objects): one JSON document. Frees them; the first one's exit code. */
int cli_fail_all(const struct cli *cli, struct lade_error **errors, size_t count);
/* As cli_fail_all(), for a verb with `total` operands: some failed of several is EXIT_PARTLY, none EXIT_OK. */
int cli_several(const struct cli *cli, struct lade_error **errors, size_t failed, size_t total);
/* EXIT_ENVIRONMENT without memory. */
int cli_fail_memory(const struct cli *cli);
/* What stands before a cause: "", "likely: ", "possibly: ". Static. */
const char *cli_doubt(enum lade_confidence confidence);
/* A finding as text to file; notes and warnings too. */
void cli_print_finding(const struct cli *cli, FILE *file, const struct lade_finding *finding);
/* The same of what a finding holds, wherever it comes from. */
void cli_print_finding_info(const struct cli *cli, FILE *file, const struct lade_finding_info *info);
/* Notes under what was done, indented by two: "note     ring buffer …". Nothing with --quiet or --json. */
void cli_print_note(const struct cli *cli, const struct lade_finding *note);
struct json_object *cli_finding_json(const struct lade_finding *finding);
/* {"schema":"lade/1","ok":…}; NULL without memory. */
struct json_object *cli_json_document(bool ok);
/* One document on stdout; frees it. Returns EXIT_OK, or EXIT_ENVIRONMENT when json is NULL. */
int cli_json_print(const struct cli *cli, struct json_object *json);
/* Bytes from anywhere as a JSON string; not NULL. */
struct json_object *cli_json_text(const char *text);
/* Adders that take NULL strings as null. */
void cli_json_string(struct json_object *object, const char *key, const char *value);
void cli_json_number(struct json_object *object, const char *key, int64_t value);
void cli_json_bool(struct json_object *object, const char *key, bool value);
/* Of what is attached. */
struct json_object *cli_link_json(const struct lade_link_info *link);
/* Adds an empty array and returns it. */
struct json_object *cli_json_array(struct json_object *object, const char *key);
/* Starts or ends colour when the file is a terminal and NO_COLOR is not set. */
enum cli_colour { CLI_PLAIN, CLI_BOLD, CLI_RED, CLI_YELLOW, CLI_DIM };
void cli_colour(FILE *file, enum cli_colour colour);
/* Bytes that came from a file, without control characters. */
void cli_put_safe(FILE *file, const char *text);

/* ---- table.c ---- */
/*
 * Text in aligned columns:
 *     struct cli_table table = { .indent = 2 };
 *     cli_row(&table, 3, "maps", name, type);
 *     cli_table_print(&table, stdout);       frees too
 * Cells are copied; NULL is "".
 */
#define CLI_COLUMNS 12
struct cli_table {
	unsigned indent;
	char *(*rows)[CLI_COLUMNS];
	size_t count, capacity;
	size_t right; /* bit n: column n is aligned to the right */
	bool failed;
};
void cli_row(struct cli_table *table, size_t cells, ...);
/* Puts a formatted cell into the last row. */
void cli_cell(struct cli_table *table, size_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* False without memory (after printing what there is). */
bool cli_table_print(struct cli_table *table, FILE *file);

/* ---- help.c, completion.c ---- */
void cli_print_help(FILE *file);
void cli_print_verb_help(FILE *file, const struct cli_verb *verb);

/* ---- verbs ---- */
extern const struct cli_option verb_inspect_options[], verb_load_options[], verb_run_options[], verb_watch_options[],
	verb_send_options[], verb_list_options[],
	verb_show_options[], verb_attach_options[], verb_detach_options[], verb_unload_options[], verb_no_options[];
int verb_inspect(struct cli *cli, int argc, char **argv);
int verb_load(struct cli *cli, int argc, char **argv);
int verb_run(struct cli *cli, int argc, char **argv);
int verb_watch(struct cli *cli, int argc, char **argv);
int verb_send(struct cli *cli, int argc, char **argv);
int verb_list(struct cli *cli, int argc, char **argv);
int verb_show(struct cli *cli, int argc, char **argv);
int verb_attach(struct cli *cli, int argc, char **argv);
int verb_detach(struct cli *cli, int argc, char **argv);
int verb_unload(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_gen_options[];
int verb_gen(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_map_options[], verb_test_options[], verb_trace_options[];
int verb_map(struct cli *cli, int argc, char **argv);
int verb_test(struct cli *cli, int argc, char **argv);
int verb_trace(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_wait_options[], verb_hold_options[];
int verb_hold(struct cli *cli, int argc, char **argv);
int verb_wait(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_boot_options[];
int verb_boot(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_explain_options[];
int verb_explain(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_doctor_options[];
int verb_doctor(struct cli *cli, int argc, char **argv);
extern const struct cli_option verb_check_options[], verb_diff_options[];
int verb_check(struct cli *cli, int argc, char **argv);
int verb_diff(struct cli *cli, int argc, char **argv);
int verb_help(struct cli *cli, int argc, char **argv);
int verb_version(struct cli *cli, int argc, char **argv);
int verb_completion(struct cli *cli, int argc, char **argv);

#endif
