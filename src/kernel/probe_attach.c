/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds of attaching and links. Each is asked with a program of the right type and a target that cannot be: what does
 * not know the kind says EINVAL before it looks at the target.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"
#include "kernel/probe.h"

#define NOWHERE      UINT32_MAX /* no descriptor, and */
#define NO_INTERFACE INT32_MAX
#define LOOPBACK     1 /* in every network namespace */

/* Types of programs and kinds of attaching that the distribution's headers may lack. */
enum {
	TRACING = 26,
	STRUCT_OPS_MAP = 26,
	LSM = 29,
	SK_LOOKUP = 30,
	NETFILTER = 32,
	TRACE_RAW_TP = 23,
	TRACE_FENTRY = 24,
	TRACE_ITER = 28,
	LSM_MAC = 27,
	CGROUP_INGRESS = 0,
	FLOW_DISSECTOR = 17,
	SK_LOOKUP_ATTACH = 36,
	XDP_ATTACH = 37,
	STREAM_VERDICT = 5,
	PERF_EVENT = 41,
	KPROBE_MULTI = 42,
	STRUCT_OPS = 44,
	NETFILTER_ATTACH = 45,
	TCX_INGRESS = 46,
	UPROBE_MULTI = 48,
	NETKIT_PRIMARY = 54,
	TRACE_FENTRY_MULTI = 59,
};

struct question {
	struct kernel *kernel;
	const struct probe_targets *targets;
	const struct way *way;
	uint32_t attach; /* kind of attaching */
};

struct way {
	enum probe_answer (*ask)(const struct question *question);
	uint32_t first, last; /* kinds of attaching */
	uint32_t program;     /* type */
};

/* EPERM and the like say nothing; an answer about the target does. */
static enum probe_answer answer_of(int result)
{
	switch (result) {
	case -EINVAL:     /* not known, */
	case -E2BIG:      /* bytes that are not known, */
	case -EOPNOTSUPP: /* built without it */
	case -KERNEL_ENOTSUPP:
		return PROBE_NO;
	case -EPERM:
	case -EACCES:
	case -ENOMEM:
	case -EAGAIN:
	case -ENOSYS:
	case -EMFILE:
	case -ENFILE:
		return PROBE_UNKNOWN;
	default:
		return PROBE_YES;
	}
}

static int load(const struct question *question, uint32_t type, uint32_t expected, uint32_t btf_id)
{
	const struct probe_form form = { type, expected, 0, btf_id };
	static const struct bpf_insn agreeing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[PROBE_LOG_BYTES];
	int fd = lade_probe_load_empty(question->kernel, &form, log);

	/* Some kinds may only agree. */
	return fd >= 0 || !log[0] ? fd : lade_probe_load(question->kernel, &form, agreeing, ELEMENTS(agreeing), log);
}

/* EINVAL of a load: the type or the kind is not known. */
static enum probe_answer not_loaded(int result)
{
	return result == -EINVAL || result == -E2BIG || result == -KERNEL_ENOTSUPP ? PROBE_NO : PROBE_UNKNOWN;
}

static int attach_to_nothing(const struct question *question, int program)
{
	struct attr_prog_attach attr = { .target_fd = NOWHERE,
					 .attach_bpf_fd = (uint32_t)program,
					 .attach_type = question->attach };

	return question->kernel->calls->bpf(question->kernel, BPF_PROG_ATTACH, &attr, sizeof attr);
}

/* A cgroup, a sockmap, a remote control: BPF_PROG_ATTACH looks for what the descriptor is. */
static enum probe_answer ask_target(const struct question *question)
{
	CLEANUP(cleanup_fd) int fd = load(question, question->way->program, question->attach, 0);

	return fd < 0 ? not_loaded(fd) : answer_of(attach_to_nothing(question, fd));
}

/* A kind that no attaching by itself can be asked of without an effect: the program is looked for first. */
static enum probe_answer ask_program(const struct question *question)
{
	enum probe_answer type = lade_probe_program(question->kernel, question->way->program);

	return type == PROBE_YES ? answer_of(attach_to_nothing(question, -1)) : type;
}

