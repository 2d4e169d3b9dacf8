"""Questions as `assessor answer` shows them before they are answered: listed, or one with all that its answer will be bound to."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import click

from assessor import desk, judgements
from assessor.assessment import Assessment
from assessor.commands.base import ATTENTION, DONE, print_json
from assessor.errors import LedgerError
from assessor.results import Question
from assessor.text import visible


def show(assessment: Assessment, id: str, subject: str, as_json: bool) -> int:
    """The questions with this id and subject (empty: all), or of this key; one alone with its material. Exit code 1 while one of them
    has no answer in force. Raises LedgerError when nothing asks it."""
    listed, ledger = desk.asked(assessment), judgements.read(assessment.engagement.ledger)
    if id and not subject and any(each.key == id for each in listed):
        id, _, subject = id.partition("/")
    found = [each for each in listed if id in ("", each.id) and subject in ("", each.subject)]
    if id and not found:
        if subject:
            desk.question(assessment, id, subject)  # says in words what is asked instead
        there = ", ".join(sorted({each.id for each in listed})) or "none yet"
        raise LedgerError(f"No procedure asks `{id}`; questions asked: {there}.")
    if as_json:
        print_json({"ok": True, "problems": [], "questions": [_row(assessment, each, ledger) for each in found]})
    elif subject:
        _one(assessment, found[0], ledger)
    else:
        for each in found:
            click.echo(visible(f"{each.state:<9} {each.id}  {each.subject}"))
        waiting = sum(each.state != "answered" for each in found)
        click.echo(f"{waiting} of {len(found)} without an answer in force.")
        if waiting:
            click.echo(f"Next: assessor answer {assessment.engagement.root} QUESTION SUBJECT shows one with its facts")
    return DONE if all(each.state == "answered" for each in found) else ATTENTION


def _row(assessment: Assessment, about: Question, ledger: judgements.Ledger) -> dict[str, Any]:
    before = desk.earlier(ledger, about.id, about.subject)
    return {
        "question": about.id,
        "subject": about.subject,
        "asked": about.asked,
        "answers": about.answers,
        "answer": about.answer,
        "facts_digest": about.facts_digest,
        **{name.replace(" ", "_"): value for name, value in desk.material(assessment, about, before).items()},
        "state": about.state,
        "facts": about.facts,
        "earlier_answers": before,
    }


def _one(assessment: Assessment, about: Question, ledger: judgements.Ledger) -> None:
    before = desk.earlier(ledger, about.id, about.subject)
    click.echo(visible(about.asked))
    for name, value in desk.material(assessment, about, before).items():
        if value:
            click.echo(f"\n{name.capitalize()}")
            _told(value, "  ")
    answers = "|".join(about.answers) or "ANSWER"
    about_it = " ".join(map(shlex.quote, (str(assessment.engagement.root), about.id, about.subject)))
    click.echo(visible(f"\nNext: assessor answer {about_it} {answers} --because … --by …"))


def _told(value: Any, indent: str, first: str = "") -> None:
    """Names and values, one below the other; `first` is what stands before the first line in the place of `indent`."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            plain = not isinstance(each, Mapping | list | tuple)
            click.echo(visible(f"{first or indent}{name}: {each if plain else ''}".rstrip()))
            first = ""
            if not plain:
                _told(each, f"{indent}  ")
    elif isinstance(value, list | tuple):
        for each in value or ["none"]:
            known = {k: v for k, v in each.items() if v not in (None, "")} if isinstance(each, Mapping) else each
            _told(known, f"{indent}  ", f"{indent}- ")
    else:
        click.echo(visible(f"{first or indent}{value}"))
