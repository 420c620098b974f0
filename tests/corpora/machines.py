# SPDX-License-Identifier: BSD-2-Clause
"""The judges in a machine with another kernel: what they say there of some directories of objects."""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "vm"))
import guest  # noqa: E402 pylint: disable=wrong-import-position

MEMORY_MIB = 1024
TRIES = 2  # a machine that hangs or stops is said and made anew, once
# A judge says a word for each object and gives up after 240 s: more silence than this is a machine that hangs.
SILENT_SECONDS = 400
# Every referee judges all objects, and those that it refuses program by program; Lade then does the same.
STEP = r"""
cd /judge
refused() { sed -n 's/^{"object": "\([^"]*\)", "loader": "[^"]*", "loaded": false.*/\1/p' said | sed "s,^,$1/,"; }
for corpus in objects/*; do
	: >all
	for judge in %(referees)s; do
		echo "${corpus#*/} WHOLE $judge"; ./$judge --full --seconds %(seconds)d $corpus | tee said
		echo "${corpus#*/} EACH $judge"; refused $corpus >these; cat these >>all
		[ ! -s these ] || xargs ./$judge --full --seconds %(seconds)d --each <these
	done
	echo "${corpus#*/} WHOLE lade"; ./lade --full --seconds %(seconds)d $corpus
	echo "${corpus#*/} EACH lade"; sort -u all >these
	[ ! -s these ] || xargs ./lade --full --seconds %(seconds)d --each <these
done
echo END
"""


class Hanging(Exception):
    pass


def parse(output):
    """{(number of the corpus, judge, "WHOLE" or "EACH"): {object: its lines}}"""
    found, current = {}, None
    for line in output.splitlines():
        if line.startswith("{"):
            current.setdefault(json.loads(line)["object"], []).append(line)
        elif " " in line:
            corpus, kind, name = line.split()
            current = found.setdefault((int(corpus), name, kind), {})
    return found


def lay_out(directory, judges, corpora):
    """objects/00, objects/01 …: names of objects are not unique."""
    for number, paths in enumerate(corpora):
        place = os.path.join(directory, "objects", f"{number:02}")
        os.makedirs(place)
        for path in paths:
            shutil.copy(path, place)
    for name, path in judges.items():
        shutil.copy(path, os.path.join(directory, name))


def run(kernel, judges, corpora, seconds, limit):
    with tempfile.TemporaryDirectory(prefix="lade-judges-") as scratch:
        lay_out(scratch, judges, corpora)
        step = STEP % {"referees": " ".join(name for name in judges if name != "lade"), "seconds": seconds}
        try:
            done = guest.execute(kernel, step, put={"/judge": scratch}, memory=MEMORY_MIB, seconds=limit, processors=1,
                                 silence=SILENT_SECONDS)
        except guest.Stopped as stopped:
            raise Hanging(str(stopped)) from stopped
    if not done.out.rstrip().endswith("END"):
        raise Hanging(f"the judges did not come to their end on {kernel}: exit {done.code}: {done.out[-500:]}")
    return parse(done.out), done.version


def verdicts(kernel, judges, corpora, seconds, limit, say):
    """What parse() gives, and the kernel's version. judges: {name: path}, one of them "lade"; corpora: lists of paths."""
    for number in range(1, TRIES + 1):
        try:
            return run(kernel, judges, corpora, seconds, limit)
        except Hanging as hanging:
            if number == TRIES:
                raise
            say(f"tried again: {hanging}")
    raise AssertionError
