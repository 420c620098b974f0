/* SPDX-License-Identifier: BSD-2-Clause */
/* "PATH:SYMBOL[+OFF]", and where PATH is when it has no directory. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int lade_uprobe_split(const char *text, char **ret_path, char **ret_symbol, uint64_t *ret_offset)
{
	/* A path may hold colons, a symbol holds no slash: the last colon counts, unless a slash follows. */
	const char *colon = strrchr(text, ':');
	if (colon && strchr(colon, '/'))
		colon = NULL;
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

char *lade_uprobe_find_file(const char *name)
{
	bool is_library = strstr(name, ".so");
	if (strchr(name, '/'))
		return realpath(name, NULL);
	/* secure_getenv: a set-user-id caller's environment must not choose the file. */
	char *found = find_in(secure_getenv(is_library ? "LD_LIBRARY_PATH" : "PATH"), name, is_library ? R_OK : X_OK);
	if (found)
		return found;
	return is_library ? find_in(MULTIARCH "/usr/lib64:/usr/lib:/lib64:/lib", name, R_OK)
			  : find_in("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", name, X_OK);
}
