/* SPDX-License-Identifier: BSD-2-Clause */
/* What an errno of an attach operation means; from facts/errors.md section 5. */
#include <errno.h>
#include <string.h>

#include "attach/function.h"
#include "attach/record.h"
#include "diagnose/denied.h"
#include "diagnose/diagnose.h"


static const struct {
	const char *name;
	bool is_bpf; /* a command of bpf(2) */
} operations[] = {
	[OPERATION_PERF_EVENT_OPEN] = { "perf_event_open" },
	[OPERATION_LINK_CREATE] = { "BPF_LINK_CREATE", true },
	[OPERATION_SET_BPF] = { "PERF_EVENT_IOC_SET_BPF" },
	[OPERATION_ENABLE] = { "PERF_EVENT_IOC_ENABLE" },
	[OPERATION_RAW_TRACEPOINT_OPEN] = { "BPF_RAW_TRACEPOINT_OPEN", true },
	[OPERATION_SOCKET] = { "socket(AF_PACKET)" },
	[OPERATION_BIND] = { "bind" },
	[OPERATION_SO_ATTACH_BPF] = { "setsockopt(SO_ATTACH_BPF)" },
	[OPERATION_NETLINK] = { "rtnetlink" },
	[OPERATION_SO_ATTACH_REUSEPORT] = { "setsockopt(SO_ATTACH_REUSEPORT_EBPF)" },
	[OPERATION_PROG_ATTACH] = { "BPF_PROG_ATTACH", true },
	[OPERATION_PIDFD_GETFD] = { "pidfd_getfd" },
	[OPERATION_OPEN] = { "opening it" },
	[OPERATION_MAP_ENTRY] = { "the map" },
	[OPERATION_RUN] = { "BPF_PROG_TEST_RUN", true },
	[OPERATION_EVENTS_FILE] = { "the file of tracing events" },
};

#define ON(operation) (1U << OPERATION_##operation)
#define ANY_OPERATION ~0U
#define BINDING       (ON(LINK_CREATE) | ON(SET_BPF))
#define HOOKING       (ON(LINK_CREATE) | ON(PROG_ATTACH))
#define PROBING	      (ON(PERF_EVENT_OPEN) | ON(EVENTS_FILE))

