/* SPDX-License-Identifier: BSD-2-Clause */
/* lade explain: what the log of a loader says; findings and error numbers looked up. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain.h"

#define TEXT_BYTES_MAX (1UL << 30)

const struct cli_option verb_explain_options[] = {
	{ 0, "log", NULL, "show the verifier's logs of the text, too" },
	{ 0, "list", NULL, "list every finding that Lade can make" },
	{ 0, "search", "WORDS", "list the findings and causes of errors that hold all these words" },
	{ 0, "op", "COMMAND", "of an error number: only as this command answers it (map_create, prog_load, …)" },
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

static int open_text(const char *path, struct text *text)
{
	bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 ? -errno : read_text(fd, text);
	if (fd >= 0 && !is_input)
		(void)close(fd);
	return result;
}

static int explain_file(const struct cli *cli, const char *path)
{
	struct text text = { 0 };
	int result = open_text(path, &text);
	if (result < 0) {
		free(text.bytes);
		return cli_usage(cli, "%s cannot be read: %s", path, strerror(-result));
	}
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	const struct lade_explain_opts opts = { .size = sizeof opts, .file = name };
	int code = lade_explain_text(text.bytes ? text.bytes : "", text.length, &opts, &explanation, &error) < 0
			   ? cli_fail(cli, error)
			   : cli_show_explanation(cli, name, explanation);
	lade_explanation_free(explanation);
	drop_text(&text);
	return code;
}

/* ---- the catalogue ---- */

static bool has_word(const char *word, size_t length, const char *const *texts)
{
	for (; *texts; texts++)
		for (const char *at = *texts; *at; at++)
			if (strncasecmp(at, word, length) == 0)
				return true;
	return false;
}

/* Every word somewhere in the texts. */
static bool has_words(const char *words, const char *const *texts)
{
	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");
		if (!has_word(words, length, texts))
			return false;
		words += length;
	}
	return true;
}

/* NULL: all. */
static size_t list_codes(const char *words, struct cli_lookup *lookup)
{
	size_t found = 0;
	for (size_t i = 0; i < lade_catalogue_count(); i++) {
		struct lade_code_info info = { .size = sizeof info };
		if (lade_catalogue_code(i, &info) < 0)
			continue;
		const char *const texts[] = { info.code, info.cause, info.fix, NULL };
		if (words && !has_words(words, texts))
			continue;
		cli_lookup_code(lookup, &info);
		found++;
	}
	return found;
}

/* "map_create" is BPF_MAP_CREATE; errnum 0: any. */
static bool is_operation(const char *operation, const char *wanted)
{
	if (!wanted || strcasecmp(operation, wanted) == 0)
		return true;
	return strncmp(operation, "BPF_", 4) == 0 && strcasecmp(operation + 4, wanted) == 0;
}

static size_t list_errnos(int errnum, const char *operation, const char *words, struct cli_lookup *lookup)
{
	size_t found = 0;
	for (size_t i = 0; i < lade_errno_count(); i++) {
		struct lade_errno_info info = { .size = sizeof info };
		if (lade_errno_cause_of(i, &info) < 0 || (errnum && info.errnum != errnum) ||
		    !is_operation(info.operation, operation))
			continue;
		const char *const texts[] = { info.word, info.operation, info.cause, info.probe, NULL };
		if (words && !has_words(words, texts))
			continue;
		cli_lookup_errno(lookup, &info);
		found++;
	}
	return found;
}

static int look_up_errno(const struct cli *cli, int errnum)
{
	const char *operation = cli_value(cli, "op");
	struct cli_lookup lookup;
	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	cli_lookup_number(&lookup, errnum);
	if (list_errnos(errnum, operation, NULL, &lookup) == 0 && operation)
		cli_lookup_note(&lookup, "no cause is known for this command");
	return cli_lookup_end(&lookup);
}

static int look_up_words(const struct cli *cli, const char *words)
{
	struct cli_lookup lookup;
	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	size_t found = list_codes(words, &lookup);
	if (words)
		found += list_errnos(0, NULL, words, &lookup);
	if (!found)
		cli_lookup_note(&lookup, "nothing of what Lade knows holds all these words");
	return cli_lookup_end(&lookup);
}

static int look_up_code(const struct cli *cli, const struct lade_code_info *info)
{
	struct cli_lookup lookup;
	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	lookup.single = true;
	cli_lookup_code(&lookup, info);
	return cli_lookup_end(&lookup);
}

static int unknown_word(const struct cli *cli, const char *word)
{
	size_t count = lade_catalogue_count();
	const char **codes = calloc(count + 1, sizeof *codes);
	for (size_t i = 0; codes && i < count; i++) {
		struct lade_code_info info = { .size = sizeof info };
		codes[i] = lade_catalogue_code(i, &info) == 0 ? info.code : "";
	}
	const char *near = codes ? cli_nearest(word, codes, count) : NULL;
	int code =
		near ? cli_usage(cli, "'%s' is no file, no finding and no error number; do you mean %s?", word, near)
		     : cli_usage(cli, "'%s' is no file, no finding and no error number; --search WORDS looks for words",
				 word);
	free(codes);
	return code;
}

/* A code, an error number, else a file. */
static int explain_word(const struct cli *cli, const char *word)
{
	struct lade_code_info info = { .size = sizeof info };
	if (lade_catalogue_find(word, &info) == 0)
		return look_up_code(cli, &info);
	int errnum = lade_errno_parse(word);
	if (errnum > 0)
		return look_up_errno(cli, errnum);
	if (strcmp(word, "-") != 0 && access(word, F_OK) < 0)
		return unknown_word(cli, word);
	return explain_file(cli, word);
}

int verb_explain(struct cli *cli, int argc, char **argv)
{
	const char *words = cli_value(cli, "search");
	cli->log = cli_flag(cli, "log") ? CLI_LOG_WHOLE : CLI_LOG_NONE;
	bool lists = words || cli_flag(cli, "list");
	if (lists && argc)
		return cli_usage(cli, "--list and --search take no operand: '%s'", argv[0]);
	if (lists)
		return look_up_words(cli, words);
	if (cli_value(cli, "op") && (!argc || lade_errno_parse(argv[0]) < 0))
		return cli_usage(cli, "--op goes with an error number: lade explain --op map_create -7");
	if (!argc && isatty(STDIN_FILENO))
		return cli_usage(cli, "explain needs a file, an error number or the code of a finding");
	return explain_word(cli, argc ? argv[0] : "-");
}
