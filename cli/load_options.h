/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that load and run share: how an object is read, edited and loaded. */
#ifndef LADE_CLI_LOAD_OPTIONS_H
#define LADE_CLI_LOAD_OPTIONS_H

#include "cli.h"

/* Rows of a verb's option table. */
#define OBJECT_OPTIONS                                                                                                   \
	{ 0, "prog", "P", "load only this program (function or section name) and its tail calls; may be repeated" },   \
		{ 0, "type", "[PROG=]TYPE", "program type, where the section does not give it: xdp, sched_cls …" },    \
		{ 0, "target", "PROG=PIN|ID|PROG|IFACE|FUNCTION",                                                      \
		  "verify against this: a program (freplace, fentry; also of the object), a device (XDP) or a "        \
		  "function; may be repeated" },                                                                       \
		{ 0, "dialect", "D", "read the object as this dialect: btf, samples, iproute2, android-e …" },         \
		{ 0, "loader-version", "N", "Android: load as bpfloader N would (46; 3700 for layout E)" },            \
		{ 0, "build-type", "T", "Android: load as on an eng, user or userdebug build" },                       \
		{ 0, "pin-names", "FILE",                                                                              \
		  "directories of custom pins of an iproute2 object; default: /etc/iproute2/bpf_pinning" },            \
		{ 0, "set", "VAR=VALUE", "initial value of a global variable, read by its type; may be repeated" },    \
		{ 0, "map", "NAME[=PIN]",                                                                              \
		  "use the map pinned at PIN instead of creating NAME; without PIN: create this table of "             \
		  "SEC(\"?.struct_ops\"); may be repeated" },                                                          \
		{ 0, "max-entries", "MAP=N", "entries of a map; may be repeated" }

#define EDIT_OPTIONS                                                                                                   \
	OBJECT_OPTIONS,                                                                                                \
		{ 0, "jobs", "N", "threads that verify programs; default: one per CPU" },                              \
	{                                                                                                              \
		0, "verifier-log", "LEVEL[:FILE]",                                                                     \
			"ask the verifier for its log (1, 2; 4: statistics), to FILE or stderr"                        \
	}

#define TOKEN_OPTION                                                                                                   \
	{                                                                                                              \
		0, "token", "BPFFS", "make a BPF token from this bpffs, which delegates to our user namespace"         \
	}

#define CONFIG_OPTION                                                                                                  \
	{                                                                                                              \
		0, "config", "FILE",                                                                                   \
			"the kernel's configuration for __kconfig variables, plain or gzip; default: the running "     \
			"one's"                                                                                        \
	}

#define BTF_OPTION                                                                                                     \
	{                                                                                                              \
		0, "btf", "FILE|DIR",                                                                                  \
			"kernel types to relocate against (CO-RE): BTF, vmlinux or a directory of BTF by release"      \
	}

#define ATTACH_OPTION                                                                                                    \
	{                                                                                                                \
		0, "attach", "[[PROG=]TARGET]",                                                                          \
			"attach: to what the sections name, or to TARGET (file:PATH:SYMBOL, pid:N, dev:IF …); may be " \
			"repeated",                                                                                      \
			cli_is_attach_target                                                                             \
	}

/* load_replace.c: --replace and its choices; -1 to go on, else the exit code. *ret_choices is to be freed. */
int load_replace_read(struct cli *cli, struct lade_load_opts *opts, struct lade_map_choice **ret_choices);
bool cli_takes_nothing(const char *word);

bool cli_is_attach_target(const char *word);

struct load_options {
	struct lade_open_opts open;
	struct lade_load_opts load;
	struct lade_attach_request *requests; /* what load.attach_requests points to */
	char **names;                         /* program names of requests, owned */
	const char *log_file;                 /* of --verifier-log; NULL: stderr */
};

/* Reads the options; -1 to go on, else the exit code. Free with load_options_clear() in both cases. */
int load_options_read(struct cli *cli, struct load_options *options);
void load_options_clear(struct load_options *options);

/* Opens the object and edits it as the options say. -1 to go on, else the exit code; *ret_error for failures. */
int load_options_open(struct cli *cli, const struct load_options *options, const char *path,
		      struct lade_object **ret_object, struct lade_error **ret_error);

/* Logs of accepted programs, to where --verifier-log says. -1 to go on, else the exit code. */
int load_options_write_logs(struct cli *cli, const struct load_options *options, const struct lade_instance *instance);
/* The same for what the verifier rejected. */
int load_options_write_rejected(struct cli *cli, const struct load_options *options, const struct lade_error *error);

#endif
