"""The written report: faithful to the evidence, whole, well-formed and the same each time."""

from __future__ import annotations

import hashlib
import itertools
import re
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from assessor import resources
from assessor.reporting import write_report
from assessor.reporting.package import W
from assessor.reporting.render import reading
from assessor.reporting.view import View
from assessor.reporting.work import judgements, questions
from assessor.results import Question
from assessor.text import visible
from tests.reporting import sample

PARAGRAPHS = [
    "(b)",
    "(b)(1)",
    "(b)(2)",
    "(c)(1)",
    "(c)(2)",
    "(c)(3)",
    "(c)(4)",
    "(d)(1)",
    "(d)(2)",
    "(d)(3)",
    "(d)(4)",
    "(d)(5)",
    "(e)",
]
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.mark.parametrize("awkward", sample.AWKWARD)
def test_every_awkward_text_survives_character_for_character(document: etree._Element, awkward: str) -> None:
    assert visible(awkward).strip() in reading(document)


def test_nothing_in_the_evidence_is_evaluated_as_a_template(document: etree._Element) -> None:
    assert "{{ 7*7 }}" in reading(document)
    assert "49" not in reading(document)


def test_no_residue_is_left_beside_the_texts_of_the_evidence(document: etree._Element) -> None:
    text = reading(document)
    for awkward in sample.AWKWARD:
        text = text.replace(visible(awkward).strip(), "")
    for residue in ("{{", "}}", "{%", "%}", "{#", "Undefined", "None", "nan", "NaT", "<NA>", "Error!", "[]"):
        assert not re.search(rf"(?<!\w){re.escape(residue)}(?!\w)", text), residue


def test_every_paragraph_of_791_315_is_in_the_crosswalk_with_its_section(document: etree._Element) -> None:
    rows = [[reading(cell).strip("\0") for cell in row.iter(f"{W}tc")] for row in document.iter(f"{W}tr")]
    crosswalk = {row[0]: row[2] for row in rows if len(row) == 3 and row[0] in PARAGRAPHS}
    assert list(crosswalk) == PARAGRAPHS
    assert all(re.match(r"\d+(\.\d+)?[ ,]", where) for where in crosswalk.values()), crosswalk


def test_every_table_has_a_row_and_every_cell_ends_with_a_paragraph(document: etree._Element) -> None:
    tables = list(document.iter(f"{W}tbl"))
    assert len(tables) > 20
    for table in tables:
        assert table.find(f"{W}tr") is not None
        for cell in table.iter(f"{W}tc"):
            assert cell[-1].tag == f"{W}p"


def test_tables_repeat_their_heading_and_keep_rows_whole_and_stay_on_the_page(document: etree._Element) -> None:
    for table in document.iter(f"{W}tbl"):
        rows = list(table.iter(f"{W}tr"))
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        widths = [int(column.get(f"{W}w")) for column in table.iter(f"{W}gridCol")]
        assert sum(widths) in (9360, 12960)  # twentieths of a point: 6.5 and 9 inches
        assert table.find(f"{W}tblPr/{W}tblLayout").get(f"{W}type") == "fixed"
    captions = [
        p
        for p in document.iter(f"{W}p")
        if p.find(f"{W}pPr/{W}pStyle") is not None and p.find(f"{W}pPr/{W}pStyle").get(f"{W}val") == "Caption"
    ]
    assert all(caption.getnext().find(f"{W}tr/{W}trPr/{W}tblHeader") is not None for caption in captions)


