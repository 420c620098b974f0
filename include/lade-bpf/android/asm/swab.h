/* SPDX-License-Identifier: BSD-2-Clause */
/* How bytes are swapped: the compiler knows. */
