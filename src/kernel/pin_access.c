/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a pin could not be opened: whose it is, what its mode is, and who asked. */
#include "kernel/pin_access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/account.h"

enum { MAY_READ = 4, MAY_WRITE = 2 };

struct asker {
	uid_t uid;
	gid_t gid;
	gid_t groups[NGROUPS_MAX < 64 ? NGROUPS_MAX : 64];
	int group_count;
};

static struct asker who_asks(void)
{
	struct asker asker = { .uid = geteuid(), .gid = getegid() };
	asker.group_count = getgroups((int)ELEMENTS(asker.groups), asker.groups);
	if (asker.group_count < 0) /* more than that */
		asker.group_count = 0;
	return asker;
}

static bool is_in_group(const struct asker *asker, gid_t gid)
{
	bool is_in = asker->gid == gid;
	for (int i = 0; i < asker->group_count; i++)
		is_in |= asker->groups[i] == gid;
	return is_in;
}

/* MAY_READ | MAY_WRITE of the class that the asker is in. */
static unsigned granted(const struct asker *asker, const struct stat *pin)
{
	unsigned shift = asker->uid == pin->st_uid ? 6 : is_in_group(asker, pin->st_gid) ? 3 : 0;
	return (pin->st_mode >> shift) & (MAY_READ | MAY_WRITE);
}

static unsigned wanted(uint32_t flags)
{
	if (flags == BPF_F_RDONLY)
		return MAY_READ;
	return flags == BPF_F_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
}

static const char *words(unsigned rights)
{
	static const char *const names[] = {
		[MAY_READ] = "to read", [MAY_WRITE] = "to write", [MAY_READ | MAY_WRITE] = "to read and write"
	};
	return names[rights & (MAY_READ | MAY_WRITE)];
}

static void say_owner(struct lade_finding *finding, const char *path, const struct stat *about)
{
	char user[64], group[64];
	finding_evidence(finding, "%s belongs to %s:%s (%u:%u), mode %04o", path,
			 lade_account_name(ACCOUNT_USER, about->st_uid, user, sizeof user),
			 lade_account_name(ACCOUNT_GROUP, about->st_gid, group, sizeof group), about->st_uid,
			 about->st_gid, about->st_mode & 07777);
}

static void say_asker(struct lade_finding *finding, const struct asker *asker)
{
	char name[64];
	finding_evidence(finding, "this process runs as %s (%u), group %u%s",
			 lade_account_name(ACCOUNT_USER, asker->uid, name, sizeof name), asker->uid, asker->gid,
			 asker->group_count ? " and others" : "");
}

/* The first directory on the way that lets nobody like us through; false: all do. */
static bool find_closed_directory(const char *path, char directory[PATH_MAX], struct stat *ret_about)
{
	for (const char *slash = path; (slash = strchr(slash + 1, '/'));) {
		if ((size_t)snprintf(directory, PATH_MAX, "%.*s", (int)(slash - path), path) >= PATH_MAX)
			return false;
		if (faccessat(AT_FDCWD, directory, X_OK, AT_EACCESS) < 0 && errno == EACCES)
			return stat(directory, ret_about) == 0;
	}
	return false;
}

static void say_remedy(struct lade_finding *finding, const struct stat *pin, unsigned has, unsigned needs)
{
	char name[64];
	unsigned group = (pin->st_mode >> 3) & (MAY_READ | MAY_WRITE);
	if ((group & needs) == needs)
		finding_fix(finding, "run as a member of group %s (%u), or as root",
			    lade_account_name(ACCOUNT_GROUP, pin->st_gid, name, sizeof name), pin->st_gid);
	else if (has)
		finding_fix(finding, "open it only %s (LADE_MAP_%s), or have who loads it give it another mode",
			    words(has), has == MAY_READ ? "READ" : "WRITE");
	else
		finding_fix(finding, "run as its owner or as root, or have who loads it give it another mode");
}

void lade_pin_explain_access(struct lade_finding *finding, const char *path, uint32_t flags)
{
	char directory[PATH_MAX];
	struct stat about;
	const struct asker asker = who_asks();
	if (find_closed_directory(path, directory, &about)) {
		finding_cause(finding, "this process may not enter the directory %s", directory);
		say_owner(finding, directory, &about);
		say_asker(finding, &asker);
		finding_fix(finding, "run as root, or give %s mode 0755", directory);
		return;
	}
	if (stat(path, &about) < 0)
		return;
	unsigned has = granted(&asker, &about), needs = wanted(flags);
	say_owner(finding, path, &about);
	say_asker(finding, &asker);
	if ((has & needs) == needs) {
		finding_cause(finding, "the mode of the pin allows it: a security module refuses");
		return;
	}
	finding_cause(finding, "the mode of the pin does not give this process the right %s", words(needs & ~has));
	say_remedy(finding, &about, has, needs);
}
