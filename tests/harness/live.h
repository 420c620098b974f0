/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What live tests share. They must not touch the machine: live_enter() gives the process its own mounts
 * with an empty bpffs, so that a test sees only its own pins.
 *
 *     static int setup(void **state)
 *     {
 *             return live_enter() ? 0 : -1;   or skip() in each test
 *     }
 *
 *     struct live_before before = live_before("/sys/fs/bpf");
 *     … a load that fails …
 *     assert_nothing_left(&before);
 */
#ifndef LADE_TESTS_LIVE_H
#define LADE_TESTS_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_BPFFS   "/sys/fs/bpf"
#define LIVE_TRACEFS "/sys/kernel/tracing"

/*
 * A private mount namespace with a fresh bpffs at LIVE_BPFFS and tracefs at LIVE_TRACEFS. False when the
 * privilege for that or for bpf(2) is missing: then why is on stderr. Every call gives a fresh bpffs.
 */
bool live_enter(void);

/* Is there such a symbol in /proc/kallsyms? Says on stderr that there is none. */
bool kernel_has_symbol(const char *name);

/* Is there such a type among the kernel's own, of BTF_KIND_…? Says nothing. */
bool kernel_has_type(const char *name, uint32_t kind);

/* Has it types at all? Says on stderr that it has none. */
bool kernel_has_types(void);

/* Open descriptors of this process. */
size_t fd_count(void);

/*
 * Everything below path, sorted, one entry a line: "lade/", "lade/demo/maps/counts",
 * "lade/demo/journal/0001 -> object name=demo". Relative to path; to be freed; "" when path is empty or missing.
 */
char *pin_tree(const char *path);

/* What there was before: descriptors and pins below root. */
struct live_before {
	size_t fds;
	char *root, *pins;
};
struct live_before live_before(const char *root);

/* Fails the test when descriptors or pins differ from before. Frees what `before` holds. */
#define assert_nothing_left(before) live_assert_nothing_left((before), __FILE__, __LINE__)
void live_assert_nothing_left(struct live_before *before, const char *file, int line);

/* Removes a tree of an ordinary directory or of a bpffs (the recorded kernel's, a leftover). */
void live_remove_tree(const char *path);

#endif
