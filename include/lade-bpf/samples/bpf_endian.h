/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of packets in the processor's byte order, and back: libbpf's header has the same names. */
#include <bpf/bpf_endian.h>
