/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open-load lade|libbpf OBJECT [TIMES [JOBS]]: opens and loads an object, neither pinned nor attached; prints
 * nanoseconds, one line a time. Freeing is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include <lade/lade.h>

#include "timing.h"

static uint64_t with_lade(const char *path, unsigned jobs)
{
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	const struct lade_load_opts opts = { .size = sizeof opts, .jobs = jobs };
	uint64_t start = now_ns();
	if (lade_context_new(NULL, &context, &error) < 0 ||
	    lade_object_open(context, path, NULL, &object, &error) < 0 ||
	    lade_object_load(object, &opts, &instance, &error) < 0) {
		(void)fprintf(stderr, "open-load: %s\n", lade_error_message(error));
		exit(1);
	}
	uint64_t total = now_ns() - start;
	lade_instance_close(instance);
	lade_object_free(object);
	lade_context_free(context);
	return total;
}

static int print_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static uint64_t with_libbpf(const char *path, unsigned jobs)
{
	(void)jobs;
	uint64_t start = now_ns();
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	if (!object || bpf_object__load(object) < 0) {
		(void)fprintf(stderr, "open-load: libbpf cannot load %s\n", path);
		exit(1);
	}
	uint64_t total = now_ns() - start;
	bpf_object__close(object);
	return total;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 1;
	libbpf_set_print(print_nothing);
	uint64_t (*load)(const char *, unsigned) = strcmp(argv[1], "lade") == 0 ? with_lade : with_libbpf;
	unsigned jobs = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	for (long times = argc > 3 ? strtol(argv[3], NULL, 10) : 1; times > 0; times--)
		(void)printf("%llu\n", (unsigned long long)load(argv[2], jobs));
	return 0;
}