/* Against something of the kernel: the load itself knows the kind. */
static uint32_t target_of(const struct question *question)
{
	enum { MODIFY_RETURN = 26, CGROUP = 43 };
	const struct probe_targets *targets = question->targets;

	switch (question->attach) {
	case TRACE_RAW_TP:
		return targets->tracepoint;
	case MODIFY_RETURN:
		return targets->changeable;
	case LSM_MAC:
		return targets->hook;
	case TRACE_ITER:
		return targets->iterator;
	case CGROUP:
		return targets->socket_hook;
	default:
		return targets->function;
	}
}

/* Statistics are none: older kernels write them whatever happened. */
static bool has_words(const char *log)
{
	return *log && strncmp(log, "processed ", strlen("processed ")) != 0;
}

static enum probe_answer ask_load(const struct question *question)
{
	uint32_t target = target_of(question);
	const struct probe_form form = { question->way->program, question->attach, 0, target };
	char log[PROBE_LOG_BYTES];

	if (!target)
		return PROBE_UNKNOWN;
	CLEANUP(cleanup_fd) int fd = lade_probe_load_empty(question->kernel, &form, log);
	if (fd >= 0)
		return PROBE_YES;
	/* The verifier's words are about the target. */
	return has_words(log) && fd != -KERNEL_ENOTSUPP ? PROBE_UNKNOWN : not_loaded(fd);
}

/* ---- BPF_LINK_CREATE ---- */

/* What the kind of link wants to look at first. */
static void aim(struct attr_link_create *attr)
{
	enum { NO_ADDRESS = 1, NO_FAMILY = 255 };

	switch (attr->attach_type) {
	case XDP_ATTACH: /* no driver's mode of the loopback: refused before anything is done */
		attr->target_ifindex = LOOPBACK;
		attr->flags = XDP_FLAGS_DRV_MODE;
		break;
	case TCX_INGRESS:
	case TCX_INGRESS + 1:
	case NETKIT_PRIMARY:
	case NETKIT_PRIMARY + 1:
		attr->target_ifindex = NO_INTERFACE;
		break;
	case KPROBE_MULTI:
	case KPROBE_MULTI + 14: /* session */
		attr->kprobe_multi.addrs = NO_ADDRESS;
		attr->kprobe_multi.cnt = 1;
		break;
	case UPROBE_MULTI:
	case UPROBE_MULTI + 9: /* session */
		attr->uprobe_multi.path = attr->uprobe_multi.offsets = NO_ADDRESS;
		attr->uprobe_multi.cnt = 1;
		break;
	case NETFILTER_ATTACH:
		attr->netfilter.pf = NO_FAMILY;
		break;
	default:
		break;
	}
}

static int link_to_nothing(const struct question *question, int program)
{
	struct attr_link_create attr = { .prog_fd = (uint32_t)program,
					 .target_fd = NOWHERE,
					 .attach_type = question->attach };

	aim(&attr);
	int fd = lade_bpf_link_create(question->kernel, &attr);
	if (fd >= 0) /* cannot be; if it is, it goes at once */
		(void)fd_close(fd);
	return fd;
}

static enum probe_answer ask_link(const struct question *question)
{
	CLEANUP(cleanup_fd) int fd = load(question, question->way->program, question->attach, 0);

	if (fd < 0)
		return not_loaded(fd);
	int result = link_to_nothing(question, fd);
	/* Of XDP it is the loopback's answer, and EINVAL that of a kernel without such links. */
	return question->attach == XDP_ATTACH && result == -EOPNOTSUPP ? PROBE_YES : answer_of(result);
}

/* Many functions with one link: the ids are read before they are looked up. */
static enum probe_answer ask_many(const struct question *question)
{
	enum { NO_ADDRESS = 1 };
	struct attr_link_create attr = { .attach_type = question->attach };
	CLEANUP(cleanup_fd) int fd = load(question, TRACING, question->attach, 0);

	if (fd < 0)
		return fd == -EPERM ? PROBE_UNKNOWN : not_loaded(fd);
	attr.prog_fd = (uint32_t)fd;
	attr.tracing_multi.ids = NO_ADDRESS;
	attr.tracing_multi.cnt = 1;
	int link = lade_bpf_link_create(question->kernel, &attr);
	if (link >= 0)
		(void)fd_close(link);
	return answer_of(link);
}

/* ---- by what came with it ---- */

