/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "kernel/kernel.h"

enum { TRACEFS_TYPE = 0x74726163 };

static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

/* The second place is mounted by the kernel when somebody looks. */
static bool is_tracefs(const char *path)
{
	struct statfs status;
	return access(path, F_OK) == 0 && statfs(path, &status) == 0 && (unsigned long)status.f_type == TRACEFS_TYPE;
}

static const char *mounted_place(void)
{
	for (size_t i = 0; i < ELEMENTS(places); i++)
		if (is_tracefs(places[i]))
			return places[i];
	return NULL;
}

static int refuse(struct kernel *kernel, int result, bool tried, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, -result, "environment.tracefs",
						      "tracefs is not mounted at %s nor at %s", places[0], places[1]);
	if (tried)
		finding_evidence(finding, "mounting it at %s: %s", places[0], strerror(-result));
	if (result == -EPERM)
		finding_cause(finding, "it is not mounted, and this process may not mount it (CAP_SYS_ADMIN)");
	(void)kernel;
	return result;
}

int lade_kernel_tracefs(struct kernel *kernel, bool may_mount, const char **ret_path, struct lade_error **error)
{
	const char *place = mounted_place();
	if (!place && !may_mount)
		return refuse(kernel, -ENOENT, false, error);
	if (!place) {
		int result = kernel->calls->mount(kernel, "tracefs", places[0]);
		if (result < 0)
			return refuse(kernel, result, true, error);
		place = places[0];
	}
	*ret_path = place;
	return 0;
}
