/* SPDX-License-Identifier: BSD-2-Clause */
/* Who can load programs now: processes with CAP_BPF or CAP_SYS_ADMIN in the first user namespace, by name. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>

#include "doctor/doctor.h"

#define SECTION "loaders"

struct loader {
	char name[64];
	size_t count;
};
struct loaders {
	ARRAY_OF(struct loader) items;
	size_t processes, unseen; /* unseen: their status could not be read */
};

static void count_name(struct lade_doctor *doctor, struct loaders *loaders, const char *name)
{
	size_t length = strcspn(name, "\n");

	array_foreach(loader, &loaders->items) {
		if (strlen(loader->name) == length && memcmp(loader->name, name, length) == 0) {
			loader->count++;
			return;
		}
	}
	struct loader *loader = array_push(&loaders->items);
	if (!loader) {
		doctor->failed = true;
		return;
	}
	(void)snprintf(loader->name, sizeof loader->name, "%.*s", (int)(length < 63 ? length : 63), name);
	loader->count = 1;
}

static bool is_number(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length && length < 11 && !text[length];
}

/* A thread of the kernel has every capability and no memory of its own. */
static void look_at(struct lade_doctor *doctor, const char *process, struct loaders *loaders)
{
	char shown[NAME_MAX + 32];
	uint64_t effective, memory;

	(void)snprintf(shown, sizeof shown, "/proc/%s/status", process);
	CLEANUP(cleanup_free) char *status = lade_doctor_read_path(doctor, shown);
	const char *name = status ? lade_doctor_status(status, "Name") : NULL;
	if (!name || !lade_doctor_status_number(status, "CapEff", 16, &effective)) {
		loaders->unseen += !status && errno != ENOENT && errno != ESRCH;
		return;
	}
	if (!lade_doctor_status_number(status, "VmSize", 10, &memory))
		return;
	if (!lade_doctor_may(effective, CAPABILITY_BPF) && !lade_doctor_may(effective, CAPABILITY_SYS_ADMIN))
		return;
	if (lade_doctor_user_namespace(doctor, process) > 0)
		return;
	loaders->processes++;
	count_name(doctor, loaders, name);
}

static int by_count(const void *left, const void *right)
{
	const struct loader *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void put_names(struct lade_doctor *doctor, struct loaders *loaders)
{
	if (loaders->items.count)
		qsort(loaders->items.items, loaders->items.count, sizeof *loaders->items.items, by_count);
	array_foreach(loader, &loaders->items)
		lade_doctor_put(doctor, SECTION, loader->name, LADE_FACT_GIVEN, "/proc/*/status", "%zu", loader->count);
}

void lade_doctor_loaders(struct lade_doctor *doctor)
{
	char path[PATH_MAX];
	struct loaders loaders = { 0 };
	const struct dirent *entry;

	DIR *directory = lade_doctor_path(doctor, "/proc", path, sizeof path) == 0 ? opendir(path) : NULL;
	if (!directory || doctor->lacks_proc) {
		if (directory)
			(void)closedir(directory);
		lade_doctor_put(doctor, SECTION, "processes", LADE_FACT_UNKNOWN, "/proc", "not known");
		return;
	}
	while ((entry = readdir(directory)))
		if (is_number(entry->d_name))
			look_at(doctor, entry->d_name, &loaders);
	(void)closedir(directory);
	struct doctor_fact *fact = lade_doctor_put(doctor, SECTION, "processes", LADE_FACT_GIVEN, "/proc/*/status",
						   "%zu", loaders.processes);
	if (loaders.unseen)
		lade_doctor_detail(doctor, fact, "%zu others cannot be looked at", loaders.unseen);
	put_names(doctor, &loaders);
	array_clear(&loaders.items);
}
