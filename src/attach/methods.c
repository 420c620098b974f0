/* SPDX-License-Identifier: BSD-2-Clause */
/* Program type and section on one side, kind of target on the other: which method attaches. */
#include <linux/bpf.h>
#include <string.h>

#include "attach/method.h"

#define ITERATED (KIND(TARGET_MAP) | KIND(TARGET_PID) | KIND(TARGET_CGROUP))

/* First row that fits wins. */
static const struct method_row methods[] = {
	{ BPF_PROG_TYPE_TRACEPOINT, NULL, "tracepoint", false, KIND(TARGET_TRACEPOINT), DEFAULT_SECTION, lade_attach_tracepoint },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, "raw_tracepoint", false, KIND(TARGET_TRACEPOINT), DEFAULT_SECTION, lade_attach_raw_tracepoint },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, NULL, "raw_tracepoint", false, KIND(TARGET_TRACEPOINT), DEFAULT_SECTION,
	  lade_attach_raw_tracepoint },
	{ BPF_PROG_TYPE_PERF_EVENT, NULL, "perf_event", false, KIND(TARGET_PID), DEFAULT_KNOWN,
	  lade_attach_perf_event },
	{ BPF_PROG_TYPE_KPROBE, "kprobe", "kprobe", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION, lade_attach_kprobe },
	{ BPF_PROG_TYPE_KPROBE, "kretprobe", "kretprobe", true, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_kprobe },
	{ BPF_PROG_TYPE_KPROBE, "ksyscall", "kprobe", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_system_call },
	{ BPF_PROG_TYPE_KPROBE, "kretsyscall", "kretprobe", true, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_system_call },
	{ BPF_PROG_TYPE_KPROBE, "kprobe.multi", "kprobe.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_kprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "kretprobe.multi", "kretprobe.multi", true, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_kprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "kprobe.session", "kprobe.session", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_kprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "uprobe", "uprobe", false, KIND(TARGET_FILE), DEFAULT_FILE, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uprobe.s", "uprobe", false, KIND(TARGET_FILE), DEFAULT_FILE, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uretprobe", "uprobe", true, KIND(TARGET_FILE), DEFAULT_FILE, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uretprobe.s", "uprobe", true, KIND(TARGET_FILE), DEFAULT_FILE, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uprobe.multi", "uprobe.multi", false, KIND(TARGET_FILE), DEFAULT_FILE,
	  lade_attach_uprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "uprobe.multi.s", "uprobe.multi", false, KIND(TARGET_FILE), DEFAULT_FILE,
	  lade_attach_uprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "uretprobe.multi", "uprobe.multi", true, KIND(TARGET_FILE), DEFAULT_FILE,
	  lade_attach_uprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "uretprobe.multi.s", "uprobe.multi", true, KIND(TARGET_FILE), DEFAULT_FILE,
	  lade_attach_uprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "uprobe.session", "uprobe.session", false, KIND(TARGET_FILE), DEFAULT_FILE,
	  lade_attach_uprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "uprobe.session.s", "uprobe.session", false, KIND(TARGET_FILE), DEFAULT_FILE,
	  lade_attach_uprobe_multi },
	{ BPF_PROG_TYPE_KPROBE, "usdt", "usdt", false, KIND(TARGET_FILE), DEFAULT_FILE, lade_attach_usdt },
	{ BPF_PROG_TYPE_KPROBE, "usdt.s", "usdt", false, KIND(TARGET_FILE), DEFAULT_FILE, lade_attach_usdt },
	{ BPF_PROG_TYPE_SCHED_CLS, "netkit/primary", "netkit", false, KIND(TARGET_DEVICE), DEFAULT_NONE,
	  lade_attach_netkit },
	{ BPF_PROG_TYPE_SCHED_CLS, "netkit/peer", "netkit", false, KIND(TARGET_DEVICE), DEFAULT_NONE,
	  lade_attach_netkit },
	{ BPF_PROG_TYPE_SCHED_CLS, NULL, "tc", false, KIND(TARGET_DEVICE), DEFAULT_NONE, lade_attach_tc,
	  lade_attach_tc_fits },
	{ BPF_PROG_TYPE_SCHED_ACT, NULL, "tc", false, KIND(TARGET_DEVICE), DEFAULT_NONE, lade_attach_tc,
	  lade_attach_tc_fits },
	{ BPF_PROG_TYPE_XDP, "xdp/devmap", "xdp-map", false, KIND(TARGET_MAP), DEFAULT_NONE, lade_attach_xdp_map },
	{ BPF_PROG_TYPE_XDP, "xdp.frags/devmap", "xdp-map", false, KIND(TARGET_MAP), DEFAULT_NONE,
	  lade_attach_xdp_map },
	{ BPF_PROG_TYPE_XDP, "xdp_devmap", "xdp-map", false, KIND(TARGET_MAP), DEFAULT_NONE, lade_attach_xdp_map },
	{ BPF_PROG_TYPE_XDP, "xdp/cpumap", "xdp-map", false, KIND(TARGET_MAP), DEFAULT_NONE, lade_attach_xdp_map },
	{ BPF_PROG_TYPE_XDP, "xdp.frags/cpumap", "xdp-map", false, KIND(TARGET_MAP), DEFAULT_NONE,
	  lade_attach_xdp_map },
	{ BPF_PROG_TYPE_XDP, "xdp_cpumap", "xdp-map", false, KIND(TARGET_MAP), DEFAULT_NONE, lade_attach_xdp_map },
	{ BPF_PROG_TYPE_XDP, NULL, "xdp", false, KIND(TARGET_DEVICE), DEFAULT_NONE, lade_attach_xdp,
	  lade_attach_xdp_fits },
	{ 32 /* netfilter, since 6.4 */, NULL, "netfilter", false, KIND(TARGET_NETFILTER), DEFAULT_NONE,
	  lade_attach_netfilter },
	{ BPF_PROG_TYPE_LWT_IN, NULL, "lwt", false, KIND(TARGET_ROUTE), DEFAULT_NONE, lade_attach_lwt },
	{ BPF_PROG_TYPE_LWT_OUT, NULL, "lwt", false, KIND(TARGET_ROUTE), DEFAULT_NONE, lade_attach_lwt },
	{ BPF_PROG_TYPE_LWT_XMIT, NULL, "lwt", false, KIND(TARGET_ROUTE), DEFAULT_NONE, lade_attach_lwt },
	{ BPF_PROG_TYPE_LWT_SEG6LOCAL, NULL, "lwt", false, KIND(TARGET_ROUTE), DEFAULT_NONE, lade_attach_lwt },
	{ BPF_PROG_TYPE_SOCKET_FILTER, NULL, "socket", false, KIND(TARGET_DEVICE) | KIND(TARGET_SOCKET), DEFAULT_NONE,
	  lade_attach_socket },
	{ BPF_PROG_TYPE_SK_REUSEPORT, NULL, "reuseport", false, KIND(TARGET_SOCKET), DEFAULT_NONE,
	  lade_attach_process_socket },
	{ BPF_PROG_TYPE_CGROUP_SKB, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_CGROUP_SOCK, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_CGROUP_SOCK_ADDR, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE,
	  lade_attach_cgroup },
	{ BPF_PROG_TYPE_CGROUP_DEVICE, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_CGROUP_SYSCTL, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_CGROUP_SOCKOPT, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_SOCK_OPS, NULL, "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_LSM, "lsm_cgroup", "cgroup", false, KIND(TARGET_CGROUP), DEFAULT_NONE, lade_attach_cgroup },
	{ BPF_PROG_TYPE_SK_SKB, NULL, "sockmap", false, KIND(TARGET_MAP), DEFAULT_NONE, lade_attach_sockmap },
	{ BPF_PROG_TYPE_SK_MSG, NULL, "sockmap", false, KIND(TARGET_MAP), DEFAULT_NONE, lade_attach_sockmap },
	{ BPF_PROG_TYPE_SK_LOOKUP, NULL, "netns", false, KIND(TARGET_NETNS), DEFAULT_NONE, lade_attach_netns },
	{ BPF_PROG_TYPE_FLOW_DISSECTOR, NULL, "netns", false, KIND(TARGET_NETNS), DEFAULT_NONE, lade_attach_netns },
	{ BPF_PROG_TYPE_LIRC_MODE2, NULL, "lirc", false, KIND(TARGET_LIRC), DEFAULT_NONE, lade_attach_lirc },
	{ BPF_PROG_TYPE_SYSCALL, NULL, "syscall", false, 0, DEFAULT_KNOWN, lade_attach_syscall },
	{ BPF_PROG_TYPE_TRACING, "tp_btf", "tp_btf", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "tp_btf.s", "tp_btf", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fentry", "fentry", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fentry.s", "fentry", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fexit", "fexit", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fexit.s", "fexit", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fmod_ret", "fmod_ret", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fmod_ret.s", "fmod_ret", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fsession", "fsession", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fsession.s", "fsession", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fentry.multi", "fentry.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_traced_multi },
	{ BPF_PROG_TYPE_TRACING, "fentry.multi.s", "fentry.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_traced_multi },
	{ BPF_PROG_TYPE_TRACING, "fexit.multi", "fexit.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_traced_multi },
	{ BPF_PROG_TYPE_TRACING, "fexit.multi.s", "fexit.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_traced_multi },
	{ BPF_PROG_TYPE_TRACING, "fsession.multi", "fsession.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_traced_multi },
	{ BPF_PROG_TYPE_TRACING, "fsession.multi.s", "fsession.multi", false, KIND(TARGET_FUNCTION), DEFAULT_SECTION,
	  lade_attach_traced_multi },
	{ BPF_PROG_TYPE_TRACING, "iter", "iter", false, ITERATED, DEFAULT_KNOWN, lade_attach_iterator },
	{ BPF_PROG_TYPE_TRACING, "iter.s", "iter", false, ITERATED, DEFAULT_KNOWN, lade_attach_iterator },
	{ BPF_PROG_TYPE_TRACING, "task_iter", "iter", false, ITERATED, DEFAULT_KNOWN, lade_attach_iterator },
	{ BPF_PROG_TYPE_LSM, "lsm", "lsm", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_LSM, "lsm.s", "lsm", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_EXT, NULL, "freplace", false, 0, DEFAULT_KNOWN, lade_attach_traced },
};

/* The section's words before its first slash, for programs that no row of the section table typed. */
bool lade_attach_has_prefix(const struct attach_program *program, const char *prefix)
{
	if (program->row)
		return strcmp(program->row->prefix, prefix) == 0;
	size_t length = strcspn(program->section, "/");
	return strlen(prefix) == length && strncmp(program->section, prefix, length) == 0;
}

static const struct method_row *find_method(const struct attach_program *program)
{
	for (size_t i = 0; i < ELEMENTS(methods); i++)
		if (methods[i].program_type == program->type &&
		    (!methods[i].prefix || lade_attach_has_prefix(program, methods[i].prefix)))
			return &methods[i];
	return NULL;
}

static const struct method_row kprobe_on_file = { BPF_PROG_TYPE_KPROBE, NULL,         "uprobe",          false,
						  KIND(TARGET_FILE),    DEFAULT_NONE, lade_attach_uprobe };

/* A kprobe program and a uprobe program are the same type: one that is given a file becomes a uprobe. */
const struct method_row *lade_attach_method(const struct attach_program *program, enum target_kind target)
{
	const struct method_row *row = find_method(program);
	bool is_plain_kprobe = program->type == BPF_PROG_TYPE_KPROBE && (lade_attach_has_prefix(program, "kprobe") ||
									 lade_attach_has_prefix(program, "kretprobe"));
	return is_plain_kprobe && target == TARGET_FILE ? &kprobe_on_file : row;
}

size_t lade_attach_methods(const struct method_row **ret_rows)
{
	*ret_rows = methods;
	return ELEMENTS(methods);
}
