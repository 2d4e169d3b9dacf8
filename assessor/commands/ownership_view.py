"""Who owns and controls whom, for people: a table of all, or the explanation of a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from assessor import owners as reading
from assessor.commands.bom_view import plain
from assessor.ownership import describe
from assessor.ownership.interval import percent

if TYPE_CHECKING:
    from assessor.owners import Owners
    from assessor.ownership import ForeignInterest, Ownership, Step, Verdict

ROWS, PROBLEMS, STEPS, INTERESTS = 200, 20, 60, 40
"""Entities listed; problems; steps of a chain; foreign interests. What is beyond is counted, and --json has it."""
_ORDER = ("established", "possible", "excluded")
_LIMBS = {
    "1": "agent, or directed or financed",
    "2": "citizen or resident",
    "3": "organised or seated there",
    "4": "owned or controlled",
}


def listed(found: Owners) -> None:
    """A line an entity, those that need attention first, and the counts."""
    graph = found.graph
    answers = graph.answers()
    first = answers.sort_values("prc_russia", kind="stable")["entity"].head(ROWS)
    click.echo(f"Persons of the PRC or Russia as of {found.as_of}\n")
    click.echo(f"{'answer':<12} {'limb':<5} {'votes controlled':<24} entity")
    for entity in map(str, first):
        verdict = graph.verdict(entity)
        limbs = ",".join(limb for limb, told in verdict.limbs.items() if told == verdict.prc_russia)
        limbs = limbs if verdict.prc_russia != "excluded" else ""
        click.echo(f"{verdict.prc_russia:<12} {limbs:<5} {_ends(verdict.controlled_share):<24} {_named(verdict)}")
    if len(answers) > ROWS:
        click.echo(f"and {len(answers) - ROWS:,} more entities; --json lists all, --subject explains one.")
    counts = Counter(answers["prc_russia"].astype(str))
    told = ", ".join(f"{counts[answer]:,} {answer}" for answer in _ORDER)
    click.echo(f"\n{len(answers):,} entities: {told}.")
    _ends_with(found)


def explained(found: Owners, subjects: Sequence[str]) -> None:
    """Limbs, chain, foreign interests, questions and what would settle it, of each."""
    for number, subject in enumerate(subjects):
        if number:
            click.echo("")
        _explain(*found.graph.explained(subject), found)
    _ends_with(found)


def _explain(verdict: Verdict, whole: Ownership, found: Owners) -> None:
    click.echo(f"{_named(verdict)}: {verdict.prc_russia}, as of {found.as_of}")
    click.echo(f"  {plain(verdict.reason)}")
    for limb, told in verdict.limbs.items():
        click.echo(f"  limb ({limb}) {_LIMBS[limb]:<32} {told}")
    for name, reading_ in verdict.reading.items():
        click.echo(f"  {name} reading: {reading_.prc_russia}")
    click.echo(
        f"  votes controlled {_ends(verdict.controlled_share)}; look-through share {_ends(verdict.look_through_share)}"
    )
    _block("How it follows", [_step(step) for step in verdict.chain], STEPS)
    known = {True: "yes", False: "none", None: "not known"}[verdict.foreign]
    _block(f"Foreign interests ({known})", [_interest(each) for each in verdict.foreign_interests], INTERESTS)
    _block(
        "Questions for the assessor", sorted({f"{question} of {subject}" for question, subject, _ in verdict.questions})
    )
    _block("What would settle it", [each.request for each in verdict.settled_by])
    _block("Taken as it stands", list(verdict.limits))


def _step(step: Step) -> str:
    share = f" {step.share}" if step.share else ""
    place = f" [{step.source} {step.locator}]" if step.source else ""
    return f"{step.from_name} -> {step.to_name}: {step.kind.replace('_', ' ')}{share}{place}"


def _interest(interest: ForeignInterest) -> str:
    where = f" ({interest.holder_country})" if interest.holder_country else ""
    return f"{interest.holder_name}{where}: {describe(interest)}"


def _block(heading: str, lines: Sequence[str], most: int = PROBLEMS, indent: str = "  ") -> None:
    if lines:
        click.echo(f"\n{indent}{heading}")
        for line in lines[:most]:
            click.echo(f"{indent}  {plain(line)}")
        if len(lines) > most:
            click.echo(f"{indent}  and {len(lines) - most:,} more; --json has them.")


def _ends_with(found: Owners) -> None:
    told = [": ".join(filter(None, (each["place"], each["message"]))) for each in reading.problems(found)]
    _block(f"What does not add up or could not be read ({len(told):,})", told, indent="")
    bad = [each for each in found.files if each.status != "read"]
    part = f"; not read in full: {', '.join(plain(each.path) for each in bad[:5])}" if bad else ""
    click.echo(f"\n{len(found.files)} file{'s' if len(found.files) != 1 else ''} read{part}.")


def _named(verdict: Verdict) -> str:
    return plain(verdict.name if verdict.name == verdict.entity else f"{verdict.name} ({verdict.entity})")


def _ends(share: tuple[object, object]) -> str:
    low, high = (percent(end) for end in share)  # type: ignore[arg-type]
    return low if low == high else f"{low} to {high}"
