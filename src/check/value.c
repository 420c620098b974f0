/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants, followed through instructions. */
#include "check/value.h"

#include <string.h>

static bool is_same(const struct value *one, const struct value *other)
{
	return one->kind == other->kind && one->number == other->number && one->map == other->map;
}

bool lade_value_merge(struct value *into, const struct value *from)
{
	bool asked = into->asked || from->asked;
	bool same = is_same(into, from), changed;

	if (same) {
		changed = into->asked != asked;
		into->asked = asked;
		return changed;
	}
	changed = into->kind != VALUE_ANY || into->asked != asked;
	*into = (struct value){ .kind = VALUE_ANY, .asked = asked };
	return changed;
}

/* A pointer to the stack got lost: through it, anything may be written. */
static void write_all(struct flow_state *state)
{
	memset(state->written, 0xff, sizeof state->written);
}

bool lade_state_merge(struct flow_state *into, const struct flow_state *from)
{
	bool changed = false;

	for (unsigned i = 0; i < MAX_BPF_REG; i++) {
		bool lost = (into->registers[i].kind == VALUE_STACK || from->registers[i].kind == VALUE_STACK) &&
			    !is_same(&into->registers[i], &from->registers[i]);
		if (lost && into->registers[i].kind != VALUE_ANY)
			write_all(into);
		changed |= lade_value_merge(&into->registers[i], &from->registers[i]);
	}

	for (unsigned i = 0; i < STACK_SLOTS; i++)
		changed |= lade_value_merge(&into->slots[i], &from->slots[i]);
	for (unsigned i = 0; i < STACK_SLOTS / 8; i++) {
		changed |= (from->written[i] & ~into->written[i]) != 0;
		into->written[i] |= from->written[i];
	}
	return changed;
}

/* ---- arithmetic ---- */

static bool compute(unsigned operation, uint64_t left, uint64_t right, bool is_64, uint64_t *ret_result)
{
	uint64_t bits = right & (is_64 ? 63 : 31);

	switch (operation) {
	case BPF_ADD:
		*ret_result = left + right;
		return true;
	case BPF_SUB:
		*ret_result = left - right;
		return true;
	case BPF_MUL:
		*ret_result = left * right;
		return true;
	case BPF_AND:
		*ret_result = left & right;
		return true;
	case BPF_OR:
		*ret_result = left | right;
		return true;
	case BPF_XOR:
		*ret_result = left ^ right;
		return true;
	case BPF_LSH:
		*ret_result = left << bits;
		return true;
	case BPF_RSH:
		*ret_result = left >> bits;
		return true;
	case BPF_MOV:
		*ret_result = right;
		return true;
	case BPF_NEG:
		*ret_result = 0 - left;
		return true;
	case BPF_ARSH:
		*ret_result = is_64 ? (uint64_t)((int64_t)left >> bits) : (uint64_t)((int32_t)left >> bits);
		return true;
	default:
		return false;
	}
}

static struct value operand(const struct flow_state *state, const struct bpf_insn *instruction)
{
	if (BPF_SRC(instruction->code) == BPF_X)
		return state->registers[instruction->src_reg % MAX_BPF_REG];
	return (struct value){ .kind = VALUE_NUMBER, .number = (uint64_t)(int64_t)instruction->imm };
}

static bool is_pointer(const struct value *value)
{
	return value->kind == VALUE_STACK || value->kind == VALUE_DATA || value->kind == VALUE_CONTEXT;
}

/* A pointer moved by a known distance. */
static bool move_pointer(struct value *left, const struct value *right, unsigned operation)
{
	if (!is_pointer(left) || right->kind != VALUE_NUMBER || (operation != BPF_ADD && operation != BPF_SUB))
		return false;
	left->number = operation == BPF_ADD ? left->number + right->number : left->number - right->number;
	return true;
}

void lade_value_compute(struct flow_state *state, const struct bpf_insn *instruction)
{
	struct value *left = &state->registers[instruction->dst_reg % MAX_BPF_REG], right = operand(state, instruction);
	unsigned operation = BPF_OP(instruction->code);
	bool is_64 = BPF_CLASS(instruction->code) == BPF_ALU64, known;
	bool asked = right.asked || (operation != BPF_MOV && left->asked);
	uint64_t result = 0, a = is_64 ? left->number : (uint32_t)left->number;

	if (operation == BPF_MOV && is_64 && !instruction->off) {
		*left = right;
		return;
	}
	if (is_64 && move_pointer(left, &right, operation))
		return;
	if (left->kind == VALUE_STACK && operation != BPF_MOV)
		write_all(state);
	known = right.kind == VALUE_NUMBER && !instruction->off && (left->kind == VALUE_NUMBER || operation == BPF_MOV);
	if (known)
		known = compute(operation, a, is_64 ? right.number : (uint32_t)right.number, is_64, &result);
	*left = (struct value){ .kind = known ? VALUE_NUMBER : VALUE_ANY, .asked = asked };
	if (known)
		left->number = is_64 ? result : (uint32_t)result;
}

/* ---- jumps ---- */

