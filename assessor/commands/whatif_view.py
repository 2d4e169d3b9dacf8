"""Suppositions and what they change, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from assessor.commands.base import ATTENTION, DONE, print_json
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.comparison.conclusions import Change
    from assessor.supposing.whatif import Outlook, WhatIf

_CITED = 3
"""How many places a side of a change cites here; --json has all."""
_LINES = 12
"""How many changes of a kind are shown that repeat what is told above them."""
_REPEATING = ("component", "equity", "exemption", "deadline", "test")
_LAST = ("question", "request", "deadline", "test")
_AROUND = 6
"""How many words are shown around those that differ."""
_LONG = 60
"""How long a detail may be to be shown on both sides."""
_ARROW = "->"


def show(found: WhatIf, as_json: bool) -> int:
    """Print the outlooks. Exit code 1 where one changes anything."""
    changed = [outlook for outlook in found.outlooks if outlook.changed]
    if as_json:
        print_json(_document(found, changed))
        return ATTENTION if changed else DONE
    click.echo(
        visible(
            f"{found.engagement} for {found.client}: what would be concluded. Nothing supposed is evidence, and the engagement is as it was."
        )
    )
    if len(found.outlooks) > 1:
        _beside(found)
    for number, outlook in enumerate(found.outlooks, 1):
        click.echo(f"\n{'=' * 78}")
        for line in _lines(number, outlook):
            click.echo(visible(line))
    return ATTENTION if changed else DONE


def _document(found: WhatIf, changed: list[Outlook]) -> dict[str, Any]:
    return {
        "ok": not changed,
        "problems": [{"code": "changes", "place": o.title, "message": _summary(o)} for o in changed],
        "engagement": found.engagement,
        "client": found.client,
        "scenarios": [
            {
                **{"title": o.title, "because": o.because, "source": o.source, "changed": o.changed},
                **{"supposed": o.told, "notes": o.notes, "conclusion": {"before": o.before, "after": o.after}},
                **{"conclusions": o.conclusions, "judgements": o.judgements},
                "changes": [{**vars(change), "weighs": change.weighs} for change in o.changes],
            }
            for o in found.outlooks
        ],
    }


def _beside(found: WhatIf) -> None:
    """The conclusions that differ in any scenario, a column a scenario."""
    rows: dict[str, list[str]] = {}
    for number, outlook in enumerate(found.outlooks):
        for c in outlook.conclusions:
            rows.setdefault(c.procedure, [c.before or "-", *["-"] * len(found.outlooks)])[number + 1] = c.after or "-"
    heads = ["procedure", "now", *(f"[{n}]" for n in range(1, len(found.outlooks) + 1))]
    table = [[name, *told] for name, told in rows.items() if len(set(told)) > 1]
    click.echo("")
    for number, outlook in enumerate(found.outlooks, 1):
        click.echo(visible(f"[{number}] {outlook.title}: {_summary(outlook)}"))
    if table:
        widths = [max(len(row[n]) for row in [heads, *table]) for n in range(len(heads))]
        click.echo("")
        for row in [heads, *table]:
            click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _summary(outlook: Outlook) -> str:
    """What changes, counted by kind."""
    from assessor.comparison.conclusions import KINDS

    counts: dict[str, int] = {}
    for change in outlook.changes:
        if change.weighs:
            counts[change.kind] = counts.get(change.kind, 0) + 1
    told = [f"{KINDS[kind]} ({count})" for kind, count in counts.items()]
    told += [f"judgements of the ledger ({len(outlook.judgements)})"] if outlook.judgements else []
    return f"differs in {', '.join(told)}." if told else "nothing changes."


def _lines(number: int, outlook: Outlook) -> Iterator[str]:
    from assessor.comparison.conclusions import KINDS

    yield f"[{number}] {outlook.title}"
    if outlook.because:
        yield f"    {outlook.because}"
    yield "\nSupposed"
    for told in outlook.told:
        yield f"  {told.place}: {told.words}"
        if told.instead_of:
            yield f"      evidence that stays: {_cited(told.instead_of)}"
    if outlook.notes:
        yield "\nTo know"
        yield from (f"  {note}" for note in outlook.notes)
    if not outlook.changed:
        yield "\nNothing changes."
    else:
        same = outlook.before == outlook.after
        yield f"\nOf all procedures together: {outlook.before}" + (" as now" if same else f" {_ARROW} {outlook.after}")
    shown = [change for change in outlook.changes if change.weighs]
    for kind in (*(kind for kind in KINDS if kind not in _LAST), *_LAST):
        own = [change for change in shown if change.kind == kind]
        if own:
            yield f"\n{KINDS[kind][0].upper()}{KINDS[kind][1:]} ({len(own)})"
        limit = _LINES if kind in _REPEATING else len(own)
        for change in own[:limit]:
            yield from _change(change)
        if len(own) > limit:
            yield f"  and {len(own) - limit} more, which --json has"
        if kind == "question" and outlook.judgements:
            yield f"\nJudgements of the ledger ({len(outlook.judgements)})"
            for judgement in outlook.judgements:
                yield f"  {judgement.change}: {judgement.code} {judgement.place}"
                if judgement.place not in {f"{change.what}/{change.subject}" for change in own}:
                    yield f"      {judgement.message}"
    worded = [change for change in outlook.changes if not change.weighs]
    if worded:
        yield f"\nWorded otherwise, and the same for the rest ({len(worded)})"
    for change in worded[:_LINES]:
        yield from _reason(change)
    if len(worded) > _LINES:
        yield f"  and {len(worded) - _LINES} more, which --json has"


def _change(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    about = f"{change.subject}{f', {change.what}' if change.what else ''} (§{change.clause})"
    if change.change == "changed" and before and after:
        parts = [] if before.outcome == after.outcome else [f"{_or(before.outcome)} {_ARROW} {_or(after.outcome)}"]
        parts += [_detail(*detail) for detail in change.details]
        yield f"  {about}: {'; '.join(parts)}"
    else:
        side = after or before
        word = "new" if after else "gone"
        yield f"  {word}: {about}{f': {side.outcome}' if side and side.outcome else ''}"
    for word, side in (("before", before), ("then", after)):
        if side is not None and (change.change != "changed" or {"words", "outcome"} & set(change.fields)):
            words = "" if change.kind == "question" and change.change == "changed" else _short(side.words)
            cited = f"[{_cited(side.evidence)}]" if side.evidence else ""
            if words or cited:
                yield f"      {word}: {' '.join(filter(None, (words, cited)))}"


def _reason(change: Change) -> Iterator[str]:
    """The part of a reason that differs."""
    if change.before and change.after:
        was, now = change.before.words.split(), change.after.words.split()
        shared = min(len(was), len(now))
        head = next((n for n in range(shared) if was[n] != now[n]), shared)
        tail = next((n for n in range(shared - head) if was[-1 - n] != now[-1 - n]), shared - head)
        yield f"  {change.kind}: {change.subject} (§{change.clause})"
        for word, told in (("before", was), ("then", now)):
            begin, end = max(0, head - _AROUND), min(len(told), len(told) - tail + _AROUND)
            text = f"{'… ' if begin else ''}{' '.join(told[begin:end])}{' …' if end < len(told) else ''}"
            yield f"      {word}: {_short(text)}"


def _detail(name: str, before: str, after: str) -> str:
    if max(len(before), len(after)) > _LONG:
        return f"{name} in other words"
    return f"{name} {_or(before)} {_ARROW} {_or(after)}"


def _or(text: str) -> str:
    return text or "none"


def _short(text: str, limit: int = 240) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def _cited(places: tuple[str, ...]) -> str:
    """The first places; those that are supposed are never among those left out."""
    supposed = [place for place in places if "supposed" in place.casefold()]
    listed = list(dict.fromkeys([*places[:_CITED], *supposed[:_CITED]]))
    more = len(places) - len(listed)
    return "; ".join(listed) + (f"; and {more} more" if more > 0 else "")
