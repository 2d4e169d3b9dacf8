"""Facts that the process running an engagement hands to those forked from it: the same facts, once, and only while no file has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assessor import assessment, files
from assessor.engagement import Engagement
from assessor.procedures.facts import Facts


def forked(work: Callable[[], Any]) -> Any:
    """What `work` gives in a process forked from this one."""
    reading, writing = os.pipe()
    number = os.fork()
    if not number:
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    os.waitpid(number, 0)
    return json.loads(told)


def taken(root: Path, held: assessment.Assessment) -> Callable[[], list[bool]]:
    """Whether opening the engagement twice gives the facts held, each time."""
    return lambda: [assessment.open_assessment(root).facts is held.facts for _ in range(2)]


def test_a_forked_process_takes_the_facts_once_and_this_one_never(engagement: Engagement) -> None:
    with assessment.hold(engagement) as held:
        assert taken(engagement.root, held)() == [False, False]
        assert forked(taken(engagement.root, held)) == [True, False]
        assert forked(taken(engagement.root, held)) == [True, False]  # each process of its own
    assert forked(taken(engagement.root, held)) == [False, False]


def test_what_a_forked_process_does_to_the_facts_stays_in_it(engagement: Engagement) -> None:
    def spoil() -> list[str]:
        facts = assessment.open_assessment(engagement.root).facts
        facts.tables["suppliers"]["name"] = "spoilt"
        return facts.tables["suppliers"]["name"].unique().tolist()

    with assessment.hold(engagement) as held:
        before = held.facts.tables["suppliers"]["name"].tolist()
        assert forked(spoil) == ["spoilt"]
        assert held.facts.tables["suppliers"]["name"].tolist() == before


@pytest.mark.parametrize("name", ["engagement.toml", "register.jsonl", "judgements.jsonl", "tables/suppliers.parquet"])
def test_a_file_that_has_changed_is_read_anew(engagement: Engagement, name: str) -> None:
    def told() -> list[int]:
        found = assessment.open_assessment(engagement.root)
        return [found.facts is held.facts, len(found.facts.tables["suppliers"])]

    path = engagement.root / name
    with assessment.hold(engagement) as held:
        rows = len(held.facts.tables["suppliers"])
        if path.suffix == ".parquet":
            held_table = held.facts.tables["suppliers"].iloc[:1]
            with files.replacing(path) as temporary:
                assessment.tables.write(held_table, temporary)
            rows = 1
        else:
            before = path.read_text("utf-8") if path.exists() else ""
            path.write_text(before + "\n", "utf-8")
        assert forked(told) == [False, rows]


def test_another_engagement_gets_its_own_facts(engagement: Engagement, ran: Path) -> None:
    with assessment.hold(engagement) as held:
        assert forked(taken(ran, held)) == [False, False]


def test_all_that_two_stages_derive_is_derived_before_processes_are_forked(
    engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived: dict[Any, set[str]] = {}
    of = Facts.of
    stage = ""

    def noting(self: Facts, derive: Callable[[Facts], Any]) -> Any:
        derived.setdefault(derive, set()).add(stage)
        return of(self, derive)

    with monkeypatch.context() as patch:
        patch.setattr(Facts, "of", noting)
        for stage in assessment.STAGES:
            opened = assessment.Assessment(engagement)
            for name in assessment.STAGES[stage]:
                opened.perform(name, save=False)
    facts = assessment.Assessment(engagement).facts
    assessment.prepare(facts)
    shared = {derive for derive, stages in derived.items() if len(stages) > 1}
    assert len(shared) > 20
    assert shared <= set(facts._derived)
