"""Deliveries that wait: each is taken in once, and again when its bytes change; a kill in between takes nothing in twice."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from assessor import check, inbox, sealing
from assessor.engagement import Engagement
from assessor.errors import EngagementError, EvidenceError
from assessor.evidence import package, register
from tests.batch.small import engagement

DAY = date(2026, 11, 4)


@pytest.fixture
def opened(tmp_path: Path) -> Engagement:
    return Engagement(engagement(tmp_path, "e"))


def take(opened: Engagement, *named: inbox.Package) -> list[str]:
    return inbox.take_in(opened, named, DAY)[0]


def test_a_package_is_taken_in_once_whatever_its_times_and_again_when_its_bytes_change(opened: Engagement) -> None:
    file = opened.root / "inbox/first/screening.csv"
    assert inbox.waiting(opened) == ["first"] and take(opened) == ["001-first"] and take(opened) == []
    os.utime(file, (1, 1))
    assert inbox.waiting(opened) == ["first"] and take(opened) == [] and inbox.waiting(opened) == []
    file.write_text("Screened party,Result\nZ,none\n", "utf-8")
    assert take(opened) == ["002-first"]
    rows = register.read_rows(opened.register)
    assert rows[1].version_of == rows[0].id and {row.received for row in rows} == {DAY}


def test_the_same_bytes_under_another_name_are_not_taken_in_again(opened: Engagement) -> None:
    take(opened)
    shutil.copytree(opened.root / "inbox/first", opened.root / "inbox/second")
    assert take(opened) == [] and inbox.waiting(opened) == []


def test_what_a_list_says_of_a_package_stands_in_its_rows(opened: Engagement, tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent/x.csv").write_text("x", "utf-8")
    named = inbox.Package(
        str(tmp_path / "sent"), "2026-10-01", "Supplier Ltd", "Records", "2026-01-01", "2026-06-30", "yes"
    )
    assert take(opened, named) == ["001-first", "002-sent"]
    row = register.read_rows(opened.register)[-1]
    assert (row.received, row.supplied_by, row.custodian, row.confidential) == (
        date(2026, 10, 1),
        "Supplier Ltd",
        "Records",
        True,
    )
    assert (row.effective_from, row.effective_to) == (date(2026, 1, 1), date(2026, 6, 30))


def test_a_kill_after_the_delivery_and_before_its_note_takes_nothing_in_twice(
    opened: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = package.take_in

    def killed(*args: object, **more: object) -> None:
        whole(*args, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox.package, "take_in", killed)
    with pytest.raises(KeyboardInterrupt):
        take(opened)
    monkeypatch.undo()
    assert take(opened) == ["001-first"] and take(opened) == []
    assert len(register.read_rows(opened.register)) == 1


def test_a_kill_after_the_bag_and_before_the_register_loses_nothing(
    opened: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(register, "append_lines", killed)
        with pytest.raises(KeyboardInterrupt):
            take(opened)
    assert not opened.register.exists() and (opened.evidence / "001-first").is_dir()
    assert take(opened) == ["001-first"] and take(opened) == []
    assert {row.delivery for row in register.read_rows(opened.register)} == {"001-first"}


def test_a_package_that_is_refused_is_named_and_those_before_it_stay(opened: Engagement) -> None:
    (opened.root / "inbox/second").mkdir()
    with pytest.raises(EvidenceError, match="second is empty"):
        take(opened)
    assert inbox.waiting(opened) == ["second"] and len(register.read_rows(opened.register)) == 1
    (opened.root / "inbox/second").rmdir()
    with pytest.raises(EvidenceError, match="There is no package"):
        take(opened, inbox.Package(str(opened.root / "nowhere.zip")))


def test_a_damaged_note_is_one_sentence(opened: Engagement) -> None:
    take(opened)
    (opened.root / inbox.NOTE).write_text(json.dumps({"packages": []}), "utf-8")
    with pytest.raises(EngagementError, match="is damaged"):
        take(opened)


def test_what_waits_is_told_by_check_and_the_inbox_is_not_sealed_twice(opened: Engagement, tmp_path: Path) -> None:
    codes = [problem["code"] for problem in check.status(opened)["problems"]]
    assert codes.count("delivery_waiting") == 1
    take(opened)
    assert "delivery_waiting" not in [problem["code"] for problem in check.status(opened)["problems"]]
    target, _ = sealing.seal(opened, tmp_path / "sealed", despite="a test")
    held = {path.relative_to(target / "data").as_posix() for path in (target / "data").rglob("*") if path.is_file()}
    assert "inbox.json" in held and not any(name.startswith("inbox/") for name in held)
    assert "evidence/001-first/data/screening.csv" in held
