# SPDX-License-Identifier: BSD-2-Clause
"""What to do about machines that stop or hang: the check under way is tried again, and the others go on.

Two emulated processors see code change at different times: one meets a breakpoint that the other has taken away, and
the kernel, which knows that to be impossible, panics. That is no fault of a check.
"""

TRIES = 2


def complain(target, check):
    """Said at once; the same is the outcome if this was the last try."""
    problem = f"the machine stopped\n{target.console[-3000:]}"
    print("".join(f"# {target.name}: {line}\n" for line in f"{check.name}: {problem}".splitlines()), end="", flush=True)
    return check.name, problem, None


def try_all(target, checks, once, outcomes):
    """Fills outcomes with (name, problem, reason to skip) for each check. once(checks) gives the outcomes of those to whose
    end one machine came, or None if the machine did not even begin. A check in which TRIES machines stopped has failed; where
    TRIES machines did not begin, all have."""
    tries = 0
    while len(outcomes) < len(checks):
        waiting = checks[len(outcomes):]
        ended = once(waiting)
        outcomes += ended or []
        tries = 1 if ended else tries + 1
        if len(outcomes) == len(checks):
            return
        failed = complain(target, checks[len(outcomes)])
        if tries >= TRIES:
            outcomes += [failed] if ended is not None else [(check.name, *failed[1:]) for check in waiting]
            tries = 0
