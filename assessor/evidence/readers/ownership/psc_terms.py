"""The terms of the UK register of people with significant control: natures of control and statements.

The terms and what they mean are those of `psc_descriptions.yml` of Companies House's `api-enumerations`. A band of the
register is open below and closed above: "75-to-100" is more than 75 % and up to the whole (Companies Act 2006, schedule 1A).
Shares and votes are held "directly or indirectly", so that no row says that it is direct.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assessor.evidence.readers.ownership.shares import fraction

_BAND = r"(?P<low>\d+)(?:-to-(?P<high>\d+))?-percent"
_NATURE = re.compile(
    r"(?:(?P<shares>ownership-of-shares)|(?P<votes>voting-rights)|(?:part-)?(?P<assets>right-to-share-surplus-assets))"
    rf"-(?:more-than-)?{_BAND}(?P<of_share>.*)"
    r"|right-to-appoint-and-remove-(?P<board>directors|members|person)(?P<of_board>.*)"
    r"|(?P<influence>significant-influence-or-control)(?P<of_influence>.*)"
    r"|registered-owner-as-nominee-(?P<nominee>person|another-entity)-(?P<land>.*?)-registered-overseas-entity"
)
_BY = re.compile(
    r"(?P<by>-as-control-over-trust|-as-control-over-firm|-as-trust|-as-firm)?"
    r"(?P<scheme>-limited-liability-partnership|-registered-overseas-entity)?"
)
_BOARD = {
    "directors": "the right to appoint or remove a majority of the board of directors",
    "members": "the right to appoint or remove a majority of the members who manage the partnership",
    "person": "the right to appoint or remove a majority of the persons who manage the partnership",
}
TRUST, FIRM = "trust", "firm"


@dataclass(frozen=True)
class Nature:
    """One nature of control as a row: kind of interest, ends of its band, whether the lower end is excluded, and details.

    `via`: whatever stands between (a trust or a firm that is no legal person), and `role` what the person has in it: the
    trustees or the members hold the interest, not the person.
    """

    kind: str
    min: str | None = None
    max: str | None = None
    details: str | None = None
    via: str = ""
    role: str = ""


@lru_cache(maxsize=4096)
def nature(term: str) -> Nature | None:
    """What a nature of control means; None for a term that the register does not define."""
    found = _NATURE.fullmatch(term)
    if found is None:
        return None
    rest = _BY.fullmatch(found["of_share"] or found["of_board"] or found["of_influence"] or "")
    low, high = fraction(found["low"]), fraction(found["high"] or 100)
    if rest is None or (found["low"] and (low is None or high is None)):
        return None
    via, role = _between(rest["by"] or "", rest["scheme"] or "")
    if found["shares"]:
        return Nature("shareholding", low, high, None, via, role)
    if found["votes"]:
        return Nature("voting_rights", low, high, None, via, role)
    if found["assets"]:  # it is no vote, and where votes are not stated it must not stand for them
        return Nature("other", low, high, "a right to this share of the surplus assets on a winding up", via, role)
    if found["board"]:
        return Nature("board_appointment", details=_BOARD[found["board"]], via=via, role=role)
    if found["influence"]:
        return Nature(
            "other", details="significant influence or control, exercised or to be exercised", via=via, role=role
        )
    whom = (
        "this person" if found["nominee"] == "person" else "another entity of which this person is a beneficial owner"
    )
    land = found["land"].replace("-", " ").title()
    return Nature("nominee", details=f"the entity is the registered owner of land ({land}) as a nominee for {whom}")


def _between(by: str, scheme: str) -> tuple[str, str]:
    """What stands between the person and the company, and the person's role in it. The register of overseas entities uses
    "as-trust" for a trustee and "as-firm" for a member; that of companies, for whoever has influence over either."""
    if not by:
        return "", ""
    what = TRUST if by.endswith("trust") else FIRM
    if scheme == "-registered-overseas-entity" and "control-over" not in by:
        return what, "a trustee of it" if what == TRUST else "a member of it"
    return what, "significant influence or control over its activities"


@dataclass(frozen=True)
class Statement:
    """What a statement instead of a person means as a row whose holder is not known. `kind`: "other" where somebody who is not
    named has a power; "shareholding" where only who holds the shares is not stated. Without a kind it is no row."""

    kind: str
    details: str
    max: str | None = None


_QUARTER = fraction(25)
STATEMENTS = {
    "no-individual-or-entity-with-signficant-control": Statement(
        "shareholding",
        "the company knows of nobody with more than 25 % or other significant control; who holds less is not stated",
        _QUARTER,
    ),
    "psc-exists-but-not-identified": Statement("other", "somebody has significant control and is not identified"),
    "psc-details-not-confirmed": Statement(
        "other", "somebody with significant control is identified, whose particulars are not confirmed and not shown"
    ),
    "steps-to-find-psc-not-yet-completed": Statement(
        "shareholding", "the company has not yet found out whether anybody has significant control"
    ),
    "psc-contacted-but-no-response": Statement(
        "other", "somebody was asked by notice whether they have significant control and has not answered"
    ),
    "psc-has-failed-to-confirm-changed-details": Statement(
        "shareholding", "changed particulars of a registered person were not confirmed, so that they may be out of date"
    ),
    "restrictions-notice-issued-to-psc": Statement(
        "other", "the company restricted the interest of somebody who did not answer and is not named"
    ),
    "no-beneficial-owner-identified": Statement("other", "no beneficial owner is identified"),
    "at-least-one-beneficial-owner-unidentified": Statement("other", "at least one beneficial owner is not identified"),
    "information-not-provided-for-at-least-one-beneficial-owner": Statement(
        "shareholding", "for at least one beneficial owner the required information is not given"
    ),
    "at-least-one-beneficial-owner-unidentified-and-information-not-provided-for-at-least-one-beneficial-owner": Statement(
        "other", "at least one beneficial owner is not identified, and information on another is not given"
    ),
    "all-beneficial-owners-identified": Statement("", "all beneficial owners are identified"),
    "nobody-has-become-or-ceased-to-be-a-beneficial-owner": Statement("", "no change in the update period"),
    "somebody-has-become-or-ceased-to-be-a-beneficial-owner": Statement("", "a change in the update period"),
    "no-change-beneficial-owner-relevant-period": Statement("", "no change in the relevant period"),
    "change-beneficial-owner-relevant-period": Statement("", "a change in the relevant period"),
    "no-trust-involved-relevant-period": Statement("", "no change through a trust in the relevant period"),
    "trust-involved-relevant-period": Statement("", "a change through a trust in the relevant period"),
    "no-change-beneficiary-relevant-period": Statement("", "no change of a beneficiary in the relevant period"),
    "change-beneficiary-relevant-period": Statement("", "a change of a beneficiary in the relevant period"),
}


def statement(term: str) -> Statement | None:
    """What a statement means; those about partnerships mean the same. None for a term that the register does not define."""
    return STATEMENTS.get(term) or STATEMENTS.get(term.removesuffix("-partnership"))
