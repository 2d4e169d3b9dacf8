"""Executed workpapers as HTML pages, and the index of them: one file each, no script, no request to anywhere, to be read and printed.

Three locks stand on the same door: what is shown is escaped where it is made (`display`), the sanitizer looks through every cell before
it is rendered, and `_kept` looks through the rendered page, since Markdown turns into markup after the sanitizer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
from lxml.html import builder

from assessor import files, requests, resources
from assessor.assessment import LAST_STEP, STAGES, Assessment, procedures, questions
from assessor.ownership.figure.lettering import shown
from assessor.results import ProcedureResult, worst
from assessor.workpapers.display import Html, text
from assessor.workpapers.heading import assigned, concluding, legend, number, record, table, title, whose
from assessor.workpapers.links import leads_home

_SHOWN = {
    *("a", "b", "br", "caption", "code", "dd", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "i", "img"),
    *("li", "ol", "p", "pre", "section", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_FRAME = {"body", "footer", "header", "main", "nav", "span"}  # what template and code highlighting add
_PICTURE = re.compile(r"data:image/(svg\+xml|png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_SCRIPT = re.compile(r"<script (?:class='assessor-view'|type='application/json')>.*?</script>", re.DOTALL)
_OTHER_IMAGE = re.compile(
    r"<(?=img)(?!img alt=\"[^\"<>]*\" src=\"data:image/svg\+xml;base64,[A-Za-z0-9+/=]*\">)", re.IGNORECASE
)

_WHOLE = 16  # letters of a word that is not broken in a cell
_UPRIGHT = 8  # columns of a table that fits on an upright page


def export(notebook: Path, name: str, *, report: str = "", signed: str | Sequence[str] = "") -> Path:
    """The executed notebook as one self-contained HTML page beside it, with contents and links to its neighbours.

    `name` is the page's title, `report` the file name of the report in report/. `signed` are the lines of the sign-off block, which
    stands below the work; there is none without.
    """
    import nbformat

    stages = list(STAGES)
    at = stages.index(notebook.stem) if notebook.stem in stages else -1
    before = stages[at - 1] if at > 0 else ""
    after = stages[at + 1] if 0 <= at < len(stages) - 1 else ""
    lines = [signed] if isinstance(signed, str) else list(signed)
    frame = {
        "index": number(notebook.stem) if at >= 0 else "",
        "links": [
            *([(f"{before}.html", f"Previous: {number(before)} {title(before)}", "prev")] if before else []),
            ("index.html", "Index of workpapers", "up"),
            *([(f"{after}.html", f"Next: {number(after)} {title(after)}", "next")] if after else []),
            (f"../report/{report}", "Report", ""),
        ],
        "signed": [shown(line) for line in lines if line],
    }
    page = _page(nbformat.read(notebook, as_version=4), name, frame)
    return _written(notebook.with_suffix(".html"), page)


def preload() -> None:
    """Have at hand what pages are made with: templates, and libraries that are loaded when the first cell of a kind is met."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    shown_cell = new_code_cell("1", outputs=[new_output("display_data", {"text/html": "<p>1</p>"})])
    book = new_notebook(cells=[new_markdown_cell("# 1"), shown_cell])
    _page(book, "", {"index": "", "links": [("index.html", "", "")], "signed": []})


