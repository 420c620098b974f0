/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF_PROG_TEST_RUN: which types of programs take what, and what their values are called. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <lade/test.h>

#include "base/info.h"
#include "diagnose/denied.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/elements.h"
#include "object/sections_table.h"


enum {
	NETFILTER = 32,      /* newer than the distribution's header */
	DEFAULT_PACKET = 64, /* bytes */
	ROOM = 64 << 10,     /* bytes by which a packet may grow */
	CONTEXT_ROOM = 512,
	RUN_ON_CPU = 1,  /* BPF_F_TEST_RUN_ON_CPU */
	LIVE_FRAMES = 2, /* BPF_F_TEST_XDP_LIVE_FRAMES */
};

enum test_form {
	FORM_UNKNOWN,   /* as it was given */
	FORM_PACKET,    /* data in and out, context in and out */
	FORM_CONTEXT,   /* the context only, in and out */
	FORM_INPLACE,   /* the context only, which is written to; it cannot be repeated */
	FORM_ARGUMENTS, /* the context only, which is read; it cannot be repeated */
	FORM_NOTHING,
};

static const char *const xdp_values[] = { "XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT" };
static const char *const tc_values[] = { "TC_ACT_OK",     "TC_ACT_RECLASSIFY", "TC_ACT_SHOT",
					 "TC_ACT_PIPE",   "TC_ACT_STOLEN",     "TC_ACT_QUEUED",
					 "TC_ACT_REPEAT", "TC_ACT_REDIRECT",   "TC_ACT_TRAP" };
static const char *const verdicts[] = { "SK_DROP", "SK_PASS" };
static const char *const lwt_values[] = { "BPF_OK", NULL, "BPF_DROP", NULL, NULL, NULL, NULL, "BPF_REDIRECT" };
static const char *const hook_values[] = { "NF_DROP", "NF_ACCEPT", "NF_STOLEN", "NF_QUEUE", "NF_REPEAT" };
static const char *const flow_values[] = { [0] = "BPF_OK", [2] = "BPF_DROP", [129] = "BPF_FLOW_DISSECTOR_CONTINUE" };

struct test_kind {
	uint32_t type;
	enum test_form form;
	const char *const *names;
	size_t name_count;
};

#define NAMES(table) .names = (table), .name_count = ELEMENTS(table)

static const struct test_kind kinds[] = {
	{ BPF_PROG_TYPE_XDP, FORM_PACKET, NAMES(xdp_values) },
	{ BPF_PROG_TYPE_SCHED_CLS, FORM_PACKET, NAMES(tc_values) },
	{ BPF_PROG_TYPE_SCHED_ACT, FORM_PACKET, NAMES(tc_values) },
	{ BPF_PROG_TYPE_SOCKET_FILTER, FORM_PACKET },
	{ BPF_PROG_TYPE_CGROUP_SKB, FORM_PACKET, NAMES(verdicts) },
	{ BPF_PROG_TYPE_SK_SKB, FORM_PACKET, NAMES(verdicts) },
	{ BPF_PROG_TYPE_LWT_IN, FORM_PACKET, NAMES(lwt_values) },
	{ BPF_PROG_TYPE_LWT_OUT, FORM_PACKET, NAMES(lwt_values) },
	{ BPF_PROG_TYPE_LWT_XMIT, FORM_PACKET, NAMES(lwt_values) },
	{ BPF_PROG_TYPE_LWT_SEG6LOCAL, FORM_PACKET, NAMES(lwt_values) },
	{ BPF_PROG_TYPE_FLOW_DISSECTOR, FORM_PACKET, NAMES(flow_values) },
	{ NETFILTER, FORM_PACKET, NAMES(hook_values) },
	{ BPF_PROG_TYPE_SK_LOOKUP, FORM_CONTEXT, NAMES(verdicts) },
	{ BPF_PROG_TYPE_SYSCALL, FORM_INPLACE },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT, FORM_ARGUMENTS },
	{ BPF_PROG_TYPE_TRACING, FORM_NOTHING },
};

static const struct test_kind *find_kind(uint32_t type)
{
	static const struct test_kind unknown = { .form = FORM_UNKNOWN };
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return &unknown;
}

static const char *type_name(uint32_t type)
{
	return type < lade_program_name_count && lade_program_names[type] ? lade_program_names[type] : "unknown";
}

