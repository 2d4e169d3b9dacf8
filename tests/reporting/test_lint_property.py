"""What must hold of any template: the lint raises nothing, and where it finds no error the report can be made."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from assessor import resources
from assessor.errors import ReportError
from assessor.reporting.context import add_figures, context, schema
from assessor.reporting.figures import figures
from assessor.reporting.lint import lint
from assessor.reporting.package import MAIN, W, parse, read_parts, write_parts
from assessor.reporting.render import Properties, render
from assessor.reporting.view import View
from tests.reporting import sample

SHIPPED = (resources.folder("templates") / "assessment.docx").read_bytes()
PARTS = read_parts(SHIPPED)
DOCUMENT = PARTS[MAIN].decode()
PROPERTIES = Properties("T", "A", "S", "I", "1", sample.terms().dated)

TAG = re.compile(r"\{[{%].*?[%}]\}")
NAMES = [
    name
    for name in sorted(set(re.findall(r"[a-z_]+(?:\.[a-z_]+)*", " ".join(TAG.findall(DOCUMENT)))))
    if name.split(".")[0] in schema()
]
FILTERS = [
    "upper",
    "length",
    "first",
    "join",
    "picture",
    "sort",
    "list",
    "int",
    "round",
    "nosuch",
    "truncate(5)",
    "unique",
    "reverse",
    "last",
    "abs",
    "sum",
    "items",
]

names = st.sampled_from(NAMES)
tags = st.one_of(
    st.sampled_from(sorted(set(TAG.findall(DOCUMENT)))),
    st.builds("{{{{ {} }}}}".format, names),
    st.builds("{{{{ {} | {} }}}}".format, names, st.sampled_from(FILTERS)),
    st.builds("{{{{ {} | map(attribute='{}') | join(', ') }}}}".format, names, names),
    st.builds(
        "{{{{ {} {} {} }}}}".format,
        names,
        st.sampled_from(["+", "~", "*", "-", "==", "&lt;", "in", "and", "or"]),
        names,
    ),
    st.builds("{{{{ {} if {} else {} }}}}".format, names, names, names),
    st.builds("{{% if {} %}}{{{{ {} }}}}{{% else %}}-{{% endif %}}".format, names, names),
    st.builds("{{% for x in {} %}}{{{{ x{} }}}}{{% endfor %}}".format, names, st.sampled_from(["", ".name", ".title"])),
    st.builds("{{% set x = {} %}}{{{{ x }}}}".format, names),
    st.builds(
        "{{%{} {} %}}".format, st.sampled_from(["", "p", "tr", "tc", "r"]), st.sampled_from(["endif", "endfor", "else"])
    ),
    st.builds("{{%{} if {} %}}".format, st.sampled_from(["", "p", "tr", "tc", "r"]), names),
    st.just(""),
)


edits = st.one_of(
    st.tuples(st.just("tag"), st.integers(0, 999), tags),
    st.tuples(st.just("character"), st.integers(0, 99_999), st.sampled_from(["", *"{}%#'|.()[]-_ ax1"])),
    st.tuples(st.sampled_from(["p", "tr", "tc", "tbl"]), st.integers(0, 9999), st.sampled_from(["gone", "twice"])),
)


def edited(made: list[tuple[str, int, str]]) -> str:
    """The shipped document with tags replaced or spoilt by a character, or with a paragraph, row … left out or doubled."""
    text = DOCUMENT
    for kind, number, what in made:
        pattern = TAG if kind in ("tag", "character") else re.compile(rf"<w:{kind}[ >].*?</w:{kind}>", re.DOTALL)
        found = list(pattern.finditer(text))
        old = found[number % len(found)]
        at = number // len(found) % len(old.group())
        new = {
            "tag": what,
            "character": old.group()[:at] + what + old.group()[at + 1 :],
        }.get(kind, "" if what == "gone" else old.group() * 2)
        text = text[: old.start()] + new + text[old.end() :]
    return text


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@cache
def filling() -> tuple[dict[str, Any], dict[str, Any]]:
    """The sample's data and its pictures."""
    everything = sample.everything()
    data = context(**everything)
    drawn = figures(View(**everything))
    add_figures(data, [figure.entry for figure in drawn])
    return data, {figure.name: figure.picture for figure in drawn}