def write_index(assessment: Assessment, standing: Collection[str], report: str) -> Path:
    """workpapers/index.html: every workpaper with the conclusions of its procedures, its findings and what is open.

    `standing` are the stages whose page is that of the results as they are; the others are listed without a link.
    """
    from nbformat.v4 import new_markdown_cell, new_notebook

    terms = assessment.terms
    results = {found.procedure: found for found in assessment.results()}
    extra = [name for name in procedures() if name in results and not any(name in names for names in STAGES.values())]
    listed = [
        _line(stage, stage in standing, [results[n] for n in concluding(stage) if n in results]) for stage in STAGES
    ]
    if extra:
        listed.append(("–", "Procedures without a workpaper", *_told([results[name] for name in extra])))
    heads = ("index", "workpaper", "conclusions", "findings", "questions open", "evidence requests")
    links = f"<a href='../report/{text(report)}'>{text(report)}</a>, <a href='../report/'>report/</a>"
    parts = [
        "# Index of workpapers",
        record(
            "Engagement",
            {
                **whose(terms),
                **assigned(terms),
                "Reported in": Html(links, ""),
                "Results": Html(
                    "<a href='../results/results.json'>results.json</a>, <a href='../results/'>results/</a>", ""
                ),
            },
        ),
        "## Workpapers",
        table(f"Workpapers ({len(STAGES)})", heads, [*listed, _together(list(results.values()))]),
        "## Tick marks",
        legend(),
    ]
    book = new_notebook(cells=[new_markdown_cell("\n\n".join(parts), id="index")])
    page = _page(
        book, f"{terms.client_name}: index of workpapers", {"index": "", "links": [("../report/", "Report", "")]}
    )
    return _written(assessment.engagement.workpapers / "index.html", page)


def _line(stage: str, stands: bool, results: Sequence[ProcedureResult]) -> Sequence[Any]:
    name = text(title(stage))
    index = Html(f"<a href='{stage}.html'>{number(stage)}</a>", "") if stands else number(stage)
    told = Html(f"<a href='{stage}.html'>{name}</a>" if stands else f"{name} (no page of these results)", "")
    return index, told, *_told(results)


def _told(results: Sequence[ProcedureResult]) -> Sequence[Any]:
    """Conclusions, and the numbers of findings, open questions and requests."""
    said = "".join(f"<li>{text(r.conclusion)}: {text(r.title)} (§{text(r.clause)})</li>" for r in results)
    return Html(f"<ul>{said}</ul>" if said else "<em>no result</em>", ""), *_counts(results)


def _together(results: Sequence[ProcedureResult]) -> Sequence[Any]:
    overall = worst(found.conclusion for found in results if found.procedure != LAST_STEP)
    return "all", "Together; a question that several ask is counted once", overall, *_counts(results)


def _counts(results: Sequence[ProcedureResult]) -> Sequence[int]:
    waiting = [question for question in questions(results) if question.state != "answered"]
    return sum(len(r.findings) for r in results), len(waiting), len(requests.listed(results))


def _written(target: Path, page: str) -> Path:
    files.write_text(target, page)
    return target


