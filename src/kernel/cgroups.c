/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

enum { CGROUP_V1_MAGIC = 0x27e0eb, CGROUP_V2_MAGIC = 0x63677270 };

/* Mount points of one type, at most `most`. */
static int find_mounts(const char *type, size_t most, struct strings *ret_paths)
{
	struct strings paths = { 0 };
	struct mntent entry;
	char text[4096];
	int result = 0;
	FILE *file = setmntent("/proc/self/mounts", "re");
	if (!file)
		return -errno;
	while (result == 0 && paths.count < most && getmntent_r(file, &entry, text, sizeof text))
		if (strcmp(entry.mnt_type, type) == 0)
			result = lade_strings_add(&paths, entry.mnt_dir);
	(void)endmntent(file);
	if (result < 0)
		lade_strings_clear(&paths);
	else
		*ret_paths = paths;
	return result;
}

int lade_cgroup_mount(char **ret_path)
{
	struct strings paths = { 0 };
	int result = find_mounts("cgroup2", 1, &paths);
	if (result == 0 && !paths.count)
		result = -ENOENT;
	if (result == 0)
		*ret_path = TAKE(paths.items[0]);
	lade_strings_clear(&paths);
	return result;
}

int lade_cgroup_v1_mounts(struct strings *ret_paths)
{
	return find_mounts("cgroup", SIZE_MAX, ret_paths);
}

int lade_cgroup_open(const char *path, uint64_t *ret_id)
{
	struct statfs kind;
	struct stat status;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &kind) < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (kind.f_type == CGROUP_V1_MAGIC)
		return -EMEDIUMTYPE;
	if (kind.f_type != CGROUP_V2_MAGIC)
		return -ENOTTY;
	*ret_id = status.st_ino;
	return take_fd(&fd);
}
