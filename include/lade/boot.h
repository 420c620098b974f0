/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A boot: objects from directories, loaded under a policy. Each object is one transaction; those that do not depend
 * on each other are read and verified in parallel, in the order that the policy demands.
 *
 * The policy is Android's of one version (facts: android.md, section 4), or that of /etc/lade/boot.d/(*.conf).
 */
#ifndef LADE_BOOT_H
#define LADE_BOOT_H

#include <lade/instance.h>

LADE_BEGIN_DECLS

struct lade_boot;

/* What becomes of the owners that an object or a policy names. */
enum lade_boot_owners {
	LADE_OWNERS_DEFAULT, /* as numbers on Android, else root */
	LADE_OWNERS_ROOT,    /* everything is root's */
	LADE_OWNERS_NUMERIC, /* the numbers as they are */
	LADE_OWNERS_NAMES,   /* the user of this machine that is called as Android calls that number */
};

enum lade_boot_level { LADE_BOOT_DEBUG, LADE_BOOT_INFO, LADE_BOOT_WARNING, LADE_BOOT_ERROR };

/* One line of what Android's loader would log, in its words, without a newline. Called on the calling thread. */
typedef void lade_boot_log_fn(void *userdata, enum lade_boot_level level, const char *tag, const char *line);

/* What a boot is doing: "reading", "loading netd.o", for STATUS= of a service manager. Called on the calling thread. */
typedef void lade_boot_status_fn(void *userdata, size_t done, size_t total, const char *text);

struct lade_boot_opts {
	size_t size;
	const char *android;     /* "10" … "16"; NULL: the files of policy_directory */
	uint32_t loader_version; /* Android: 0: 2 for 12, 19 for 13, 46 for 14 and 15 */
	const char *build_type;  /* Android: "user" (NULL), "userdebug", "eng" */
	const char *kernel;      /* release as uname has it; NULL: the running one. Another only with root or dry_run */
	const char *machine;     /* "aarch64"; NULL: this one. Another only with root or dry_run */
	const char *root;        /* an unpacked system image: directories and policy are looked for below it */
	const char *policy_directory;   /* NULL: /etc/lade/boot.d */
	const char *const *directories; /* instead of the policy's locations: only these; each must be one of them, or
					 * is treated as Android's /system/etc/bpf, or as a location without limits */
	size_t directory_count;
	bool dry_run;            /* say what would be done: reads objects, asks no kernel */
	const char *const *only; /* only these objects, by file name, path or object name */
	size_t only_count;
	bool replace;       /* of what runs already: new programs instead of those pinned, as lade_load_opts.replace */
	bool critical_only; /* leave out what is not critical (rescue) */
	enum lade_boot_owners owners;
	bool sysctls;        /* write the sysctls that the policy wants; else they are only compared */
	bool lock;           /* last: kernel.unprivileged_bpf_disabled=1 where it is 0 */
	unsigned timeout_ms; /* as lade_load_opts.timeout_ms, for each object; one of the policy's own comes before it */
	unsigned jobs;       /* 0: one for each CPU; 1: one object after another */
	lade_boot_log_fn *log;
	lade_boot_status_fn *status;
	void *userdata; /* of log and status */
};

/*
 * Boots. What becomes of single objects is in *ret_boot, which is also set when the code is negative:
 * -ECANCELED boot.critical: a critical object failed; -EIO boot.partly: others did. Anything else: the environment
 * (boot.bpffs, boot.policy …), nothing was loaded.
 *
 *     struct lade_boot_opts opts = { .size = sizeof opts, .android = "14", .root = "/mnt/image", .dry_run = true };
 *     int code = lade_boot_run(context, &opts, &boot, &error);
 */
LADE_API int lade_boot_run(struct lade_context *context, const struct lade_boot_opts *opts, struct lade_boot **ret_boot,
			   struct lade_error **error);
LADE_API struct lade_boot *lade_boot_free(struct lade_boot *boot);

struct lade_boot_info {
	size_t size;
	bool is_android;
	const char *android; /* version, or NULL */
	uint32_t loader_version;
	const char *build_type, *kernel, *machine;
	size_t loaded, unchanged, skipped, failed;
	bool critical;     /* a critical object failed */
	int android_value; /* what Android's loader would have exited with */
	uint64_t elapsed_ns;
};
LADE_API int lade_boot_describe(const struct lade_boot *boot, struct lade_boot_info *info);

enum lade_boot_outcome {
	LADE_BOOT_LOADED,
	LADE_BOOT_UNCHANGED, /* was loaded before, all of it */
	LADE_BOOT_SKIPPED,   /* on purpose: why is in its note */
	LADE_BOOT_FAILED,
	LADE_BOOT_PLANNED,   /* dry run: would be loaded */
	LADE_BOOT_NOT_TRIED, /* a critical object of an earlier location failed */
};
LADE_API const char *lade_boot_outcome_name(enum lade_boot_outcome outcome);

struct lade_boot_object_info {
	size_t size;
	const char *file;     /* as opened, root included */
	const char *name;     /* of the instance: `lade show NAME`; NULL: none */
	const char *location; /* directory */
	const char *critical; /* reason that the object gives; NULL: it is not critical */
	enum lade_boot_outcome outcome;
	int android_value; /* what Android's loadProg() would have returned: 0, -1, -2, -38 … */
	uint64_t elapsed_ns;
	const struct lade_error *error; /* why it failed; NULL: it did not */
	size_t note_count;
	const struct lade_finding *const *notes;
};
LADE_API size_t lade_boot_object_count(const struct lade_boot *boot);
LADE_API int lade_boot_object(const struct lade_boot *boot, size_t index, struct lade_boot_object_info *info);

enum lade_boot_part_kind { LADE_BOOT_MAP, LADE_BOOT_PROGRAM };

/* A map or program of an object of a boot. */
struct lade_boot_part_info {
	size_t size;
	enum lade_boot_part_kind kind;
	const char *name;
	const char *pin;                 /* absolute; NULL: it has none */
	uint32_t uid, gid;               /* as applied, after lade_boot_opts.owners */
	uint32_t mode;                   /* permission bits of the pin */
	uint32_t wanted_uid, wanted_gid; /* as the object or policy says */
	const char *skip;                /* why it is left out; NULL: it is not */
	bool reused;                     /* was there before */
	const char *held; /* attached, but the kernel cannot pin that attachment: its target. A service holds it. */
};
LADE_API size_t lade_boot_part_count(const struct lade_boot *boot, size_t object);
LADE_API int lade_boot_part(const struct lade_boot *boot, size_t object, size_t index,
			    struct lade_boot_part_info *info);

/* Findings of the boot as a whole: sysctls, rescue, what is not as Android wants it. */
LADE_API size_t lade_boot_note_count(const struct lade_boot *boot);
LADE_API const struct lade_finding *lade_boot_note(const struct lade_boot *boot, size_t index);

LADE_END_DECLS
#endif
