/* SPDX-License-Identifier: BSD-2-Clause */
#include "check/flow_gaps.h"

#include <errno.h>

/* The call that is looked at. */
struct call {
	const struct flow_question *question;
	struct flow *flow;
	uint32_t at;
	const struct flow_state *state;
};

/* Each visit knows at least as much as the one before. */
static int keep(const struct call *call, uint32_t argument, uint32_t bytes, uint32_t of)
{
	struct flow_gap *place = NULL;

	array_foreach(gap, &call->flow->gaps)
		if (gap->instruction == call->at && gap->argument == argument)
			place = gap;
	if (!place && !bytes)
		return 0;
	if (!place)
		place = array_push(&call->flow->gaps);
	if (!place)
		return -ENOMEM;
	*place = (struct flow_gap){ call->at, argument, bytes, of };
	return 0;
}

static int look_at(const struct call *call, unsigned argument, uint64_t bytes)
{
	return keep(call, argument, lade_state_unwritten(call->state, &call->state->registers[argument], bytes),
		    (uint32_t)bytes);
}

static int look_at_map_call(const struct call *call, int32_t helper)
{
	const struct value *map = &call->state->registers[BPF_REG_1];
	const struct map_definition *definition;
	int r;

	if (map->kind != VALUE_MAP)
		return 0;
	definition = &call->question->plan->object->maps.items[map->map]->definition;
	r = look_at(call, BPF_REG_2, definition->key_size);
	return r < 0 || helper != BPF_FUNC_map_update_elem ? r : look_at(call, BPF_REG_3, definition->value_size);
}

/* Helpers whose arguments say how much they read. */
int lade_flow_gaps(const struct flow_question *question, struct flow *flow, uint32_t at, const struct flow_state *state)
{
	const struct bpf_insn *instruction = &question->load->instructions.items[at];
	const struct value *size = &state->registers[BPF_REG_5];
	const struct call call = { question, flow, at, state };

	if (instruction->src_reg)
		return 0;
	if (instruction->imm >= BPF_FUNC_map_lookup_elem && instruction->imm <= BPF_FUNC_map_delete_elem)
		return look_at_map_call(&call, instruction->imm);
	if (instruction->imm == BPF_FUNC_perf_event_output && size->kind == VALUE_NUMBER)
		return look_at(&call, BPF_REG_4, size->number);
	return 0;
}
