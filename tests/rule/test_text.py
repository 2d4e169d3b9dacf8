"""A text is taken apart into the paragraphs that it has, whatever its format, and its white space and quotes are nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessor.errors import RuleError
from assessor.rule import load
from assessor.rule import text as module
from assessor.rule.text import digest, normal, paragraphs, paragraphs_of_xml

COPY = Path(__file__).parents[3] / "shared" / "regulation" / "15-cfr-791-subpart-d.txt"
with_copy = pytest.mark.skipif(not COPY.is_file(), reason=f"the copy of the rule's text is not at {COPY}")
RULE = load()

PLAIN = """Kitchens last checked for updates: May 1, 2025
§ 791.300 - Purpose.
This subpart is about soup:
(a) Hot soup; and
(b) Cold soup.
§ 791.301 - Definitions.
These words are used here.
Big Spoon means a spoon for soup. It can be “silver”.
FCC ID Number means a number of a:
(1) First part; and
(2) Second part.
Person owned by, controlled by, or subject to the jurisdiction or direction of a cook means:
(1) Any helper; or
(2) Any eater.
Soup Cooking System (SCS) means an item. It leaves out:
(1) pots.
Stew, for purposes of this subpart, means thick soup.
§ 791.305 - Bowls.
(a) Requirements—(1) Large bowls: A cook must:
(i) Wash; and
(ii) Dry no less than one (1) bowl.
(2) Small bowls. As in paragraphs (a)(1)(i) and (ii) of this section.
(h) Yearly. A cook may:
(1) Paint bowls.
(2) [Reserved]
(i) Instructions. (1) Ask the cook:
(i) Politely;
(ii) Loudly:
(A) In the kitchen; or
(B) At the table.
This goes for waiters too.
(j) Checks.
§ 791.311 - “Is-hungry” notices.
(a) They are posted.
§ 791.321 - Rest.
All else stands.
source: 1 KR 2, unless otherwise noted.
cite as: 15 KFR 791.301
"""

XML = """<?xml version="1.0" encoding="UTF-8"?>
<DIV6 N="D" TYPE="SUBPART"><HEAD>Subpart D—Soup</HEAD>
<DIV8 N="§ 791.300" TYPE="SECTION"><HEAD>§ 791.300   Purpose.</HEAD>
<P>This subpart is about soup:</P><P>(a) Hot soup; and</P><P>(b) Cold
 soup.</P><CITA>[1 KR 2, May 1, 2025]</CITA></DIV8>
