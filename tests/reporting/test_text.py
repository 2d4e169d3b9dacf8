"""Text that XML cannot hold is shown, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from assessor.text import visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x00b", "a\\u0000b"),
        ("bell\x07 tab\t vt\x0b ff\x0c", "bell\\u0007 tab\t vt\\u000b ff\\u000c"),
        ("\ud800 alone", "\\ud800 alone"),
        ("\ufffe\uffff", "\\ufffe\\uffff"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("云桥科技 Волгомир \U0001f697 \u202eabc", "云桥科技 Волгомир \U0001f697 \u202eabc"),
    ],
)
def test_what_xml_cannot_hold_is_shown_and_the_rest_stays(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_becomes_text_that_xml_holds_unchanged(raw: str) -> None:
    text = visible(raw)
    node = etree.Element("t")
    node.text = text
    assert etree.fromstring(etree.tostring(node)).text == (text or None)
    assert visible(text) == text
