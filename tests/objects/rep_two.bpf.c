/* SPDX-License-Identifier: BSD-2-Clause */
#define VERSION 2
#include "rep_common.h"
