/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the input as an object through the public interface: all rooms from bytes to the model. */
#include <stddef.h>
#include <stdint.h>

#include <lade/lade.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	if (lade_context_new(NULL, &context, NULL) < 0)
		return 0;
	const struct lade_open_opts opts = { .size = sizeof opts, .sections = true };
	if (lade_object_open_memory(context, bytes, size, "fuzz.o", &opts, &object, &error) < 0 &&
	    !lade_error_finding_count(error))
		__builtin_trap();
	lade_object_free(object);
	lade_error_free(error);
	lade_context_free(context);
	return 0;
}
