# SPDX-License-Identifier: BSD-2-Clause
"""What lade inspect --needs says of versions, held against kernels that are there."""

from scenario import check, succeeded

# As verdicts are collected in scenario.py, and what the tables say beside them.
VERDICTS = """for object in *.o; do
	case $object in cli_slow*) continue;; esac
	needs=$(lade inspect --needs --json $object 2>/dev/null | tr ',' '\\n' | sed -n 's/.*"needs_kernel":"\\([^"]*\\)".*/\\1/p')
	[ "$needs" ] || continue
	lade load -q --name it $object >/dev/null 2>&1 || continue
	lade unload -q it
	echo $object $needs
done"""


def version(text):
    return tuple(int(part) for part in (text.split("-")[0] + ".0").split(".")[:2])


@check(VERDICTS)
def no_object_loads_that_needs_a_newer_kernel(machine, loaded):
    """Of mainline's versions: what a distribution took into an older kernel would show here, and be listed."""
    succeeded(loaded)
    lines = [line.split() for line in loaded.out.splitlines()]
    assert len(lines) > 10, loaded
    wrong = [f"{name}: {needs}" for name, needs in lines if version(needs) > version(machine.version)]
    assert not wrong, "\n".join(wrong)
