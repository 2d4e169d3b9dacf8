"""Samples of procedures: which items are drawn and why so many, what is said of what they prove, and what becomes of a deviation."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest

from assessor.procedures import record_samples, s312_records, s315_suppliers, samples
from assessor.procedures.samples import Seen
from assessor.results import Outcome
from tests.cases.runner import facts

CRITERIA = {"criteria": {"sample_confidence": "0.95", "sample_tolerable": "0.05"}}
NOTHING = {"criteria": {}}
KNOWN = (Outcome.CONFORMS, "It was tested and held.")
IDS = [f"A-{n:03d}" for n in range(400)]


def row(seen: list[bool | None], ids: list[str] = IDS, **terms: Any) -> dict[str, Any]:
    made = facts({"terms": terms or CRITERIA})
    drawn = samples.draw(made, ids, 0 if terms.get("criteria", CRITERIA["criteria"]) else len(seen))
    told = [Seen(id_, seen[n] if n < len(seen) else True) for n, id_ in enumerate(drawn.ids)]
    return samples.sampled(made, "parts", "791.302", "parts in evidence", drawn, told, KNOWN)


def test_the_firms_criteria_decide_how_many_are_drawn_and_the_reason_says_so() -> None:
    told = row([])
    assert (told["items"], told["size"]) == (400, 55)
    assert told["why"] == "had 5 % or more deviated, one would be seen with 95 % confidence (the firm's criteria)"
    assert (told["seed"], len(told["digest"])) == ("CASE-1", 64)
    assert (told["complete"], told["completeness"]) == ("conforms", "It was tested and held.")


@pytest.mark.parametrize(("items", "size"), [(29, 29), (30, 23), (400, 55)])
def test_a_small_population_is_examined_as_a_whole_and_its_neighbour_nearly(items: int, size: int) -> None:
    assert row([], IDS[:items])["size"] == size


def test_a_sample_without_a_deviation_states_its_power_and_does_not_clear_the_rest() -> None:
    assert row([])["proves"] == (
        "None of the 55 items examined deviates. Had 5 % or more of the 400 deviated, one would have been seen with a probability of 95.2 %. With "
        "95 % confidence no more than 19 of the 400 (4.75 %) deviate; that none of the 345 others does, it does not prove."
    )


def test_one_deviation_is_a_finding_whatever_the_others_are() -> None:
    told = row([False])
    assert (told["deviations"], told["examined"]) == (1, 55)
    assert told["proves"].startswith(
        "1 of the 55 items examined deviates, each of them in a finding: no rate of deviations is tolerated, and what was not examined offsets none."
    )


def test_a_sample_of_which_one_item_waits_proves_nothing_yet() -> None:
    told = row([None])
    assert (told["examined"], told["deviations"]) == (54, 0)
    assert told["proves"] == (
        "1 of the 55 items drawn is not examined, so that the sample proves nothing of the population yet; none of the others deviates."
    )


def test_where_all_are_seen_nothing_is_inferred() -> None:
    assert (
        row([], IDS[:12])["proves"]
        == "None of the 12 items examined deviates, and these are all there are: nothing is inferred."
    )
    told = row([False, False], IDS[:12])["proves"]
    assert (
        told
        == "2 of the 12 items examined deviate, each of them in a finding, and these are all there are: nothing is inferred."
    )


def test_without_the_firms_criteria_nothing_is_said_of_the_others() -> None:
    told = row([True] * 5, **NOTHING)
    assert told["why"] == "the firm examines 5 of each population, or all where there are fewer"
    assert told["proves"].endswith("so that nothing is said of the 395 others.")


@pytest.mark.parametrize(
    ("wrong", "open_", "words"),
    [
        (0, 0, "None of the 9 items examined deviates, and these are all there are: nothing is inferred."),
        (
            1,
            0,
            "1 of the 9 items examined deviates, each of them in a finding, and these are all there are: nothing is inferred.",
        ),
        (
            1,
            2,
            "All 9 items were examined, and none was sampled: 1 deviate, each of them told as an exception, and of 2 the evidence does not decide.",
        ),
    ],
)
def test_a_whole_population_says_that_nothing_was_sampled(wrong: int, open_: int, words: str) -> None:
    told = samples.whole(facts({}), "controls", "791.315(d)(3)", "cases", 9, wrong, open_, KNOWN)
    assert told["proves"].startswith(words)
    assert (told["method"], told["size"], told["digest"], told["seed"]) == (samples.WHOLE, 9, "", "")


def test_a_population_that_cannot_be_drawn_from_is_told_and_does_not_stop_the_work() -> None:
    drawn = samples.draw(facts({"terms": CRITERIA}), ["A", "A"])
    assert "occurs more than once" in drawn.problem and not drawn.ids


def test_records_are_drawn_as_before_where_the_firm_sets_their_number_and_no_seed() -> None:
    """By the SHA-256 of "engagement id|transaction|record type": who drew a sample by hand in an earlier year draws the same."""
    given = {
        "terms": {"criteria": {"records_sample": 5}, "id": "CASE-1"},
        "transactions": [
            {"transaction": f"T-{n}", "kind": "vehicle_sale", "date": date(2026, 2, 2), "authorization": "SA-1"}
            for n in range(40)
        ],
        "authorizations": {"authorization": "SA-1", "kind": "specific", "issued": date(2025, 6, 1)},
        "records": [{"transaction": f"T-{n}", "record_type": "contract", "held": True} for n in range(40)],
    }
    made = facts(given)
    index = made.of(s312_records.indexed)
    keys = sorted((hashlib.sha256(f"CASE-1|T-{n}|contract".encode()).hexdigest(), f"T-{n}") for n in range(40))
    w, told = record_samples.inspect(made, index, [])
    wanted = [t for _, t in keys[:5]]
    assert w.requests[0].what == f"The contract of {', '.join(wanted)}, for inspection"
    assert [one["item"] for one in told["sample_items"]] == [f"{t}|contract" for t in wanted]
    assert (told["record_sample"][0]["sample"], told["samples"][0]["size"], told["samples"][0]["items"]) == (5, 5, 40)


def suppliers(*inspected: dict[str, Any], **more: Any) -> Any:
    names = [f"Supplier {n:02d}" for n in range(40)]
    attested = [{"supplier": name, "signed": date(2026, 2, 2), "denies_nexus": True} for name in names]
    return s315_suppliers.run(
        facts({"terms": CRITERIA, "attestations": attested, "item_inspections": list(inspected), **more})
    )


def the_sample(result: Any) -> dict[str, Any]:
    [found] = [told for told in result.tables["samples"] if told["sample"] == "supplier attestations"]
    return dict(found)


def test_attestations_drawn_and_not_confirmed_are_asked_for_by_name() -> None:
    result = suppliers()
    drawn = [told["item"] for told in result.tables["sample_items"]]
    told = the_sample(result)
    assert (told["items"], told["size"], told["examined"]) == (40, len(drawn), 0)
    [asked] = [r for r in result.requests if r.code == "items_to_examine"]
    assert all(item in asked.what for item in drawn)
    [test] = [t for t in result.tests if t.subject == "sample: supplier attestations"]
    assert test.outcome is Outcome.INCONCLUSIVE


def test_attestations_that_were_all_confirmed_conform_and_one_that_was_not_is_a_finding() -> None:
    drawn = [told["item"] for told in suppliers().tables["sample_items"]]
    confirmed = [{"sample": "supplier attestations", "item": item, "agrees": True} for item in drawn]
    result = suppliers(*confirmed)
    [test] = [t for t in result.tests if t.subject == "sample: supplier attestations"]
    assert test.outcome is Outcome.CONFORMS and test.evidence
    assert "does not prove" in the_sample(result)["proves"]
    denied = [*confirmed[1:], confirmed[0] | {"agrees": False, "note": "the signer left in 2024"}]
    result = suppliers(*denied)
    [found] = [f for f in result.findings if f.code == "attestation_not_confirmed"]
    assert drawn[0] in found.condition and "the signer left in 2024" in found.condition
    assert the_sample(result)["deviations"] == 1


def test_what_was_seen_besides_the_draw_counts_as_a_finding_and_not_for_the_sample() -> None:
    drawn = [told["item"] for told in suppliers().tables["sample_items"]]
    beside = next(i for i in (f"Supplier {n:02d}|2026-02-02" for n in range(40)) if i not in drawn)
    confirmed = [{"sample": "supplier attestations", "item": item, "agrees": True} for item in drawn]
    result = suppliers(*confirmed, {"sample": "supplier attestations", "item": beside, "agrees": False})
    [found] = [f for f in result.findings if f.code == "attestation_not_confirmed"]
    assert "seen besides the draw" in found.condition and beside in found.condition
    assert the_sample(result)["deviations"] == 0


def test_an_item_that_is_in_no_population_counts_for_nothing() -> None:
    result = suppliers({"sample": "supplier attestations", "item": "Nobody|2026-02-02", "agrees": False})
    assert not [f for f in result.findings if f.code == "attestation_not_confirmed"]


def test_where_the_firm_sets_no_criteria_attestations_and_origins_are_not_sampled() -> None:
    result = suppliers(terms=NOTHING)
    assert [told["sample"] for told in result.tables["samples"]] == ["supplier attestations against ownership evidence"]
    assert not result.tables["sample_items"]


def test_origins_are_drawn_from_articles_that_may_be_in_scope_each_once() -> None:
    part = {"item": "Radio", "medium": "hardware", "type": "Cellular module", "name": "modem", "part_number": "P-1"}
    result = suppliers(
        attestations=[],
        components=[
            part | {"manufacturer": "Maker A"},
            part | {"manufacturer": "Maker A"},
            part | {"supplier": "Maker B"},
        ],
    )
    items = sorted(told["item"] for told in result.tables["sample_items"])
    assert items == ["Radio|P-1|Maker A", "Radio|P-1|Maker B"]
