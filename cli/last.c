/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lade explain --last: a verb that fails leaves its findings in one small file that only its user can read. Root's lies
 * in the cache directory, a user's in $XDG_STATE_HOME/lade or ~/.local/state/lade; LADE_CACHE moves both or, with
 * "off", forbids it.
 */
#include "last.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME       "last-failure.json"
#define ROOT_CACHE "/var/cache/lade"
#define FILE_MAX   (8UL << 20)
#define LOG_MAX    (256U << 10) /* of one finding's log: the end is what matters */
#define MANY       100          /* findings */

/* ---- the directory ---- */

static bool is_trusted(int fd, mode_t format)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == format &&
	       !(status.st_mode & (S_IWGRP | S_IWOTH)) && (status.st_uid == geteuid() || status.st_uid == 0);
}

static int open_trusted(const char *path, bool create, mode_t mode)
{
	int fd;

	if (create)
		(void)mkdir(path, mode);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && is_trusted(fd, S_IFDIR))
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* ~/.local/state/lade, made as far as it is missing. */
static int open_home(const char *home, bool create)
{
	static const char *const parts[] = { "/.local", "/.local/state", "/.local/state/lade" };
	char path[PATH_MAX];
	int fd = -1;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (snprintf(path, sizeof path, "%s%s", home, parts[i]) >= (int)sizeof path)
			return -1;
		if (fd >= 0)
			(void)close(fd);
		fd = open_trusted(path, create, 0700);
		if (fd < 0)
			return -1;
	}
	return fd;
}

/* -1: nothing is kept here. */
static int open_directory(bool create)
{
	const char *cache = secure_getenv("LADE_CACHE");
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");
	char path[PATH_MAX];

	if (cache)
		return *cache && strcmp(cache, "off") != 0 ? open_trusted(cache, create, 0755) : -1;
	if (geteuid() == 0) /* whoever's HOME it is: sudo keeps it */
		return open_trusted(ROOT_CACHE, create, 0755);
	if (state && *state == '/') {
		if (snprintf(path, sizeof path, "%s/lade", state) >= (int)sizeof path)
			return -1;
		return open_trusted(path, create, 0700);
	}
	return home && *home == '/' ? open_home(home, create) : -1;
}

/* ---- keeping ---- */

/* The end of a log that is too long. */
static void shorten(struct json_object *finding)
{
	struct json_object *log;
	const char *text, *end;

	if (!json_object_object_get_ex(finding, "log", &log))
		return;
	text = json_object_get_string(log);
	if (!text || strlen(text) <= LOG_MAX)
		return;
	end = strchr(text + strlen(text) - LOG_MAX, '\n');
	/* The old value goes when the new one takes its place. */
	(void)json_object_object_add(finding, "log", json_object_new_string(end ? end + 1 : ""));
}

static struct json_object *document_of(const struct cli *cli, struct json_object *findings, int exit_code)
{
	struct json_object *document = cli_json_document(false), *arguments, *kept;
	char when[32] = "";
	time_t now = time(NULL);
	struct tm utc;

	if (!document)
		return NULL;
	if (gmtime_r(&now, &utc))
		(void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
	cli_json_string(document, "version", lade_version());
	cli_json_string(document, "verb", cli->verb->name);
	arguments = cli_json_array(document, "arguments");
	for (int i = 0; i < cli->word_count; i++)
		(void)json_object_array_add(arguments, json_object_new_string(cli->words[i]));
	cli_json_string(document, "time", when);
	cli_json_number(document, "exit", exit_code);
	kept = cli_json_array(document, "findings");
	for (size_t i = 0; i < json_object_array_length(findings) && i < MANY; i++) {
		struct json_object *finding = json_object_array_get_idx(findings, i);
		shorten(finding);
		(void)json_object_array_add(kept, json_object_get(finding));
	}
	return document;
}

static bool write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text += written;
		length -= (size_t)written;
	}
	return true;
}

/* Beside it first: what reads it never sees half of it. */
static void replace_file(int directory, const char *text, size_t length)
{
	char name[64];
	bool is_whole;
	int fd;

	(void)snprintf(name, sizeof name, "." NAME ".%d", (int)getpid());
	(void)unlinkat(directory, name, 0); /* of a process of that number that was killed */
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	is_whole = write_all(fd, text, length);
	is_whole &= close(fd) == 0;
	if (!is_whole || renameat(directory, name, directory, NAME) < 0)
		(void)unlinkat(directory, name, 0);
}

