"""The client's request list and its answers, for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assessor.commands.base import DONE, print_json
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.request_answers import Answer
    from assessor.requests import Request


def show(listed: list[Request]) -> None:
    """The list: number, state, day, what is asked and what may answer it."""
    click.echo(f"{sum(one.outstanding for one in listed)} evidence requests.")
    for one in listed:
        day = f", due {one.due}" if one.outstanding and one.due else ""
        click.echo(visible(f"{one.id or '-':<5} {one.standing}{day}: {one.what}"))
        for proposal in one.proposals:
            click.echo(visible(f"      may be answered by {proposal}: {proposal.why}"))


def show_answers(found: list[Answer], folder: Path, as_json: bool) -> int:
    """What the client wrote, and the command by which a person would record it."""
    if as_json:
        print_json({"ok": True, "problems": [], "answers": found})
        return DONE
    click.echo(f"{len(found)} rows with an answer; nothing is recorded.")
    for each in found:
        click.echo(visible(f"{each.request or '-':<5} row {each.row}: {each.files!r}"))
        for name in ("date", "by", "remark"):
            if text := getattr(each, name):
                click.echo(visible(f"      {name}: {text!r}"))
        click.echo(visible(f"      {each.why}"))
        if each.proposes == "received":
            command = f"assessor ledger request {folder} {each.request} received --items {','.join(each.items)}"
            click.echo(visible(f"      if so: {command} --because … --by …"))
    return DONE
