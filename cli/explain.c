/* SPDX-License-Identifier: BSD-2-Clause */
/* lade explain: what the log of a loader says; findings and error numbers looked up. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain.h"
#include "last.h"
#include "narrow.h"

#define TEXT_BYTES_MAX (1UL << 30)

const struct cli_option verb_explain_options[] = {
	{ 0, "log", NULL, "show the verifier's logs of the text, too" },
	{ 0, "obj", "FILE",
	  "the object that the text is about: names its programs, source lines, maps and relocations" },
	{ 0, "kernel", "VERSION",
	  "the kernel that wrote the text (4.19, 5.10.0-8-amd64): causes and fixes are those of it" },
	{ 0, "last", NULL,
	  "the findings of the last verb that failed, again; with --obj or --kernel: its verifier's logs, explained "
	  "anew" },
	{ 0, "list", NULL, "list every finding that Lade can make, or those that hold all words of the operand" },
	{ 0, "search", "WORDS", "list findings, words and causes of errors that hold all these words, the best first" },
	{ 0, "op", "OPERATION",
	  "of an error number: only as this operation answers it (map_create, load, attach, netlink …)" },
	{ 0 },
};

/* ---- a text: a file is mapped, what comes through a pipe is read ---- */

struct text {
	char *bytes;
	size_t length;
	bool mapped;
};

static void drop_text(struct text *text)
{
	if (text->mapped)
		(void)munmap(text->bytes, text->length);
	else
		free(text->bytes);
}

static int read_pipe(int fd, struct text *text)
{
	size_t capacity = 0;
	for (;;) {
		if (text->length == capacity) {
			capacity = capacity ? 2 * capacity : 1 << 16;
			char *grown = capacity <= TEXT_BYTES_MAX ? realloc(text->bytes, capacity) : NULL;
			if (!grown)
				return capacity <= TEXT_BYTES_MAX ? -ENOMEM : -EFBIG;
			text->bytes = grown;
		}
		ssize_t got = read(fd, text->bytes + text->length, capacity - text->length);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return 0;
		text->length += got > 0 ? (size_t)got : 0;
	}
}

static int read_text(int fd, struct text *text)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size <= 0)
		return read_pipe(fd, text);
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return read_pipe(fd, text);
	*text = (struct text){ bytes, (size_t)status.st_size, true };
	return 0;
}

/* UTF-16 becomes what the library reads. */
static int narrow_text(struct text *text)
{
	size_t length = 0;
	char *bytes;

	if (!text->bytes || !cli_is_wide(text->bytes, text->length))
		return 0;
	bytes = cli_narrow(text->bytes, text->length, &length);
	if (!bytes)
		return -ENOMEM;
	drop_text(text);
	*text = (struct text){ bytes, length, false };
	return 0;
}

static int open_text(const char *path, struct text *text)
{
	bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 ? -errno : read_text(fd, text);
	if (fd >= 0 && !is_input)
		(void)close(fd);
	return result < 0 ? result : narrow_text(text);
}

/* -1: fine; *ret_object stays NULL without --obj. */
static int open_object(struct cli *cli, struct lade_object **ret_object)
{
	const char *path = cli_value(cli, "obj");
	struct lade_error *error = NULL;

	if (!path)
		return -1;
	const struct lade_context_opts opts = { .size = sizeof opts };
	/* It is looked at, not loaded: for which loader of Android's it is does not matter. */
	const struct lade_open_opts open_opts = { .size = sizeof open_opts, .loader_version = UINT32_MAX };
	if (lade_context_new(&opts, &cli->context, &error) < 0 ||
	    lade_object_open(cli->context, path, &open_opts, ret_object, &error) < 0)
		return cli_fail(cli, error);
	return -1;
}

