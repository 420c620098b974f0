/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc says of one process. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"

#define FIRST_USER_NAMESPACE "user:[4026531837]" /* PROC_USER_INIT_INO */

const char *lade_doctor_status(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, name, length) == 0 && text[length] == ':')
			return text + length + 1 + strspn(text + length + 1, " \t");
		if (!*text)
			break;
	}
	return NULL;
}

bool lade_doctor_status_number(const char *text, const char *name, int base, uint64_t *ret_number)
{
	const char *value = lade_doctor_status(text, name);
	char *end = NULL;

	if (!value)
		return false;
	errno = 0;
	uint64_t number = strtoull(value, &end, base);
	if (end == value || errno)
		return false;
	*ret_number = number;
	return true;
}

/* The first one maps all of 0…4294967294 to itself; another can do the same, so that the link is asked first. */
static int by_map(const struct lade_doctor *doctor, const char *process)
{
	char shown[NAME_MAX + 32];
	unsigned long long inside, outside, length;

	(void)snprintf(shown, sizeof shown, "/proc/%s/uid_map", process);
	CLEANUP(cleanup_free) char *text = lade_doctor_read_path(doctor, shown);
	if (!text)
		return -1;
	/* NOLINTNEXTLINE(cert-err34-c): what is too large is no such map */
	if (sscanf(text, "%llu %llu %llu", &inside, &outside, &length) != 3)
		return 1; /* empty: nobody has written it yet */
	return inside != 0 || outside != 0 || length != UINT32_MAX;
}

int lade_doctor_user_namespace(const struct lade_doctor *doctor, const char *process)
{
	char shown[NAME_MAX + 32], path[PATH_MAX], target[64];

	(void)snprintf(shown, sizeof shown, "/proc/%s/ns/user", process);
	if (lade_doctor_path(doctor, shown, path, sizeof path) < 0)
		return -1;
	ssize_t length = readlink(path, target, sizeof target - 1);
	if (length <= 0)
		return by_map(doctor, process);
	target[length] = '\0';
	return strcmp(target, FIRST_USER_NAMESPACE) != 0;
}
