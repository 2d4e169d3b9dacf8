"""§791.305(l): the tree of the exemption for equity in a U.S. person, beside the limbs and without effect on them."""

from __future__ import annotations

from typing import Any

import pytest

from assessor.ownership import Ownership
from assessor.results import EvidenceRef
from tests.ownership.tables import company, judge, person, stake

US, GERMAN, PRC = person("us"), person("de", "DE", us_status="none"), company("cn", "CN")


def owned(*rows: dict[str, Any], entities: tuple[dict[str, Any], ...] = (), country: str | None = "US") -> Ownership:
    return judge([company("x", country), US, GERMAN, PRC, *entities], list(rows))


def states(ownership: Ownership) -> dict[str, str]:
    return {node.code: node.state for node in ownership.passive("x").nodes}


MINOR = (stake("us", "x", "0.9"), stake("de", "x", "0.1"))


def test_a_minor_foreign_stake_in_a_us_company_holds_at_every_node() -> None:
    told = owned(*MINOR).passive("x")
    assert (told.state, told.ruled_out) == ("holds", ())
    assert [node.code for node in told.nodes] == ["us_person", "disclosed", "equity", "no_control"]
    assert told.nodes[2].evidence == (EvidenceRef("E-0001", "/de-x"),)
    assert all(node.evidence and node.why and node.asked for node in told.nodes)


@pytest.mark.parametrize(
    ("low", "expected"),
    [
        pytest.param("0.24", "holds", id="just below the criterion of 25 %"),
        pytest.param("0.25", "open", id="at the criterion"),
        pytest.param("0.5", "open", id="half of the votes"),
        pytest.param("0.51", "fails", id="more than half"),
    ],
)
def test_equity_that_allows_a_foreign_person_to_control_is_not_passive(low: str, expected: str) -> None:
    rest = str(round(1 - float(low), 2))
    rows = [stake("de", "x", low), *(stake(f"us{n}", "x", str(float(rest) / 10)) for n in range(10))]
    ownership = owned(*rows, entities=tuple(person(f"us{n}") for n in range(10)))
    assert states(ownership)["no_control"] == expected
    assert ownership.passive("x").state == expected


def test_control_runs_through_companies_of_the_united_states() -> None:
    ownership = owned(
        stake("hold", "x", 1), stake("de", "hold", "0.6"), stake("us", "hold", "0.4"), entities=(company("hold"),)
    )
    told = ownership.passive("x")
    assert told.ruled_out == ("de Person controls x Holdings by a majority of the votes",)
    assert told.nodes[3].evidence == (EvidenceRef("E-0001", "/de-hold"), EvidenceRef("E-0001", "/hold-x"))


def test_a_foreign_minority_under_a_us_majority_does_not_control() -> None:
    assert states(owned(stake("us", "x", "0.55"), stake("de", "x", "0.45")))["no_control"] == "holds"


def test_an_interest_other_than_equity_rules_the_exemption_out() -> None:
    told = owned(stake("us", "x", 1), stake("de", "x", kind="board_appointment")).passive("x")
    assert told.ruled_out == (
        "in x Holdings there is a foreign interest other than equity (right to appoint board members)",
    )


def test_votes_without_stated_shares_and_declared_chains_leave_open_whether_they_are_equity() -> None:
    votes = owned(stake("us", "x", "0.9", kind="voting_rights"), stake("de", "x", "0.1", kind="voting_rights"))
    assert states(votes)["equity"] == "open"
    both = owned(*MINOR, *(row | {"kind": "voting_rights"} for row in MINOR))
    assert states(both)["equity"] == "holds"
    assert states(owned(stake("us", "x", 1), stake("de", "x", "0.1", direct=False)))["equity"] == "open"


@pytest.mark.parametrize(
    ("country", "state"),
    [("US", "holds"), ("PR", "holds"), ("CA", "fails"), (None, "open")],
)
def test_the_entity_itself_must_be_a_us_person(country: str | None, state: str) -> None:
    assert states(owned(*MINOR, country=country))["us_person"] == state


def test_what_is_not_disclosed_leaves_the_tree_open() -> None:
    assert states(owned(stake("us", "x", "0.9")))["disclosed"] == "open"
    assert owned(stake("us", "x", "0.9")).passive("x").state == "open"
    assert states(owned(stake("us", "x", "0.9"), stake(None, "x", "0.1")))["disclosed"] == "open"
    elsewhere = owned(stake("us", "x", "0.9"), stake("h", "x", "0.1"), entities=(person("h", "DE", residence=None),))
    assert states(elsewhere)["disclosed"] == "open"


def test_no_foreign_interest_at_all_holds_and_says_so() -> None:
    told = owned(stake("us", "x", 1)).passive("x")
    assert told.state == "holds" and "no foreign interest is found" in told.nodes[1].why


def test_the_tree_changes_no_limb_and_no_limb_the_tree() -> None:
    """10 % of a PRC company: passive equity, and yet a tie that the limbs weigh on their own."""
    ownership = owned(stake("us", "x", "0.7"), stake("cn", "x", "0.3"))
    before = ownership.verdict("x")
    told = ownership.passive("x")
    assert told.state == "holds"
    assert owned(stake("us", "x", "0.7"), stake("cn", "x", "0.3")).verdict("x") == before
    controlled = owned(stake("cn", "x", "0.6"), stake("us", "x", "0.4"))
    assert (controlled.verdict("x").prc_russia, controlled.passive("x").state) == ("established", "fails")


def test_an_entity_that_no_table_mentions_is_refused() -> None:
    with pytest.raises(KeyError):
        owned(*MINOR).passive("nobody")