struct run {
	struct kernel *kernel;
	struct bpf_prog_info info;
	const struct test_kind *kind;
	struct lade_test_opts opts;
	struct attr_prog_test_run attr;
	uint8_t *data, *context; /* what comes back */
};

/* ---- what the kernel wants of which type ---- */

static uint64_t pointer(const void *address)
{
	return (uint64_t)(uintptr_t)address;
}

static bool has_data(const struct run *run)
{
	return run->kind->form == FORM_PACKET || (run->kind->form == FORM_UNKNOWN && run->opts.data);
}

static int add_data(struct run *run)
{
	static const uint8_t zeros[DEFAULT_PACKET];
	if (!has_data(run))
		return 0;
	const void *data = run->opts.data ? run->opts.data : zeros;
	size_t size = run->opts.data ? run->opts.data_size : sizeof zeros;
	if (size > UINT32_MAX - ROOM)
		return -E2BIG;
	run->attr.data_in = pointer(data);
	run->attr.data_size_in = (uint32_t)size;
	if (run->opts.live_frames)
		return 0; /* they have gone */
	run->data = calloc(1, size + ROOM);
	if (!run->data)
		return -ENOMEM;
	run->attr.data_out = pointer(run->data);
	run->attr.data_size_out = (uint32_t)(size + ROOM);
	return 0;
}

/* XDP's describes the packet, and must do so truly. */
static void describe_packet(const struct run *run, uint8_t *context, uint32_t *size)
{
	struct xdp_md packet = { .data_end = run->attr.data_size_in };
	if (run->info.type != BPF_PROG_TYPE_XDP)
		return;
	memcpy(context, &packet, sizeof packet);
	*size = sizeof packet;
}

static int add_context(struct run *run)
{
	bool is_wanted = run->opts.context || run->opts.want_context;
	if (!is_wanted || run->opts.context_size > UINT32_MAX - CONTEXT_ROOM)
		return is_wanted ? -E2BIG : 0;
	uint32_t size = (uint32_t)run->opts.context_size;
	run->context = calloc(1, size + CONTEXT_ROOM);
	if (!run->context)
		return -ENOMEM;
	if (run->opts.context)
		memcpy(run->context, run->opts.context, size);
	else
		describe_packet(run, run->context, &size);
	run->attr.ctx_in = size ? pointer(run->context) : 0;
	run->attr.ctx_size_in = size;
	if (run->kind->form == FORM_INPLACE || run->kind->form == FORM_ARGUMENTS)
		return 0;
	run->attr.ctx_out = pointer(run->context);
	run->attr.ctx_size_out = size + CONTEXT_ROOM;
	return 0;
}

static void add_rest(struct run *run)
{
	const struct lade_test_opts *opts = &run->opts;
	bool can_repeat =
		run->kind->form == FORM_PACKET || run->kind->form == FORM_CONTEXT || run->kind->form == FORM_UNKNOWN;
	run->attr.repeat = can_repeat || opts->repeat > 1 ? opts->repeat : 0;
	run->attr.batch_size = opts->batch_size;
	run->attr.cpu = opts->on_cpu ? opts->cpu : 0;
	run->attr.flags = (opts->on_cpu ? RUN_ON_CPU : 0U) | (opts->live_frames ? LIVE_FRAMES : 0U);
}

/* ---- what came of it ---- */

static void add_given(const struct run *run, struct lade_finding *finding)
{
	finding_evidence(finding, "the program's type is %s", type_name(run->info.type));
	finding_evidence(finding, "data has %u bytes, the context %u", run->attr.data_size_in, run->attr.ctx_size_in);
	if (run->attr.repeat > 1)
		finding_evidence(finding, "repeat is %u", run->attr.repeat);
	if (run->attr.flags)
		finding_evidence(finding, "flags are %u", run->attr.flags);
}

static void explain_invalid(const struct run *run, struct lade_finding *finding)
{
	switch (run->kind->form) {
	case FORM_PACKET:
		finding_cause(finding, "the kernel wants a packet of at least 14 bytes and at most a page or so, and a "
				       "context that is true of it");
		return;
	case FORM_CONTEXT:
		finding_cause(finding, "the kernel wants a context, and no packet");
		finding_fix(finding, "give a context (--ctx)");
		return;
	case FORM_ARGUMENTS:
		finding_cause(finding, "the kernel wants the context to hold a u64 for each argument that the program "
				       "reads; it runs once");
		return;
	case FORM_INPLACE:
		finding_cause(finding,
			      "the kernel wants a context as long as the program reads, and no packet; it runs "
			      "once");
		finding_fix(finding, "give a context (--ctx)");
		return;
	default:
		finding_cause(finding, "programs of this type take no packet and run once");
	}
}

