# SPDX-License-Identifier: BSD-2-Clause
"""A boot and those who wait for it, with the machine's own /run, kmsg and bpffs; what an older kernel cannot pin."""
from scenario import TRACING, check, contains, equal, succeeded

BEGIN = """umask 022; mkdir -p /tmp/b/bpf /tmp/b/policy; cp bootrun_plain.bpf.o /tmp/b/bpf
printf '[location /tmp/b/bpf]\\n%b' "$WORDS" >/tmp/b/policy/a.conf
boot() { lade boot --policy /tmp/b/policy "$@"; }
"""
END = "\ncode=$?; lade unload -q bootrun_plain; rm -rf /tmp/b /run/lade /var/lib/lade; exit $code"


@check(BEGIN + """
lade wait --timeout 300 & boot=$!
lade wait --timeout 300 lade/bootrun_plain/maps/seen & pin=$!
boot -q && wait $boot && wait $pin && cat /run/lade/readiness /run/lade/properties && lade boot --status""" + END,
       needs=TRACING)
def who_waits_is_woken(machine, ran):
    succeeded(ran)
    contains(ran.out, "STATE=ready\n", "\nbpf.progs_loaded=1\n", "1 loaded", "bootrun_plain")


@check("WORDS='[object cli_refused]\\ncritical = it\\n'\n" + BEGIN + """
cp cli_refused.bpf.o /tmp/b/bpf; lade wait --timeout 300 2>/tmp/b/why & wait=$!
boot -q 2>/tmp/b/screen; echo boot $?; wait $wait; echo wait $?; cat /tmp/b/why /tmp/b/screen
sed -n 's/^STATE=//p' /run/lade/readiness; ls /run/lade; dmesg | tail -n 20""" + END, needs=TRACING)
def who_waits_learns_that_it_failed(machine, ran):
    succeeded(ran)
    contains(ran.out, "boot 8\n", "wait 8\n", "ready.failed", "\nfailed\n")
    equal(ran.out.count("CRITICAL["), 2, ran)  # on standard error and in the kernel's log
    assert "properties" not in ran.out.splitlines(), ran


@check("WORDS='[program bootrun_plain/on_packet]\\nattach = dev:lo\\n'\n" + BEGIN + """
boot || exit
lade hold >/tmp/b/held & hold=$!
while kill -0 $hold && ! grep -q . /tmp/b/held; do sleep 0.2; done
cat /tmp/b/held; kill $hold; wait $hold; echo ended $?""" + END, needs=TRACING)
def what_no_kernel_can_pin_is_held(machine, ran):
    succeeded(ran)
    contains(ran.out, "held     on_packet on dev:lo", "holding  bootrun_plain/on_packet to dev:lo", "ended 0")


@check("WORDS='[program bootrun_plain/on_getpgid]\\nattach = yes\\n'\n" + BEGIN + """
boot || exit
lade hold >/tmp/b/held & hold=$!
sleep 2; cat /tmp/b/held; kill $hold 2>/dev/null; wait $hold; echo ended $?""" + END, needs=TRACING)
def what_an_older_kernel_cannot_pin_is_held(machine, ran):
    succeeded(ran)
    contains(ran.out, "ended 0")
    if machine.version.startswith("5.10."):  # perf events have links since 5.15
        contains(ran.out, "held     on_getpgid", "holding  bootrun_plain/on_getpgid")
    else:
        contains(ran.out, "nothing to hold")


@check(BEGIN + """boot -q --log kmsg; dmesg | grep 'lade\\[[0-9]*\\]: ' | tail -n 20; echo; lade unload -q bootrun_plain
echo off >/proc/sys/kernel/printk_devkmsg; boot -q --log kmsg; echo ratelimit >/proc/sys/kernel/printk_devkmsg""" + END,
       needs=TRACING)
def the_kernels_log_takes_the_lines(machine, ran):
    equal(ran.code, 0, ran)
    contains(ran.out, "bootrun_plain")
