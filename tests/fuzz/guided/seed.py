#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the first inputs: seed.py CORPUS OBJECT…  fills CORPUS/elf, /object, /btf and /kernel."""
import gzip
import lzma
import os
import struct
import sys


def section(data, name):
    """Content of a section, or b"" when the object has none or is no whole ELF64 file."""
    order = ">" if data[5] == 2 else "<"
    (table,) = struct.unpack_from(order + "Q", data, 40)
    count, names = struct.unpack_from(order + "HH", data, 60)
    headers = [struct.unpack_from(order + "IIQQQQIIQQ", data, table + 64 * i) for i in range(count)]
    for header in headers:
        start = headers[names][4] + header[0]
        if data[start:data.index(b"\0", start)] == name:
            return data[header[4]:header[4] + header[5]]
    return b""


def main():
    corpus, objects = sys.argv[1], sys.argv[2:]
    for kind in ("elf", "object", "btf", "kernel"):
        os.makedirs(os.path.join(corpus, kind), exist_ok=True)
    for path in objects:
        with open(path, "rb") as file:
            data = file.read()
        name = os.path.basename(path)
        inputs = {"elf": data, "object": data}
        try:
            types, lines = section(data, b".BTF"), section(data, b".BTF.ext")
            if 0 < len(types) < 65536:
                inputs["btf"] = struct.pack("<H", len(types)) + types + lines
                inputs["kernel"] = types
                for packed in (gzip.compress(types), lzma.compress(types)):
                    with open(os.path.join(corpus, "kernel", f"{name}-{packed[1]:x}"), "wb") as file:
                        file.write(packed)
        except (struct.error, ValueError, IndexError):
            pass
        for kind, content in inputs.items():
            with open(os.path.join(corpus, kind, name), "wb") as file:
                file.write(content)


main()
