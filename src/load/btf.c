/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object's BTF. Where the kernel refuses it, the kinds that came last are taken out one after another; where
 * that does not help and nothing depends on it, the load goes on without: maps lose their key and value types,
 * programs their function and line records. The same for a process without privileges, if everything else is open to
 * it.
 */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/denied.h"
#include "diagnose/diagnose.h"
#include "load/loader.h"

enum { LOG_BYTES = 64 * 1024 };

static int try_load(struct loader *loader, const struct lade_btf *btf, char *log, uint32_t log_bytes)
{
	size_t size;
	const void *bytes = lade_btf_bytes(btf, &size);
	struct attr_btf_load attr = {
		.btf = (uintptr_t)bytes,
		.btf_size = (uint32_t)size,
		.btf_log_buf = (uintptr_t)log,
		.btf_log_size = log_bytes,
		.btf_log_level = log ? 1 : 0,
	};

	return lade_bpf_btf_load(loader->kernel, &attr);
}

static bool is_needed(const struct loader *loader)
{
	if (loader->object->btf_required)
		return true;
	array_foreach(operation, &loader->plan->operations) {
		if (operation->kind == OPERATION_MAP_CREATE && operation->map_create.btf_essential)
			return true;
		if (operation->kind == OPERATION_PROGRAM_LOAD && operation->program_load->own_target != NO_INDEX)
			return true; /* what it goes to is named by a type */
	}
	return false;
}

static void explain_gate(struct loader *loader, int errnum, struct lade_finding *finding)
{
	struct denied_call call = lade_denied_call("BPF_BTF_LOAD", errnum);

	lade_denied_object(&call, loader->plan);
	lade_diagnose_denied(loader->kernel, &call, finding);
}

static int refuse(struct loader *loader, int errnum, const char *log, struct lade_error **error)
{
	const char *code = errnum == EACCES ? "environment.privilege" : lade_gate_code(errnum, "btf.load.refused");
	struct lade_finding *finding =
		lade_error_add(error, errnum, code, "%s: the kernel refuses the object's BTF: %s", loader->object->file,
			       lade_errno_name(errnum));

	finding_log(finding, log);
	if (*log)
		finding_evidence(finding, "the kernel's log ends with: %s", lade_last_line(log));
	if (errnum == EPERM || errnum == EACCES || errnum == ENOSYS)
		explain_gate(loader, errnum, finding);
	else if (!lade_diagnose_filter(loader->kernel, "BPF_BTF_LOAD", errnum, finding) && errnum == ENOMEM)
		lade_diagnose_memory(loader->kernel, 0, finding);
	return -errnum;
}

static int go_without(struct loader *loader, int errnum, const char *log)
{
	struct lade_finding *note = lade_note_add(&loader->instance->notes, "btf.load.without",
						  "%s: loading without BTF: this kernel refuses it (%s)",
						  loader->object->file, lade_errno_name(errnum));

	if (*log)
		finding_evidence(note, "the kernel's log ends with: %s", lade_last_line(log));
	return 0;
}

/* No privilege and no system call are not the BTF's fault: the next step would fail the same way. */
static bool is_about_btf(int errnum)
{
	return errnum == EINVAL || errnum == E2BIG || errnum == EOPNOTSUPP;
}

static void note_step_back(struct loader *loader, const struct strings *taken)
{
	struct lade_finding *note =
		lade_note_add(&loader->instance->notes, "btf.stepped-back",
			      "%s: its BTF was loaded without what this kernel does not know", loader->object->file);

	array_foreach(what, taken)
		finding_evidence(note, "without %s", *what);
}

/* Then records that say where functions begin have nothing to refer to. */
static bool lacks_functions(const struct lade_object *object, const struct lade_btf *btf)
{
	array_foreach(function, &object->functions)
		if (function->func_info.count)
			return lade_btf_kind(lade_btf_type(btf, function->func_info.items[0].type_id)) != BTF_KIND_FUNC;
	return false;
}

/* Descriptor, or -errno of the first refusal when no rewrite helped. */
static int step_back(struct loader *loader, int errnum)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *btf = NULL;
	struct strings taken = { 0 };
	unsigned step = 0;
	int fd = lade_btf_clone(lade_plan_btf(loader->plan), &btf, NULL);

	if (fd == 0)
		fd = -errnum;
	for (const char *what; fd < 0 && btf && (what = lade_btf_step_back(btf, &step));) {
		(void)lade_strings_add(&taken, what);
		fd = try_load(loader, btf, NULL, 0);
	}
	if (fd >= 0)
		note_step_back(loader, &taken);
	loader->btf_lacks_functions = fd >= 0 && lacks_functions(loader->object, btf);
	lade_strings_clear(&taken);
	return fd >= 0 ? fd : -errnum;
}

int lade_load_btf(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *log = NULL;
	const struct lade_btf *btf = lade_plan_btf(loader->plan);
	int fd = try_load(loader, btf, NULL, 0);
	int errnum = -fd;

	if (fd >= 0) {
		loader->slots[operation->slot] = fd;
		return 0;
	}
	log = calloc(1, LOG_BYTES);
	if (!log)
		return lade_fail_memory(error);
	fd = is_about_btf(errnum) ? try_load(loader, btf, log, LOG_BYTES) : -errnum;
	if (fd < 0 && is_about_btf(errnum))
		fd = step_back(loader, errnum);
	if (fd >= 0) { /* also: refused once, accepted with a log, a passing shortage */
		loader->slots[operation->slot] = fd;
		return 0;
	}
	bool is_optional =
		!is_needed(loader) &&
		(is_about_btf(errnum) || (errnum == EPERM && lade_denied_only_types(loader->kernel, loader->plan)));
	return is_optional ? go_without(loader, errnum, log) : refuse(loader, errnum, log, error);
}