<DIV8 N="791.301" TYPE="SECTION"><HEAD>§ 791.301   Definitions.</HEAD>
<P>These words are used here.</P>
<P><I>Big Spoon</I> means a spoon for soup. It can be "silver".</P>
<P><I>FCC ID Number</I> means a number of a:</P><P>(1) First part; and</P><P>(2) Second part.</P>
<P><I>Person owned by, controlled by, or subject to the jurisdiction or direction of a cook</I> means:</P>
<P>(1) Any helper; or</P><P>(2) Any eater.</P>
<P><I>Soup Cooking System (SCS)</I> means an item. It leaves out:</P><P>(1) pots.</P>
<P><I>Stew,</I> for purposes of this subpart, means thick soup.</P></DIV8>
<DIV8 N="791.305" TYPE="SECTION"><HEAD>§ 791.305   Bowls.</HEAD>
<P>(a) <I>Requirements</I>—(1) <I>Large bowls:</I> A cook must:</P>
<P>(i) Wash; and</P><P>(ii) Dry no less than one (1) bowl.</P>
<P>(2) <I>Small bowls.</I> As in paragraphs (a)(1)(i) and (ii) of this section.</P>
<P>(h) <I>Yearly.</I> A cook may:</P><P>(1) Paint bowls.</P><P>(2) [Reserved]</P>
<P>(i) <I>Instructions.</I> (1) Ask the cook:</P><P>(i) Politely;</P><P>(ii) Loudly:</P>
<EXTRACT><P>(A) In the kitchen; or</P><P>(B) At the table.</P></EXTRACT><FP>This goes for waiters too.</FP>
<P>(j) <I>Checks.</I></P></DIV8>
<DIV8 N="791.311" TYPE="SECTION"><HEAD>§ 791.311   “Is-hungry” notices.</HEAD><P>(a) They are posted.</P></DIV8>
<DIV8 N="791.321" TYPE="SECTION"><HEAD>§ 791.321   Rest.</HEAD><P>All else stands.</P></DIV8>
<DIV8 N="792.1" TYPE="SECTION"><HEAD>§ 792.1   Elsewhere.</HEAD><P>Not here.</P></DIV8></DIV6>
"""


def test_every_paragraph_of_a_plain_text_gets_its_id_and_its_text() -> None:
    assert paragraphs(PLAIN) == {
        "791.300": "This subpart is about soup:",
        "791.300(a)": "Hot soup; and",
        "791.300(b)": "Cold soup.",
        "791.301": "These words are used here.",
        "791.301 big spoon": 'Big Spoon means a spoon for soup. It can be "silver".',
        "791.301 FCC ID number": "FCC ID Number means a number of a:",
        "791.301 FCC ID number (1)": "First part; and",
        "791.301 FCC ID number (2)": "Second part.",
        "791.301 person": "Person owned by, controlled by, or subject to the jurisdiction or direction of a cook means:",
        "791.301 person (1)": "Any helper; or",
        "791.301 person (2)": "Any eater.",
        "791.301 soup cooking system": "Soup Cooking System (SCS) means an item. It leaves out:",
        "791.301 soup cooking system (1)": "pots.",
        "791.301 stew": "Stew, for purposes of this subpart, means thick soup.",
        "791.305": "Bowls.",
        "791.305(a)": "Requirements",
        "791.305(a)(1)": "Large bowls: A cook must:",
        "791.305(a)(1)(i)": "Wash; and",
        "791.305(a)(1)(ii)": "Dry no less than one (1) bowl.",
        "791.305(a)(2)": "Small bowls. As in paragraphs (a)(1)(i) and (ii) of this section.",
        "791.305(h)": "Yearly. A cook may:",
        "791.305(h)(1)": "Paint bowls.",
        "791.305(h)(2)": "[Reserved]",
        "791.305(i)": "Instructions.",
        "791.305(i)(1)": "Ask the cook:",
        "791.305(i)(1)(i)": "Politely;",
        "791.305(i)(1)(ii)": "Loudly:",
        "791.305(i)(1)(ii)(A)": "In the kitchen; or",
        "791.305(i)(1)(ii)(B)": "At the table. This goes for waiters too.",
        "791.305(j)": "Checks.",
        "791.311": '"Is-hungry" notices.',
        "791.311(a)": "They are posted.",
        "791.321": "All else stands.",
    }


def test_xml_and_plain_text_of_the_same_rule_are_the_same() -> None:
    assert paragraphs_of_xml(XML.encode()) == paragraphs(PLAIN)


def section(*lines: str) -> list[str]:
    return list(paragraphs("\n".join(["§ 791.305 - Bowls.", *lines])))[1:]


def test_i_after_h_is_a_letter_or_a_roman_number_as_its_neighbours_say() -> None:
    assert section("(h) A.", "(i) B.", "(j) C.") == ["791.305(h)", "791.305(i)", "791.305(j)"]
    assert section("(h) A.", "(1) B.", "(i) C.", "(j) D.")[-2:] == ["791.305(i)", "791.305(j)"]
    assert section("(h) A.", "(1) B.", "(i) C.", "(ii) D.")[-2:] == ["791.305(h)(1)(i)", "791.305(h)(1)(ii)"]
    assert section("(h) A.", "(1) Only:", "(i) C.", "(2) D.")[-2:] == ["791.305(h)(1)(i)", "791.305(h)(2)"]
    assert section("(h) A.", "(1) B.", "(i) C.")[-1:] == ["791.305(i)"]
    assert section("(h) A. (1) B. (i) C.", "(ii) D.")[-2:] == ["791.305(h)(1)(i)", "791.305(h)(1)(ii)"]
    assert section("(a) A.", "(1) B.", "(i) C.", "(b) D.")[-2:] == ["791.305(a)(1)(i)", "791.305(b)"]


def test_v_and_x_are_roman_after_their_predecessors_and_letters_after_theirs() -> None:
    romans = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi"]
    assert section("(c) A.", "(1) B:", *(f"({r}) C." for r in romans))[2:] == [f"791.305(c)(1)({r})" for r in romans]
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert section(*(f"({letter}) C." for letter in letters)) == [f"791.305({letter})" for letter in letters]


def test_a_paragraph_left_out_between_two_others_does_not_confuse_the_rest() -> None:
    assert section("(a) A.", "(c) B.", "(1) C:", "(i) D.", "(iii) E.", "(e) F.") == [
        f"791.305{end}" for end in ("(a)", "(c)", "(c)(1)", "(c)(1)(i)", "(c)(1)(iii)", "(e)")
    ]


def test_a_line_without_designator_continues_its_paragraph_so_that_nothing_is_lost() -> None:
    assert paragraphs("§ 791.300 - P.\n(a) One\ntwo\n\nthree (2) four")["791.300(a)"] == "One two three (2) four"


def test_sections_of_other_subparts_are_left_out() -> None:
    text = "§ 791.200 - Before.\nNo.\n§ 791.300 - Here.\nYes.\n§ 792.1 - After.\nNo.\n"
    assert paragraphs(text) == {"791.300": "Yes."}
    assert paragraphs("nothing of the kind") == {}


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY soup SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY soup "&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd">',
    ],
)
def test_xml_with_a_document_type_is_refused_in_one_sentence(head: str) -> None:
    body = '<DIV8 N="791.300"><HEAD>§ 791.300 P.</HEAD><P>' + ("&soup;" if "soup" in head else "Soup") + "</P></DIV8>"
    with pytest.raises(RuleError, match="document type") as error:
        paragraphs_of_xml((head + body).encode())
    assert "root:" not in str(error.value)


def test_broken_xml_is_refused_in_one_sentence() -> None:
    with pytest.raises(RuleError, match="not well-formed XML"):
        paragraphs_of_xml(b"<DIV8><P></DIV8>")


def test_quotation_marks_dashes_and_white_space_are_unified() -> None:
    assert normal("  “a”\u00a0‘b’ \n c—d – e\u00adf\u200b ﬁ ") == "\"a\" 'b' c-d - ef fi"
    assert digest("a  b") == digest("a\u2003b\n") != digest("ab")


@given(st.text())
def test_a_normal_text_stays_as_it_is(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(st.sampled_from("§ 791.3051()aihvxAB-.:means\nT"), max_size=200))
def test_whatever_stands_in_a_file_is_taken_apart_without_losing_a_word(text: str) -> None:
    found = paragraphs("§ 791.305 - Definitions.\n(a) Soup\n" + text)
    assert next(iter(found)) == "791.305"
    if "§" not in text and "." not in text:
        kept = "".join(found.values())
        assert all(kept.count(letter) >= normal(text).count(letter) for letter in "mnesT")


@with_copy
def test_the_digests_are_those_of_the_copy_of_the_text() -> None:
    copy = {id: digest(text) for id, text in paragraphs(COPY.read_text(encoding="utf-8")).items()}
    assert copy == RULE.paragraphs
    assert list(copy) == list(RULE.paragraphs)


@with_copy
def test_no_word_of_the_copy_is_lost_between_its_paragraphs() -> None:
    lines = [normal(line) for line in COPY.read_text(encoding="utf-8").splitlines()]
    body = [re.sub(r"^\(\w+\) ", "", line) for line in lines[2:-2] if not re.match(r"§ 791\.3\d\d -", line)]
    parts = [part for line in body for part in re.split(r"-?(?<=[.-]) ?\(1\) ", line)]
    kept = " ".join(paragraphs(COPY.read_text(encoding="utf-8")).values())
    assert len(parts) > 230
    assert [part for part in parts if part not in kept] == []


def test_the_command_prints_the_digests_as_the_data_hold_them(tmp_path: Path) -> None:
    for name, content in (("a.txt", PLAIN), ("a.xml", XML)):
        (tmp_path / name).write_text(content, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "assessor.rule.text", str(tmp_path / name)], capture_output=True, check=True
        )
        assert yaml.safe_load(done.stdout) == {id: digest(text) for id, text in paragraphs(PLAIN).items()}


def test_what_stands_before_the_first_section_or_after_the_source_is_no_text_of_it() -> None:
    assert paragraphs("Subpart of kitchens\n(a) Contents\n§ 791.300 - P.\nSoup.") == {"791.300": "Soup."}
    assert paragraphs("§ 791.300 - P.\nSoup.\nsource: 1 KR 2\nA note.\n§ 791.301 - Q.\nStew.") == {
        "791.300": "Soup.",
        "791.301": "Stew.",
    }


def test_comments_and_processing_instructions_of_xml_are_no_text() -> None:
    inside = "<!-- left --><P>(a) Hot<!-- not --><?not so?> soup</P><?not this?><P>(b) Cold.</P>"
    assert paragraphs_of_xml(f'<DIV8 N="791.300"><HEAD>§ 791.300 P.</HEAD>{inside}</DIV8>'.encode()) == {
        "791.300": "P.",
        "791.300(a)": "Hot soup",
        "791.300(b)": "Cold.",
    }


def test_a_section_of_xml_whose_heading_lacks_the_number_has_that_of_its_attribute() -> None:
    xml = b'<DIV8 N="791.300"><HEAD>Purpose.</HEAD><P>(a) Soup.</P></DIV8><!-- end -->'
    assert paragraphs_of_xml(xml) == {"791.300": "Purpose.", "791.300(a)": "Soup."}


def test_a_term_of_one_letter_is_no_abbreviation() -> None:
    text = "§ 791.301 - Definitions.\nA spoon means a tool.\nFCC A means a list."
    assert list(paragraphs(text))[1:] == ["791.301 a spoon", "791.301 FCC a"]


def test_a_second_designator_follows_at_once_or_after_a_heading() -> None:
    assert paragraphs("§ 791.305 - Bowls.\n(a) (1) Wash.\n(2) Dry.") == {
        "791.305": "Bowls.",
        "791.305(a)": "",
        "791.305(a)(1)": "Wash.",
        "791.305(a)(2)": "Dry.",
    }


def test_a_capital_in_the_same_line_makes_i_a_roman_number() -> None:
    assert section("(h) A.", "(1) B.", "(i) C. (A) D.", "(B) E.")[-3:] == [
        f"791.305(h)(1){end}" for end in ("(i)", "(i)(A)", "(i)(B)")
    ]


def test_letters_in_brackets_that_are_no_designator_open_nothing() -> None:
    assert paragraphs("§ 791.305 - Bowls.\n(a) Wash\n(see) the cook\n(ab) too") == {
        "791.305": "Bowls.",
        "791.305(a)": "Wash (see) the cook (ab) too",
    }
    assert paragraphs("§ 791.305 - Bowls.\n(see) the cook") == {"791.305": "Bowls. (see) the cook"}


def test_numbers_after_a_capital_are_its_own_unless_they_continue_those_of_the_second_level() -> None:
    inner = "(a)(3)(i)(A)"
    assert section("(a) A.", "(3) B:", "(i) C.", "(A) D:", "(1) E.", "(2) F.", "(3) G.", "(4) H.")[2:] == [
        f"791.305{end}" for end in ("(a)(3)(i)", inner, f"{inner}(1)", f"{inner}(2)", f"{inner}(3)", "(a)(4)")
    ]
    assert section("(a) A.", "(1) B:", "(i) C.", "(A) D.", "(2) E.")[-1] == "791.305(a)(2)"
    assert section("(a) A.", "(3) B.", "(1) C.")[-1] == "791.305(a)(1)"
    assert section("(a) A.", "(1) B:", "(i) C.", "(A) D.", "(5) E.")[-1] == "791.305(a)(5)"


def test_letters_and_roman_numbers_may_leave_some_out() -> None:
    assert section("(a) A.", "(1) B:", "(i) C.", "(v) D.")[-1] == "791.305(a)(1)(v)"
    assert section("(g) A.", "(i) B.") == ["791.305(g)", "791.305(i)"]
    assert section("(f) A.", "(i) B.") == ["791.305(f)", "791.305(f)(i)"]


def test_a_text_without_sections_has_no_digests_to_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xml").write_text(XML, encoding="utf-8")
    module._print(str(tmp_path / "a.xml"))
    assert yaml.safe_load(capsys.readouterr().out) == {id: digest(words) for id, words in paragraphs(PLAIN).items()}
    (tmp_path / "a.txt").write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(RuleError, match=r"a\.txt holds no section of subpart D"):
        module._print(str(tmp_path / "a.txt"))
