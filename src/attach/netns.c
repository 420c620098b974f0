/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of a network namespace: sk_lookup by a link (since 5.9, never otherwise), flow dissectors by a link
 * since 5.8. Before, BPF_PROG_ATTACH knew only the namespace that the caller is in.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "attach/hook.h"
#include "kernel/netns.h"

#define NETNS_DIRECTORY "/run/netns" /* where ip-netns(8) keeps them by name */

/* ---- the namespace ---- */

static int open_path(const char *path, uint64_t *ret_inode)
{
	struct stat status;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -ENOTTY;
	*ret_inode = status.st_ino;
	return take_fd(&fd);
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* "self", a process, a name that `ip netns` knows, or an absolute path. -ENOTTY: there, but no network namespace. */
static int open_namespace(const char *name, uint64_t *ret_inode)
{
	char path[PATH_MAX];
	int length;
	if (strcmp(name, "self") == 0)
		return open_path("/proc/thread-self/ns/net", ret_inode);
	if (*name == '/')
		return open_path(name, ret_inode);
	if (strchr(name, '/'))
		return -ENOENT;
	if (is_number(name))
		length = snprintf(path, sizeof path, "/proc/%s/ns/net", name);
	else
		length = snprintf(path, sizeof path, NETNS_DIRECTORY "/%s", name);
	return (size_t)length < sizeof path ? open_path(path, ret_inode) : -ENAMETOOLONG;
}

static void add_near(const char *wanted, struct lade_finding *finding)
{
	struct similar_names similar = { .wanted = wanted };
	DIR *stream = opendir(NETNS_DIRECTORY);
	for (struct dirent *entry; stream && (entry = readdir(stream));)
		if (entry->d_name[0] != '.')
			lade_similar_add(&similar, entry->d_name, lade_edit_distance(wanted, entry->d_name));
	if (stream)
		(void)closedir(stream);
	lade_similar_evidence(&similar, finding, "network namespace");
	lade_similar_clear(&similar);
}

static int fail_open(struct attach_call *call, int result)
{
	const char *name = call->target->name;
	if (result != -ENOENT && result != -ENOTTY && result != -ENOTDIR)
		return lade_attach_refused(call, OPERATION_OPEN, call->target->text, result);
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.netns.missing",
						      result == -ENOTTY ? "%s: %s is no network namespace"
									: "%s: there is no network namespace %s",
						      call->program->name, name);
	finding_program(finding, call->program->name);
	if (result != -ENOTTY)
		add_near(name, finding);
	return result;
}

/* ---- who is there ---- */

static struct lade_finding *explain(struct attach_call *call, const struct hook_place *place, int result)
{
	struct hook_programs programs = { 0 };
	bool is_dissector = place->attach_type == BPF_FLOW_DISSECTOR;
	if (result != -E2BIG && result != -EEXIST && result != -EBUSY)
		return NULL;
	(void)lade_hook_query(call->kernel, place->fd, place->attach_type, &programs);
	struct lade_finding *finding =
		lade_error_add(call->error, -result, is_dissector ? "attach.exists" : "attach.full",
			       "%s: %s takes no more programs of this kind", call->program->name, place->target);
	if (is_dissector)
		finding_cause(finding, "%s",
			      programs.count ? "a network namespace has one flow dissector"
					     : "the flow dissector of the first network namespace is there for all "
					       "others, and it cannot have one while another has");
	else
		finding_cause(finding, "a network namespace takes 64 programs of this kind");
	lade_hook_name_holders(call, &programs, "the namespace", finding);
	return finding;
}

/* ---- the older way ---- */

/* It knows only the namespace that the caller is in. */
static int attach_inside(struct kernel *kernel, void *program)
{
	return lade_hook_attach(kernel, 0, *(const int *)program, BPF_FLOW_DISSECTOR, 0);
}

/* Since 5.8 it would replace whoever is there. */
static int attach_old(struct kernel *kernel, const struct hook_place *place, int program)
{
	struct hook_programs programs = { 0 };
	if (lade_hook_query(kernel, place->fd, place->attach_type, &programs) == 0 && programs.count)
		return -EEXIST;
	return lade_netns_do(kernel, *(const uint64_t *)place->data, attach_inside, &program);
}

int lade_attach_netns(struct attach_call *call)
{
	uint64_t inode = 0;
	uint32_t attach_type;
	char number[24];
	int result = lade_hook_type(call, &attach_type);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd) int fd = open_namespace(call->target->name, &inode);
	if (fd < 0)
		return fail_open(call, fd);
	bool has_old_way = attach_type == BPF_FLOW_DISSECTOR;
	(void)snprintf(number, sizeof number, "%llu", (unsigned long long)inode);
	const struct hook_place place = { .target = call->target->text,
					  .fd = fd,
					  .attach_type = attach_type,
					  .link = FORM_NETNS_LINK,
					  .effect = has_old_way ? "dissector" : NULL,
					  .fields = { "netns", number },
					  .attach = attach_old,
					  .explain = explain,
					  .data = &inode };
	return lade_hook_put(call, &place);
}
