/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/mountinfo: "36 35 98:0 /root /path options [tag]… - type device options". */
#include <string.h>

#include "doctor/doctor.h"

enum { FIELD_PATH = 4, FIELD_OPTIONS = 5, FIELDS_MAX = 32 };

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' && text[2] >= '0' && text[2] <= '7';
}

/* "\040" is a blank. */
static char *unescape(const char *text)
{
	char *copy = strdup(text), *to = copy;

	for (; copy && *text; to++) {
		if (*text == '\\' && is_octal(text + 1)) {
			*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to = *text++;
		}
	}
	if (copy)
		*to = '\0';
	return copy;
}

static bool is_read_only(const char *options)
{
	return strncmp(options, "ro", 2) == 0 && (options[2] == ',' || !options[2]);
}

static int take_line(char *line, struct doctor_mounts *mounts)
{
	char *fields[FIELDS_MAX], *rest = line, *field;
	size_t count = 0, dash = 0;

	while (count < FIELDS_MAX && (field = strsep(&rest, " "))) {
		if (!dash && count > FIELD_OPTIONS && strcmp(field, "-") == 0)
			dash = count;
		fields[count++] = field;
	}
	if (!dash || dash + 3 >= count)
		return 0;
	struct doctor_mount *mount = array_push(mounts);
	if (!mount)
		return -ENOMEM;
	mount->path = unescape(fields[FIELD_PATH]);
	mount->type = strdup(fields[dash + 1]);
	mount->options = strdup(fields[dash + 3]);
	mount->read_only = is_read_only(fields[FIELD_OPTIONS]) || is_read_only(fields[dash + 3]);
	return mount->path && mount->type && mount->options ? 0 : -ENOMEM;
}

int lade_doctor_mounts_parse(const char *text, struct doctor_mounts *mounts)
{
	CLEANUP(cleanup_free) char *copy = strdup(text);
	char *rest = copy, *line;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n")))
		if (take_line(line, mounts) < 0)
			return -ENOMEM;
	return 0;
}

void lade_doctor_mounts_clear(struct doctor_mounts *mounts)
{
	array_foreach(mount, mounts) {
		free(mount->path);
		free(mount->type);
		free(mount->options);
	}
	array_clear(mounts);
}

const struct doctor_mount *lade_doctor_mount_at(const struct doctor_mounts *mounts, const char *path)
{
	const struct doctor_mount *last = NULL;

	array_foreach(mount, mounts)
		if (mount->path && strcmp(mount->path, path) == 0)
			last = mount;
	return last;
}
