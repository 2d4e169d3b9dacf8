"""A newer text shows exactly the paragraphs that changed, appeared or went, and an unreadable one says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.errors import RuleError
from assessor.rule import Rule, load
from assessor.rule.difference import Difference, difference
from assessor.rule.text import digest, paragraphs
from tests.rule.test_text import COPY, PLAIN, XML, with_copy

ALL = len(paragraphs(PLAIN))


class Soup(Rule):
    """The invented rule of `PLAIN`."""

    @property
    def paragraphs(self) -> dict[str, str]:
        return {id: digest(text) for id, text in paragraphs(PLAIN).items()}


SOUP = Soup("2025-05-01", {})


@pytest.mark.parametrize("data", [PLAIN, PLAIN.encode(), PLAIN.encode("utf-16"), XML, XML.encode()])
def test_the_same_text_in_any_form_shows_no_difference(data: str | bytes) -> None:
    assert difference(SOUP, data) == Difference([], [], [], ALL)


def test_a_byte_order_mark_and_white_space_before_the_text_change_nothing() -> None:
    for content in (PLAIN.encode(), XML.encode()):
        assert difference(SOUP, b"\xef\xbb\xbf" + content) == Difference([], [], [], ALL)
        assert difference(SOUP, (b"\xef\xbb\xbf" + content).decode()) == Difference([], [], [], ALL)


def test_white_space_and_quotation_marks_change_nothing() -> None:
    other = (
        PLAIN.replace("“", '"').replace("”", '"').replace("—", "-").replace(" a ", "  a\t").replace("\n", "\r\n\r\n")
    )
    assert other != PLAIN
    assert difference(SOUP, other) == Difference([], [], [], ALL)


@pytest.mark.parametrize("text", [PLAIN, XML])
def test_a_changed_word_is_found_and_nothing_else(text: str) -> None:
    assert difference(SOUP, text.replace("Politely", "Kindly")) == Difference(["791.305(i)(1)(i)"], [], [], ALL - 1)
    assert difference(SOUP, text.replace("thick soup", "soup")) == Difference(["791.301 stew"], [], [], ALL - 1)


@pytest.mark.parametrize(("text", "new"), [(PLAIN, "(c) Soup.\n"), (XML, "<P>(c) Soup.</P>")])
def test_an_added_paragraph_is_found_and_nothing_else(text: str, new: str) -> None:
    place = "§ 791.301 -" if text is PLAIN else "<CITA>"
    added = text.replace(place, new + place)
    assert difference(SOUP, added) == Difference([], ["791.300(c)"], [], ALL)


@pytest.mark.parametrize(("text", "old"), [(PLAIN, "(1) Paint bowls.\n"), (XML, "<P>(1) Paint bowls.</P>")])
def test_a_removed_paragraph_is_found_and_nothing_else(text: str, old: str) -> None:
    assert difference(SOUP, text.replace(old, "")) == Difference([], [], ["791.305(h)(1)"], ALL - 1)


def test_an_added_definition_and_a_removed_section_are_found() -> None:
    newer = PLAIN.replace("Stew, for", "Broth means clear soup.\nStew, for")
    newer = newer[: newer.index("§ 791.311")]
    expected = Difference([], ["791.301 broth"], ["791.311", "791.311(a)", "791.321"], ALL - 3)
    assert difference(SOUP, newer) == expected


@pytest.mark.parametrize("data", ["", b"", "<DIV8/>", "<html><p>soup</p></html>", "§ 791.100 - Before.\nText."])
def test_a_file_without_a_section_of_the_subpart_is_refused_in_one_sentence(data: str | bytes) -> None:
    with pytest.raises(RuleError, match="holds no section of 15 CFR part 791 subpart D"):
        difference(SOUP, data)


def test_a_file_that_is_neither_text_nor_xml_is_refused_in_one_sentence() -> None:
    with pytest.raises(RuleError, match="neither UTF-8 text nor XML"):
        difference(SOUP, b"PK\x03\x04\xff\xfe\xfa")


def test_xml_that_declares_entities_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(RuleError, match="document type"):
        difference(SOUP, bomb)


@given(st.one_of(st.text(), st.binary(), st.text().map(lambda text: "<x>" + text), st.just("<\ud800>")))
def test_no_content_leads_to_anything_but_an_answer_or_a_sentence(data: str | bytes) -> None:
    try:
        assert difference(SOUP, data).unchanged_count <= ALL
    except RuleError as error:
        assert str(error)


@with_copy
def test_the_copy_of_the_text_shows_no_difference_and_one_changed_word_shows_one() -> None:
    rule, text = load(), COPY.read_text(encoding="utf-8")
    assert difference(rule, text) == Difference([], [], [], len(rule.paragraphs))
    newer = text.replace(
        "at least 60 days prior to the first import or first sale", "at least 90 days prior to the first sale"
    )
    assert difference(rule, newer) == Difference(["791.305(g)(1)"], [], [], len(rule.paragraphs) - 1)
