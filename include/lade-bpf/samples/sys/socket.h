/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../android/sys/socket.h"
