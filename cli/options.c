/* SPDX-License-Identifier: BSD-2-Clause */
/* Options: the tables of option lists drive getopt_long. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const struct cli_option cli_common_options[] = {
	{ 'j', "json", NULL, "one JSON document on stdout; findings of a failure as JSON on stderr" },
	{ 'p', "pretty", NULL, "indented JSON" },
	{ 'v', "verbose", NULL, "every section, map, relocation and system call, in order, on stderr" },
	{ 'q', "quiet", NULL, "only errors" },
	{ 'h', "help", NULL, "say how the verb is used" },
	{ 'V', "version", NULL, "print the version" },
	{ 0 },
};

#define OPTIONS_MAX 64
#define FIRST_LONG  256 /* getopt_long's value of entry 0: beyond every letter */

/* What getopt_long wants, made from our tables. */
struct parser {
	const struct cli_option *known[OPTIONS_MAX];
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 3];
	size_t count;
};

static int argument_kind(const struct cli_option *option)
{
	if (option->takes)
		return optional_argument;
	return option->argument ? required_argument : no_argument;
}

static void parser_add(struct parser *parser, const struct cli_option *options)
{
	for (; options->name && parser->count < OPTIONS_MAX; options++) {
		size_t i = parser->count++;
		parser->known[i] = options;
		parser->longs[i] = (struct option){ options->name, argument_kind(options), NULL, FIRST_LONG + (int)i };
		if (!options->letter)
			continue;
		char *end = parser->shorts + strlen(parser->shorts);
		*end++ = options->letter;
		if (options->argument)
			*end++ = ':';
		*end = '\0';
	}
}

static const struct cli_option *parser_option(const struct parser *parser, int value)
{
	if (value >= FIRST_LONG)
		return parser->known[value - FIRST_LONG];
	for (size_t i = 0; i < parser->count; i++)
		if (parser->known[i]->letter && parser->known[i]->letter == value)
			return parser->known[i];
	return NULL;
}

/* Common options change the command itself. False: another option. */
static bool apply_common(struct cli *cli, const struct cli_option *option)
{
	switch (option->letter) {
	case 'p':
		cli->pretty = true; /* and JSON: pretty says nothing about text */
		cli->json = true;
		return true;
	case 'j':
		cli->json = true;
		return true;
	case 'v':
		cli->verbose = true;
		return true;
	case 'q':
		cli->quiet = true;
		return true;
	default:
		return false;
	}
}

static bool is_common(const struct cli_option *option)
{
	for (const struct cli_option *known = cli_common_options; known->name; known++)
		if (known == option)
			return true;
	return false;
}

static int remember(struct cli *cli, const struct cli_option *option, const char *value)
{
	struct cli_setting *grown = realloc(cli->settings, (cli->setting_count + 1) * sizeof *grown);
	if (!grown)
		return cli_fail_memory(cli);
	cli->settings = grown;
	cli->settings[cli->setting_count++] = (struct cli_setting){ option, value };
	return -1;
}

static int unknown_option(const struct cli *cli, const struct parser *parser, const char *word)
{
	const char *names[OPTIONS_MAX];
	for (size_t i = 0; i < parser->count; i++)
		names[i] = parser->known[i]->name;
	const char *of = cli->verb ? cli->verb->name : "lade";
	if (optopt >= '0' && optopt <= '9')
		return cli_usage(cli, "%s has no option -%c; write '--' before a negative number", of, optopt);
	if (optopt) /* a letter, perhaps one of several behind one '-' */
		return cli_usage(cli, "%s has no option -%c", of, optopt);
	char *bare = strndup(word + 2, strcspn(word + 2, "="));
	const char *near = bare ? cli_nearest(bare, names, parser->count) : NULL;
	int code = near ? cli_usage(cli, "%s has no option --%s; did you mean --%s?", of, bare, near)
			: cli_usage(cli, "%s has no option --%s", of, bare ? bare : "");
	free(bare);
	return code;
}

/* getopt_long's complaint in our words; word is the argument that it stopped at. */
static int bad_option(const struct cli *cli, const struct parser *parser, int value, const char *word)
{
	const struct cli_option *option = optopt ? parser_option(parser, optopt) : NULL;
	if (value == ':' && option)
		return cli_usage(cli, "--%s needs an argument: %s", option->name, option->argument);
	if (option && !option->argument)
		return cli_usage(cli, "--%s takes no argument: '%s'", option->name, word);
	return unknown_option(cli, parser, word);
}

