"""The ownership view: complete without script, inert whatever the names are, links to the engagement's own evidence only."""

from __future__ import annotations

import base64
import json
import re
import shutil
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import assessor
from assessor import resources, workpapers
from assessor.assessment import Assessment, build_tables
from assessor.demo import build_package
from assessor.engagement import Engagement
from assessor.evidence import package
from assessor.ownership import Ownership
from assessor.ownership.figure import chain_figure
from tests.ownership.tables import company, judge, stake

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & ]]> \u202e\u2028"


class Markup(HTMLParser):
    """Tags with their attributes, text by the tag that it stands in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(data)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's engagement with its evidence taken in and read, nothing answered."""
    folder, case = tmp_path_factory.mktemp("demo"), resources.folder("fixtures") / "fellmark"
    engagement = Engagement(folder / "one")
    engagement.root.mkdir()
    shutil.copyfile(case / "engagement.toml", engagement.terms_file)
    build_package(case, folder / "delivery-1")
    package.take_in(
        engagement.root, folder / "delivery-1", received=date(2026, 11, 4), supplied_by="Client", custodian=""
    )
    build_tables(engagement, Assessment(engagement).rule)
    return engagement.root


def hostile() -> Ownership:
    return judge(
        [company("S", name=HOSTILE), company("P", "CN", name=f"{HOSTILE} holder"), company("Q", "DE")],
        [stake("P", "S", Fraction(3, 10), locator=f'/{HOSTILE}"'), stake("Q", "P", Fraction(1, 10))],
    )


def page(ownership: Ownership, **more: Any) -> str:
    return workpapers.ownership(ownership.verdict("S"), ownership, **more)._repr_html_()


def exported(folder: Path, markup: str) -> str:
    """The workpaper's HTML of a notebook whose only cell gave this output."""
    output = new_output("execute_result", {"text/html": markup, "text/plain": "x"}, execution_count=1)
    cell = new_code_cell("view", outputs=[output], execution_count=1)
    nbformat.write(new_notebook(cells=[cell]), folder / "view.ipynb")
    return workpapers.export(folder / "view.ipynb", "View").read_text("utf-8")


def test_hostile_names_open_no_tag_and_end_no_script() -> None:
    markup = Markup(page(hostile(), evidence=lambda source, locator: f"../evidence/{source}.csv"))
    assert [tag for tag, _ in markup.tags].count("script") == 2
    assert {tag for tag, _ in markup.tags} <= {
        "div", "img", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "a", "script",
    }  # fmt: skip
    assert not [name for _, attributes in markup.tags for name in attributes if name.startswith("on")]
    assert [a["src"] for tag, a in markup.tags if tag == "img" and not str(a["src"]).startswith("data:image/svg")] == []
    assert any("alert(1)" in text for text in markup.texts["td"])


def test_the_data_of_the_view_hold_no_sign_of_markup_and_every_box_and_interest() -> None:
    found = re.search(r"<script type='application/json'>(.*?)</script>", page(hostile()), re.DOTALL)
    assert found and not set("<>&") & set(found[1]) and found[1].isascii()
    data = json.loads(found[1])
    assert [box["name"].split(" ")[-1] for box in data["boxes"] if box["state"] == "own"] == ["holder"]
    assert data["boxes"][data["subject"]]["notes"] == ["persons of the PRC or Russia: possible"]
    assert {(arrow["holder"], arrow["held"]) for arrow in data["arrows"]} >= {(1, 0)} or data["arrows"]
    assert all("\u202e" not in text for arrow in data["arrows"] for text in (arrow["told"], arrow["label"]))


def test_without_script_the_figure_its_words_and_the_steps_with_their_places_are_there() -> None:
    ownership = hostile()
    verdict = ownership.verdict("S")
    markup = Markup(page(ownership))
    picture = next(attributes for tag, attributes in markup.tags if tag == "img")
    figure = chain_figure(verdict, ownership)
    assert picture["alt"] == figure.alt
    source = str(picture["src"]).removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(source).decode("utf-8") == figure.svg
    assert ElementTree.fromstring(figure.svg).tag.endswith("svg")
    assert len([tag for tag, _ in markup.tags if tag == "tr"]) >= len(verdict.chain) + 1
    assert any("E-0001 /" in text for text in markup.texts["td"])


