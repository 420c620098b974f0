# SPDX-License-Identifier: BSD-2-Clause
"""lade watch --json against a consumer that is written with libbpf and fprintf for the one struct that comes.

bench-flood offers records at a rate and starts the consumer; what the ring refused it knows itself, what a perf buffer
lost the consumer is told. What Lade delivered and lost must be what was offered: else the measurement is void. libbpf is
told of a loss only with a later record of that CPU: what is missing at its end counts as lost.
"""
import json
import os
import subprocess

from rounds import SECONDS, interleaved, median

DIRECTORY = "/sys/fs/bpf/bench-flood"
RATES = (("ring", 1_000_000), ("perf", 200_000))
PRODUCING = 3  # seconds


def counted_by_lade(text):
    summary = json.loads(text.strip().splitlines()[-1])["maps"][0]
    return summary["records"], summary["lost"]


def counted_by_libbpf(text):
    records, lost = text.split()[-2:]
    return int(records), int(lost)


class Flood:
    def __init__(self, build, which, rate):
        self.build, self.which, self.rate = build, which, rate
        pin = os.path.join(DIRECTORY, which)
        self.consumers = {
            "lade watch": ([os.path.join(build, "lade"), "watch", "--json", pin], counted_by_lade),
            "libbpf + fprintf": ([os.path.join(build, "bench", "bench-watch-libbpf"), pin, which], counted_by_libbpf),
        }

    def run(self, name, seconds=PRODUCING, rate=None, output=None):
        """{offered, delivered, lost, elapsed, cpu}; None when something failed."""
        command, counted = self.consumers[name]
        program = os.path.join(self.build, "bench", "bench-flood")
        environment = {**os.environ, "BENCH_FLOOD_OUTPUT": output} if output else None
        try:
            done = subprocess.run([program, os.path.join(self.build, "bench", "flood.bpf.o"), self.which,
                                   str(self.rate if rate is None else rate), str(seconds), *command],
                                  capture_output=True, text=True, check=False, timeout=SECONDS, env=environment)
            offered, refused, elapsed, cpu = (int(word) for word in done.stdout.split())
            delivered, lost = counted(done.stderr)
        except (subprocess.TimeoutExpired, ValueError, IndexError, KeyError):
            return None
        if name == "lade watch" and delivered + lost + refused != offered:
            return None
        return {"offered": offered, "delivered": delivered, "lost": offered - delivered, "elapsed": elapsed, "cpu": cpu}

    def same_lines(self, scratch):
        """Both print the same objects: of a short flood, time of reading aside."""
        found = []
        for number, name in enumerate(self.consumers):
            path = os.path.join(scratch, f"lines{number}")
            if not self.run(name, seconds=1, rate=5000, output=path):
                return False
            with open(path, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
            for line in lines:
                del line["time"]
                del line["record"]["time"]
                line["cpu"] = line["record"]["cpu"] = None
            found.append(lines)
        return found[0] == found[1] and len(found[0]) == 5000


def of(results, key):
    return median([result[key] for result in results])


def measure(build, scratch, rounds, say, row):
    for which, rate in RATES:
        flood = Flood(build, which, rate)
        same = flood.same_lines(scratch)
        found = interleaved(rounds, {name: lambda n=name, f=flood: f.run(n) for name in flood.consumers})
        say(f"{which}: {rate:,} records a second offered for {PRODUCING} s, {rounds} rounds; both print the same "
            f"objects: {'yes' if same else 'NO'}")
        speeds = {}
        for name, results in found.items():
            if not results:
                say(f"  {name:18} failed, or what it delivered and lost is not what was offered")
                continue
            speeds[name] = median([result["delivered"] / result["elapsed"] * 1e9 for result in results])
            say(f"  {name:18} {speeds[name]:10,.0f} records/s delivered, {of(results, 'lost'):9,.0f} of "
                f"{of(results, 'offered'):,.0f} lost, "
                f"{median([r['cpu'] / r['delivered'] for r in results if r['delivered']]) or 0:6.0f} ns of CPU a record")
        if len(speeds) == 2:
            lade, other = speeds["lade watch"], speeds["libbpf + fprintf"]
            row(f"lade watch --json, {rate:,} {which} records a second offered: throughput / libbpf + fprintf", "1.0",
                f"{lade / other:.2f}", f"{other:,.0f}/s (lade {lade:,.0f}/s)")
        say()
