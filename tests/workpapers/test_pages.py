"""Workpapers as pages: all that a reader needs stands in them, links lead to what is there, and evidence stays text."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import assessor
from assessor import resources, workpapers
from assessor.assessment import STAGES
from assessor.demo import build_package
from assessor.engagement import Engagement
from assessor.evidence import package, safe_names
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Test
from assessor.run import _report_name, run

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> </title></style> [x](javascript:alert(3)) "
    "![y](http://host.example/y.png) {{ 7*7 }} {% raw %} $x$ **b** `c` \u202egnp.exe E-0002 line 1"
)
"""Without a comma, a quotation mark or a backslash, so that it is one value in CSV, JSON and TOML alike."""

NAMES = {
    "02 Software/legacy-software-register.csv": "02 Software/#1 & 50% <b>?.csv",
    "05 Ownership/suppliers.bods.json": "05 Ownership/Übersicht 'x' \"y\" %2e%2e;.bods.json",
    "01 Vehicles/vehicle-lines.csv": "01 Vehicles/javascript;alert(1).csv",
    "08 Transactions/import-sales-ledger.csv": "08 Transactions/\u202evsc.csv",
}
"""Files of the demonstration, and what a client might have called them."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with a client, a preparer, suppliers, components and files whose names are hostile, run with its notebooks."""
    folder, case = tmp_path_factory.mktemp("hostile"), resources.folder("fixtures") / "fellmark"
    delivery, engagement = folder / "delivery-1", Engagement(folder / "one")
    engagement.root.mkdir()
    terms = (case / "engagement.toml").read_text("utf-8").replace("Fellmark Motors, Inc.", HOSTILE)
    engagement.terms_file.write_text(terms.replace('preparer = "A. Feldhaus"', f'preparer = "{HOSTILE}"'), "utf-8")
    build_package(case, delivery)
    for path in delivery.rglob("*"):
        if path.suffix in (".csv", ".json"):
            told = path.read_bytes()
            for name in (b"Brightwater Connect LLC", b"Lakeshore Codec Inc.", b"bw-link"):
                told = told.replace(name, HOSTILE.encode("utf-8") + b" " + name)
            path.write_bytes(told)
    for old, new in NAMES.items():
        (delivery / old).rename(delivery / new)
    package.take_in(engagement.root, delivery, received=date(2026, 11, 4), supplied_by="Client", custodian="")
    report = run(engagement)
    assert not report.failed
    return engagement.root


