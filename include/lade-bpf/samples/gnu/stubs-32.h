/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Empty: where the directory of the host's C library is searched as well, it takes BPF for a processor of 32 bits and
 * asks for what only a second C library would bring.
 */