/* Programs of maps of devices and CPUs: elements of twice the size hold one. */
static enum probe_answer ask_element(const struct question *question)
{
	enum { DEVMAP_ATTACH = 33 };
	struct attr_map_create attr = { .map_type = question->attach == DEVMAP_ATTACH ? BPF_MAP_TYPE_DEVMAP
										      : BPF_MAP_TYPE_CPUMAP,
					.key_size = 4,
					.value_size = 8,
					.max_entries = 1 };
	CLEANUP(cleanup_fd) int fd = lade_bpf_map_create(question->kernel, &attr);

	return fd >= 0 ? PROBE_YES : not_loaded(fd);
}

/* A kernel that knows the kinds refuses others. */
static enum probe_answer ask_wrong(const struct question *question)
{
	CLEANUP(cleanup_fd) int right = load(question, question->way->program, question->attach, 0);
	CLEANUP(cleanup_fd) int wrong = load(question, question->way->program, 1, 0);

	if (right < 0)
		return not_loaded(right);
	return wrong >= 0 ? PROBE_NO : wrong == -EINVAL ? PROBE_YES : PROBE_UNKNOWN;
}

/* BPF_F_LINK of tables of kernel operations. */
static enum probe_answer ask_table(const struct question *question)
{
	enum { FLAG_LINK = 1 << 13 };

	return lade_probe_map_flags(question->kernel, STRUCT_OPS_MAP, FLAG_LINK);
}

static const struct way ways[] = {
	{ ask_target, 0, 1, BPF_PROG_TYPE_CGROUP_SKB },
	{ ask_target, 2, 2, BPF_PROG_TYPE_CGROUP_SOCK },
	{ ask_target, 3, 3, BPF_PROG_TYPE_SOCK_OPS },
	{ ask_target, 4, 5, BPF_PROG_TYPE_SK_SKB },
	{ ask_target, 6, 6, BPF_PROG_TYPE_CGROUP_DEVICE },
	{ ask_target, 7, 7, BPF_PROG_TYPE_SK_MSG },
	{ ask_target, 8, 11, BPF_PROG_TYPE_CGROUP_SOCK_ADDR },
	{ ask_target, 12, 13, BPF_PROG_TYPE_CGROUP_SOCK },
	{ ask_target, 14, 15, BPF_PROG_TYPE_CGROUP_SOCK_ADDR },
	{ ask_target, 16, 16, BPF_PROG_TYPE_LIRC_MODE2 },
	{ ask_program, 17, 17,
	  BPF_PROG_TYPE_FLOW_DISSECTOR }, /* a target would be the caller's own network namespace */
	{ ask_target, 18, 18, BPF_PROG_TYPE_CGROUP_SYSCTL },
	{ ask_target, 19, 20, BPF_PROG_TYPE_CGROUP_SOCK_ADDR },
	{ ask_target, 21, 22, BPF_PROG_TYPE_CGROUP_SOCKOPT },
	{ ask_load, 23, 26, TRACING },
	{ ask_load, 27, 27, LSM },
	{ ask_load, 28, 28, TRACING },
	{ ask_target, 29, 32, BPF_PROG_TYPE_CGROUP_SOCK_ADDR },
	{ ask_element, 33, 33, 0 },
	{ ask_target, 34, 34, BPF_PROG_TYPE_CGROUP_SOCK },
	{ ask_element, 35, 35, 0 },
	{ ask_link, 36, 36, SK_LOOKUP },
	{ ask_link, 37, 37, BPF_PROG_TYPE_XDP },
	{ ask_target, 38, 38, BPF_PROG_TYPE_SK_SKB },
	{ ask_wrong, 39, 40, BPF_PROG_TYPE_SK_REUSEPORT },
	{ ask_link, 41, 41, BPF_PROG_TYPE_TRACEPOINT },
	{ ask_link, 42, 42, BPF_PROG_TYPE_KPROBE },
	{ ask_load, 43, 43, LSM },
	{ ask_table, 44, 44, 0 },
	{ ask_link, 45, 45, NETFILTER },
	{ ask_link, 46, 47, BPF_PROG_TYPE_SCHED_CLS },
	{ ask_link, 48, 48, BPF_PROG_TYPE_KPROBE },
	{ ask_target, 49, 53, BPF_PROG_TYPE_CGROUP_SOCK_ADDR },
	{ ask_link, 54, 55, BPF_PROG_TYPE_SCHED_CLS },
	{ ask_link, 56, 57, BPF_PROG_TYPE_KPROBE },
	{ ask_load, 58, 58, TRACING },
	{ ask_many, 59, 61, TRACING },
};

