/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over the basic blocks of a program until nothing new is learnt. */
#include "check/flow.h"
#include "check/flow_gaps.h"

#include <string.h>

#include "check/value.h"

#define LDIMM64     (BPF_LD | BPF_DW | BPF_IMM)
#define VISITS_MOST 64 /* of each block on average: what a program that is worth it takes */

enum {
	CLASS_JMP32 = 0x06,
	MODE_ATOMIC = 0xc0,
	OP_MAY_GOTO = 0xe5,
	OP_JUMP_FAR = CLASS_JMP32 | BPF_JA,
	OP_JUMP_TABLE = BPF_JMP | BPF_JA | BPF_X,
};

struct walk {
	const struct flow_question *question;
	const struct bpf_insn *instructions;
	uint32_t count;
	struct flow *flow;
	bool *leader, *queued, *asks; /* by instruction */
	struct flow_state **states;   /* by instruction, of leaders */
	uint32_t *patch_of;           /* by instruction: index + 1 */
	ARRAY_OF(uint32_t) queue;
	bool follows_values;
	bool no_memory;
};

/* ---- edges ---- */

static bool is_jump_class(const struct bpf_insn *instruction)
{
	return BPF_CLASS(instruction->code) == BPF_JMP || BPF_CLASS(instruction->code) == CLASS_JMP32;
}

static bool is_exit(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_JMP | BPF_EXIT);
}

static bool is_call(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_JMP | BPF_CALL);
}

static bool is_branch(const struct bpf_insn *instruction)
{
	return is_jump_class(instruction) && !is_call(instruction) && !is_exit(instruction);
}

static bool is_unconditional(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_JMP | BPF_JA) || instruction->code == OP_JUMP_FAR;
}

/* NO_INDEX: outside of the program. */
static uint32_t branch_target(const struct walk *walk, uint32_t at)
{
	const struct bpf_insn *instruction = &walk->instructions[at];
	int64_t target = (int64_t)at + 1 + (instruction->code == OP_JUMP_FAR ? instruction->imm : instruction->off);

	return target < 0 || target >= walk->count ? NO_INDEX : (uint32_t)target;
}

static uint32_t call_target(const struct walk *walk, uint32_t at)
{
	int64_t target = (int64_t)at + 1 + walk->instructions[at].imm;

	return target < 0 || target >= walk->count ? NO_INDEX : (uint32_t)target;
}

static bool calls_function(const struct bpf_insn *instruction)
{
	return is_call(instruction) && instruction->src_reg == BPF_PSEUDO_CALL;
}

static bool points_to_function(const struct bpf_insn *instruction)
{
	return instruction->code == LDIMM64 && instruction->src_reg == BPF_PSEUDO_FUNC;
}

static void mark_leader(struct walk *walk, uint32_t at)
{
	if (at < walk->count)
		walk->leader[at] = true;
}

static void mark_leaders(struct walk *walk)
{
	mark_leader(walk, 0);
	for (uint32_t i = 0; i < walk->count; i = lade_flow_next(walk->instructions, i)) {
		const struct bpf_insn *instruction = &walk->instructions[i];
		if (is_branch(instruction)) {
			mark_leader(walk, branch_target(walk, i));
			mark_leader(walk, i + 1);
		}
		if (calls_function(instruction) || points_to_function(instruction))
			mark_leader(walk, call_target(walk, i));
	}
	array_foreach(operation, &walk->question->plan->operations)
		if (operation->kind == OPERATION_JUMP_TABLE && operation->program == walk->question->program)
			array_foreach(jump, &operation->jumps)
				mark_leader(walk, *jump);
}

/* ---- what is asked of the kernel ---- */

static bool asks_existence(const struct btf_core_relocation *relocation)
{
	const char *kind = lade_core_kind_name(relocation->kind);

	return kind && (strstr(kind, "exists") || strstr(kind, "matches"));
}

static void mark_question(struct walk *walk, uint32_t at)
{
	if (at >= walk->count)
		return;
	walk->asks[at] = walk->follows_values = true;
}

/* Relocations that were resolved hold the kernel's answer, weak symbols that are not there hold 0. */
static void mark_function(struct walk *walk, const struct plan_placed *placed)
{
	const struct lade_object *object = walk->question->plan->object;
	const struct lade_function *function = &object->functions.items[placed->function];

	array_foreach(relocation, &function->core)
		if (asks_existence(relocation))
			mark_question(walk, placed->start + relocation->offset);
	array_foreach(relocation, &function->relocations)
		if (relocation->kind == RELOCATION_EXTERN && object->externs.items[relocation->target].is_weak)
			mark_question(walk, placed->start + relocation->instruction);
}

