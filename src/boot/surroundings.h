/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot does to the kernel besides loading objects: before the first, and after the last. */
#ifndef LADE_BOOT_SURROUNDINGS_H
#define LADE_BOOT_SURROUNDINGS_H

#include "boot/boot.h"

/*
 * bpf(2) and bpffs are there, nobody else boots (*ret_lock, until it is closed), what interrupted loads of the same
 * objects left is gone, sysctls are compared, and the directories of all prefixes are made. kernel.bpf.absent,
 * kernel.bpf.filtered, pin.bpffs-missing, boot.lock, boot.sysctl.write, boot.directory.*.
 */
int lade_boot_prepare_kernel(struct boot_run *run, int *ret_lock, struct lade_error **error);
/* What a load could not take back itself, for want of descriptors or memory; later there may be some. state.orphan. */
int lade_boot_remove_leftovers(struct boot_run *run, struct lade_error **error);
/* Before the first object of a location. boot.directory.*. */
int lade_boot_enter_location(struct boot_run *run, size_t location, struct lade_error **error);
/* Self test, Android's mark of a finished network, and the lock. boot.self-test, boot.sysctl.write. */
int lade_boot_finish_kernel(struct boot_run *run, struct lade_error **error);
/* What Android's loader exits with when a critical object failed. */
int lade_boot_critical_value(const struct boot_policy *policy);

#endif
