#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Puts a file into a man page as its example: page.py OUTPUT TEMPLATE EXAMPLE VERSION"""
import sys


def plain(line):
    """Text that means itself to troff."""
    return "\\&" + line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def main():
    output, template, example, version = sys.argv[1:]
    with open(example, encoding="utf-8") as file:
        lines = [plain(line) for line in file.read().splitlines()]
    with open(template, encoding="utf-8") as file:
        text = file.read()
    with open(output, "w", encoding="utf-8") as file:
        file.write(text.replace("@EXAMPLE@", "\n".join(lines)).replace("@VERSION@", version))


if __name__ == "__main__":
    main()
