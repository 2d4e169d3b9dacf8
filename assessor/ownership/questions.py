"""The questions that limbs (1) to (4) leave to the assessor, with the facts that are shown for each."""

from __future__ import annotations

from typing import Any

from assessor.ownership.control import Control, question
from assessor.ownership.graph import Interest, Stake
from assessor.ownership.interval import percent
from assessor.ownership.routes import hidden_words


def questions(control: Control, subject: str) -> list[tuple[str, dict[str, Any]]]:
    """Question ids with facts for `subject`, sorted by id. None where persons hold it without any judgement.

    The facts are those of the evidence alone: an answer never changes what its own question shows.
    """
    if subject in control.plain.order:
        return []
    found: dict[str, dict[str, Any]] = {place: _places(control, subject) for place in control.places.get(subject, ())}
    for power in control.graph.powers_in.get(subject, ()):
        if power.holder in control.must.order:
            facts = found.setdefault(
                question(control.graph, power), {"interests": [], "votes": _votes(control, subject)}
            )
            facts["interests"].append(_interest(control, power))
    if control.asks_concert(subject):
        facts = found.setdefault("acting_in_concert", {"interests": [], "votes": _votes(control, subject)})
        facts["together"] = control.stake_words(subject)
        facts["each"] = [
            _stake(control, stake)
            for stake in control.graph.votes.of[subject]
            if stake.holder in control.must.order and stake.holder != subject
        ]
    if control.asks_dominant(subject):
        found["dominant_minority"] = _dominant(control, subject)
    for facts in found.values():
        if "interests" in facts:
            facts["interests"].sort(key=lambda row: (row["holder"], row["kind"], row["evidence"]))
    return sorted(found.items())


def _places(control: Control, subject: str) -> dict[str, Any]:
    """Every place that some source states of an entity, and where."""
    entity = control.graph.entities[subject]
    return {
        fact.replace("_", " "): list(getattr(entity, fact))
        for fact in ("incorporated", "headquarters", "principal_place", "residence", "citizenship", "us_status")
        if getattr(entity, fact)
    } | {"evidence": [f"{source} {locator}".strip() for source, locator in entity.places]}


def _interest(control: Control, power: Interest) -> dict[str, Any]:
    holder = control.graph.entities[str(power.holder)]
    return {
        "holder": holder.name,
        "country": holder.country,
        "kind": power.kind,
        "details": power.details,
        "share": power.share.words(),
        "since": str(power.start or "not stated"),
        "evidence": f"{power.source} {power.locator}".strip(),
    }


def _votes(control: Control, subject: str, limit: int = 10) -> list[str]:
    """The largest holders in words."""
    stakes = control.graph.votes.of.get(subject, [])
    more = [f"{len(stakes) - limit} further holders"] if len(stakes) > limit else []
    return [_stake(control, stake) for stake in stakes[:limit]] + more


def _stake(control: Control, stake: Stake) -> str:
    holder = control.graph.entities[stake.holder]
    return f"{holder.name} ({holder.country or 'country not stated'}): {stake.share.words()}"


def _dominant(control: Control, subject: str) -> dict[str, Any]:
    """The stake, the next holder, what is disclosed besides and what is not, and the firm's criterion (no percentage is the
    rule's)."""
    stakes = control.graph.votes.of.get(subject, [])
    others = [s for s in stakes if s.holder not in control.must.order]
    left = control.graph.votes.undisclosed(subject)
    return {
        "stake": control.stake_words(subject, control.counted(subject)),
        "holders": [_stake(control, s) for s in stakes if s.holder in control.must.order],
        "next_holder": _stake(control, others[0]) if others else "none disclosed",
        "other_holders": len(others),
        "undisclosed": hidden_words(left) if left.max > 0 else "nothing",
        "criterion": percent(control.criterion),
    }
