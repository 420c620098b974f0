/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf_clock.h"

#include <linux/bpf.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "timing.h"

/* A bench has one load at a time, but several threads may take part in it. */
static atomic_uint_fast64_t ns, programs_from, programs_to;

void bpf_clock_reset(void)
{
	ns = programs_from = programs_to = 0;
}

struct bpf_clock bpf_clock_read(void)
{
	return (struct bpf_clock){ ns, programs_from, programs_to };
}

static void note_program(uint64_t start, uint64_t end)
{
	uint_fast64_t none = 0, latest = programs_to;

	(void)atomic_compare_exchange_strong(&programs_from, &none, start);
	while (latest < end && !atomic_compare_exchange_weak(&programs_to, &latest, end))
		;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's --wrap makes these names */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
	long a[6], result;
	va_list arguments;
	uint64_t start, end;

	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	start = now_ns();
	result = __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	end = now_ns();
	if (number != SYS_bpf)
		return result;
	ns += end - start;
	if (a[0] == BPF_PROG_LOAD)
		note_program(start, end);
	return result;
}
/* NOLINTEND(bugprone-reserved-identifier) */