/* What people hand over in place of a text, by how it begins, and what is said before and behind its name. */
static const struct {
	const char *magic, *before, *behind;
} no_texts[] = {
	{ "\177ELF", "it is an object and no text: lade inspect '", "' says what is in it" },
	{ "\037\213", "it is compressed: zcat '", "' | lade explain -" },
	{ "\050\265\057\375", "it is compressed: zstdcat '", "' | lade explain -" },
	{ "\3757zXZ", "it is compressed: xzcat '", "' | lade explain -" },
	{ "BZh91AY&SY", "it is compressed: bzcat '", "' | lade explain -" },
};

static void say_no_text(const char *path, const struct text *text)
{
	for (size_t i = 0; i < sizeof no_texts / sizeof *no_texts; i++) {
		size_t length = strlen(no_texts[i].magic);
		if (text->length < length || memcmp(text->bytes, no_texts[i].magic, length) != 0)
			continue;
		(void)printf("  %s", no_texts[i].before);
		cli_put_safe(stdout, path);
		(void)puts(no_texts[i].behind);
	}
}

static int explain_text(const struct cli *cli, const char *path, const struct text *text,
			const struct lade_object *object)
{
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	const struct lade_explain_opts opts = {
		.size = sizeof opts,
		.file = name,
		.kernel = cli_value(cli, "kernel"),
		.object = object,
	};
	static const char mark[] = "\xEF\xBB\xBF"; /* of UTF-8, which some editors write */
	bool is_marked = text->length >= strlen(mark) && memcmp(text->bytes, mark, strlen(mark)) == 0;
	const char *bytes = is_marked ? text->bytes + strlen(mark) : text->bytes;
	size_t length = is_marked ? text->length - strlen(mark) : text->length;
	int code = lade_explain_text(bytes ? bytes : "", length, &opts, &explanation, &error) < 0
			   ? cli_fail(cli, error)
			   : cli_show_explanation(cli, name, explanation);

	if (code == EXIT_OK && !cli->json && !cli->quiet)
		say_no_text(path, text);
	lade_explanation_free(explanation);
	return code;
}

static int explain_file(struct cli *cli, const char *path)
{
	struct text text = { 0 };
	struct lade_object *object = NULL;
	int result = open_text(path, &text), code;

	if (result < 0) {
		drop_text(&text);
		return cli_usage(cli, "%s cannot be read: %s", path, strerror(-result));
	}
	code = open_object(cli, &object);
	if (code < 0)
		code = explain_text(cli, path, &text, object);
	(void)lade_object_free(object);
	drop_text(&text);
	return code;
}

/* ---- the verb ---- */

static bool is_known(const char *line)
{
	struct lade_explanation_info info = { .size = sizeof info };
	struct lade_explanation *explanation = NULL;
	bool is_known_line = lade_explain_text(line, strlen(line), NULL, &explanation, NULL) == 0 &&
			     lade_explanation_describe(explanation, &info) == 0 && info.errors + info.notes > 0;

	lade_explanation_free(explanation);
	return is_known_line;
}

/* The logs of the last failure once more, with what an object or a kernel adds. */
static int explain_last(struct cli *cli)
{
	struct text text = { .bytes = cli_last_logs() };
	struct lade_object *object = NULL;
	int code;

	if (!text.bytes)
		return cli_usage(cli,
				 "--last: no verifier's log was kept to which --obj and --kernel could add; what was "
				 "kept: lade explain --last");
	text.length = strlen(text.bytes);
	code = open_object(cli, &object);
	if (code < 0)
		code = explain_text(cli, "the log of the last failure", &text, object);
	(void)lade_object_free(object);
	drop_text(&text);
	return code;
}

/* A line of a log as the operand: "R1 invalid mem access 'inv'". -1: Lade does not know it. */
static int explain_message(struct cli *cli, const char *line)
{
	const struct text text = { .bytes = (char *)(uintptr_t)line, .length = strlen(line) };
	struct lade_object *object = NULL;
	int code;

	if (!strpbrk(line, " :") || !is_known(line))
		return -1;
	code = open_object(cli, &object);
	if (code < 0)
		code = explain_text(cli, "the words of the command line", &text, object);
	(void)lade_object_free(object);
	return code;
}

