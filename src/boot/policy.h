/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Under which rules objects are booted. Pure data: Android's versions are tables (android_*.c), other policies are
 * read from files (conf*.c). What they mean for one object is decided in decide.h, without asking a kernel.
 */
#ifndef LADE_BOOT_POLICY_H
#define LADE_BOOT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include <lade/boot.h>

#include "base/array.h"
#include "base/error.h"
#include "object/config.h"
#include "object/policy.h"

/* What is booted, this machine or another. */
struct boot_device {
	uint32_t loader;                    /* minor version of bpfloader, or NetBpfLoad's */
	uint32_t kernel;                    /* major << 24 | minor << 16 | patch */
	uint32_t machine;                   /* enum lade_ignore bit; 0: none of them */
	const char *build_type;             /* "user" …; borrowed, static */
	char release[65], architecture[65]; /* as uname has them, or as they were given */
	/* What the kernel was built with, borrowed: the caller asks for lade_boot_configs(). NULL: not known. */
	const struct kernel_config *config;
};
/* Of the options, else of this machine. boot.android.build-type, boot.android.kernel (usage). */
int lade_boot_device(const struct lade_boot_opts *opts, struct boot_device *ret_device, struct lade_error **error);

/* A value that may be absent. */
struct boot_owner {
	bool has_uid, has_gid, has_mode;
	uint32_t uid, gid, mode;
};

/* What a policy file says of one object or one program; what it does not say is -1, NULL or absent. */
struct boot_rule {
	char *object;                          /* pattern (base/glob.h) of the object's name */
	char *program;                         /* pattern of programs and maps; NULL: the object as a whole */
	int critical, optional, attach, order; /* -1: not said (order: INT32_MIN) */
	char *reason;                          /* why it is critical; NULL: not said */
	char *pin;                             /* absolute, below /sys/fs/bpf; NULL: not said */
	bool is_map;                           /* `program` is the pattern of maps */
	struct policy_window kernel;           /* {0, UINT32_MAX}: any */
	ARRAY_OF(char *) configs;              /* "CONFIG_NET_CLS_BPF", "CONFIG_HZ=1000" */
	ARRAY_OF(char *) targets;              /* attach = TARGET … */
	struct boot_owner owner;
	unsigned timeout_ms; /* 0: not said */
	char *file;          /* which file says so, and where */
	unsigned line;
};

struct boot_location {
	char *directory;          /* absolute, without the root and without a slash at the end */
	const char *suffix;       /* only files that end so, static: ".o", ".bpf"; NULL: .o and .bpf */
	const char *const *files; /* Android 16 and newer: only these, in this order, static; NULL: all */
	/* For lade_open_opts.loader_version: objects are judged as this version. 1: Android 10 and 11, which had none;
	 * POLICY_LOADER_UNVERSIONED: Android 15's platform loader; 0: no Android. */
	uint32_t loader;
	const char *tag;  /* of log lines about objects, static: "LibBpfLoader", "NetBpfLoad"; NULL: no Android */
	char *prefix;     /* below bpffs, with its slash: "tethering/", ""; pins of objects without own words */
	uint64_t types;   /* bit by enum bpf_prog_type; all ones: any */
	uint32_t domains; /* Android: allowed selinux_context and pin_subdir, bits of android domains; all ones: any */
	bool is_network;  /* Android: NetBpfLoad's since 14 QPR2: netbpfload_min_ver counts, domains do not */
	bool is_split;    /* Android: NetBpfLoad and the platform's loader each know some of the prefixes only */
	int order;        /* policy files: lower first */
	struct boot_owner owner;
	int attach; /* policy files: 1: programs attach where their sections say */
	char *file; /* which policy file, and where; NULL: built in */
	unsigned line;
};

/* What Android's loader or init writes before objects are loaded. */
struct boot_sysctl {
	const char *path, *value;
	bool fatal; /* if it cannot be written, nothing is loaded */
};

struct boot_policy {
	bool is_android;
	unsigned android;    /* 10 … 16 */
	const char *tag;     /* of log lines about the boot as a whole, static: "bpfloader" */
	bool makes_late;     /* Android 12: a prefix's directory is made when its turn comes; a failure is a warning */
	bool has_loader_dir; /* bpffs has a directory "loader" */
	bool has_self_test;  /* writes into index 1 of an array of 2 at the end */
	const struct boot_sysctl *sysctls; /* static */
	size_t sysctl_count;
	struct boot_device device;
	ARRAY_OF(struct boot_location) locations;
	ARRAY_OF(struct boot_rule) rules;
	struct findings notes; /* what was assumed */
};

/* android_versions.c: the policy of opts->android. boot.android.version (usage). */
int lade_boot_android_policy(const struct lade_boot_opts *opts, struct boot_policy *policy, struct lade_error **error);
/*
 * conf.c: all *.conf of the directory, in the order of their names. The policy is empty but for its device, and is
 * cleared on failure; all errors of all files are in *error. -ENOENT boot.policy.none: there is no directory;
 * boot.policy.*: file, line, remedy.
 */
int lade_boot_read_policy(const char *directory, struct boot_policy *policy, struct lade_error **error);
void lade_boot_policy_clear(struct boot_policy *policy);
/* A location as Android's /system/etc/bpf is one, or one without limits: for directories that the user names. */
int lade_boot_add_directory(struct boot_policy *policy, const char *directory, struct lade_error **error);
bool lade_boot_type_allowed(uint64_t types, uint32_t program_type);
struct strbuf;
/* "kprobe, tracepoint"; "any". Bit 0 is fuse. */
void lade_boot_types_text(uint64_t types, struct strbuf *text);
/* Names of the kernel's options that the rules ask for. 0, -ENOMEM. */
int lade_boot_configs(const struct boot_policy *policy, struct strings *names);

static inline void cleanup_boot_policy(struct boot_policy *policy)
{
	lade_boot_policy_clear(policy);
}

#endif
