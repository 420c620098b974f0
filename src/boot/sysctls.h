/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy makes of the kernel's settings: compared, and written only when that is asked for. */
#ifndef LADE_BOOT_SYSCTLS_H
#define LADE_BOOT_SYSCTLS_H

#include "boot/policy.h"

#define BOOT_SYSCTLS "/proc/sys"

/*
 * proc_sys: BOOT_SYSCTLS, or a directory like it. Notes: boot.sysctl.differs, boot.sysctl.absent, boot.sysctl.written,
 * boot.sysctl.unprivileged. -errno with boot.sysctl.write.
 */
int lade_boot_sysctls(const char *proc_sys, const struct boot_policy *policy, bool write, struct findings *notes,
		      struct lade_error **error);
/* kernel.unprivileged_bpf_disabled=1 where it is 0; never lowered. Note boot.locked; boot.sysctl.write. */
int lade_boot_lock_down(const char *proc_sys, struct findings *notes, struct lade_error **error);

#endif
