/* SPDX-License-Identifier: BSD-2-Clause */
/* ENOMEM: since 5.11 maps and programs are charged to the cgroup; how much room do it and those above it have? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "diagnose/gate_facts.h"
#include "kernel/cgroups.h"

enum { PATH_BYTES = 512, MOST_LEVELS = 6 };

#define NO_LIMIT (UINT64_C(1) << 60) /* cgroup v1 says LONG_MAX less a page where there is none */

struct room {
	char path[PATH_BYTES];
	uint64_t limit, used;
	bool found;
};

static bool read_bytes(const char *directory, const char *name, uint64_t *ret_bytes)
{
	char path[PATH_BYTES + 64], text[64] = "";
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	bool read = fgets(text, sizeof text, file) && text[0] >= '0' && text[0] <= '9'; /* "max": no limit */
	(void)fclose(file);
	*ret_bytes = strtoull(text, NULL, 10);
	return read;
}

static bool read_level(const char *directory, struct room *level)
{
	return (read_bytes(directory, "memory.max", &level->limit) &&
		read_bytes(directory, "memory.current", &level->used)) ||
	       (read_bytes(directory, "memory.limit_in_bytes", &level->limit) &&
		read_bytes(directory, "memory.usage_in_bytes", &level->used));
}

static uint64_t room_of(const struct room *room)
{
	return room->used >= room->limit ? 0 : room->limit - room->used;
}

/* The tightest of a cgroup and those above it. */
static void look_upwards(const char *mount, const char *cgroup, struct room *tightest)
{
	char path[PATH_BYTES];
	size_t root = strlen(mount);

	if ((size_t)snprintf(path, sizeof path, "%s%s", mount, cgroup) >= sizeof path)
		return;
	for (unsigned i = 0; i < MOST_LEVELS && strlen(path) >= root; i++) {
		struct room level = { .found = true };
		if (read_level(path, &level) && (!tightest->found || room_of(&level) < room_of(tightest))) {
			*tightest = level;
			(void)snprintf(tightest->path, sizeof tightest->path, "%s", path);
		}
		char *slash = strrchr(path, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

/* Lines "0::/path" and "4:memory:/path" of /proc/self/cgroup. */
static void find_room(struct room *tightest)
{
	CLEANUP(cleanup_free) char *unified = NULL;
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_BYTES];

	(void)lade_cgroup_mount(&unified);
	while (file && fgets(line, sizeof line, file)) {
		char *path = strchr(line, '/');
		line[strcspn(line, "\n")] = '\0';
		if (!path)
			continue;
		if (strcmp(path, "/") == 0)
			*path = '\0';
		if (unified && strncmp(line, "0::", 3) == 0)
			look_upwards(unified, path, tightest);
		else if (strstr(line, ":memory:"))
			look_upwards("/sys/fs/cgroup/memory", path, tightest);
	}
	if (file)
		(void)fclose(file);
}

/* "MemAvailable:   12345 kB" */
static void add_machine(struct lade_finding *finding)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long available;
	char line[128];

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "MemAvailable: %llu kB", &available) == 1)
			finding_evidence(finding, "/proc/meminfo: MemAvailable is %llu MiB", available >> 10);
	if (file)
		(void)fclose(file);
}

void lade_diagnose_memory(struct kernel *kernel, uint64_t wanted, struct lade_finding *finding)
{
	struct room tightest = { .found = false };

	if (!finding || kernel->recorded_version || lade_kernel_version(kernel) < LADE_CHARGED_TO_CGROUPS)
		return;
	find_room(&tightest);
	if (!tightest.found || tightest.limit >= NO_LIMIT) {
		finding_evidence(finding, "no cgroup of this process has a memory limit that could be seen");
		add_machine(finding);
		return;
	}
	finding_evidence(finding, "cgroup %s may have %llu bytes of memory and uses %llu", tightest.path,
			 (unsigned long long)tightest.limit, (unsigned long long)tightest.used);
	if (wanted <= room_of(&tightest))
		return;
	finding_cause(finding, "it needs %llu bytes, and the memory limit of the cgroup %s leaves %llu",
		      (unsigned long long)wanted, tightest.path, (unsigned long long)room_of(&tightest));
	finding_fix(finding, "raise the memory limit of the cgroup, or make it smaller (--max-entries MAP=N; "
			     "BPF_F_NO_PREALLOC takes memory only for the elements that there are)");
	finding_confidence(finding, LADE_LIKELY);
}