static int print_common(const struct cli *cli, const struct cli_option *option)
{
	if (option->letter == 'V')
		(void)printf("lade %s\n", lade_version());
	else if (cli->verb)
		cli_print_verb_help(stdout, cli->verb);
	else
		cli_print_help(stdout);
	return EXIT_OK;
}

/* -1 to go on; optind then stands at the first operand. */
static int parse_options(struct cli *cli, const struct parser *parser, int argc, char **argv)
{
	optind = 0; /* start anew: called twice, for the command and for the verb */
	opterr = 0;
	for (;;) {
		int value = getopt_long(argc, argv, parser->shorts, parser->longs, NULL);
		if (value == -1)
			return -1;
		if (value == '?' || value == ':')
			return bad_option(cli, parser, value, argv[optind - 1]);
		const struct cli_option *option = parser_option(parser, value);
		if (!option)
			return cli_usage(cli, "unknown option");
		if (option->letter && strchr("hV", option->letter) && is_common(option))
			return print_common(cli, option);
		if (is_common(option) && apply_common(cli, option))
			continue;
		if (!optarg && option->takes && optind < argc && option->takes(argv[optind]))
			optarg = argv[optind++];
		int code = remember(cli, option, optarg);
		if (code >= 0)
			return code;
	}
}

static int unknown_verb(const struct cli *cli, const char *word)
{
	const char *names[OPTIONS_MAX];
	size_t count = 0;
	for (; count < cli_verb_count && count < OPTIONS_MAX; count++)
		names[count] = cli_verbs[count].name;
	const char *near = cli_nearest(word, names, count);
	if (near)
		return cli_usage(cli, "there is no verb '%s'; did you mean '%s'?", word, near);
	return cli_usage(cli, "there is no verb '%s'; 'lade help' lists them", word);
}

static int check_operands(const struct cli *cli, int argc, char **argv)
{
	const struct cli_verb *verb = cli->verb;
	if (argc < verb->least)
		return cli_usage(cli, "%s needs %s", verb->name, verb->arguments);
	if (verb->most >= 0 && argc > verb->most)
		return cli_usage(cli, "%s takes %s: '%s' is too much", verb->name,
				 verb->most ? verb->arguments : "no operand", argv[verb->most]);
	return -1;
}

static bool is_signed(const char *word)
{
	static const char digits[] = "0123456789", letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t length = strlen(word);

	return (length > 1 && strspn(word + 1, digits) == length - 1) ||
	       (length > 3 && word[1] == 'E' && strspn(word + 1, letters) == length - 1);
}

/* "-38" and "-EPERM" without their sign, which getopt would take for an option. */
static void take_signs(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' && is_signed(argv[i]))
			argv[i]++;
}

int cli_parse(struct cli *cli, int *argc, char ***argv)
{
	/* '+': options before the verb end at the verb; ':': a missing argument is told apart */
	struct parser common = { .shorts = "+:" };
	parser_add(&common, cli_common_options);
	int code = parse_options(cli, &common, *argc, *argv);
	if (code >= 0)
		return code;
	*argc -= optind;
	*argv += optind;
	if (*argc == 0)
		return cli_usage(cli, "a verb is missing; 'lade help' lists them");
	cli->verb = cli_find_verb((*argv)[0]);
	if (!cli->verb)
		return unknown_verb(cli, (*argv)[0]);

	if (cli->verb->numbers)
		take_signs(*argc, *argv);
	struct parser own = { .shorts = ":" };
	parser_add(&own, cli->verb->options);
	parser_add(&own, cli_common_options);
	code = parse_options(cli, &own, *argc, *argv);
	if (code >= 0)
		return code;
	*argc -= optind;
	*argv += optind;
	return check_operands(cli, *argc, *argv);
}

int cli_seconds(const struct cli *cli, const char *option, double least, double *ret_seconds)
{
	const char *text = cli_value(cli, option);
	if (!text)
		return -1;
	char *end;
	double seconds = strtod(text, &end);
	bool is_good = end != text && !*end && seconds > 0 && seconds >= least && seconds <= 1e9;
	*ret_seconds = seconds;
	if (is_good)
		return -1;
	return least > 0 ? cli_usage(cli, "--%s: '%s' is no number of seconds from %g", option, text, least)
			 : cli_usage(cli, "--%s: '%s' is no number of seconds above 0", option, text);
}
