/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A header <linux/…> that was not found: those for programs (UAPI) are of another package than the kernel's own, and
 * each came with some kernel.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/settle/settlers.h"

#define NAME_BYTES            64
#define RELEASE(major, minor) ((major) << 8 | (minor))

static const struct header {
	const char *name;  /* below linux/ */
	uint16_t since;    /* 0: long before programs of BPF */
	bool is_of_libbpf; /* its sources have a copy, in include/uapi */
} headers[] = {
	{ "bpf.h", RELEASE(3, 18), true },
	{ "bpf_common.h", RELEASE(3, 18), true },
	{ "bpf_perf_event.h", RELEASE(4, 9), false },
	{ "btf.h", RELEASE(4, 18), true },
	{ "if_xdp.h", RELEASE(4, 18), true },
	{ "if_link.h", 0, true },
	{ "netlink.h", 0, true },
	{ "perf_event.h", 0, true },
	{ "pkt_cls.h", 0, true },
	{ "pkt_sched.h", 0, true },
	{ "netdev.h", RELEASE(6, 3), true },
	{ "openat2.h", RELEASE(5, 6), true },
	{ "tc_act/tc_bpf.h", RELEASE(4, 1), false },
	{ "lwtunnel.h", RELEASE(4, 3), false },
	{ "seg6.h", RELEASE(4, 10), false },
	{ "seg6_iptunnel.h", RELEASE(4, 10), false },
	{ "seg6_local.h", RELEASE(4, 14), false },
	{ "nsfs.h", RELEASE(4, 9), false },
	{ "tls.h", RELEASE(4, 13), false },
	{ "memfd.h", RELEASE(3, 17), false },
	{ "io_uring.h", RELEASE(5, 1), false },
	{ "time_types.h", RELEASE(5, 1), false },
	{ "close_range.h", RELEASE(5, 9), false },
	{ "landlock.h", RELEASE(5, 13), false },
	{ "ethtool_netlink.h", RELEASE(5, 6), false },
	{ "mptcp.h", RELEASE(5, 7), false },
	{ "nexthop.h", RELEASE(5, 3), false },
	{ "types.h", 0, false },
	{ "if_ether.h", 0, false },
	{ "if_packet.h", 0, false },
	{ "if_arp.h", 0, false },
	{ "if_tun.h", 0, false },
	{ "icmp.h", 0, false },
	{ "icmpv6.h", 0, false },
	{ "rtnetlink.h", 0, false },
	{ "genetlink.h", 0, false },
	{ "sockios.h", 0, false },
	{ "limits.h", 0, false },
	{ "unistd.h", 0, false },
	{ "magic.h", 0, false },
	{ "taskstats.h", 0, false },
};

/* Of the kernel's sources alone: no package for programs has them. */
static const char *const internals[] = {
	"skbuff.h",         "mm_types.h",  "slab.h",         "kprobes.h",       "tracepoint.h", "kobject.h",
	"workqueue.h",      "list.h",      "interrupt.h",    "init.h",          "cdev.h",       "uaccess.h",
	"blk-mq.h",         "blkdev.h",    "dcache.h",       "path.h",          "nsproxy.h",    "ns_common.h",
	"user_namespace.h", "cred.h",      "btf_ids.h",      "bpf_verifier.h",  "percpu.h",     "rcupdate.h",
	"spinlock.h",       "mutex.h",     "cgroup.h",       "pid_namespace.h", "mmzone.h",     "fdtable.h",
	"blk_types.h",      "bpf_trace.h", "sched/signal.h", "sched/task.h",    "sched/mm.h",   "trace_events.h",
};

