/* SPDX-License-Identifier: BSD-2-Clause */
/* "cgroup:PATH": PATH is relative to where cgroup v2 is mounted, or absolute. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/cgroup.h"

/* ---- findings ---- */

static int fail_no_mount(struct attach_call *call, int result)
{
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.cgroup.unmounted",
						      "%s: cgroup v2 is not mounted, so there is no %s",
						      call->program->name, call->target->text);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "/proc/self/mounts names no file system of type cgroup2");
	return result;
}

static int fail_v1(struct attach_call *call, const char *path, const char *mount)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EMEDIUMTYPE, "attach.cgroup.v1",
			       "%s: %s is a cgroup of version 1, and programs attach to those of version 2 only",
			       call->program->name, path);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "cgroup v2 is mounted at %s", mount);
	finding_fix(finding, "give a cgroup below %s", mount);
	return -EMEDIUMTYPE;
}

/* Names beside the first component that does not exist. */
static void add_near(const char *path, const char *mount, struct lade_finding *finding)
{
	char parent[PATH_MAX];
	(void)snprintf(parent, sizeof parent, "%s", path);
	char *slash = strrchr(parent, '/'), *missing = slash;
	while (slash && slash != parent) {
		*slash = '\0';
		missing = slash;
		if (access(parent, F_OK) == 0)
			break;
		slash = strrchr(parent, '/');
	}
	if (!slash || slash == parent)
		return;
	DIR *stream = opendir(parent);
	struct similar_names similar = { .wanted = missing + 1 };
	for (struct dirent *entry; stream && (entry = readdir(stream));)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			lade_similar_consider(&similar, entry->d_name);
	if (stream)
		(void)closedir(stream);
	if (strcmp(parent, mount) != 0)
		finding_evidence(finding, "%s exists", parent);
	lade_similar_evidence(&similar, finding, "cgroup");
	lade_similar_clear(&similar);
}

static int fail_missing(struct attach_call *call, const char *path, const char *mount, int result)
{
	bool is_other = result == -ENOTTY || result == -ENOTDIR;
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.cgroup.missing",
						      is_other ? "%s: %s is no cgroup" : "%s: there is no cgroup %s",
						      call->program->name, path);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "cgroup v2 is mounted at %s", mount);
	if (!is_other)
		add_near(path, mount, finding);
	return result;
}

static int fail_open(struct attach_call *call, const char *path, const char *mount, int result)
{
	if (result == -EMEDIUMTYPE)
		return fail_v1(call, path, mount);
	if (result == -ENOENT || result == -ENOTTY || result == -ENOTDIR)
		return fail_missing(call, path, mount, result);
	return lade_attach_refused(call, OPERATION_OPEN, path, result);
}

/* ---- finding it ---- */

/* The path below one of the mounts of version 1, if it is there: what the user may have had in mind. */
static char *find_in_v1(const char *name)
{
	struct strings mounts = { 0 };
	char *found = NULL;
	if (lade_cgroup_v1_mounts(&mounts) < 0)
		return NULL;
	array_foreach(mount, &mounts) {
		char path[PATH_MAX];
		if (!found && (size_t)snprintf(path, sizeof path, "%s/%s", *mount, name) < sizeof path &&
		    access(path, F_OK) == 0)
			found = strdup(path);
	}
	lade_strings_clear(&mounts);
	return found;
}

/* As the user would type it, the shortest way. */
static char *name_it(const char *path, const char *mount, const char *option)
{
	struct strbuf text = { 0 };
	size_t length = strlen(mount);
	bool is_below = strncmp(path, mount, length) == 0 && (path[length] == '/' || !path[length]);
	const char *rest = is_below ? path + length + (path[length] == '/') : path;
	lade_strbuf_addf(&text, "cgroup:%s%s%s", *rest ? rest : "/", option ? "," : "", option ? option : "");
	return lade_strbuf_take(&text);
}

static int open_below(const char *mount, const char *name, struct cgroup *cgroup)
{
	struct strbuf path = { 0 };
	lade_strbuf_addf(&path, "%s%s%s", mount, *name == '/' ? "" : "/", name);
	free(cgroup->path);
	cgroup->path = lade_strbuf_take(&path);
	if (!cgroup->path)
		return -ENOMEM;
	cgroup->fd = lade_cgroup_open(cgroup->path, &cgroup->id);
	return cgroup->fd < 0 ? cgroup->fd : 0;
}

/* Relative, absolute, or absolute as /proc/PID/cgroup has it: below the mount. */
static int open_any(const char *name, struct cgroup *cgroup)
{
	int result = *name == '/' ? open_below("", name, cgroup) : -ENOENT;
	if (result != -ENOENT && result != -ENOTTY)
		return result;
	int below = open_below(cgroup->mount, name, cgroup);
	if (below == -ENOENT && *name == '/')
		(void)open_below("", name, cgroup); /* for the message: what the user wrote */
	return below == -ENOENT && result == -ENOTTY ? result : below;
}

static int open_cgroup(struct attach_call *call, struct cgroup *cgroup)
{
	int result = open_any(call->target->name, cgroup);
	if (result == -ENOENT) {
		CLEANUP(cleanup_free) char *old = find_in_v1(call->target->name);
		if (old)
			return fail_v1(call, old, cgroup->mount);
	}
	if (result == -ENOMEM)
		return lade_fail_memory(call->error);
	return result < 0 ? fail_open(call, cgroup->path, cgroup->mount, result) : 0;
}

int lade_attach_open_cgroup(struct attach_call *call, struct cgroup *ret_cgroup)
{
	CLEANUP(lade_cgroup_clear) struct cgroup cgroup = { .fd = -1 };
	int result = lade_cgroup_mount(&cgroup.mount);
	if (result < 0)
		return fail_no_mount(call, result);
	result = open_cgroup(call, &cgroup);
	if (result < 0)
		return result;
	char *real = realpath(cgroup.path, NULL);
	if (real) {
		free(cgroup.path);
		cgroup.path = real;
	}
	cgroup.text =
		name_it(cgroup.path, cgroup.mount, call->target->options.count ? call->target->options.items[0] : NULL);
	if (!cgroup.text)
		return lade_fail_memory(call->error);
	*ret_cgroup = cgroup;
	cgroup = (struct cgroup){ .fd = -1 };
	return 0;
}

void lade_cgroup_clear(struct cgroup *cgroup)
{
	free(cgroup->mount);
	free(cgroup->path);
	free(cgroup->text);
	(void)fd_close(cgroup->fd);
	*cgroup = (struct cgroup){ .fd = -1 };
}
