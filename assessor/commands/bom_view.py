"""Bills of materials for people: of hundreds of files each is listed, of thousands their folders; what needs attention comes first.

How much is shown is bounded, since nobody reads ten thousand lines; what is not shown is counted, and `--json` has it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from assessor.bom.summary import Coverage, Summary, total

if TYPE_CHECKING:
    from assessor.bom import Answer

LISTED, FOLDERS, DETAILED, NAMED, NOTES = 300, 40, 20, 3, 20
"""Files that are listed one by one; folders; files whose problems are told; files named of those with the same; notes."""
_VALIDITY = {
    "valid": "valid",
    "invalid": "not valid",
    "unchecked": "not checked to the end (see the notes)",
    "no_schema": "for which there is no schema",
    "unreadable": "unreadable",
}
_COUNTS = ("parts", "author", "time", "name", "supplier", "all four")
_NEED = ("unreadable", "invalid", "partly_read", "unchecked", "")
"""What makes a file need attention, the worst first."""


def summaries(answer: Answer, given: Sequence[Path]) -> None:
    """The table of files or folders, what needs attention, and the totals."""
    known = answer.summaries
    top = _top(known, given)
    if len(known) <= LISTED:
        _files(known, top)
    else:
        _folders(known, top)
    _attention(known)
    _notes(known)
    _totals(known, answer)


def end_of_gaps(answer: Answer) -> None:
    """The last line of the list of gaps."""
    count = total(each.coverage for each in answer.summaries).gaps
    click.echo(f"\n{count:,} components lack one of the four fields and are not shown to be open source.")


def not_read(answer: Answer) -> None:
    """On standard error, where the output is rows: that of some files there may be more."""
    bad = [each for each in answer.summaries if each.status != "read"]
    for each in bad[:DETAILED]:
        why = each.reason or _counted(each.problem_count, "problem")
        click.echo(f"  not read in full: {plain(each.path)}: {plain(why)}", err=True)
    if len(bad) > DETAILED:
        click.echo(
            f"  and {len(bad) - DETAILED:,} more files not read in full; `assessor bom` tells of each.", err=True
        )


def _files(known: Sequence[Summary], top: str) -> None:
    _heading("file", f"{'format':<22} {'status':<12}")
    for each in known:
        kind = " ".join(filter(None, (each.format, each.spec_version, each.serialization))) or "not recognised"
        _row(_within(each.path, top), f"{_short(kind, 22):<22} {each.status:<12}", each.coverage)


def _folders(known: Sequence[Summary], top: str) -> None:
    """One line a folder: those with most files that need attention first, then by name."""
    grouped: dict[str, list[Summary]] = {}
    for each in known:
        grouped.setdefault(str(PurePath(_within(each.path, top)).parent), []).append(each)
    if len(grouped) > FOLDERS:  # the upper folders sum up what is below them
        upper: dict[str, list[Summary]] = {}
        for name, own in grouped.items():
            upper.setdefault(PurePath(name).parts[0] if name != "." else name, []).extend(own)
        grouped = upper
    ranked = sorted(grouped.items(), key=lambda item: (-sum(not each.clean for each in item[1]), item[0]))
    _heading("folder", f"{'files':>9} {'not in full':>11} {'unreadable':>12} ")
    for name, own in ranked[:FOLDERS]:
        partly, lost = (sum(each.status == status for each in own) for status in ("partly_read", "unreadable"))
        _row(name, f"{len(own):>9,} {partly:>11,} {lost:>12,} ", total(each.coverage for each in own))
    if len(ranked) > FOLDERS:
        rest = [each for _, own in ranked[FOLDERS:] for each in own]
        lost = sum(not each.clean for each in rest)
        click.echo(
            f"and {_counted(len(ranked) - FOLDERS, 'folder')} more with {_counted(len(rest), 'file')}, "
            f"of which {lost:,} need attention"
        )


def _heading(first: str, middle: str) -> None:
    click.echo(f"{first:<44} {middle}" + "".join(f" {name:>10}" for name in _COUNTS))


def _row(name: str, middle: str, found: Coverage) -> None:
    fields = [found.fields.get(each, 0) for each in ("author", "timestamp", "name", "supplier")]
    counts = "".join(f" {count:>10,}" for count in (found.components, *fields, found.all_four))
    click.echo(f"{_short(name, 44):<44} {middle}{counts}")


def _attention(known: Sequence[Summary]) -> None:
    """Problems of the files that need attention most, the worst first; files of which the same is to be said stand together."""
    grouped: dict[tuple[object, ...], list[Summary]] = {}
    for each in known:
        if each.reason or each.problem_count:
            said = (_need(each), each.status, each.reason, each.problem_count, *(p.message for p in each.problems))
            grouped.setdefault(said, []).append(each)
    ranked = sorted(grouped.values(), key=lambda own: (_need(own[0]), -sum(each.problem_count or 1 for each in own)))
    for own in ranked[:DETAILED]:
        if len(own) == 1:
            click.echo(f"\n{plain(own[0].path)}: {_status(own[0])}")
        else:
            click.echo(f"\n{len(own):,} files {_status(own[0])}, of each the same is to be said")
            for each in own[:NAMED]:
                click.echo(f"  {plain(each.path)}")
            if len(own) > NAMED:
                click.echo(f"  and {_counted(len(own) - NAMED, 'more file')}")
        _problems(own[0])
    if rest := [each for own in ranked[DETAILED:] for each in own]:
        count = sum(each.problem_count or 1 for each in rest)
        click.echo(f"\nand {_counted(len(rest), 'more file')} with {_counted(count, 'problem')}; --json has them all")


def _problems(each: Summary) -> None:
    lines = [*([("", each.reason)] if each.reason else []), *((p.place, p.message) for p in each.problems)]
    for place, message in lines:
        click.echo(f"  {plain(place) or 'file'}: {plain(message)}")
    if each.problem_count > len(each.problems):
        more = each.problem_count - len(each.problems)
        click.echo(f"  and {_counted(more, 'more problem')}; --json has them all")


def _status(each: Summary) -> str:
    return each.status.replace("_", " ")


def _notes(known: Sequence[Summary]) -> None:
    """Notes, each once with the number of the files that it is about."""
    where: dict[str, list[str]] = {}
    for each in known:
        for note in each.notes:
            where.setdefault(note, []).append(each.path)
    if where:
        click.echo("\nnotes")
    for note, paths in sorted(where.items(), key=lambda item: -len(item[1]))[:NOTES]:
        about = plain(paths[0]) if len(paths) == 1 else f"{len(paths):,} files, the first {plain(paths[0])}"
        click.echo(f"  note: {plain(note)} ({about})")
    if len(where) > NOTES:
        click.echo(f"  and {_counted(len(where) - NOTES, 'more note')}; --json has them all")


def _totals(known: Sequence[Summary], answer: Answer) -> None:
    if len(known) > 1:
        click.echo("")
        kinds = Counter(" ".join(filter(None, (e.format, e.spec_version, e.serialization))) for e in known)
        click.echo(f"Formats: {_listed((name or 'not recognised', count) for name, count in kinds.most_common())}.")
        found = total(each.coverage for each in known)
        fields = {"author": "author", "timestamp": "timestamp", "name": "name", "supplier": "supplier"}
        click.echo(
            f"Of {found.components:,} parts state "
            + ", ".join(f"{words} {found.fields.get(name, 0):,}" for name, words in fields.items())
            + f", all four {found.all_four:,}; {found.gaps:,} lack one and are not shown to be open source (--gaps)."
        )
    for each in answer.left_out[:1]:
        click.echo(
            f"Left out: {_counted(len(answer.left_out), 'symbolic link')} to what is read, such as {plain(str(each.path))}."
        )
    bad = sum(each.status != "read" for each in known)
    parts = sum(each.components for each in known)
    click.echo(f"\n{len(known):,} files, {parts:,} components; {bad:,} files not read in full.")
    if any(each.validity for each in known):
        words = Counter(_VALIDITY[each.validity or "unreadable"] for each in known)
        click.echo(
            f"Against the official schemas: {', '.join(f'{words[w]:,} {w}' for w in _VALIDITY.values() if words[w])}."
        )
    click.echo("Counts are of components that state the field; the document's own item is not counted among its parts.")


def _need(each: Summary) -> int:
    kind = each.status if each.status == "unreadable" else each.validity if each.validity == "invalid" else ""
    return _NEED.index(kind or (each.status if each.status == "partly_read" else "unchecked" if not each.clean else ""))


def _top(known: Sequence[Summary], given: Sequence[Path]) -> str:
    """The folder that all paths are in, where one folder was given."""
    return str(given[0]) if len(given) == 1 and given[0].is_dir() else ""


def _within(path: str, top: str) -> str:
    """The path below the folder that was given; where files were given, the name."""
    return os.path.relpath(path, top) if top else path


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    told = list(counts)
    more = f" and {len(told) - 8:,} more" if len(told) > 8 else ""
    return ", ".join(f"{count:,} {_short(name, 40)}" for name, count in told[:8]) + more


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _short(text: str, width: int) -> str:
    """The beginning and, since that tells more of a path, a longer end."""
    shown = plain(text)
    return shown if len(shown) <= width else f"{shown[: width // 3]}…{shown[1 + width // 3 - width :]}"


def plain(text: str) -> str:
    """Text of a client on a terminal: one line, nothing that moves the cursor."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
