/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of user-space probes share: places in files, and how programs get there. */
#ifndef LADE_ATTACH_UPROBE_H
#define LADE_ATTACH_UPROBE_H

#include "attach/method.h"
#include "symbols/binary.h"

/* Where to, as the target or the section says it: nothing is looked up yet. */
struct uprobe_request {
	char *path;   /* as given, then as found */
	char *symbol; /* function, pattern, number, or (of USDT) NULL */
	uint64_t addend;
	char *provider, *probe; /* of USDT */
	/* options of a target: */
	pid_t pid;        /* only this process; 0: any */
	uint64_t ref_ctr; /* offset in the file of a counter that the kernel increments meanwhile; 0: none */
	uint64_t cookie;  /* what bpf_get_attach_cookie() gives */
	char *text;       /* for messages and lists: a target with the path as found */
};
/*
 * Reads target, section and options; finds the file. Findings: attach.uprobe.no-symbol, attach.uprobe.file,
 * attach.usdt.name.
 */
int lade_uprobe_request(struct attach_call *call, bool is_usdt, struct uprobe_request *ret_request);
void lade_uprobe_request_clear(struct uprobe_request *request);

/* One place in a file. */
struct uprobe_place {
	uint64_t offset, ref_ctr, cookie;
};

/* By one event of perf, or a tracing event: one attachment. */
int lade_uprobe_attach_one(struct attach_call *call, const struct uprobe_request *request,
			   const struct uprobe_place *place);
/*
 * To all places at once by one link, for which the program was loaded (BPF_TRACE_UPROBE_MULTI or _SESSION), where the
 * kernel has such links (since 6.6, sessions since 6.13); else by one event each.
 */
int lade_uprobe_attach_all(struct attach_call *call, const struct uprobe_request *request,
			   const struct uprobe_place *places, size_t count);

/* File offset of a function, or the number that stands for one. Findings: attach.uprobe.symbol … */
int lade_uprobe_offset(struct attach_call *call, const struct uprobe_request *request, uint64_t *ret_offset);

/* uprobe_go.c: notes about what Go's compiler does with arguments and stacks. Nothing for other programs. */
void lade_uprobe_note_go(struct attach_call *call, const char *path);

/* usdt_spec.c: what the program's own code (usdt.bpf.h) looks up. */
struct usdt_arguments;
/*
 * The number of an entry of the map of specifications that says how to get at these arguments: one that says so
 * already, else a free one, which is written. Findings: attach.usdt.maps, attach.usdt.full.
 */
int lade_usdt_specification(struct attach_call *call, const struct usdt_arguments *arguments, uint64_t cookie,
			    uint32_t *ret_number);
/* Where there are no cookies the program finds the number by the address of the probe in the process. */
int lade_usdt_write_address(struct attach_call *call, uint64_t address, uint32_t number);

#endif