def pages(root: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted((root / "workpapers").glob("*.html")):
        yield path.name, lxml.html.document_fromstring(path.read_text("utf-8"))


def active(page: Any) -> list[str]:
    """Everything on a page that could run, load or lead elsewhere."""
    found = [
        f"<{node.tag}>"
        for node in page.iter("script", "iframe", "object", "embed", "form", "link", "base", "svg", "math")
    ]
    for node in page.iter():
        for name, value in node.attrib.items() if isinstance(node.tag, str) else ():
            own = value.startswith(("#", "../evidence/", "../report/", "../results/")) or re.fullmatch(
                r"\w+\.html", value
            )
            if (
                name.startswith("on")
                or name in ("style", "srcdoc", "action", "formaction", "srcset", "background", "poster")
                or (name == "href" and not own)
                or (name == "src" and not value.startswith("data:image/"))
            ):
                found.append(f"{node.tag} {name}={value}")
    return found


def test_hostile_names_stay_text_on_every_page(hostile: Path) -> None:
    told = ""
    for name, page in pages(hostile):
        assert active(page) == [], name
        assert [meta.get("http-equiv") for meta in page.iter("meta")].count("Content-Security-Policy") == 1
        assert "\u202e" not in page.text_content(), name
        told += page.text_content()
        assert HOSTILE.split("{{")[0].strip() in " ".join(page.find(".//title").text.split())
    for piece in (
        "<script>alert(1)</script>",
        "onerror=alert(2)",
        "[x](javascript:alert(3))",
        "{{ 7*7 }}",
        "**b** `c`",
        "$x$",
    ):
        assert told.count(piece) > len(STAGES), piece
    assert "\\u202egnp.exe" in told


def test_a_text_of_the_client_that_looks_like_a_reference_is_no_link(hostile: Path) -> None:
    for name, page in pages(hostile):
        for link in page.iterfind(".//main//a"):
            before = (link.getprevious().tail if link.getprevious() is not None else link.getparent().text) or ""
            assert "gnp.exe" not in before, name
            assert "gnp.exe" not in link.text_content(), name


def test_every_link_leads_to_a_file_whatever_it_is_called(hostile: Path) -> None:
    led = set()
    for name, page in pages(hostile):
        here = {node.get("id") for node in page.iter() if isinstance(node.tag, str)}
        for link in page.iter("a"):
            address = link.get("href", "")
            assert address, (name, link.text_content())
            if address.startswith("#"):
                assert address[1:] in here, (name, address)
            elif not address.startswith("../report/"):  # which is made later
                path = unquote(address.partition("#")[0])
                assert (hostile / "workpapers" / path).exists(), (name, address)
                led.add(path.partition("/data/")[2])
    kept = [
        safe_names.kept(name, set()) for name in NAMES.values()
    ]  # intake takes signs away that no file system should hold
    assert set(kept) <= led
    assert any("%2e%2e;" in name and "'" in name for name in kept)  # others stay, and are led to all the same


def test_every_page_opens_with_its_record_and_has_what_a_workpaper_needs(hostile: Path) -> None:
    for stage in STAGES:
        page = lxml.html.document_fromstring((hostile / "workpapers" / f"{stage}.html").read_text("utf-8"))
        told = " ".join(page.text_content().split())
        for words in (
            *("Purpose.", "Conclusions of this workpaper", "Sources", "Population", "Work done", "Evidence examined"),
            *("✓ conforms", "✗ exception", "? inconclusive", "– not tested", "○ not applicable"),
            *("FELLMARK-2026", "2026-01-01 to 2026-09-30", "2026-11-16", "2025-04-24", "C. Merrow", "SHA-256"),
        ):
            assert words in told, (stage, words)
        [title] = page.iter("h1")
        assert title.text_content() == f"{workpapers.number(stage)} {workpapers.title(stage)}"


def test_pages_lead_to_their_neighbours_to_the_index_and_to_the_report(hostile: Path) -> None:
    stages = list(STAGES)
    for at, stage in enumerate(stages):
        page = lxml.html.document_fromstring((hostile / "workpapers" / f"{stage}.html").read_text("utf-8"))
        links = {a.get("rel"): a.get("href") for a in page.xpath("//header//a")}
        assert links.get("prev") == (f"{stages[at - 1]}.html" if at else None)
        assert links.get("next") == (f"{stages[at + 1]}.html" if at < len(stages) - 1 else None)
        assert links["up"] == "index.html" and links[None] == "../report/assessment.docx"


def test_pages_can_be_read_by_everybody(hostile: Path) -> None:
    for name, page in pages(hostile):
        assert page.get("lang") == "en"
        assert [node.tag for node in page.body.iterchildren()] == ["a", "header", "div", "footer"], name
        assert page.body[0].get("href") == "#main" and len(page.xpath("//main")) == 1
        assert len({nav.get("aria-label") for nav in page.iter("nav")}) == len(list(page.iter("nav"))) == 3
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        levels = [int(node.tag[1]) for node in page.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")]
        assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels)), name
        headings = page.xpath("//main//*[self::h2 or self::h3]/@id")
        assert page.xpath("//nav[@id='contents']//a/@href") == [f"#{anchor}" for anchor in headings]
        for table in page.iter("table"):
            assert table.find("caption") is not None or table.get("aria-label"), name
            assert all(cell.get("scope") in ("col", "row") for cell in table.iter("th")), name
        assert all(image.get("alt") for image in page.iter("img"))


def test_the_index_tells_of_every_workpaper_what_it_concludes_and_what_is_open(hostile: Path) -> None:
    page = lxml.html.document_fromstring((hostile / "workpapers" / "index.html").read_text("utf-8"))
    [listed] = page.xpath("//table[caption[starts-with(., 'Workpapers')]]")
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in listed.iterfind("tbody/tr")]
    assert [row[0] for row in rows] == [*(f"WP-0{n}" for n in range(1, 8)), "all"]
    results = json.loads((hostile / "results" / "results.json").read_text("utf-8"))
    for told in results["procedures"]:
        assert any(f"§{told['clause']}" in row[2] and told["conclusion"].replace("_", " ") in row[2] for row in rows)
    waiting = [question for question in results["questions"] if question["state"] != "answered"]
    assert rows[-1][3:] == [str(len(results["findings"])), str(len(waiting)), str(len(results["requests"]))]
    assert sum(int(row[3]) for row in rows[:-1]) == len(results["findings"])
    assert {"../report/", "../results/", "../results/results.json"} <= set(page.xpath("//main//a/@href"))


