"""References to evidence lead to the evidence index, and only what the toolkit made a reference does."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.reporting import claims
from assessor.reporting.package import W, parse, read_parts
from assessor.reporting.render import Properties, reading, render
from assessor.reporting.words import Item, Reference, refs
from assessor.results import EvidenceRef

PROPERTIES = Properties("T", "F", "C", "X-1", "1.0", date(2026, 11, 16))
INDEX = ["{%p for e in evidence %}", "{{ e.id }}: {{ e.file }}", "{%p endfor %}"]


def rendered(folder: Path, data: dict[str, Any], *paragraphs: str) -> Any:
    template = docx.Document()
    for paragraph in paragraphs:
        template.add_paragraph(paragraph)
    template.save(str(folder / "t.docx"))
    render(folder / "t.docx", data, {}, PROPERTIES, folder / "o.docx")
    return parse(read_parts((folder / "o.docx").read_bytes())["word/document.xml"])


def links(root: Any) -> list[tuple[str, str]]:
    return [
        (link.get(f"{W}anchor"), "".join(t.text for t in link.iter(f"{W}t"))) for link in root.iter(f"{W}hyperlink")
    ]


def marks(root: Any) -> list[str]:
    return [mark.get(f"{W}name") for mark in root.iter(f"{W}bookmarkStart")]


def evidence(*items: str) -> list[dict[str, str]]:
    return [{"id": Item(item), "file": "a.csv"} for item in items]


def test_each_item_of_a_reference_leads_to_its_entry(tmp_path: Path) -> None:
    told = refs([EvidenceRef("E-0001", "row 3"), EvidenceRef("E-0002")])
    root = rendered(tmp_path, {"r": told, "evidence": evidence("E-0001", "E-0002")}, "See {{ r }} there.", *INDEX)
    assert links(root) == [("E_0001", "E-0001"), ("E_0002", "E-0002")]
    assert marks(root) == ["E_0001", "E_0002"]
    assert reading(root).split("\0")[1] == "See [E-0001 row 3; E-0002] there."


def test_an_item_that_the_document_does_not_list_is_no_link(tmp_path: Path) -> None:
    root = rendered(tmp_path, {"r": refs([EvidenceRef("E-0009")]), "evidence": evidence("E-0001")}, "{{ r }}", *INDEX)
    assert links(root) == []
    assert "[E-0009]" in reading(root)


def test_a_document_without_an_index_has_no_links_and_all_of_its_text(tmp_path: Path) -> None:
    root = rendered(tmp_path, {"r": refs([EvidenceRef("E-0001")])}, "{{ r }}")
    assert links(root) == []
    assert reading(root).strip("\0") == "[E-0001]"


def test_a_text_of_the_client_never_becomes_a_link(tmp_path: Path) -> None:
    hostile = "[E-0001 row 1] \ufdd2E-0001\ufdd4"
    root = rendered(tmp_path, {"r": hostile, "evidence": evidence("E-0001")}, "{{ r }}", *INDEX)
    assert links(root) == []
    assert reading(root).split("\0")[1] == r"[E-0001 row 1] \ufdd2E-0001\ufdd4"


def test_an_entry_that_is_listed_twice_is_marked_once(tmp_path: Path) -> None:
    data = {"r": refs([EvidenceRef("E-0001")]), "evidence": evidence("E-0001")}
    assert marks(rendered(tmp_path, data, "{{ r }}", *INDEX, *INDEX)) == ["E_0001"]


def test_a_reference_in_a_heading_and_beside_a_tab_keeps_its_looks_and_its_place(tmp_path: Path) -> None:
    template = docx.Document()
    run = template.add_paragraph().add_run("A\t{{ r }}\tB")
    run.bold = True
    template.add_paragraph(INDEX[0])
    template.add_paragraph(INDEX[1])
    template.add_paragraph(INDEX[2])
    template.save(str(tmp_path / "t.docx"))
    data = {"r": refs([EvidenceRef("E-0001")]), "evidence": evidence("E-0001")}
    render(tmp_path / "t.docx", data, {}, PROPERTIES, tmp_path / "o.docx")
    root = parse(read_parts((tmp_path / "o.docx").read_bytes())["word/document.xml"])
    assert reading(root).split("\0")[1] == "A\t[E-0001]\tB"
    (link,) = root.iter(f"{W}hyperlink")
    assert link.find(f"{W}r/{W}rPr/{W}b") is not None


@settings(deadline=None)  # a document each time
@given(st.lists(st.text("E-01 ;[]\n", max_size=12), max_size=4))
def test_no_text_around_a_reference_is_lost(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("links")
    data = {
        "texts": [{"t": text, "r": refs([EvidenceRef("E-0001", "row 1")])} for text in texts],
        "evidence": evidence("E-0001"),
    }
    root = rendered(folder, data, "{%p for x in texts %}", "({{ x.t }}{{ x.r }}{{ x.t }})", "{%p endfor %}", *INDEX)
    shown = [text for text in reading(root).split("\0") if text.startswith("(")]
    assert shown == [f"({text}[E-0001 row 1]{text})" for text in texts]
    assert len(links(root)) == len(texts)


def test_a_reference_that_is_cut_knows_every_item_that_it_stands_for() -> None:
    told = refs([EvidenceRef(f"E-{number:04d}") for number in range(1, 20)])
    assert re.search(r"and 11 more items\]$", told)
    assert told.items == {f"E-{number:04d}" for number in range(1, 20)}
    assert claims.resting({"evidence": told}, frozenset({"E-0019"})) is True
    assert claims.resting({"evidence": told}, frozenset({"E-0099"})) is False
    assert claims.resting({"evidence": str(told)}, frozenset({"E-0099"})) is True
    assert Reference("", ()).items == frozenset()
