/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/owners.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"

/* Those that objects name; the numbers are Android's interface. */
static const struct {
	uint32_t id;
	const char *name;
} names[BOOT_NAMES] = {
	{ 0, "root" },
	{ 1000, "system" },
	{ 1003, "graphics" },
	{ 1023, "media_rw" },
	{ 1029, "clat" },
	{ 1051, "dns" },
	{ 1073, "network_stack" },
	{ 1090, "sdk_sandbox" },
	{ 1093, "uprobestats" },
	{ 2000, "shell" },
	{ 3004, "net_raw" },
	{ 3005, "net_admin" },
	{ 3006, "net_bw_stats" },
	{ 3007, "net_bw_acct" },
	{ 9999, "nobody" },
};

const char *lade_boot_android_name(uint32_t id)
{
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (names[i].id == id)
			return names[i].name;
	return NULL;
}

/* (uid_t)-1 would mean "as it is". */
static bool find_account(const char *etc, enum account_kind kind, const char *name, uint32_t *ret_number)
{
	uint32_t number;

	if (!lade_account_number(etc, kind, name, &number) || number == UINT32_MAX)
		return false;
	*ret_number = number;
	return true;
}

static void read_accounts(const char *etc, struct boot_account *accounts)
{
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct boot_account *account = &accounts[i];
		account->has_user = find_account(etc, ACCOUNT_USER, names[i].name, &account->user);
		account->has_group = find_account(etc, ACCOUNT_GROUP, names[i].name, &account->group);
	}
}

static bool is_android(void)
{
	return access("/system/bin/init", F_OK) == 0 || access("/system/build.prop", F_OK) == 0;
}

void lade_boot_owners_read(enum lade_boot_owners how, const char *etc, struct boot_owners *ret_owners)
{
	struct boot_owners owners = { .how = how };

	if (how == LADE_OWNERS_DEFAULT)
		owners.how = is_android() ? LADE_OWNERS_NUMERIC : LADE_OWNERS_ROOT;
	if (owners.how == LADE_OWNERS_NAMES)
		read_accounts(etc, owners.accounts);
	*ret_owners = owners;
}

/* Once for each account: an object with many maps says it once. */
static void note_absent(struct findings *notes, const char *what, const char *kind, uint32_t id, const char *name)
{
	struct lade_finding *finding;

	finding = lade_note_add(notes, "boot.owner.absent",
				"%s: no %s of this machine is called %s (%" PRIu32 "): root owns it", what, kind,
				name ? name : "so", id);
	if (name)
		finding_fix(finding, "%s %s", strcmp(kind, "user") == 0 ? "useradd --system" : "groupadd --system",
			    name);
}

static uint32_t local_id(const struct boot_owners *owners, const char *what, bool group, uint32_t id,
			 struct findings *notes)
{
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		const struct boot_account *account = &owners->accounts[i];
		if (names[i].id != id)
			continue;
		if (id == 0 || (group ? account->has_group : account->has_user))
			return id == 0 ? 0 : group ? account->group : account->user;
	}
	note_absent(notes, what, group ? "group" : "user", id, lade_boot_android_name(id));
	return 0;
}

void lade_boot_owners_apply(const struct boot_owners *owners, const char *what, uint32_t *uid, uint32_t *gid,
			    struct findings *notes)
{
	if (owners->how == LADE_OWNERS_NUMERIC)
		return;
	if (owners->how == LADE_OWNERS_ROOT) {
		*uid = *gid = 0;
		return;
	}
	*uid = local_id(owners, what, false, *uid, notes);
	*gid = local_id(owners, what, true, *gid, notes);
}
