/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs on functions and hooks of the kernel may be refused by a policy that shows itself nowhere. The least program
 * of each kind that the object has is tried, on a function of the kernel that allows it.
 */
#include <errno.h>

#include "base/array.h"
#include "doctor/doctor.h"
#include "doctor/forms.h"
#include "kernel/context.h"
#include "object/model.h"
#include "object/sections.h"

enum { LSM_CGROUP = 43 }; /* since 6.0 */

static bool find_form(const struct lade_program *program, const struct probe_targets *targets,
		      struct probe_form *ret_form)
{
	const struct probe_form forms[] = {
		{ BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, 0, targets->function },
		{ BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, 0, targets->function },
		{ BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, 0, targets->changeable },
		{ BPF_PROG_TYPE_LSM, BPF_LSM_MAC, 0, targets->hook },
		{ BPF_PROG_TYPE_LSM, LSM_CGROUP, 0, targets->socket_hook },
	};

	for (size_t i = 0; i < ELEMENTS(forms); i++)
		if (program->type == forms[i].type && program->expected_attach_type == forms[i].expected_attach_type &&
		    forms[i].attach_btf_id) {
			*ret_form = forms[i];
			return true;
		}
	return false;
}

static void say_refused(struct lade_doctor *doctor, const struct lade_program *program, const struct probe_form *form)
{
	const char *name = lade_attach_type_name(form->expected_attach_type);
	struct lade_finding *finding = lade_note_add(
		&doctor->findings, "doctor.needs.refused",
		"programs of attach type %s are refused before the verifier sees them: EPERM", name ? name : "unknown");

	finding_confidence(finding, LADE_LIKELY);
	finding_evidence(finding,
			 "a program that does nothing, on a function of the kernel, is answered with EPERM and "
			 "no log, and no capability is missing");
	finding_evidence(finding, "needed by program %s", program->name);
}

static bool lacks_privilege(const struct lade_doctor *doctor)
{
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++)
		if (lade_doctor_finding(doctor, i)->exit_code == 5) /* then that is the cause */
			return true;
	return false;
}

void lade_doctor_compare_refused(struct lade_doctor *doctor, const struct lade_object *object)
{
	struct kernel_types *types = NULL;
	struct probe_targets targets = { 0 };
	uint64_t tried = 0; /* attach types */
	char log[PROBE_LOG_BYTES];

	if (!doctor->kernel || strcmp(doctor->process, "self") != 0 || lacks_privilege(doctor))
		return;
	array_foreach(item, &object->programs) {
		const struct lade_program *program = *item;
		struct probe_form form;
		if (!program->autoload || program->skip ||
		    (program->type != BPF_PROG_TYPE_TRACING && program->type != BPF_PROG_TYPE_LSM))
			continue;
		if (!types && lade_context_types(object->context, &types, NULL) < 0)
			return;
		if (!targets.function)
			lade_doctor_targets(types, &targets);
		if (!find_form(program, &targets, &form) || tried >> form.expected_attach_type & 1)
			continue;
		tried |= UINT64_C(1) << form.expected_attach_type;
		int result = lade_probe_load_empty(doctor->kernel, &form, log);
		if (result == -EPERM && !*log)
			say_refused(doctor, program, &form);
		else if (result >= 0)
			(void)fd_close(result);
	}
}
