#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""seed_target.py DIRECTORY: small files that describe a kernel, one of each kind, to begin with."""
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile

BANNER = b"\0" * 64 + b"Linux version 6.1.55 (somebody@somewhere) #1 SMP" + b"\0" * 64
CONFIG = b"# Linux/x86 6.1.55 Kernel Configuration\nCONFIG_HZ=250\n# CONFIG_BPF_LSM is not set\n"
SYMBOLS = b"ffffffff81000000 T vfs_read\nffffffff81000010 t do_it.isra.0\n"
REPORT = (b'{"facts":[{"section":"kernel","name":"release","state":"given","value":"6.1.0"},{"section":"helpers",'
          b'"name":"bpf_loop","state":"given","value":"xdp"}],"config":{"CONFIG_HZ":"250"}}')


def btf():
    names = b"\0bpf_map_type\0BPF_MAP_TYPE_UNSPEC\0BPF_MAP_TYPE_HASH\0" + b"pad\0" * 1100
    types = struct.pack("<7I", 1, 6 << 24 | 2, 4, 14, 0, 34, 1)
    return struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(names)) + types + names


def raw():
    return BANNER + b"IKCFG_ST" + gzip.compress(CONFIG) + b"IKCFG_ED" + b"\0" * 64 + btf()


def bzimage(packed):
    head = bytearray(0x260)
    head[0x1f1] = 1
    head[0x202:0x208] = b"HdrS\x0f\x02"
    struct.pack_into("<II", head, 0x248, 0, len(packed))
    return bytes(head).ljust(1024, b"\0") + packed


def deb(pack, suffix):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in (("./boot/config-6.1.55", CONFIG), ("./boot/System.map-6.1.55", SYMBOLS),
                              ("./lib/modules/6.1.55/vmlinux", raw())):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    data = pack(tar.getvalue())
    return b"!<arch>\n" + f"data.tar{suffix}".ljust(16).encode() + b"0".ljust(12) + b"0".ljust(6) * 2 + b"100644".ljust(
        8) + str(len(data)).ljust(10).encode() + b"`\n" + data


def rpm():
    def entry(name, content):
        fields = [1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name + b"\0"
        return head.ljust((len(head) + 3) // 4 * 4, b"\0") + content.ljust((len(content) + 3) // 4 * 4, b"\0")
    header = b"\x8e\xad\xe8\x01" + b"\0" * 12
    return b"\xed\xab\xee\xdb".ljust(96, b"\0") + header + header + entry(b"./lib/modules/6.1.55/config", CONFIG) + entry(
        b"TRAILER!!!", b"")


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    seeds = {"raw": raw(), "gz": gzip.compress(raw()), "bzimage": bzimage(lzma.compress(raw())), "config": CONFIG,
             "symbols": SYMBOLS, "report.json": REPORT, "plain.deb": deb(bytes, ""), "xz.deb": deb(lzma.compress, ".xz"),
             "a.rpm": rpm(), "zboot": b"MZ\0\0zimg" + struct.pack("<II", 16, 4000) + gzip.compress(raw())}
    for name, content in seeds.items():
        with open(os.path.join(sys.argv[1], name), "wb") as file:
            file.write(content)


main()