static const struct lade_map *map_of_slot(const struct lade_plan *plan, uint32_t slot)
{
	for (uint32_t i = 0; i < plan->object->maps.count; i++)
		if (plan->map_slots[i] == slot)
			return plan->object->maps.items[i];
	return NULL;
}

static bool is_foldable(const struct walk *walk, const struct lade_map *map)
{
	return map && walk->question->folds_data &&
	       (map->is_readonly_data || lade_map_index(map) == map->object->kconfig_map);
}

static void mark_questions(struct walk *walk)
{
	const struct program_operation *load = walk->question->load;

	array_foreach(placed, &load->placed)
		mark_function(walk, placed);
	for (size_t i = 0; i < load->patches.count; i++) {
		const struct instruction_patch *patch = &load->patches.items[i];
		if (patch->instruction >= walk->count)
			continue;
		walk->patch_of[patch->instruction] = (uint32_t)i + 1;
		if (patch->kind == PATCH_MAP_VALUE && is_foldable(walk, map_of_slot(walk->question->plan, patch->slot)))
			walk->follows_values = true;
	}
	if (load->type == BPF_PROG_TYPE_TRACEPOINT || walk->question->finds_gaps)
		walk->follows_values = true;
}

static const struct plan_unresolved *open_at(const struct walk *walk, uint32_t at)
{
	array_foreach(open, &walk->question->load->unresolved)
		if (open->instruction == at)
			return open;
	return NULL;
}

/* ---- reaching ---- */

static void enqueue(struct walk *walk, uint32_t at)
{
	uint32_t *place = walk->queued[at] ? NULL : array_push(&walk->queue);

	if (walk->queued[at])
		return;
	if (!place) {
		walk->no_memory = true;
		return;
	}
	*place = at;
	walk->queued[at] = true;
}

static void reach(struct walk *walk, uint32_t at, const struct flow_state *state, enum flow_reach reached)
{
	bool changed = at < walk->count && walk->flow->reach[at] < reached;

	if (at >= walk->count)
		return;
	if (changed)
		walk->flow->reach[at] = (uint8_t)reached;
	if (walk->follows_values && !walk->states[at]) {
		walk->states[at] = malloc(sizeof *state);
		if (!walk->states[at]) {
			walk->no_memory = true;
			return;
		}
		*walk->states[at] = *state;
		changed = true;
	} else if (walk->follows_values) {
		changed |= lade_state_merge(walk->states[at], state);
	}
	if (changed)
		enqueue(walk, at);
}

/* A function of its own: arguments come in, and a stack that nobody has written. */
static void reach_function(struct walk *walk, uint32_t at, const struct flow_state *state, enum flow_reach reached,
			   bool with_arguments)
{
	struct flow_state entry = { 0 };

	for (unsigned i = BPF_REG_1; with_arguments && i <= BPF_REG_5; i++) {
		entry.registers[i] = state->registers[i];
		if (entry.registers[i].kind == VALUE_STACK)
			entry.registers[i] = (struct value){ .kind = VALUE_POINTER };
	}
	entry.registers[BPF_REG_10] = (struct value){ .kind = VALUE_STACK };
	reach(walk, at, &entry, reached);
}

static enum flow_reach doubt(enum flow_reach reached, bool asked)
{
	return asked && reached > FLOW_DOUBTFUL ? FLOW_DOUBTFUL : reached;
}

/* Where a comparison with a constant was equal, the register holds it. */
static struct flow_state refined(const struct flow_state *state, const struct bpf_insn *instruction, bool taken)
{
	struct flow_state result = *state;
	struct value *value = &result.registers[instruction->dst_reg % MAX_BPF_REG];
	unsigned operation = BPF_OP(instruction->code);

	if (BPF_SRC(instruction->code) == BPF_K && BPF_CLASS(instruction->code) == BPF_JMP &&
	    value->kind == VALUE_ANY && operation == (taken ? BPF_JEQ : BPF_JNE))
		*value = (struct value){ VALUE_NUMBER, value->asked, 0, (uint64_t)(int64_t)instruction->imm };
	return result;
}

