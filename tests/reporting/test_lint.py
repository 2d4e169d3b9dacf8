"""`assessor template lint` on tags: each kind of mistake at its boundary, with a twin beside it that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reporting.linting import a_document, codes_of, linted

TAGS = [
    ("A variable that exists is no problem", ["{{ client.name }}"], []),
    ("A misspelt variable is told", ["{{ clinet.name }}"], ["unknown-variable"]),
    ("A misspelt field is told", ["{{ client.nmae }}"], ["unknown-variable"]),
    ("A field is found by its name in brackets too", ["{{ client['name'] }}"], []),
    ("A misspelt field in brackets is told", ["{{ client['nmae'] }}"], ["unknown-variable"]),
    ("A variable with a default may be unknown, with a warning", ["{{ nmae | default('x') }}"], ["unknown-variable"]),
    ("A record is no text", ["{{ client }}"], ["wrong-kind"]),
    ("A list is no text", ["{{ findings }}"], ["wrong-kind"]),
    ("A field is not asked of a list", ["{{ findings.title }}"], ["wrong-kind"]),
    ("A text has no fields", ["{{ client.name.upper }}"], ["unsafe"]),
    ("Nothing is no text", ["{{ none }}"], ["wrong-kind"]),
    (
        "A loop knows the fields of its entries",
        ["{%p for f in findings %}", "{{ loop.index }} {{ f.title }}", "{%p endfor %}"],
        [],
    ),
    (
        "A misspelt field of an entry is told",
        ["{%p for f in findings %}", "{{ f.titel }}", "{%p endfor %}"],
        ["unknown-variable"],
    ),
    (
        "An inner loop goes over the entry's list",
        ["{% for f in findings %}{% for r in f.recommendations %}{{ r.text }}{% endfor %}{% endfor %}"],
        [],
    ),
    (
        "The entry of a loop is unknown behind it",
        ["{% for f in findings %}{% endfor %}{{ f.id }}"],
        ["unknown-variable"],
    ),
    ("A loop's facts are unknown outside of loops", ["{{ loop.index }}"], ["unknown-variable"]),
    (
        "A loop has the facts that Jinja gives it",
        ["{% for f in findings %}{{ loop.idx }}{% endfor %}"],
        ["unknown-variable"],
    ),
    ("A text is not looped over", ["{% for c in client.name %}{{ c }}{% endfor %}"], ["wrong-kind"]),
    ("A name that was set is known", ["{% set who = client %}{{ who.name }}"], []),
    ("A name that was set keeps its kind", ["{% set who = client %}{{ who.nmae }}"], ["unknown-variable"]),
    (
        "A name that every branch sets is known",
        ["{% if findings %}{% set a = 'x' %}{% else %}{% set a = 'y' %}{% endif %}{{ a }}"],
        [],
    ),
    (
        "A name that one branch sets may be missing",
        ["{% if findings %}{% set a = 'x' %}{% endif %}{{ a }}"],
        ["may-be-missing"],
    ),
    ("A macro is called with its values", ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m('a') }}"], []),
    (
        "A macro is not called with more values",
        ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m('a', 'b') }}"],
        ["wrong-kind"],
    ),
    (
        "A macro is called with all of its values",
        ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}"],
        ["may-be-missing"],
    ),
    ("A macro's value may have a default", ["{% macro m(x='a') %}{{ x }}{% endmacro %}{{ m() }}"], []),
    ("A macro knows what it is called with", ["{% macro m(x) %}{{ x.name }}{% endmacro %}{{ m(client) }}"], []),
    (
        "A macro is held to what it is called with",
        ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m(client) }}"],
        ["wrong-kind"],
    ),
    ("A macro does not call itself", ["{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"], ["unsafe"]),
    ("A known filter is no problem", ["{{ client.name | upper }}"], []),
    ("An unknown filter is told", ["{{ client.name | uper }}"], ["unknown-filter"]),
    (
        "A filter that the sandbox keeps for itself is unknown",
        ["{{ client.name | sized_by_the_sandbox }}"],
        ["unknown-filter"],
    ),
    ("An unknown test is told", ["{% if client.name is ful %}x{% endif %}"], ["unknown-filter"]),
    ("A filter is given the values that it takes", ["{{ client.name | truncate(9) }}"], []),
    ("A list is made of what a filter gave", ["{{ findings | map(attribute='title') | list | length }}"], []),
    ("A filter is not given more values", ["{{ client.name | upper(9) }}"], ["wrong-kind"]),
    ("A default forgives only what stands before it", ["{{ nmae.first | default('x') }}"], ["unknown-variable"]),
    ("A value of two kinds is looked at as both", ["{{ findings and client.name }}"], ["wrong-kind"]),
    ("Entries are joined by a field", ["{{ findings | map(attribute='title') | join(', ') }}"], []),
    (
        "A field by which entries are joined exists",
        ["{{ findings | map(attribute='titel') | join }}"],
        ["unknown-variable"],
    ),
    ("Records are not joined", ["{{ findings | join }}"], ["wrong-kind"]),
    ("What a filter lists is no text", ["{{ findings | map(attribute='title') }}"], ["wrong-kind"]),
    ("A number is compared with a number", ["{% if findings | length > 3 %}many{% endif %}"], []),
    ("A text is not compared with a number", ["{% if summary.findings > 3 %}many{% endif %}"], ["wrong-kind"]),
    ("Texts are joined", ["{{ client.name ~ 3 }}"], []),
    ("A text is not added to a number", ["{{ client.name + 3 }}"], ["wrong-kind"]),
    ("A choice has an else", ["{{ client.name if findings else '' }}"], []),
    ("A choice without else gives nothing", ["{{ client.name if findings }}"], ["may-be-missing"]),
    ("An entry of a list that is there is taken", ["{% if findings %}{{ findings[0].title }}{% endif %}"], []),
    ("An entry of a list that may be empty is doubted", ["{{ findings[0].title }}"], ["may-be-missing"]),
    (
        "A picture is for the name of a figure",
        ["{%p for f in figures %}", "{{ f.name | picture }}", "{%p endfor %}"],
        [],
    ),
    ("A picture is not for another text", ["{{ client.name | picture }}"], ["wrong-kind"]),
    (
        "A picture is not made for a caption",
        ["{% for f in figures %}{{ f.caption | picture }}{% endfor %}"],
        ["wrong-kind"],
    ),
    (
        "A figure that may be lacking is asked for first",
        ["{%p for s in nexus.suppliers %}", "{% if s.figure %}{{ s.figure | picture }}{% endif %}", "{%p endfor %}"],
        [],
    ),
    (
        "A figure that may be lacking is not taken for granted",
        ["{%p for s in nexus.suppliers %}", "{{ s.figure | picture }}", "{%p endfor %}"],
        ["may-be-missing"],
    ),
    ("A tag that is not closed is told", ["{{ client.name"], ["unbalanced-tag"]),
    ("A tag that is half closed is told", ["{{ client.name }"], ["unbalanced-tag"]),
    ("A tag that was not opened is told", ["client.name }}"], ["unbalanced-tag"]),
    ("A tag inside of a tag is told", ["{{ client. {{ client.name }}"], ["unbalanced-tag"]),
    ("One brace is text", ["{ client.name }"], []),
    ("A brace at the end and one at the beginning would be one", ["ends with {", "{ begins"], ["unbalanced-tag"]),
    ("A tag that cannot be understood is told", ["{{ client name }}"], ["syntax"]),
    ("An empty tag is told", ["{{ }}"], ["syntax"]),
    ("A statement that does not exist is told", ["{% fro f in findings %}"], ["syntax"]),
    ("A comment is nothing", ["{# anything {{ at }} all #}"], []),
    ("Word's quotation marks are understood", ["{{ findings | map(attribute=“title”) | join(‘, ’) }}"], []),
    ("A loop that is not closed is told", ["{%p for f in findings %}", "x"], ["unclosed-block"]),
    ("An end without a beginning is told", ["{%p endif %}"], ["unopened-block"]),
    ("An else outside of a block is told", ["{%p else %}"], ["unopened-block"]),
    ("A second else is told", ["{% if findings %}a{% else %}b{% else %}c{% endif %}"], ["unopened-block"]),
    ("An elif does not divide a loop", ["{% for f in findings %}a{% elif client %}b{% endfor %}"], ["unopened-block"]),
    (
        "Blocks that end in the wrong order are told",
        ["{% if findings %}{% for f in findings %}{% endif %}"],
        ["unclosed-block"],
    ),
    ("A block within a paragraph is no problem", ["{% if findings %}a{% endif %}"], []),
    ("A block from paragraph to paragraph is told", ["{% if findings %}", "a", "{% endif %}"], ["crossing-block"]),
    ("A block of paragraphs is no problem", ["{%p if findings %}", "a", "{%p else %}", "b", "{%p endif %}"], []),
    ("A tag for a paragraph stands alone", ["{%p if findings %} lost", "a", "{%p endif %}"], ["not-alone"]),
    ("A tag for a row stands in a table", ["{%tr for f in findings %}", "{%tr endfor %}"], ["not-alone"] * 2),
    ("A tag for a paragraph has one space", ["{%p  if findings %}", "{%p endif %}"], []),
    ("A tag for a paragraph holds no percent sign", ["{%p if 5 % 2 %}", "a", "{%p endif %}"], ["syntax"]),
    ("What would print a paragraph is told", ["{{p client.name }}"], ["misplaced-text"]),
    (
        "Texts are not changed after they were printed",
        ["{% filter upper %}{{ client.name }}{% endfilter %}"],
        ["misplaced-text"],
    ),
    ("Calls of methods are refused", ["{{ client.name.upper() }}"], ["unsafe"]),
    ("What begins with an underscore is refused", ["{{ client._x }}", "{{ ''['__class__'] }}"], ["unsafe"] * 2),
    (
        "A hidden attribute is not reached by a filter",
        ["{{ findings | map(attribute='__class__') | join }}"],
        ["unsafe"],
    ),
    (
        "Another template is not taken in",
        ["{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}"],
        ["unsafe"] * 3,
    ),
    ("A loop does not call itself", ["{% for f in findings recursive %}{{ f.id }}{% endfor %}"], ["unsafe"]),
    ("Escaping is not changed", ["{% autoescape false %}{{ client.name }}{% endautoescape %}"], ["unsafe"]),
    ("A range of 10,000 is long enough", ["{% for n in range(10000) %}{% endfor %}"], []),
    ("A range of 10,001 is too long", ["{% for n in range(10001) %}{% endfor %}"], ["unsafe"]),
    ("A number is not raised without end", ["{{ 9 ** 99999999 }}"], ["unsafe"]),
    ("A text is not repeated without end", ["{{ 'a' * 99999999 }}"], ["unsafe"]),
    ("Nothing is divided by zero", ["{{ 1 / 0 }}"], ["wrong-kind"]),
]


@pytest.mark.parametrize(("paragraphs", "codes"), [case[1:] for case in TAGS], ids=[case[0] for case in TAGS])
def test_tags(tmp_path: Path, paragraphs: list[str], codes: list[str]) -> None:
    assert codes_of(linted(tmp_path, *paragraphs)) == codes


def test_a_problem_says_where_it_is_and_what_was_meant(tmp_path: Path) -> None:
    (told,) = linted(tmp_path, "Dear {{ clinet.name }},")
    assert (told.severity, told.part, told.heading) == ("error", "word/document.xml", "Part one")
    assert (told.paragraph, told.tag) == ("Dear {{ clinet.name }},", "{{ clinet.name }}")
    assert told.message == "`{{ clinet.name }}`: `clinet` does not exist; did you mean `client`?"
    assert told.place == "word/document.xml, under “Part one”, in “Dear {{ clinet.name }},”"


def test_a_field_without_its_record_is_named_with_it(tmp_path: Path) -> None:
    (told,) = linted(tmp_path, "{{ certifications }}")
    assert "did you mean `assessor.certifications`?" in told.message


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    told = linted(
        tmp_path,
        "{{ client.name",
        "{{ clinet.name }}",
        "{% fro x %}",
        "{{ client name }}",
        "{%p for f in findings %}",
        "{{ f.titel }}",
        "{{ f.title | uper }}",
        "{%p endif %}",
        "{% include 'x' %}",
        "{%p if findings %} lost",
        "{{ period }}",
    )
    assert codes_of(told) == sorted(
        [
            "unbalanced-tag",
            "unknown-variable",
            "syntax",
            "syntax",
            "unknown-variable",
            "unknown-filter",
            "unopened-block",
            "unsafe",
            "not-alone",
            "wrong-kind",
            "unclosed-block",
            "unclosed-block",
        ]
    )


def test_a_tag_that_word_has_split_over_runs_is_put_together(tmp_path: Path) -> None:
    document = a_document()
    for words in (("{", "{ clie", "nt.na", "me }", "}"), ("{", "{ clie", "nt.nam", " }", "}")):
        paragraph = document.add_paragraph()
        for piece in words:
            paragraph.add_run(piece).bold = True
    told = linted(tmp_path, document=document)
    assert [(problem.code, problem.tag) for problem in told] == [("unknown-variable", "{{ client.nam }}")]


def test_a_condition_over_runs_of_one_paragraph_is_no_problem(tmp_path: Path) -> None:
    document = a_document()
    paragraph = document.add_paragraph()
    for piece in ("{% if findings %}", "some", "{% else %}", "none", "{% endif %}"):
        paragraph.add_run(piece)
    assert linted(tmp_path, document=document) == []


def test_headers_are_looked_at_too(tmp_path: Path) -> None:
    document = a_document()
    document.sections[0].header.paragraphs[0].text = "{{ clinet.name }}"
    (told,) = linted(tmp_path, document=document)
    assert (told.code, told.part, told.paragraph) == ("unknown-variable", "word/header1.xml", "{{ clinet.name }}")
