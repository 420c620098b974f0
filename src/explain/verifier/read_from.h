/* SPDX-License-Identifier: BSD-2-Clause */
/* Out of which memory an address was read that is none: that of the context, of a map's value, of a structure of the
 * kernel. */
#ifndef LADE_EXPLAIN_VERIFIER_READ_FROM_H
#define LADE_EXPLAIN_VERIFIER_READ_FROM_H

#include "explain/verifier/origin.h"

/* Says nothing where nothing is known of it. */
void lade_verifier_read_from(const struct verifier_origin *origin, const struct verifier_step *step,
			     struct lade_finding *finding);
/* Was something computed of what the step got, before it was followed? */
bool lade_verifier_is_computed(const struct verifier_origin *origin, const struct verifier_step *step);
/* Does this step read the context itself? */
bool lade_verifier_reads_context(const struct verifier_origin *origin, const struct verifier_step *step);

#endif