static const struct way *way_of(uint32_t attach)
{
	for (size_t i = 0; i < ELEMENTS(ways); i++)
		if (attach >= ways[i].first && attach <= ways[i].last)
			return &ways[i];
	return NULL;
}

enum probe_answer lade_probe_attach(struct kernel *kernel, const struct probe_targets *targets, uint32_t type)
{
	const struct question question = { kernel, targets, way_of(type), type };

	return question.way ? question.way->ask(&question) : PROBE_UNKNOWN;
}

/* ---- links ---- */

const char *lade_probe_link_name(uint32_t type)
{
	/* data/link_types.csv; a test compares. */
	static const char names[][16] = {
		"",           "raw_tracepoint", "tracing",    "cgroup",    "iter", "netns",        "xdp",
		"perf_event", "kprobe_multi",   "struct_ops", "netfilter", "tcx",  "uprobe_multi", "netkit",
		"sockmap",    "tracing_multi"
	};

	return type && type < ELEMENTS(names) ? names[type] : NULL;
}

/* Are there links at all? Their ids came with them. */
static enum probe_answer ask_ids(struct kernel *kernel)
{
	struct attr_get_by_id attr = { .id = INT32_MAX - 1 };
	int result = kernel->calls->bpf(kernel, BPF_LINK_GET_NEXT_ID, &attr, sizeof attr);

	return result >= 0 ? PROBE_YES : answer_of(result);
}

/* Of a kind that BPF_PROG_ATTACH knows as well: with BPF_LINK_CREATE. */
static enum probe_answer ask_link_of(struct kernel *kernel, uint32_t attach, uint32_t program)
{
	const struct way way = { ask_link, attach, attach, program };
	const struct question question = { kernel, NULL, &way, attach };

	return ask_link(&question);
}

static enum probe_answer both(enum probe_answer one, enum probe_answer other)
{
	if (one == PROBE_NO || other == PROBE_NO)
		return PROBE_NO;
	return one == PROBE_YES && other == PROBE_YES ? PROBE_YES : PROBE_UNKNOWN;
}

enum probe_answer lade_probe_link(struct kernel *kernel, const struct probe_targets *targets, uint32_t type)
{
	enum { RAW_TRACEPOINT = 1, TRACING_LINK, CGROUP_LINK, ITERATOR, NETNS, SOCKMAP = 14 };
	static const uint8_t kinds[] = { [6] = XDP_ATTACH,    [7] = PERF_EVENT,        [8] = KPROBE_MULTI,
					 [9] = STRUCT_OPS,    [10] = NETFILTER_ATTACH, [11] = TCX_INGRESS,
					 [12] = UPROBE_MULTI, [13] = NETKIT_PRIMARY,   [15] = TRACE_FENTRY_MULTI };

	switch (type) {
	case RAW_TRACEPOINT:
		return both(ask_ids(kernel), lade_probe_program(kernel, BPF_PROG_TYPE_RAW_TRACEPOINT));
	case TRACING_LINK:
		return both(ask_ids(kernel), lade_probe_attach(kernel, targets, TRACE_RAW_TP));
	case CGROUP_LINK:
		return ask_link_of(kernel, CGROUP_INGRESS, BPF_PROG_TYPE_CGROUP_SKB);
	case ITERATOR:
		return both(ask_ids(kernel), lade_probe_attach(kernel, targets, TRACE_ITER));
	case NETNS:
		return ask_link_of(kernel, FLOW_DISSECTOR, BPF_PROG_TYPE_FLOW_DISSECTOR);
	case SOCKMAP:
		return ask_link_of(kernel, STREAM_VERDICT, BPF_PROG_TYPE_SK_SKB);
	default:
		return type < ELEMENTS(kinds) && kinds[type] ? lade_probe_attach(kernel, targets, kinds[type])
							     : PROBE_UNKNOWN;
	}
}
