/* SPDX-License-Identifier: BSD-2-Clause */
/* The dry run: a plan for this machine, without entering its kernel. */
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/info.h"
#include "load/known.h"

static void know_machine(struct plan_target *target)
{
	int processors = get_nprocs_conf();
	struct utsname name;

	target->possible_cpus = processors > 0 ? (uint32_t)processors : 1;
	target->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	target->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	if (uname(&name) == 0) {
		target->kernel_version = lade_policy_kernel(name.release);
		target->machine = lade_policy_machine(name.machine);
	}
}

LADE_API int lade_plan_new(struct lade_object *object, const struct lade_load_opts *opts, struct lade_plan **ret_plan,
			   struct lade_error **error)
{
	struct lade_load_opts options;
	struct known known = { 0 };
	int r = opts_read(&options, sizeof options, opts);

	if (r < 0)
		return lade_fail(error, -r, "internal.options", "unknown load options");
	know_machine(&known.target);
	r = lade_known_types(&known, object->context, object, error);
	if (r == 0)
		r = lade_known_config(&known, object->context, NULL, object, error);
	if (r == 0)
		r = lade_plan_build(object, &known.target, &options, ret_plan, error);
	lade_known_clear(&known);
	return r;
}
