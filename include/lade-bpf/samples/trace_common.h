/* SPDX-License-Identifier: BSD-2-Clause */
/* SYSCALL(sys_open): the name of a system call's function since kernel 4.17, "__x64_sys_open" or the like. */
#ifndef LADE_BPF_SAMPLES_TRACE_COMMON_H
#define LADE_BPF_SAMPLES_TRACE_COMMON_H

#include "bpf_helpers.h"

#if defined(__TARGET_ARCH_x86)
#define SYSCALL(name) "__x64_" __stringify(name)
#elif defined(__TARGET_ARCH_arm64)
#define SYSCALL(name) "__arm64_" __stringify(name)
#elif defined(__TARGET_ARCH_s390)
#define SYSCALL(name) "__s390x_" __stringify(name)
#else
#define SYSCALL(name) __stringify(name)
#endif

#endif
