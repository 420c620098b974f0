#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Puts the examples of a CSV file into a man page: examples.py OUTPUT TEMPLATE CSV VERSION"""
import csv
import sys


def plain(text):
    """Text that means itself to troff."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def literal(lines):
    return [".PP", ".RS 4", ".nf", *(f".B {quoted(line)}" for line in lines), ".fi", ".RE"]


def quoted(text):
    return '"' + plain(text).replace('"', '\\(dq') + '"'


def sentence(text):
    return text[0].upper() + text[1:] + "."


def section(name):
    return f'SEC("{name}")'


def entry(row):
    lines = [".PP", f".I {quoted(row['kind'])}", *literal([section(row["section"]), row["command"]])]
    lines += [".RS 4", "\\&" + plain(sentence(row["seen"]))]
    if row["also"]:
        lines += [".br", "Also: " + plain(", ".join(row["also"].split()))]
    return [*lines, ".RE"]


def main():
    output, template, examples, version = sys.argv[1:]
    with open(examples, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines, group = [], None
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            lines.append(f".SS {quoted(group)}")
        lines += entry(row)
    with open(template, encoding="utf-8") as file:
        page = file.read()
    with open(output, "w", encoding="utf-8") as file:
        file.write(page.replace("@VERSION@", version).replace("@EXAMPLES@", "\n".join(lines)))


main()
