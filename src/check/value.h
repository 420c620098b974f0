/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of the registers and the stack at one place of a program. */
#ifndef LADE_CHECK_VALUE_H
#define LADE_CHECK_VALUE_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

enum value_kind {
	VALUE_ANY,
	VALUE_NUMBER,
	VALUE_POINTER, /* to something: not null */
	VALUE_STACK,   /* number: bytes from the frame pointer, negative */
	VALUE_DATA,    /* number: bytes in the value of map */
	VALUE_CONTEXT, /* number: bytes in what the program is called with */
	VALUE_MAP,     /* the map itself */
};

struct value {
	uint8_t kind;
	bool asked; /* comes from a question about the kernel; of ANY: its answer got lost */
	uint32_t map;
	uint64_t number;
};

#define STACK_SLOTS 64 /* of 8 bytes */
struct flow_state {
	struct value registers[MAX_BPF_REG];
	struct value slots[STACK_SLOTS];   /* 0: just below the frame pointer */
	uint64_t written[STACK_SLOTS / 8]; /* a bit for each byte, lowest first: written on some way here */
};

/* True: into has changed. */
bool lade_value_merge(struct value *into, const struct value *from);
bool lade_state_merge(struct flow_state *into, const struct flow_state *from);
/* An instruction of the classes ALU and ALU64. */
void lade_value_compute(struct flow_state *state, const struct bpf_insn *instruction);
/* 1: the jump is taken, 0: it is not, -1: not known. */
int lade_value_jumps(const struct flow_state *state, const struct bpf_insn *instruction);
/* A store to the stack, of `bytes` at the register's place; value ANY for what is not known. */
void lade_state_store(struct flow_state *state, const struct value *base, int offset, unsigned bytes,
		      const struct value *value);
struct value lade_state_load(const struct flow_state *state, const struct value *base, int offset, unsigned bytes);
/* Bytes of a range of the stack that nobody has written on any way; 0 where it is not known to be one. */
unsigned lade_state_unwritten(const struct flow_state *state, const struct value *pointer, uint64_t bytes);
/* A call: what the callee may write is forgotten, and the registers that it may use. */
void lade_state_call(struct flow_state *state);

#endif
