/* SPDX-License-Identifier: BSD-2-Clause */
/* An object's types and a target's, made with libbpf, and one question at a time. */
#ifndef TESTS_BTF_CORE_MADE_H
#define TESTS_BTF_CORE_MADE_H

#include <bpf/btf.h>
#include <sys/mman.h>

#include "btf/builder.h"
#include "btf/core.h"

struct made {
	struct lade_btf *local;
	struct kernel_types *target;
	struct core_resolver *resolver;
	int fd;
};

struct asked {
	int result;
	bool poisoned;
	struct core_poison poison;
	struct bpf_insn instructions[2];
	struct lade_error *error;
};

static inline int made_target(struct made *made, const void *bytes, size_t size)
{
	char path[64];
	made->fd = memfd_create("target", 0);
	assert_int_equal(write(made->fd, bytes, size), size);
	(void)snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), made->fd);
	struct kernel_types_options options = { .file = path };
	struct lade_error *error = NULL;
	int result = lade_kernel_types_open(&options, &made->target, &error);
	lade_error_free(error);
	return result;
}

/* Takes both; target NULL: there is none. */
static inline struct made made_of(struct btf *local, struct btf *target)
{
	struct made made = { .fd = -1 };
	struct lade_error *error = NULL;
	uint32_t size;
	const void *bytes = btf__raw_data(local, &size);
	if (lade_btf_parse(bytes, size, "made.o", &made.local, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	if (target) {
		bytes = btf__raw_data(target, &size);
		assert_int_equal(made_target(&made, bytes, size), 0);
	}
	assert_int_equal(lade_core_resolver_new(made.local, made.target, "made.o", &made.resolver, NULL), 0);
	btf__free(local);
	btf__free(target);
	return made;
}

static inline void made_free(struct made *made)
{
	lade_core_resolver_free(made->resolver);
	lade_kernel_types_free(made->target);
	lade_btf_free(made->local);
	if (made->fd >= 0)
		close(made->fd);
}

/* first and second: the instructions; the question is about the first of them. */
static inline struct asked ask_about(struct made *made, const struct btf_core_relocation *relocation,
				     struct bpf_insn first, struct bpf_insn second)
{
	struct asked asked = { .instructions = { first, second } };
	asked.result = lade_core_apply(made->resolver, relocation, "main", asked.instructions, 2, 0, &asked.poisoned,
				       &asked.poison, &asked.error);
	return asked;
}

static inline void asked_clear(struct asked *asked)
{
	lade_core_poison_clear(&asked->poison);
	lade_error_free(asked->error);
}

#define MOVE(value)                                                                                                    \
	(struct bpf_insn)                                                                                              \
	{                                                                                                              \
		.code = BPF_ALU64 | BPF_MOV, .dst_reg = 1, .imm = (value)                                              \
	}
#define LOAD(width, offset)                                                                                            \
	(struct bpf_insn)                                                                                              \
	{                                                                                                              \
		.code = BPF_LDX | BPF_MEM | (width), .dst_reg = 1, .src_reg = 2, .off = (offset)                       \
	}
#define WIDE(value)                                                                                                    \
	(struct bpf_insn)                                                                                              \
	{                                                                                                              \
		.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .imm = (value)                                        \
	}
#define NOTHING                                                                                                        \
	(struct bpf_insn)                                                                                              \
	{                                                                                                              \
		0                                                                                                      \
	}

#endif
