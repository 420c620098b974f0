/* SPDX-License-Identifier: BSD-2-Clause */
/* The forms of programs that helpers are asked of, and what of the kernel programs are verified against. */
#include <linux/btf.h>

#include "btf/kernel_types.h"
#include "base/cleanup.h"
#include "doctor/forms.h"

/* ---- by name, in the kernel's types ---- */

static const struct {
	const char *name;
	uint32_t kind;
	size_t offset; /* in struct probe_targets */
} names[] = {
	{ "btf_trace_sched_process_exec", BTF_KIND_TYPEDEF, offsetof(struct probe_targets, tracepoint) },
	{ "bpf_fentry_test1", BTF_KIND_FUNC, offsetof(struct probe_targets, function) },
	{ "security_file_open", BTF_KIND_FUNC, offsetof(struct probe_targets, changeable) },
	{ "bpf_iter_task", BTF_KIND_FUNC, offsetof(struct probe_targets, iterator) },
	{ "bpf_lsm_file_open", BTF_KIND_FUNC, offsetof(struct probe_targets, hook) },
	{ "bpf_lsm_socket_post_create", BTF_KIND_FUNC, offsetof(struct probe_targets, socket_hook) },
	{ "tcp_congestion_ops", BTF_KIND_STRUCT, offsetof(struct probe_targets, table) },
};

/* A member that every version of the table has, and must. */
static bool find_operation(const struct kernel_types *types, struct probe_targets *targets)
{
	const struct lade_btf *btf = lade_kernel_types_base(types);
	const struct btf_type *table = lade_btf_type(btf, targets->table);
	const struct btf_member *members = table ? lade_btf_members(table) : NULL;

	for (uint32_t i = 0; members && i < lade_btf_vlen(table); i++) {
		const char *name = lade_btf_string(btf, members[i].name_off);
		if (!name || strcmp(name, "ssthresh") != 0)
			continue;
		targets->table_operation = i;
		return true;
	}
	return false;
}

void lade_doctor_targets(struct kernel_types *types, struct probe_targets *targets)
{
	const char *wanted[ELEMENTS(names)];

	for (size_t i = 0; i < ELEMENTS(names); i++)
		wanted[i] = names[i].name;
	if (lade_kernel_types_want(types, wanted, ELEMENTS(wanted), NULL) < 0)
		return;
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct kernel_type type = { 0 };
		if (lade_kernel_types_exact(types, names[i].name, names[i].kind, false, &type, NULL) == 0)
			*(uint32_t *)((char *)targets + names[i].offset) = type.id;
	}
	if (targets->table && !find_operation(types, targets))
		targets->table = 0;
}

/* ---- forms ---- */

enum { SLEEPABLE = 1 << 4 };

/* Of one type, the form that most may call comes first; what it may not call is asked of the others. */
static const struct {
	struct probe_form form;
	size_t target; /* offset in struct probe_targets; NO_TARGET: none */
} forms[] = {
#define NO_TARGET    SIZE_MAX
#define TARGET(name) offsetof(struct probe_targets, name)
	{ { 2, 0, SLEEPABLE, 0 }, NO_TARGET }, /* kprobe: of user space, since 6.0 */
	{ { 9, 12, 0, 0 }, NO_TARGET },        /* cgroup_sock: BPF_CGROUP_INET4_POST_BIND */
	{ { 15, 6, 0, 0 }, NO_TARGET },        /* cgroup_device, which need not say so */
	{ { 18, 10, 0, 0 }, NO_TARGET },       /* cgroup_sock_addr: BPF_CGROUP_INET4_CONNECT */
	{ { 18, 14, 0, 0 }, NO_TARGET },       /* … BPF_CGROUP_UDP4_SENDMSG */
	{ { 23, 18, 0, 0 }, NO_TARGET },       /* cgroup_sysctl */
	{ { 25, 22, 0, 0 }, NO_TARGET },       /* cgroup_sockopt: BPF_CGROUP_SETSOCKOPT */
	{ { 26, 23, 0, 0 }, TARGET(tracepoint) },
	{ { 26, 25, 0, 0 }, TARGET(function) }, /* BPF_TRACE_FEXIT */
	{ { 26, 28, 0, 0 }, TARGET(iterator) },
	{ { 26, 28, SLEEPABLE, 0 }, TARGET(iterator) },
	{ { 27, 0, 0, 0 }, TARGET(table) },
	{ { 29, 27, 0, 0 }, TARGET(hook) },
	{ { 29, 27, SLEEPABLE, 0 }, TARGET(hook) },
	{ { 29, 43, 0, 0 }, TARGET(socket_hook) }, /* BPF_LSM_CGROUP */
};

/* Those whose target is there, and that the kernel takes: what it refuses says nothing of a helper. */
void lade_doctor_forms(struct kernel *kernel, const struct probe_targets *targets, struct probe_forms *ret_forms)
{
	enum { STRUCT_OPS = 27 };
	char log[PROBE_LOG_BYTES];

	ret_forms->count = 0;
	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		struct probe_form form = forms[i].form;
		if (forms[i].target != NO_TARGET)
			form.attach_btf_id = *(const uint32_t *)((const char *)targets + forms[i].target);
		if (forms[i].target != NO_TARGET && !form.attach_btf_id)
			continue;
		if (form.type == STRUCT_OPS)
			form.expected_attach_type = targets->table_operation;
		CLEANUP(cleanup_fd) int fd = lade_probe_load_empty(kernel, &form, log);
		if (fd >= 0 && ret_forms->count < ELEMENTS(ret_forms->items))
			ret_forms->items[ret_forms->count++] = form;
	}
}
