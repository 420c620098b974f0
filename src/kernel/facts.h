/* SPDX-License-Identifier: BSD-2-Clause */
/* The pure halves of facts.c, so that tests can feed them text of machines that are not here. */
#ifndef LADE_KERNEL_FACTS_H
#define LADE_KERNEL_FACTS_H

#include <stdint.h>

/* CPUs in a list such as "0-3,8"; 0 when it is none. */
unsigned lade_cpu_list_count(const char *list);
/* KERNEL_VERSION of "6.1.192-amd64"; 0 when it is none. A sublevel above 255 counts as 255. */
uint32_t lade_version_parse(const char *text);
/* From the texts of /proc/version_signature (NULL: no such file), uname -v and uname -r. */
uint32_t lade_version_choose(const char *signature, const char *build, const char *release);

#endif