def test_a_workpaper_that_does_not_stand_has_no_link_in_the_index(hostile: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(hostile, copy)
    assessment = assessor.open_assessment(copy)
    path = workpapers.write_index(assessment, [s for s in STAGES if s != "03_suppliers"], "assessment.docx")
    told = path.read_text("utf-8")
    assert "03_suppliers.html" not in told and "no page of these results" in told and "04_prohibitions.html" in told


def test_the_same_inputs_give_the_same_pages(hostile: Path) -> None:
    folder = hostile / "workpapers"
    before = {path.name: path.read_bytes() for path in folder.glob("*.html")}
    report = run(Engagement(hostile), only=["s315_suppliers"], force=True)
    assert "03_suppliers" in report.ran
    assert {path.name: path.read_bytes() for path in folder.glob("*.html")} == before


def exported(folder: Path, *cells: Any, **more: Any) -> Any:
    nbformat.write(new_notebook(cells=list(cells)), folder / "view.ipynb")
    return lxml.html.document_fromstring(workpapers.export(folder / "view.ipynb", "View", **more).read_text("utf-8"))


@pytest.mark.parametrize(
    "markdown",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](http://host.example/)",
        "![x](http://host.example/a.png)",
        "![x](data:text/html;base64,AAAA)",
        "<http://host.example>",
        "[x](../evidence/../../secret)",
        "[x](../evidence/%2e%2e/%2e%2e/secret)",
        "[x](../evidence/..%5c..%5csecret)",
        "[x](../report/../../secret)",
        "[x](//host.example/index.html)",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "<a href='#x' onclick='alert(1)' style='position:fixed'>x</a>",
        "<form action='http://host.example'><input></form>",
        "<meta http-equiv='refresh' content='0; url=http://host.example'>",
    ],
)
def test_markdown_that_becomes_markup_after_the_sanitizer_is_looked_through_too(tmp_path: Path, markdown: str) -> None:
    output = new_output("display_data", {"text/markdown": markdown})
    page = exported(tmp_path, new_markdown_cell(markdown), new_code_cell("view", outputs=[output], execution_count=1))
    assert active(page) == []
    assert len(page.xpath("//meta")) == 4


def test_output_that_asks_for_a_frame_of_its_own_gets_none(tmp_path: Path) -> None:
    output = new_output("display_data", {"text/html": "<p>x</p>"}, metadata={"text/html": {"isolated": True}})
    assert active(exported(tmp_path, new_code_cell("view", outputs=[output], execution_count=1))) == []


def test_headings_named_alike_or_like_parts_of_the_page_are_led_to_apart(tmp_path: Path) -> None:
    page = exported(tmp_path, new_markdown_cell("# A\n\n## Main\n\n## Contents\n\n### x\n\n## Main\n\n## 青岚"))
    assert page.xpath("//nav[@id='contents']//a/@href") == ["#main-2", "#contents-2", "#x", "#main-3", "#part"]
    assert [a.text for a in page.xpath("//nav[@id='contents']/ol/li/ol/li/a")] == ["x"]


def test_a_sign_off_block_stands_below_the_work_and_only_where_there_is_one(tmp_path: Path) -> None:
    page = exported(tmp_path, new_markdown_cell("# A"), signed=["Prepared by A. Feldhaus", HOSTILE])
    [block] = page.xpath("//main/section[@class='signed']")
    assert [" ".join(line.text_content().split())[:23] for line in block.iter("li")] == [
        "Prepared by A. Feldhaus",
        HOSTILE[:23],
    ]
    assert page.xpath("//nav[@id='contents']//a[last()]/text()") == ["Sign-off"]
    assert active(page) == []
    assert not exported(tmp_path, new_markdown_cell("# A")).xpath("//section")


def links(item: str, locator: str) -> str | None:
    return f"../evidence/001-a/data/{item}.csv" if item in ("E-0004", "E-0005") else None


def hrefs(shown: Any) -> list[tuple[str, str]]:
    return re.findall(r'<a href="([^"]*)">(.*?)</a>', shown._repr_html_())


