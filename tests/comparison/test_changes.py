"""What differs between two sides, and what is proposed of it (§791.305(e))."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.comparison import Comparison, between
from assessor.comparison.asking import MATERIAL
from assessor.comparison.changes import CLASSES, Change
from assessor.comparison.firms import RENAMED
from assessor.judgements import record
from tests.comparison.sides import DELIVERY, ENGAGEMENT, side

CASES = yaml.safe_load(Path(__file__).with_name("changes.yaml").read_text("utf-8"))


def line(change: Change) -> str:
    fields = ", ".join(field.name for field in change.fields)
    return f"{change.kind} {change.what} {change.subject} [{fields}]: {change.classification} §{change.clause}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_what_is_told_of_a_change(case: dict[str, Any]) -> None:
    kind = case.get("kind", ENGAGEMENT)
    found = between(side(case["prior"], kind=kind), side(case["current"], kind=kind, year=2027))
    assert [line(change) for change in found.changes] == case["changes"]
    assert [problem["code"] for problem in found.problems] == case.get("problems", [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_numbers_and_order_of_a_delivery_say_nothing(case: dict[str, Any]) -> None:
    one, other = side(case["prior"], year=2026), side(case["current"], year=2027)
    anew = between(side(case["prior"], seed=1), side(case["current"], year=2027, seed=2))
    assert [line(change) for change in anew.changes] == [line(change) for change in between(one, other).changes]
    assert [q.facts_digest for q in anew.questions] == [q.facts_digest for q in between(one, other).questions]


names = st.sampled_from(["nav", "voice", "Nav", "=1+1", "nav\n", "ñ"])
firms = st.sampled_from(["Acorn", "Acorn Inc.", "Birch", "ACORN", "<b>x</b>"])
components = st.lists(
    st.fixed_dictionaries(
        {"name": names},
        optional={
            "version": st.sampled_from("12"),
            "supplier": firms,
            "author": firms,
            "item": st.sampled_from(["TCU", "ADS"]),
            "type": st.sampled_from(["library", "firmware"]),
            "purl": st.sampled_from(["pkg:npm/nav@1", "pkg:npm/voice@2"]),
            "hashes": st.sampled_from(['{"SHA-256":"aa"}', '{"SHA-1":"bb"}']),
            "country": st.sampled_from(["US", "CN"]),
        },
    ),
    max_size=5,
)
worlds = st.fixed_dictionaries(
    {},
    optional={
        "components": components,
        "suppliers": st.lists(
            st.fixed_dictionaries({"name": firms}, optional={"country": st.sampled_from(["US", "CN"])}),
            max_size=3,
            unique_by=lambda row: row["name"].casefold(),
        ),
        "entities": st.just(
            [{"entity": "a", "name": "Acorn"}, {"entity": "b", "name": "Birch"}, {"entity": "c", "name": "Cedar"}]
        ),
        "interests": st.lists(
            st.fixed_dictionaries(
                {"holder": st.sampled_from("abc"), "subject": st.sampled_from("abc")},
                optional={"min": st.sampled_from(["0.1", "0.5"])},
            ),
            max_size=3,
        ),
        "declarations": st.lists(
            st.fixed_dictionaries({"declaration": st.sampled_from(["D-1", "D-2"])}, optional={"items": names}),
            max_size=3,
        ),
        "policies": st.lists(st.fixed_dictionaries({"document": names, "text": names}), max_size=3),
        "verdicts": st.dictionaries(firms, st.sampled_from(["established", "possible", "excluded"]), max_size=2),
    },
)


@settings(deadline=None, max_examples=30)
@given(worlds, st.integers(0, 1000))
def test_a_delivery_differs_in_nothing_from_itself_numbered_and_ordered_anew(told: dict[str, Any], seed: int) -> None:
    found = between(side(told), side(told, seed=seed))
    assert found.changes == () and found.questions == () and not found.problems


@settings(deadline=None, max_examples=30)
@given(worlds, worlds)
def test_exchanged_sides_exchange_what_was_added_and_what_is_gone(one: dict[str, Any], other: dict[str, Any]) -> None:
    there, back = between(side(one), side(other)), between(side(other), side(one))
    turned = {"added": "gone", "gone": "added", "changed": "changed"}
    assert sorted((c.kind, turned[c.what]) for c in there.changes) == sorted((c.kind, c.what) for c in back.changes)
    fields = [
        sorted((f.name, f.before or "", f.after or "") for c in found.changes for f in c.fields if c.what == "changed")
        for found in (there, back)
    ]
    assert fields[0] == sorted((name, after, before) for name, before, after in fields[1])


@settings(deadline=None, max_examples=30)
@given(worlds, worlds)
def test_every_change_has_a_class_a_paragraph_a_reason_and_its_evidence(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    found = between(side(one, kind=DELIVERY), side(other, kind=DELIVERY, seed=7))
    for change in found.changes:
        assert change.classification in CLASSES and change.clause.startswith("791.") and change.reason.endswith(".")
        assert bool(change.evidence.prior) == (change.what != "added") and bool(change.evidence.current) == (
            change.what != "gone"
        )
        assert all(place.sha256 for place in (*change.evidence.prior, *change.evidence.current))
        assert any(field.before != field.after for field in change.fields) or change.what != "changed"
    counts = found.counts["kinds"].get("component")
    if counts:
        assert counts["unchanged"] + counts["changed"] + counts["gone"] == len(one.get("components", []))
        assert counts["unchanged"] + counts["changed"] + counts["added"] == len(other.get("components", []))


def test_two_names_are_one_supplier_only_when_the_assessor_says_so(tmp_path: Path) -> None:
    one = {
        "suppliers": [{"name": "Acorn Software Inc."}],
        "components": [
            {"name": "nav", "version": "1", "supplier": "Acorn Software Inc.", "author": "Acorn Software Inc."}
        ],
    }
    other = {
        "suppliers": [{"name": "Acorn Software LLC"}],
        "components": [
            {"name": "nav", "version": "2", "supplier": "Acorn Software LLC", "author": "Acorn Software LLC"}
        ],
    }

    def found(**more: Any) -> Comparison:
        now = {**other, "suppliers": [{**other["suppliers"][0], **more}]}
        return between(side(one), side(now, year=2027, root=tmp_path))

    [question] = [q for q in found().questions if q.id == RENAMED]
    assert question.subject == "Acorn Software Inc. → Acorn Software LLC" and question.state == "open"
    record(tmp_path / "judgements.jsonl", question, "yes", because="Register extract.", by="A", role="lead")
    told = found()
    assert [line(change) for change in told.changes] == [
        "component changed nav [version]: software_update §791.305(e)(2)",
        "supplier changed Acorn Software LLC [name]: neither §791.305(e)(1)",
    ]
    assert told.problems == () and [q.state for q in told.questions] == ["answered"]
    moved = found(country="CN")  # what was shown has changed, so that the answer counts no more
    assert "supplier gone Acorn Software Inc." in " ".join(map(line, moved.changes))
    assert [q.state for q in moved.questions if q.id == RENAMED] == ["stale"]


def test_changes_name_the_entries_of_the_log_that_tell_of_them() -> None:
    one = {"components": [{"name": "nav", "supplier": "Acorn"}, {"name": "voice", "supplier": "Birch"}]}
    other = {
        "components": [{"name": "nav", "supplier": "Oak"}, {"name": "voice", "supplier": "Elm"}],
        "changes": [{"change": "CH-1", "subject": "Software of OAK"}, {"change": "CH-2", "subject": "Elmwood site"}],
    }
    found = between(side(one), side(other, year=2027))
    assert {change.subject: change.logged for change in found.changes} == {"nav": ("CH-1",), "voice": ()}
    assert {q.subject for q in found.questions} == {
        "components changed: supplier Acorn → Oak",
        "components changed: supplier Birch → Elm",
    }


def test_components_that_changed_alike_are_asked_about_together() -> None:
    one = {"components": [{"name": f"c{n}", "supplier": "Acorn"} for n in range(50)]}
    other = {"components": [{"name": f"c{n}", "supplier": "Oak"} for n in range(50)]}
    [question] = between(side(one), side(other, year=2027)).questions
    assert question.facts["changes"] == 50 and len(question.facts["subjects"]) == 20
    other["components"][49]["supplier"] = "Elm"
    [first, second] = between(side(one), side(other, year=2027)).questions
    assert {first.facts["changes"], second.facts["changes"]} == {1, 49} and first.id == MATERIAL
    assert question.facts_digest not in (first.facts_digest, second.facts_digest)
