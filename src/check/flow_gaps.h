/* SPDX-License-Identifier: BSD-2-Clause */
/* What of the stack is handed to helpers although nobody has written it. */
#ifndef LADE_CHECK_FLOW_GAPS_H
#define LADE_CHECK_FLOW_GAPS_H

#include "check/flow.h"
#include "check/value.h"

/* Of the call of a helper, with what is known before it: goes into flow->gaps. -ENOMEM */
int lade_flow_gaps(const struct flow_question *question, struct flow *flow, uint32_t at,
		   const struct flow_state *state);

#endif
