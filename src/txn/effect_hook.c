/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that BPF_PROG_ATTACH put somewhere, which stay there until they are detached or the place goes away:
 *
 *     cgroup     … path=/sys/fs/cgroup/unified/a cgroup=512 attach-type=10 prog-id=77
 *     sockmap    … map-id=12 attach-type=5 prog-id=77
 *     dissector  … netns=4026531840 attach-type=17 prog-id=77
 *     lirc       … path=/dev/lirc0 device=251:0 attach-type=16 prog-id=77
 *
 * What is no longer there (a cgroup that was removed, also if one of that name was made again) holds nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kernel/cgroups.h"
#include "kernel/hooks.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

#define TYPE(entry)    lade_effect_number(entry, "attach-type")
#define PROGRAM(entry) lade_effect_number(entry, "prog-id")

/* ---- finding the place again; -ENXIO: it is gone ---- */

static int open_cgroup(const struct journal_entry *entry)
{
	const char *path = lade_journal_value(entry, "path"), *text = lade_journal_value(entry, "cgroup");
	uint64_t wanted = text ? strtoull(text, NULL, 10) : 0, id = 0;
	CLEANUP(cleanup_fd) int fd = path ? lade_cgroup_open(path, &id) : -ENOENT;
	if (fd >= 0)
		return id == wanted ? take_fd(&fd) : -ENXIO;
	return fd == -ENOENT || fd == -ENOTDIR || fd == -ENODEV ? -ENXIO : fd;
}

static int open_map(struct kernel *kernel, const struct journal_entry *entry)
{
	int fd = lade_bpf_map_by_id(kernel, lade_effect_number(entry, "map-id"));
	return fd == -ENOENT ? -ENXIO : fd;
}

static int open_device(const struct journal_entry *entry)
{
	const char *path = lade_journal_value(entry, "path"), *wanted = lade_journal_value(entry, "device");
	char device[32];
	struct stat status;
	CLEANUP(cleanup_fd) int fd = path && wanted ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &status) < 0)
		return path && wanted && (errno == EACCES || errno == EPERM || errno == EBUSY) ? -errno : -ENXIO;
	(void)snprintf(device, sizeof device, "%u:%u", major(status.st_rdev), minor(status.st_rdev));
	return strcmp(device, wanted) == 0 ? take_fd(&fd) : -ENXIO;
}

static int open_own_namespace(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int gone_is_done(int result)
{
	return result == -ENXIO ? 0 : result;
}

/* Is the entry's program there? 1, 0, or a negative errno. */
static int look(struct kernel *kernel, const struct journal_entry *entry, int fd)
{
	struct hook_programs programs;
	int result = lade_hook_query(kernel, fd, TYPE(entry), &programs);
	if (result < 0)
		return result == -EINVAL ? -EOPNOTSUPP : result;
	return lade_hook_has(&programs, PROGRAM(entry));
}

/* -ESTALE unless it is the entry's program that will be replaced. */
static int must_be_there(int looked)
{
	return looked == 1 ? 0 : looked == 0 || looked == -ENXIO ? -ESTALE : looked;
}

/* ---- cgroup ---- */

int lade_undo_cgroup(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_cgroup(entry);
	return fd < 0 ? gone_is_done(fd) : lade_hook_detach(kernel, fd, TYPE(entry), PROGRAM(entry));
}

int lade_check_cgroup(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_cgroup(entry);
	return fd < 0 ? gone_is_done(fd) : look(kernel, entry, fd);
}

/* In one step since 5.6 (BPF_F_REPLACE). */
int lade_replace_cgroup(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	CLEANUP(cleanup_fd) int fd = open_cgroup(entry);
	CLEANUP(cleanup_fd) int old = fd < 0 ? -1 : lade_bpf_prog_by_id(kernel, PROGRAM(entry));
	int result = fd < 0 ? must_be_there(fd) : must_be_there(look(kernel, entry, fd));
	if (result < 0 || old < 0)
		return result < 0 ? result : old == -ENOENT ? -ESTALE : old;
	struct attr_prog_attach attr = { .target_fd = (uint32_t)fd,
					 .attach_bpf_fd = (uint32_t)program_fd,
					 .attach_type = TYPE(entry),
					 .attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE,
					 .replace_bpf_fd = (uint32_t)old };
	result = kernel->calls->bpf(kernel, BPF_PROG_ATTACH, &attr, sizeof attr);
	return result == -ENOENT ? -ESTALE : result;
}

/* ---- sockmap ---- */

/* The kernel compares the program: nobody has to be asked, which kernels before 5.17 cannot be. */
int lade_undo_sockmap(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_map(kernel, entry);
	if (fd < 0)
		return gone_is_done(fd);
	int result = lade_hook_detach_exact(kernel, fd, TYPE(entry), PROGRAM(entry));
	return result == -EINVAL ? 0 : result; /* this kernel has no such hook */
}

int lade_check_sockmap(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_map(kernel, entry);
	return fd < 0 ? gone_is_done(fd) : look(kernel, entry, fd);
}

/* A map has one program of a kind: attaching another puts it in the place of the first. */
int lade_replace_sockmap(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	CLEANUP(cleanup_fd) int fd = open_map(kernel, entry);
	int looked = fd < 0 ? fd : look(kernel, entry, fd);
	int result = looked == -EOPNOTSUPP ? 0 : must_be_there(looked);
	return result < 0 ? result : lade_hook_attach(kernel, fd, program_fd, TYPE(entry), 0);
}

/* ---- flow dissector of a network namespace ---- */

static int look_inside(struct kernel *kernel, const struct effect_visit *visit)
{
	CLEANUP(cleanup_fd) int fd = open_own_namespace();
	return fd < 0 ? fd : look(kernel, visit->entry, fd);
}

/* Detached from the namespace that the caller is in. */
static int undo_inside(struct kernel *kernel, const struct effect_visit *visit)
{
	int result = look_inside(kernel, visit);
	return result == 1 ? lade_hook_detach_exact(kernel, 0, TYPE(visit->entry), PROGRAM(visit->entry)) : result;
}

/* Since 5.8 in one step; before, the kernel says that one is there (EEXIST). */
static int replace_inside(struct kernel *kernel, const struct effect_visit *visit)
{
	int result = must_be_there(look_inside(kernel, visit));
	return result < 0 ? result : lade_hook_attach(kernel, 0, visit->program_fd, TYPE(visit->entry), 0);
}

int lade_undo_dissector(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, undo_inside);
}

int lade_check_dissector(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, look_inside);
}

int lade_replace_dissector(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	int result = lade_effect_visit(kernel, entry, program_fd, replace_inside);
	return result == -ENXIO ? -ESTALE : result;
}

/* ---- lirc ---- */

int lade_undo_lirc(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_device(entry);
	return fd < 0 ? gone_is_done(fd) : lade_hook_detach(kernel, fd, TYPE(entry), PROGRAM(entry));
}

int lade_check_lirc(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_device(entry);
	return fd < 0 ? gone_is_done(fd) : look(kernel, entry, fd);
}
