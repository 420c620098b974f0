/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/bpf.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <cmocka.h>

#include "base/array.h"
#include "base/strbuf.h"

static bool refuse(const char *what)
{
	(void)fprintf(stderr, "# live tests cannot run: %s: %s\n", what, strerror(errno));
	return false;
}

/* The smallest map there is: array, 4, 4, 1. */
static bool bpf_is_allowed(void)
{
	uint32_t attribute[8] = { BPF_MAP_TYPE_ARRAY, 4, 4, 1 };
	long fd = syscall(SYS_bpf, BPF_MAP_CREATE, attribute, sizeof attribute);
	if (fd < 0)
		return false;
	(void)close((int)fd);
	return true;
}

bool live_enter(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return refuse("unshare(CLONE_NEWNS)");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return refuse("making mounts private");
	if (mount("bpf", LIVE_BPFFS, "bpf", 0, "mode=0700") < 0)
		return refuse("mounting a bpffs at " LIVE_BPFFS);
	if (access(LIVE_TRACEFS "/events", F_OK) < 0 && mount("tracefs", LIVE_TRACEFS, "tracefs", 0, NULL) < 0)
		return refuse("mounting tracefs at " LIVE_TRACEFS);
	if (!bpf_is_allowed())
		return refuse("bpf(BPF_MAP_CREATE), which needs CAP_BPF or CAP_SYS_ADMIN");
	return true;
}

bool kernel_has_symbol(const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	assert_non_null(file);
	char line[1024], found[512];
	bool has = false;
	while (!has && fgets(line, sizeof line, file))
		has = sscanf(line, "%*x %*c %511s", found) == 1 && strcmp(found, name) == 0;
	(void)fclose(file);
	if (!has)
		(void)fprintf(stderr, "# this kernel has no %s\n", name);
	return has;
}

bool kernel_has_type(const char *name, uint32_t kind)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool has = btf && btf__find_by_name_kind(btf, name, kind) > 0;

	btf__free(btf);
	return has;
}

bool kernel_has_types(void)
{
	bool has = access("/sys/kernel/btf/vmlinux", R_OK) == 0;

	if (!has)
		(void)fprintf(stderr, "# this kernel has no BTF\n");
	return has;
}

size_t fd_count(void)
{
	DIR *directory = opendir("/proc/self/fd");
	assert_non_null(directory);
	size_t count = 0;
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count - 3; /* ., .. and the descriptor of the listing itself */
}

/* One directory level; prefix is its path relative to the root, "" or ending in a slash. */
static void tree_add(struct strings *lines, const char *path, const char *prefix)
{
	DIR *directory = opendir(path);
	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		char child[PATH_MAX], text[PATH_MAX], relative[PATH_MAX];
		struct stat status;
		(void)snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
		(void)snprintf(relative, sizeof relative, "%s%s", prefix, entry->d_name);
		if (lstat(child, &status) < 0)
			continue;
		ssize_t length = S_ISLNK(status.st_mode) ? readlink(child, text, sizeof text - 1) : -1;
		text[length < 0 ? 0 : length] = '\0';
		assert_int_equal(lade_strings_addf(lines, "%s%s%s%s", relative, S_ISDIR(status.st_mode) ? "/" : "",
						   length < 0 ? "" : " -> ", text),
				 0);
		if (!S_ISDIR(status.st_mode))
			continue;
		(void)snprintf(relative, sizeof relative, "%s%s/", prefix, entry->d_name);
		tree_add(lines, child, relative);
	}
	(void)closedir(directory);
}

static int line_order(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

char *pin_tree(const char *path)
{
	struct strings lines = { 0 };
	tree_add(&lines, path, "");
	if (lines.count > 1)
		qsort(lines.items, lines.count, sizeof *lines.items, line_order);
	struct strbuf text = { 0 };
	lade_strbuf_add(&text, "");
	array_foreach(line, &lines)
		lade_strbuf_addf(&text, "%s\n", *line);
	lade_strings_clear(&lines);
	char *tree = lade_strbuf_take(&text);
	return tree ? tree : strdup("");
}

struct live_before live_before(const char *root)
{
	return (struct live_before){ .fds = fd_count(), .root = strdup(root), .pins = pin_tree(root) };
}

static void print_descriptors(void)
{
	for (int fd = 0; fd < 256; fd++) {
		char name[64], target[256];
		(void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		ssize_t length = readlink(name, target, sizeof target);
		if (length > 0)
			(void)fprintf(stderr, "#   fd %d: %.*s\n", fd, (int)length, target);
	}
}

void live_assert_nothing_left(struct live_before *before, const char *file, int line)
{
	size_t fds = fd_count();
	char *pins = pin_tree(before->root);
	bool same_fds = fds == before->fds, same_pins = strcmp(pins, before->pins) == 0;
	if (!same_fds) {
		(void)fprintf(stderr, "# %s:%d: %zu descriptors before, %zu after\n", file, line, before->fds, fds);
		print_descriptors();
	}
	if (!same_pins)
		(void)fprintf(stderr, "# %s:%d: pins before:\n%safter:\n%s", file, line, before->pins, pins);
	free(pins);
	free(before->pins);
	free(before->root);
	*before = (struct live_before){ 0 };
	_assert_true(same_fds && same_pins, "nothing is left", file, line);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path) < 0 ? -errno : 0;
}

void live_remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