/* First row that fits wins; method NULL: any. Cause and fix NULL: those of the code. */
static const struct refusal {
	unsigned operations;
	const char *method;
	int errnum;
	const char *code;
	const char *cause, *fix;
} refusals[] = {
	{ PROBING, "kprobe", ENOENT, "attach.function.missing", NULL, NULL },
	{ PROBING, "kprobe", EINVAL, "attach.function.untraceable", NULL, NULL },
	{ PROBING, "kprobe", EILSEQ, "attach.function.offset", NULL, NULL },
	{ PROBING, "kprobe", EADDRNOTAVAIL, "attach.function.ambiguous", NULL, NULL },
	{ PROBING, "kprobe", EBUSY, "attach.busy", "another tracer or a live patch holds the function", "end the other tracer" },
	{ PROBING, "kretprobe", ENOENT, "attach.function.missing", NULL, NULL },
	{ PROBING, "kretprobe", EINVAL, "attach.function.untraceable", NULL, NULL },
	{ PROBING, "kretprobe", EILSEQ, "attach.function.offset", NULL, NULL },
	{ PROBING, "kretprobe", EADDRNOTAVAIL, "attach.function.ambiguous", NULL, NULL },
	{ PROBING, "kretprobe", EBUSY, "attach.busy", "another tracer or a live patch holds the function", "end the other tracer" },
	{ ON(LINK_CREATE), "kprobe.multi", EOPNOTSUPP, "attach.absent", "the kernel was built without CONFIG_FPROBE", "CONFIG_FPROBE=y; or SEC(\"kprobe/FUNCTION\") for each function" },
	{ ON(LINK_CREATE), "kprobe.multi", ESRCH, "attach.function.untraceable", NULL, NULL },
	{ ON(LINK_CREATE), "kprobe.multi", ENOENT, "attach.function.missing", NULL, NULL },
	{ ON(LINK_CREATE), "kprobe.multi", E2BIG, "attach.full", "one link takes 1048576 functions", "give a narrower pattern" },
	{ ON(LINK_CREATE), "kprobe.multi", EBUSY, "attach.busy", "another tracer or a live patch holds one of the functions", "end the other tracer" },
	{ ON(LINK_CREATE), "kretprobe.multi", EOPNOTSUPP, "attach.absent", "the kernel was built without CONFIG_FPROBE", "CONFIG_FPROBE=y; or SEC(\"kprobe/FUNCTION\") for each function" },
	{ ON(LINK_CREATE), "kretprobe.multi", ESRCH, "attach.function.untraceable", NULL, NULL },
	{ ON(LINK_CREATE), "kretprobe.multi", ENOENT, "attach.function.missing", NULL, NULL },
	{ ON(LINK_CREATE), "kretprobe.multi", E2BIG, "attach.full", "one link takes 1048576 functions", "give a narrower pattern" },
	{ ON(LINK_CREATE), "kretprobe.multi", EBUSY, "attach.busy", "another tracer or a live patch holds one of the functions", "end the other tracer" },
	{ ON(LINK_CREATE), "kprobe.session", EOPNOTSUPP, "attach.absent", "the kernel was built without CONFIG_FPROBE", "CONFIG_FPROBE=y; or SEC(\"kprobe/FUNCTION\") for each function" },
	{ ON(LINK_CREATE), "kprobe.session", ESRCH, "attach.function.untraceable", NULL, NULL },
	{ ON(LINK_CREATE), "kprobe.session", ENOENT, "attach.function.missing", NULL, NULL },
	{ ON(LINK_CREATE), "kprobe.session", E2BIG, "attach.full", "one link takes 1048576 functions", "give a narrower pattern" },
	{ ON(LINK_CREATE), "kprobe.session", EBUSY, "attach.busy", "another tracer or a live patch holds one of the functions", "end the other tracer" },
	{ HOOKING, "sockmap", EINVAL, "attach.program-type",
	  "the program does not fit the hook, or this kernel has no such hook of sockmaps", NULL },
	{ HOOKING, "sockmap", EOPNOTSUPP, "attach.map.type",
	  "this map takes no programs, or the program does not fit its hook", NULL },
	{ HOOKING, "cgroup", EINVAL, "attach.program-type",
	  "the program was loaded for another hook, or this kernel's cgroups have no such hook", NULL },
	{ HOOKING, "netns", EINVAL, "attach.program-type",
	  "this kernel's network namespaces take no such programs, or the namespace is going away", NULL },
	{ HOOKING, "lirc", EINVAL, "attach.lirc.device", NULL, NULL },
	{ HOOKING, "lirc", ENODEV, "attach.lirc.device", NULL, NULL },
	{ HOOKING, "lirc", EEXIST, "attach.exists", "this program is on the device already", NULL },
	{ HOOKING, "lirc", E2BIG, "attach.full", "a lirc device takes 64 programs", NULL },
	{ ON(SO_ATTACH_REUSEPORT), NULL, EINVAL, "attach.socket.group", NULL, NULL },
	{ ON(SO_ATTACH_REUSEPORT), NULL, ENOTSUP, "attach.socket.group", NULL, NULL },
	{ ON(PIDFD_GETFD), NULL, ENOSYS, "attach.absent",
	  "the kernel cannot hand over another process's descriptors (pidfd_getfd, since 5.6), or seccomp hides it",
	  "let the process attach the program itself" },
	{ ON(PIDFD_GETFD), NULL, EPERM, "attach.permission", "this process may not trace the other one",
	  "run as root or with CAP_SYS_PTRACE" },
	{ ON(OPEN), NULL, EINVAL, "attach.refused", "what the target names is nothing of this kind", NULL },

	{ ON(LINK_CREATE), "tcx", EEXIST, "attach.exists", "this very program is on the hook already",
	  "detach it first, or load the object again for a second copy of the program" },
	{ ON(LINK_CREATE), "tcx", ERANGE, "attach.full", "a hook of an interface takes 64 programs", NULL },
	{ ON(LINK_CREATE) | ON(NETLINK), "xdp", EBUSY, "attach.exists", "an interface runs one XDP program, and it has one",
	  "detach the other first (ip link set dev IF xdp off; bpftool link detach)" },
	{ ON(LINK_CREATE) | ON(NETLINK), "xdp", EEXIST, "attach.exists",
	  "an interface runs one XDP program, generic or native, and it has one",
	  "detach the other first (ip link set dev IF xdp off; bpftool link detach)" },
	{ ON(LINK_CREATE) | ON(NETLINK), "xdp", EOPNOTSUPP, "attach.xdp.mode", NULL, NULL },
	{ ON(LINK_CREATE) | ON(NETLINK), "xdp", EINVAL, "attach.xdp.refused", NULL, NULL },
	{ ON(LINK_CREATE), "netkit", EACCES, "attach.netkit.side", NULL, NULL },
	{ ON(LINK_CREATE), "netkit", ENXIO, "attach.netkit.device", NULL, NULL },
	{ ON(LINK_CREATE), "netkit", EINVAL, "attach.absent", "the kernel has no netkit links (since 6.7, CONFIG_NETKIT)",
	  NULL },
	{ ON(LINK_CREATE), "netkit", EEXIST, "attach.exists", "this very program is on the device already", NULL },
	{ ON(LINK_CREATE), "netkit", ERANGE, "attach.full", "a side of a netkit device takes 64 programs", NULL },
	{ ON(LINK_CREATE), "netfilter", EBUSY, "attach.exists", "the hook has somebody at this priority already",
	  "give another one with prio=N" },
	{ ON(LINK_CREATE), "netfilter", EINVAL, "attach.absent",
	  "the kernel has no netfilter links (since 6.4, CONFIG_NETFILTER_BPF_LINK)", NULL },
	{ ON(LINK_CREATE), "netfilter", ERANGE, "attach.netfilter.priority", NULL, NULL },
	{ ON(LINK_CREATE), "netfilter", EAFNOSUPPORT, "attach.absent",
	  "the kernel can put packets of this family together for nobody (CONFIG_NF_DEFRAG_IPV4, CONFIG_NF_DEFRAG_IPV6)",
	  NULL },
	{ ON(LINK_CREATE), "netfilter", EOPNOTSUPP, "attach.absent",
	  "the kernel can put packets of this family together for nobody (CONFIG_NF_DEFRAG_IPV4, CONFIG_NF_DEFRAG_IPV6)",
	  NULL },
	{ ON(NETLINK), "tc", EEXIST, "attach.exists", "another filter has this priority and handle",
	  "give other ones with prio=N and handle=N, or leave them out" },
	{ ON(NETLINK), "tc", ENOENT, "attach.absent",
	  "the kernel has no clsact qdisc, no bpf filters or no bpf actions (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF, "
	  "CONFIG_NET_ACT_BPF)",
	  NULL },
	{ ON(NETLINK), "tc", EINVAL, "attach.tc.refused", NULL, NULL },
	{ ON(NETLINK), "tc", ENOSPC, "attach.full", "all priorities of the hook are taken", "give one with prio=N" },
	{ ON(NETLINK), "lwt", EEXIST, "attach.exists", "there is a route to this prefix already",
	  "give another metric=N or table=N, or remove the other route" },
	{ ON(NETLINK), "lwt", EOPNOTSUPP, "attach.absent",
	  "the kernel has no routes with programs (CONFIG_LWTUNNEL_BPF; CONFIG_IPV6_SEG6_BPF of lwt_seg6local)", NULL },
	{ ON(NETLINK), "lwt", EINVAL, "attach.route.refused", NULL, NULL },
	{ ON(NETLINK), "lwt", ENETUNREACH, "attach.route.refused", NULL, NULL },
	{ ON(NETLINK), "lwt", EHOSTUNREACH, "attach.route.refused", NULL, NULL },
	{ ON(NETLINK), "lwt", ENETDOWN, "attach.busy", "the interface is down", "ip link set up dev IF" },
	{ ON(LINK_CREATE) | ON(NETLINK), NULL, ENODEV, "attach.device.missing", NULL, NULL },
	{ ON(MAP_ENTRY), NULL, EINVAL, "attach.map.entry", NULL, NULL },
	{ ON(MAP_ENTRY), NULL, E2BIG, "attach.map.entry", "the map has no such key", NULL },
	{ ON(MAP_ENTRY), NULL, ERANGE, "attach.map.entry", "the queue is too long (16384 packets at most)", NULL },

	{ ON(LINK_CREATE), "iter", E2BIG, "attach.absent", "this kernel's iterators cannot be narrowed to a process or a cgroup (since 6.1)", "leave the target out" },
	{ BINDING, "tracepoint", EACCES, "attach.tracepoint.record", NULL, NULL },
	{ BINDING, NULL, EEXIST, "attach.exists",
	  "the event already carries a program, or this very program is on it already, on whatever CPU",
	  "detach the other first, or load the object again for a second copy of the program" },
	{ BINDING, "tracepoint", E2BIG, "attach.full", "a tracepoint takes 64 programs", NULL },
	{ BINDING, NULL, E2BIG, "attach.full", NULL, NULL },
	{ BINDING, NULL, EINVAL, "attach.program-type",
	  "the program's type does not fit the event, or a sleepable program is on an event that cannot sleep", NULL },
	{ BINDING, NULL, EBUSY, "attach.exists", "something else holds the event", NULL },
	{ ON(PERF_EVENT_OPEN), "uprobe.multi", EINVAL, "attach.uprobe.offset", NULL, NULL },
	{ ON(PERF_EVENT_OPEN), "usdt", EINVAL, "attach.uprobe.offset",
	  "the place or the semaphore that the probe's note names is in no part of the file that is loaded", NULL },
	{ ON(PERF_EVENT_OPEN), NULL, KERNEL_ENOTSUPP, "attach.uprobe.offset", "the instruction there cannot be probed",
	  NULL },
	{ ON(LINK_CREATE), "uprobe.multi", ESRCH, "attach.process.missing", NULL, NULL },
	{ ON(LINK_CREATE), "uprobe.session", ESRCH, "attach.process.missing", NULL, NULL },
	{ BINDING, NULL, EBADF, "attach.refused", "the descriptor is not that of a program or of a perf event", NULL },
	{ BINDING, NULL, EOPNOTSUPP, "attach.absent", "this kernel or machine cannot run BPF programs on such events",
	  NULL },
	{ BINDING, NULL, KERNEL_ENOTSUPP, "attach.absent",
	  "this kernel or machine cannot run BPF programs on such events", NULL },

	{ ON(PERF_EVENT_OPEN), "uprobe", EINVAL, "attach.uprobe.offset", NULL, NULL },
	{ ON(PERF_EVENT_OPEN), "uprobe", ENOENT, "attach.uprobe.absent", "the kernel has no uprobe event source",
	  NULL },
	{ ON(PERF_EVENT_OPEN), "uprobe", ETXTBSY, "attach.busy", "the file is open for writing",
	  "close the file everywhere, or probe a copy of it" },
	{ ON(PERF_EVENT_OPEN), "uprobe", EIO, "attach.uprobe.offset", NULL, NULL },
	{ ON(PERF_EVENT_OPEN), "tracepoint", EINVAL, "attach.refused", "no event has the number that tracefs told",
	  "try again: the module that made the event may just have been unloaded" },
	{ ON(PERF_EVENT_OPEN), "tracepoint", ENOENT, "attach.absent",
	  "the kernel has no tracepoint events for perf (CONFIG_PERF_EVENTS, CONFIG_EVENT_TRACING)", NULL },
	{ ON(PERF_EVENT_OPEN), NULL, ENOENT, "attach.absent", "the kernel has no such event source", NULL },
	{ ON(PERF_EVENT_OPEN), NULL, EOPNOTSUPP, "attach.absent", "the event source cannot sample", NULL },
	{ ON(PERF_EVENT_OPEN), NULL, ENODEV, "attach.refused", "the CPU is offline or has no such counter",
	  "try again: a CPU may just have been taken offline" },
	{ ON(PERF_EVENT_OPEN), NULL, ESRCH, "attach.process.missing", NULL, NULL },
	{ ON(PERF_EVENT_OPEN), NULL, EBUSY, "attach.busy", "another user of the place or the counter is in the way",
	  "end the other tracer" },
	{ ON(PERF_EVENT_OPEN), NULL, EINVAL, "attach.refused", "the kernel does not accept this event's attributes",
	  NULL },
	{ ON(PERF_EVENT_OPEN), NULL, E2BIG, "attach.absent", "the kernel is older than the event attributes this needs",
	  NULL },

	{ ON(RAW_TRACEPOINT_OPEN), "raw_tracepoint", EINVAL, "attach.raw-tracepoint.program", NULL, NULL },
	{ ON(RAW_TRACEPOINT_OPEN), NULL, EINVAL, "attach.program-type",
	  "the program was loaded for another way of attaching, or with a target that is gone", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), "fmod_ret", EBUSY, "attach.exists",
	  "the function's return value has a program already, or programs that watch it stand in the way", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), "freplace", EBUSY, "attach.exists",
	  "the function has been replaced already, or programs watch it", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), NULL, EBUSY, "attach.busy",
	  "a live patch or another tracer holds the function, or the program is attached already", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), "raw_tracepoint", E2BIG, "attach.absent",
	  "the kernel is older than this form of the command", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), NULL, E2BIG, "attach.full",
	  "a function takes 38 programs, on some kernels a few more or less", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), NULL, KERNEL_ENOTSUPP, "attach.absent",
	  "this kernel or machine has no trampolines for functions (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)", NULL },
	{ ON(RAW_TRACEPOINT_OPEN), NULL, EBADF, "attach.refused", "the descriptor is not that of a program", NULL },

	{ ON(SO_ATTACH_BPF), NULL, EINVAL, "attach.program-type", "the program is not a socket filter",
	  "give its section the name socket, or --type PROG=socket_filter" },
	{ ON(SO_ATTACH_BPF), NULL, EPERM, "attach.exists", "the filter of this socket is locked (SO_LOCK_FILTER)",
	  NULL },
	{ ON(SO_ATTACH_BPF), NULL, EBADF, "attach.refused", "the descriptor is not that of a program", NULL },
	{ ON(SO_ATTACH_BPF), NULL, ENOPROTOOPT, "attach.absent",
	  "the kernel knows no BPF programs on sockets (before 3.19)", NULL },
	{ ON(SOCKET), NULL, EAFNOSUPPORT, "attach.absent", "the kernel has no packet sockets (CONFIG_PACKET)",
	  "CONFIG_PACKET=y, or modprobe af_packet" },
	{ ON(BIND), NULL, ENODEV, "attach.device.missing", NULL, NULL },
	{ ON(BIND), NULL, ENETDOWN, "attach.busy", "the interface is down", "ip link set up dev IF" },

	{ ANY_OPERATION, NULL, EPERM, "attach.permission", NULL, NULL },
	{ ANY_OPERATION, NULL, EACCES, "attach.permission", NULL, NULL },
	{ ANY_OPERATION, NULL, EMFILE, "attach.descriptors", NULL, NULL },
	{ ANY_OPERATION, NULL, ENFILE, "attach.descriptors", "the machine's limit of open files is reached",
	  "raise the sysctl fs.file-max" },
	{ ANY_OPERATION, NULL, ENOMEM, "attach.memory", NULL, NULL },
	{ ANY_OPERATION, NULL, ENOBUFS, "attach.memory", NULL, NULL },
	{ ANY_OPERATION, NULL, ENOSPC, "attach.memory", "the kernel has no slot left for another event or breakpoint",
	  "detach programs that are not needed" },
	{ ANY_OPERATION, NULL, ENOSYS, "attach.absent",
	  "the kernel was built without this system call (CONFIG_PERF_EVENTS, CONFIG_BPF_SYSCALL), or seccomp hides it",
	  NULL },
};