def test_fields_close_and_bookmarks_are_unique_and_every_link_leads_somewhere(document: etree._Element) -> None:
    marks = [node.get(f"{W}fldCharType") for node in document.iter(f"{W}fldChar")]
    assert marks.count("begin") == marks.count("separate") == marks.count("end")
    names = [node.get(f"{W}name") for node in document.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    ids = [node.get(f"{W}id") for node in document.iter(f"{W}bookmarkStart")]
    assert sorted(ids) == sorted(node.get(f"{W}id") for node in document.iter(f"{W}bookmarkEnd"))
    assert {link.get(f"{W}anchor") for link in document.iter(f"{W}hyperlink")} <= set(names)


def test_the_contents_list_every_chapter_with_its_number(document: etree._Element) -> None:
    def styled(start: str) -> list[str]:
        return [
            reading(p).strip("\0")
            for p in document.iter(f"{W}p")
            if (style := p.find(f"{W}pPr/{W}pStyle")) is not None and style.get(f"{W}val") == start
        ]

    entries = styled("TOC1")
    assert [entry.split("\t")[0] for entry in entries] == [str(n) for n in range(1, len(entries) + 1)]
    assert [entry.split("\t")[1] for entry in entries] == styled("Heading1")


def test_captions_are_numbered_through(document: etree._Element) -> None:
    text = reading(document)
    for name in ("Table", "Figure"):
        numbers = [int(n) for n in re.findall(rf"\0{name} (\d+)\. ", text)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers


def test_every_picture_has_a_text_alternative_and_a_caption(document: etree._Element) -> None:
    pictures = list(document.iter(f"{DRAWING}docPr"))
    assert len(pictures) == 5
    assert all(len(picture.get("descr")) > 60 for picture in pictures)
    assert len({picture.get("id") for picture in pictures}) == 5
    captions = re.findall(r"\0Figure \d+\. .{20}", reading(document))
    assert len(captions) == 5


def test_a_missing_response_is_said_with_the_date(document: etree._Element) -> None:
    assert "No management response was received by 16 November 2026." in reading(document)


def test_sentences_about_facts_carry_their_evidence(document: etree._Element) -> None:
    text = reading(document)
    assert "It denies the owner 云桥科技有限公司. [E-0002 /components/12; E-0007 line 3]" in text
    assert "all tests hold. §791.301 [E-0001 line 2]" in text


def test_the_same_inputs_give_the_same_bytes(report: Path, tmp_path: Path) -> None:
    written = write_report(tmp_path, **sample.everything())
    for path in written:
        again = report.parent / path.relative_to(tmp_path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == hashlib.sha256(again.read_bytes()).hexdigest(), (
            path.name
        )


def test_properties_and_dates_are_the_engagements(report: Path) -> None:
    with zipfile.ZipFile(report / "assessment.docx") as package:
        core = package.read("docProps/core.xml").decode()
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("thumbnail" in name for name in package.namelist())
    assert core.count("2026-11-16T00:00:00Z") == 3
    assert "Pellworm Review LLP" in core


def test_an_engagement_with_nothing_in_it_still_gives_whole_sentences(tmp_path: Path) -> None:
    everything = sample.everything()
    bare = sample.terms(
        responses=[],
        team=[],
        items=[],
        authorizations=[],
        independence={},
        client={"name": "X"},
        firm={"name": "Y"},
        criteria={},
        engagement={},
        report={},
    )
    empty = {
        **everything,
        "terms": bare,
        "results": [],
        "register": everything["register"].head(0),
        "tables": {n: t.head(0) for n, t in everything["tables"].items()},
    }
    write_report(tmp_path, **empty)
    with zipfile.ZipFile(tmp_path / "report" / "assessment.docx") as package:
        text = reading(etree.fromstring(package.read("word/document.xml")))
    for sentence in (
        "No management response was received by 16 November 2026.",
        "No supplier of a relevant component was identified.",
        "There is no finding.",
        "No evidence was received.",
        "Nobody was interviewed.",
        "has not acknowledged that this assessment may be used",
    ):
        assert sentence in text
    headings = list(
        etree.fromstring(zipfile.ZipFile(tmp_path / "report" / "assessment.docx").read("word/document.xml")).iter(
            f"{W}p"
        )
    )
    styles = [(s.get(f"{W}val") if (s := p.find(f"{W}pPr/{W}pStyle")) is not None else "") for p in headings]
    assert not any(a == "Heading2" and b in ("Heading1", "Heading2") for a, b in itertools.pairwise(styles))


def test_a_figure_of_an_earlier_report_does_not_stay(tmp_path: Path) -> None:
    everything = sample.everything()
    write_report(tmp_path, **everything)
    (tmp_path / "report" / "figures" / "ownership-9.png").write_bytes(b"old")
    written = write_report(tmp_path, **everything)
    assert {p for p in written if p.parent.name == "figures"} == set((tmp_path / "report" / "figures").iterdir())


def test_a_name_that_the_font_cannot_draw_is_told_by_another_name_or_its_id() -> None:
    from assessor.ownership.figure.png import named
    from assessor.reporting.chains import Names
    from assessor.reporting.view import View

    names = Names(View(**sample.everything()))
    assert named(names.box(sample.CHINESE, "own"), 1) == "Shenzhen Yunqiao Technology Co., Ltd."
    assert named(names.box("yun", "own"), 1) == "yun"
    assert named(names.box(sample.RUSSIAN, "own"), 1) == sample.RUSSIAN
    assert named(names.box("天曲", "own"), 3) == "entity 3"


def test_a_chain_told_by_names_is_drawn_with_what_each_step_does_and_those_not_disclosed_apart() -> None:
    from assessor.reporting.chains import Names, diagram
    from assessor.reporting.view import View

    def step(holder: str, held: str, share: str, control: str, kind: str = "shares") -> dict[str, str]:
        return {"from": holder, "to": held, "kind": kind, "share": share, "control": control, "evidence": "E-1 /1"}

    drawn = diagram(
        {"name": "Nordwind GmbH", "prc_russia": "possible"},
        [
            step(sample.CHINESE, "Lantern S.A.", "60 %", "established"),
            step("Lantern S.A.", "Nordwind GmbH", "more than 25 % up to 50 %", "possible"),
            step("holders not disclosed", "Nordwind GmbH", "50 %", "undisclosed", "not disclosed"),
            step("holders not disclosed", "Lantern S.A.", "40 %", "undisclosed", "not disclosed"),
            step("Somebody", "Nordwind GmbH", "", "", "special share"),  # a result made before steps told what they do
        ],
        Names(View(**sample.everything())),
    )
    states = {box.name: box.state for box in drawn.boxes}
    assert states == {
        "Nordwind GmbH": "possible",
        "Lantern S.A.": "established",
        sample.CHINESE: "own",
        "holders not disclosed": "undisclosed",
        "Somebody": "excluded",
    }
    assert sum(box.state == "undisclosed" for box in drawn.boxes) == 2
    assert [arrow.state for arrow in drawn.arrows] == [
        "established",
        "possible",
        "undisclosed",
        "undisclosed",
        "possible",
    ]
    assert [arrow.min for arrow in drawn.arrows] == [Fraction(3, 5), None, Fraction(1, 2), Fraction(2, 5), None]


def test_the_chain_of_a_supplier_stands_in_the_report_as_png_and_beside_it_as_svg(report: Path) -> None:
    chains = sorted(path.name for path in (report / "figures").glob("ownership-*"))
    assert chains and {Path(name).suffix for name in chains} == {".png", ".svg"}
    for path in (report / "figures").glob("*.svg"):
        assert etree.fromstring(path.read_bytes()).tag == "{http://www.w3.org/2000/svg}svg"


def test_figures_do_not_depend_on_the_users_settings(report: Path, tmp_path: Path) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red"}):
        write_report(tmp_path, **sample.everything())
    for path in (report / "figures").iterdir():
        assert path.read_bytes() == (tmp_path / "report" / "figures" / path.name).read_bytes()


def test_the_conclusion_of_an_authorization_comes_from_the_tests_of_its_conditions() -> None:
    from assessor.reporting.conclusions import conclusions
    from assessor.reporting.view import View

    found = {row["name"]: row for row in conclusions(View(**sample.everything()))}
    assert {name: row["conclusion"] for name, row in found.items()} == {
        "DoC-1": "Conforms",
        "DoC-2": "Inconclusive",
        "SA-1": "Exception",
    }
    assert found["SA-1"]["findings"] == "F-04"
    assert found["DoC-2"]["since"] == "date not stated"


def test_a_later_result_changes_the_report(report: Path, tmp_path: Path) -> None:
    everything = sample.everything()
    everything["results"][0] = replace(everything["results"][0], reason="another reason")
    write_report(tmp_path, **everything)
    assert (tmp_path / "report" / "assessment.docx").read_bytes() != (report / "assessment.docx").read_bytes()


def test_the_template_lies_where_the_toolkit_looks_for_it() -> None:
    assert (resources.folder("templates") / "assessment.docx").is_file()


@pytest.mark.parametrize(("state", "listed"), [("answered", judgements), ("open", questions)])
def test_a_question_about_a_finding_tells_it_by_its_number(state: str, listed: Any) -> None:
    told = sample.everything()
    found = replace(next(f for r in told["results"] for f in r.findings), id="F-07")
    asked = Question(
        "applicable_to_transaction", found.key, "791.315(d)(5)", f"Is it applicable to {found.key}?", (), ("yes",)
    )
    answer = "yes" if state == "answered" else ""
    result = replace(told["results"][0], findings=(found,), questions=(replace(asked, state=state, answer=answer),))
    view = View(told["terms"], told["rule"], [result], told["register"], told["tables"], told["ledger"])
    assert [(row["subject"], row["question"]) for row in listed(view)] == [("F-07", "Is it applicable to F-07?")]
