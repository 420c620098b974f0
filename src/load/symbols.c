/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of the kernel symbols that programs refer to: all of an object's in one question. */
#include <inttypes.h>
#include <string.h>

#include "kernel/symbols.h"
#include "load/loader.h"

/* By extern index: which are asked for. */
static size_t collect(const struct loader *loader, bool *wanted)
{
	size_t count = 0;

	array_foreach(operation, &loader->plan->operations) {
		if (operation->kind != OPERATION_PROGRAM_LOAD)
			continue;
		array_foreach(patch, &operation->program_load->patches) {
			if (patch->kind != PATCH_ADDRESS)
				continue;
			count += !wanted[patch->slot];
			wanted[patch->slot] = true;
		}
	}
	return count;
}

/* The first one that refers to it. */
static const char *user_of(const struct loader *loader, const char *symbol)
{
	array_foreach(operation, &loader->plan->operations) {
		if (operation->kind != OPERATION_PROGRAM_LOAD)
			continue;
		array_foreach(patch, &operation->program_load->patches)
			if (patch->kind == PATCH_ADDRESS &&
			    strcmp(loader->object->externs.items[patch->slot].name, symbol) == 0)
				return loader_program(loader, operation)->name;
	}
	return NULL;
}

static int fail(struct loader *loader, const struct kernel_symbol *symbol, int errnum, const char *code,
		const char *what, struct lade_error **error)
{
	const char *program = user_of(loader, symbol->name);
	struct lade_finding *finding =
		lade_error_add(error, errnum, code, "%s: program %s refers to the kernel symbol %s, which %s",
			       loader->object->file, program ? program : "?", symbol->name, what);

	finding_program(finding, program);
	if (symbol->state == SYMBOL_ABSENT)
		finding_evidence(finding,
				 "the kernel was asked for it by its name, and /proc/kallsyms has no such line");
	if (symbol->state == SYMBOL_AMBIGUOUS)
		finding_evidence(finding, "addresses 0x%" PRIx64 " and 0x%" PRIx64, symbol->address, symbol->other);
	return -errnum;
}

static void note_hidden(struct loader *loader, const struct kernel_symbol *symbol)
{
	(void)lade_note_add(&loader->instance->notes, "ksym.weak-hidden",
			    "%s: kernel symbol %s is there, but its address is kept secret: programs see 0",
			    loader->object->file, symbol->name);
}

static int judge(struct loader *loader, const struct object_extern *outside, const struct kernel_symbol *symbol,
		 uint64_t *ret_address, struct lade_error **error)
{
	switch (symbol->state) {
	case SYMBOL_FOUND:
		*ret_address = symbol->address;
		return 0;
	case SYMBOL_AMBIGUOUS:
		return fail(loader, symbol, EINVAL, "ksym.ambiguous", "has several addresses", error);
	case SYMBOL_HIDDEN:
		if (!outside->is_weak)
			return fail(loader, symbol, EPERM, "ksym.hidden", "has an address that is kept secret", error);
		note_hidden(loader, symbol);
		return 0;
	default:
		return outside->is_weak ? 0 : fail(loader, symbol, ENOENT, "ksym.absent", "is not there", error);
	}
}

static int find(struct loader *loader, const bool *wanted, struct kernel_symbol *symbols, size_t count,
		struct lade_error **error)
{
	const struct lade_object *object = loader->object;
	size_t next = 0;
	int result;

	for (size_t i = 0; i < object->externs.count; i++)
		if (wanted[i])
			symbols[next++] = (struct kernel_symbol){ .name = object->externs.items[i].name,
								  .is_required = !object->externs.items[i].is_weak };
	result = lade_kernel_symbols(loader->kernel, symbols, count, error);
	if (result < 0)
		return result;
	next = 0;
	for (size_t i = 0; i < object->externs.count; i++) {
		if (!wanted[i])
			continue;
		int r = judge(loader, &object->externs.items[i], &symbols[next++], &loader->addresses[i], error);
		result = result < 0 ? result : r;
	}
	return result;
}

int lade_load_symbols(struct loader *loader, struct lade_error **error)
{
	CLEANUP(cleanup_free) bool *wanted = calloc(loader->object->externs.count + 1, sizeof *wanted);
	size_t count = wanted ? collect(loader, wanted) : 0;
	CLEANUP(cleanup_free) struct kernel_symbol *symbols = calloc(count + 1, sizeof *symbols);

	if (!wanted || !symbols)
		return lade_fail_memory(error);
	if (!count)
		return 0;
	loader->addresses = calloc(loader->object->externs.count, sizeof *loader->addresses);
	return loader->addresses ? find(loader, wanted, symbols, count, error) : lade_fail_memory(error);
}
