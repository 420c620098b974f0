# SPDX-License-Identifier: BSD-2-Clause
"""Rows that differ in a word only, written as one: `[[clang|llc]]: not found` in the pattern stands for a row with each, and
{1} in the other columns for the word that the first such brackets hold there ({2} of the second, …). In columns that a
table names there may be brackets, too."""
import itertools
import re

BRACKETS = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


def chosen(row, words):
    """The row with these words."""
    left = iter(words)
    one = {**row, "pattern": BRACKETS.sub(lambda _: next(left), row["pattern"])}
    for number, word in enumerate(words, 1):
        one |= {name: value.replace("{%d}" % number, word) for name, value in one.items() if name != "pattern" and value}
    return one


def expanded(row):
    """All rows that it stands for, in the order in which they are written; the last brackets change first."""
    lists = [words.split("|") for words in BRACKETS.findall(row.get("pattern") or "")]
    return [chosen(row, words) for words in itertools.product(*lists)] if lists else [row]


def expanded_in(row, name):
    """The same of another column, whose words no other column takes up."""
    value = row[name] or ""
    for words in itertools.product(*(words.split("|") for words in BRACKETS.findall(value))):
        left = iter(words)
        yield {**row, name: BRACKETS.sub(lambda _, left=left: next(left), value)}
