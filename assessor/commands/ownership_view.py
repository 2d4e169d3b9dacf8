"""Who owns and controls whom, for people: a table of all, or the explanation of a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from assessor import owners as reading
from assessor.commands.bom_view import plain
from assessor.ownership.interval import percent

if TYPE_CHECKING:
    from assessor.owners import Owners
    from assessor.ownership import Step, Verdict

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
        _explain(found.graph.verdict(subject), found)
    _ends_with(found)


def _explain(verdict: Verdict, found: Owners) -> None:
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
    _block(f"Foreign interests ({known})", [str(each.share) for each in verdict.foreign_interests], INTERESTS)
    _block(
        "Questions for the assessor", sorted({f"{question} of {subject}" for question, subject, _ in verdict.questions})
    )
    _block("What would settle it", [each.request for each in verdict.settled_by])
    _block("Taken as it stands", list(verdict.limits))


def _step(step: Step) -> str:
    share = f" {step.share}" if step.share else ""
    place = f" [{step.source} {step.locator}]" if step.source else ""
    return f"{step.from_name} -> {step.to_name}: {step.kind.replace('_', ' ')}{share}{place}"


def _block(heading: str, lines: Sequence[str], most: int = PROBLEMS) -> None:
    if lines:
        click.echo(f"\n  {heading}")
        for line in lines[:most]:
            click.echo(f"    {plain(line)}")
        if len(lines) > most:
            click.echo(f"    and {len(lines) - most} more; --json has them.")


def _ends_with(found: Owners) -> None:
    _problems(reading.problems(found))
    bad = [each for each in found.files if each.status != "read"]
    told = f"; not read in full: {', '.join(plain(each.path) for each in bad[:5])}" if bad else ""
    click.echo(f"\n{len(found.files)} file{'s' if len(found.files) != 1 else ''} read{told}.")


def _problems(told: Iterable[dict[str, str]]) -> None:
    listed_ = list(told)
    if listed_:
        click.echo(f"\nWhat does not add up or could not be read ({len(listed_):,})")
        for each in listed_[:PROBLEMS]:
            click.echo(f"  {plain(': '.join(filter(None, (each['place'], each['message']))))}")
        if len(listed_) > PROBLEMS:
            click.echo(f"  and {len(listed_) - PROBLEMS:,} more; --json has them.")


def _named(verdict: Verdict) -> str:
    return plain(verdict.name if verdict.name == verdict.entity else f"{verdict.name} ({verdict.entity})")


def _ends(share: tuple[object, object]) -> str:
    low, high = (percent(end) for end in share)  # type: ignore[arg-type]
    return low if low == high else f"{low} to {high}"
