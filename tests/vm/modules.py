# SPDX-License-Identifier: BSD-2-Clause
"""Modules of a kernel that was unpacked but never installed: no modules.dep, perhaps compressed, in several trees.

Modules(trees).in_order(["veth", "nf_conntrack"]) gives [(name, uncompressed bytes)], each after those that it needs.
"""
import contextlib
import gzip
import lzma
import os
import re
import subprocess

import debian


def zstd(content):
    try:
        return subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise debian.Unavailable(f"a kernel module cannot be unpacked: {error}") from error


UNPACK = {".ko": bytes, ".ko.xz": lzma.decompress, ".ko.gz": gzip.decompress, ".ko.zst": zstd}


def plain(name):
    return name.replace("-", "_")


def needed(module):
    """The names in its .modinfo; a soft dependency is none."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return [plain(name) for name in found.group(1).decode().split(",") if name] if found else []


class Modules:
    def __init__(self, trees):
        self.trees = trees
        self.files = {}     # {name: (path, how to unpack it)}
        self.builtin = set()
        for tree in trees:
            self._read(tree)

    def _read(self, tree):
        for where, _directories, names in os.walk(tree):
            for name in names:
                stem, ending = re.match(r"([^.]*)(.*)", name).groups()
                if ending in UNPACK:
                    self.files[plain(stem)] = os.path.join(where, name), UNPACK[ending]
        with contextlib.suppress(FileNotFoundError), open(os.path.join(tree, "modules.builtin"), encoding="utf-8") as file:
            self.builtin |= {plain(os.path.basename(line.strip()).split(".")[0]) for line in file}

    def has(self, name):
        return plain(name) in self.files or plain(name) in self.builtin

    def in_order(self, names):
        order = {}

        def add(name):
            if name in order or name in self.builtin:
                return
            if name not in self.files:
                raise debian.Unavailable(f"{os.path.basename(self.trees[0])} has no module {name}")
            path, unpack = self.files[name]
            with open(path, "rb") as file:
                module = unpack(file.read())
            for other in needed(module):
                add(other)
            order[name] = module

        for name in names:
            add(plain(name))
        return list(order.items())
