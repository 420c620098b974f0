/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting with Android's patience: it says so after 5, 10, 20, 40 and then every 60 seconds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/error.h"
#include "base/info.h"
#include "boot/ready_token.h"
#include "boot/waiter.h"

unsigned lade_wait_lap_s(unsigned number)
{
	static const unsigned laps[] = { 5, 10, 20, 40, 60 };
	return laps[number < ELEMENTS(laps) ? number : ELEMENTS(laps) - 1];
}

void lade_wait_line(const struct lade_waiter *waiter, unsigned waited_s, char *buffer, size_t size)
{
	bool for_boot = waiter->boot && waiter->ready.state != LADE_READY_YES;
	const char *what = for_boot || !waiter->missing.count ? "bpf.progs_loaded" : waiter->missing.items[0];
	(void)snprintf(buffer, size, "Waited %us for %s, still waiting...", waited_s, what);
}

static uint64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Until it is there (1), something is wrong, or this moment is over (0). */
static int wait_until(struct lade_waiter *waiter, uint64_t end, struct lade_error **error)
{
	for (;;) {
		int r = lade_waiter_look(waiter, error);
		uint64_t now = now_ms();
		if (r != 0 || now >= end)
			return r;
		struct epoll_event event;
		if (epoll_wait(waiter->watched.wake, &event, 1, (int)(end - now)) < 0)
			return errno == EINTR ? -EINTR
					      : lade_fail(error, errno, "ready.watch", "waiting: %s", strerror(errno));
	}
}

static const char *describe(const struct lade_ready_info *ready)
{
	if (ready->is_earlier)
		return "there is a token, of an earlier boot of the machine: nobody has begun to boot since";
	return ready->state == LADE_READY_NONE ? "there is no token: nobody has begun to boot" : NULL;
}

static int fail_timeout(const struct lade_waiter *waiter, unsigned timeout_ms, struct lade_error **error)
{
	const struct lade_ready_info *ready = &waiter->ready;
	const char *why = describe(ready);
	bool for_boot = waiter->boot && ready->state != LADE_READY_YES;
	struct lade_finding *finding =
		lade_error_add(error, ETIMEDOUT, "ready.timeout", "waited %g s: %s", (double)timeout_ms / 1000,
			       for_boot ? "the boot is not ready" : "not everything that is waited for is there");
	if (why)
		finding_cause(finding, "%s", why);
	else
		finding_cause(finding, "the boot says: %s%s%s", lade_ready_state_name(ready->state),
			      ready->text[0] ? ", " : "", ready->text);
	finding_evidence(finding, "%s", waiter->token);
	array_foreach(pin, &waiter->missing)
		finding_evidence(finding, "%s is not there", *pin);
	return -ETIMEDOUT;
}

static int wait_for(struct lade_waiter *waiter, const struct lade_wait_opts *opts, struct lade_error **error)
{
	uint64_t since = now_ms(), start = since - opts->waited_ms;
	uint64_t end = opts->timeout_ms ? start + opts->timeout_ms : UINT64_MAX, lap_end = start;
	for (unsigned number = 0;; number++) {
		char line[4096 + 64];
		unsigned lap_s = lade_wait_lap_s(number);
		lap_end += (uint64_t)lap_s * 1000;
		if (lap_end < since)
			continue; /* said by an earlier call, or nobody was there to say it */
		int r = wait_until(waiter, lap_end < end ? lap_end : end, error);
		if (r != 0)
			return r < 0 ? r : 0;
		if (now_ms() >= end)
			return fail_timeout(waiter, opts->timeout_ms, error);
		lade_wait_line(waiter, lap_s, line, sizeof line);
		if (opts->warn)
			opts->warn(opts->userdata, lap_s, line);
	}
}

LADE_API int lade_wait(const struct lade_wait_opts *opts, struct lade_error **error)
{
	struct lade_wait_opts known;
	struct lade_waiter *waiter = NULL;
	int r = lade_waiter_new(opts, &waiter, error);
	if (r < 0)
		return r;
	(void)opts_read(&known, sizeof known, opts); /* lade_waiter_new() found nothing wrong with it */
	r = wait_for(waiter, &known, error);
	(void)lade_waiter_free(waiter);
	return r;
}
