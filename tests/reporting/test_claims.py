"""What is confidential in a report's data, by the evidence that each record names (§791.314)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from assessor.errors import EngagementError
from assessor.evidence.register import RegisterRow, frame
from assessor.reporting.claims import WITHHELD, Claim, Confidential, Secrets, claim, claimed, of_report, withheld
from assessor.reporting.words import Common
from tests.reporting import sample

ITEMS = frozenset({"E-0004"})


def told(data: dict[str, Any], **more: Any) -> Claim:
    return claim(data, ITEMS, **more)


def secret(text: object) -> bool:
    return isinstance(text, Confidential)


def test_a_record_that_rests_on_claimed_evidence_is_confidential_but_for_the_words_of_the_rule() -> None:
    row = {
        "name": "Lumen Bridge LLC",
        "components": "12",
        "prc_russia": "possible",
        "clause": "791.303(a)",
        "evidence": "[E-0004 /1]",
    }
    found = told({"suppliers": [row]}).data["suppliers"][0]
    assert {key for key, text in found.items() if secret(text)} == {"name", "components"}


def test_a_record_that_rests_on_other_evidence_is_not() -> None:
    found = told({"suppliers": [{"name": "Lumen Bridge LLC", "evidence": "[E-0005 row 4]"}]})
    assert not secret(found.data["suppliers"][0]["name"])
    assert len(found.secrets) == 0


def test_a_record_that_rests_on_both_is_confidential() -> None:
    found = told({"suppliers": [{"name": "Lumen Bridge LLC", "evidence": "[E-0003 row 4; E-0004 /1]"}]})
    assert secret(found.data["suppliers"][0]["name"])


@pytest.mark.parametrize(
    ("evidence", "expected"), [("[E-0001; and 3 more items]", True), ("[E-0001 and 3 more]", False)]
)
def test_a_reference_that_is_cut_may_name_claimed_evidence(evidence: str, expected: bool) -> None:
    """Places that are cut are in an item that is named; items that are cut may be any."""
    assert secret(told({"r": [{"name": "Lumen Bridge", "evidence": evidence}]}).data["r"][0]["name"]) is expected


def test_records_inside_a_record_rest_on_its_evidence_unless_they_name_their_own() -> None:
    steps = [{"from": "A Holding"}, {"from": "B Holding", "evidence": "[E-0009]"}]
    found = told({"s": [{"name": "Lumen Bridge", "evidence": "[E-0004]", "steps": steps}]}).data["s"][0]["steps"]
    assert [secret(step["from"]) for step in found] == [True, False]


def test_a_text_in_which_a_confidential_name_stands_is_confidential_too() -> None:
    data = {
        "s": [{"name": "Lumen Bridge", "evidence": "[E-0004]"}],
        "limitations": ["Nothing was asked of LUMEN  bridge.", "Lumen Bridges"],
    }
    assert [secret(text) for text in told(data).data["limitations"]] == [True, False]


def test_what_other_evidence_says_in_the_same_words_is_no_secret() -> None:
    told_twice = "No cause was found."
    data = {
        "findings": [{"cause": told_twice, "evidence": "[E-0004]"}, {"cause": told_twice, "evidence": "[E-0005]"}],
        "limitations": [told_twice],
    }
    found = told(data)
    assert not secret(found.data["limitations"][0])
    assert [secret(each["cause"]) for each in found.data["findings"]] == [True, False]


def test_a_person_stays_a_secret_where_other_evidence_is_cited_for_what_is_said_of_it() -> None:
    data = {
        "s": [{"name": "Lumen Bridge", "evidence": "[E-0004]"}],
        "findings": [{"subject": "Lumen Bridge", "evidence": "[E-0005]"}],
    }
    assert secret(told(data).data["findings"][0]["subject"])


def test_a_declaration_that_other_evidence_shows_is_no_secret() -> None:
    data = {
        "conclusions": [{"name": "DoC-1", "evidence": "[E-0005]"}],
        "findings": [{"subject": "DoC-1", "evidence": "[E-0004]"}],
        "limitations": ["DoC-1 was late"],
    }
    assert not secret(told(data).data["limitations"][0])


def test_the_client_is_no_secret_and_neither_are_the_assessors_own_words() -> None:
    record = {"subject": "Aldermoor", "title": "Prohibited software", "evidence": "[E-0004]"}
    data = {"client": {"name": "Aldermoor"}, "findings": [record], "limitations": ["Aldermoor; prohibited software."]}
    found = told(data, own=["Prohibited software"])
    assert not secret(found.data["limitations"][0])
    assert not secret(found.data["findings"][0]["title"])


def test_numbers_and_countries_are_withheld_and_not_looked_for_elsewhere() -> None:
    data = {
        "s": [{"components": "1200", "country": "Norway", "evidence": "[E-0004]"}],
        "limitations": ["1200 of Norway"],
    }
    found = told(data)
    assert not secret(found.data["limitations"][0])
    assert withheld(found.data)["s"][0] == {"components": WITHHELD, "country": WITHHELD, "evidence": "[E-0004]"}


def test_labels_roles_and_products_are_withheld_and_not_looked_for_elsewhere() -> None:
    known = {"what": Common("Role in the supply"), "told": Common("Manufacturer"), "evidence": "[E-0004]"}
    data = {"forms": [known], "limitations": ["The manufacturer was not asked for its role in the supply."]}
    found = told(data)
    assert not secret(found.data["limitations"][0])
    assert withheld(found.data)["forms"][0]["told"] == WITHHELD


@pytest.mark.parametrize(
    ("claimed_too", "named", "withheld_names"),
    [
        pytest.param((), (), [False, False], id="the declaration itself is not claimed"),
        pytest.param(("E-0006",), (), [True, False], id="the declaration is claimed"),
        pytest.param((), ("DoC-1",), [True, False], id="the client claims its number"),
    ],
)
def test_a_declaration_is_named_whatever_its_conclusion_rests_on(
    claimed_too: tuple[str, ...], named: tuple[str, ...], withheld_names: list[bool]
) -> None:
    terms = sample.terms(report={"confidential_evidence": ["E-0004", *claimed_too], "confidential_texts": list(named)})
    register = pd.DataFrame({"id": ["E-0004", "E-0006"], "path": ["bom", "doc"], "confidential": [None, None]})
    rows = [{"name": "DoC-1", "evidence": "[E-0004]"}, {"name": terms.firm["name"], "evidence": "[E-0004]"}]
    data = {"conclusions": [row | {"kind": "Declaration of Conformity", "reason": "why"} for row in rows]}
    tables = {"declarations": pd.DataFrame({"declaration": ["DoC-1", None], "source": ["E-0006", "E-0006"]})}
    found = of_report(data, terms, register, [], tables)
    assert found is not None
    assert [secret(row["name"]) for row in found.data["conclusions"]] == withheld_names
    assert all(secret(row["reason"]) for row in found.data["conclusions"])


def test_texts_that_the_client_names_are_confidential_wherever_they_stand() -> None:
    assert secret(
        told({"limitations": ["Project Nightjar was left out"]}, more=["project nightjar"]).data["limitations"][0]
    )


def test_the_public_gets_no_figure_of_claimed_evidence() -> None:
    figures = [
        {"name": "a", "caption": "A", "alternative": Confidential("boxes")},
        {"name": "b", "caption": "B", "alternative": "bars"},
    ]
    supplier = {"name": "Lumen Bridge", "figure": "ownership-1", "caption": "Persons", "evidence": "[E-0004]"}
    public = withheld(told({"figures": figures, "s": [supplier]}).data)
    assert [figure["name"] for figure in public["figures"]] == ["b"]
    assert (public["s"][0]["figure"], public["s"][0]["caption"]) == ("", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lumen Bridge", True),
        ("the lumen bridge's", True),
        ("lumen\nbridge", True),
        ("plumen bridge", False),
        ("lumen bridget", False),
        ("lumen", False),
    ],
)
def test_a_secret_is_found_as_words_of_its_own_whatever_case_and_spaces(text: str, expected: bool) -> None:
    assert bool(Secrets(["Lumen Bridge"]).inside(text)) is expected


@pytest.mark.parametrize("script", [sample.CHINESE, sample.RUSSIAN, sample.CONTROL, "(x) & co", "…ende…"])
def test_names_of_any_script_and_with_any_sign_are_found(script: str) -> None:
    assert Secrets([script]).inside(f"held by {script}, they say")


@pytest.mark.parametrize("short", ["", "abc", "1200", "12.5 %"])
def test_what_is_short_or_a_number_is_not_looked_for(short: str) -> None:
    assert len(Secrets([short])) == 0


def test_evidence_is_claimed_by_id_by_path_and_by_the_register() -> None:
    register = sample.register()
    register.loc[0, "confidential"] = True
    terms = sample.terms(report={"confidential_evidence": ["E-0004", "02 Files/*"]})
    assert claimed(terms, register) == {"E-0001", "E-0002", "E-0004"}


def test_a_claim_for_nothing_that_there_is_is_refused() -> None:
    with pytest.raises(EngagementError, match="'E-0444', which is no item of the register"):
        claimed(sample.terms(report={"confidential_evidence": ["E-0444"]}), sample.register())


def test_one_common_word_and_what_the_terms_say_anyway_are_not_looked_for() -> None:
    records = [{"name": "equipment", "evidence": "[E-0004]"}, {"name": "Aldermoor", "evidence": "[E-0004]"}]
    data = {"client": {"name": "Aldermoor & Sons"}, "r": records, "limitations": ["Of equipment.", "Of Aldermoor."]}
    assert not any(secret(text) for text in told(data).data["limitations"])


def test_what_a_claimed_archive_or_mail_holds_is_claimed_with_it() -> None:
    rows = [("E-1", None), ("E-2", "E-3"), ("E-3", "E-1"), ("E-4", None), ("E-5", "E-4")]
    register = frame(RegisterRow(item, "001-x", f"{item}.x", derived_from=holder) for item, holder in rows)
    assert claimed(sample.terms(report={"confidential_evidence": ["E-1"]}), register) == {"E-1", "E-2", "E-3"}
