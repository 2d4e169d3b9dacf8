"""The section on neighbouring exposure: shown with source and date, left out when the terms say so, and without effect."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from assessor.engagement import parse_terms
from assessor.errors import EngagementError
from assessor.reporting import write_report
from assessor.reporting.context import context
from assessor.reporting.neighbours import neighbouring
from assessor.reporting.package import W
from assessor.reporting.render import reading
from assessor.reporting.view import View
from assessor.rule import load
from tests.reporting import sample

HEADING = "Neighbouring exposure outside subpart D"
RULE = load()


def _chapters(document: etree._Element) -> list[str]:
    return [
        reading(p).strip("\0")
        for p in document.iter(f"{W}p")
        if (style := p.find(f"{W}pPr/{W}pStyle")) is not None and style.get(f"{W}val") == "Heading1"
    ]


def _without(**report: object) -> dict[str, object]:
    everything = sample.everything()
    return everything | {"terms": replace(everything["terms"], report=report)}


def _written(folder: Path, everything: dict[str, object]) -> etree._Element:
    write_report(folder, **everything)  # type: ignore[arg-type]
    with zipfile.ZipFile(folder / "report" / "assessment.docx") as package:
        return etree.fromstring(package.read("word/document.xml"))


def test_the_section_stands_between_the_limitations_and_the_judgement_register(document: etree._Element) -> None:
    chapters = _chapters(document)
    place = chapters.index(HEADING)
    assert chapters[place - 1] == "Open questions, limitations and outstanding evidence"
    assert chapters[place + 1] == "Judgement register"


def test_the_section_names_every_matter_with_its_source_under_the_sentence_that_none_decided(
    document: etree._Element,
) -> None:
    section = reading(document).rsplit(HEADING, 1)[1].split("Judgement register")[0]
    assert "none of it decided anything in this report" in section
    for matter in RULE.programme.values():
        for text in (matter.title, matter.statement, matter.source, matter.grade, *matter.asks):
            assert text.strip() in section, matter.id


def test_a_matter_shows_the_day_of_its_event_where_known_and_the_month_of_what_is_told() -> None:
    dates = {row["title"]: row["date"] for row in neighbouring(View(**sample.everything()))}
    assert dates["Macau and Hong Kong"] == "effective 4 February 2025; as known in November 2026"
    assert dates["Joint development"] == "as known in November 2026"


def test_the_section_is_shown_when_the_terms_say_nothing_or_true() -> None:
    for report in ({}, {"neighbouring_exposure": True}):
        assert len(context(**_without(**report))["neighbouring"]) == len(RULE.programme)


def test_the_terms_can_leave_the_section_out_and_the_numbers_close_up(tmp_path: Path, document: etree._Element) -> None:
    without = _written(tmp_path, _without(neighbouring_exposure=False))
    assert _chapters(without) == [chapter for chapter in _chapters(document) if chapter != HEADING]
    text = reading(without)
    assert HEADING not in text and "CFIUS" not in text
    entries = re.findall(r"\0(\d+)\t", text)
    assert entries[: len(_chapters(without))] == [str(n) for n in range(1, len(_chapters(without)) + 1)]


def test_nothing_else_in_the_reports_data_depends_on_the_section() -> None:
    shown, left_out = (context(**_without(neighbouring_exposure=choice)) for choice in (True, False))
    assert shown.pop("neighbouring") and left_out.pop("neighbouring") == []
    assert shown == left_out


def test_a_choice_that_is_neither_true_nor_false_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(
        """[engagement]
id = "X"
dated = 2026-11-16
period = {from = 2026-01-01, to = 2026-09-30}
rule_version = "2025-04-24"
[client]
name = "A"
roles = []
[firm]
name = "B"
[report]
neighbouring_exposure = "false"
""",
        encoding="utf-8",
    )
    with pytest.raises(EngagementError, match="`neighbouring_exposure` as true or false"):
        parse_terms(path)
    path.write_text(path.read_text("utf-8").replace('"false"', "false"), encoding="utf-8")
    assert parse_terms(path).report == {"neighbouring_exposure": False}
