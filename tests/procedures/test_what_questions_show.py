"""What the questions of §§791.315(b)(1), (d)(2), (d)(3) and (d)(4) show to whoever answers them: facts, never another answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any

from tests.cases.runner import facts


def shown(procedure: str, key: str, **given: Any) -> Mapping[str, Any]:
    """The facts that a question of a procedure shows."""
    result = import_module(f"assessor.procedures.{procedure}").run(facts(given))
    return next(question.facts for question in result.questions if question.key == key)


def test_a_team_member_is_shown_with_role_citizenship_and_residence_where_one_is_stated() -> None:
    here = {"name": "Wei Case", "role": "analyst", "citizenship": "China"}
    told = shown("s315_assessor", "team_member/Wei Case", terms={"team": [here]})
    assert told == {"role": "analyst", "citizenship": ["CN"]}
    told = shown("s315_assessor", "team_member/Wei Case", terms={"team": [{**here, "residence": "Germany"}]})
    assert told == {"role": "analyst", "citizenship": ["CN"], "residence": "DE"}
    told = shown("s315_assessor", "team_member/Wei Case", terms={"team": [{**here, "citizenship": "Ruritania"}]})
    assert told["citizenship"] == ["Ruritania"]


def test_what_is_absent_from_the_methodology_is_asked_with_what_is_there() -> None:
    told = shown(
        "s315_methodology",
        "methodology_without/personnel interviewed",
        policies={"document": "Policy", "text": "Be honest."},
        site_visits=[{"site": "Plant", "category": "system"}, {"site": "Plant", "category": "observation"}],
        terms={"firm": {"method": ["By test."]}, "client": {"roles": ["vcs_hardware_importer"]}},
    )
    assert told == {
        "noted in evidence": {
            "policies reviewed": 1,
            "personnel interviewed": 0,
            "facilities, equipment or systems examined": 1,
        },
        "method": ["By test."],
        "roles": ["vcs_hardware_importer"],
    }


def test_a_policy_element_shows_its_passages_and_from_when_a_period_counts_where_the_words_tell_it() -> None:
    policy = {"document": "Standard", "text": "Records are retained for ten years from the date of the document."}
    told = shown("s315_policies", "policy_element/record keeping", policies=policy)
    passage = {"document": "Standard", "place": "row 1", "text": policy["text"]}
    assert told["passages found"] == 1
    assert told["passages"] == [passage]
    assert told["periods count, by their words, from"] == {"the document": [passage]}
    told = shown("s315_policies", "policy_element/record keeping", policies={**policy, "text": "Records are retained."})
    assert set(told) == {"why", "passages found", "passages"}


def test_a_start_that_stands_behind_the_passages_shown_is_shown_all_the_same() -> None:
    policies = [{"document": "Standard", "text": "Records are retained."}] * 6
    policies += [{"document": "Standard", "text": "Records are retained for ten years after receipt."}]
    told = shown("s315_policies", "policy_element/record keeping", policies=policies)
    assert told["passages found"] == 7
    assert [p["place"] for p in told["periods count, by their words, from"]["receipt or filing"]] == ["row 7"]


def test_the_programme_is_asked_about_with_elements_controls_and_fieldwork_in_view() -> None:
    told = shown(
        "s315_policies",
        "policy_effectiveness/Case Motors, Inc.",
        policies={"document": "Policy", "text": "Staff are trained."},
        attestations={"supplier": "Osprey Ltd", "valid_until": date(2026, 12, 31)},
        interviews={"person": "Ida Case", "date": date(2026, 5, 5), "statement": "Staff were trained."},
    )
    assert told["elements"]["training"] == "open"
    assert told["controls"]["supplier attestations in force"] == {
        "population": 1,
        "exceptions": 0,
        "outcome": "conforms",
    }
    assert told["interviews and site visits"] == {"interview of Ida Case, 2026-05-05": "inconclusive"}


def test_fieldwork_is_asked_about_with_what_was_noted_and_the_elements_it_touches() -> None:
    interviews = {"person": "Ida Case", "date": date(2026, 5, 5), "statement": "Staff were trained."}
    told = shown("s315_policies", "fieldwork_result/interview of Ida Case, 2026-05-05", interviews=interviews)
    noted = [{"place": "row 1", "text": "Staff were trained."}]
    assert told == {"noted": noted, "policy elements that the words touch": ["training"]}


def test_an_authorization_is_asked_about_without_the_answers_on_its_conditions() -> None:
    def of(**more: Any) -> Mapping[str, Any]:
        return shown(
            "s315_authorizations",
            "authorization_implementation/GA-8",
            authorizations={
                "authorization": "GA-8",
                "kind": "general",
                "holder": "Case Motors, Inc.",
                "issued": date(2025, 6, 1),
                "lines": "Heron",
            },
            authorization_conditions={"authorization": "GA-8", "condition": "1", "text": "Be careful."},
            transactions=[
                {"transaction": "T-1", "kind": "vehicle_import", "line": "Heron", "date": date(2026, 2, 1)}
                | {"authorization": "GA-8", "foreign_trade_zone": False},
                {"transaction": "T-2", "kind": "vehicle_import", "line": "Tern", "date": date(2026, 2, 1)}
                | {"authorization": "GA-8", "foreign_trade_zone": False},
            ],
            policies={"document": "Policy", "text": "The director is responsible for each authorization."},
            interviews={"person": "Ann", "statement": "I am responsible for GA-8."},
            verdicts={"client": "excluded"},
            **more,
        )

    told = of()
    lines = {line["what"]: line["operation"] for line in told["conditions and duties"]}
    assert lines["GA-8: condition 1"] == "asked or tested apart"
    assert lines["GA-8: records"] == "asked or tested apart"
    assert lines["GA-8: responsibility"] == "not shown: No data show how it operated."
    assert lines["GA-8: transactions within it"].startswith("exception: ")
    assert told["passages"][0]["text"] == "The director is responsible for each authorization."
    assert told["statements"] == [{"place": "E-0013 row 1", "text": "I am responsible for GA-8."}]
    assert told["transactions"] == {
        "claim it or fall under it": 2,
        "outside its lines, kinds or time": 1,
        "of a day on which the version in force is open": 0,
    }
    assert of(answers={"condition_met/GA-8 condition 1": "no"}) == told
