# SPDX-License-Identifier: BSD-2-Clause
"""What an object for BPF consists of, read without any library: it judges what headers made of a source."""
import struct
from dataclasses import dataclass

SYMTAB, REL = 2, 9
WRITE, ALLOC, EXECUTE = 1, 2, 4
TYPES = {0: "NOTYPE", 1: "OBJECT", 2: "FUNC", 3: "SECTION", 4: "FILE"}


@dataclass
class Section:
    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    data: bytes


@dataclass
class Symbol:
    name: str
    type: str
    section: int
    value: int
    size: int


def text(table, offset):
    return table[offset:table.index(b"\0", offset)].decode()


class Object:
    def __init__(self, path):
        with open(path, "rb") as f:
            file = f.read()
        assert file[:6] == b"\x7fELF\x02\x01", "a little-endian ELF of 64 bits"
        self.type, self.machine = struct.unpack_from("<HH", file, 16)
        table, = struct.unpack_from("<Q", file, 40)
        entry, count, self.names_index = struct.unpack_from("<HHH", file, 58)
        rows = [struct.unpack_from("<IIQQQQIIQQ", file, table + entry * i) for i in range(count)]
        names = file[rows[self.names_index][4]:][:rows[self.names_index][5]]
        self.sections = [Section(text(names, row[0]), row[1], row[2], row[4], row[5], row[6], row[7], row[8],
                                 file[row[4]:row[4] + row[5]]) for row in rows]
        self.symbols = self._symbols()

    def _symbols(self):
        table = next(section for section in self.sections if section.type == SYMTAB)
        names = self.sections[table.link].data
        return [Symbol(text(names, name), TYPES.get(info & 15, str(info & 15)), section, value, size)
                for name, info, _other, section, value, size in struct.iter_unpack("<IBBHQQ", table.data)]

    def index(self, name):
        return next((i for i, section in enumerate(self.sections) if section.name == name), None)

    def has(self, name):
        return self.index(name) is not None

    def section(self, name):
        assert self.has(name), f"no section {name}: {[section.name for section in self.sections]}"
        return self.sections[self.index(name)]

    def data(self, name):
        return self.section(name).data

    def word(self, name):
        """A section that is one number."""
        data = self.data(name)
        return struct.unpack({4: "<I", 8: "<Q"}[len(data)], data)[0]

    def symbol(self, name):
        return next(symbol for symbol in self.symbols if symbol.name == name)

    def named(self, section, kind=None):
        """Names of a section's symbols, by address."""
        index = self.index(section)
        found = sorted((symbol for symbol in self.symbols if symbol.section == index and symbol.name and
                        (kind is None or symbol.type == kind)), key=lambda symbol: symbol.value)
        return [symbol.name for symbol in found]

    def code(self):
        """Sections of instructions that have some."""
        return [section for section in self.sections if section.flags & EXECUTE and section.size]

    def relocations(self, section):
        """(offset, type, name of the symbol) of what follows right behind a section of code, if it does."""
        after = self.sections[self.index(section) + 1]
        if after.type != REL or after.name != ".rel" + section:
            return []
        return [(offset, info & 0xFFFFFFFF, self.symbols[info >> 32].name)
                for offset, info in struct.iter_unpack("<QQ", after.data)]
