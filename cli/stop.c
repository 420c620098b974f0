/* SPDX-License-Identifier: BSD-2-Clause */
#include "stop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* A signal may come just before a system call begins: the timer goes on. */
#define AGAIN_US 100000

static volatile sig_atomic_t got_signal, is_time_over;

/* Without SA_RESTART: a wait ends. */
static void handle(int number, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };
	(void)sigaction(number, &action, NULL);
}

/* No more than two system calls: signal handlers may do it. */
static void start_timer(time_t seconds, suseconds_t micros);

static void on_signal(int number)
{
	got_signal = number;
	/* It may have come just before a write that blocks, or have ended one in its middle. */
	start_timer(0, AGAIN_US);
}

static void on_timer(int number)
{
	(void)number;
	is_time_over = 1;
}

static void start_timer(time_t seconds, suseconds_t micros)
{
	const struct itimerval timer = { .it_interval = { .tv_usec = AGAIN_US },
					 .it_value = { .tv_sec = seconds, .tv_usec = micros } };
	handle(SIGALRM, on_timer);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

void stop_on_signals(void)
{
	handle(SIGINT, on_signal);
	handle(SIGTERM, on_signal);
	handle(SIGHUP, on_signal);
	handle(SIGQUIT, on_signal);
	handle(SIGPIPE, SIG_IGN);
}

void stop_after(double seconds)
{
	time_t whole = (time_t)seconds;
	suseconds_t micros = (suseconds_t)((seconds - (double)whole) * 1e6);
	start_timer(whole, whole || micros ? micros : 1);
}

void stop_soon(void)
{
	start_timer(0, AGAIN_US);
}

bool must_stop(void)
{
	return got_signal || is_time_over;
}

bool was_signalled(void)
{
	return got_signal;
}

bool reader_has_gone(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO };
	return fflush(stdout) != 0 || (poll(&output, 1, 0) > 0 && output.revents & POLLERR);
}

double now_seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
