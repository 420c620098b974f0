/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls that have nothing to do with BPF, which are most of what strace shows. */
#include <string.h>

#include "base/array.h"
#include "explain/strace/strace.h"
#include "explain/repeats/word_shapes.h"

/* Their arguments are numbers, flags and addresses. In the order of names. */
static const char *const others[] = {
	"arch_prctl",
	"brk",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"eventfd2",
	"exit_group",
	"fcntl",
	"fdatasync",
	"fstat",
	"fsync",
	"ftruncate",
	"futex",
	"getegid",
	"geteuid",
	"getgid",
	"getpid",
	"getppid",
	"getrusage",
	"gettid",
	"gettimeofday",
	"getuid",
	"lseek",
	"madvise",
	"membarrier",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"pipe2",
	"poll",
	"ppoll",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigtimedwait",
	"sched_getaffinity",
	"sched_yield",
	"set_robust_list",
	"set_tid_address",
	"sigaltstack",
	"tgkill",
	"timerfd_create",
	"timerfd_settime",
	"wait4",
};

static bool is_other(const char *name, size_t length)
{
	size_t low = 0, high = ELEMENTS(others);

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const int order = strncmp(others[middle], name, length);
		if (order == 0 && !others[middle][length])
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* ") = 0", ")      = 0x7f3200001000", ") = ? ": behind the last bracket, and no error. */
static bool has_succeeded(const char *at, const char *end)
{
	const char *equals = memrchr(at, '=', (size_t)(end - at)), *before = equals;

	if (!equals || end - equals < 3 || equals[1] != ' ' || (!lade_is_digit(equals[2]) && equals[2] != '?'))
		return false;
	while (before > at && before[-1] == ' ')
		before--;
	return before < equals && before > at && before[-1] == ')';
}

bool lade_is_other_call(const struct span *line)
{
	const char *end = line->text + line->length, *name = line->text + lade_behind_thread(line), *at = name;

	while (at < end && lade_is_of_word(*at))
		at++;
	/* A name that is given to it may be anybody's words. */
	return at > name && at < end && *at == '(' && is_other(name, (size_t)(at - name)) && has_succeeded(at, end) &&
	       !memchr(at, '"', (size_t)(end - at));
}
