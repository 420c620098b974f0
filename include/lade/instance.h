/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instance is what is now in the kernel. Loading is a transaction: all of it or none of it.
 *
 * Closing an instance drops its descriptors and leaves pins; lade_instance_unload() removes.
 */
#ifndef LADE_INSTANCE_H
#define LADE_INSTANCE_H

#include <lade/object.h>

LADE_BEGIN_DECLS

struct lade_instance;
struct lade_plan;

/* Attach `program` to `target`. Both strings are borrowed during the call. */
struct lade_attach_request {
	const char *program; /* function or section name; NULL: every loaded program the target fits */
	/*
	 * "file:/bin/sh:main", "pid:1", "dev:lo", "cgroup:system.slice", "cgroup:a,egress", "map:sockets", "netns:self",
	 * "socket:12/5", "lirc:/dev/lirc0", "dev:eth0:ingress,prio=1", "map:ports,key=1,dev=eth1", "route:10.0.0.0/8,dev=lo",
	 * "netfilter:ipv4:input,prio=5" …; NULL: what the section names
	 */
	const char *target;
};

/* What becomes of a map of a running instance that the object that replaces it describes otherwise. */
enum lade_map_change {
	LADE_MAP_ADOPT,    /* the running map goes on; the verifier judges whether the programs can live with it */
	LADE_MAP_MIGRATE,  /* a new map gets its entries: what keys and values have more is zeros, what is written meanwhile is lost */
	LADE_MAP_RECREATE, /* a new map */
};
struct lade_map_choice {
	const char *map; /* NULL: every map that differs */
	enum lade_map_change change;
};

struct lade_load_opts {
	size_t size;
	const char *name;      /* pin as lade/<name> under bpffs; NULL: not pinned */
	const char *pin_dir;   /* directory that replaces lade/<name>; absolute or relative to bpffs */
	bool attach;           /* attach inside the transaction: every program whose section names a target… */
	const struct lade_attach_request *attach_requests; /* …and these; a failure undoes the load */
	size_t attach_request_count;
	unsigned jobs;         /* as in the context; 0: the context's */
	uint32_t verifier_log_level; /* 0; 1, 2: ask the verifier for its log of accepted programs too; 4: statistics */
	/*
	 * Replace what is pinned under this name, if something is. Its attachments go over to the programs of the same
	 * name: in one step where the kernel can do that, else (events and functions that are traced) the new program is
	 * attached before the old one goes, which is a note; what allows neither is refused before anything is done
	 * (replace.exclusive). Maps of the same definition go on with what they hold; others need a choice
	 * (replace.map.differs). Until all is whole, and after any failure, the old instance runs as it was.
	 */
	bool replace;
	const struct lade_map_choice *map_choices; /* the one that names a map counts before the one for all */
	size_t map_choice_count;
	/*
	 * Leave out, with the note plan.target.absent, each program whose section names a function, hook or tracepoint
	 * that this kernel does not have and that it would be verified against (fentry, lsm, tp_btf …). When none would
	 * remain, the load fails with plan.target.unknown, as without this.
	 */
	bool skip_absent_targets;
	/*
	 * The load is given up (-ETIMEDOUT load.timeout) and undone once this has passed, also while the verifier is at
	 * work; 0: never. What waits for another command that loads the same name is not counted out. Each program is then
	 * verified in a process of its own that shares everything but signals with the caller (some 50 µs each); the caller
	 * may see a SIGCHLD when the time is up, but no child in wait().
	 */
	unsigned timeout_ms;
};

/*
 * Loads the object into the running kernel.
 * Error codes: -EPERM privilege, -EEXIST the name or a pin is taken, -EACCES, -EINVAL, -E2BIG … what
 * the kernel answered. Nothing is left behind on failure.
 */
LADE_API int lade_object_load(struct lade_object *object, const struct lade_load_opts *opts,
			      struct lade_instance **ret_instance, struct lade_error **error);

LADE_API struct lade_instance *lade_instance_close(struct lade_instance *instance);

/* Detaches, removes pins the load made, then closes. The instance is gone in every case. */
LADE_API int lade_instance_unload(struct lade_instance *instance, struct lade_error **error);

/* Directory in bpffs; NULL when not pinned. */
LADE_API const char *lade_instance_directory(const struct lade_instance *instance);

