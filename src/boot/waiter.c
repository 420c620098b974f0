/* SPDX-License-Identifier: BSD-2-Clause */
/* One look at what is waited for: the token of the boot, the pins. */
#include "boot/waiter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "base/info.h"
#include "boot/ready_token.h"

#define BPFFS "/sys/fs/bpf"

/* ---- making ---- */

static int add_pin(struct lade_waiter *waiter, const char *bpffs, const char *pin, struct lade_error **error)
{
	if (!pin || !*pin)
		return lade_fail(error, EINVAL, "ready.options", "a pin needs a name");
	int r = *pin == '/' ? lade_strings_add(&waiter->pins, pin)
			    : lade_strings_addf(&waiter->pins, "%s/%s", bpffs, pin);
	return r < 0 ? lade_fail_memory(error) : 0;
}

static int copy_options(struct lade_waiter *waiter, const struct lade_wait_opts *opts, struct lade_error **error)
{
	const char *run = opts->run ? opts->run : RUN_DIRECTORY;
	waiter->boot = opts->boot || !opts->pin_count;
	waiter->run = strdup(run);
	if (!waiter->run || asprintf(&waiter->token, "%s/" TOKEN_NAME, run) < 0) {
		waiter->token = NULL;
		return lade_fail_memory(error);
	}
	int r = 0;
	for (size_t i = 0; r == 0 && i < opts->pin_count; i++)
		r = add_pin(waiter, opts->bpffs ? opts->bpffs : BPFFS, opts->pins[i], error);
	return r;
}

LADE_API int lade_waiter_new(const struct lade_wait_opts *opts, struct lade_waiter **ret_waiter,
			     struct lade_error **error)
{
	struct lade_wait_opts known;
	int r = opts_read(&known, sizeof known, opts);
	if (r < 0 || (known.pin_count && !known.pins) || (known.run && !*known.run))
		return lade_fail(error, r < 0 ? -r : EINVAL, "ready.options", "the options of a wait are not valid");
	struct lade_waiter *waiter = calloc(1, sizeof *waiter);
	if (!waiter)
		return lade_fail_memory(error);
	r = lade_watched_paths_open(&waiter->watched);
	r = r < 0 ? lade_fail(error, -r, "ready.watch", "nothing to wait with: %s", strerror(-r))
		  : copy_options(waiter, &known, error);
	if (r < 0)
		waiter = lade_waiter_free(waiter);
	else
		*ret_waiter = waiter;
	return r;
}

LADE_API struct lade_waiter *lade_waiter_free(struct lade_waiter *waiter)
{
	if (!waiter)
		return NULL;
	lade_watched_paths_clear(&waiter->watched);
	lade_strings_clear(&waiter->pins);
	lade_strings_clear(&waiter->missing);
	free(waiter->run);
	free(waiter->token);
	free(waiter);
	return NULL;
}

LADE_API int lade_waiter_fd(const struct lade_waiter *waiter)
{
	return waiter->watched.wake;
}

LADE_API size_t lade_waiter_missing_count(const struct lade_waiter *waiter)
{
	return waiter->missing.count;
}

LADE_API const char *lade_waiter_missing(const struct lade_waiter *waiter, size_t index)
{
	return index < waiter->missing.count ? waiter->missing.items[index] : NULL;
}

/* ---- looking ---- */

static int look_for_pins(struct lade_waiter *waiter)
{
	lade_strings_clear(&waiter->missing);
	array_foreach(pin, &waiter->pins) {
		struct stat status;
		lade_watch_path(&waiter->watched, *pin);
		if (stat(*pin, &status) < 0 && lade_strings_add(&waiter->missing, *pin) < 0)
			return -ENOMEM;
	}
	return 0;
}

static void look_for_boot(struct lade_waiter *waiter)
{
	waiter->ready = (struct lade_ready_info){ .size = sizeof waiter->ready };
	lade_watch_path(&waiter->watched, waiter->token);
	(void)lade_ready_get(waiter->run, &waiter->ready);
	bool booting = waiter->ready.state == LADE_READY_BOOTING;
	lade_watch_process(&waiter->watched, booting ? waiter->ready.pid : 0);
	if (booting) /* it may have ended just before it was watched */
		(void)lade_ready_get(waiter->run, &waiter->ready);
}

static const char *date_text(uint64_t seconds, char *buffer, size_t size)
{
	time_t time = (time_t)seconds;
	struct tm broken_down;

	if (!gmtime_r(&time, &broken_down) || !strftime(buffer, size, "%Y-%m-%d %H:%M:%S UTC", &broken_down))
		(void)snprintf(buffer, size, "a date beyond all calendars");
	return buffer;
}

static int fail_boot(const struct lade_waiter *waiter, const char *code, const char *what, struct lade_error **error)
{
	const struct lade_ready_info *ready = &waiter->ready;
	char date[48];
	struct lade_finding *finding =
		lade_error_add(error, ECANCELED, code, "%s%s%s", what, ready->text[0] ? ": " : "", ready->text);
	finding_evidence(finding, "%s says %s, since %s, process %d", waiter->token,
			 lade_ready_state_name(ready->is_dead ? LADE_READY_BOOTING : ready->state),
			 date_text(ready->time_s, date, sizeof date), ready->pid);
	array_foreach(pin, &waiter->missing)
		finding_evidence(finding, "%s is not there", *pin);
	return -ECANCELED;
}

/* 0: the boot may still become ready. */
static int judge_boot(const struct lade_waiter *waiter, struct lade_error **error)
{
	if (waiter->ready.is_dead)
		return fail_boot(waiter, "ready.died", "the process that booted is gone, and has not said how it ended",
				 error);
	if (waiter->ready.state == LADE_READY_FAILED)
		return fail_boot(waiter, "ready.failed", "the boot has failed", error);
	if (waiter->ready.state == LADE_READY_OFF)
		return fail_boot(waiter, "ready.off", "this boot of the machine loads nothing", error);
	return 0;
}

LADE_API int lade_waiter_look(struct lade_waiter *waiter, struct lade_error **error)
{
	lade_watched_paths_drain(&waiter->watched);
	/* The boot first: when it says that it is ready, its pins are there. */
	look_for_boot(waiter);
	if (look_for_pins(waiter) < 0)
		return lade_fail_memory(error);
	bool is_ready = waiter->ready.state == LADE_READY_YES;
	if (!waiter->missing.count && (is_ready || !waiter->boot))
		return 1;
	return judge_boot(waiter, error);
}
