/* SPDX-License-Identifier: BSD-2-Clause */
#define VERSION 1
#include "rep_common.h"
