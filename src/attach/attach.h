/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching a loaded program. One file per family of methods, chosen by the table in attach.c: program
 * type and section row on one side, target kind on the other.
 */
#ifndef LADE_ATTACH_ATTACH_H
#define LADE_ATTACH_ATTACH_H

#include "kernel/context.h"
#include "object/sections.h"
#include "txn/effect.h"

enum target_kind {
	TARGET_NONE, /* nothing given: what the section names */
	TARGET_DEVICE,
	TARGET_CGROUP,
	TARGET_FILE,
	TARGET_PID,
	TARGET_PROGRAM,
	TARGET_NETNS,
	TARGET_MAP,
	TARGET_SOCKET,     /* pid, descriptor */
	TARGET_LIRC,
	TARGET_ROUTE,      /* name: prefix */
	TARGET_NETFILTER,  /* name: "ipv4:prerouting" */
	TARGET_FUNCTION,   /* of the kernel */
	TARGET_TRACEPOINT, /* name: "CATEGORY/EVENT", or the event alone */
};

/* "dev:lo", "file:/bin/sh:main+4", "pid:12" taken apart. Syntax: CONTRACT.md, Command line. */
struct attach_target {
	enum target_kind kind;
	char *text;             /* as given; NULL: TARGET_NONE */
	char *name;             /* interface, path, pin or id */
	char *symbol;           /* file: */
	uint64_t offset;        /* file: */
	pid_t pid;              /* pid:, socket: */
	int descriptor;         /* socket: */
	struct strings options; /* "ingress", "prio=1" …; of cgroup: and map: at most the word for a hook */
};
int lade_target_parse(const char *text, struct attach_target *ret_target, struct lade_error **error);
void lade_target_clear(struct attach_target *target);

/* A map of the same object; fd -1: not created. */
struct attach_map {
	const char *name;
	int fd;
};
struct attach_maps {
	struct attach_map *items;
	size_t count, capacity;
};

struct cpu_list; /* cpu_list.h */

/* What is attached. */
struct attach_program {
	const char *name;
	const char *section;
	int fd;
	uint32_t type;
	uint32_t expected_attach_type; /* as loaded; 0: none */
	const struct section_row *row; /* may be NULL */
	const char *attach_target;     /* from the section, may be NULL */
	struct attach_maps maps;       /* of its object, for map:NAME; borrowed */
	const struct lade_btf *btf;    /* the object's; NULL: none */
	struct findings *notes;        /* takes warnings; NULL: nobody wants them */
	const struct cpu_list *held;   /* CPUs whose events it has already (perf_event); NULL: none. Borrowed. */
};

/* One attachment: a bpf_link, or a descriptor that holds it. */
struct attachment {
	const char *method; /* static: "tracepoint" … */
	char *target;       /* "sched/sched_process_exec", "cpu 0", "lo" */
	char *request;      /* what the user gave as target; NULL: nothing, what the section names */
	int fd;             /* closing it detaches, unless the link is pinned */
	int event_fd;       /* perf event under the link, or -1: may be closed once the link exists */
	bool is_link;       /* a bpf_link: can be pinned */
	/*
	 * What no descriptor holds is journalled as an effect of the transaction (txn/effect.h): closing the attachment
	 * undoes it. NULL: there is none, or it stays (the instance is pinned).
	 */
	struct txn *txn;
	unsigned effect;
};
struct attachments {
	struct attachment *items;
	size_t count, capacity;
};

/* Does the section alone say where the program goes? (For `--attach` without a target.) */
bool lade_attach_is_automatic(const struct attach_program *program);

/* Would this kind of target do for this program? (For `--attach TARGET` without a program.) */
bool lade_attach_fits(const struct attach_program *program, const struct attach_target *target);

/*
 * Attaches, journalling in txn what no descriptor holds; appends one or more attachments (a perf_event program: one per
 * CPU). On failure none of them stays. Findings: attach.no-target (exit 6), attach.unsupported, attach.target-kind,
 * attach.tracepoint.missing (with near matches), attach.uprobe.*, attach.refused (the kernel's errno with its causes) …
 */
int lade_attach(struct lade_context *context, struct txn *txn, const struct attach_program *program,
		const struct attach_target *target, struct attachments *attachments, struct lade_error **error);
/*
 * Puts a table of kernel operations to work: table->fd is its map, table->attach_target what the attachment is called.
 * by_link: the map was created with BPF_F_LINK; value NULL: it was written before. Findings: attach.struct-ops.refused, attach.exists …
 */
int lade_attach_struct_ops(struct lade_context *context, struct txn *txn, const struct attach_program *table,
			   const void *value, bool by_link, struct attachments *attachments, struct lade_error **error);
void lade_attachment_close(struct attachment *attachment);
void lade_attachments_clear(struct attachments *attachments);

#endif
