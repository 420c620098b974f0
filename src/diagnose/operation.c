/* SPDX-License-Identifier: BSD-2-Clause */
/* Any other refused operation. */
#include <errno.h>

#include "diagnose/diagnose.h"

const char *lade_gate_code(int errnum, const char *otherwise)
{
	static const struct {
		int errnum;
		const char *code;
	} gates[] = {
		{ EPERM, "environment.privilege" },      { ENOSYS, "kernel.bpf.absent" },
		{ ENOMEM, "environment.kernel-memory" }, { EMFILE, "environment.files" },
		{ ENFILE, "environment.files" },
	};

	for (size_t i = 0; i < ELEMENTS(gates); i++)
		if (gates[i].errnum == errnum)
			return gates[i].code;
	return otherwise;
}

int lade_diagnose_operation(struct kernel *kernel, const struct lade_object *object, const char *operation,
			    const char *what, int errnum, const char *code, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, errnum, lade_gate_code(errnum, code), "%s: cannot %s: %s",
						      object->file, what, lade_errno_name(errnum));
	const char *cause = lade_errno_cause(operation, errnum, 0);

	if (errnum == EPERM)
		lade_kernel_explain_privilege(kernel, finding);
	else if (errnum == ENOSYS)
		lade_kernel_explain_absent(kernel, finding);
	else if (cause && errnum != EMFILE && errnum != ENFILE)
		finding_cause(finding, "%s", cause);
	finding_evidence(finding, "%s answered %s", operation, lade_errno_name(errnum));
	return -errnum;
}
