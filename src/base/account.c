/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/account.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define ETC "/etc"

struct account {
	const char *name;
	uint32_t number;
};

typedef bool matches_fn(const struct account *account, const void *wanted);

/* Holds a group of some thousand members; accounts behind a longer line are not seen. */
typedef char account_line[16384];

static bool find_user(FILE *file, account_line line, matches_fn *matches, const void *wanted,
		      struct account *ret_account)
{
	struct passwd entry, *found;

	while (fgetpwent_r(file, &entry, line, sizeof(account_line), &found) == 0) {
		struct account account = { entry.pw_name, entry.pw_uid };
		if (!matches(&account, wanted))
			continue;
		*ret_account = account;
		return true;
	}
	return false;
}

static bool find_group(FILE *file, account_line line, matches_fn *matches, const void *wanted,
		       struct account *ret_account)
{
	struct group entry, *found;

	while (fgetgrent_r(file, &entry, line, sizeof(account_line), &found) == 0) {
		struct account account = { entry.gr_name, entry.gr_gid };
		if (!matches(&account, wanted))
			continue;
		*ret_account = account;
		return true;
	}
	return false;
}

static bool find(const char *etc, enum account_kind kind, account_line line, matches_fn *matches, const void *wanted,
		 struct account *ret_account)
{
	char path[512];
	FILE *file;
	bool is_there;

	(void)snprintf(path, sizeof path, "%s/%s", etc ? etc : ETC, kind == ACCOUNT_USER ? "passwd" : "group");
	file = fopen(path, "re");
	if (!file)
		return false;
	is_there = (kind == ACCOUNT_USER ? find_user : find_group)(file, line, matches, wanted, ret_account);
	(void)fclose(file);
	return is_there;
}

static bool has_name(const struct account *account, const void *wanted)
{
	return strcmp(account->name, wanted) == 0;
}

static bool has_number(const struct account *account, const void *wanted)
{
	return account->number == *(const uint32_t *)wanted;
}

bool lade_account_number(const char *etc, enum account_kind kind, const char *name, uint32_t *ret_number)
{
	account_line line;
	struct account account;

	if (!find(etc, kind, line, has_name, name, &account))
		return false;
	*ret_number = account.number;
	return true;
}

const char *lade_account_name(enum account_kind kind, uint32_t number, char *buffer, size_t size)
{
	account_line line;
	struct account account;

	if (find(NULL, kind, line, has_number, &number, &account))
		(void)snprintf(buffer, size, "%s", account.name);
	else
		(void)snprintf(buffer, size, "%u", number);
	return buffer;
}
