/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Android's versions as tables: which directories its loaders read, in which order, and what is allowed there.
 *
 * Up to 0.40 one loader did it all. Since then NetBpfLoad, which comes with the network's module and is 0.42 or newer,
 * loads what is the network's, and the platform's own loader the rest: 0.41 of Android 14, one without a version of
 * Android 15, one of Android 16 that takes libbpf's objects.
 */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "boot/android.h"

/* ---- versions ---- */

struct version {
	const char *name;
	unsigned number;
	uint32_t loader;   /* what is meant without a loader version; 0: it has none */
	uint32_t platform; /* of the platform's loader where NetBpfLoad is another */
};

static const struct version versions[] = {
	{ "10", 10, 0, LOADER_NONE },
	{ "11", 11, 0, LOADER_NONE },
	{ "12", 12, 2, 2 },
	{ "13", 13, 19, 19 },
	{ "14", 14, 46, LOADER_SPLIT },
	{ "15", 15, 46, POLICY_LOADER_UNVERSIONED },
	{ "16", 16, LOADER_EXACT, POLICY_LOADER_UNVERSIONED },
};

/* ---- what is allowed ---- */

#define TYPE(name) (UINT64_C(1) << BPF_PROG_TYPE_##name)
#define ANY        UINT64_MAX
#define FUSE       TYPE(UNSPEC) /* its number is the kernel's choice */

#define NETWORK_TYPES_OLD                                                                                              \
	(TYPE(CGROUP_SKB) | TYPE(CGROUP_SOCK) | TYPE(CGROUP_SOCK_ADDR) | TYPE(SCHED_ACT) | TYPE(SCHED_CLS) |           \
	 TYPE(SOCKET_FILTER) | TYPE(XDP))
#define NETWORK_TYPES                                                                                                  \
	(NETWORK_TYPES_OLD | TYPE(CGROUP_SOCKOPT) | TYPE(CGROUP_SYSCTL) | TYPE(LWT_IN) | TYPE(LWT_OUT) |               \
	 TYPE(LWT_SEG6LOCAL) | TYPE(LWT_XMIT) | TYPE(SOCK_OPS))
#define PLATFORM_TYPES (TYPE(KPROBE) | TYPE(PERF_EVENT) | TYPE(SOCKET_FILTER) | TYPE(TRACEPOINT) | FUSE)

#define NETWORK_DOMAINS                                                                                                \
	(DOMAIN_BIT(DOMAIN_TETHERING) | DOMAIN_BIT(DOMAIN_NET_PRIVATE) | DOMAIN_BIT(DOMAIN_NET_SHARED) |               \
	 DOMAIN_BIT(DOMAIN_NETD_READONLY) | DOMAIN_BIT(DOMAIN_NETD_SHARED))

/* Who loads, and what from: the network's module, the platform, its uprobestats, the vendor. */
enum role { NETWORK, PLATFORM, UPROBES, VENDOR, LIBBPF };

/* For loaders from `since`; the last row that fits counts. */
static const struct limit {
	enum role role;
	uint32_t since;
	uint64_t types;
	uint32_t domains;
} limits[] = {
	{ NETWORK, 0, ANY, NETWORK_DOMAINS },
	{ NETWORK, 22, NETWORK_TYPES_OLD, NETWORK_DOMAINS },
	{ NETWORK, 36, NETWORK_TYPES, NETWORK_DOMAINS },
	{ NETWORK, LOADER_NETWORK, ANY, UINT32_MAX },
	{ PLATFORM, 0, ANY, DOMAIN_BIT(DOMAIN_PLATFORM) },
	{ PLATFORM, 22, PLATFORM_TYPES, DOMAIN_BIT(DOMAIN_PLATFORM) },
	{ UPROBES, 0, TYPE(KPROBE), DOMAIN_BIT(DOMAIN_PLATFORM) },
	{ VENDOR, 0, TYPE(SOCKET_FILTER), DOMAIN_BIT(DOMAIN_VENDOR) },
	{ LIBBPF, 0, ANY, UINT32_MAX },
};

static const struct limit *find_limit(enum role role, uint32_t loader)
{
	const struct limit *found = &limits[0];
	for (size_t i = 0; i < ELEMENTS(limits); i++)
		if (limits[i].role == role && limits[i].since <= loader)
			found = &limits[i];
	return found;
}

/* ---- locations ---- */

