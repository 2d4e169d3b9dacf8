"""What a person reads on pages without text becomes text of the item, with who read it and when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from assessor import cli, desk, open_assessment
from assessor.engagement import Engagement
from assessor.errors import LedgerError
from assessor.evidence import package, register
from assessor.run import run
from tests.evidence.test_marked_up import scan
from tests.working import LEAD, REVIEWER, in_register, results

ON_SCREEN = "Read from the scan on the screen, letter by letter."


@pytest.fixture
def scanned(engagement: Engagement, tmp_path: Path) -> str:
    """The item of a delivered scan of two pages."""
    (tmp_path / "later").mkdir()
    scan(tmp_path / "later" / "policy.pdf", "picture", "picture")
    package.take_in(engagement.root, tmp_path / "later", received=date(2026, 11, 9), supplied_by="F", custodian="")
    run(engagement, notebooks=False)
    return str(register.read(engagement.register)["id"].iloc[-1])


def tell(engagement: Engagement, item: str, page: int, text: str, **more: object) -> None:
    desk.read(open_assessment(engagement.root), item, page, text, because=ON_SCREEN, **{**LEAD, **more})  # type: ignore[arg-type]


def state(engagement: Engagement, item: str) -> tuple[str | None, str | None]:
    row = register.row(register.read(engagement.register), item)
    return row.status, row.reason


def asked(engagement: Engagement) -> list[str]:
    return [one.what for one in results(engagement)["s315_evidence"].requests if one.code == "page_text"]


def test_a_scan_is_asked_for_and_once_read_by_a_person_it_is_text(engagement: Engagement, scanned: str) -> None:
    assert state(engagement, scanned) == ("unreadable", "pages 1-2 are pictures without text")
    assert asked(engagement) == [
        f"The text of policy.pdf ({scanned}), or a record of what a person read in it: pages 1-2 are pictures without text."
    ]
    tell(engagement, scanned, 1, "Supplier policy\nVersion 4")
    run(engagement, notebooks=False)
    status, reason = state(engagement, scanned)
    assert status == "partly_read" and reason is not None
    assert reason.startswith("page 1 read by hand (M. Okonjo, ") and reason.endswith("page 2 is a picture without text")
    assert len(asked(engagement)) == 1
    tell(engagement, scanned, 2, "Every supplier is checked.")
    run(engagement, notebooks=False)
    assert state(engagement, scanned)[0] == "read" and asked(engagement) == []
    tables = open_assessment(engagement.root).facts.tables
    passages = tables["passages"][tables["passages"]["source"] == scanned]
    assert list(passages["locator"]) == ["page 1", "page 1", "page 2"] and set(passages["read_by"]) == {"M. Okonjo"}
    policies = tables["policies"][tables["policies"]["source"] == scanned]
    assert list(policies["text"]) == ["Supplier policy", "Version 4", "Every supplier is checked."]


def test_a_later_reading_takes_the_place_of_an_earlier_one_and_two_people_do_not_overwrite_each_other(
    engagement: Engagement, scanned: str
) -> None:
    tell(engagement, scanned, 1, "One")
    with pytest.raises(LedgerError, match="Speak with each other"):
        tell(engagement, scanned, 1, "Other", **REVIEWER)
    tell(engagement, scanned, 1, "Two")
    run(engagement, notebooks=False)
    passages = open_assessment(engagement.root).facts.tables["passages"]
    assert list(passages[passages["source"] == scanned]["text"]) == ["Two"]


def test_a_reading_of_another_file_does_not_count(engagement: Engagement, scanned: str) -> None:
    tell(engagement, scanned, 1, "One")
    in_register(engagement, scanned, sha256="0" * 64)
    run(engagement, notebooks=False)
    assert state(engagement, scanned)[1] == "pages 1-2 are pictures without text"


@pytest.mark.parametrize(
    ("page", "text", "said"),
    [
        (3, "x", "Page 3 of .* is no picture without text to be read by hand; pages 1-2 are pictures"),
        (0, "x", "Page 0 of"),
        (1, " ", "Say what page 1"),
    ],
)
def test_what_is_no_reading_is_refused(engagement: Engagement, scanned: str, page: int, text: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        tell(engagement, scanned, page, text)
    with pytest.raises(LedgerError, match="it has none"):
        tell(engagement, "E-0001", 1, "x")
    assert not engagement.ledger.exists()


def test_the_command_reads_the_text_from_a_file(engagement: Engagement, scanned: str, tmp_path: Path) -> None:
    source = tmp_path / "page.txt"
    source.write_text("Supplier policy\x1b", "utf-8")
    command = ["ledger", "read", str(engagement.root), scanned, "1", str(source), "--because", ON_SCREEN, "--by", "M."]
    told = CliRunner().invoke(cli.main, command)
    assert told.exit_code == 0 and f"reading on {scanned}/page 1: read" in told.output
    source.write_bytes(b"\xff\xfe\xfa")
    assert "is not text in UTF-8" in CliRunner().invoke(cli.main, command).output