static const struct refusal unexpected = { ANY_OPERATION, NULL, 0, "attach.refused", NULL, NULL };

static const struct refusal *find_refusal(enum attach_operation operation, const char *method, int errnum)
{
	for (size_t i = 0; i < ELEMENTS(refusals); i++)
		if (refusals[i].errnum == errnum && refusals[i].operations & (1U << operation) &&
		    (!refusals[i].method || strcmp(refusals[i].method, method) == 0))
			return &refusals[i];
	return &unexpected;
}

const char *lade_attach_refusal_code(enum attach_operation operation, const char *method, int errnum)
{
	return find_refusal(operation, method, errnum)->code;
}

/* Links and BPF_PROG_ATTACH ask for CAP_NET_ADMIN where packets are concerned, and not everywhere there. */
static bool is_of_network(const char *method)
{
	static const char *const methods[] = { "cgroup", "tcx", "tc",     "xdp",     "netkit", "netfilter",
					       "netns",  "lwt", "socket", "sockmap", "reuseport", "xdp-map" };

	for (size_t i = 0; i < ELEMENTS(methods); i++)
		if (strcmp(methods[i], method) == 0)
			return true;
	return false;
}

static bool is_kernel_probe(const char *method)
{
	return strncmp(method, "kprobe", 6) == 0 || strncmp(method, "kretprobe", 9) == 0 ||
	       strcmp(method, "ksyscall") == 0;
}

