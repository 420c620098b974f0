/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests share that load an object of TEST_OBJECTS: a context, the object, its instance, and their end.
 * Whatever is expected to succeed and does not fails the test in the words of its error.
 *
 *     struct loaded loaded = loaded_open(NULL, "demo.bpf.o");
 *     loaded_load(&loaded, "demo");
 *     assert_int_equal(must_run(loaded.instance, "count"), 1);
 *     loaded_leave(&loaded);                 or assert_leaves_nothing(&loaded)
 *
 *     loaded = loaded_open(NULL, "wrong.bpf.o");
 *     assert_int_equal(loaded_fail(&loaded, NULL), -EINVAL);
 *     assert_string_equal(loaded.info.code, "plan.…");
 *     loaded_leave(&loaded);
 *
 * Tests with several objects or instances make the others with open_object() and must_load().
 */
#ifndef LADE_TESTS_LOADED_H
#define LADE_TESTS_LOADED_H

#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>

#include <lade/lade.h>

#include "harness/live.h"

struct fault;
struct kernel;
struct recorded_rejection;

/* ---- one object and its instance ---- */

struct loaded {
	struct lade_context *context;
	struct kernel *kernel; /* of loaded_recorded(); else NULL */
	struct lade_object *object;
	struct lade_instance *instance; /* NULL: none */
	struct lade_error *error;       /* of the load that failed */
	struct lade_finding_info info;  /* its first finding */
	struct live_before before;
};

/* A context with these options, NULL for none, and an object; see open_object(). */
struct loaded loaded_open(const struct lade_context_opts *opts, const char *file);

/* A context on a recorded kernel; no object yet. */
struct loaded loaded_recorded(const char *profile, const struct recorded_rejection *rejections, size_t count);

/* Pinned under this name; NULL: not pinned. */
void loaded_load(struct loaded *loaded, const char *name);

/* What the instance has is gone after this; the object may be loaded again. */
void loaded_unload(struct loaded *loaded);

/* The load must fail: its negative code; error and info are set. */
int loaded_fail(struct loaded *loaded, const struct lade_load_opts *opts);

/* Unloads the instance, if there is one, and frees all. */
void loaded_leave(struct loaded *loaded);

/* The same; fails the test when descriptors or pins below LIVE_BPFFS differ from what was before loaded_open(). */
#define assert_leaves_nothing(loaded) loaded_assert_leaves_nothing((loaded), __FILE__, __LINE__)
void loaded_assert_leaves_nothing(struct loaded *loaded, const char *file, int line);

/* Loads and unloads it, pinned as name; every program has its descriptor, nothing is left. How many programs it has. */
size_t assert_loads_and_leaves_nothing(const char *file, const char *name);

/* ---- the steps, one by one ---- */

struct lade_context *new_context(const struct lade_context_opts *opts);

/* The context's kernel becomes one that fails as told. */
struct kernel *use_faulty(struct lade_context *context, const struct fault *fault);

/* The context's kernel becomes a recorded one. */
struct kernel *use_recorded(struct lade_context *context, const char *profile,
			    const struct recorded_rejection *rejections, size_t count);

/* file: its name in TEST_OBJECTS, or a path from the root. */
struct lade_object *open_object(struct lade_context *context, const char *file);

/* Only this program of the object is loaded. */
struct lade_program *load_only(struct lade_object *object, const char *program);

struct lade_instance *must_load(struct lade_object *object, const char *name);
struct lade_instance *must_load_attached(struct lade_object *object, const char *name);

/* The first finding, of which there must be one. It is the error's. */
struct lade_finding_info finding_of(const struct lade_error *error);

/* ---- what the kernel has of it ---- */

/* What the program returns in a test run; without input, and for a packet of 64 zeros. */
uint32_t must_run(const struct lade_instance *instance, const char *program);
uint32_t must_run_packet(int program_fd);

/* What programs have counted at this place of their map counts, an array of 64 bits. */
uint64_t loaded_count(const struct loaded *loaded, uint32_t which);

struct bpf_prog_info program_info(int fd);
struct bpf_map_info map_info(int fd);

#endif
