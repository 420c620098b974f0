/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "txn/internal.h"

enum { SAFE_NAME_BYTES = 200 }; /* leaves room for ~run-<pid>-<hex> in a file name of 255 */

char *lade_safe_name(const char *name)
{
	char *safe = strndup(name, SAFE_NAME_BYTES);
	for (char *byte = safe; byte && *byte; byte++)
		if (!isascii(*byte) || (!isalnum((unsigned char)*byte) && *byte != '-' && *byte != '_'))
			*byte = '_';
	if (safe && !*safe) {
		free(safe);
		return strdup("_");
	}
	return safe;
}

char *lade_path(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *path = lade_vformat(format, arguments);
	va_end(arguments);
	return path;
}

bool lade_path_is_clean(const char *path)
{
	if (*path != '/')
		return false;
	while (*path == '/') {
		size_t length = strcspn(++path, "/");
		if (length == 0 || (length == 1 && path[0] == '.') || (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += length;
	}
	return true;
}

bool lade_path_is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);
	return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

const char *lade_path_leaf(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

char *lade_path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash > path ? strndup(path, (size_t)(slash - path)) : strdup("/");
}

bool lade_path_exists(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

int lade_path_resolve(const struct lade_context *context, const char *path, char **ret_path)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	if (length == 0)
		return -EINVAL;
	char *resolved =
		path[0] == '/' ? strndup(path, length) : lade_path("%s/%.*s", context->bpffs, (int)length, path);
	if (!resolved)
		return -ENOMEM;
	if (!lade_path_is_clean(resolved)) {
		free(resolved);
		return -EINVAL;
	}
	*ret_path = resolved;
	return 0;
}

bool lade_txn_id_parse(const char *leaf, struct txn_id *ret_id)
{
	const char *tilde = strrchr(leaf, '~');
	if (!tilde || tilde == leaf)
		return false;
	struct txn_id id = { .leaf_length = (size_t)(tilde - leaf) };
	const char *text = tilde + 1;
	id.run = strncmp(text, "run-", strlen("run-")) == 0;
	text += id.run ? strlen("run-") : 0;
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 10 || text[digits] != '-')
		return false;
	id.pid = strtol(text, NULL, 10);
	text += digits + 1;
	size_t hex = strspn(text, "0123456789abcdef");
	if (hex == 0 || hex > 16 || text[hex])
		return false;
	*ret_id = id;
	return true;
}

char *lade_txn_id_path(const char *parent, const char *leaf, bool run)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	/* The thread's stack keeps two threads apart that ask in the same nanosecond. */
	uint64_t unique = ((uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec) ^ ((uintptr_t)&now << 24);
	return lade_path("%s/%s~%s%d-%llx", parent, leaf, run ? "run-" : "", (int)getpid(),
			 (unsigned long long)(unique & 0xffffffffffffULL));
}
