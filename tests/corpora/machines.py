# SPDX-License-Identifier: BSD-2-Clause
"""The judges in a machine with another kernel: what they say there of a directory of objects."""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "vm"))
import guest  # noqa: E402 pylint: disable=wrong-import-position

MEMORY_MIB = 1024
BOOT_SECONDS = 120
# Every referee judges all objects, and those that it refuses program by program; Lade then does the same.
STEP = r"""
cd /judge
refused() { sed -n 's/^{"object": "\([^"]*\)", "loader": "[^"]*", "loaded": false.*/objects\/\1/p' "$1"; }
: >all
for judge in %(referees)s; do
	echo "WHOLE $judge"; ./$judge --seconds %(seconds)d objects >said; cat said
	echo "EACH $judge"; refused said >these; cat these >>all
	[ ! -s these ] || xargs ./$judge --seconds %(seconds)d --each <these
done
echo "WHOLE lade"; ./lade --seconds %(seconds)d objects
echo "EACH lade"; sort -u all >these
[ ! -s these ] || xargs ./lade --seconds %(seconds)d --each <these
echo END
"""


def parse(output):
    """{(judge, "WHOLE" or "EACH"): {object: its lines}}"""
    found, current = {}, None
    for line in output.splitlines():
        if line.startswith("{"):
            current.setdefault(json.loads(line)["object"], []).append(line)
        elif " " in line:
            kind, name = line.split()
            current = found.setdefault((name, kind), {})
    return found


def verdicts(kernel, judges, objects, seconds, limit):
    """What parse() gives, and the kernel's version. judges: {name: path}, one of them "lade"."""
    with tempfile.TemporaryDirectory(prefix="lade-judges-") as scratch:
        os.mkdir(os.path.join(scratch, "objects"))
        for path in objects:
            shutil.copy(path, os.path.join(scratch, "objects"))
        for name, path in judges.items():
            shutil.copy(path, os.path.join(scratch, name))
        step = STEP % {"referees": " ".join(name for name in judges if name != "lade"), "seconds": seconds}
        try:
            done = guest.execute(kernel, step, put={"/judge": scratch}, memory=MEMORY_MIB, seconds=limit)
        except guest.Stopped as stopped:
            raise RuntimeError(str(stopped)) from stopped
    output = done.out if isinstance(done.out, str) else done.out.decode(errors="replace")
    if not output.rstrip().endswith("END"):
        raise RuntimeError(f"the judges did not come to their end on {kernel}: exit {done.code}: {output[-500:]}")
    return parse(output), done.version