/* Nanoseconds that the load took, opening of the file excluded. */
LADE_API uint64_t lade_instance_load_ns(const struct lade_instance *instance);

LADE_API size_t lade_instance_note_count(const struct lade_instance *instance);
LADE_API const struct lade_finding *lade_instance_note(const struct lade_instance *instance, size_t index);

/* Descriptor, owned by the instance; -ENOENT when there is no such map or program in the kernel. */
LADE_API int lade_instance_map_fd(const struct lade_instance *instance, const char *map);
LADE_API int lade_instance_program_fd(const struct lade_instance *instance, const char *program);

/*
 * Where an arena lies in our memory, as long as the instance is not closed; programs know it at the same address.
 * NULL: no such map, no arena, or one that was there before the load (map that at its own address).
 *
 *     size_t bytes;
 *     struct shared *shared = lade_instance_map_memory(instance, "arena", &bytes);
 */
LADE_API void *lade_instance_map_memory(const struct lade_instance *instance, const char *map, size_t *ret_bytes);

struct lade_loaded_map_info {
	size_t size;
	const char *name;
	uint32_t type;
	const char *type_name;
	uint32_t key_size, value_size, max_entries, flags; /* as created */
	int fd;
	bool reused;            /* was there before this load, pinned or as a descriptor */
	const char *pin;        /* absolute path, or NULL */
};
LADE_API size_t lade_instance_map_count(const struct lade_instance *instance);
LADE_API int lade_instance_map(const struct lade_instance *instance, size_t index,
			       struct lade_loaded_map_info *info);

struct lade_loaded_program_info {
	size_t size;
	const char *name;
	const char *section;
	uint32_t type;
	const char *type_name;
	int fd;                 /* -1: not loaded */
	uint32_t instructions;  /* as sent to the kernel, subprograms included */
	uint64_t verify_ns;     /* wall time of the accepted BPF_PROG_LOAD */
	const char *skip;       /* why not loaded, or NULL */
	const char *pin;
	const char *log;        /* verifier log, when asked for */
	const char *slot_map;   /* prog array that holds it, or NULL */
	uint32_t slot;
	bool reused;            /* was pinned at its place (lade_program_set_pin()) before the load: not verified */
};
LADE_API size_t lade_instance_program_count(const struct lade_instance *instance);
LADE_API int lade_instance_program(const struct lade_instance *instance, size_t index,
				   struct lade_loaded_program_info *info);

/*
 * Opens what is pinned already, whoever loaded it, by name or directory as lade_state_read() takes them: descriptors
 * of its maps, programs and links, and what attaching takes. The object's file is not needed. What the file alone says
 * (why a program was skipped, verification times) is not known. -ENOENT, -EINVAL state.ambiguous, state.not-lade.
 *
 *     if (lade_instance_open(context, "demo", &instance, &error) == 0) {
 *             int fd = lade_instance_map_fd(instance, "counts");
 *             …
 *             lade_instance_close(instance);
 *     }
 */
LADE_API int lade_instance_open(struct lade_context *context, const char *which, struct lade_instance **ret_instance,
				struct lade_error **error);

struct lade_adopt_opts {
	size_t size;
	const char *name;    /* of the instance; NULL: the pin's last component */
	const char *section; /* what the program's section would be called: "tracepoint/sched/sched_switch"; NULL: unknown */
	const char *target;  /* as in lade_attach_request */
	/*
	 * Nothing is pinned: the attachment ends when the instance is closed, or with the process. So it may be one that no
	 * pin holds, and nobody needs the right to write in bpffs.
	 */
	bool transient;
	bool attach_later; /* attach nothing yet: lade_instance_attach(), lade_attach_wait(); target is NULL */
};

/*
 * Attaches a program that somebody else loaded and pinned (absolute path, or below bpffs): it becomes an instance of
 * that one program, pinned as lade/NAME, which lade_state_unload() removes again; the pin that was given stays. All or
 * nothing. A second time, with another target, the same instance gets another link.
 *
 *     struct lade_adopt_opts opts = { .size = sizeof opts, .target = "dev:eth0" };
 *     lade_instance_adopt(context, "/sys/fs/bpf/my_xdp", &opts, &instance, &error);
 */
