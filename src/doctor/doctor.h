/* SPDX-License-Identifier: BSD-2-Clause */
/* The report behind include/lade/doctor.h: every file of the room adds the facts of one theme, and what is wrong. */
#ifndef LADE_DOCTOR_DOCTOR_H
#define LADE_DOCTOR_DOCTOR_H

#include <lade/doctor.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/config.h"
#include "kernel/kernel.h"

struct kernel_types;

struct doctor_fact {
	const char *section; /* static */
	enum lade_fact_state state;
	char *name, *value, *detail, *source;
};

/* A line of the kernel's configuration. */
struct doctor_option {
	char *name, *value;
};

/* What several themes need to know. */
struct doctor_process {
	uint64_t effective; /* capabilities */
	int seccomp;        /* 0, 1, 2; -1: not known */
	int user_namespace; /* 0: the first one; 1: another; -1: not known */
	bool is_known;      /* its status could be read */
	bool is_delegated;  /* a bpffs delegates to BPF tokens */
};

struct lade_doctor {
	ARRAY_OF(struct doctor_fact) facts;
	struct findings findings;
	ARRAY_OF(struct doctor_option) options; /* only when asked for */
	char *root;                             /* "" for / */
	char process[16];                       /* "self" or the number of a process */
	uint32_t version;                       /* KERNEL_VERSION code; 0: not known */
	int unprivileged;                       /* kernel.unprivileged_bpf_disabled; -1: not known */
	struct doctor_process who;
	struct kernel_config *config;
	struct kernel *kernel;      /* borrowed; NULL: only files are read */
	bool lacks_proc, lacks_sys; /* not mounted here: what is read there is not known, and not absent */
	bool failed;                /* out of memory at some point */
};

/* ---- report.c: sticky failure, so that nobody checks ---- */
struct doctor_fact *lade_doctor_put(struct lade_doctor *doctor, const char *section, const char *name,
				    enum lade_fact_state state, const char *source, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
/* NULL: no such fact. */
const struct doctor_fact *lade_doctor_find(const struct lade_doctor *doctor, const char *section, const char *name);
/* Takes a NULL fact. */
void lade_doctor_detail(struct lade_doctor *doctor, struct doctor_fact *fact, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- sources.c ---- */
enum doctor_source {
	SOURCE_RELEASE,
	SOURCE_BUILD,
	SOURCE_SIGNATURE,
	SOURCE_ARCHITECTURE,
	SOURCE_JIT_ENABLE,
	SOURCE_JIT_HARDEN,
	SOURCE_JIT_LIMIT,
	SOURCE_POSSIBLE,
	SOURCE_ONLINE,
	SOURCE_FTRACE,
	SOURCE_KPROBES,
	SOURCE_UNPRIVILEGED,
	SOURCE_PERF_PARANOID,
	SOURCE_KPTR_RESTRICT,
	SOURCE_STATUS,
	SOURCE_UID_MAP,
	SOURCE_LIMITS,
	SOURCE_MOUNTS,
	SOURCE_CGROUP,
	SOURCE_LOCKDOWN,
	SOURCE_LSM,
	SOURCE_BLACKLIST,
	SOURCE_BTF,
	SOURCE_BTF_DIRECTORY,
	SOURCE_FILESYSTEMS,
	SOURCE_DOCKER,
	SOURCE_PODMAN,
	SOURCE_SYSTEMD_CONTAINER,
	SOURCE_INIT_ENVIRONMENT,
	SOURCE_PROCESSES,
	SOURCES,
};
/* "/proc/self/status": as it is shown. */
const char *lade_doctor_source(const struct lade_doctor *doctor, enum doctor_source source, char *buffer, size_t size);
/* As it is opened: below the root. -ENAMETOOLONG */
int lade_doctor_path(const struct lade_doctor *doctor, const char *shown, char *buffer, size_t size);
/* The whole file, without newlines at its end, to be freed; at most 1 MiB of it. NULL: errno says why. */
char *lade_doctor_read(const struct lade_doctor *doctor, enum doctor_source source);
char *lade_doctor_read_path(const struct lade_doctor *doctor, const char *shown);
/* 0 or -errno. */
int lade_doctor_number(const struct lade_doctor *doctor, enum doctor_source source, long *ret_number);

/* ---- status.c: lines "Name:\tvalue" of /proc/PID/status ---- */
const char *lade_doctor_status(const char *text, const char *name);
bool lade_doctor_status_number(const char *text, const char *name, int base, uint64_t *ret_number);
/* 0: the first user namespace; 1: another; -1: not known. By the link and the uid_map of /proc/PROCESS. */
int lade_doctor_user_namespace(const struct lade_doctor *doctor, const char *process);

/* ---- places.c: whether /proc and /sys are there ---- */
void lade_doctor_places(struct lade_doctor *doctor);
void lade_doctor_judge_places(struct lade_doctor *doctor);

/* ---- mountinfo.c ---- */
struct doctor_mount {
	char *path, *type, *options; /* options of the file system itself */
	bool read_only;
};
struct doctor_mounts {
	struct doctor_mount *items;
	size_t count, capacity;
};
/* 0, -ENOMEM; lines that are damaged are passed over. */
int lade_doctor_mounts_parse(const char *text, struct doctor_mounts *mounts);
void lade_doctor_mounts_clear(struct doctor_mounts *mounts);
/* What is seen at exactly this path: the last one mounted there. NULL: nothing. */
const struct doctor_mount *lade_doctor_mount_at(const struct doctor_mounts *mounts, const char *path);

/* ---- the themes ---- */
void lade_doctor_config(struct lade_doctor *doctor);
void lade_doctor_kernel(struct lade_doctor *doctor);
void lade_doctor_jit(struct lade_doctor *doctor);
void lade_doctor_privileges(struct lade_doctor *doctor);
void lade_doctor_security(struct lade_doctor *doctor);
void lade_doctor_mounted(struct lade_doctor *doctor);
void lade_doctor_btf(struct lade_doctor *doctor);
void lade_doctor_container(struct lade_doctor *doctor);
void lade_doctor_loaders(struct lade_doctor *doctor);
void lade_doctor_build(struct lade_doctor *doctor); /* the only one that runs other programs */
/* The only one that loads anything; types NULL: none can be read. */
void lade_doctor_probed(struct lade_doctor *doctor, struct kernel_types *types);

/* Every option that is set; behind lade_doctor_config(). */
void lade_doctor_options(struct lade_doctor *doctor);
void lade_doctor_options_clear(struct lade_doctor *doctor);

/* KERNEL_VERSION code of "5.8", as lade_doctor.version; 0: none. */
uint32_t lade_doctor_version(const char *text);

/* locked.c: of compare.c, on kernels that charge maps to RLIMIT_MEMLOCK */
void lade_doctor_compare_locked(struct lade_doctor *doctor, const struct lade_object *object);
/* refused.c: of compare.c, programs on the kernel's functions and hooks */
void lade_doctor_compare_refused(struct lade_doctor *doctor, const struct lade_object *object);

enum {
	CAPABILITY_NET_ADMIN = 12,
	CAPABILITY_SYS_ADMIN = 21,
	CAPABILITY_SYS_RESOURCE = 24,
	CAPABILITY_PERFMON = 38,
	CAPABILITY_BPF = 39
};
static inline bool lade_doctor_may(uint64_t capabilities, int number)
{
	return capabilities >> number & 1;
}

DEFINE_CLEANUP(struct lade_doctor, lade_doctor, lade_doctor_free)

#endif
