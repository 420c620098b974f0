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
	const char *target;  /* "file:/bin/sh:main", "pid:1", "dev:lo" …; NULL: what the section names */
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
};
LADE_API size_t lade_instance_program_count(const struct lade_instance *instance);
LADE_API int lade_instance_program(const struct lade_instance *instance, size_t index,
				   struct lade_loaded_program_info *info);

/*
 * Attaches one loaded program, or registers a table of kernel operations (target NULL). Not part of the load's
 * transaction: a failure leaves the load as it was. target as in lade_attach_request. Links live as long as the
 * instance, or, when the instance is pinned and the kernel can pin the link, until it is unloaded.
 */
LADE_API int lade_instance_attach(struct lade_instance *instance, const char *program, const char *target,
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