LADE_API int lade_instance_adopt(struct lade_context *context, const char *pin, const struct lade_adopt_opts *opts,
				 struct lade_instance **ret_instance, struct lade_error **error);

/*
 * Attaches one loaded program, or registers a table of kernel operations (target NULL). Not part of the load's
 * transaction: a failure leaves the load as it was. target as in lade_attach_request. program NULL: every loaded
 * program that the target fits; without a target, every program and table whose section says where it goes and that is
 * not attached yet. Links live as long as the instance, or, when the instance is pinned and the kernel can pin the
 * link, until it is detached or unloaded. -EEXIST attach.twice: it is attached there by this instance already (a
 * perf_event program that has no event on some CPUs gets those); -ESTALE
 * state.changed: the pinned instance was unloaded or replaced meanwhile.
 */
LADE_API int lade_instance_attach(struct lade_instance *instance, const char *program, const char *target,
				  struct lade_error **error);

/*
 * The same, but nothing is pinned: what is attached ends when the instance's handle is closed, or its process ends. For
 * what the kernel cannot pin (attach.not-pinnable: socket filters, perf events before 5.15): who wants it has to stay.
 */
LADE_API int lade_instance_hold(struct lade_instance *instance, const char *program, const char *target,
				struct lade_error **error);

/*
 * CPUs come and go, and a perf_event program without a process has an event on each that is online. Whoever attached it
 * calls this when lade_instance_cpu_fd() is readable, or once a second where that is negative: CPUs that came get an
 * event, those of CPUs that went are closed; each is a note (attach.perf-event.cpu). The number of events that were
 * opened or closed. Costs a read(2) when there is nothing to do.
 *
 *     struct pollfd cpus = { .fd = lade_instance_cpu_fd(instance), .events = POLLIN };
 *     if (poll(&cpus, 1, 1000) >= 0)
 *             lade_instance_follow_cpus(instance, &error);
 */
LADE_API int lade_instance_follow_cpus(struct lade_instance *instance, struct lade_error **error);
/* The instance's, not to be closed. -ENOENT: nothing is attached to CPUs by this handle; another negative errno: the
 * kernel's notices cannot be heard. */
LADE_API int lade_instance_cpu_fd(const struct lade_instance *instance);

/*
 * Takes attachments back: of one program or table (NULL: of all), to one target (NULL: to all), which is either what
 * was given when it was attached or what lade_link_info says. Links are ended for everybody where the kernel can do
 * that (since 5.9), else when nobody holds a descriptor of them any more. -ENOENT detach.not-attached.
 *
 *     lade_instance_detach(instance, "cls_main", "dev:eth0:ingress", &error);
 */
LADE_API int lade_instance_detach(struct lade_instance *instance, const char *program, const char *target,
				  struct lade_error **error);

struct lade_link_info {
	size_t size;
	const char *program;
	const char *method;     /* "tracepoint", "raw_tracepoint", "perf_event", "uprobe", "socket", "tp_btf", "iter" … */
	const char *target;     /* "sched/sched_process_exec", "cpu 0", "lo" … */
	int fd;                 /* link, perf event or socket descriptor */
	bool is_link;           /* a real bpf_link */
	const char *pin;        /* absolute path, or NULL */
};
LADE_API size_t lade_instance_link_count(const struct lade_instance *instance);
LADE_API int lade_instance_link(const struct lade_instance *instance, size_t index, struct lade_link_info *info);

/* ---- the plan of a load, without a kernel ---- */
struct lade_plan_step_info {
	size_t size;
	const char *operation; /* "map_create", "prog_load" … */
	int slot;              /* number that later steps refer to, or -1 */
	const char *text;      /* one line for people */
	const int *needs;      /* slots */
	size_t need_count;
};
LADE_API int lade_plan_new(struct lade_object *object, const struct lade_load_opts *opts,
			   struct lade_plan **ret_plan, struct lade_error **error);
LADE_API size_t lade_plan_step_count(const struct lade_plan *plan);
LADE_API int lade_plan_step(const struct lade_plan *plan, size_t index, struct lade_plan_step_info *info);
LADE_API struct lade_plan *lade_plan_free(struct lade_plan *plan);

LADE_END_DECLS
#endif
