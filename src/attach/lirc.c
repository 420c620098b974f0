/* SPDX-License-Identifier: BSD-2-Clause */
/* Infrared decoders: attached to a lirc device, which keeps them until they are detached or it goes away. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "attach/hook.h"

static int fail_open(struct attach_call *call, const char *path, int result)
{
	if (result != -ENOENT && result != -ENXIO && result != -ENODEV)
		return lade_attach_refused(call, OPERATION_OPEN, path, result);
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.lirc.missing",
						      "%s: there is no lirc device %s", call->program->name, path);
	DIR *stream = opendir("/dev");
	finding_program(finding, call->program->name);
	for (struct dirent *entry; stream && (entry = readdir(stream));)
		if (strncmp(entry->d_name, "lirc", 4) == 0)
			finding_evidence(finding, "there is /dev/%s", entry->d_name);
	if (stream)
		(void)closedir(stream);
	return result;
}

int lade_attach_lirc(struct attach_call *call)
{
	const char *name = call->target->name;
	char path[PATH_MAX], device[32];
	struct stat status;
	(void)snprintf(path, sizeof path, "%s%s", *name == '/' ? "" : "/dev/", name);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return fail_open(call, path, -errno);
	(void)snprintf(device, sizeof device, "%u:%u", major(status.st_rdev), minor(status.st_rdev));
	const struct hook_place place = { .target = call->target->text,
					  .fd = fd,
					  .attach_type = BPF_LIRC_MODE2,
					  .effect = "lirc",
					  .fields = { "path", path, "device", device } };
	return lade_hook_put(call, &place);
}
