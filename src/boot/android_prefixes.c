/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which section names a loader of Android takes for programs. The first prefix that matches counts; a section that
 * none matches is ignored. What type a prefix gives is in data/section_prefixes.csv.
 */
#include <string.h>

#include "boot/android.h"

#define SLASHES_SINCE 7 /* before, no prefix ended in a slash: cgroupsock swallowed cgroupsockaddr */
#define NO_END        UINT32_MAX

enum { PLATFORM = 1, NETWORK = 2, BOTH = 3 };

static const struct prefix {
	const char *name;
	uint32_t since, until; /* from `since` to before `until` */
	unsigned who;          /* since the platform's and the network's loaders are two */
	bool has_no_slash;
} prefixes[] = {
	{ "bind4", 10, NO_END, NETWORK },
	{ "bind6", 10, NO_END, NETWORK },
	{ "cgroupskb", 0, NO_END, NETWORK },
	{ "cgroupsock", 0, NO_END, NETWORK },
	{ "cgroupsockaddr", 5, 10, NETWORK },
	{ "cgroupsockcreate", 46, NO_END, NETWORK },
	{ "cgroupsockrelease", 46, NO_END, NETWORK },
	{ "connect4", 35, NO_END, NETWORK },
	{ "connect6", 35, NO_END, NETWORK },
	{ "egress", 36, NO_END, NETWORK },
	{ "fuse", 8, NO_END, PLATFORM },
	{ "getsockopt", 36, NO_END, NETWORK },
	{ "ingress", 36, NO_END, NETWORK },
	{ "kprobe", 0, NO_END, PLATFORM },
	{ "kretprobe", 36, NO_END, PLATFORM },
	{ "lwt_in", 37, NO_END, NETWORK },
	{ "lwt_out", 37, NO_END, NETWORK },
	{ "lwt_seg6local", 37, NO_END, NETWORK },
	{ "lwt_xmit", 37, NO_END, NETWORK },
	{ "perf_event", 15, NO_END, PLATFORM },
	{ "postbind4", 36, NO_END, NETWORK },
	{ "postbind6", 36, NO_END, NETWORK },
	{ "recvmsg4", 36, NO_END, NETWORK },
	{ "recvmsg6", 36, NO_END, NETWORK },
	{ "schedact", 3, NO_END, NETWORK },
	{ "schedcls", 0, NO_END, NETWORK },
	{ "sendmsg4", 36, NO_END, NETWORK },
	{ "sendmsg6", 36, NO_END, NETWORK },
	{ "setsockopt", 36, NO_END, NETWORK },
	{ "skfilter", 0, NO_END, BOTH },
	{ "sockops", 37, NO_END, NETWORK },
	{ "sysctl", 36, NO_END, NETWORK, .has_no_slash = true },
	{ "tracepoint", 0, NO_END, PLATFORM },
	{ "uprobe", 36, NO_END, PLATFORM },
	{ "uretprobe", 36, NO_END, PLATFORM },
	{ "xdp", 2, NO_END, NETWORK },
};

static bool matches(const struct prefix *prefix, uint32_t loader, const char *section)
{
	size_t length = strlen(prefix->name);
	if (strncmp(section, prefix->name, length) != 0)
		return false;
	return prefix->has_no_slash || loader < SLASHES_SINCE || section[length] == '/';
}

static bool is_known(const struct prefix *prefix, const struct boot_location *location)
{
	if (location->loader != POLICY_LOADER_UNVERSIONED &&
	    (location->loader < prefix->since || location->loader >= prefix->until))
		return false;
	if (location->loader == POLICY_LOADER_UNVERSIONED && prefix->until != NO_END)
		return false;
	return !location->is_split || prefix->who & (unsigned)(location->is_network ? NETWORK : PLATFORM);
}

bool lade_android_knows_section(const struct boot_location *location, const char *section)
{
	if (location->loader >= LOADER_NAMED && loader_is_versioned(location->loader))
		return true; /* a program's definition says what it is */
	for (size_t i = 0; i < ELEMENTS(prefixes); i++)
		if (is_known(&prefixes[i], location) && matches(&prefixes[i], location->loader, section))
			return true;
	return false;
}
