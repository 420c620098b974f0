# SPDX-License-Identifier: BSD-2-Clause
"""What tests could leave behind: BPF objects in the kernel, and processes."""
import ctypes
import os
import platform
import re
import struct
import time

BPF = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
NEXT_ID = {"program": 11, "map": 12, "link": 31}  # BPF_PROG_GET_NEXT_ID …
FDINFO = re.compile(r"^(prog|map|link)_id:\s*(\d+)", re.MULTILINE)
LOOKUP_ELEM, MAP_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD = 1, 14, 15
PROG_ARRAY = 3
KINDS = {"prog": "program", "map": "map", "link": "link"}
libc = ctypes.CDLL(None, use_errno=True)


def next_id(kind, last):
    attr = (ctypes.c_uint32 * 32)(last)
    if BPF is None or libc.syscall(BPF, NEXT_ID[kind], ctypes.byref(attr), 12) < 0:
        return None
    return attr[1]


def objects():
    """(kind, id) of every BPF object of the machine; empty without privilege."""
    found = set()
    for kind in NEXT_ID:
        number = next_id(kind, 0)
        while number is not None:
            found.add((kind, number))
            number = next_id(kind, number)
    return found


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read().decode(errors="replace")
    except OSError:
        return ""


def processes():
    return [name for name in os.listdir("/proc") if name.isdigit()]


def with_token(token):
    """Processes that were started by the test which carries this token."""
    mark = f"LADE_TEST={token}\0"
    return [f"{pid} {read(f'/proc/{pid}/comm').strip()}" for pid in processes()
            if mark in read(f"/proc/{pid}/environ")]


def held():
    """Objects that some living process has open: not ours, for our processes are gone."""
    found = set()
    for pid in processes():
        try:
            descriptors = os.listdir(f"/proc/{pid}/fdinfo")
        except OSError:
            continue
        for fd in descriptors:
            for kind, number in FDINFO.findall(read(f"/proc/{pid}/fdinfo/{fd}")):
                found.add((KINDS[kind], int(number)))
    return found


def bpf(command, *attributes):
    attr = ctypes.create_string_buffer(b"".join(attributes).ljust(128, b"\0"))
    return libc.syscall(BPF, command, attr, 128)


def is_empty_prog_array(number):
    fd = bpf(MAP_GET_FD_BY_ID, struct.pack("<I", number))
    if fd < 0:
        return False
    try:
        info = ctypes.create_string_buffer(128)
        bpf(OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", fd, 128, ctypes.addressof(info)))
        kind, _, _, _, entries = struct.unpack_from("<5I", info.raw)
        return kind == PROG_ARRAY and not any(has_slot(fd, slot) for slot in range(entries))
    finally:
        os.close(fd)


def has_slot(fd, slot):
    key, value = ctypes.c_uint32(slot), ctypes.c_uint32()
    where = struct.pack("<IxxxxQQ", fd, ctypes.addressof(key), ctypes.addressof(value))
    return bpf(LOOKUP_ELEM, where) == 0


def without_miscounted(left):
    """Drops empty prog arrays where no program stays: the kernel miscounts them.

    prog_array_map_clear() takes a reference each time the last user leaves and hands it to a worker; a
    second leaving before the worker has run (a reader by id, at that very moment) queues no second worker,
    and that reference is never dropped. Nothing in user space keeps such a map, nothing there can free it.
    """
    if any(kind == "program" for kind, _ in left):
        return left
    return {(kind, number) for kind, number in left if kind != "map" or not is_empty_prog_array(number)}


def left_since(before, patience=5.0):
    """Objects that are new, that nobody holds, and that stay: the kernel frees late, after grace periods."""
    end = time.monotonic() + patience
    while True:
        new = objects() - before
        if new:
            new -= held()
        if not new or time.monotonic() > end:
            return sorted(without_miscounted(new))
        time.sleep(0.1)
