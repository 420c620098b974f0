/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that may not be read or written: which part of its path keeps this process out, or that none does. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diagnose/denied.h"
#include "diagnose/gate_facts.h"

static bool is_refused(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) < 0 && errno == EACCES;
}

static void blame(const char *path, struct lade_finding *finding)
{
	struct stat status;

	finding_cause(finding, "the permissions of %s keep this process out", path);
	if (stat(path, &status) == 0)
		finding_evidence(finding, "%s has mode %04o and belongs to %u:%u; this process is %u:%u", path,
				 (unsigned)status.st_mode & 07777, status.st_uid, status.st_gid, geteuid(), getegid());
	finding_fix(finding, "run as its owner or as root, or change its mode or owner");
	finding_confidence(finding, LADE_CERTAIN);
}

/* The directories above must be entered; what is not there yet is made in the last of them. */
static bool blame_part(const char *path, int mode, struct lade_finding *finding)
{
	char part[PATH_MAX];
	size_t length = strlen(path);
	struct stat status;

	if (length >= sizeof part)
		return false;
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (is_refused(part, X_OK)) {
			blame(part, finding);
			return true;
		}
		if (stat(part, &status) < 0)
			return false;
	}
	if (stat(path, &status) == 0 && is_refused(path, mode)) {
		blame(path, finding);
		return true;
	}
	(void)snprintf(part, sizeof part, "%.*s", (int)(strrchr(path, '/') - path), path);
	if (!(mode & W_OK) || !*part || !is_refused(part, W_OK | X_OK))
		return false;
	blame(part, finding);
	return true;
}

void lade_diagnose_file(struct kernel *kernel, const char *path, int mode, int errnum, struct lade_finding *finding)
{
	struct denied_call call = lade_denied_call("the file", errnum);

	if (!finding || kernel->recorded_version || *path != '/' || blame_part(path, mode, finding))
		return;
	if (strstr(path, "/tracing"))
		call.lockdown = "confidentiality";
	lade_diagnose_denied(kernel, &call, finding);
}

void lade_diagnose_unreadable(struct kernel *kernel, const char *path, int errnum, struct lade_finding *finding)
{
	lade_diagnose_file(kernel, path, R_OK, errnum, finding);
}

void lade_diagnose_no_events(struct kernel *kernel, const char *tracefs, struct lade_finding *finding)
{
	struct denied_call call = lade_denied_call("the file of tracing events", EPERM);
	char events[PATH_MAX];

	(void)snprintf(events, sizeof events, "%s/events", tracefs);
	if (!finding || kernel->recorded_version || access(events, F_OK) == 0)
		return;
	finding_evidence(finding, "%s does not exist: there are no events at all", events);
	finding_cause(finding,
		      "tracefs has no events: the kernel was built without CONFIG_EVENT_TRACING, or is locked down "
		      "(lockdown=confidentiality)");
	finding_fix(finding, "use a kernel with CONFIG_EVENT_TRACING=y that is not locked down");
	finding_confidence(finding, LADE_LIKELY);
	lade_denied_only(kernel, &call, "environment.lockdown", finding);
}
