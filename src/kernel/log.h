/* SPDX-License-Identifier: BSD-2-Clause */
/* One line a system call, for lade -v. */
#ifndef LADE_KERNEL_LOG_H
#define LADE_KERNEL_LOG_H

#include "kernel/kernel.h"

/* "BPF_MAP_CREATE type=array … = 5" */
void lade_kernel_log_bpf(const struct log_sink *sink, int command, const void *attr, int result);
/* "mkdir /sys/fs/bpf/lade = -17 (EEXIST)" */
void lade_kernel_log_call(const struct log_sink *sink, int result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
