/* SPDX-License-Identifier: BSD-2-Clause */
/* Which processes hold the pipe. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trace/trace.h"

static bool holds(int process, const struct stat *wanted)
{
	int files = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = files < 0 ? NULL : fdopendir(files);
	bool found = false;
	if (!stream)
		(void)fd_close(files);
	for (struct dirent *entry; stream && !found && (entry = readdir(stream));) {
		struct stat status;
		found = fstatat(dirfd(stream), entry->d_name, &status, 0) == 0 && status.st_dev == wanted->st_dev &&
			status.st_ino == wanted->st_ino;
	}
	if (stream)
		(void)closedir(stream);
	return found;
}

static void name_of(int process, char name[32])
{
	CLEANUP(cleanup_fd) int file = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? 0 : read(file, name, 31);
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

size_t lade_trace_readers(const char *path, struct lade_finding *finding)
{
	struct stat wanted;
	size_t count = 0;
	DIR *stream = stat(path, &wanted) == 0 ? opendir("/proc") : NULL;
	for (struct dirent *entry; stream && (entry = readdir(stream));) {
		char *end, name[32];
		unsigned long pid = strtoul(entry->d_name, &end, 10);
		if (*end || !pid || (pid_t)pid == getpid())
			continue;
		CLEANUP(cleanup_fd)
		int process = openat(dirfd(stream), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process < 0 || !holds(process, &wanted))
			continue;
		name_of(process, name);
		finding_evidence(finding, "process %lu (%s) has it open", pid, name);
		count++;
	}
	if (stream)
		(void)closedir(stream);
	return count;
}