static void branch(struct walk *walk, uint32_t at, const struct flow_state *state, enum flow_reach reached)
{
	const struct bpf_insn *instruction = &walk->instructions[at];
	uint32_t target = branch_target(walk, at);
	bool is_compare = instruction->code != OP_MAY_GOTO;
	int taken = walk->follows_values && is_compare ? lade_value_jumps(state, instruction) : -1;
	bool asked =
		is_compare &&
		(state->registers[instruction->dst_reg % MAX_BPF_REG].asked ||
		 (BPF_SRC(instruction->code) == BPF_X && state->registers[instruction->src_reg % MAX_BPF_REG].asked));
	struct flow_state next;

	if (taken >= 0) {
		reach(walk, taken ? target : at + 1, state, reached);
		return;
	}
	reached = doubt(reached, asked);
	if (!walk->follows_values || !is_compare) {
		reach(walk, target, state, reached);
		reach(walk, at + 1, state, reached);
		return;
	}
	next = refined(state, instruction, true);
	reach(walk, target, &next, reached);
	next = refined(state, instruction, false);
	reach(walk, at + 1, &next, reached);
}

static void jump_through_table(struct walk *walk, const struct flow_state *state, enum flow_reach reached)
{
	array_foreach(operation, &walk->question->plan->operations)
		if (operation->kind == OPERATION_JUMP_TABLE && operation->program == walk->question->program)
			array_foreach(jump, &operation->jumps)
				reach(walk, *jump, state, reached);
}

/* ---- single instructions ---- */

static struct value known_data(const struct walk *walk, const struct value *base, int offset, unsigned bytes)
{
	const struct lade_plan *plan = walk->question->plan;
	const struct lade_object *object = plan->object;
	const struct lade_map *map = object->maps.items[base->map];
	bool is_kconfig = base->map == object->kconfig_map;
	const uint8_t *content = is_kconfig ? plan->kconfig_values : map->data;
	uint64_t from = base->number + (uint64_t)(int64_t)offset, end;
	struct value value = { .kind = VALUE_NUMBER, .asked = is_kconfig };

	if (!is_foldable(walk, map))
		return (struct value){ .kind = VALUE_ANY };
	if (__builtin_add_overflow(from, (uint64_t)bytes, &end) || end > map->definition.value_size ||
	    (is_kconfig && !walk->question->kconfig_known(walk->question->data, (uint32_t)from)))
		return (struct value){ .kind = VALUE_ANY, .asked = is_kconfig };
	if (content)
		memcpy(&value.number, content + from, bytes); /* programs have the byte order of this machine */
	return value;
}

static void read_context(struct walk *walk, uint32_t at, const struct value *base, int offset, unsigned bytes)
{
	uint64_t from = base->number + (uint64_t)(int64_t)offset;
	struct flow_read *place;

	array_foreach(known, &walk->flow->reads)
		if (known->instruction == at)
			return;
	if (from > UINT16_MAX)
		return;
	place = array_push(&walk->flow->reads);
	if (place)
		*place = (struct flow_read){ at, (uint32_t)from, bytes };
	else
		walk->no_memory = true;
}

