/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens the input as an object through the public interface, and plans its load against this kernel's types: all rooms
 * from bytes to the plan, and no system call that changes anything.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <lade/lade.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define INPUTS_A_CONTEXT 500u /* it keeps the names that were asked of the kernel's types */

static struct lade_context *context;
static unsigned inputs;

static void close_context(void)
{
	context = lade_context_free(context);
}

static void renew_context(void)
{
	if (!inputs)
		(void)atexit(close_context);
	if (inputs++ % INPUTS_A_CONTEXT == 0)
		close_context();
	if (!context && lade_context_new(NULL, &context, NULL) < 0)
		__builtin_trap();
}

static void plan(struct lade_object *object)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_plan *result = NULL;
	struct lade_error *error = NULL;
	if (lade_plan_new(object, &opts, &result, &error) < 0 && !lade_error_finding_count(error))
		__builtin_trap();
	for (size_t i = 0; result && i < lade_plan_step_count(result); i++) {
		struct lade_plan_step_info step = { .size = sizeof step };
		if (lade_plan_step(result, i, &step) < 0 || !step.text)
			__builtin_trap();
	}
	(void)lade_plan_free(result);
	(void)lade_error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	renew_context();
	const struct lade_open_opts opts = { .size = sizeof opts, .sections = true };
	if (lade_object_open_memory(context, bytes, size, "fuzz.o", &opts, &object, &error) == 0)
		plan(object);
	else if (!lade_error_finding_count(error))
		__builtin_trap();
	lade_object_free(object);
	lade_error_free(error);
	return 0;
}
