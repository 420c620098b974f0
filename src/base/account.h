/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users and groups of a machine, from its files: a statically linked command cannot ask the name services, and an
 * image that is looked at from outside has none.
 */
#ifndef LADE_BASE_ACCOUNT_H
#define LADE_BASE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum account_kind { ACCOUNT_USER, ACCOUNT_GROUP };

/* etc: directory of passwd and group; NULL: /etc. False: no such account. */
bool lade_account_number(const char *etc, enum account_kind kind, const char *name, uint32_t *ret_number);
/* The name, or the number in digits; returns buffer. */
const char *lade_account_name(enum account_kind kind, uint32_t number, char *buffer, size_t size);

#endif
