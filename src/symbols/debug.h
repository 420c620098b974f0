/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the symbols of a stripped file went. */
#ifndef LADE_SYMBOLS_DEBUG_H
#define LADE_SYMBOLS_DEBUG_H

#include "symbols/binary.h"

/*
 * The separate file with the symbols: by build id below /usr/lib/debug, then by .gnu_debuglink beside the file, in its
 * .debug and below /usr/lib/debug. A path in another process's root (/proc/PID/root/…) is looked for there first. A
 * file with another build id, or without one and with another checksum, is none. 0, -ENOENT, -ENOMEM.
 */
int lade_debug_file(struct lade_binary *binary, struct lade_binary **ret_debug);

/* .gnu_debugdata, unpacked. 0; -ENOENT: there is none, or it is damaged (then it is among the damages); -ENOMEM. */
int lade_debug_data(struct lade_binary *binary, struct lade_binary **ret_debug);

/* Says which files would hold the symbols, and how to get them. */
void lade_debug_hint(struct lade_binary *binary, struct lade_finding *finding);

#endif
