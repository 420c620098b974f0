/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text that names its kernel, and a message about something that this kernel does not have yet: a header, a type of
 * map, a system call. Then it is no package that is missing, and no option.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/settle/settlers.h"

#define RELEASE(major, minor) ((major) << 8 | (minor))

/* Those of RHEL and what is built from it carry years of newer code under an old number; ELRepo's are mainline. */
static bool is_backporter(const struct kernel_known *known)
{
	return !strstr(known->why, "elrepo") && (strstr(known->why, ".el") || strstr(known->why, ".amzn"));
}

/* May this kernel have what mainline got with `since`? The BPF of RHEL 7, whose 3.10 has some from 7.6 on, ended before
 * 5.0. */
static bool may_have(const struct kernel_known *known, uint16_t since)
{
	return is_backporter(known) && !(known->high < RELEASE(4, 0) && since >= RELEASE(5, 0));
}

static void doubt(struct lade_finding *finding, const struct kernel_known *known, uint16_t since)
{
	finding_confidence(finding, may_have(known, since) ? LADE_POSSIBLE : LADE_LIKELY);
	if (may_have(known, since))
		finding_evidence(finding, "kernels of distributors may have what mainline got later");
}

/* ---- messages ---- */

struct newer {
	const char *code;     /* begins that of the item */
	const char *words[3]; /* that its line has; NULL: whatever */
	uint16_t since;
	const char *cause, *fix; /* NULL: the one that is there */
};

static const char bcc_fix[] = "a newer kernel with its headers: bcc takes 4.1 at least, most of its tools 4.9 and "
			      "later (some have an older form for 4.1 to 4.8 in tools/old of bcc); on this one perf, "
			      "ftrace or SystemTap";

static const char xdp_fix[] =
	"attach it without a link, by netlink: ip link set dev IF xdpgeneric (or xdp) obj FILE sec "
	"SECTION, bpf_xdp_attach(), netlink.LinkSetXdpFdWithFlags(); or a kernel from 5.9 on";
static const char tcx_fix[] =
	"attach it by netlink: a qdisc clsact and a filter (tc filter add dev IF ingress bpf da obj "
	"FILE sec SECTION, bpf_tc_attach()), or a kernel from 6.6 on";
static const char multi_fix[] = "one probe for each function in place of a multi one (SEC(\"kprobe/NAME\"), "
				"SEC(\"uprobe/…\")), or a newer kernel";

/* "create link: invalid argument", "failed to create link: Invalid argument" */
#define LINK(word, release, what, fix)                                                                                 \
	{                                                                                                              \
		"attach.", { word, "link: ", "nvalid argument" }, release,                                             \
			"a link was asked for, and the kernel knows none for " what, fix                               \
	}

#define HEADER(name, release)                                                                                          \
	{                                                                                                              \
		"compile.", { "/virtual/", "'" name "' file not found" }, release,                                     \
			"bcc compiles with the headers of the running kernel, and " name " is of a newer one", bcc_fix \
	}

