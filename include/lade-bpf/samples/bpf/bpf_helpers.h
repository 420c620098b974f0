/* SPDX-License-Identifier: BSD-2-Clause */
#include "../bpf_helpers.h"
