"""The commands that write to the ledger of an engagement, and the one that shows it. Each is one call into `assessor.desk`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assessor.commands.base import ATTENTION, DONE, folder_argument, json_option, main, print_json
from assessor.errors import AssessorError
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.judgements import Entry

F = TypeVar("F", bound=Callable[..., Any])
_DAY = click.DateTime(["%Y-%m-%d"])


@main.group()
def ledger() -> None:
    """What people decided, noted and signed."""


def _signed(default: str) -> Callable[[F], F]:
    """Options of every entry: who, in which role."""

    def add(command: F) -> F:
        for option in (
            json_option,
            click.option("--role", default=default, show_default=True, help="In which role."),
            click.option("--by", required=True, help="Who says so."),
        ):
            command = option(command)
        return command

    return add


_because = click.option("--because", required=True, help="The rationale.")
_supersedes = click.option(
    "--supersedes", type=int, default=0, help="The entry by somebody else that this knowingly puts aside."
)


@ledger.command()
@folder_argument
@click.option("--kind", default="", help="Entries of this kind alone.")
@json_option
def show(folder: Path, kind: str, as_json: bool) -> int:
    """Every entry, oldest first, and what is wrong with the file."""
    from assessor import engagement, judgements

    if kind and kind not in judgements.KINDS:
        raise AssessorError(f"There is no kind `{kind}`; choose among {', '.join(judgements.KINDS)}.")
    told = judgements.read(engagement.find(folder).ledger)
    entries = [entry for entry in told.entries if not kind or entry.kind == kind]
    problems = [*told.problems, *told.oddities]
    if as_json:
        listed = [{"code": "ledger", "place": "judgements.jsonl", "message": text} for text in problems]
        print_json({"ok": not problems, "problems": listed, "entries": entries})
    else:
        for entry in entries:
            about = "/".join(filter(None, (entry.question, entry.subject)))
            click.echo(
                visible(
                    f"{entry.seq:>5}  {entry.at[:16]}  {entry.kind:<11} {about}: {entry.answer} ({entry.by}, {entry.role})"
                )
            )
            click.echo(visible(f"       {entry.because}"))
        for text in problems:
            click.echo(f"Attention: {text}")
    return ATTENTION if problems else DONE


@ledger.command()
@folder_argument
@click.argument("workpaper")
@click.option("--as", "way", type=click.Choice(["prepared", "reviewed"]), required=True, help="As what it is signed.")
@click.option("--because", default="", help="What was seen to, where it is to be said.")
@_signed("assessor")
def sign(folder: Path, workpaper: str, way: str, because: str, by: str, role: str, as_json: bool) -> int:
    """Sign a workpaper, such as 02_scope, as it is now."""
    from assessor import desk, open_assessment

    return _told(desk.sign(open_assessment(folder), workpaper, way, by=by, role=role, because=because), as_json)


@ledger.command()
@folder_argument
@click.argument("place")
@click.argument("text")
@_signed("reviewer")
def note(folder: Path, place: str, text: str, by: str, role: str, as_json: bool) -> int:
    """A review note on a workpaper, finding, question, evidence item or the report."""
    from assessor import desk, open_assessment

    return _told(desk.note(open_assessment(folder), place, text, by=by, role=role), as_json)


@ledger.command()
@folder_argument
@click.argument("number", type=int)
@click.argument("how")
@_signed("reviewer")
def clear(folder: Path, number: int, how: str, by: str, role: str, as_json: bool) -> int:
    """How a review note (its entry's number) was cleared."""
    from assessor import desk, open_assessment

    return _told(desk.clear(open_assessment(folder), number, how, by=by, role=role), as_json)


@ledger.command()
@folder_argument
@click.argument("procedure")
@click.argument("clause")
@click.argument("subject")
@click.argument("outcome")
@click.option("--until", type=_DAY, required=True, help="Last day on which it counts.")
@_supersedes
@_because
@_signed("assessor")
def override(
    folder: Path,
    procedure: str,
    clause: str,
    subject: str,
    outcome: str,
    until: datetime,
    supersedes: int,
    because: str,
    by: str,
    role: str,
    as_json: bool,
) -> int:
    """Another outcome of a test than the procedure's; both are shown. The procedure's own lets an earlier one go."""
    from assessor import desk, open_assessment

    entry = desk.override(
        open_assessment(folder),
        procedure,
        clause,
        subject,
        outcome,
        because=because,
        by=by,
        role=role,
        until=until.date(),
        supersedes=supersedes,
    )
    return _told(entry, as_json, f"assessor run {folder}")


@ledger.command()
@folder_argument
@click.argument("source", metavar="FINDING.toml", type=click.Path(path_type=Path))
@_supersedes
@_because
@_signed("assessor")
def draft(folder: Path, source: Path, supersedes: int, because: str, by: str, role: str, as_json: bool) -> int:
    """A finding of the assessor's own, its elements from a TOML file."""
    import tomllib

    from assessor import desk, open_assessment

    try:
        told = tomllib.loads(source.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssessorError(f"{source} is not TOML that can be read ({error}); mend it.") from None
    entry = desk.draft(open_assessment(folder), told, because=because, by=by, role=role, supersedes=supersedes)
    return _told(entry, as_json, f"assessor run {folder}")


@ledger.command()
@folder_argument
@click.argument("finding")
@_because
@_signed("assessor")
def withdraw(folder: Path, finding: str, because: str, by: str, role: str, as_json: bool) -> int:
    """Withdraw a finding that the assessor drafted."""
    from assessor import desk, open_assessment

    entry = desk.withdraw(open_assessment(folder), finding, because=because, by=by, role=role)
    return _told(entry, as_json, f"assessor run {folder}")


@ledger.command()
@folder_argument
@click.argument("finding")
@click.argument("position", type=click.Choice(["agrees", "disagrees", "partly"]))
@click.argument("text")
@click.option("--on", type=_DAY, help="Day of the response (default: today).")
@_supersedes
@_signed("management")
def respond(
    folder: Path,
    finding: str,
    position: str,
    text: str,
    on: datetime | None,
    supersedes: int,
    by: str,
    role: str,
    as_json: bool,
) -> int:
    """What management says of a finding (F-07, or its key)."""
    from assessor import desk, open_assessment

    entry = desk.respond(
        open_assessment(folder),
        finding,
        position,
        text,
        by=by,
        role=role,
        on=on.date() if on else None,
        supersedes=supersedes,
    )
    return _told(entry, as_json)


@ledger.command()
@folder_argument
@click.argument("what")
@click.option("--effect", required=True, help="What it means for the conclusions.")
@_because
@_signed("assessor")
def depart(folder: Path, what: str, effect: str, because: str, by: str, role: str, as_json: bool) -> int:
    """A departure from the method; the report's limitations tell it."""
    from assessor import desk, open_assessment

    return _told(desk.depart(open_assessment(folder), what, effect, because=because, by=by, role=role), as_json)


@ledger.command()
@folder_argument
@click.argument("name", metavar="REQUEST")
@click.argument("state", type=click.Choice(["received", "insufficient", "withdrawn", "open"]))
@click.option("--items", default="", help="Items that answer it, e.g. E-0040,E-0041.")
@click.option("--due", type=_DAY, help="A last day of its own.")
@_because
@_signed("assessor")
def request(
    folder: Path,
    name: str,
    state: str,
    items: str,
    due: datetime | None,
    because: str,
    by: str,
    role: str,
    as_json: bool,
) -> int:
    """The state of an evidence request (R-03, or its key)."""
    from assessor import desk, open_assessment

    named = items.replace(",", " ").split()
    day = due.date() if due else None
    entry = desk.request(open_assessment(folder), name, state, items=named, due=day, because=because, by=by, role=role)
    return _told(entry, as_json)


@ledger.command()
@folder_argument
@click.argument("item")
@click.argument("page", type=int)
@click.argument("source", metavar="TEXT.txt", type=click.Path(path_type=Path))
@_supersedes
@_because
@_signed("assessor")
def read(
    folder: Path, item: str, page: int, source: Path, supersedes: int, because: str, by: str, role: str, as_json: bool
) -> int:
    """What a person reads on a page that is a picture, from a text file."""
    from assessor import desk, open_assessment

    try:
        text = source.read_text("utf-8")
    except UnicodeDecodeError:
        raise AssessorError(f"{source} is not text in UTF-8; save it as such.") from None
    entry = desk.read(
        open_assessment(folder), item, page, text, because=because, by=by, role=role, supersedes=supersedes
    )
    return _told(entry, as_json, f"assessor run {folder}")


@ledger.command()
@folder_argument
@click.argument("code")
@click.argument("place")
@_because
@_signed("assessor")
def explain(folder: Path, code: str, place: str, because: str, by: str, role: str, as_json: bool) -> int:
    """Why a problem of `assessor check` needs nothing more."""
    from assessor import desk, open_assessment

    return _told(desk.explain(open_assessment(folder), code, place, because=because, by=by, role=role), as_json)


def _told(entry: Entry, as_json: bool, following: str = "") -> int:
    if as_json:
        print_json({"ok": True, "problems": [], "entry": entry})
    else:
        about = "/".join(filter(None, (entry.question, entry.subject)))
        click.echo(visible(f"Recorded as entry {entry.seq}: {entry.kind} on {about}: {entry.answer}."))
        if following:
            click.echo(f"Next: {following}")
    return DONE
