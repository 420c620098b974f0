/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What others learn of a boot: whether it is done, and what it did.
 *
 * RUN is a directory, /run/lade unless another is given. A boot keeps in it, for everybody to read:
 *
 *     readiness     lines KEY=VALUE: STATE (booting, ready, failed, off), BOOT_ID (of the machine's boot), PID,
 *                   STARTED and NAMESPACE (which process boots), TIME (seconds since 1970), TEXT
 *     properties    bpf.progs_loaded=1, the property that Android's services wait for: there while STATE is ready
 *     boot.json     what it did: lade_boot_report_save()
 *
 * Every file is replaced in one step: who reads sees an old one or a new one, never a half. No context is needed.
 *
 *     struct lade_wait_opts opts = { .size = sizeof opts, .timeout_ms = 30000 };
 *     if (lade_wait(&opts, &error) == 0)
 *             …                                            what is booted is there
 */
#ifndef LADE_READY_H
#define LADE_READY_H

#include <lade/error.h>

LADE_BEGIN_DECLS

/* How far the boot is. What an earlier boot of the machine left does not count. */
enum lade_ready_state {
	LADE_READY_NONE, /* nobody has begun */
	LADE_READY_BOOTING,
	LADE_READY_YES,
	LADE_READY_FAILED, /* a critical object failed, or the process that booted ended without a word */
	LADE_READY_OFF,    /* lade.boot=off on the kernel's command line */
};
/* "none", "booting", "ready", "failed", "off" */
LADE_API const char *lade_ready_state_name(enum lade_ready_state state);

/*
 * Says how far we are, to everybody who waits. text: one line (why it failed), or NULL. A boot that begins while an
 * earlier one of the same machine's boot was ready leaves that as it is: what was loaded stays loaded.
 * run NULL: /run/lade, which is made if it is missing. -EROFS, -ENOSPC, -EACCES …: ready.write, nothing has changed;
 * -EINVAL: LADE_READY_NONE is nothing to say.
 */
LADE_API int lade_ready_set(const char *run, enum lade_ready_state state, const char *text, struct lade_error **error);

struct lade_ready_info {
	size_t size;
	enum lade_ready_state state;
	bool is_earlier;  /* there is a token, of an earlier boot of the machine: state is LADE_READY_NONE */
	bool is_dead;     /* the process that booted is gone and has not said how it ended: LADE_READY_FAILED */
	int pid;          /* of the process that said so; 0: unknown, or of another PID namespace */
	uint64_t time_s;  /* when, in seconds since 1970 */
	char boot_id[40]; /* of the token; "": there is none */
	char text[256];   /* "" where nothing was said */
};
/* A token that is missing, damaged, too long or not ours or root's is none. -EINVAL when info->size is 0. */
LADE_API int lade_ready_get(const char *run, struct lade_ready_info *info);

/* The kernel's name for this boot of the machine; "unknown" without /proc. */
LADE_API void lade_boot_id(char ret_id[40]);

/* ---- waiting ---- */

/* Called after 5, 10, 20, 40 and then every 60 seconds of waiting, with Android's words for it. */
typedef void lade_wait_fn(void *userdata, unsigned waited_s, const char *line);

struct lade_wait_opts {
	size_t size;
	const char *run;         /* NULL: /run/lade */
	const char *bpffs;       /* that pins are below; NULL: /sys/fs/bpf */
	const char *const *pins; /* absolute, or below bpffs: wait until all of them are there */
	size_t pin_count;
	bool boot;           /* with pins: until the boot is ready as well. Without pins that is what is waited for */
	unsigned timeout_ms; /* 0: for ever */
	lade_wait_fn *warn;  /* NULL: nobody wants to know */
	void *userdata;
	uint64_t waited_ms; /* before this call, of timeout_ms: who goes on after -EINTR says how long it was */
};

/*
 * Waits until the boot is ready, or pins are there: woken by the kernel at once (inotify, which reports bpffs too),
 * also where directories come later or bpffs is mounted later. Where that cannot be watched it looks four times a
 * second.
 *
 * 0: it is there. -ECANCELED ready.failed, ready.died, ready.off: the boot ended otherwise, and what is waited for is
 * not there. -ETIMEDOUT ready.timeout: what is missing is evidence. -EINTR: a signal came.
 */
LADE_API int lade_wait(const struct lade_wait_opts *opts, struct lade_error **error);

/*
 * The same for who has a loop of his own: poll lade_waiter_fd() for POLLIN, and look whenever it is readable.
 *
 *     struct pollfd wake = { .fd = lade_waiter_fd(waiter), .events = POLLIN };
 *     while ((code = lade_waiter_look(waiter, &error)) == 0)
 *             poll(&wake, 1, -1);
 */
struct lade_waiter;
/* Strings are copied. timeout_ms, waited_ms, warn and userdata are not used. -EINVAL: a pin that has no name. */
LADE_API int lade_waiter_new(const struct lade_wait_opts *opts, struct lade_waiter **ret_waiter,
			     struct lade_error **error);
LADE_API struct lade_waiter *lade_waiter_free(struct lade_waiter *waiter);
/* Borrowed. */
LADE_API int lade_waiter_fd(const struct lade_waiter *waiter);
/* 1: it is there; 0: not yet; negative: as lade_wait(). */
LADE_API int lade_waiter_look(struct lade_waiter *waiter, struct lade_error **error);
/* How many pins are missing, as of the last look; index: the one, NULL beyond the last. */
LADE_API size_t lade_waiter_missing_count(const struct lade_waiter *waiter);
LADE_API const char *lade_waiter_missing(const struct lade_waiter *waiter, size_t index);

/* ---- what a boot did ---- */

#define LADE_REPORT_MAX ((size_t)4 << 20) /* bytes */

/*
 * Keeps a report of a boot (JSON) as DIRECTORY/boot.json, on the disk when the call returns. directory NULL: /run/lade.
 * -EROFS, -ENOSPC …: report.write; -EFBIG: more than LADE_REPORT_MAX bytes. Then the old one is still there.
 */
LADE_API int lade_boot_report_save(const char *directory, const char *json, size_t length, struct lade_error **error);
/* To be freed with free(). -ENOENT: there is none; -EFBIG, -EACCES …: report.read. */
LADE_API int lade_boot_report_read(const char *directory, char **ret_json, size_t *ret_length,
				   struct lade_error **error);

/* ---- rescue ---- */

enum lade_rescue {
	LADE_RESCUE_NONE,
	LADE_RESCUE_OFF, /* lade.boot=off: nothing is loaded; that is no failure, but nothing is ready either */
	LADE_RESCUE_CRITICAL_ONLY, /* lade.boot=critical-only: lade_boot_opts.critical_only */
};
/*
 * What the kernel's command line asks for; the last such word counts. file NULL: /proc/cmdline; one that cannot be read
 * asks for nothing. *ret_notes gets rescue.off, rescue.critical-only, or the warning rescue.unknown for a word that is
 * neither (which asks for nothing); it is untouched where there is nothing to say. To be freed with lade_error_free().
 */
LADE_API enum lade_rescue lade_rescue_read(const char *file, struct lade_error **ret_notes);

LADE_END_DECLS
#endif
