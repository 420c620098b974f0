/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A target: a kernel that is not here, described by its version, by pieces of it, or by what `lade doctor --json` found
 * there. Reads files and asks no kernel.
 *
 *     struct lade_targets *targets = NULL;
 *     struct lade_target_opts opts = { .size = sizeof opts, .kernels = "4.19,5.10..6.12,lts" };
 *     if (lade_targets_open(context, &opts, &targets, &error) < 0)
 *             …
 *     for (size_t i = 0; i < lade_target_count(targets); i++)
 *             lade_check_object(object, lade_target(targets, i), NULL, &check, &error);   // check.h
 *     lade_targets_free(targets);
 */
#ifndef LADE_TARGET_H
#define LADE_TARGET_H

#include <lade/context.h>

LADE_BEGIN_DECLS

struct lade_targets;
struct lade_target;

struct lade_target_opts {
	size_t size;
	/*
	 * Words between commas, one or more targets each: a version ("4.19", "5.10.223"), a span ("5.10..6.12": every
	 * release of the mainline between), "lts" (the long-term releases), a kernel of Android ("android14-6.1";
	 * "android14": each of its kernels), or a file: a saved `lade doctor --json`, a kernel image (vmlinuz, vmlinux,
	 * Image, also packed), a package (.deb, .rpm). NULL: one target, of the pieces below alone.
	 */
	const char *kernels;
	/* Pieces of a kernel, added to every target of kernels, where they count more than what it has itself. The first
	 * three may be in a package or an image. NULL: none. */
	const char *btf;        /* its types: raw, ELF or packed */
	const char *config;     /* its configuration, plain or gzip */
	const char *system_map; /* its symbols: System.map or a copy of /proc/kallsyms */
	const char *events;     /* a copy of tracefs' events: DIR/CATEGORY/EVENT/format */
	const char *machine;    /* "x86_64", "aarch64" …; NULL: what the pieces say, else this machine's */
	unsigned cpus;          /* possible processors; 0: what is known, else not known */
};

/* target.word (-EINVAL: no such version or file), target.file, target.format …; -ENOMEM. The context is borrowed. */
LADE_API int lade_targets_open(struct lade_context *context, const struct lade_target_opts *opts,
			       struct lade_targets **ret_targets, struct lade_error **error);
LADE_API struct lade_targets *lade_targets_free(struct lade_targets *targets);
LADE_API size_t lade_target_count(const struct lade_targets *targets);
/* NULL past the end. Not for two threads at once: what is asked of it is remembered. */
LADE_API struct lade_target *lade_target(struct lade_targets *targets, size_t index);

struct lade_target_info {
	size_t size;
	const char *name;    /* "6.1", "android14-6.1", the file's name */
	const char *release; /* "6.1.0-18-amd64"; NULL: not known */
	const char *version; /* "6.1": the mainline release whose tables count; NULL: not known */
	const char *machine;
	bool has_types, has_config, has_symbols, has_events, has_probes; /* what of it is known beyond tables */
};
LADE_API int lade_target_describe(const struct lade_target *target, struct lade_target_info *info);
/* What is odd about its files: a list of symbols that is a stub, pieces of different kernels. Borrowed; NULL past the
 * end. */
LADE_API size_t lade_target_note_count(const struct lade_target *target);
LADE_API const struct lade_finding *lade_target_note(const struct lade_target *target, size_t index);
/*
 * What its configuration says of an option ("CONFIG_BPF_LSM"): "y", "m", another value; "n": it is not set; NULL: not
 * known. Borrowed: lives as long as the target.
 */
LADE_API const char *lade_target_option_value(struct lade_target *target, const char *option);

LADE_END_DECLS
#endif
