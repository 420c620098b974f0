/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a pin could not be opened. */
#ifndef LADE_KERNEL_PIN_ACCESS_H
#define LADE_KERNEL_PIN_ACCESS_H

#include <stdint.h>

#include "base/error.h"

/*
 * After EACCES: whose the pin is and what its mode, or those of the directory that lets nobody like us through; who
 * asks; cause and fix. flags: BPF_F_RDONLY, BPF_F_WRONLY, or 0 for both.
 */
void lade_pin_explain_access(struct lade_finding *finding, const char *path, uint32_t flags);

#endif
