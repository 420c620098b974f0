/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

#define OWN_NAMESPACE      "/proc/thread-self/ns/net"
#define GET_NAMESPACE_TYPE 0xb703 /* NS_GET_NSTYPE, since 4.11 */

uint64_t lade_netns_inode(const char *path)
{
	struct stat status;
	return stat(path ? path : OWN_NAMESPACE, &status) == 0 ? status.st_ino : 0;
}

/* ---- where it is ---- */

struct search {
	uint64_t inode;
	dev_t device; /* of all namespaces: numbers of other files may be the same */
	int fd;       /* -1: not found */
	/* Files net/dev of processes: a namespace has one. Of those that could be looked at, and of the others. */
	ARRAY_OF(ino_t) seen;
	ARRAY_OF(ino_t) hidden;
};

static dev_t namespace_device(void)
{
	struct stat status = { 0 };
	(void)stat(OWN_NAMESPACE, &status);
	return status.st_dev;
}

static bool is_namespace(int fd)
{
	struct stat status;
	int type = ioctl(fd, GET_NAMESPACE_TYPE);
	/* Before 4.11 it cannot be asked which kind it is. */
	return (type == CLONE_NEWNET || (type < 0 && errno == ENOTTY)) && fstat(fd, &status) == 0 &&
	       status.st_dev == namespace_device();
}

/* 1: path is the one; 0: it is not; -EACCES: it cannot be looked at. */
static int look_at(struct search *search, const char *path)
{
	struct stat status;
	if (stat(path, &status) < 0)
		return errno == EACCES || errno == EPERM ? -EACCES : 0;
	if (status.st_ino != search->inode || status.st_dev != search->device)
		return 0;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -EACCES;
	if (!is_namespace(fd))
		return 0;
	search->fd = take_fd(&fd);
	return 1;
}

/* What is in the directory, with a suffix. */
static bool look_through(struct search *search, const char *directory, const char *suffix)
{
	char path[PATH_MAX];
	DIR *stream = opendir(directory);
	bool found = false;
	for (struct dirent *entry; stream && !found && (entry = readdir(stream));) {
		int length = snprintf(path, sizeof path, "%s/%s%s", directory, entry->d_name, suffix);
		if (entry->d_name[0] != '.' && length > 0 && (size_t)length < sizeof path)
			found = look_at(search, path) > 0;
	}
	if (stream)
		(void)closedir(stream);
	return found;
}

static void remember_network(struct search *search, const char *process, bool could_look)
{
	char path[64];
	struct stat status;
	(void)snprintf(path, sizeof path, "/proc/%.20s/net/dev", process);
	if (stat(path, &status) < 0)
		return;
	ino_t *slot = could_look ? array_push(&search->seen) : array_push(&search->hidden);
	if (slot)
		*slot = status.st_ino;
}

/* With its threads and open files. */
static bool look_at_process(struct search *search, const char *process)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%.20s/ns/net", process);
	int result = look_at(search, path);
	remember_network(search, process, result >= 0);
	return result > 0;
}

static bool look_at_files(struct search *search, const char *process)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%.20s/task", process);
	if (look_through(search, path, "/ns/net"))
		return true;
	(void)snprintf(path, sizeof path, "/proc/%.20s/fd", process);
	return look_through(search, path, "");
}

static bool each_process(struct search *search, bool (*look)(struct search *search, const char *process))
{
	DIR *stream = opendir("/proc");
	bool found = false;
	for (struct dirent *entry; stream && !found && (entry = readdir(stream));)
		found = isdigit((unsigned char)entry->d_name[0]) && look(search, entry->d_name);
	if (stream)
		(void)closedir(stream);
	return found;
}

/* Lines of mountinfo: "… PARENT MAJOR:MINOR net:[4026532000] MOUNTPOINT …" */
static bool look_at_mounts(struct search *search)
{
	char root[32], line[PATH_MAX], where[PATH_MAX];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool found = false;
	(void)snprintf(root, sizeof root, " net:[%llu] ", (unsigned long long)search->inode);
	while (file && !found && fgets(line, sizeof line, file)) {
		const char *at = strstr(line, root);
		found = at && sscanf(at + strlen(root), "%4095s", where) == 1 && look_at(search, where) > 0;
	}
	if (file)
		(void)fclose(file);
	return found;
}

/* The first process of all is there unless /proc is covered, or hides the processes of others (hidepid). */
static bool shows_processes(void)
{
	struct statfs status;
	return statfs("/proc", &status) == 0 && (uint32_t)status.f_type == PROC_SUPER_MAGIC &&
	       access("/proc/1", F_OK) == 0;
}

/* May there be a process in a namespace that no other process has shown? */
static bool is_uncertain(const struct search *search)
{
	if (!shows_processes())
		return true;
	array_foreach(hidden, &search->hidden) {
		bool is_known = false;
		array_foreach(seen, &search->seen)
			is_known = is_known || *seen == *hidden;
		if (!is_known)
			return true;
	}
	return false;
}

/* Cheap places first. */
static int find_namespace(uint64_t inode)
{
	struct search search = { .inode = inode, .device = namespace_device(), .fd = -1 };
	bool found = look_through(&search, "/run/netns", "") || each_process(&search, look_at_process) ||
		     look_at_mounts(&search) || each_process(&search, look_at_files);
	int result = found ? search.fd : is_uncertain(&search) ? -EPERM : -ENXIO;
	array_clear(&search.seen);
	array_clear(&search.hidden);
	return result;
}

/* ---- being there ---- */

struct visit {
	struct kernel *kernel;
	netns_fn *fn;
	void *data;
	int fd, result;
};

/* The namespace belongs to the thread, and ends with it. */
static void *visit(void *argument)
{
	struct visit *visit = argument;
	if (setns(visit->fd, CLONE_NEWNET) < 0)
		visit->result = errno == EINVAL ? -EINVAL : -EPERM;
	else
		visit->result = visit->fn(visit->kernel, visit->data);
	return NULL;
}

static int do_in(struct kernel *kernel, int fd, netns_fn *fn, void *data)
{
	struct visit there = { .kernel = kernel, .fn = fn, .data = data, .fd = fd };
	pthread_t thread;
	int result = pthread_create(&thread, NULL, visit, &there);
	if (result)
		return -result;
	(void)pthread_join(thread, NULL);
	return there.result;
}

int lade_netns_do(struct kernel *kernel, uint64_t inode, netns_fn *fn, void *data)
{
	if (lade_netns_inode(NULL) == inode)
		return fn(kernel, data);
	CLEANUP(cleanup_fd) int fd = find_namespace(inode);
	return fd < 0 ? fd : do_in(kernel, fd, fn, data);
}

int lade_netns_do_at(struct kernel *kernel, const char *path, netns_fn *fn, void *data)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return is_namespace(fd) ? do_in(kernel, fd, fn, data) : -ENXIO;
}
