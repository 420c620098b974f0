/* SPDX-License-Identifier: BSD-2-Clause */
/* What the methods share: one attach call, how the kernel refused it, similar names, CPUs. */
#ifndef LADE_ATTACH_METHOD_H
#define LADE_ATTACH_METHOD_H

#include "attach/attach.h"
#include "attach/cpu_list.h"
#include "base/similar.h"
#include "base/strbuf.h"

/* One call of lade_attach(), handed down to the method. */
struct attach_call {
	struct lade_context *context;
	struct kernel *kernel;
	struct txn *txn;
	const struct attach_program *program;
	const struct attach_target *target; /* never NULL; kind TARGET_NONE when none was given */
	bool is_return;                     /* uretprobe: at the function's return */
	const char *method;                 /* static: goes into the attachments */
	uint64_t cookie;                    /* of the next event: what bpf_get_attach_cookie() gives; 0: none */
	struct attachments *attachments;
	struct lade_error **error;
};

/* How a program without a target is attached. */
enum default_target {
	DEFAULT_NONE,    /* not at all: a target must be given */
	DEFAULT_SECTION, /* to what the section names after its slash */
	DEFAULT_FILE,    /* the same, where it names a file and a place in it: "PATH:SYMBOL" */
	DEFAULT_KNOWN,   /* the section's kind is enough */
};

/* One way in which programs attach. */
struct method_row {
	uint32_t program_type;
	const char *prefix; /* of the section; NULL: any */
	const char *method;
	bool is_return;
	unsigned targets; /* KIND(): what may be given */
	enum default_target default_target;
	int (*attach)(struct attach_call *call);
	/* Would this target of the right kind do for the program? NULL: yes. (For `--attach TARGET` without a program.) */
	bool (*fits)(const struct attach_program *program, const struct attach_target *target);
};
#define KIND(kind) (1U << (kind))

/* methods.c: the row for a program and a target (kind TARGET_NONE: none given); NULL: there is none. */
const struct method_row *lade_attach_method(const struct attach_program *program, enum target_kind target);
/* All rows, for tests. */
size_t lade_attach_methods(const struct method_row **ret_rows);
/* Is this the first word of its section? */
bool lade_attach_has_prefix(const struct attach_program *program, const char *prefix);

int lade_attach_tracepoint(struct attach_call *call);
int lade_attach_raw_tracepoint(struct attach_call *call);
int lade_attach_perf_event(struct attach_call *call);
int lade_attach_uprobe(struct attach_call *call);
int lade_attach_uprobe_multi(struct attach_call *call);
int lade_attach_usdt(struct attach_call *call);
int lade_attach_socket(struct attach_call *call);
int lade_attach_traced(struct attach_call *call);
int lade_attach_iterator(struct attach_call *call);
int lade_attach_tc(struct attach_call *call);
bool lade_attach_tc_fits(const struct attach_program *program, const struct attach_target *target);
int lade_attach_xdp(struct attach_call *call);
int lade_attach_xdp_map(struct attach_call *call);
int lade_attach_netfilter(struct attach_call *call);
int lade_attach_lwt(struct attach_call *call);
bool lade_attach_xdp_fits(const struct attach_program *program, const struct attach_target *target);
int lade_attach_netkit(struct attach_call *call);
int lade_attach_cgroup(struct attach_call *call);
int lade_attach_sockmap(struct attach_call *call);
int lade_attach_netns(struct attach_call *call);
int lade_attach_lirc(struct attach_call *call);
int lade_attach_syscall(struct attach_call *call);
int lade_attach_process_socket(struct attach_call *call);
int lade_attach_kprobe(struct attach_call *call);
int lade_attach_system_call(struct attach_call *call);
int lade_attach_kprobe_multi(struct attach_call *call);
/* attach.absent-kind: the kernel has no such links; `since` this version others have. For the caller to say the fix. */
struct lade_finding *lade_attach_absent_kind(struct attach_call *call, const char *since);
int lade_attach_traced_multi(struct attach_call *call);

/* Did BPF_RAW_TRACEPOINT_OPEN give a bpf_link? Older kernels have no link information to give. */
bool lade_attach_is_link(struct attach_call *call, int fd);

/* Journals an effect that this call is about to make (txn/effect.h) as one of its program. */
int lade_attach_begin_effect(struct attach_call *call, const char *kind, const char *target, const char *const *pairs,
			     unsigned *ret_number);
/* It is made: an attachment without a descriptor (fd is -1) or with one that is taken over, also on failure. */
int lade_attach_keep_effect(struct attach_call *call, const char *target, int fd, unsigned number);

struct bpf_map_info;
/* map.c: descriptor of the map that the target names, a map of the program's object first. attach.map.missing */
int lade_attach_open_map(struct attach_call *call, struct bpf_map_info *ret_info);

/*
 * freeing.c: is it worth trying once more, as what was detached a moment ago may still be there? Waits, for a fifth
 * of a second in all; *tries is 0 before the first.
 */
bool lade_attach_is_freeing(int result, unsigned *tries);

/* Takes fd over, also on failure. */
int lade_attach_keep(struct attach_call *call, const char *target, int fd, bool is_link);

/*
 * Binds the program to an open perf event: by a link, or by ioctl where the kernel has no such links; then
 * enables it. Takes event_fd over, also on failure.
 */
int lade_attach_event(struct attach_call *call, const char *target, int event_fd);

enum attach_operation {
	OPERATION_PERF_EVENT_OPEN,
	OPERATION_LINK_CREATE,
	OPERATION_SET_BPF,
	OPERATION_ENABLE,
	OPERATION_RAW_TRACEPOINT_OPEN,
	OPERATION_SOCKET,
	OPERATION_BIND,
	OPERATION_SO_ATTACH_BPF,
	OPERATION_NETLINK, /* a request to rtnetlink */
	OPERATION_SO_ATTACH_REUSEPORT,
	OPERATION_PROG_ATTACH,
	OPERATION_PIDFD_GETFD,
	OPERATION_OPEN, /* of what the target names */
	OPERATION_MAP_ENTRY,
	OPERATION_RUN,
	OPERATION_EVENTS_FILE, /* a line for kprobe_events or uprobe_events */
};
/* The same as lade_attach_refused(), for who has more to say: NULL without memory. */
struct lade_finding *lade_attach_refusal(struct attach_call *call, enum attach_operation operation, const char *target,
					 int result);
/* The finding for `result` (negative errno) of an operation, with its cause; returns result. */
int lade_attach_refused(struct attach_call *call, enum attach_operation operation, const char *target, int result);
/* The code that such a refusal gets; for tests. */
const char *lade_attach_refusal_code(enum attach_operation operation, const char *method, int errnum);

/* What follows "file:": that, and options (pid, ref_ctr, cookie, usdt) behind commas. -EINVAL, -ENOMEM. */
int lade_uprobe_parse(const char *text, struct attach_target *target);
/* "PATH:SYMBOL[+OFF]" taken apart; symbol NULL where there is none. -EINVAL: not of this form. */
int lade_uprobe_split(const char *text, char **ret_path, char **ret_symbol, uint64_t *ret_offset);
/* Absolute path of a program or library given by name, found as a shell or the loader would; NULL: nowhere. */
char *lade_uprobe_find_file(const char *name);

#endif
