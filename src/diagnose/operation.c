/* SPDX-License-Identifier: BSD-2-Clause */
/* Any other refused operation. */
#include <errno.h>
#include <string.h>

#include "diagnose/denied.h"
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

	finding_evidence(finding, "%s answered %s", operation, lade_errno_name(errnum));
	if (errnum == EPERM || errnum == ENOSYS)
		lade_diagnose_denied_name(kernel, operation, errnum, finding);
	else if (lade_diagnose_filter(kernel, operation, errnum, finding))
		return -errnum;
	else if (errnum == ENOMEM)
		lade_diagnose_memory(kernel, 0, finding);
	else if (errnum != EMFILE && errnum != ENFILE)
		lade_diagnose_causes(kernel, operation, errnum, finding);
	return -errnum;
}