static const struct newer messages[] = {
	HEADER("linux/bpf_common.h", RELEASE(3, 18)),
	HEADER("linux/bpf.h", RELEASE(3, 18)),
	HEADER("uapi/linux/bpf.h", RELEASE(3, 18)),
	HEADER("linux/bpf_perf_event.h", RELEASE(4, 9)),
	HEADER("uapi/linux/bpf_perf_event.h", RELEASE(4, 9)),
	HEADER("linux/sched/signal.h", RELEASE(4, 11)),
	HEADER("linux/sched/task.h", RELEASE(4, 11)),
	HEADER("linux/sched/mm.h", RELEASE(4, 11)),
	HEADER("linux/sched/cputime.h", RELEASE(4, 11)),
	HEADER("linux/btf.h", RELEASE(4, 18)),
	HEADER("linux/if_xdp.h", RELEASE(4, 18)),
	{ "compile.kernel-headers",
	  { "chdir(/lib/modules/", "/build", NULL },
	  RELEASE(4, 1),
	  "bcc compiles with the headers of the running kernel, and what it asks of that kernel is of a newer one",
	  bcc_fix },
	{ "kernel.bpf.absent",
	  { NULL, NULL },
	  RELEASE(3, 18),
	  "the system call bpf(2) is of a newer kernel",
	  "a newer kernel: 4.9 is the least for most tools, 5.4 and later with types (BTF)" },
	{ "environment.memlock",
	  { "memory cgroup accounting", NULL },
	  RELEASE(4, 4),
	  "bpf(2) as this library (cilium/ebpf) needs it is of a newer kernel, and rights do not help",
	  "a newer kernel: 4.4 is the least for the library, and most agents ask for 4.18 to 5.8, with types (BTF); "
	  "the BPF of RHEL 7's 3.10 is too little for them. On a newer one: privileged: true, or CAP_BPF, CAP_PERFMON "
	  "and CAP_NET_ADMIN and a seccomp profile that allows bpf" },
	{ "btf.kernel.absent",
	  { NULL, NULL },
	  RELEASE(5, 2),
	  "types of the kernel (BTF, CONFIG_DEBUG_INFO_BTF) are of a newer one",
	  "a kernel from 5.4 on with CONFIG_DEBUG_INFO_BTF=y; for older ones the file of BTFHub for that very release, "
	  "given to the loader as btf_custom_path, or a tool that compiles there (bcc)" },
	{ "attach.",
	  { "failed to attach to xdp: ", "nvalid argument", NULL },
	  RELEASE(5, 9),
	  "bpf_program__attach_xdp() makes a link, and the kernel knows none for XDP",
	  xdp_fix },
	LINK("XDP", RELEASE(5, 9), "XDP", xdp_fix),
	LINK("xdp", RELEASE(5, 9), "XDP", xdp_fix),
	LINK("tcx", RELEASE(6, 6), "tc (tcx)", tcx_fix),
	LINK("TCX", RELEASE(6, 6), "tc (tcx)", tcx_fix),
	LINK("etkit", RELEASE(6, 7), "netkit", "a kernel from 6.7 on with CONFIG_NETKIT=y"),
	LINK("etfilter", RELEASE(6, 4), "netfilter",
	     "a kernel from 6.4 on with CONFIG_NETFILTER_BPF_LINK=y; before, tc or XDP"),
	LINK("kprobe_multi", RELEASE(5, 18), "many kprobes at once", multi_fix),
	LINK("kprobe.multi", RELEASE(5, 18), "many kprobes at once", multi_fix),
	LINK("uprobe_multi", RELEASE(6, 6), "many uprobes at once", multi_fix),
	LINK("uprobe.multi", RELEASE(6, 6), "many uprobes at once", multi_fix),
	{ "kernel.option",
	  { "support BPF/cgroup", NULL },
	  RELEASE(4, 10),
	  "IPAddressAllow=, IPAddressDeny= and the like of systemd take BPF for cgroups",
	  "nothing need be done: it is a warning, and the unit runs without that firewall; a kernel from 4.15 on with "
	  "CONFIG_BPF_SYSCALL=y CONFIG_CGROUP_BPF=y and cgroup v2 (systemd.unified_cgroup_hierarchy=1); or "
	  "drop the IPAddress… lines of the unit" },
	{ "elf.open",
	  { "rebuilt", NULL },
	  RELEASE(5, 8),
	  NULL,
	  "install the headers of this very kernel, clang and llvm, and let it build the driver (falcoctl driver "
	  "install, falco-driver-loader), or take the kernel module; the modern probe needs 5.8" },
};

static bool is_newer(const struct newer *newer, const struct explained *item)
{
	/* A try with a program's own types: those of the kernel are not what it lacks, and no file of them helps. */
	if (strncmp(item->finding->code, newer->code, strlen(newer->code)) != 0 ||
	    (item->line && strstr(item->line, "detect support for BTF")))
		return false;
	for (size_t i = 0; i < ELEMENTS(newer->words); i++)
		if (newer->words[i] && !(item->line && strstr(item->line, newer->words[i])))
			return false;
	return true;
}

/* The tools of RHEL 7 run on its 3.10: there only the headers lack. */
static bool is_served(const struct newer *newer, const struct kernel_known *known)
{
	return newer->fix == bcc_fix && strcmp(newer->code, "compile.kernel-headers") == 0 &&
	       may_have(known, newer->since);
}

static void blame_message(struct explained *item, const struct newer *newer, const struct kernel_known *known)
{
	char since[KERNEL_VERSION_BYTES], kernel[KERNEL_VERSION_BYTES];

	lade_kernel_spell(newer->since, since);
	lade_kernel_spell(known->high, kernel);
	finding_fix(item->finding, "%s", newer->fix);
	/* What is certain no kernel makes surer. */
	if (!newer->cause || item->finding->confidence == LADE_CERTAIN)
		return;
	finding_cause(item->finding, "%s: it came with %s, and the kernel that the text names is %s", newer->cause,
		      since, kernel);
	doubt(item->finding, known, newer->since);
	item->is_settled = true;
}

/* ---- types of maps ---- */

