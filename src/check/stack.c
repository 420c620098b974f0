/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stack and depth over the call graph. What a function touches of its stack is counted as far as it shows in single
 * instructions: the verifier may count more, never less.
 */
#include <string.h>

#include "check/check.h"

#define LDIMM64        (BPF_LD | BPF_DW | BPF_IMM)
#define STACK_MOST     512 /* bytes, of a function and of what call each other */
#define TAIL_CALL_MOST 256 /* of those who called, where a tail call follows */
#define TAIL_CALL      12
#define FRAMES_OLD     8 /* before 7.2 */
#define FRAMES_MOST    16
#define NODES_MOST     4096 /* visits of the call graph: a hostile one has exponentially many paths */

struct frame {
	uint32_t start, end;
	uint32_t bytes; /* deepest place that is surely touched */
	uint32_t at;    /* where */
	bool tail_call;
};

struct graph {
	struct judging *judging;
	const struct program_operation *load;
	const struct flow *flow;
	struct frame *frames;
	size_t count;
	uint32_t rounding; /* bytes */
	unsigned visits;
	size_t way[FRAMES_MOST + 2];
	unsigned depth;
	bool said_stack, said_depth, said_circle, said_tail;
};

/* ---- one function ---- */

/* Copies of the frame pointer, moved by constants: forgotten where paths may meet. */
struct pointers {
	bool known[MAX_BPF_REG];
	int64_t offset[MAX_BPF_REG];
};

static void touch(struct frame *frame, uint32_t at, int64_t offset)
{
	if (offset >= 0 || -offset <= frame->bytes || -offset > UINT16_MAX * 4)
		return;
	frame->bytes = (uint32_t)-offset;
	frame->at = at;
}

static void follow_arithmetic(struct pointers *pointers, const struct bpf_insn *instruction)
{
	unsigned to = instruction->dst_reg % MAX_BPF_REG, from = instruction->src_reg % MAX_BPF_REG;

	if (instruction->code == (BPF_ALU64 | BPF_MOV | BPF_X) && !instruction->off) {
		pointers->known[to] = pointers->known[from];
		pointers->offset[to] = pointers->offset[from];
	} else if (instruction->code == (BPF_ALU64 | BPF_ADD | BPF_K) && pointers->known[to]) {
		pointers->offset[to] += instruction->imm;
	} else {
		pointers->known[to] = false;
	}
}

/* What is handed to a callee is touched by it, or at least counted as if it were. */
static void follow_call(struct pointers *pointers, struct frame *frame, uint32_t at)
{
	for (unsigned i = BPF_REG_1; i <= BPF_REG_5; i++)
		if (pointers->known[i])
			touch(frame, at, pointers->offset[i]);
	for (unsigned i = BPF_REG_0; i <= BPF_REG_5; i++)
		pointers->known[i] = false;
}

static void follow_memory(struct pointers *pointers, struct frame *frame, const struct bpf_insn *instruction,
			  uint32_t at)
{
	bool loads = BPF_CLASS(instruction->code) == BPF_LDX;
	unsigned base = loads ? instruction->src_reg : instruction->dst_reg;

	base %= MAX_BPF_REG;

	if (pointers->known[base])
		touch(frame, at, pointers->offset[base] + instruction->off);
	if (loads)
		pointers->known[instruction->dst_reg % MAX_BPF_REG] = false;
}

static void forget(struct pointers *pointers)
{
	*pointers = (struct pointers){ 0 };
	pointers->known[BPF_REG_10] = true;
}

static void measure(const struct graph *graph, struct frame *frame)
{
	struct pointers pointers;

	forget(&pointers);
	for (uint32_t i = frame->start; i < frame->end; i = lade_flow_next(graph->load->instructions.items, i)) {
		const struct bpf_insn *instruction = &graph->load->instructions.items[i];
		unsigned class = BPF_CLASS(instruction->code);
		if (graph->flow->reach[i] != FLOW_REACHED) {
			forget(&pointers);
			continue;
		}
		if (class == BPF_ALU || class == BPF_ALU64)
			follow_arithmetic(&pointers, instruction);
		else if (instruction->code == (BPF_JMP | BPF_CALL)) {
			frame->tail_call |= !instruction->src_reg && instruction->imm == TAIL_CALL;
			follow_call(&pointers, frame, i);
		} else if (class == BPF_LDX || class == BPF_ST || class == BPF_STX)
			follow_memory(&pointers, frame, instruction, i);
		else if (instruction->code == LDIMM64)
			pointers.known[instruction->dst_reg % MAX_BPF_REG] = false;
		else
			forget(&pointers);
	}
}

/* ---- the call graph ---- */

static const char *name_of(const struct graph *graph, size_t frame)
{
	const struct lade_object *object = graph->judging->object;

	return object->functions.items[graph->load->placed.items[frame].function].name;
}

static size_t frame_at(const struct graph *graph, uint32_t start)
{
	for (size_t i = 0; i < graph->count; i++)
		if (graph->frames[i].start == start)
			return i;
	return graph->count;
}

static void add_way(const struct graph *graph, struct lade_finding *finding)
{
	for (unsigned i = 0; i < graph->depth; i++)
		finding_evidence(finding, "%s: at least %u bytes of stack", name_of(graph, graph->way[i]),
				 graph->frames[graph->way[i]].bytes);
}

