/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pin that was refused with EPERM, and a path below /sys/fs/bpf with a dot in it: bpffs takes no names with dots, of
 * directories neither. Who reads "Operation not permitted" looks for capabilities, or mounts what is mounted.
 */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/settle/settlers.h"

static const char bpffs[] = "/sys/fs/bpf/";

/* The path behind the mount; length 0: the line has none. */
static struct span path_in(const char *line)
{
	const char *at = line ? strstr(line, bpffs) : NULL;

	if (!at)
		return (struct span){ "", 0 };
	size_t length = strcspn(at, " \t\"'),;");
	/* "…/eth0: operation not permitted", and the end of a sentence */
	while (length && strchr(":.", at[length - 1]))
		length--;
	return (struct span){ at, length };
}

/* What is not "." or "..". */
static bool has_dot(const struct span *path)
{
	const char *at = path->text + strlen(bpffs), *end = path->text + path->length;

	while (path->length > strlen(bpffs) && at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at)), *stop = slash ? slash : end;
		const size_t length = (size_t)(stop - at);
		if (memchr(at, '.', length) && !(length <= 2 && at[0] == '.'))
			return true;
		at = stop + 1;
	}
	return false;
}

void lade_explanation_pin_name(struct lade_explanation *explanation, const char *text, size_t length)
{
	(void)text, (void)length;
	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->errnum != EPERM ||
		    item->finding->confidence == LADE_CERTAIN || strcmp(item->finding->code, "pin.not-bpffs") != 0)
			continue;
		const struct span path = path_in(item->line);
		if (!has_dot(&path))
			continue;
		finding_cause(item->finding,
			      "the name has a dot, and bpffs takes none with one, neither of pins nor of directories "
			      "(EPERM, whoever asks): %.*s",
			      (int)path.length, path.text);
		finding_fix(item->finding, "pin it below a name without dots: _ in place of each (of an interface as "
					   "eth0.100, a version or an ending, too)");
		finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
