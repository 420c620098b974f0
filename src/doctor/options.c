/* SPDX-License-Identifier: BSD-2-Clause */
/* Every option that the kernel's configuration sets, for a report that describes the kernel to others. */
#include <zlib.h>

#include "base/info.h"
#include "doctor/doctor.h"

#define LINE_BYTES   4096
#define OPTIONS_MOST 65536 /* a distribution's configuration sets 10000 */

static bool keep(struct lade_doctor *doctor, const char *line)
{
	const char *value = strchr(line, '=');
	struct doctor_option *option = value ? array_push(&doctor->options) : NULL;

	if (!value)
		return true;
	if (!option)
		return false;
	option->name = strndup(line, (size_t)(value - line));
	option->value = strdup(value + 1);
	return option->name && option->value;
}

static bool is_whole(const char *line, size_t length)
{
	return length && line[length - 1] == '\n';
}

/* Lines that are too long hold nothing that anybody asks for. */
static bool read_lines(struct lade_doctor *doctor, gzFile stream)
{
	char line[LINE_BYTES];
	bool starts = true;

	while (gzgets(stream, line, sizeof line) && doctor->options.count < OPTIONS_MOST) {
		size_t length = strlen(line);
		bool whole = is_whole(line, length) || gzeof(stream);
		bool wanted = starts && whole && strncmp(line, "CONFIG_", strlen("CONFIG_")) == 0;
		starts = whole;
		line[strcspn(line, "\r\n")] = '\0';
		if (wanted && !keep(doctor, line))
			return false;
	}
	return true;
}

void lade_doctor_options(struct lade_doctor *doctor)
{
	const char *path = doctor->config ? doctor->config->path : NULL;
	gzFile stream = path ? gzopen(path, "re") : NULL; /* plain text is taken as it is */

	if (!stream)
		return;
	doctor->failed |= !read_lines(doctor, stream);
	(void)gzclose(stream);
}

void lade_doctor_options_clear(struct lade_doctor *doctor)
{
	array_foreach(option, &doctor->options) {
		free(option->name);
		free(option->value);
	}
	array_clear(&doctor->options);
}

size_t lade_doctor_option_count(const struct lade_doctor *doctor)
{
	return doctor ? doctor->options.count : 0;
}

int lade_doctor_option(const struct lade_doctor *doctor, size_t index, struct lade_option_info *info)
{
	if (index >= lade_doctor_option_count(doctor))
		return -ERANGE;
	const struct doctor_option *option = &doctor->options.items[index];
	const struct lade_option_info full = { .name = option->name, .value = option->value };
	return info_fill(info, &full, sizeof full);
}
