/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write(5, "p:kprobes/p_do_x_bcc_1 do_x", …): what is written to kprobe_events names the function. bcc's trace takes
 * any bare word for one of the kernel's, the path of a program as well.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define NAME_BYTES 128

/* Behind the event's name: up to the end of the string. */
static bool take_function(const char *line, char name[NAME_BYTES])
{
	static const char *const begins[] = { "\"p:kprobes/", "\"r:kprobes/" };

	for (size_t i = 0; line && i < ELEMENTS(begins); i++) {
		const char *at = strstr(line, begins[i]);
		const char *blank = at ? strpbrk(at + 1, " \"") : NULL;
		if (!blank || *blank != ' ')
			continue;
		(void)snprintf(name, NAME_BYTES, "%.*s", (int)strcspn(blank + 1, " \\\""), blank + 1);
		return *name;
	}
	return false;
}

static void blame_path(struct explained *item, const char *path)
{
	lade_drop_others(&item->finding->evidence, NULL);
	finding_cause(item->finding,
		      "what is to be probed, %s, is the path of a file: it was taken for the name of a function of the "
		      "kernel's, and the kernel takes no such name (kprobe_events)",
		      path);
	finding_fix(item->finding,
		    "name a function: one of the program's is '%s:FUNCTION' (bcc's trace 'p:%s:FUNCTION'), one of the "
		    "kernel's just its name; a process that runs is -p PID, and programs are started by the tools "
		    "that have -c COMMAND",
		    path, path);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static bool is_refused(const struct explained *item)
{
	return item->finding && item->finding->confidence != LADE_CERTAIN && !item->is_settled &&
	       (strcmp(item->finding->code, "attach.function.untraceable") == 0 ||
		strcmp(item->finding->code, "attach.function.missing") == 0);
}

void lade_explanation_written_probe(struct lade_explanation *explanation, const char *text, size_t length)
{
	(void)text;
	(void)length;
	array_foreach(item, &explanation->items) {
		char name[NAME_BYTES];
		if (is_refused(item) && take_function(item->line, name) && strchr(name, '/'))
			blame_path(item, name);
	}
}
