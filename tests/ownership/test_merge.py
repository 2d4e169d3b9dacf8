"""One entity out of several sources: what is enough to take two rows as one, and what keeps them apart."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from assessor.ownership.merge import Merged, merge

LEI, OTHER_LEI = "506700GE1G29325QX363", "529900T8BM49AURSDO55"
USCC = "91350100M000100Y43"


def row(entity: str, source: str, /, name: str = "Twin GmbH", **more: Any) -> dict[str, Any]:
    """A row of `entities`; an organisation of Germany unless said otherwise."""
    return {
        "entity": entity,
        "name": name,
        "kind": "organisation",
        "incorporated": "DE",
        "source": source,
        "locator": f"/{entity}",
    } | more


def human(entity: str, source: str, name: str = "Jan Lin", **more: Any) -> dict[str, Any]:
    return row(entity, source, name, kind="person", incorporated=None, **more)


def holds(holder: str, source: str, subject: str = "s") -> dict[str, Any]:
    return {"holder": holder, "subject": subject, "source": source}


def groups(out: Merged, *keys: str) -> list[set[str]]:
    """The keys as they were grouped."""
    found: dict[str, set[str]] = {}
    for key in keys:
        found.setdefault(out.alias[key], set()).add(key)
    return list(found.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"lei": LEI}, {"lei": LEI, "name": "Renamed AG", "incorporated": "AT"}, id="LEI"),
        pytest.param(
            {"lei": LEI.lower()}, {"lei": f"{LEI[:4]} {LEI[4:]}", "name": "Renamed AG"}, id="LEI otherwise written"
        ),
        pytest.param(
            {"registration": USCC, "incorporated": "CN"},
            {"registration": USCC, "incorporated": "CN", "name": "云桥有限公司"},
            id="USCC",
        ),
        pytest.param(
            {"registration": USCC, "incorporated": "CN"},
            {"registration": "M000100Y-4", "incorporated": "CN", "name": "云桥有限公司"},
            id="organisation code that the USCC contains",
        ),
        pytest.param(
            {"registration": "1234567", "incorporated": "GB", "name": "Wren Ltd"},
            {"registration": "01234567", "incorporated": "GB", "name": "Wren Limited"},
            id="company number without its zero",
        ),
        pytest.param(
            {"registration": "1234567", "incorporated": "GB", "name": "Wren Ltd", "names": "Warbler Ltd"},
            {"registration": "01234567", "incorporated": "GB", "name": "Warbler Ltd"},
            id="company number under a former name",
        ),
        pytest.param({}, {"headquarters": "FR"}, id="name, legal form and country"),
        pytest.param({"lei": LEI}, {"lei": LEI[:-1] + "4"}, id="an LEI whose check digits are wrong says nothing"),
        pytest.param({"kind": "unknown"}, {}, id="a name with a legal form is an organisation's"),
    ],
)
def test_two_sources_mean_one_entity(one: dict[str, Any], other: dict[str, Any]) -> None:
    out = merge([row("a", "E-1", **one), row("b", "E-2", **other)], [])
    assert groups(out, "a", "b") == [{"a", "b"}]
    assert len(out.notes) == 1 and "E-1 /a and E-2 /b are taken as one entity" in out.notes[0]
    assert out.problems == [] or "differ on" in out.problems[0]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        pytest.param({}, {"incorporated": "AT"}, "", id="another country"),
        pytest.param({}, {"name": "Twin AG"}, "", id="another legal form"),
        pytest.param({"lei": LEI}, {"lei": OTHER_LEI}, "", id="LEIs differ"),
        pytest.param(
            {"registration": "Kiel HRB 1"}, {"registration": "Kiel HRB 2"}, "", id="numbers of one register differ"
        ),
        pytest.param(
            {"lei": LEI},
            {"lei": LEI, "kind": "person", "incorporated": None},
            "one is a person and the other is not",
            id="a person and an organisation with one LEI",
        ),
        pytest.param(
            {"lei": LEI, "registration": "Kiel HRB 1"},
            {"lei": LEI, "registration": "Kiel HRB 2"},
            "their numbers differ",
            id="one LEI and two numbers of one register",
        ),
        pytest.param(
            {"registration": "1234567", "incorporated": "GB"},
            {"registration": "1234567", "incorporated": "GB", "name": "Other Ltd"},
            "their names differ and the number has no check digits",
            id="one company number under two names",
        ),
        pytest.param(
            {"kind": "unknown", "name": "Wei Lin"},
            {"kind": "unknown", "name": "Wei Lin"},
            "",
            id="a name that may be a person's",
        ),
        pytest.param(
            {"kind": "person", "name": "Wei Lin", "residence": "DE"},
            {"kind": "person", "name": "Wei Lin", "residence": "DE"},
            "",
            id="two persons of one name in one country",
        ),
        pytest.param(
            {"kind": "state", "name": "Freeland"}, {"kind": "state", "name": "Freeland"}, "", id="states go by their id"
        ),
    ],
)
def test_two_rows_stay_apart_and_a_contradiction_is_told(one: dict[str, Any], other: dict[str, Any], told: str) -> None:
    out = merge([row("a", "E-1", **one), row("b", "E-2", **other)], [])
    assert len(groups(out, "a", "b")) == 2
    assert [told in problem and "they are kept apart" in problem for problem in out.problems] == (
        [True] if told else []
    )


def test_a_row_without_a_number_belongs_to_neither_of_two_of_its_name_in_whatever_order_they_come() -> None:
    listed = [row("a", "E-1", lei=LEI), row("b", "E-2", lei=OTHER_LEI), row("c", "E-3")]
    for ordered in itertools.permutations(listed):
        out = merge(ordered, [])
        assert len(groups(out, "a", "b", "c")) == 3
        (problem,) = out.problems
        assert "which of them an entry without a number means is not known" in problem


def test_contradictory_numbers_never_come_together_through_a_third_row() -> None:
    listed = [
        row("a", "E-1", lei=LEI),
        row("b", "E-2", lei=LEI, registration="Kiel HRB 1"),
        row("c", "E-3", registration="Kiel HRB 1", lei=OTHER_LEI),
        row("d", "E-4", registration="Kiel HRB 2"),
    ]
    for ordered in itertools.permutations(listed):
        out = merge(ordered, [])
        assert not any({"a", "c"} <= group or {"b", "d"} <= group for group in groups(out, "a", "b", "c", "d"))


def test_the_same_holding_in_two_sources_is_one_person_when_nothing_differs() -> None:
    listed = [row("s", "E-1", "Subject Inc."), human("p", "E-1"), human("q", "E-2", citizenship="DE")]
    out = merge(listed, [holds("p", "E-1"), holds("q", "E-2")])
    assert groups(out, "p", "q") == [{"p", "q"}]


@pytest.mark.parametrize(
    ("p", "q", "subject"),
    [
        pytest.param({"citizenship": "DE"}, {"citizenship": "CN"}, "s", id="citizenships differ"),
        pytest.param({"residence": "DE"}, {"residence": "CN"}, "s", id="residences differ"),
        pytest.param({}, {"kind": "organisation"}, "s", id="a person and an organisation"),
        pytest.param({}, {}, "t", id="another holding"),
        pytest.param({}, {"source": "E-1"}, "s", id="one source names both"),
    ],
)
def test_two_of_one_name_who_may_be_two_stay_two(p: dict[str, Any], q: dict[str, Any], subject: str) -> None:
    listed = [
        row("s", "E-1", "Subject Inc."),
        row("t", "E-1", "Other Inc."),
        human("p", "E-1") | p,
        human("q", "E-2") | q,
    ]
    out = merge(listed, [holds("p", "E-1"), holds("q", str(listed[3]["source"]), subject)])
    assert len(groups(out, "p", "q")) == 2


def test_citizenships_of_which_one_is_common_do_not_differ() -> None:
    listed = [
        row("s", "E-1", "Subject Inc."),
        human("p", "E-1", citizenship="DE; CN"),
        human("q", "E-2", citizenship="DE"),
    ]
    out = merge(listed, [holds("p", "E-1"), holds("q", "E-2")])
    assert groups(out, "p", "q") == [{"p", "q"}]
    assert out.entities["p"].citizenship == ("CN", "DE")
    assert any("sources differ on citizenship" in problem for problem in out.problems)


def test_of_two_of_one_name_in_one_source_a_second_source_means_neither_for_certain() -> None:
    listed = [row("s", "E-1", "Subject Inc."), human("p", "E-1"), human("q", "E-1"), human("r", "E-2")]
    interests = [holds("p", "E-1"), holds("q", "E-1"), holds("r", "E-2")]
    out = merge(listed, interests)
    assert len(groups(out, "p", "q", "r")) == 3
    assert any("a source names several of this name" in problem for problem in out.problems)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Somebody AG"},
        {"kind": "person", "incorporated": None},
        {"lei": OTHER_LEI},
    ],
)
def test_one_id_in_two_sources_for_two_that_differ_is_two_entities(other: dict[str, Any]) -> None:
    out = merge([row("1", "E-1", lei=LEI), row("1", "E-2", **other)], [])
    assert out.resolve("E-1", "1") != out.resolve("E-2", "1")
    assert "the id 1 stands for" in out.problems[0]


def test_every_number_of_an_entity_is_kept() -> None:
    out = merge([row("a", "E-1", registration="Kiel HRB 1"), row("b", "E-2", registration="DUNS 123456789")], [])
    assert out.entities["a"].registration == "Kiel HRB 1; DUNS 123456789"
