/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier gives up (EAGAIN) when a signal is pending. A library has no signal of its own and may not set handlers
 * in somebody else's process, so the call is made by a child that shares memory and descriptors, but neither signal
 * handlers nor thread group: it can be stopped and continued with SIGSTOP and SIGCONT, which need no handler, and its
 * result comes to us whatever the moment was. It has all other signals blocked, raises none at its end (a caller's
 * wait() does not see it), and dies with us. It runs no code of the C library: errno would be that of the caller.
 */
#include "kernel/until.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS   1000000000u
#define AGAIN_NS    2000000u /* a stop that came just before the system call is lost */
#define STACK_BYTES ((size_t)64 * 1024)

uint64_t lade_clock_ns(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static int call(int command, void *attr, size_t size)
{
	long result = syscall(SYS_bpf, command, attr, size);
	return result < 0 ? -errno : (int)result;
}

#if defined(__x86_64__) || defined(__aarch64__)

/* No stack protector, no instrumentation: nothing but these calls. */
#define BARE __attribute__((noinline, no_sanitize("address", "undefined", "thread")))

#ifdef __x86_64__
BARE static long bare_call(long number, long first, long second, long third)
{
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third)
			 : "rcx", "r11", "memory");
	return result;
}
#else
BARE static long bare_call(long number, long first, long second, long third)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = first;
	register long x1 __asm__("x1") = second;
	register long x2 __asm__("x2") = third;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
#endif

struct errand {
	int command;
	void *attr;
	size_t size;
	long result;
	atomic_int child; /* 0 once it has ended: the kernel writes it and wakes us */
};

BARE static int run(void *data)
{
	struct errand *errand = data;
	(void)bare_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0);
	errand->result = bare_call(SYS_bpf, errand->command, (long)errand->attr, (long)errand->size);
	return 0;
}

/* True: it has ended. */
static bool ends_within(struct errand *errand, uint64_t ns)
{
	uint64_t end = lade_clock_ns() + ns;
	int child;
	while ((child = atomic_load(&errand->child)) != 0) {
		uint64_t now = lade_clock_ns(), left = now < end ? end - now : 0;
		const struct timespec time = { (time_t)(left / SECOND_NS), (long)(left % SECOND_NS) };
		if (!left)
			return false;
		(void)syscall(SYS_futex, &errand->child, FUTEX_WAIT, child, &time, NULL, 0);
	}
	return true;
}

/* Only a stop that the child has taken is over before the next. */
static void interrupt(pid_t child)
{
	siginfo_t info = { 0 };
	if (kill(child, SIGSTOP) < 0)
		return;
	while (waitid(P_PID, (id_t)child, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0 && errno == EINTR)
		;
	(void)kill(child, SIGCONT);
}

static void see_through(struct errand *errand, pid_t child, uint64_t deadline_ns)
{
	uint64_t now = lade_clock_ns();
	siginfo_t info;
	if (!ends_within(errand, deadline_ns > now ? deadline_ns - now : 0))
		do
			interrupt(child);
		while (!ends_within(errand, AGAIN_NS));
	while (waitid(P_PID, (id_t)child, &info, WEXITED | __WALL) < 0 && errno == EINTR)
		;
}

static int call_in_child(struct errand *errand, char *stack, uint64_t deadline_ns)
{
	const int flags = CLONE_VM | CLONE_FILES | CLONE_CHILD_CLEARTID;
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t child = clone(run, stack + STACK_BYTES, flags, errand, NULL, NULL, &errand->child);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (child < 0)
		return call(errand->command, errand->attr, errand->size);
	see_through(errand, child, deadline_ns);
	return (int)errand->result;
}

int lade_call_until(int command, void *attr, size_t size, uint64_t deadline_ns)
{
	struct errand errand = { .command = command, .attr = attr, .size = size, .result = -EAGAIN, .child = -1 };
	if (lade_is_over(deadline_ns))
		return -EAGAIN;
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return call(command, attr, size);
	int result = call_in_child(&errand, stack, deadline_ns);
	(void)munmap(stack, STACK_BYTES);
	return result;
}

#else

int lade_call_until(int command, void *attr, size_t size, uint64_t deadline_ns)
{
	return lade_is_over(deadline_ns) ? -EAGAIN : call(command, attr, size);
}

#endif