/* A word is looked up, unless it is the name of a file. */
static int explain_word(struct cli *cli, const char *word)
{
	struct lade_code_info code = { .size = sizeof code };
	struct stat status;
	bool is_fixed = lade_catalogue_find(word, &code) == 0 || lade_errno_parse(word) > 0;
	bool is_there = strcmp(word, "-") == 0 || stat(word, &status) == 0;
	int result;

	if (is_fixed || !is_there || (strcmp(word, "-") != 0 && S_ISDIR(status.st_mode) && !strchr(word, '/'))) {
		result = is_there || is_fixed ? -1 : explain_message(cli, word);
		if (result < 0)
			result = cli_look_up(cli, word);
		if (result >= 0 || !is_there)
			return result >= 0 ? result : cli_look_up_unknown(cli, word);
	}
	return explain_file(cli, word);
}

/* "5.10", "v6.1", "5.15.0-91-generic" */
static int check_kernel(const struct cli *cli)
{
	const char *kernel = cli_value(cli, "kernel");
	unsigned major, minor;

	if (!kernel || sscanf(kernel + (*kernel == 'v'), "%3u.%3u", &major, &minor) == 2)
		return -1;
	return cli_usage(cli, "--kernel: '%s' is no version of the kernel, as 4.19 or 5.10.0-8-amd64 is", kernel);
}

/* Words of the command line as one; to be freed. */
static char *join_words(int argc, char **argv, const char *first)
{
	size_t length = first ? strlen(first) + 1 : 1;
	char *text;

	for (int i = 0; i < argc; i++)
		length += strlen(argv[i]) + 1;
	text = calloc(1, length + 1);
	if (text && first)
		strcat(text, first);
	for (int i = 0; text && i < argc; i++) {
		if (*text)
			strcat(text, " ");
		strcat(text, argv[i]);
	}
	return text;
}

/* Further operands are words, too. */
static int list_or_search(const struct cli *cli, const char *words, int argc, char **argv)
{
	char *all = join_words(argc, argv, words);
	int code = !all    ? cli_fail_memory(cli)
		   : words ? cli_look_up_search(cli, all)
			   : cli_look_up_list(cli, *all ? all : NULL);

	free(all);
	return code;
}

/* Without quotes around them: "lade explain Permission denied". */
static int explain_several(struct cli *cli, int argc, char **argv)
{
	char *all = NULL;
	int code;

	for (int i = 0; i < argc; i++)
		if (access(argv[i], F_OK) == 0)
			return cli_usage(cli, "explain takes one file or word: '%s' is too much", argv[1]);
	all = join_words(argc, argv, NULL);
	code = all ? explain_word(cli, all) : cli_fail_memory(cli);
	free(all);
	return code;
}

int verb_explain(struct cli *cli, int argc, char **argv)
{
	const char *words = cli_value(cli, "search");
	int code = check_kernel(cli);

	cli->log = cli_flag(cli, "log") ? CLI_LOG_WHOLE : CLI_LOG_NONE;
	if (code >= 0)
		return code;
	if (words || cli_flag(cli, "list"))
		return list_or_search(cli, words, argc, argv);
	if (argc && cli_flag(cli, "last"))
		return cli_usage(cli, "--last takes no operand: '%s'", argv[0]);
	if (cli_flag(cli, "last"))
		return cli_value(cli, "obj") || cli_value(cli, "kernel") ? explain_last(cli) : cli_last_show(cli);
	if (argc > 1)
		return explain_several(cli, argc, argv);
	if (cli_value(cli, "op") && (!argc || lade_errno_parse(argv[0]) < 0))
		return cli_usage(cli,
				 "--op goes with an error number: lade explain --op map_create -7; all of an "
				 "operation: lade explain %s",
				 argc ? argv[0] : cli_value(cli, "op"));
	if (!argc && isatty(STDIN_FILENO))
		return cli_usage(cli, "explain needs a file, an error number or a word; of the last failure: --last");
	return explain_word(cli, argc ? argv[0] : "-");
}