/* A boot has its own report, and happens before /var is what it will be. */
static bool keeps(const struct cli *cli)
{
	static const char *const others[] = { "explain", "boot", "hold", "wait", "help", "completion", "version" };

	for (size_t i = 0; cli->verb && i < sizeof others / sizeof *others; i++)
		if (strcmp(cli->verb->name, others[i]) == 0)
			return false;
	return cli->verb != NULL;
}

void cli_last_keep(const struct cli *cli, struct json_object *findings, int exit_code)
{
	int directory = keeps(cli) && findings && json_object_array_length(findings) ? open_directory(true) : -1;
	struct json_object *document = directory >= 0 ? document_of(cli, findings, exit_code) : NULL;
	const char *text = document ? json_object_to_json_string_ext(document, JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;

	if (text && strlen(text) <= FILE_MAX)
		replace_file(directory, text, strlen(text));
	json_object_put(document);
	json_object_put(findings);
	if (directory >= 0)
		(void)close(directory);
}

/* ---- showing ---- */

static char *read_file(int fd, size_t *ret_length)
{
	struct stat status;
	char *text;
	ssize_t got;
	size_t length = 0;

	if (!is_trusted(fd, S_IFREG) || fstat(fd, &status) < 0 || status.st_size <= 0 ||
	    (size_t)status.st_size > FILE_MAX)
		return NULL;
	text = malloc((size_t)status.st_size + 1);
	while (text && length < (size_t)status.st_size) {
		got = read(fd, text + length, (size_t)status.st_size - length);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (text)
		text[length] = '\0';
	*ret_length = length;
	return text;
}

static struct json_object *read_last(void)
{
	int directory = open_directory(false);
	int fd = directory >= 0 ? openat(directory, NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
	size_t length = 0;
	char *text = fd >= 0 ? read_file(fd, &length) : NULL;
	struct json_object *document = text ? json_tokener_parse(text) : NULL;

	free(text);
	if (fd >= 0)
		(void)close(fd);
	if (directory >= 0)
		(void)close(directory);
	if (document && !json_object_is_type(document, json_type_object)) {
		json_object_put(document);
		return NULL;
	}
	return document;
}

static const char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : NULL;
}

static int64_t get_number(struct json_object *object, const char *key, int64_t otherwise)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_int)
		       ? json_object_get_int64(value)
		       : otherwise;
}

/* Length of an array below the key; 0: there is none. */
static size_t get_array(struct json_object *object, const char *key, struct json_object **ret_array)
{
	return json_object_object_get_ex(object, key, ret_array) && json_object_is_type(*ret_array, json_type_array)
		       ? json_object_array_length(*ret_array)
		       : 0;
}

static enum lade_severity severity_of(const char *word)
{
	for (int i = LADE_NOTE; word && i <= LADE_ERROR; i++)
		if (strcmp(lade_severity_name((enum lade_severity)i), word) == 0)
			return (enum lade_severity)i;
	return LADE_ERROR;
}

static enum lade_confidence confidence_of(const char *word)
{
	for (int i = LADE_CERTAIN; word && i <= LADE_POSSIBLE; i++)
		if (strcmp(lade_confidence_name((enum lade_confidence)i), word) == 0)
			return (enum lade_confidence)i;
	return LADE_CERTAIN;
}

static void take_source(struct json_object *finding, struct lade_finding_info *info)
{
	struct json_object *source;

	if (!json_object_object_get_ex(finding, "source", &source) || !json_object_is_type(source, json_type_object))
		return;
	info->source_file = get_text(source, "file");
	info->source_line = (uint32_t)get_number(source, "line", 0);
	info->source_text = get_text(source, "text");
}