static unsigned bytes_of(const struct bpf_insn *instruction)
{
	static const unsigned bytes[] = { [BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 8 };

	return bytes[BPF_SIZE(instruction->code) >> 3];
}

static void load(struct walk *walk, uint32_t at, struct flow_state *state)
{
	const struct bpf_insn *instruction = &walk->instructions[at];
	struct value base = state->registers[instruction->src_reg % MAX_BPF_REG];
	unsigned bytes = bytes_of(instruction);
	struct value value = { .kind = VALUE_ANY };

	if (BPF_MODE(instruction->code) == BPF_MEM) {
		if (base.kind == VALUE_STACK)
			value = lade_state_load(state, &base, instruction->off, bytes);
		else if (base.kind == VALUE_DATA)
			value = known_data(walk, &base, instruction->off, bytes);
	}
	if (base.kind == VALUE_CONTEXT)
		read_context(walk, at, &base, instruction->off, bytes);
	state->registers[instruction->dst_reg % MAX_BPF_REG] = value;
}

static void store(struct flow_state *state, const struct bpf_insn *instruction)
{
	const struct value *base = &state->registers[instruction->dst_reg % MAX_BPF_REG];
	struct value value = { .kind = VALUE_ANY };
	bool atomic = BPF_CLASS(instruction->code) == BPF_STX && BPF_MODE(instruction->code) == MODE_ATOMIC;

	if (BPF_CLASS(instruction->code) == BPF_ST)
		value = (struct value){ .kind = VALUE_NUMBER, .number = (uint64_t)(int64_t)instruction->imm };
	else if (!atomic)
		value = state->registers[instruction->src_reg % MAX_BPF_REG];
	lade_state_store(state, base, instruction->off, bytes_of(instruction), &value);
	if (atomic) /* some bring the old value back, there or in r0 */
		state->registers[instruction->src_reg % MAX_BPF_REG] = state->registers[BPF_REG_0] =
			(struct value){ .kind = VALUE_ANY };
}

static struct value constant(const struct walk *walk, uint32_t at)
{
	const struct bpf_insn *instruction = &walk->instructions[at];
	const struct instruction_patch *patch =
		walk->patch_of[at] ? &walk->question->load->patches.items[walk->patch_of[at] - 1] : NULL;
	const struct lade_map *map = patch && (patch->kind == PATCH_MAP_VALUE || patch->kind == PATCH_MAP)
					     ? map_of_slot(walk->question->plan, patch->slot)
					     : NULL;

	if (map && patch->kind == PATCH_MAP)
		return (struct value){ VALUE_MAP, false, lade_map_index(map), 0 };
	if (map)
		return (struct value){ VALUE_DATA, false, lade_map_index(map), (uint32_t)instruction[1].imm };
	if (patch && patch->kind == PATCH_ADDRESS)
		return (struct value){ .kind = VALUE_ANY, .asked = walk->asks[at] };
	if (instruction->src_reg)
		return (struct value){ .kind = VALUE_POINTER };
	return (struct value){ VALUE_NUMBER, walk->asks[at], 0,
			       (uint32_t)instruction->imm | (uint64_t)(uint32_t)instruction[1].imm << 32 };
}

/* The answer to an open relocation is known, or it is not. */
static bool answer_open(struct walk *walk, uint32_t at, struct value *ret_value)
{
	const struct plan_unresolved *open = open_at(walk, at);
	int answer = open && open->core ? walk->question->open_answer(walk->question->data, open) : -1;

	if (!open)
		return false;
	*ret_value = (struct value){ .kind = answer < 0 ? VALUE_ANY : VALUE_NUMBER,
				     .asked = walk->asks[at],
				     .number = answer < 0 ? 0 : (uint64_t)answer };
	return true;
}

static void step(struct walk *walk, uint32_t at, struct flow_state *state)
{
	const struct bpf_insn *instruction = &walk->instructions[at];
	struct value *result = &state->registers[instruction->dst_reg % MAX_BPF_REG], answer;
	unsigned class = BPF_CLASS(instruction->code);

	if (class == BPF_LDX) {
		load(walk, at, state);
	} else if (class == BPF_ST || class == BPF_STX) {
		store(state, instruction);
	} else if (walk->question->load->unresolved.count && answer_open(walk, at, &answer)) {
		*result = answer;
	} else if (class == BPF_ALU || class == BPF_ALU64) {
		lade_value_compute(state, instruction);
		result->asked |= walk->asks[at];
	} else if (instruction->code == LDIMM64) {
		*result = constant(walk, at);
	} else if (class == BPF_LD) {
		state->registers[BPF_REG_0] = (struct value){ .kind = VALUE_ANY }; /* of a packet */
	}
}

static void follow_call(struct walk *walk, uint32_t at, struct flow_state *state, enum flow_reach reached)
{
	if (calls_function(&walk->instructions[at]))
		reach_function(walk, call_target(walk, at), state, reached, true);
	if (walk->follows_values) {
		walk->no_memory |=
			walk->question->finds_gaps && lade_flow_gaps(walk->question, walk->flow, at, state) < 0;
		lade_state_call(state);
	}
}

static void walk_block(struct walk *walk, uint32_t at)
{
	struct flow_state state = { 0 };
	enum flow_reach reached = (enum flow_reach)walk->flow->reach[at];

	if (walk->follows_values)
		state = *walk->states[at];
	for (uint32_t first = at; at < walk->count; at = lade_flow_next(walk->instructions, at)) {
		const struct bpf_insn *instruction = &walk->instructions[at];
		if (at != first && walk->leader[at]) {
			reach(walk, at, &state, reached);
			return;
		}
		if (walk->flow->reach[at] < reached)
			walk->flow->reach[at] = (uint8_t)reached;
		if (is_exit(instruction))
			return;
		if (instruction->code == OP_JUMP_TABLE) {
			jump_through_table(walk, &state, reached);
			return;
		}
		if (is_unconditional(instruction)) {
			reach(walk, branch_target(walk, at), &state, reached);
			return;
		}
		if (is_branch(instruction)) {
			branch(walk, at, &state, reached);
			return;
		}
		if (is_call(instruction))
			follow_call(walk, at, &state, reached);
		else if (walk->follows_values)
			step(walk, at, &state);
		if (points_to_function(instruction))
			reach_function(walk, call_target(walk, at), &state, reached, false);
	}
}

/* ---- all of it ---- */

/* A program that takes too long to follow: everything may be reached, and behind a question nothing is certain. */
static void give_up(struct walk *walk)
{
	enum flow_reach reached = FLOW_REACHED;

	for (uint32_t i = 0; i < walk->count; i++)
		if (walk->asks[i])
			reached = FLOW_DOUBTFUL;
	for (uint32_t i = 0; i < walk->count; i++)
		if (walk->flow->reach[i] != FLOW_REACHED)
			walk->flow->reach[i] = (uint8_t)reached;
}

static void run(struct walk *walk)
{
	struct flow_state entry = { 0 };
	uint64_t budget = ((uint64_t)walk->count + 1) * VISITS_MOST;

	entry.registers[BPF_REG_1] = (struct value){ .kind = VALUE_CONTEXT };
	entry.registers[BPF_REG_10] = (struct value){ .kind = VALUE_STACK };
	reach(walk, 0, &entry, FLOW_REACHED);
	/* What ends a program by an exception is called by nobody. */
	array_foreach(placed, &walk->question->load->placed)
		if (placed->start && !walk->leader[placed->start])
			reach_function(walk, placed->start, &entry, FLOW_REACHED, false);
	while (walk->queue.count && !walk->no_memory) {
		uint32_t at = walk->queue.items[--walk->queue.count];
		if (!budget--) {
			give_up(walk);
			return;
		}
		walk->queued[at] = false;
		walk_block(walk, at);
	}
}

static void name_functions(struct walk *walk)
{
	const struct program_operation *load = walk->question->load;

	for (size_t i = 0; i < load->placed.count; i++) {
		uint32_t start = load->placed.items[i].start;
		uint32_t end = i + 1 < load->placed.count ? load->placed.items[i + 1].start : walk->count;
		uint32_t *place = array_push(&walk->flow->functions);
		if (!place) {
			walk->no_memory = true;
			return;
		}
		*place = start;
		for (uint32_t at = start; at < end && at < walk->count; at++)
			walk->flow->function_of[at] = start;
	}
}

int lade_flow_find(const struct flow_question *question, struct flow *ret_flow)
{
	uint32_t count = (uint32_t)question->load->instructions.count;
	struct flow flow = { .count = count };
	struct walk walk = {
		.question = question, .instructions = question->load->instructions.items, .count = count, .flow = &flow
	};
	size_t room = (size_t)count + 1;

	flow.reach = calloc(room, sizeof *flow.reach);
	flow.function_of = calloc(room, sizeof *flow.function_of);
	walk.leader = calloc(room, 3 * sizeof *walk.leader); /* one piece for three lists */
	walk.states = calloc(room, sizeof *walk.states);
	walk.patch_of = calloc(room, sizeof *walk.patch_of);
	walk.no_memory = !flow.reach || !flow.function_of || !walk.leader || !walk.states || !walk.patch_of;
	if (!walk.no_memory) {
		walk.queued = walk.leader + room;
		walk.asks = walk.queued + room;
		name_functions(&walk);
		mark_leaders(&walk);
		mark_questions(&walk);
		run(&walk);
	}
	for (uint32_t i = 0; walk.states && i < count; i++)
		free(walk.states[i]);
	free(walk.leader);
	free(walk.states);
	free(walk.patch_of);
	array_clear(&walk.queue);
	if (walk.no_memory) {
		lade_flow_clear(&flow);
		return -ENOMEM;
	}
	*ret_flow = flow;
	return 0;
}

void lade_flow_clear(struct flow *flow)
{
	free(flow->reach);
	free(flow->function_of);
	array_clear(&flow->functions);
	array_clear(&flow->reads);
	array_clear(&flow->gaps);
	*flow = (struct flow){ 0 };
}
