/* SPDX-License-Identifier: BSD-2-Clause */
/* The published error cases by id, and how each is reproduced; published.c and published_live.c hold the cases. */
#ifndef LADE_TESTS_PUBLISHED_H
#define LADE_TESTS_PUBLISHED_H

static const struct published {
	const char *id, *kind;
	const char *how;    /* in words */
	const char *source; /* the test that does it, below tests/ */
	const char *word;   /* what stands there */
} published[] = {
	{ "S2.1", "refusal", "live: a write below the stack, two functions that need 600 bytes; clang's own message",
	  "explain/published_live.c", "\"S2.1\"" },
	{ "S2.2", "refusal", "live: the function is in no kernel since 5.9; the machines with kprobes say so",
	  "explain/published_live.c", "\"S2.2\"" },
	{ "S2.3a", "refusal",
	  "the recorded 4.19 refuses a structure with bit fields, and the object loads all the same",
	  "explain/published_live.c", "\"S2.3a\"" },
	{ "S2.3b", "refusal", "live: an empty file system lies over /sys/kernel/btf", "explain/published_live.c",
	  "\"S2.3b\"" },
	{ "S2.3c", "page", "the words of the shell", "explain/published.c", "\"S2.3c\"" },
	{ "S2.4", "lint", "a note when a program that reads the stack pointer is attached to a function of Go",
	  "attach/user.c", "attach.uprobe.go-registers" },
	{ "S2.5a", "refusal", "a recorded kernel before 5.3; the words of one", "explain/published_live.c",
	  "\"S2.5a\"" },
	{ "S2.5b", "refusal", "live: a loop as long as somebody outside wishes", "explain/published_live.c",
	  "\"S2.5b\"" },
	{ "S2.5c", "page", "lade explain of the helpers' names", "explain/published.c", "\"S2.5c\"" },
	{ "S2.6", "page", "clang's warning", "explain/published.c", "\"S2.6\"" },
	{ "S2.7", "refusal", "the recorded 4.19 knows no values of maps", "explain/published_live.c", "\"S2.7\"" },
	{ "S2.8", "refusal", "live: without CAP_PERFMON", "explain/published_live.c", "\"S2.8\"" },
	{ "S2.9", "refusal", "live", "explain/published_live.c", "\"S2.9\"" },
	{ "S2.10", "refusal", "the words that a library left of the log; live: the program of S2.9",
	  "explain/published.c", "\"S2.10\"" },
	{ "S2.11", "refusal", "live", "explain/published_live.c", "\"S2.11\"" },
	{ "S2.12", "refusal", "as S2.7; live: a helper for programs under the GPL", "explain/published_live.c",
	  "\"S2.12\"" },
	{ "S2.13", "page", "the words of bpftool", "explain/published.c", "\"S2.13\"" },
	{ "S2.14", "page", "the words of the program", "explain/published.c", "\"S2.14\"" },
	{ "S2.15", "lint", "lade explain of the helper's name: since when; the words of the program",
	  "explain/published.c", "\"S2.15\"" },
	{ "S2.16", "refusal", "live: two million rounds; the words of bcc", "explain/published_live.c", "\"S2.16\"" },
	{ "S2.17", "refusal", "live: refused by 6.1, taken since", "explain/published_live.c", "\"S2.17\"" },
	{ "S2.18", "refusal", "live", "explain/published_live.c", "\"S2.18\"" },
	{ "S2.19", "refusal", "live", "explain/published_live.c", "\"S2.19\"" },
	{ "S2.20", "refusal", "the recorded 4.19; live before 5.11", "explain/published_live.c", "\"S2.20\"" },
	{ "S2.21", "page", "the words of the program", "explain/published.c", "\"S2.21\"" },
	{ "S2.22", "refusal", "live", "explain/published_live.c", "\"S2.22\"" },
	{ "S0.1", "refusal", "live: a filter answers ENOSYS; Android's words", "explain/published_live.c", "\"S0.1\"" },
	{ "S0.2", "refusal", "live: nothing is mounted; Android's words", "explain/published_live.c", "\"S0.2\"" },
	{ "S0.3", "page", "SELinux's words", "explain/published.c", "\"S0.3\"" },
	{ "S1.1", "refusal", "critical and optional objects of the boot", "cli/boot.py", "critical" },
	{ "S1.2", "refusal", "the words of the service that looks for the pin", "explain/published.c", "\"S1.2\"" },
	{ "S1.3", "refusal", "live: another license; Android's words", "explain/published_live.c", "\"S1.3\"" },
	{ "S1.4", "lint", "clang's message", "explain/published.c", "\"S1.4\"" },
	{ "S1.5", "page", "the kernel's words", "explain/published.c", "\"S1.5\"" },
	{ "S3.1", "refusal", "an object with a longer record", "explain/published_live.c", "\"S3.1\"" },
	{ "S3.2", "refusal", "the recorded 4.19 wants the true version, and gets it", "explain/published_live.c",
	  "\"S3.2\"" },
	{ "S3.3", "refusal", "live: an event of another name", "explain/published_live.c", "\"S3.3\"" },
	{ "S4.1", "lint", "clang's own message, and the older wordings", "explain/published.c", "\"S4.1\"" },
	{ "S4.2", "lint", "Lade takes symbols of every type; tc's words", "explain/published_live.c", "\"S4.2\"" },
	{ "S4.3", "refusal", "tc's words (attach/tc.c, tests/vm/network.py: what Lade says of such kernels)",
	  "explain/published.c", "\"S4.3\"" },
};

#endif
