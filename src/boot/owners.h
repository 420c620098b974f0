/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose a pin becomes on this machine, when Android's numbers are somebody else's here. */
#ifndef LADE_BOOT_OWNERS_H
#define LADE_BOOT_OWNERS_H

#include <lade/boot.h>

#include "base/error.h"

#define BOOT_NAMES 15

/* The accounts of this machine that are called as Android calls its own; read once. */
struct boot_owners {
	enum lade_boot_owners how;
	struct boot_account {
		bool has_user, has_group;
		uint32_t user, group;
	} accounts[BOOT_NAMES];
};

/* LADE_OWNERS_DEFAULT: numbers on Android, else root. etc: the directory of passwd and group, "/etc". */
void lade_boot_owners_read(enum lade_boot_owners how, const char *etc, struct boot_owners *ret_owners);
/* "net_admin" of 3005; NULL: a number without a name. */
const char *lade_boot_android_name(uint32_t id);
/*
 * *uid and *gid become those of this machine. What has no account here becomes root, with the note boot.owner.absent
 * about `what`.
 */
void lade_boot_owners_apply(const struct boot_owners *owners, const char *what, uint32_t *uid, uint32_t *gid,
			    struct findings *notes);

#endif