/* By the words of a name that say what a map is; a type's own words before those that are part of them. */
static const struct map_type {
	const char *word;
	bool is_last; /* only at the end: a "queue" is in the name of many a map that is none */
	uint16_t since;
	const char *type;
} types[] = {
	{ "user_ring", false, RELEASE(6, 1), "BPF_MAP_TYPE_USER_RINGBUF" },
	{ "ringbuf", false, RELEASE(5, 8), "BPF_MAP_TYPE_RINGBUF" },
	{ "ring_buf", false, RELEASE(5, 8), "BPF_MAP_TYPE_RINGBUF" },
	{ "rb", false, RELEASE(5, 8), "BPF_MAP_TYPE_RINGBUF" },
	{ "ring", false, RELEASE(5, 8), "BPF_MAP_TYPE_RINGBUF" },
	{ "bloom", false, RELEASE(5, 16), "BPF_MAP_TYPE_BLOOM_FILTER" },
	{ "arena", false, RELEASE(6, 9), "BPF_MAP_TYPE_ARENA" },
	{ "sk_storage", false, RELEASE(5, 2), "BPF_MAP_TYPE_SK_STORAGE" },
	{ "inode_storage", false, RELEASE(5, 10), "BPF_MAP_TYPE_INODE_STORAGE" },
	{ "task_storage", false, RELEASE(5, 11), "BPF_MAP_TYPE_TASK_STORAGE" },
	{ "cgrp_storage", false, RELEASE(6, 2), "BPF_MAP_TYPE_CGRP_STORAGE" },
	{ "cgroup_storage", false, RELEASE(4, 19), "BPF_MAP_TYPE_CGROUP_STORAGE" },
	{ "devmap_hash", false, RELEASE(5, 4), "BPF_MAP_TYPE_DEVMAP_HASH" },
	{ "devmap", false, RELEASE(4, 14), "BPF_MAP_TYPE_DEVMAP" },
	{ "tx_port", false, RELEASE(4, 14),
	  "BPF_MAP_TYPE_DEVMAP" }, /* so the kernel's samples call it, and who learnt there */
	{ "cpumap", false, RELEASE(4, 15), "BPF_MAP_TYPE_CPUMAP" },
	{ "xskmap", false, RELEASE(4, 18), "BPF_MAP_TYPE_XSKMAP" },
	{ "xsks_map", false, RELEASE(4, 18), "BPF_MAP_TYPE_XSKMAP" },
	{ "sockhash", false, RELEASE(4, 18), "BPF_MAP_TYPE_SOCKHASH" },
	{ "sock_hash", false, RELEASE(4, 18), "BPF_MAP_TYPE_SOCKHASH" },
	{ "sockmap", false, RELEASE(4, 14), "BPF_MAP_TYPE_SOCKMAP" },
	{ "sock_map", false, RELEASE(4, 14), "BPF_MAP_TYPE_SOCKMAP" },
	{ "lpm", false, RELEASE(4, 11), "BPF_MAP_TYPE_LPM_TRIE" },
	{ "trie", false, RELEASE(4, 11), "BPF_MAP_TYPE_LPM_TRIE" },
	{ "queue", true, RELEASE(4, 20), "BPF_MAP_TYPE_QUEUE" },
	{ "lru", false, RELEASE(4, 10), "BPF_MAP_TYPE_LRU_HASH" },
	{ "percpu", false, RELEASE(4, 6), "BPF_MAP_TYPE_PERCPU_ARRAY" },
	{ "stack_traces", false, RELEASE(4, 6), "BPF_MAP_TYPE_STACK_TRACE" },
};

/* "walk_queue" has the word "queue", and "string" has not "ring". */
static bool has_word(const char *name, const struct map_type *type)
{
	const size_t length = strlen(type->word);

	for (const char *at = name; (at = strcasestr(at, type->word)); at++) {
		const char *end = at + length;
		if ((at == name || at[-1] == '_' || at[-1] == '.') && (!*end || (*end == '_' && !type->is_last)))
			return true;
	}
	return false;
}

static const struct map_type *type_of(const char *map)
{
	for (size_t i = 0; map && i < ELEMENTS(types); i++)
		if (has_word(map, &types[i]))
			return &types[i];
	return NULL;
}

static void blame_type(struct explained *item, const struct map_type *type, const struct kernel_known *known)
{
	char since[KERNEL_VERSION_BYTES], kernel[KERNEL_VERSION_BYTES];

	lade_kernel_spell(type->since, since);
	lade_kernel_spell(known->high, kernel);
	finding_cause(item->finding,
		      "by its name the map is a %s, a type that came with %s: the kernel that the text names, %s, is "
		      "older and knows none",
		      type->type, since, kernel);
	finding_fix(item->finding,
		    "a kernel from %s on; of somebody else's tool a version that still supports %s; in an object of "
		    "your own bpf_map__set_autocreate(map, false) and code that does without, or another type",
		    since, kernel);
	doubt(item->finding, known, type->since);
	item->is_settled = true;
}

static const uint16_t few_types = RELEASE(4, 14); /* those before it are 13 */

