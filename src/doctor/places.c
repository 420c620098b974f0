/* SPDX-License-Identifier: BSD-2-Clause */
/* Nearly everything is read below /proc and /sys. In a chroot or a bare container they may not be there: said, not
 * guessed. */
#include <sys/vfs.h>

#include "doctor/doctor.h"

#define PROC_KIND  0x9fa0     /* PROC_SUPER_MAGIC */
#define SYSFS_KIND 0x62656572 /* SYSFS_MAGIC */

static bool lacks(const char *path, long kind)
{
	struct statfs status;

	return statfs(path, &status) < 0 || (long)status.f_type != kind;
}

/* Of a copy of another machine's files each file speaks for itself. */
void lade_doctor_places(struct lade_doctor *doctor)
{
	if (*doctor->root)
		return;
	doctor->lacks_proc = lacks("/proc", PROC_KIND);
	doctor->lacks_sys = lacks("/sys", SYSFS_KIND);
}

void lade_doctor_judge_places(struct lade_doctor *doctor)
{
	if (doctor->lacks_proc)
		finding_evidence(lade_note_add(&doctor->findings, "doctor.proc.missing", "/proc is not mounted"),
				 "statfs(2) of /proc finds no proc file system");
	if (doctor->lacks_sys)
		finding_evidence(lade_note_add(&doctor->findings, "doctor.sysfs.missing", "/sys is not mounted"),
				 "statfs(2) of /sys finds no sysfs");
}