def test_the_same_verdict_gives_the_same_view() -> None:
    assert page(hostile()) == page(hostile())


def test_the_exported_page_keeps_figure_steps_and_links_and_has_no_script(tmp_path: Path) -> None:
    markup = Markup(exported(tmp_path, page(hostile(), evidence=lambda *_: "../evidence/001-a/data/b%20c.csv")))
    tags = [tag for tag, _ in markup.tags]
    assert "script" not in tags and tags.count("img") == 1
    assert {a["href"] for tag, a in markup.tags if tag == "a" and str(a["href"]).startswith("../evidence")} == {
        "../evidence/001-a/data/b%20c.csv"
    }
    assert not any("enliven" in text for texts in markup.texts.values() for text in texts)
    assert any("alert(1)" in text for text in markup.texts["td"])


@pytest.mark.parametrize(
    "raw",
    [
        "<img src=x onerror=alert(1)>",
        "<IMG alt='' src='data:image/svg+xml;base64,AAAA'>",
        '<img alt="" src="data:text/html;base64,AAAA">',
        '<img alt="" src="http://host.example/a.png">',
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="http://host.example/">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<a href="../evidence/../../x">x</a>',
        '<a href="../evidence/%2e%2e/%2e%2e/x">x</a>',
        "<svg onload=alert(1)></svg>",
        "<details open ontoggle=alert(1)>x</details>",
    ],
)
def test_the_exported_page_lets_no_other_picture_script_or_link_through(tmp_path: Path, raw: str) -> None:
    markup = Markup(exported(tmp_path, f"<p>{raw}</p>"))
    frame = {"#main", "index.html", "../report/"}
    body = [(tag, a) for tag, a in markup.tags if tag in ("img", "script", "svg") or a.get("href") or "src" in a]
    assert [(tag, a) for tag, a in body if a.get("href") not in frame] == []
    assert not [name for _, attributes in markup.tags for name in attributes if name.startswith("on")]


def test_only_evidence_that_a_browser_does_not_run_has_an_address(demo: Path) -> None:
    assessment = assessor.open_assessment(demo)
    address = workpapers.evidence_links(assessment)
    told = address("E-0018", "/237")
    assert told == "../evidence/001-delivery-1/data/05%20Ownership/suppliers.bods.json"
    assert address("E-9999", "") is None
    register = assessment.facts.register
    for item, path in zip(register["id"], register["path"], strict=True):
        suffix = Path(path).suffix.lower()
        assert (address(item, "") is None) is (suffix not in {".csv", ".docx", ".json", ".pdf", ".xlsx"})
    assert address("E-0022", "page 3") == (address("E-0022", "") or "") + "#page=3"
    assert address("E-0018", "page 3") == told


def test_the_workpaper_shows_those_with_a_chain_first_and_names_those_without_room(demo: Path) -> None:
    assessment = assessor.open_assessment(demo)
    found = assessment.perform("s315_suppliers", save=False)
    whole = workpapers.suppliers_ownership(assessment, found)._repr_html_()
    tied = [r["name"] for r in found.tables["suppliers"] if r["relevant"] == "yes" and r["prc_russia"] != "excluded"]
    heads = re.findall(r"<h3>(.*?)</h3>", whole)
    assert (
        set(heads) <= set(tied) and "Brightwater Connect LLC" in heads and "Qinglan Telecom Modules Co., Ltd." in heads
    )
    assert heads.index("Lakeshore Codec Inc.") < heads.index("Qinglan Telecom Modules Co., Ltd.")
    assert whole.count("<script class='assessor-view'>") == 1
    one = workpapers.suppliers_ownership(assessment, found, limit=1)._repr_html_()
    assert one.count("<h3>") == 1 and all(name.replace("&", "&amp;") in one for name in tied)