def _page(book: Any, name: str, frame: dict[str, Any]) -> str:
    rendered, _ = _exporter().from_notebook_node(
        book, resources={"metadata": {"name": shown(name)}, "workpaper": frame}
    )
    document = lxml.html.document_fromstring(rendered, parser=lxml.html.HTMLParser(huge_tree=True))
    _kept(document.body)
    _readable(document)
    return str(lxml.html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")) + "\n"


@cache
def _exporter() -> Any:
    """The one that makes all pages: reading its templates takes as long as a page does."""
    from nbconvert.exporters import HTMLExporter
    from nbconvert.filters import Highlight2HTML
    from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter

    class Exporter(HTMLExporter):
        def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> Any:
            """As nbconvert's own, which then parses the whole page to mark pictures without a description and what can be
            focused; `_kept` and our template do that."""
            language = nb.metadata.get("language_info", {})
            lexer = language.get("pygments_lexer", language.get("name"))
            filters: Any = self
            data_types = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
            filters.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))
            filters.register_filter("filter_data_type", data_types)
            return super(HTMLExporter, self).from_notebook_node(nb, resources, **options)

    made: Any = Exporter
    exporter = made(
        template_name="workpaper",
        extra_template_basedirs=[str(resources.folder("notebooks") / "html")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    exporter.register_preprocessor(_sanitizer(), enabled=True)
    return exporter


def _sanitizer() -> Any:
    """What lets only harmless markup through to the page.

    Our own scripts are taken out first, since the sanitizer would show them as text; an image that is not a picture of ours is
    shown as text.
    """
    import bleach  # type: ignore[import-untyped]  # nbconvert's own
    from nbconvert.preprocessors.sanitize import SanitizeHTML

    def allowed(tag: str, name: str, value: str) -> bool:
        return (
            name == "title"
            or (tag, name) in (("th", "scope"), ("details", "open"))
            or (tag == "img" and name in ("alt", "src"))
            or (tag == "a" and name == "href" and leads_home(value))
        )

    class Sanitizer(SanitizeHTML):
        def sanitize_html_tags(self, html_str: str) -> str:
            told = _OTHER_IMAGE.sub("&lt;", _SCRIPT.sub("", html_str))
            return str(
                bleach.clean(told, tags=_SHOWN, attributes=allowed, protocols=("data", "http"), strip_comments=True)
            )

    return Sanitizer()  # type: ignore[no-untyped-call]


def _kept(body: Any) -> None:
    """Leave in the rendered page only what a workpaper may hold."""
    for node in list(body.iter()):
        if not isinstance(node.tag, str) or node.tag not in _SHOWN | _FRAME:
            node.drop_tree()
        elif node.tag == "img" and not _PICTURE.fullmatch(node.get("src", "")):
            node.tag = "em"
            node.text = node.get("alt", "") or "a picture that is not kept in the workpaper"
            node.attrib.clear()
        else:
            if node.tag == "img":
                node.set("alt", node.get("alt", "No description has been provided for this image"))
            for name, value in list(node.attrib.items()):
                if not _harmless(node.tag, name, value):
                    del node.attrib[name]


def _harmless(tag: str, name: str, value: str) -> bool:
    if name == "href":
        return tag == "a" and (value.startswith("#") or leads_home(value))
    if name == "src":
        return tag == "img"
    if name == "id":
        return tag in ("main", "nav")  # what the page leads to; headings are given theirs
    return name in ("alt", "aria-label", "class", "open", "rel", "scope", "title")


def _readable(document: Any) -> None:
    """Contents from the headings, each of which can be led to; tables that can be scrolled and whose head cells say what they head."""
    main, contents = document.get_element_by_id("main"), document.get_element_by_id("contents")
    taken = {"main", "contents"}
    open_lists = [builder.OL()]
    contents.append(open_lists[0])
    for head in main.iter("h1", "h2", "h3"):
        words = " ".join(head.text_content().split())
        head.set("id", _anchor(words, taken))
        level = int(head.tag[1])
        if level == 1 or not words:
            continue
        while len(open_lists) > level - 1:
            open_lists.pop()
        if level == 3 and len(open_lists) == 1:
            under = open_lists[0][-1] if len(open_lists[0]) else None
            if under is not None:
                open_lists.append(builder.OL())
                under.append(open_lists[-1])
        open_lists[-1].append(builder.LI(builder.A(words, href=f"#{head.get('id')}")))
    for found in list(main.iter("table")):
        _fitted(found)


def _fitted(found: Any) -> None:
    """Let a table be scrolled on screen, and say what its head cells head, which cells hold words too long to stand whole in a column,
    and whether it has so many columns that it is printed across the page."""
    for cell in found.iter("th", "td"):
        if cell.tag == "th" and not cell.get("scope"):
            cell.set("scope", "col" if cell.getparent().getparent().tag == "thead" else "row")
        if any(len(word) > _WHOLE for word in cell.text_content().split()):
            cell.set("class", "long")
    label = _label(found)
    if found.find("caption") is None:
        found.set("aria-label", label)
    across = max((len(row) for row in found.iter("tr")), default=0) > _UPRIGHT
    wide = builder.DIV(
        {"class": "wide across" if across else "wide", "role": "region", "tabindex": "0", "aria-label": label}
    )
    wide.tail, found.tail = found.tail, None
    found.getparent().replace(found, wide)
    wide.append(found)


def _label(found: Any) -> str:
    """What a table is called: its caption, or the summary or the heading that it stands under."""
    caption = found.find("caption")
    named = [caption] if caption is not None else found.xpath("ancestor::details[1]/summary")
    named = named or found.xpath("preceding::*[self::h1 or self::h2 or self::h3][1]")
    return " ".join(named[0].text_content().split()) if named else "Table"


def _anchor(words: str, taken: set[str]) -> str:
    """A name for a heading that no other on the page has."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60] or "part"
    name, count = plain, 1
    while name in taken:
        count += 1
        name = f"{plain}-{count}"
    taken.add(name)
    return name