#define APEX   "/apex/com.android.tethering/etc/bpf"
#define NO_END UINT32_MAX

/* For Androids `from` to `to` whose given loader is `since` to before `until`; in the order of loading. */
static const struct row {
	const char *directory, *prefix;
	enum role role;
	unsigned from, to;
	uint32_t since, until;
} rows[] = {
	{ APEX, "tethering/", NETWORK, 12, 15, 0, LOADER_NAMED },
	{ APEX "/tethering", "tethering/", NETWORK, 16, 16, 0, LOADER_NAMED },
	{ APEX "/netd_shared", "netd_shared/", NETWORK, 13, 16, 12, LOADER_NAMED },
	{ APEX "/netd_readonly", "netd_readonly/", NETWORK, 13, 16, 16, LOADER_NAMED },
	{ APEX "/net_shared", "net_shared/", NETWORK, 13, 16, 9, LOADER_NAMED },
	{ APEX "/net_private", "net_private/", NETWORK, 13, 16, 12, LOADER_NAMED },
	{ APEX "/mainline", "", NETWORK, 12, 16, LOADER_NAMED, NO_END },
	{ "/system/etc/bpf", "", PLATFORM, 10, 15, 0, NO_END },
	{ "/system/etc/bpf/uprobestats", "uprobestats/", UPROBES, 14, 15, LOADER_SPLIT, NO_END },
	{ "/vendor/etc/bpf", "vendor/", VENDOR, 13, 15, 11, NO_END },
	{ "/etc/bpf", "", LIBBPF, 16, 16, 0, NO_END },
	{ "/etc/bpf/memevents", "", LIBBPF, 16, 16, 0, NO_END },
	{ "/vendor/etc/bpf", "vendor/", LIBBPF, 16, 16, 0, NO_END },
};

/* What the loaders since Android 16's mainline look for, in this order. */
static const char *const mainline_old[] = { "offload.o", "test.o", NULL };
static const char *const mainline[] = { "offload.o", "test.o", "clatd.o", "dscpPolicy.o", "netd.o", NULL };

static uint32_t loader_of(const struct version *version, enum role role, uint32_t given)
{
	if (!version->loader)
		return LOADER_NONE;
	if (given < LOADER_SPLIT || (role == NETWORK && given >= LOADER_NETWORK))
		return given;
	return version->platform;
}

static const char *tag_of(const struct boot_location *location)
{
	if (location->is_network)
		return "NetBpfLoad";
	return location->loader == POLICY_LOADER_UNVERSIONED ? "BpfLoader" : "LibBpfLoader";
}

static int add_location(struct boot_policy *policy, const struct version *version, const struct row *row)
{
	struct boot_location *location = array_push(&policy->locations);
	if (!location)
		return -ENOMEM;
	location->loader = loader_of(version, row->role, policy->device.loader);
	const struct limit *limit = find_limit(row->role, location->loader);
	location->directory = strdup(row->directory);
	location->prefix = strdup(row->prefix);
	location->types = limit->types;
	location->domains = limit->domains;
	location->is_network = row->role == NETWORK && location->loader >= LOADER_NETWORK;
	location->is_split = location->loader >= LOADER_SPLIT && (row->role != NETWORK || location->is_network);
	location->suffix = row->role == LIBBPF ? ".bpf" : ".o";
	if (row->since == LOADER_NAMED)
		location->files = version->number >= 13 ? mainline : mainline_old;
	location->tag = tag_of(location);
	return location->directory && location->prefix ? 0 : -ENOMEM;
}

static bool fits(const struct row *row, const struct version *version, uint32_t loader)
{
	return version->number >= row->from && version->number <= row->to && loader >= row->since &&
	       loader < row->until;
}

static int add_locations(struct boot_policy *policy, const struct version *version)
{
	int result = 0;
	for (size_t i = 0; result == 0 && i < ELEMENTS(rows); i++)
		if (fits(&rows[i], version, policy->device.loader))
			result = add_location(policy, version, &rows[i]);
	return result;
}

/* ---- what else is done ---- */

/* By init up to Android 13, by the loader since; only there a failure ends it all. */
static const struct boot_sysctl sysctls_of_init[] = {
	{ "/proc/sys/net/core/bpf_jit_enable", "1", false },
	{ "/proc/sys/net/core/bpf_jit_kallsyms", "1", false },
	{ "/proc/sys/kernel/unprivileged_bpf_disabled", "0", false },
};
static const struct boot_sysctl sysctls_of_loader[] = {
	{ "/proc/sys/net/core/bpf_jit_enable", "1", true },
	{ "/proc/sys/net/core/bpf_jit_kallsyms", "1", true },
	{ "/proc/sys/kernel/unprivileged_bpf_disabled", "0", true },
};