/* What is written today is for newer ones. */
static void blame_few_types(struct lade_finding *finding, const char *kernel)
{
	finding_cause(finding,
		      "the kernel that the text names, %s, is older than most types of maps and than many flags, and "
		      "takes one that it does not know for invalid; else the sizes are none that this type allows",
		      kernel);
	finding_fix(finding, "a newer kernel (4.19 is the least for most examples and tools of today, 5.8 or later for "
			     "many); on this one HASH and ARRAY, from 4.3 on PROG_ARRAY and PERF_EVENT_ARRAY, from 4.6 "
			     "on those for each CPU and stack traces; lade check --kernel VERSION OBJ names what is "
			     "newer");
	finding_confidence(finding, LADE_LIKELY);
}

/* What this kernel cannot have, whatever the map's name. */
static void list_types(struct lade_finding *finding, const struct kernel_known *known)
{
	char list[512], kernel[KERNEL_VERSION_BYTES], since[KERNEL_VERSION_BYTES];
	const char *last = "";
	size_t used = 0;

	for (size_t i = 0; i < ELEMENTS(types) && used < sizeof list; i++) {
		if (types[i].since <= known->high || strcmp(types[i].type, last) == 0)
			continue;
		last = types[i].type;
		lade_kernel_spell(types[i].since, since);
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s (%s)", used ? ", " : "",
					 last + strlen("BPF_MAP_TYPE_"), since);
	}
	lade_kernel_spell(known->high, kernel);
	if (used && used < sizeof list)
		finding_evidence(finding, "types that came later than %s: %s", kernel, list);
	if (known->high < few_types && !is_backporter(known))
		blame_few_types(finding, kernel);
}

static void look_at_map(struct explained *item, const struct kernel_known *known)
{
	const struct map_type *type = type_of(item->finding->map);

	if (item->errnum != EINVAL || strcmp(item->finding->code, "map.create.definition") != 0 ||
	    item->finding->confidence == LADE_CERTAIN)
		return;
	if (type && known->high < type->since)
		blame_type(item, type, known);
	else if (!type)
		list_types(item->finding, known);
}

/* What the kernel has was refused for another reason: cilium/ebpf does not look at it. */
static void blame_rights(struct explained *item, const char *since, const char *kernel)
{
	finding_cause(
		item->finding,
		"cilium/ebpf tried it once and was refused, and it does not look at the reason: the kernel that the "
		"text names is %s, and has had it since %s. So the process may not try it (not root, no CAP_BPF, a "
		"seccomp profile), or, before 5.11, may lock too little memory",
		kernel, since);
	finding_fix(item->finding,
		    "run it as root, or with CAP_BPF, and with a seccomp profile that allows bpf; before 5.11 "
		    "rlimit.RemoveMemlock() or ulimit -l unlimited");
}

static void blame_age(struct explained *item, const char *since, const char *kernel)
{
	finding_cause(item->finding,
		      "what is not supported came with kernel %s, and the kernel that the text names is %s", since,
		      kernel);
	finding_fix(
		item->finding,
		"a kernel from %s on; else a version of the program that does without: an older one, or one that is "
		"built for kernels like this (without global data, where map .rodata or .data is refused)",
		since);
}

/* "read- and write-only maps not supported (requires >= v5.2)": since when kernels have it, whatever the reason. */
static void look_at_requirement(struct explained *item, const struct kernel_known *known)
{
	static const char mark[] = "(requires >= v";
	const char *at = item->line ? strstr(item->line, mark) : NULL;
	char word[KERNEL_VERSION_BYTES] = "", kernel[KERNEL_VERSION_BYTES];
	uint16_t since;

	if (!at || strcmp(item->finding->code, "kernel.too-old") != 0 || item->finding->confidence == LADE_CERTAIN)
		return;
	at += strlen(mark);
	(void)snprintf(word, sizeof word, "%.*s", (int)strcspn(at, ") "), at);
	/* Distributors may have taken it over. */
	if (!lade_kernel_parse(word, &since) || (known->high < since && may_have(known, since)) ||
	    (known->low < since && known->high >= since))
		return;
	lade_kernel_spell(known->high, kernel);
	(known->high < since ? blame_age : blame_rights)(item, word, kernel);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_old_kernel(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct kernel_known *known = &explanation->kernel;

	(void)text;
	(void)length;
	if (!known->high)
		return;
	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->is_settled)
			continue;
		for (size_t i = 0; i < ELEMENTS(messages); i++)
			if (known->high < messages[i].since && is_newer(&messages[i], item) &&
			    !is_served(&messages[i], known))
				blame_message(item, &messages[i], known);
		look_at_map(item, known);
		look_at_requirement(item, known);
	}
}