static void say_sum(struct graph *graph, uint32_t sum)
{
	struct lade_finding *finding;

	if (graph->said_stack)
		return;
	graph->said_stack = true;
	finding = lade_check_say(
		graph->judging, VERDICT_REFUSED, "check.stack",
		"program %s: functions that call each other use %u bytes of stack together, and may use %d",
		graph->judging->program->name, sum, STACK_MOST);
	add_way(graph, finding);
}

static void say_depth(struct graph *graph)
{
	if (graph->said_depth)
		return;
	graph->said_depth = true;
	if (graph->depth > FRAMES_MOST)
		(void)lade_check_say(graph->judging, VERDICT_REFUSED, "check.call",
				     "program %s: more than %d functions call each other",
				     graph->judging->program->name, FRAMES_MOST);
	else
		(void)lade_check_feature(graph->judging, "far-call-depth", -1);
}

static void say_circle(struct graph *graph, size_t frame)
{
	if (!graph->said_circle)
		(void)lade_check_say(graph->judging, VERDICT_REFUSED, "check.call",
				     "program %s: function %s calls itself, which no kernel allows",
				     graph->judging->program->name, name_of(graph, frame));
	graph->said_circle = true;
}

static void say_tail(struct graph *graph, uint32_t callers)
{
	if (!graph->said_tail)
		(void)lade_check_say(graph->judging, VERDICT_REFUSED, "check.stack",
				     "program %s: a tail call is made below functions that use %u bytes of stack, and "
				     "they may use %d",
				     graph->judging->program->name, callers, TAIL_CALL_MOST);
	graph->said_tail = true;
}

static uint32_t rounded(const struct graph *graph, uint32_t bytes)
{
	return (bytes + graph->rounding - 1) / graph->rounding * graph->rounding;
}

static void descend(struct graph *graph, size_t frame, uint32_t sum);

static void visit_calls(struct graph *graph, size_t frame, uint32_t sum)
{
	const struct frame *self = &graph->frames[frame];
	const struct bpf_insn *instructions = graph->load->instructions.items;

	for (uint32_t i = self->start; i < self->end; i = lade_flow_next(instructions, i)) {
		bool calls = instructions[i].code == (BPF_JMP | BPF_CALL) && instructions[i].src_reg == BPF_PSEUDO_CALL;
		int64_t target = (int64_t)i + 1 + instructions[i].imm;
		size_t callee = calls && target >= 0 && target < graph->flow->count ? frame_at(graph, (uint32_t)target)
										    : graph->count;
		if (callee < graph->count)
			descend(graph, callee, sum);
	}
}

static void descend(struct graph *graph, size_t frame, uint32_t sum)
{
	const struct frame *self = &graph->frames[frame];

	if (graph->visits++ > NODES_MOST)
		return;
	for (unsigned i = 0; i < graph->depth; i++) {
		if (graph->way[i] == frame) {
			say_circle(graph, frame);
			return;
		}
	}
	if (graph->depth > FRAMES_MOST)
		return;
	if (self->tail_call && graph->depth && sum >= TAIL_CALL_MOST)
		say_tail(graph, sum);
	graph->way[graph->depth++] = frame;
	sum += rounded(graph, self->bytes ? self->bytes : 1);
	if (graph->depth > 1 && sum > STACK_MOST)
		say_sum(graph, sum);
	if (graph->depth > FRAMES_OLD)
		say_depth(graph);
	visit_calls(graph, frame, sum);
	graph->depth--;
}

/* ---- what the kernel counts ---- */

/* From 6.13 on functions of programs that may interrupt themselves have stacks of their own. */
static bool has_private_stack(struct judging *judging, uint32_t type)
{
	static const uint32_t types[] = { BPF_PROG_TYPE_KPROBE,
					  BPF_PROG_TYPE_TRACEPOINT,
					  BPF_PROG_TYPE_PERF_EVENT,
					  BPF_PROG_TYPE_RAW_TRACEPOINT,
					  BPF_PROG_TYPE_TRACING,
					  BPF_PROG_TYPE_STRUCT_OPS,
					  BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE };

	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (types[i] == type)
			return !judging->version || lade_check_since(judging, 6, 13);
	return false;
}

static void check_frames(struct graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		struct lade_finding *finding;
		measure(graph, &graph->frames[i]);
		if (graph->frames[i].bytes <= STACK_MOST)
			continue;
		finding = lade_check_say(graph->judging, VERDICT_REFUSED, "check.stack",
					 "program %s: function %s uses %u bytes of stack, and may use %d",
					 graph->judging->program->name, name_of(graph, i), graph->frames[i].bytes,
					 STACK_MOST);
		lade_check_at(graph->judging, finding, graph->frames[i].at);
	}
}

void lade_check_stack(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	size_t count = flow->functions.count;
	CLEANUP(cleanup_free) struct frame *frames = calloc(count ? count : 1, sizeof *frames);
	struct graph graph = { .judging = judging, .load = load, .flow = flow, .frames = frames, .count = count };

	if (!frames) {
		judging->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		frames[i] = (struct frame){ .start = flow->functions.items[i],
					    .end = i + 1 < count ? flow->functions.items[i + 1] : flow->count };
	graph.rounding = judging->version && lade_check_before(judging, 6, 6) ? 32 : 16;
	graph.said_stack = has_private_stack(judging, load->type); /* then they are not added up */
	graph.said_tail = !lade_check_since(judging, 5, 10);
	check_frames(&graph);
	if (count > 1)
		descend(&graph, 0, 0);
}