/* "params.c:13:10: fatal error: linux/if_xdp.h: No such…", "… 'linux/if_xdp.h' file not found": behind linux/. */
static bool take_header(const char *line, char name[NAME_BYTES])
{
	static const char mark[] = "fatal error: ", directory[] = "linux/";
	const char *at = strstr(line, mark);
	size_t length;

	if (!at)
		return false;
	at += strlen(mark);
	at += *at == '\'' || *at == '"';
	if (strncmp(at, directory, strlen(directory)) != 0)
		return false;
	at += strlen(directory);
	length = strcspn(at, ":'\" ");
	(void)snprintf(name, NAME_BYTES, "%.*s", (int)length, at);
	return length > 0 && length < NAME_BYTES;
}

/* A header of a kernel's tree asks for it: that tree is not whole, or bcc reads it. */
static bool is_of_tree(const char *line)
{
	static const char *const places[] = { "/usr/src/", "/lib/modules/", "include/linux/",
					      "/virtual/", "/bpftrace/",    "definitions.h" };
	const char *error = strstr(line, "fatal error: ");

	for (size_t i = 0; i < ELEMENTS(places); i++) {
		const char *at = strstr(line, places[i]);
		if (at && at < error)
			return true;
	}
	return false;
}

static void blame_package(struct explained *item, const struct header *header)
{
	char since[KERNEL_VERSION_BYTES] = "";

	lade_kernel_spell(header->since, since);
	finding_cause(item->finding,
		      "linux/%s is one of the kernel's headers for programs (UAPI)%s%s%s: the package that has them is "
		      "not installed%s",
		      header->name, header->since ? ", in which it is from Linux " : "", header->since ? since : "",
		      header->since ? " on" : "", header->since ? ", or is of an older release" : "");
	finding_fix(item->finding,
		    "apt install linux-libc-dev (Fedora, RHEL: kernel-headers; Arch: linux-api-headers; SUSE: "
		    "linux-glibc-devel; Alpine: linux-headers)%s%s%s. The headers of the running kernel "
		    "(linux-headers-$(uname -r), kernel-devel) and libbpf-dev do not put it where the compiler looks",
		    header->since ? " of a release with Linux " : "", header->since ? since : "",
		    header->is_of_libbpf
			    ? (header->since ? " or later; or libbpf's own copy: -I LIBBPF/include/uapi of its sources"
					     : "; or libbpf's own copy: -I LIBBPF/include/uapi of its sources")
			    : (header->since ? " or later" : ""));
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void blame_internal(struct explained *item, const char *name)
{
	finding_cause(
		item->finding,
		"linux/%s is a header of the kernel's own sources, which no package for programs has: it is found "
		"only where the compiler is led to the headers of a kernel",
		name);
	finding_fix(item->finding,
		    "a BPF program with CO-RE: vmlinux.h in its place (bpftool btf dump file /sys/kernel/btf/vmlinux "
		    "format c > vmlinux.h), and no other linux/ header beside it; else linux-headers-$(uname -r) "
		    "(kernel-devel), and -I of /lib/modules/$(uname -r)/build/include and arch/…/include, as the "
		    "kernel's own build has them");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void blame(struct explained *item, const char *name)
{
	for (size_t i = 0; i < ELEMENTS(headers); i++)
		if (strcmp(headers[i].name, name) == 0) {
			blame_package(item, &headers[i]);
			return;
		}
	for (size_t i = 0; i < ELEMENTS(internals); i++)
		if (strcmp(internals[i], name) == 0) {
			blame_internal(item, name);
			return;
		}
}

static bool is_open(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && !item->is_settled &&
	       item->finding->confidence != LADE_CERTAIN &&
	       (strcmp(item->finding->code, "compile.header") == 0 ||
		strcmp(item->finding->code, "compile.kernel-headers") == 0);
}

void lade_explanation_uapi_header(struct lade_explanation *explanation, const char *text, size_t length)
{
	char name[NAME_BYTES];

	(void)text;
	(void)length;
	array_foreach(item, &explanation->items)
		if (is_open(item) && take_header(item->line, name) && !is_of_tree(item->line))
			blame(item, name);
}
