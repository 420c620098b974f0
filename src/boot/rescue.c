/* SPDX-License-Identifier: BSD-2-Clause */
/* lade.boot=… on the kernel's command line: a machine that boots although an object would not let it. */
#include <lade/ready.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

#define COMMAND_LINE_MAX ((size_t)64 << 10)
#define KEY              "lade.boot="

static char *read_command_line(const char *file)
{
	CLEANUP(cleanup_fd) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = fd >= 0 ? malloc(COMMAND_LINE_MAX + 1) : NULL;
	ssize_t length = text ? lade_read_whole(fd, text, COMMAND_LINE_MAX) : 0;
	if (text)
		text[length < 0 ? 0 : length] = '\0';
	return text;
}

/* The word at *at, without its quotes, which protect white space; NULL: there is none left. Changes the text. */
static char *next_word(char **at)
{
	char *from = *at + strspn(*at, " \t\n"), *to = from, *word = from;
	bool quoted = false;
	if (!*from)
		return NULL;
	for (; *from && (quoted || !strchr(" \t\n", *from)); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*at = from + (*from != '\0');
	*to = '\0';
	return word;
}

static const struct {
	const char *word;
	enum lade_rescue rescue;
	const char *code, *message;
} requests[] = {
	{ "off", LADE_RESCUE_OFF, "rescue.off", "nothing is loaded in this boot of the machine" },
	{ "critical-only", LADE_RESCUE_CRITICAL_ONLY, "rescue.critical-only",
	  "only critical objects are loaded in this boot of the machine" },
};

static enum lade_rescue judge(const char *word, struct lade_error **ret_notes)
{
	for (size_t i = 0; i < ELEMENTS(requests); i++) {
		if (strcmp(word, requests[i].word) != 0)
			continue;
		(void)lade_error_add(ret_notes, ECANCELED, requests[i].code, "%s", requests[i].message);
		return requests[i].rescue;
	}
	(void)lade_error_add(ret_notes, EINVAL, "rescue.unknown", "the kernel's command line has %s%.64s", KEY, word);
	return LADE_RESCUE_NONE;
}

LADE_API enum lade_rescue lade_rescue_read(const char *file, struct lade_error **ret_notes)
{
	CLEANUP(cleanup_free) char *text = read_command_line(file ? file : "/proc/cmdline");
	const char *last = NULL;
	char *at = text;
	for (char *word = at ? next_word(&at) : NULL; word; word = next_word(&at))
		if (strncmp(word, KEY, strlen(KEY)) == 0)
			last = word + strlen(KEY);
	return last ? judge(last, ret_notes) : LADE_RESCUE_NONE;
}