static int refuse(const struct run *run, int result, struct lade_error **error)
{
	bool is_unsupported = result == -KERNEL_ENOTSUPP || result == -EOPNOTSUPP;
	const char *code = is_unsupported     ? "test.unsupported"
			   : result == -EPERM ? "environment.permission"
					      : "test.refused";
	const char *answer = result == -KERNEL_ENOTSUPP ? "error 524 (ENOTSUPP)" : strerror(-result);
	struct lade_finding *finding = lade_error_add(error, -result, code, "BPF_PROG_TEST_RUN of %.16s: %s",
						      *run->info.name ? run->info.name : "the program", answer);
	add_given(run, finding);
	if (result == -EPERM || result == -ENOSYS)
		lade_diagnose_denied_name(run->kernel, "BPF_PROG_TEST_RUN", -result, finding);
	if (result == -EINVAL)
		explain_invalid(run, finding);
	return result;
}

static void give_data(struct run *run, struct lade_test_result *result)
{
	size_t room = (size_t)run->attr.data_size_in + ROOM;
	if (!run->data)
		return;
	result->data_size = run->attr.data_size_out < room ? run->attr.data_size_out : room;
	result->data = TAKE(run->data);
}

static void give_context(struct run *run, struct lade_test_result *result)
{
	bool is_in_place = run->kind->form == FORM_INPLACE;
	if (!run->context || run->kind->form == FORM_ARGUMENTS)
		return;
	size_t room = (size_t)run->attr.ctx_size_in + CONTEXT_ROOM;
	size_t size = is_in_place ? run->attr.ctx_size_in : run->attr.ctx_size_out;
	result->context_size = size < room ? size : room;
	result->context = TAKE(run->context);
}

static int run_test(struct run *run, int program_fd, struct lade_test_result *result, struct lade_error **error)
{
	int done = add_data(run);
	if (done == 0)
		done = add_context(run);
	if (done == -ENOMEM)
		return lade_fail_memory(error);
	if (done < 0)
		return refuse(run, done, error);
	add_rest(run);
	run->attr.prog_fd = (uint32_t)program_fd;
	done = lade_bpf_prog_test_run(run->kernel, &run->attr);
	if (done < 0)
		return refuse(run, done, error);
	uint32_t value = run->attr.retval;
	*result = (struct lade_test_result){
		.value = value,
		.value_name = value < run->kind->name_count && !run->opts.live_frames ? run->kind->names[value] : NULL,
		.duration_ns = run->attr.duration,
	};
	if (!result->value_name && run->kind->names == tc_values && value == UINT32_MAX)
		result->value_name = "TC_ACT_UNSPEC";
	give_data(run, result);
	give_context(run, result);
	return 0;
}

LADE_API int lade_program_test(struct lade_context *context, int program_fd, const struct lade_test_opts *opts,
			       struct lade_test_result *ret_result, struct lade_error **error)
{
	struct run run = { 0 };
	struct lade_test_result full;
	int result = opts_read(&run.opts, sizeof run.opts, opts);
	if (result < 0)
		return lade_fail(error, -result, "test.options", "struct lade_test_opts: %s", strerror(-result));
	result = lade_context_kernel(context, &run.kernel, error);
	if (result < 0)
		return result;
	result = lade_bpf_prog_info(run.kernel, program_fd, &run.info);
	if (result < 0)
		return lade_fail(error, -result, "test.refused", "BPF_OBJ_GET_INFO_BY_FD: %s", strerror(-result));
	run.kind = find_kind(run.info.type);
	result = run_test(&run, program_fd, &full, error);
	free(run.data);
	free(run.context);
	if (result < 0)
		return result;
	result = info_fill(ret_result, &full, sizeof full);
	if (result < 0)
		lade_test_result_clear(&full);
	return result;
}

LADE_API void lade_test_result_clear(struct lade_test_result *result)
{
	free(result->data);
	free(result->context);
	result->data = result->context = NULL;
	result->data_size = result->context_size = 0;
}
