"""Putting a question: its wording comes from the rule, its facts from the evidence, and only the facts bind an answer."""

from __future__ import annotations

from dataclasses import replace

from assessor.rule import load
from tests.cases.runner import facts


def test_a_question_carries_its_wording_and_the_material_to_look_at() -> None:
    text = load().question("special_share")
    asked = facts({}).ask("special_share", "Acorn GmbH", {"holder": "Oak AG"})
    assert asked.asked == text.asked.replace("{subject}", "Acorn GmbH")
    assert (asked.clause, asked.guidance, asked.answers, asked.shows) == (
        text.clause,
        text.guidance,
        text.answers,
        text.shows,
    )
    assert asked.shows and asked.facts == {"holder": "Oak AG"}


def test_the_digest_that_binds_an_answer_is_that_of_the_facts_alone() -> None:
    asked = facts({}).ask("special_share", "Acorn GmbH", {"holder": "Oak AG"})
    assert replace(asked, shows=("something else",), guidance="", asked="?").facts_digest == asked.facts_digest
    assert replace(asked, facts={"holder": "Elm AG"}).facts_digest != asked.facts_digest
