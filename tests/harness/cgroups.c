/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/cgroups.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/cgroups.h"

static int mount_v2(void)
{
	return mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
}

bool cgroup_make(struct test_cgroup *cgroup)
{
	static unsigned number;
	char *mount_point = NULL;
	/* In the mount namespace of live_enter(). */
	if (lade_cgroup_mount(&mount_point) < 0 && (mount_v2() < 0 || lade_cgroup_mount(&mount_point) < 0)) {
		(void)fprintf(stderr, "# cgroup v2 is not mounted\n");
		return false;
	}
	(void)snprintf(cgroup->name, sizeof cgroup->name, "lade-test-%d-%u", (int)getpid(), ++number);
	(void)snprintf(cgroup->path, sizeof cgroup->path, "%s/%s", mount_point, cgroup->name);
	free(mount_point);
	if (mkdir(cgroup->path, 0755) == 0)
		return true;
	perror("# making a cgroup");
	return false;
}

void cgroup_make_below(const struct test_cgroup *parent, const char *name, struct test_cgroup *cgroup)
{
	(void)snprintf(cgroup->name, sizeof cgroup->name, "%.40s/%.20s", parent->name, name);
	(void)snprintf(cgroup->path, sizeof cgroup->path, "%.480s/%.20s", parent->path, name);
	assert_int_equal(mkdir(cgroup->path, 0755), 0);
}

/* What a failed test has left goes too: the files of a cgroup cannot be removed, and need not be. */
static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)walk;
	return kind == FTW_DP ? rmdir(path) : 0;
}

void cgroup_remove(const struct test_cgroup *cgroup)
{
	assert_int_equal(nftw(cgroup->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static bool join(const struct test_cgroup *cgroup)
{
	char path[600];
	(void)snprintf(path, sizeof path, "%s/cgroup.procs", cgroup->path);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool joined = fd >= 0 && write(fd, "0", 1) == 1;
	(void)close(fd);
	return joined;
}

int in_cgroup(const struct test_cgroup *cgroup, int (*action)(void *data), void *data)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(join(cgroup) ? action(data) : 255);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}