/* Which gate was it? Probes of the kernel are what lockdown refuses, in its stricter mode. */
static void explain_gate(struct attach_call *call, enum attach_operation operation, int errnum,
			 struct lade_finding *finding)
{
	struct denied_call denied = lade_denied_call(operations[operation].name, errnum);

	if (denied.needs_perhaps && !is_of_network(call->method) && operation != OPERATION_EVENTS_FILE)
		denied.needs = 0;
	if (operation == OPERATION_PERF_EVENT_OPEN && is_kernel_probe(call->method))
		denied.lockdown = "confidentiality";
	lade_diagnose_denied(call->kernel, &denied, finding);
}

/* What a target's file or directory asks of who opens it. */
static void explain_file(int errnum, struct lade_finding *finding)
{
	finding_cause(finding, "the permissions of the file (owner, mode, or a policy) keep this process out: %s",
		      lade_errno_word(errnum));
	finding_fix(finding, "run as its owner or as root; ls -lZ shows the permissions");
	finding_confidence(finding, LADE_LIKELY);
}

static void explain(struct attach_call *call, enum attach_operation operation, const char *target,
		    const struct refusal *refusal, int errnum, struct lade_finding *finding)
{
	if (!finding)
		return;
	/* A filter's answer looks like the kernel's; EPERM and ENOSYS have all gates looked at below. */
	if (operations[operation].is_bpf && errnum != EPERM && errnum != ENOSYS &&
	    lade_diagnose_filter(call->kernel, operations[operation].name, errnum, finding))
		return;
	if (strcmp(finding->code, "attach.permission") == 0 && !refusal->cause && operation == OPERATION_OPEN)
		explain_file(errnum, finding);
	else if (strcmp(finding->code, "attach.permission") == 0 && !refusal->cause)
		explain_gate(call, operation, errnum, finding);
	if (strcmp(finding->code, "attach.tracepoint.record") == 0)
		lade_record_explain(call, target, finding);
	if (strcmp(finding->code, "attach.function.untraceable") == 0)
		lade_function_explain_refusal(call, target, finding);
	if (errnum == ENOSYS && (operations[operation].is_bpf || operation == OPERATION_PERF_EVENT_OPEN))
		explain_gate(call, operation, errnum, finding);
	if (errnum == ENOMEM)
		lade_diagnose_memory(call->kernel, 0, finding);
	if (strcmp(finding->code, "attach.refused") == 0 && !refusal->cause)
		finding_confidence(finding, LADE_POSSIBLE);
}

struct lade_finding *lade_attach_refusal(struct attach_call *call, enum attach_operation operation, const char *target,
					 int result)
{
	const struct refusal *refusal = find_refusal(operation, call->method, -result);
	struct lade_finding *finding = lade_error_add(
		call->error, -result, refusal->code, "attaching %s (section %s) to %s: %s answers %s",
		call->program->name, call->program->section, target, operations[operation].name, lade_errno_word(-result));
	finding_program(finding, call->program->name);
	if (refusal->cause)
		finding_cause(finding, "%s", refusal->cause);
	if (refusal->fix)
		finding_fix(finding, "%s", refusal->fix);
	finding_evidence(finding, "%s: errno %d (%s)", operations[operation].name, -result, lade_errno_word(-result));
	/* EINVAL has many causes: the row has the usual one. */
	if (result == -EINVAL)
		finding_confidence(finding, LADE_LIKELY);
	explain(call, operation, target, refusal, -result, finding);
	return finding;
}

int lade_attach_refused(struct attach_call *call, enum attach_operation operation, const char *target, int result)
{
	(void)lade_attach_refusal(call, operation, target, result);
	return result;
}