def test_a_reference_of_the_toolkit_is_a_link_and_its_look_alike_is_none() -> None:
    ref = EvidenceRef("E-0004", "E-0005!row 2")
    finding = Finding("c", "s", ("791.301",), "E-0004", "E-0004", "E-0004 x", "", "", (), "high", (ref,))
    found = ProcedureResult(
        *("p", "791.301", "T", Outcome.EXCEPTION, "as E-0004 says", "E-0004", ("read E-0004",), ("E-0004", "TERMS")),
        tests=(Test("791.301", "E-0004", Outcome.EXCEPTION, "E-0004 row 1", (ref,)),),
        findings=(finding,),
        tables={"t": [{"name": "E-0004", "evidence": "E-0004 row 1; E-0009; E-0005 E-0004"}]},
    )
    address = "../evidence/001-a/data/E-0004.csv"
    assert hrefs(workpapers.result(found, links)) == [(address, "E-0004")] * 3
    assert hrefs(workpapers.detail_tables(found, links=links)) == [
        (address, "E-0004"),
        ("../evidence/001-a/data/E-0005.csv", "E-0005"),
    ]
    assert hrefs(workpapers.result(found)) == []
    assert hrefs(workpapers.rows([{"a": "E-0004", "b": "E-0004"}], "R", links=links, references=["b"])) == [
        (address, "E-0004")
    ]


def test_evidence_that_lies_outside_or_is_not_there_has_no_address(hostile: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(hostile, copy)
    register = copy / "register.jsonl"
    lines = [json.loads(line) for line in register.read_text("utf-8").splitlines()]
    data = copy / "evidence" / lines[0]["delivery"] / "data"
    outside = tmp_path / "secret.csv"
    outside.write_text("x", "utf-8")
    (data / "link.csv").symlink_to(outside)
    for line, path in zip(
        lines, ("link.csv", "../../../../secret.csv", "gone.csv", "metadata.json/x\\..\\y.csv"), strict=False
    ):
        line["path"] = path
    register.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    address = workpapers.evidence_links(assessor.open_assessment(copy))
    assert (data / "../../../../secret.csv").is_file()
    assert [address(line["id"], "") for line in lines[:4]] == [None] * 4
    assert address(lines[5]["id"], "") is not None


def test_numbers_of_workpapers_are_their_places_and_the_beginnings_of_their_files() -> None:
    for place, stage in enumerate(STAGES, 1):
        assert workpapers.number(stage) == f"WP-{place:02d}" == f"WP-{stage[:2]}"
        first = nbformat.read(resources.folder("notebooks") / f"{stage}.ipynb", as_version=4).cells[0].source
        assert first.startswith(f"# WP-{place:02d} {workpapers.title(stage)}\n\n**Purpose.** ")


def test_the_report_that_a_workpaper_leads_to_is_named_as_the_rule_asks_where_something_is_claimed(
    hostile: Path,
) -> None:
    assessment = assessor.open_assessment(hostile)
    assert _report_name(assessment) == "assessment.docx"
    assessment.terms = replace(assessment.terms, report={"confidential_evidence": ["E-0001"]})
    name = _report_name(assessment)
    assert name.endswith("-assessment.docx")
    assert f"'../report/{name}'" in workpapers.heading(assessment, "02_scope", name, {})


def test_nobody_is_named_where_nobody_is_assigned(hostile: Path) -> None:
    assessment = assessor.open_assessment(hostile)
    assessment.terms = replace(assessment.terms, workpapers={})
    assert workpapers.heading(assessment, "02_scope", "assessment.docx", {}).count("not assigned") == 2


def test_words_stand_out_from_what_is_behind_them(tmp_path: Path) -> None:
    style = exported(tmp_path, new_markdown_cell("# A")).findtext(".//style") or ""
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    words = [
        colours["ink"],
        colours["soft"],
        colours["blue"],
        *re.findall(r"a(?::visited)? \{ color: (#[0-9a-f]{6})", style),
    ]
    assert len(words) == 5
    for behind in ("#ffffff", "#f5f6f8", colours["pale"]):
        assert all(contrast(colour, behind) >= 4.5 for colour in words)


def contrast(first: str, second: str) -> float:
    """The ratio of WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(first), light(second)))
    return (bright + 0.05) / (dark + 0.05)
