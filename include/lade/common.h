/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conventions that every public header of liblade shares.
 *
 * - Functions return 0 (or a non-negative count) on success and a negative errno on failure.
 * - Results come through parameters named ret_…: set on success, untouched on failure.
 * - Every …_free() and …_close() takes NULL and returns NULL.
 * - An options struct starts with its own size. NULL means defaults. A struct that is longer than
 *   the library's own is accepted while the unknown tail is zero, else the call returns -E2BIG.
 * - An info struct is filled by the library: the caller sets .size, the library writes at most
 *   that many bytes. Strings in it are borrowed and live until the described thing changes.
 */
#ifndef LADE_COMMON_H
#define LADE_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LADE_BEGIN_DECLS extern "C" {
#define LADE_END_DECLS }
#else
#define LADE_BEGIN_DECLS
#define LADE_END_DECLS
#endif

#define LADE_API __attribute__((visibility("default")))

#endif