@settings(max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # small as they are
@given(made=st.lists(edits, min_size=1, max_size=2))
def test_a_template_without_errors_can_be_filled(made: list[tuple[str, int, str]], folder: Path) -> None:
    write_parts(PARTS | {MAIN: edited(made).encode()}, folder / "template.docx")
    _holds(folder)


def _holds(folder: Path) -> None:
    """Where the lint finds no error, and nothing that depends on which lists are empty, the template can be filled."""
    told = lint(folder / "template.docx")
    if any(problem.severity == "error" or problem.code == "may-be-missing" for problem in told):
        return
    try:
        render(folder / "template.docx", *filling(), PROPERTIES, folder / "report.docx")
    except ReportError as error:
        raise AssertionError(f"the lint finds nothing, and: {error}") from error


atoms = st.one_of(
    names, st.sampled_from(["loop.index", "x", "x.name", "x.title", "1", "'a'", "none", "true", "range(3)", "[1]"])
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(
            "{} | {}".format,
            inner,
            st.sampled_from(
                [
                    *FILTERS,
                    "default('x')",
                    "join(', ')",
                    "map(attribute='name')",
                    "map('upper')",
                    "selectattr('name')",
                    "groupby('name')",
                    "dictsort",
                    "string",
                    "title",
                    "replace('a', 'b')",
                    "count",
                    "last | upper",
                    "float",
                    "max",
                    "min",
                ]
            ),
        ),
        st.builds(
            "{} {} {}".format,
            inner,
            st.sampled_from(["+", "~", "*", "-", "/", "%", "//", "==", "<", "in", "and", "or", "is"]),
            inner,
        ),
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{}[{}]".format, inner, st.sampled_from(["0", "-1", "1:", ":2", "'name'", "x"])),
        st.builds("{}.{}".format, inner, st.sampled_from(["name", "title", "index", "first"])),
        st.builds("{} if {} else {}".format, inner, inner, inner),
        st.builds(
            "{} is {}".format, inner, st.sampled_from(["defined", "odd", "string", "mapping", "none", "sequence"])
        ),
    ),
    max_leaves=4,
)
lines = st.one_of(
    st.builds("{{{{ {} }}}}".format, expressions),
    st.builds("{{% if {} %}}{{{{ {} }}}}{{% endif %}}".format, expressions, expressions),
    st.builds("{{% for x in {} %}}{{{{ {} }}}}{{% else %}}-{{% endfor %}}".format, expressions, expressions),
    st.builds("{{% set x = {} %}}{{{{ {} }}}}".format, expressions, expressions),
    st.builds("{{% macro m(x) %}}{{{{ {} }}}}{{% endmacro %}}{{{{ m({}) }}}}".format, expressions, expressions),
    st.builds("{{%p if {} %}}".format, expressions),
    st.builds("{{%p for x in {} %}}".format, expressions),
    st.sampled_from(["{%p endif %}", "{%p endfor %}", "{%p else %}", "{%- endif %}", "words {", "} words", "{# x #}"]),
)


@settings(max_examples=150, deadline=None)
@given(paragraphs=st.lists(lines, min_size=1, max_size=4))
def test_a_small_template_without_errors_can_be_filled(paragraphs: list[str], folder: Path) -> None:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(folder / "template.docx"))
    _holds(folder)


openings = st.sampled_from(
    ["if findings", "if scope.exclusions", "if not findings", "for f in findings", "for x in record_sample"]
)
blocks = st.recursive(
    st.sampled_from(["words", "{{ client.name }}", "", "{% if not findings %}words{% endif %}"]).map(
        lambda text: ("p", text)
    ),
    lambda inner: st.one_of(
        st.tuples(st.just("block"), openings, st.lists(inner, max_size=2), st.none() | st.lists(inner, max_size=2)),
        st.tuples(
            st.just("table"),
            st.lists(st.tuples(st.none() | openings, st.lists(inner, max_size=2)), min_size=1, max_size=3),
        ),
    ),
    max_leaves=6,
)


