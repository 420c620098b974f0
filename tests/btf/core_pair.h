/* SPDX-License-Identifier: BSD-2-Clause */
/* One relocated program, as Lade makes it and as libbpf does. */
#ifndef TESTS_BTF_CORE_PAIR_H
#define TESTS_BTF_CORE_PAIR_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "btf/builder.h"
#include "btf/core.h"

/* No instructions: it was refused. */
struct relocated {
	struct bpf_insn *instructions;
	uint32_t count;
	struct core_poison poison; /* the first one */
	uint32_t poisoned;
	char *refusal; /* Lade's words */
	char code[32]; /* of its first finding */
};

static inline void relocated_clear(struct relocated *relocated)
{
	free(relocated->instructions);
	free(relocated->refusal);
	lade_core_poison_clear(&relocated->poison);
	*relocated = (struct relocated){ 0 };
}

/* ---- libbpf ---- */

static struct relocated *captured;

/* All relocations are done when a program is about to be loaded: more is not needed. */
static inline int capture(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	(void)opts;
	(void)cookie;
	size_t count = bpf_program__insn_cnt(program);
	captured->instructions = calloc(count, sizeof *captured->instructions);
	captured->count = (uint32_t)count;
	memcpy(captured->instructions, bpf_program__insns(program), count * sizeof *captured->instructions);
	return -ECANCELED;
}

static inline int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	return getenv("TEST_VERBOSE") ? vfprintf(stderr, format, arguments) : 0;
}

static inline void libbpf_prepare(void)
{
	static int handler;
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = capture);
	libbpf_set_print(silent);
	if (handler <= 0)
		handler = libbpf_register_prog_handler("core+", BPF_PROG_TYPE_RAW_TRACEPOINT, (enum bpf_attach_type)0,
						       &opts);
	assert_true(handler > 0);
}

/* target NULL: the running kernel. False: libbpf could not even try. */
static inline bool libbpf_relocate(const char *object, const char *section, const char *target,
				   struct relocated *relocated)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = target);
	struct bpf_program *program;
	struct bpf_object *opened = bpf_object__open_file(object, &opts);
	assert_non_null(opened);
	bpf_object__for_each_program(program, opened)
		bpf_program__set_autoload(program, strcmp(bpf_program__section_name(program), section) == 0);
	*relocated = (struct relocated){ 0 };
	captured = relocated;
	int result = bpf_object__load(opened);
	bpf_object__close(opened);
	return result != -EPERM;
}

/* ---- Lade ---- */

struct object {
	struct compiled compiled;
	struct btf_ext *ext;
	const char *path;
};

static inline bool object_open(const char *path, struct object *object)
{
	*object = (struct object){ .path = path };
	if (!compiled_open(path, &object->compiled))
		return false;
	const struct elf_section *section = lade_elf_section(object->compiled.elf, ".BTF.ext");
	assert_non_null(section);
	assert_int_equal(
		lade_btf_ext_parse(object->compiled.btf, section->bytes, section->size, path, &object->ext, NULL), 0);
	return true;
}

static inline void object_close(struct object *object)
{
	lade_btf_ext_free(object->ext);
	compiled_close(&object->compiled);
}

static inline void keep_refusal(struct relocated *relocated, struct lade_error *error)
{
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_non_null(finding);
	(void)snprintf(relocated->code, sizeof relocated->code, "%s", finding->code);
	relocated->refusal = strdup(finding->message);
	free(relocated->instructions);
	relocated->instructions = NULL;
	relocated->count = 0;
	lade_error_free(error);
}

static inline int apply_one(struct core_resolver *resolver, const struct btf_core_relocation *relocation,
			    struct relocated *relocated, struct lade_error **error)
{
	struct core_poison poison = { 0 };
	bool poisoned = false;
	int result = lade_core_apply(resolver, relocation, "test", relocated->instructions, relocated->count,
				     relocation->offset / 8, &poisoned, &poison, error);
	if (poisoned && !relocated->poisoned++)
		relocated->poison = poison;
	else
		lade_core_poison_clear(&poison);
	return result;
}

static inline void lade_relocate(const struct object *object, const char *section, struct kernel_types *target,
				 struct relocated *relocated)
{
	struct core_resolver *resolver CLEANUP(cleanup_core_resolver) = NULL;
	struct lade_error *error = NULL;
	const struct elf_section *code = lade_elf_section(object->compiled.elf, section);
	const struct btf_ext_section *ext = lade_btf_ext_section(object->ext, section);
	assert_non_null(code);
	*relocated = (struct relocated){ .count = (uint32_t)(code->size / 8) };
	relocated->instructions = malloc(code->size);
	memcpy(relocated->instructions, code->bytes, code->size);
	assert_int_equal(lade_core_resolver_new(object->compiled.btf, target, object->path, &resolver, NULL), 0);
	for (size_t i = 0; ext && i < ext->relocation_count; i++)
		if (apply_one(resolver, &ext->relocations[i], relocated, &error) < 0) {
			keep_refusal(relocated, error);
			return;
		}
}

#endif
