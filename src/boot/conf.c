/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /etc/lade/boot.d: which there are, who may have written them, and what they say together. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "boot/conf.h"

#define FILE_BYTES (1U << 20)

struct lade_finding *lade_conf_fail(struct conf *conf, const char *code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text CLEANUP(cleanup_free) = lade_vformat(format, arguments);
	va_end(arguments);
	const char *said = text ? text : "not understood";
	struct lade_finding *finding =
		conf->line ? lade_error_add(conf->error, EINVAL, code, "%s:%u: %s", conf->file, conf->line, said)
			   : lade_error_add(conf->error, EINVAL, code, "%s: %s", conf->file, said);
	finding_source(finding, conf->file, conf->line, NULL);
	return finding;
}

/* ---- who may have written it ---- */

/* A policy decides what runs in the kernel: it is root's, or whose process this is, and nobody else writes it. */
static bool is_trusted(struct conf *conf, const struct stat *status, const char *what)
{
	if (status->st_uid != 0 && status->st_uid != geteuid()) {
		struct lade_finding *finding =
			lade_conf_fail(conf, "boot.policy.writable", "the %s is owned by uid %u", what, status->st_uid);
		finding_fix(finding, "chown root %s", conf->file);
		return false;
	}
	if (!(status->st_mode & (S_IWGRP | S_IWOTH)))
		return true;
	struct lade_finding *finding = lade_conf_fail(conf, "boot.policy.writable", "others may write the %s (mode %o)",
						      what, status->st_mode & 07777);
	finding_fix(finding, "chmod go-w %s", conf->file);
	return false;
}

static void fail_file(struct conf *conf, const char *what, int code)
{
	(void)lade_conf_fail(conf, "boot.policy.file", "%s: %s", what, strerror(code));
}

/* ---- one file ---- */

static int open_regular(struct conf *conf, int directory, const char *name, size_t *ret_size)
{
	struct stat status;
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		fail_file(conf, "cannot be opened", errno);
		return -1;
	}
	if (fstat(fd, &status) < 0)
		fail_file(conf, "cannot be looked at", errno);
	else if (!S_ISREG(status.st_mode))
		(void)lade_conf_fail(conf, "boot.policy.file", "is no regular file");
	else if (status.st_size > FILE_BYTES)
		(void)lade_conf_fail(conf, "boot.policy.file", "has %lld bytes; a policy has %u at most",
				     (long long)status.st_size, FILE_BYTES);
	else if (is_trusted(conf, &status, "file")) {
		*ret_size = (size_t)status.st_size;
		return fd;
	}
	return fd_close(fd);
}

static void read_file(struct conf *conf, int directory, const char *name)
{
	size_t size = 0;
	conf->line = 0;
	int fd CLEANUP(cleanup_fd) = open_regular(conf, directory, name, &size);
	char *text CLEANUP(cleanup_free) = fd < 0 ? NULL : malloc(size + 1);
	if (fd < 0)
		return;
	if (!text) {
		conf->no_memory = true;
		return;
	}
	ssize_t length = lade_read_whole(fd, text, size);
	if (length < 0) {
		fail_file(conf, "cannot be read", (int)-length);
		return;
	}
	text[length] = '\0';
	lade_conf_read(conf, text, (size_t)length);
}

/* ---- all of them ---- */

static int is_conf(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && end && strcmp(end, ".conf") == 0;
}

static int compare(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static void read_named(struct conf *conf, int directory, const char *path, const char *name)
{
	char file[PATH_MAX];
	if ((size_t)snprintf(file, sizeof file, "%s/%s", path, name) >= sizeof file)
		return;
	conf->file = file;
	read_file(conf, directory, name);
	conf->file = path;
	conf->line = 0;
}

static int read_files(struct conf *conf, int directory, const char *path)
{
	struct dirent **names = NULL;
	int count = scandirat(directory, ".", &names, is_conf, compare);
	if (count < 0) {
		fail_file(conf, "cannot be listed", errno);
		return 0;
	}
	for (int i = 0; i < count; i++) {
		read_named(conf, directory, path, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return count;
}

/* Stable, because what is equal keeps the order of the files: few enough to be inserted one by one. */
static void sort_locations(struct boot_policy *policy)
{
	struct boot_location *items = policy->locations.items;
	for (size_t i = 1; i < policy->locations.count; i++) {
		struct boot_location moved = items[i];
		size_t place = i;
		for (; place > 0 && items[place - 1].order > moved.order; place--)
			items[place] = items[place - 1];
		items[place] = moved;
	}
}

static int read_directory(struct conf *conf, const char *path)
{
	struct stat status;
	int directory CLEANUP(cleanup_fd) = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0 && errno == ENOENT)
		return lade_fail(conf->error, ENOENT, "boot.policy.none", "there is no %s", path);
	if (directory < 0)
		return lade_fail(conf->error, errno, "boot.policy.file", "%s: cannot be opened: %s", path,
				 strerror(errno));
	if (fstat(directory, &status) < 0 || !is_trusted(conf, &status, "directory"))
		return -EINVAL;
	(void)read_files(conf, directory, path);
	return 0;
}

int lade_boot_read_policy(const char *directory, struct boot_policy *policy, struct lade_error **error)
{
	struct lade_error *problems = NULL;
	struct conf conf = { .policy = policy, .error = &problems, .file = directory };
	int result = read_directory(&conf, directory);
	if (result == 0 && conf.no_memory)
		result = lade_fail_memory(&problems);
	if (result == 0)
		result = lade_error_code(problems);
	if (result == 0) {
		sort_locations(policy);
		return 0;
	}
	lade_error_merge(error, &problems);
	lade_boot_policy_clear(policy);
	return result;
}
