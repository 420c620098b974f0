/* SPDX-License-Identifier: BSD-2-Clause */
/* "PATH:SYMBOL[+OFF][,OPTION…]", and where PATH is when it has no directory. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/method.h"

/* "SYMBOL+OFF" in place: cuts the text at the plus sign. */
static int split_offset(char *symbol, uint64_t *ret_offset)
{
	char *plus = strrchr(symbol, '+');
	if (!plus)
		return 0;
	char *end;
	errno = 0;
	unsigned long long offset = strtoull(plus + 1, &end, 0);
	if (plus[1] < '0' || plus[1] > '9' || errno || *end || plus == symbol)
		return -EINVAL;
	*plus = '\0';
	*ret_offset = offset;
	return 0;
}

/*
 * A path may hold colons, and the name of a Go function slashes ("net/http.(*conn).serve"). The last colon counts.
 * Where a slash follows it, it belongs to the path, unless what stands before it is a file and the whole text is none.
 */
static const char *find_colon(const char *text)
{
	const char *colon = strrchr(text, ':');

	if (!colon || !strchr(colon, '/'))
		return colon;
	CLEANUP(cleanup_free) char *path = strndup(text, (size_t)(colon - text));
	bool is_symbol = path && colon[1] != '/' && access(path, F_OK) == 0 && access(text, F_OK) < 0;
	return is_symbol ? colon : NULL;
}

int lade_uprobe_split(const char *text, char **ret_path, char **ret_symbol, uint64_t *ret_offset)
{
	const char *colon = find_colon(text);
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	if (length == 0 || (colon && !colon[1]))
		return -EINVAL;
	CLEANUP(cleanup_free) char *path = strndup(text, length);
	CLEANUP(cleanup_free) char *symbol = colon ? strdup(colon + 1) : NULL;
	if (!path || (colon && !symbol))
		return -ENOMEM;
	uint64_t offset = 0;
	if (symbol && split_offset(symbol, &offset) < 0)
		return -EINVAL;
	*ret_path = TAKE(path);
	*ret_symbol = TAKE(symbol);
	*ret_offset = offset;
	return 0;
}

/* ---- options ---- */

static bool is_number(const char *text, uint64_t max)
{
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !errno && !*end && value <= max;
}

static bool is_probe(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon && colon != text && colon[1] && !strchr(colon + 1, ':');
}

static bool is_option(const char *text)
{
	if (strncmp(text, "pid=", 4) == 0)
		return is_number(text + 4, INT_MAX) && strtoull(text + 4, NULL, 0) > 0;
	if (strncmp(text, "ref_ctr=", 8) == 0)
		return is_number(text + 8, INT64_MAX);
	if (strncmp(text, "cookie=", 7) == 0)
		return is_number(text + 7, UINT64_MAX);
	return strncmp(text, "usdt=", 5) == 0 && is_probe(text + 5);
}

static bool has_option(const struct attach_target *target, const char *option)
{
	array_foreach(known, &target->options)
		if (strncmp(*known, option, strcspn(option, "=") + 1) == 0)
			return true;
	return false;
}

/* From the end, because names of Go functions hold commas too ("main.pair[int,string]"). */
int lade_uprobe_parse(const char *text, struct attach_target *target)
{
	CLEANUP(cleanup_free) char *copy = strdup(text);
	char *comma;

	if (!copy)
		return -ENOMEM;
	while ((comma = strrchr(copy, ',')) && is_option(comma + 1)) {
		if (has_option(target, comma + 1))
			return -EINVAL;
		if (lade_strings_add(&target->options, comma + 1) < 0)
			return -ENOMEM;
		if (strncmp(comma + 1, "pid=", 4) == 0)
			target->pid = (pid_t)strtoul(comma + 5, NULL, 0);
		*comma = '\0';
	}
	return lade_uprobe_split(copy, &target->name, &target->symbol, &target->offset);
}

/* ---- files ---- */

/* Tries every directory of a colon-separated list. */
static char *find_in(const char *directories, const char *name, int mode)
{
	CLEANUP(cleanup_free) char *copy = directories ? strdup(directories) : NULL;
	char *rest = copy;
	for (char *directory; rest && (directory = strsep(&rest, ":"));) {
		char path[PATH_MAX];
		if (*directory != '/' || (size_t)snprintf(path, sizeof path, "%s/%s", directory, name) >= sizeof path)
			continue;
		if (access(path, mode) == 0)
			return strdup(path);
	}
	return NULL;
}

#if defined(__x86_64__)
#define MULTIARCH "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:"
#elif defined(__aarch64__)
#define MULTIARCH "/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu:"
#else
#define MULTIARCH ""
#endif

/*
 * /proc/PID/root leads into the mounts of another process, where its text ("/") means another place than here: such a
 * path stays as it is.
 */
static char *resolve(const char *path)
{
	struct stat given, found;
	CLEANUP(cleanup_free) char *resolved = realpath(path, NULL);

	if (stat(path, &given) < 0)
		return NULL;
	bool is_same =
		resolved && stat(resolved, &found) == 0 && found.st_dev == given.st_dev && found.st_ino == given.st_ino;
	return is_same ? TAKE(resolved) : *path == '/' ? strdup(path) : NULL;
}

char *lade_uprobe_find_file(const char *name)
{
	bool is_library = strstr(name, ".so");
	if (strchr(name, '/'))
		return resolve(name);
	/* secure_getenv: a set-user-id caller's environment must not choose the file. */
	char *found = find_in(secure_getenv(is_library ? "LD_LIBRARY_PATH" : "PATH"), name, is_library ? R_OK : X_OK);
	if (found)
		return found;
	return is_library ? find_in(MULTIARCH "/usr/lib64:/usr/lib:/lib64:/lib", name, R_OK)
			  : find_in("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", name, X_OK);
}
