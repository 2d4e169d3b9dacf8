"""The questions that limbs (1) to (4) leave to the assessor, with the facts that are shown for each."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assessor.ownership.control import Control, question
from assessor.ownership.graph import Interest, Stake
from assessor.ownership.interval import ONE, ZERO, exact, percent
from assessor.ownership.power import minority_figures
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
        found_before = control.before(subject)
        facts["together"] = control.stake_words(subject, control.stake(subject, found_before))
        facts["each"] = [
            _stake(control, stake)
            for stake in control.graph.votes.of[subject]
            if stake.holder in found_before.order and stake.holder != subject
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
    stakes = control.told.votes.of.get(subject, [])
    more = [f"{len(stakes) - limit} further holders"] if len(stakes) > limit else []
    return [_stake(control, stake) for stake in stakes[:limit]] + more


def _stake(control: Control, stake: Stake) -> str:
    holder = control.graph.entities[stake.holder]
    return f"{holder.name} ({holder.country or 'country not stated'}): {stake.share.words()}"


def _dominant(control: Control, subject: str) -> dict[str, Any]:
    """The stake, the next holder, what is disclosed besides and what is not, the firm's criterion (no percentage is the rule's),
    and what the stake can decide."""
    stakes = control.graph.votes.of.get(subject, [])
    persons = control.before(subject).order
    others = [s for s in stakes if s.holder not in persons]
    left = control.graph.votes.undisclosed(subject)
    return {
        "stake": control.stake_words(subject, control.counted(subject)),
        "holders": [_stake(control, s) for s in stakes if s.holder in persons],
        "next_holder": _stake(control, others[0]) if others else "none disclosed",
        "other_holders": len(others),
        "undisclosed": hidden_words(left) if left.max > 0 else "nothing",
        "criterion": percent(control.criterion),
        **_figures(control, subject),
    }


def _figures(control: Control, subject: str) -> dict[str, Any]:
    if subject not in control.known_figures:
        control.known_figures[subject] = _decides(control, subject)
    return control.known_figures[subject]


def _decides(control: Control, subject: str) -> dict[str, Any]:
    """How much the stake can decide, by the figures in use. Holders who follow one majority holder vote as one; shares that the
    entity holds in itself are set aside."""
    votes = control.graph.votes
    if subject in votes.contradictory:
        return {"figures_assume": ["no figures, since the stated votes exceed the whole"]}
    group, held, own = control.group(subject), dict[str, Fraction](), ZERO
    for stake in votes.of.get(subject, ()):
        if stake.holder == subject:
            own = stake.share.min
            continue
        label = "" if stake.holder in group else control.heads.head(stake.holder) or stake.holder
        held[label] = held.get(label, ZERO) + stake.share.min
    figures = minority_figures(
        {label: share / (ONE - own) for label, share in held.items()}, {""}, votes.majority.share
    )
    shown = {
        "concentration_of_rest": figures.concentration,
        "banzhaf": figures.banzhaf,
        "banzhaf_absolute": figures.banzhaf_absolute,
        "shapley_shubik": figures.shapley_shubik,
    }
    return {
        **{name: exact(round(value, 4)) for name, value in shown.items() if value is not None},
        **({"degree_of_control": figures.degree_of_control} if figures.degree_of_control else {}),
        "of_votes_cast": [
            f"{percent(cast)} at a turnout of {percent(Fraction(turnout))}" for turnout, cast in figures.of_votes_cast
        ],
        "figures_assume": [*figures.notes, *([f"own shares ({percent(own)}) are set aside"] if own else [])],
    }
