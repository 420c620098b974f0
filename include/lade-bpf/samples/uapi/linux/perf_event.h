/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/perf_event.h>