static bool compare(unsigned operation, uint64_t left, uint64_t right, int64_t signed_left, int64_t signed_right)
{
	switch (operation) {
	case BPF_JEQ:
		return left == right;
	case BPF_JNE:
		return left != right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	case BPF_JLT:
		return left < right;
	case BPF_JLE:
		return left <= right;
	case BPF_JSET:
		return left & right;
	case BPF_JSGT:
		return signed_left > signed_right;
	case BPF_JSGE:
		return signed_left >= signed_right;
	case BPF_JSLT:
		return signed_left < signed_right;
	default:
		return signed_left <= signed_right; /* BPF_JSLE */
	}
}

/* A pointer compared with null. */
static int compare_null(const struct value *left, const struct value *right, unsigned operation)
{
	if (right->kind != VALUE_NUMBER || right->number || (operation != BPF_JEQ && operation != BPF_JNE) ||
	    (left->kind != VALUE_POINTER && left->kind != VALUE_MAP && !is_pointer(left)))
		return -1;
	return operation == BPF_JNE;
}

int lade_value_jumps(const struct flow_state *state, const struct bpf_insn *instruction)
{
	const struct value *left = &state->registers[instruction->dst_reg % MAX_BPF_REG];
	struct value right = operand(state, instruction);
	unsigned operation = BPF_OP(instruction->code);

	if (left->kind != VALUE_NUMBER || right.kind != VALUE_NUMBER)
		return BPF_CLASS(instruction->code) == BPF_JMP ? compare_null(left, &right, operation) : -1;
	if (BPF_CLASS(instruction->code) == BPF_JMP)
		return compare(operation, left->number, right.number, (int64_t)left->number, (int64_t)right.number);
	return compare(operation, (uint32_t)left->number, (uint32_t)right.number, (int32_t)left->number,
		       (int32_t)right.number);
}

/* ---- the stack ---- */

/* Bytes below the frame pointer, from 1 on; 0: not in this frame. */
static unsigned depth_of(const struct value *base, int offset)
{
	int64_t place = 0;

	if (base->kind != VALUE_STACK || __builtin_add_overflow((int64_t)base->number, (int64_t)offset, &place) ||
	    place >= 0 || place < -(int64_t)STACK_SLOTS * 8)
		return 0;
	return (unsigned)-place;
}

static void write_bytes(struct flow_state *state, unsigned depth, uint64_t bytes)
{
	unsigned first = STACK_SLOTS * 8 - depth;

	for (unsigned i = first; i < STACK_SLOTS * 8 && i - first < bytes; i++)
		state->written[i / 64] |= UINT64_C(1) << i % 64;
}

unsigned lade_state_unwritten(const struct flow_state *state, const struct value *pointer, uint64_t bytes)
{
	unsigned depth = depth_of(pointer, 0), first = STACK_SLOTS * 8 - depth, count = 0;

	if (!depth || bytes > depth)
		return 0;
	for (unsigned i = first; i < first + bytes; i++)
		count += !(state->written[i / 64] >> i % 64 & 1);
	return count;
}

void lade_state_store(struct flow_state *state, const struct value *base, int offset, unsigned bytes,
		      const struct value *value)
{
	unsigned depth = depth_of(base, offset);
	struct value *slot;

	if (!depth || !bytes)
		return;
	write_bytes(state, depth, bytes);
	slot = &state->slots[(depth - 1) / 8];
	if (bytes == 8 && depth % 8 == 0)
		*slot = *value;
	else
		*slot = (struct value){ .kind = VALUE_ANY, .asked = slot->asked || value->asked };
	if (bytes == 8 && depth % 8 && depth > 8) /* two slots */
		slot[-1] = (struct value){ .kind = VALUE_ANY, .asked = slot[-1].asked || value->asked };
}

struct value lade_state_load(const struct flow_state *state, const struct value *base, int offset, unsigned bytes)
{
	unsigned depth = depth_of(base, offset), shift;
	struct value value;

	if (!depth || !bytes)
		return (struct value){ .kind = VALUE_ANY };
	value = state->slots[(depth - 1) / 8];
	shift = (8 - depth % 8) % 8; /* bytes into the slot */
	if (bytes == 8 && !shift)
		return value;
	if (value.kind != VALUE_NUMBER || shift + bytes > 8)
		return (struct value){ .kind = VALUE_ANY, .asked = value.asked };
	value.number >>= shift * 8;
	if (bytes < 8)
		value.number &= (UINT64_C(1) << bytes * 8) - 1;
	return value;
}

/* From the place that was handed over upwards: `bytes` where they are told, else all. */
static void forget(struct flow_state *state, const struct value *pointer, const struct value *bytes)
{
	unsigned depth = depth_of(pointer, 0), length = STACK_SLOTS * 8;

	if (!depth)
		return;
	if (bytes && bytes->kind == VALUE_NUMBER && bytes->number && bytes->number < length)
		length = (unsigned)bytes->number;
	write_bytes(state, depth, length);
	for (unsigned slot = (depth - 1) / 8, done = 0; done < length; done += 8) {
		state->slots[slot] = (struct value){ .kind = VALUE_ANY, .asked = state->slots[slot].asked };
		if (!slot--)
			return;
	}
}

void lade_state_call(struct flow_state *state)
{
	struct value *registers = state->registers;

	for (unsigned i = BPF_REG_1; i <= BPF_REG_5; i++)
		if (registers[i].kind == VALUE_STACK)
			forget(state, &registers[i], i < BPF_REG_5 ? &registers[i + 1] : NULL);
	for (unsigned i = BPF_REG_0; i <= BPF_REG_5; i++)
		registers[i] = (struct value){ .kind = VALUE_ANY };
}
