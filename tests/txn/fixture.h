/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of this room share: a context on a fresh bpffs, and one load to try everything on. */
#ifndef LADE_TESTS_TXN_FIXTURE_H
#define LADE_TESTS_TXN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/live.h"
#include "kernel/bpf.h"
#include "kernel/fault.h"
#include "txn/internal.h"
#include <lade/state.h>

static inline struct lade_context *fixture_context(const char *bpffs)
{
	struct lade_context *context = NULL;
	const struct lade_context_opts opts = { .size = sizeof opts, .bpffs = bpffs };
	assert_int_equal(lade_context_new(&opts, &context, NULL), 0);
	return context;
}

static inline struct kernel *fixture_kernel(struct lade_context *context)
{
	struct kernel *kernel = NULL;
	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	return kernel;
}

static inline int fixture_map(struct kernel *kernel)
{
	struct attr_map_create attr = { BPF_MAP_TYPE_ARRAY, 4, 8, 2 };
	return lade_bpf_map_create(kernel, &attr);
}

static inline uint32_t fixture_map_id(struct kernel *kernel, int fd)
{
	struct bpf_map_info info;
	assert_true(lade_bpf_map_info(kernel, fd, &info) >= 0);
	return info.id;
}

static inline struct txn *fixture_begin(struct lade_context *context, const char *name)
{
	struct txn *txn = NULL;
	const struct txn_options options = { .name = name, .named = true, .file = "demo.o" };
	if (lade_txn_begin(context, &options, &txn, NULL) < 0)
		return NULL;
	return txn;
}

/* The first finding must have this code. */
static inline void assert_code(struct lade_error *error, const char *code)
{
	struct lade_finding_info info = { .size = sizeof info };
	assert_true(lade_error_finding_count(error) > 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
}

/* Pins the map at path, or uses the one that is pinned there. */
static inline int fixture_share(struct txn *txn, struct kernel *kernel, int map, const char *path,
				struct lade_error **error)
{
	int result = lade_txn_pin_shared(txn, map, fixture_map_id(kernel, map), "calls", path, error);
	if (result != -EEXIST || lade_error_finding_count(error ? *error : NULL))
		return result;
	CLEANUP(cleanup_fd) int pinned = lade_bpf_obj_get(kernel, path);
	return pinned < 0 ? result : lade_txn_use_shared(txn, fixture_map_id(kernel, pinned), "calls", path, error);
}

/*
 * A load as load/ does it: a map of its own, one with a hostile name, one shared below directories that are
 * not there, a program-less link directory. 0 or the first failure, everything undone.
 */
static inline int fixture_load(struct lade_context *context, const char *name, struct lade_error **error)
{
	struct kernel *kernel = fixture_kernel(context);
	const struct txn_options options = { .name = name, .named = true, .file = "demo.o" };
	CLEANUP(cleanup_fd) int map = fixture_map(kernel);
	if (map < 0)
		return map;
	CLEANUP(cleanup_free) char *shared = lade_path("%s/tc/globals/calls", context->bpffs);
	CLEANUP(cleanup_txn) struct txn *txn = NULL;
	int result = lade_txn_begin(context, &options, &txn, error);
	if (result >= 0)
		result = lade_txn_pin(txn, TXN_PIN_MAP, map, "counts", NULL, NULL, error);
	if (result >= 0)
		result = lade_txn_pin(txn, TXN_PIN_MAP, map, ".rodata", NULL, NULL, error);
	if (result >= 0)
		result = fixture_share(txn, kernel, map, shared, error);
	if (result >= 0)
		result = lade_txn_pin(txn, TXN_PIN_LINK, map, NULL, "prog", "sched/x", error);
	if (result >= 0)
		result = lade_txn_commit(txn, error);
	return result;
}

#endif
