# SPDX-License-Identifier: BSD-2-Clause
"""The records that each Android's loader reads, put together from their description and from no header."""
import struct

NUMBERS = {"HASH": 1, "ARRAY": 2, "PERCPU_HASH": 5, "PERCPU_ARRAY": 6, "SK_STORAGE": 24, "DEVMAP_HASH": 25,
           "RINGBUF": 27}
EVER = 0xFFFFFFFF
ALL_LOADERS = 0x10000
MAP_BYTES = {10: 28, 11: 32, 12: 48, 13: 116, 14: 120, 15: 120}
PROG_BYTES = {11: 20, 12: 28, 13: 92, 14: 92, 15: 92}
MIN_LOADER = {10: 0, 11: 0, 12: 0, 13: 0, 14: 37, 15: 41}


def kver(layout, a, b, c=0):
    return (a << 16) + (b << 8) + c if layout <= 11 else (a << 24) + (b << 16) + c


def strings(context, subdir):
    return struct.pack("<32s32s", context.encode(), subdir.encode())


def map_record(layout, kind, key, value, entries, *, uid=0, gid=0, mode=0o600, flags=0, min_loader=None,
               max_loader=ALL_LOADERS, min_kver=0, max_kver=EVER, context="", subdir="", shared=0, ignore=0):
    min_loader = MIN_LOADER[layout] if min_loader is None else min_loader
    record = struct.pack("<5I", NUMBERS[kind], key, value, entries, flags)
    if layout == 10:
        return record + bytes(8)
    record += struct.pack("<3I", 0 if layout >= 14 else uid, gid, mode)
    if layout >= 12:
        record += struct.pack("<4I", min_loader, max_loader, min_kver, max_kver)
    if layout >= 13:
        record += strings(context, subdir) + struct.pack("<BBxx", shared, ignore)
    if layout >= 14:
        record += struct.pack("<I", uid)
    assert len(record) == MAP_BYTES[layout]
    return record


def prog_record(layout, *, uid=0, gid=0, min_kver=0, max_kver=EVER, optional=0, min_loader=None,
                max_loader=ALL_LOADERS, context="", subdir="", ignore=0):
    min_loader = MIN_LOADER[layout] if min_loader is None else min_loader
    record = struct.pack("<4IBBxx", uid, gid, min_kver, max_kver, optional, ignore)
    if layout >= 12:
        record += struct.pack("<2I", min_loader, max_loader)
    if layout >= 13:
        record += strings(context, subdir)
    assert len(record) == PROG_BYTES[layout]
    return record