static void show_finding(const struct cli *cli, struct json_object *finding)
{
	struct json_object *evidence = NULL;
	size_t count = get_array(finding, "evidence", &evidence);
	const char **lines = calloc(count + 1, sizeof *lines);
	const char *code = get_text(finding, "code");
	struct lade_finding_info info = {
		.size = sizeof info,
		.code = code ? code : "unknown",
		.severity = severity_of(get_text(finding, "severity")),
		.confidence = confidence_of(get_text(finding, "confidence")),
		.object = get_text(finding, "object"),
		.map = get_text(finding, "map"),
		.program = get_text(finding, "program"),
		.instruction = get_number(finding, "instruction", -1),
		.message = get_text(finding, "message"),
		.cause = get_text(finding, "cause"),
		.evidence = lines,
		.fix = get_text(finding, "fix"),
		.see = get_text(finding, "see"),
		.log = get_text(finding, "log"),
		.since = get_text(finding, "since"),
		.until = get_text(finding, "until"),
	};

	take_source(finding, &info);
	for (size_t i = 0; lines && i < count; i++) {
		struct json_object *line = json_object_array_get_idx(evidence, i);
		if (json_object_is_type(line, json_type_string))
			lines[info.evidence_count++] = json_object_get_string(line);
	}
	cli_print_finding_info(cli, stdout, &info);
	free(lines);
}

/* "lade load a.o: 2026-11-22T00:12:13Z, exit code 4" */
static void show_head(struct json_object *document)
{
	struct json_object *arguments = NULL;
	size_t count = get_array(document, "arguments", &arguments);
	const char *when = get_text(document, "time");

	(void)fputs("lade", stdout);
	for (size_t i = 0; i < count; i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(arguments, i));
		(void)putchar(' ');
		cli_put_safe(stdout, word ? word : "");
	}
	(void)printf(": %s, exit code %d\n", when ? when : "at an unknown time",
		     (int)get_number(document, "exit", EXIT_ENVIRONMENT));
}

static int show_json(const struct cli *cli, struct json_object *document)
{
	struct json_object *failure = json_object_new_object();

	if (!failure)
		return cli_fail_memory(cli);
	json_object_object_foreach(document, key, value) if (strcmp(key, "ok") != 0)(void)
		json_object_object_add(failure, key, json_object_get(value));
	cli_json_bool(failure, "ok", true);
	return cli_json_print(cli, failure);
}

static int nothing_kept(const struct cli *cli)
{
	const char *cache = secure_getenv("LADE_CACHE");

	if (cache && (!*cache || strcmp(cache, "off") == 0))
		return cli_usage(cli, "no failure is kept: LADE_CACHE is off");
	if (geteuid() != 0 && access(ROOT_CACHE "/" NAME, F_OK) == 0)
		return cli_usage(cli, "no failure of yours is kept; root's last one: sudo lade explain --last");
	return cli_usage(cli, "no failure is kept; of a boot: lade boot --status");
}

static bool add_log(FILE *into, struct json_object *finding)
{
	const char *log = get_text(finding, "log"), *program = get_text(finding, "program");

	if (!log || !*log)
		return false;
	(void)fprintf(into, "libbpf: prog '%s': -- BEGIN PROG LOAD LOG --\n%s%s-- END PROG LOAD LOG --\n",
		      program ? program : "?", log, log[strlen(log) - 1] == '\n' ? "" : "\n");
	return true;
}

char *cli_last_logs(void)
{
	struct json_object *document = read_last(), *findings = NULL;
	size_t count = document ? get_array(document, "findings", &findings) : 0, length = 0;
	bool has_any = false;
	char *text = NULL;
	FILE *into = count ? open_memstream(&text, &length) : NULL;

	for (size_t i = 0; into && i < count; i++)
		has_any |= add_log(into, json_object_array_get_idx(findings, i));
	if (into)
		has_any &= fclose(into) == 0;
	json_object_put(document);
	if (has_any)
		return text;
	free(text);
	return NULL;
}

int cli_last_show(const struct cli *cli)
{
	struct json_object *document = read_last(), *findings = NULL;
	size_t count = document ? get_array(document, "findings", &findings) : 0;
	int code = EXIT_OK;

	if (!count)
		code = nothing_kept(cli);
	else if (cli->json)
		code = show_json(cli, document);
	else
		show_head(document);
	for (size_t i = 0; i < count && !cli->json; i++)
		show_finding(cli, json_object_array_get_idx(findings, i));
	json_object_put(document);
	return code;
}
