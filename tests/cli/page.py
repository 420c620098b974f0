#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The page of lade check --html in a headless Chromium: keyboard, narrow windows, the dark, hostile names, no script."""
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.browser import browser, stop  # noqa: E402
from runner.check import contains, equal, lade, main, path, test  # noqa: E402

HOSTILE = "<img src=x onerror=window.taken=3>\"'.o"
pages = {}


def page_of(kernels="5.4,5.10,6.1"):
    """Written once for all tests: three objects, one of them damaged and with a hostile name."""
    if kernels not in pages:
        directory = tempfile.mkdtemp()
        file, bad = os.path.join(directory, "page.html"), os.path.join(directory, HOSTILE)
        with open(bad, "wb") as out, open(path("load_all.bpf.o"), "rb") as whole:
            out.write(whole.read()[:700])
        done = lade("check", "-q", "--kernel", kernels, "--html", file, path("load_all.bpf.o"),
                    path("check_hostile_kern.o"), path("dia_many_kern.o"), bad)
        equal(done.code, 2, done)
        pages[kernels] = file
    return pages[kernels]


def requests(page):
    return [event["params"]["request"]["url"] for event in page.events if event["method"] == "Network.requestWillBeSent"]


def problems(page):
    return [event for event in page.events if event["method"] == "Runtime.exceptionThrown" or
            (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")]


def is_open(page):
    return page.value("document.getElementById('reasons').open")


def focused(page):
    return page.value("document.activeElement.getAttribute('href')")


@test
def page_is_whole_in_itself_and_without_an_error():
    with browser() as page:
        page.go(page_of())
        equal([url for url in requests(page) if not url.endswith("page.html")], [])
        equal(problems(page), [])
        equal(page.value("document.title"), "Would it load there?")
        equal(page.value("document.querySelectorAll('#answers tbody tr').length"), 4)
        equal(page.value("document.querySelectorAll('#answers thead th').length"), 4)
        equal(page.value("document.querySelectorAll('#answers td a').length"), 12)


@test
def hostile_names_are_text():
    with browser() as page:
        page.go(page_of())
        equal(page.value("window.taken"), None)
        equal(page.value("document.images.length"), 0)
        equal(page.value("document.scripts.length"), 1)
        contains(page.value("document.getElementById('answers').textContent"), HOSTILE)
        contains(page.value("document.body.textContent"), "</script><script>window.taken=1</script>")
        page.value("document.querySelectorAll('#answers td a')[3].click()")
        equal((page.value("window.taken"), page.value("document.images.length")), (None, 0))


@test
def keyboard_alone_opens_and_leaves_every_cell():
    with browser() as page:
        page.go(page_of())
        equal(page.value("document.querySelectorAll('#answers td a[tabindex=\"0\"]').length"), 1)
        page.value("document.querySelector('#answers td a[tabindex=\"0\"]').focus()")
        for key, place in (("ArrowRight", "#r0-1"), ("ArrowDown", "#r1-1"), ("ArrowLeft", "#r1-0"), ("ArrowLeft", "#r1-0"),
                           ("End", "#r1-2"), ("ArrowUp", "#r0-2"), ("Home", "#r0-0")):
            page.press(key)
            equal(focused(page), place, key)
        for key in ("Enter", " "):
            page.press(key)
            equal(is_open(page), True, key)
            contains(page.value("document.getElementById('reasons').textContent"), "does not load", "ringbuf")
            page.press("Escape")
            equal((is_open(page), focused(page)), (False, "#r0-0"), key)


@test
def tab_reaches_the_cells_and_leaves_them_again():
    with browser() as page:
        page.go(page_of())
        seen = []
        for _ in range(12):
            page.press("Tab")
            seen.append(page.value("document.activeElement.tagName + (document.activeElement.closest('table') ? ' cell' : '')"))
        assert "A cell" in seen, seen
        equal(seen.count("A cell"), 1, "one stop for the whole table")
        assert "SUMMARY" in seen, seen


@test
def cells_say_what_they_are():
    with browser() as page:
        page.go(page_of())
        label = page.value("document.querySelector('#answers td a').getAttribute('aria-label')")
        contains(label, "load_all.bpf.o on 5.4: does not load")
        equal(page.value("document.getElementById('answers').getAttribute('role')"), "grid")
        equal(page.value("document.querySelector('#answers td').getAttribute('role')"), "gridcell")
        equal(page.value("document.documentElement.lang"), "en")


@test
def narrow_window_needs_no_sideways_scrolling():
    with browser() as page:
        for width in (320, 400, 700, 1280):
            page.size(width)
            page.go(page_of())
            assert page.value("document.documentElement.scrollWidth") <= width, width
        page.size(320)
        equal(page.value("getComputedStyle(document.querySelector('#answers tbody tr')).display"), "flex")
        contains(page.value("getComputedStyle(document.querySelector('#answers td a'), '::before').content"), "5.4")
        page.value("document.querySelector('#answers td a').click()")
        assert page.value("document.getElementById('reasons').getBoundingClientRect().right") <= 320


@test
def first_column_stays_when_a_wide_table_is_scrolled():
    with browser() as page:
        page.size(800)
        page.go(page_of("4.19,5.4,5.5,5.6,5.7,5.8,5.9,5.10,5.15,6.1,6.6,6.12"))
        page.value("document.querySelector('.frame').scrollLeft = 10000")
        equal(page.value("getComputedStyle(document.querySelector('#answers tbody th')).position"), "sticky")
        assert page.value("document.querySelector('#answers tbody th').getBoundingClientRect().left") >= 0


def luminance(colour):
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1:-1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page, selector):
    front, back = page.value(f"(() => {{ const style = getComputedStyle(document.querySelector({selector!r})); "
                             "return [style.color, style.backgroundColor]; })()")
    light, dark = sorted((luminance(front), luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@test
def light_and_dark_can_both_be_read():
    with browser() as page:
        grounds = {}
        for scheme in ("light", "dark"):
            page.scheme(scheme)
            page.go(page_of())
            grounds[scheme] = luminance(page.value("getComputedStyle(document.body).backgroundColor"))
            for selector in ("body", "a.does_not_load", "a.loads", "a.bad_object"):
                assert contrast(page, selector) >= 4.5, (scheme, selector, contrast(page, selector))
        assert grounds["light"] > 0.9 and grounds["dark"] < 0.1, grounds


@test
def filter_leaves_what_has_something_against_it():
    with browser() as page:
        page.go(page_of())
        page.value("document.getElementById('only').click()")
        equal(page.value("Array.from(document.querySelectorAll('#answers tbody tr')).map(row => row.hidden)"),
              [False, False, True, False])
        page.value("(() => { const find = document.getElementById('find'); find.value = 'HOSTILE'; "
                   "find.dispatchEvent(new Event('input')); })()")
        equal(page.value("document.getElementById('count').textContent"), "1 of 4")
        equal(page.value("document.querySelectorAll('#answers tr:not([hidden]) td a[tabindex=\"0\"]').length"), 1)


@test
def without_a_script_each_cell_leads_to_its_reasons():
    with browser() as page:
        page.ask("Emulation.setScriptExecutionDisabled", value=True)
        page.go(page_of())
        page.ask("Emulation.setScriptExecutionDisabled", value=False)
        equal(page.value("document.documentElement.className"), "")
        equal(page.value("getComputedStyle(document.querySelector('.filter')).display"), "none")
        page.ask("Emulation.setScriptExecutionDisabled", value=True)
        page.press("Tab")
        page.press("Tab")
        page.press("Enter")
        page.ask("Emulation.setScriptExecutionDisabled", value=False)
        equal(page.value("location.hash"), "#r0-0")
        equal(page.value("document.getElementById('r0-0').closest('details').open"), True)


try:
    main()
finally:
    stop()
    for written in pages.values():
        shutil.rmtree(os.path.dirname(written), ignore_errors=True)
