/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "diagnose/denied.h"
#include "diagnose/diagnose.h"
#include "txn/internal.h"

int lade_pin_fail(struct kernel *kernel, int result, const char *code, const char *what, const char *path,
		  struct lade_error **error)
{
	bool permission = result == -EPERM || result == -EACCES;
	bool files = result == -EMFILE || result == -ENFILE;
	bool is_pin = strcmp(code, "pin.refused") == 0;
	struct lade_finding *finding = lade_error_add(error, -result,
						      permission ? "environment.permission"
						      : files    ? "environment.files"
						      : is_pin   ? lade_gate_code(-result, code)
								 : code,
						      "%s %s: %s", what, path, strerror(-result));
	if (is_pin && lade_diagnose_filter(kernel, "BPF_OBJ_PIN", -result, finding))
		return result;
	if (is_pin && result == -ENOMEM)
		lade_diagnose_memory(kernel, 0, finding);
	else if (is_pin && !permission && !files)
		lade_diagnose_causes(kernel, "BPF_OBJ_PIN", -result, finding);
	if (result == -EROFS)
		finding_fix(finding, "mount -o remount,rw the file system of %s", path);
	if (permission)
		lade_diagnose_file(kernel, path, W_OK, -result, finding);
	return result;
}

/* Mounting hides what a directory holds. */
static bool is_empty_directory(const char *path)
{
	DIR *directory = opendir(path);
	if (!directory)
		return false;
	bool empty = true;
	for (struct dirent *entry; empty && (entry = readdir(directory));)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	(void)closedir(directory);
	return empty;
}

static int missing(const char *path, int errnum, const char *why, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, errnum, "pin.bpffs-missing", "there is no bpffs at %s: %s", path, why);
	/* The kernel makes /sys/fs/bpf; nobody else can make a directory there. */
	bool lacks_sysfs = strncmp(path, "/sys/", strlen("/sys/")) == 0 && access("/sys/kernel", F_OK) < 0;
	finding_fix(finding, "%smount -t bpf bpf %s", lacks_sysfs ? "mount -t sysfs sysfs /sys; then " : "", path);
	return -errnum;
}

static int refuse_mount(struct kernel *kernel, const char *path, int result, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, -result, "environment.permission",
						      "mounting bpffs at %s: %s", path, strerror(-result));
	lade_diagnose_denied_name(kernel, "mount", -result, finding);
	return result;
}

static int mount_bpffs(struct kernel *kernel, const char *path, struct lade_error **error)
{
	int result = kernel->calls->mount(kernel, "bpf", path);
	if (result == -EPERM || result == -EACCES)
		return refuse_mount(kernel, path, result, error);
	if (result < 0)
		return missing(path, -result, strerror(-result), error);
	return 0;
}

int lade_bpffs_ensure(struct lade_context *context, struct kernel *kernel, struct lade_error **error)
{
	const char *path = context->bpffs;
	int result = kernel->calls->is_bpffs(kernel, path);
	if (result > 0)
		return 0;
	if (result == -ENOENT)
		return missing(path, ENOENT, "the directory does not exist", error);
	if (result < 0)
		return lade_pin_fail(kernel, result, "pin.bpffs-missing", "looking at", path, error);
	if (!is_empty_directory(path))
		return lade_fail(error, EINVAL, "pin.not-bpffs", "%s is a directory of another file system", path);
	if (context->no_mount)
		return missing(path, ENOENT, "not mounted, and mounting it is switched off", error);
	return mount_bpffs(kernel, path, error);
}

int lade_bpffs_check(struct kernel *kernel, const char *path, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *place = strdup(path);
	int result = -ENOENT;
	while (place && result == -ENOENT && strcmp(place, "/") != 0) {
		char *parent = lade_path_parent(place);
		free(place);
		place = parent;
		result = place ? kernel->calls->is_bpffs(kernel, place) : -ENOMEM;
	}
	if (!place)
		return lade_fail_memory(error);
	if (result < 0)
		return lade_pin_fail(kernel, result, "pin.not-bpffs", "looking at", place, error);
	if (result == 0)
		return lade_fail(error, EINVAL, "pin.not-bpffs", "%s cannot hold a pin: %s is not on a bpffs", path,
				 place);
	return 0;
}
