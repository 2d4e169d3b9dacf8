"""The review as it is used: a real JupyterLab in headless Chromium, its forms filled in with the keyboard."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assessor import judgements
from assessor.engagement import Engagement
from assessor.evidence import package
from assessor.review import launch
from assessor.run import run
from tests import browsing
from tests.browsing import browser_only
from tests.working import workpaper

TOKEN = "review"
QUESTION = "legacy_line_day: tq-mixer"
pytestmark = browser_only


@pytest.fixture
def lab(engagement: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab on the engagement, with settings of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    opened = Engagement(engagement)
    launch.prepare(opened)
    command = [*launch.command(opened, port=port, browser=False), f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    log = (tmp_path / "lab.log").open("wb")
    server = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _answers(f"{address}/api/status?token={TOKEN}", server, tmp_path / "lab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _answers(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert server.poll() is None and time.monotonic() < end, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.3)


@pytest.fixture
def page() -> Iterator[Any]:
    with browsing.opened("review", 1400, 1600, 60) as (opened, asked, _):
        yield opened
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []


def run_all(page: Any, address: str) -> None:
    """Open the overview and run all of its cells."""
    page.goto(f"{address}/lab/tree/workpapers/{launch.OVERVIEW}?token={TOKEN}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
    page.wait_for_selector(".jp-OutputArea h3:has-text('What needs me')")
    page.wait_for_selector("button:has-text('Record answer')")


def form(page: Any) -> Any:
    """The form of the questions: the output that holds its list."""
    return page.locator(".jp-OutputArea-output", has=page.locator(f"option:has-text('{QUESTION}')")).first


def holding(page: Any, button: str) -> Any:
    """The form that has a button."""
    return page.locator(".jp-OutputArea-output", has=page.locator(f"button:has-text('{button}')")).first


def tab_to(page: Any, wanted: Any) -> None:
    """Press the tabulator until a widget has the focus; it is within a few steps."""
    for _ in range(8):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"the tabulator does not lead to {wanted}")


def test_an_answer_given_in_the_form_lasts_and_goes_stale_when_the_evidence_changes(
    lab: str, page: Any, engagement: Path, tmp_path: Path
) -> None:
    ledger = engagement / "judgements.jsonl"
    count = len(judgements.read(ledger).entries)
    run_all(page, lab)
    found = form(page)
    found.scroll_into_view_if_needed()
    # everything by keyboard: the list, the name, the answer, the rationale, the button
    found.locator("select").first.focus()
    value = found.locator(f"option:has-text('{QUESTION}')")
    assert value.inner_text().startswith("?")
    for _ in range(value.evaluate("one => one.index - one.parentElement.selectedIndex")):
        page.keyboard.press("ArrowDown")  # which JupyterLab would take for itself
    found.get_by_text("17 March").first.wait_for()
    found.locator("button", has_text="Record answer").focus()
    page.keyboard.press("Enter")
    found.get_by_text("needs").wait_for()
    assert len(judgements.read(ledger).entries) == count
    found.get_by_label("Your name").focus()
    page.keyboard.type("Q. Driver")
    found.get_by_label("yes", exact=True).focus()
    page.keyboard.press("Space")
    found.get_by_label("Because", exact=True).focus()
    page.keyboard.type("The merge was made at noon <b>of that day</b>.")
    page.keyboard.press("Tab")
    found.locator("button", has_text="Record answer").focus()
    page.keyboard.press("Enter")
    found.get_by_text("Recorded as entry").wait_for()
    entry = judgements.read(ledger).entries[-1]
    assert (entry.question, entry.subject, entry.by) == ("legacy_line_day", "tq-mixer", "Q. Driver")
    assert entry.because == "The merge was made at noon <b>of that day</b>."
    browsing.picture(page, "review-answered")
    record_a_request(page, ledger)

    run(Engagement(engagement), notebooks=False)
    run_all(page, lab)
    assert form(page).locator(f"option:has-text('{QUESTION}')").inner_text().startswith("✓")

    more = tmp_path / "more" / "Software"
    more.mkdir(parents=True)
    (more / "history.csv").write_text(
        "Item;Component;Version;First supplied;Last maintained;Maintained by\n"
        "TCU-7 telematics software;tq-mixer;1.9.2;20.01.2025;17.03.2026;Falkenried Systems GmbH\n",
        "utf-8",
    )
    Image.new("RGB", (80, 80), "red").save(
        more.parent / "gate.png"
    )  # a PDF would have the browser ask for its own viewer
    package.take_in(engagement, more.parent, received=date(2026, 11, 1), supplied_by="Client", custodian="")
    run(Engagement(engagement), notebooks=False)
    run_all(page, lab)
    stale = form(page)
    option = stale.locator(f"option:has-text('{QUESTION}')")
    assert option.inner_text().startswith("!")
    stale.locator("select").first.select_option(label=option.inner_text())
    stale.get_by_text("the facts have changed since").wait_for()
    stale.get_by_text("Q. Driver (assessor)").wait_for()
    stale.scroll_into_view_if_needed()
    browsing.picture(page, "review-stale")
    read_a_page(page, ledger)


def record_a_request(page: Any, ledger: Path) -> None:
    """Give a request a state, by the keyboard alone from the list on."""
    found = holding(page, "Record state")
    found.scroll_into_view_if_needed()
    found.get_by_label("Request", exact=True).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    found.get_by_role("heading", name="R-02: ").wait_for()
    tab_to(page, found.get_by_label("received", exact=True))
    page.keyboard.press("ArrowDown")
    tab_to(page, found.get_by_label("Items", exact=True))
    page.keyboard.type("E-0038")
    tab_to(page, found.get_by_label("New due", exact=True))
    found.get_by_text("E-0038: 12 Other/scan0042.pdf").wait_for()
    page.keyboard.type("01152027")
    tab_to(page, found.get_by_label("Because", exact=True))
    page.keyboard.type("It came <b>truncated</b> again.")
    tab_to(page, found.locator("button", has_text="Record state"))
    page.keyboard.press("Enter")
    found.get_by_text("R-02 is insufficient.").wait_for()
    found.locator("option:has-text('✗ R-02 (insufficient)')").wait_for(state="attached")
    found.get_by_text("It came <b>truncated</b> again.").wait_for()
    browsing.picture(page, "review-request")
    entry = judgements.read(ledger).entries[-1]
    assert (entry.kind, entry.answer, entry.by) == ("request", "insufficient", "Q. Driver")
    assert entry.details == {"items": ["E-0038"], "due": "2027-01-15"}
    assert entry.because == "It came <b>truncated</b> again."


def read_a_page(page: Any, ledger: Path) -> None:
    """Type what a scanned page says, and open the scan beside the notebook; by the keyboard alone from the list on."""
    found = holding(page, "Record reading")
    found.scroll_into_view_if_needed()
    found.get_by_label("Your name").fill("Q. Driver")
    found.get_by_label("Page", exact=True).focus()
    tab_to(page, found.get_by_label("Text", exact=True))
    page.keyboard.type("No entry")
    tab_to(page, found.get_by_label("Because", exact=True))
    page.keyboard.type("On the screen.")
    tab_to(page, found.locator("button", has_text="Record reading"))
    page.keyboard.press("Enter")
    found.get_by_text("The next run takes it as text of the page.").wait_for()
    browsing.picture(page, "review-reading")
    entry = judgements.read(ledger).entries[-1]
    assert (entry.kind, entry.subject, entry.details["text"]) == ("reading", "page 1", "No entry")
    tab_to(page, found.locator("a"))
    page.keyboard.press("Enter")
    page.locator(".lm-TabBar-tabLabel:text-is('gate.png')").wait_for()


def test_components_suppliers_and_evidence_can_be_browsed(lab: str, page: Any) -> None:
    run_all(page, lab)
    search = page.get_by_placeholder("name, supplier, version")
    search.scroll_into_view_if_needed()
    search.fill("TQ-MIXER")
    page.get_by_text("Components: 1, page 1 of 1").wait_for()
    search = page.get_by_placeholder("name, number, country")
    search.scroll_into_view_if_needed()
    search.fill("nordlicht")
    page.get_by_role("heading", name="Nordlicht Fusion OÜ").wait_for()
    page.locator("summary:has-text('Steps')").first.wait_for()
    browsing.picture(page, "review-supplier")
    search = page.get_by_placeholder("id, file, kind")
    search.scroll_into_view_if_needed()
    search.fill("E-0006")
    page.get_by_role("heading", name="E-0006: ").wait_for()
    place = page.get_by_placeholder("row 12, page 3, /components/4")
    place.fill("ASL 2026!row 5")
    place.press("Enter")
    page.get_by_role("heading", name="E-0006: Sheet ASL 2026, row 5").wait_for()
    page.get_by_text("MI-2877985").first.wait_for()
    browsing.picture(page, "review-evidence")


def test_matches_findings_and_signatures_are_worked_by_the_keyboard_alone(
    lab: str, page: Any, engagement: Path
) -> None:
    workpaper(Engagement(engagement))
    ledger = engagement / "judgements.jsonl"
    run_all(page, lab)

    found = page.locator(".jp-OutputArea-output", has=page.locator("option:has-text('supplier_match')")).first
    found.scroll_into_view_if_needed()
    found.get_by_label("Your name").focus()
    page.keyboard.type("Q. Driver")
    tab_to(page, found.locator("select").first)
    tab_to(page, found.locator("input[type=radio]").first)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to(page, found.get_by_label("Because", exact=True))
    page.keyboard.type("Other seat, other number.")
    tab_to(page, found.locator("button", has_text="Record answer"))
    page.keyboard.press("Enter")
    found.get_by_text("M. Okonjo judged supplier_match/Halcyon Taipei Semi otherwise on the same facts").wait_for()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")  # put that aside
    tab_to(page, found.locator("button", has_text="Record answer"))
    page.keyboard.press("Enter")
    found.get_by_text("Recorded as entry").wait_for()
    entry = judgements.read(ledger).entries[-1]
    assert (entry.question, entry.by, entry.because) == ("supplier_match", "Q. Driver", "Other seat, other number.")

    found = holding(page, "Draft a finding")
    found.scroll_into_view_if_needed()
    switch = found.locator("button", has_text="Draft a finding")
    switch.focus()
    page.keyboard.press("Enter")
    found.get_by_label("code", exact=True).wait_for()  # the kernel opens it
    told = {
        "code": "gate_open",
        "subject": "Lansing plant",
        "clauses": "791.315(d)(3)",
        "title": "The gate <b>stands</b> open",
    }
    told |= {"evidence": "E-0028", "criteria": "It is closed.", "condition": "It stood open."}
    for name, words in told.items():
        tab_to(page, found.get_by_label(name, exact=True))
        page.keyboard.type(words)
    for element in (1, 2, 3):  # why it states no cause, no effect and no recommendation
        tab_to(page, found.get_by_label("or why none").nth(element))
        page.keyboard.type("Not known yet.")
    tab_to(page, found.get_by_label("Because", exact=True))
    page.keyboard.type("Seen on site.")
    button = found.locator("button:text-is('Draft finding')")
    tab_to(page, button)
    browsing.picture(page, "review-draft")
    page.keyboard.press("Enter")
    found.get_by_text("The finding stands in results and report after the next run.").wait_for()
    entry = judgements.read(ledger).entries[-1]
    assert (entry.kind, entry.details["title"], entry.by) == ("finding", "The gate <b>stands</b> open", "Q. Driver")
    tab_to(page, found.locator("button", has_text="What management says"))
    page.keyboard.press("Enter")
    found.get_by_label("finding", exact=True).wait_for()  # the kernel opens it
    tab_to(page, found.get_by_label("finding", exact=True))
    tab_to(page, found.get_by_label("position", exact=True))
    page.keyboard.press("ArrowDown")
    tab_to(page, found.get_by_label("words", exact=True))
    page.keyboard.type("We do not agree.")
    tab_to(page, found.get_by_label("said by", exact=True))
    page.keyboard.type("R. Halloran")
    tab_to(page, found.locator("button", has_text="Record response"))
    page.keyboard.press("Enter")
    found.locator("p[role=status]").nth(1).wait_for()
    entry = judgements.read(ledger).entries[-1]
    assert (entry.kind, entry.answer, entry.by) == ("response", "disagrees", "R. Halloran")

    found = holding(page, "Add note")
    found.scroll_into_view_if_needed()
    found.get_by_label("workpaper", exact=True).focus()
    tab_to(page, found.locator("button:text-is('Sign')"))
    page.keyboard.press("Enter")
    found.get_by_text("Recorded as entry").wait_for()
    tab_to(page, found.get_by_label("note on", exact=True))
    page.keyboard.type("02_scope")
    tab_to(page, found.get_by_label("note", exact=True))
    page.keyboard.type("See table 2.")
    tab_to(page, found.locator("button", has_text="Add note"))
    page.keyboard.press("Enter")
    found.locator("option:has-text('See table 2.')").wait_for(state="attached")
    tab_to(page, found.get_by_label("clear note", exact=True))
    tab_to(page, found.get_by_label("how", exact=True))
    page.keyboard.type("Traced.")
    tab_to(page, found.locator("button", has_text="Clear note"))
    page.keyboard.press("Enter")
    found.locator("option:has-text('See table 2.')").wait_for(state="detached")
    browsing.picture(page, "review-signed")
    kinds = [(entry.kind, entry.by) for entry in judgements.read(ledger).entries[-3:]]
    assert kinds == [(kind, "Q. Driver") for kind in ("sign_off", "note", "clearance")]

    page.keyboard.press("Control+s")  # with the focus on a button
    saved, end = engagement / "workpapers" / launch.OVERVIEW, time.monotonic() + 30
    while "What needs me" not in saved.read_text("utf-8"):
        assert time.monotonic() < end, "nothing was saved"
        time.sleep(0.2)
    exported = f"{lab}/nbconvert/html/workpapers/{launch.OVERVIEW}?token={TOKEN}"
    with urllib.request.urlopen(exported, timeout=60) as answer:
        text = answer.read().decode()
    assert "widget-view" not in text and "<script" not in text and 'src="http' not in text
    count = len(json.loads((engagement / "results" / "results.json").read_text("utf-8"))["findings"])
    assert "The gate" not in text and f"<caption>Findings ({count} rows)</caption>" in text
