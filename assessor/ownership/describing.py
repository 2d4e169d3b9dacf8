"""A foreign interest in words fit for a report (§791.315(d)(1)): its nature, its way, since when, and where that stands."""

from __future__ import annotations

from assessor.ownership.graph import SHARES
from assessor.ownership.interests import ForeignInterest

KINDS = {
    "shareholding": "shares",
    "voting_rights": "votes",
    "board_appointment": "right to appoint board members",
    "special_share": "special share",
    "contractual_control": "rights by contract",
    "proxy": "proxy votes",
    "nominee": "nominee holding",
    "financing": "financing",
    "direction": "direction",
    "veto": "veto or reserved matters",
    "concert": "arrangement to act in concert",
    "other": "another interest",
    "undisclosed": "not disclosed",
}


def describe(interest: ForeignInterest, *, source: bool = True) -> str:
    """`indirect, 12.5 % of the votes through Y, then X; known since 2021-03-04; source E-0012 row 7`; without `source` all but
    that. Names are those of the evidence, as written."""
    parts = [_nature(interest)]
    if not interest.holder:
        parts.append("who the holder is, and so whether it is a U.S. person, is not known")
    elif not interest.certain:
        parts.append("U.S. status of the holder is not stated")
    parts.append(f"known since {interest.start}" if interest.start else "since when is not stated")
    if interest.in_all:
        parts.append(
            f"on all paths together the holder commands {interest.in_all} of the votes"
            if interest.in_all != "0 %"
            else "the holder commands none of the votes, since it controls nobody on the way"
        )
    if interest.further:
        parts.append("further paths are not listed apart")
        if interest.look_through:
            parts.append(f"multiplied out along all of them it holds {interest.look_through}")
    place = f"{interest.source} {interest.locator}".strip()
    if source and place:
        parts.append(f"source {place}")
    return "; ".join(parts)


def _nature(interest: ForeignInterest) -> str:
    how = "declared as indirect" if interest.declared_only else "indirect" if interest.via else "direct"
    through = f" through {', then '.join(interest.via)}" if interest.via and not interest.declared_only else ""
    kind = KINDS.get(interest.kind, KINDS["other"])
    stated = interest.share and interest.share != "not stated"
    if interest.kind in SHARES:
        return f"{how}, {interest.share if stated else 'a part, not stated,'} of the {kind}{through}"
    share = f" of {interest.share}" if stated else ""
    details = f" ({interest.details})" if interest.details else ""
    return f"{how}, {kind}{share}{details}{through}"
