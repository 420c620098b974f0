/* SPDX-License-Identifier: BSD-2-Clause */
/* An access to the packet that no comparison with data_end covers. */
#ifndef LADE_EXPLAIN_VERIFIER_PACKET_H
#define LADE_EXPLAIN_VERIFIER_PACKET_H

#include "explain/verifier/named.h"

void lade_verifier_packet(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding);

#endif