def _written(block: tuple[Any, ...]) -> str:
    """A block as Word keeps it: a paragraph, a table, or paragraphs between tags."""
    if block[0] == "p":
        return f"<w:p><w:r><w:t>{block[1]}</w:t></w:r></w:p>"
    if block[0] == "block":
        _, opening, body, other = block
        divided = [("p", "{%p else %}"), *other] if other is not None else []
        return "".join(
            map(_written, [("p", f"{{%p {opening} %}}"), *body, *divided, ("p", f"{{%p end{opening.split()[0]} %}}")])
        )
    rows = ""
    for opening, cell in block[1]:
        row = _row("".join(map(_written, cell)) or _written(("p", "")))
        if opening is not None:
            row = f"{_row(_written(('p', f'{{%tr {opening} %}}')))}{row}{_row(_written(('p', f'{{%tr end{opening.split()[0]} %}}')))}"
        rows += row
    return f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>{rows}</w:tbl>"


def _row(cell: str) -> str:
    return f"<w:tr><w:tc><w:tcPr/>{cell}</w:tc></w:tr>"


@settings(max_examples=100, deadline=None)
@given(made=st.lists(blocks, max_size=3))
def test_blocks_and_tables_without_errors_leave_what_word_opens(made: list[tuple[Any, ...]], folder: Path) -> None:
    document = Document()
    body = document.element.body
    for number, element in enumerate(parse_xml(f"<w:x {nsdecls('w')}>{''.join(map(_written, made))}</w:x>")):
        body.insert(number, element)
    document.save(str(folder / "template.docx"))
    (folder / "report.docx").unlink(missing_ok=True)
    _holds(folder)
    if (folder / "report.docx").exists():
        root = parse(read_parts((folder / "report.docx").read_bytes())[MAIN])
        assert all(cell[-1].tag == f"{W}p" for cell in root.iter(f"{W}tc"))
        assert all(table.find(f"{W}tr") is not None for table in root.iter(f"{W}tbl"))
        assert all(row.find(f"{W}tc") is not None for row in root.iter(f"{W}tr"))


@settings(max_examples=30, deadline=None)
@given(at=st.floats(0, 1), size=st.integers(0, 200), junk=st.binary(max_size=8))
def test_damage_of_the_document_raises_nothing(at: float, size: int, junk: bytes, folder: Path) -> None:
    document = PARTS[MAIN]
    start = int(at * len(document))
    write_parts(PARTS | {MAIN: document[:start] + junk + document[start + size :]}, folder / "template.docx")
    lint(folder / "template.docx")


@settings(max_examples=30, deadline=None)
@given(at=st.floats(0, 1), size=st.integers(0, 200), junk=st.binary(max_size=8))
def test_damage_of_the_file_raises_nothing(at: float, size: int, junk: bytes, folder: Path) -> None:
    start = int(at * len(SHIPPED))
    (folder / "template.docx").write_bytes(SHIPPED[:start] + junk + SHIPPED[start + size :])
    lint(folder / "template.docx")


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(sorted(PARTS)), at=st.floats(0, 1), gone=st.booleans())
def test_a_part_that_is_gone_or_moved_raises_nothing(name: str, at: float, gone: bool, folder: Path) -> None:
    parts = dict(PARTS)
    content = parts.pop(name)
    if not gone:
        pieces = list(re.finditer(rb"<[\w:]+ [^>]*/>", content))
        assume(pieces)
        piece = pieces[int(at * (len(pieces) - 1))]
        parts[name] = content[: piece.start()] + content[piece.end() :]
    write_parts(parts, folder / "template.docx")
    lint(folder / "template.docx")
