/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiled twice: with the distribution's libbpf, and with Debian's newest. */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stddef.h>

#include "contender.h"

static int print_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

void *contender_begin(void)
{
	static char nothing;

	(void)libbpf_set_print(print_nothing);
	return &nothing;
}

void contender_end(void *state)
{
	(void)state;
}

void *contender_load(void *state, const char *path, unsigned jobs)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	(void)state, (void)jobs;
	if (!object || bpf_object__load(object) == 0)
		return object;
	bpf_object__close(object);
	return NULL;
}

void contender_unload(void *loaded)
{
	bpf_object__close(loaded);
}

const char *contender_error(void)
{
	return "libbpf cannot load it";
}
