/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the next ten programs that a user executes: ./embed exec.bpf.o UID
 * cc embed.c $(pkg-config --cflags --libs lade) -o embed */
#include <stdio.h>
#include <stdlib.h>

#include <lade/lade.h>

static int print_record(void *count, const struct lade_record *record)
{
	char *text = NULL;
	if (lade_record_text(record, &text) == 0)
		(void)printf("%s\n", text);
	free(text);
	return ++*(int *)count == 10; /* not 0 ends the poll */
}

static int watch(struct lade_context *context, const char *path, const char *uid, struct lade_error **error)
{
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_stream *stream = NULL;
	const struct lade_load_opts opts = { .size = sizeof opts, .attach = true };
	int count = 0, result = lade_object_open(context, path, NULL, &object, error);

	if (result >= 0)
		result = lade_variable_set(lade_object_find_variable(object, "only_uid"), uid, error);
	if (result >= 0)
		result = lade_map_set_max_entries(lade_object_find_map(object, "events"), 64 * 1024);
	if (result >= 0)
		result = lade_object_load(object, &opts, &instance, error);
	if (result >= 0)
		result = lade_stream_open(instance, NULL, &stream, error);
	while (result >= 0 && count < 10)
		result = lade_stream_poll(stream, -1, print_record, &count, error);

	lade_stream_close(stream);
	if (instance && result >= 0)
		result = lade_instance_unload(instance, error);
	else
		lade_instance_close(instance);
	lade_object_free(object);
	return result;
}

int main(int argc, char **argv)
{
	struct lade_context *context = NULL;
	struct lade_error *error = NULL;
	if (argc != 3 || lade_context_new(NULL, &context, &error) < 0)
		return EXIT_FAILURE;
	int result = watch(context, argv[1], argv[2], &error);
	if (result < 0)
		(void)fprintf(stderr, "%s\n", lade_error_message(error));
	lade_error_free(error);
	lade_context_free(context);
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