static void set_surroundings(struct boot_policy *policy)
{
	uint32_t loader = policy->device.loader;
	policy->makes_late = policy->android == 12;
	policy->has_loader_dir = policy->android >= 13 && loader >= 31;
	policy->has_self_test = policy->android >= 13 && loader >= LOADER_MOVED_UID;
	policy->tag = policy->android >= 14 && loader >= LOADER_NETWORK ? "NetBpfLoad" : "bpfloader";
	policy->sysctls = policy->android >= 14 ? sysctls_of_loader : sysctls_of_init;
	policy->sysctl_count = ELEMENTS(sysctls_of_init);
	if (policy->android <= 12)
		policy->sysctl_count--; /* programs without privilege were as the kernel had them */
	if (policy->android <= 10)
		policy->sysctl_count = 0;
}

/* ---- which version ---- */

static int fail_version(const char *wanted, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "boot.android.version", "Android \"%s\" is none that Lade knows", wanted);
	for (size_t i = 0; i < ELEMENTS(versions); i++)
		if (versions[i].loader)
			finding_evidence(finding, "Android %s: bpfloader version %u", versions[i].name,
					 versions[i].loader);
		else
			finding_evidence(finding, "Android %s: bpfloader without a version", versions[i].name);
	return -EINVAL;
}

static const struct version *find_version(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(versions); i++)
		if (strcmp(versions[i].name, name) == 0)
			return &versions[i];
	return NULL;
}

static void note_choice(struct boot_policy *policy, const struct version *version)
{
	const struct boot_device *device = &policy->device;
	struct lade_finding *note;
	if (!version->loader)
		note = lade_note_add(&policy->notes, "boot.android.chosen",
				     "Android %s, whose bpfloader has no version, kernel %s, %s", version->name,
				     device->release, device->architecture);
	else
		note = lade_note_add(&policy->notes, "boot.android.chosen",
				     "Android %s, bpfloader version %u, build type %s, kernel %s, %s", version->name,
				     device->loader, device->build_type, device->release, device->architecture);
	if (device->loader < LOADER_SPLIT || version->platform == version->loader)
		return;
	if (version->platform == POLICY_LOADER_UNVERSIONED)
		finding_evidence(note, "the platform's own loader has no version and looks at kernel versions only");
	else
		finding_evidence(note, "the platform's own loader is version %u", version->platform);
}

int lade_boot_android_policy(const struct lade_boot_opts *opts, struct boot_policy *policy, struct lade_error **error)
{
	const struct version *version = find_version(opts->android);
	*policy = (struct boot_policy){ .is_android = true };
	if (!version)
		return fail_version(opts->android, error);
	int result = lade_boot_device(opts, &policy->device, error);
	if (result < 0)
		return result;
	policy->android = version->number;
	if (!version->loader || !policy->device.loader)
		policy->device.loader = version->loader;
	set_surroundings(policy);
	note_choice(policy, version);
	if (add_locations(policy, version) == 0)
		return 0;
	lade_boot_policy_clear(policy);
	return lade_fail_memory(error);
}

/* ---- a directory that the user names ---- */

static const struct boot_location *find_platform(const struct boot_policy *policy)
{
	array_foreach(location, &policy->locations)
		if (strcmp(location->directory, "/system/etc/bpf") == 0 || strcmp(location->directory, "/etc/bpf") == 0)
			return location;
	return NULL;
}

int lade_boot_add_directory(struct boot_policy *policy, const char *directory, struct lade_error **error)
{
	const struct boot_location *platform = policy->is_android ? find_platform(policy) : NULL;
	struct boot_location added = { .types = UINT64_MAX, .domains = UINT32_MAX };
	if (platform)
		added = *platform;
	added.directory = strdup(directory);
	added.prefix = strdup(platform ? platform->prefix : "");
	struct boot_location *place = added.directory && added.prefix ? array_push(&policy->locations) : NULL;
	if (place) {
		*place = added;
		return 0;
	}
	free(added.directory);
	free(added.prefix);
	return lade_fail_memory(error);
}
