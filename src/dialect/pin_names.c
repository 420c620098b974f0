/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that gives numbers of pinning their directories: "<number> <directory>", comments with #. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dialect/iproute2.h"

#define OWN_FILE      "/etc/iproute2/bpf_pinning"
#define LAST_RESERVED 2 /* none, object, global */

static int cleanup_close(FILE *file)
{
	return file ? fclose(file) : 0;
}

static void cleanup_file(FILE **file)
{
	(void)cleanup_close(*file);
}

static const char *skip_blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* Cuts the directory out of the line; slashes at its ends mean nothing. NULL: the line has another form. */
static char *parse_line(char *line, uint32_t *ret_pinning)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(line, &end, 0);
	if (end == line || errno || number > UINT32_MAX || !isspace((unsigned char)*end))
		return NULL;
	char *directory = (char *)(uintptr_t)skip_blanks(end);
	size_t length = strcspn(directory, " \t\r\n");
	const char *rest = skip_blanks(directory + length);
	if (*rest && *rest != '#')
		return NULL;
	directory[length] = '\0';
	while (*directory == '/')
		directory++;
	for (length = strlen(directory); length && directory[length - 1] == '/'; length--)
		directory[length - 1] = '\0';
	if (!*directory || *directory == '#')
		return NULL;
	*ret_pinning = (uint32_t)number;
	return directory;
}

static int add(struct pin_names *names, uint32_t pinning, const char *directory)
{
	struct pin_name *name = array_push(names);
	if (!name)
		return -ENOMEM;
	*name = (struct pin_name){ pinning, strdup(directory) };
	return name->directory ? 0 : -ENOMEM;
}

static void note_line(struct lade_object *object, const char *file, unsigned number, const char *why)
{
	(void)lade_note_add(&object->notes, "dialect.iproute2.pin-names-line", "%s:%u: %s", file, number, why);
}

/* 1: nothing after this line is read. */
static int read_line(struct lade_object *object, const char *file, unsigned number, char *line, struct pin_names *names)
{
	uint32_t pinning;
	const char *text = skip_blanks(line);
	if (!*text || *text == '#')
		return 0;
	const char *directory = parse_line(line, &pinning);
	if (!directory) {
		note_line(object, file, number, "not of the form NUMBER DIRECTORY; nothing from here on is used");
		return 1;
	}
	if (pinning <= LAST_RESERVED) {
		note_line(object, file, number, "0, 1 and 2 have their meaning already; the line is not used");
		return 0;
	}
	return add(names, pinning, directory);
}

static int read_lines(struct lade_object *object, const char *file, FILE *stream, struct pin_names *names)
{
	char *line CLEANUP(cleanup_free) = NULL;
	size_t capacity = 0;
	int result = 0;
	for (unsigned number = 1; result == 0 && getline(&line, &capacity, stream) >= 0; number++)
		result = read_line(object, file, number, line, names);
	return result;
}

static int fail_open(const struct lade_object *object, const char *file, int errnum, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, errnum, "dialect.iproute2.pin-names", "%s: %s cannot be read: %s", object->file,
			       file, strerrordesc_np(errnum));
	finding_evidence(finding, "--pin-names %s", file);
	return -errnum;
}

int lade_pin_names_read(struct lade_object *object, const char *file, struct pin_names *ret_names,
			struct lade_error **error)
{
	struct pin_names names = { 0 };
	FILE *stream CLEANUP(cleanup_file) = fopen(file ? file : OWN_FILE, "re");
	if (!stream && file)
		return fail_open(object, file, errno, error);
	int result = stream ? read_lines(object, file ? file : OWN_FILE, stream, &names) : 0;
	if (result >= 0 && stream && ferror(stream) && file)
		result = fail_open(object, file, errno ? errno : EIO, error);
	else if (result < 0)
		result = lade_fail_memory(error);
	if (result < 0) {
		lade_pin_names_clear(&names);
		return result;
	}
	*ret_names = names;
	return 0;
}

const char *lade_pin_names_find(const struct pin_names *names, uint32_t pinning)
{
	for (size_t i = names->count; i > 0; i--)
		if (names->items[i - 1].pinning == pinning)
			return names->items[i - 1].directory;
	return NULL;
}

void lade_pin_names_clear(struct pin_names *names)
{
	array_foreach(name, names)
		free(name->directory);
	array_clear(names);
}
