"""Suppositions and what they change, as a notebook shows them. Text of clients is escaped, and everything supposed is named so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assessor.comparison.conclusions import KINDS, Change, Side
from assessor.workpapers.display import Html, rows, text

if TYPE_CHECKING:
    from assessor.supposing.whatif import Outlook, WhatIf

WARNING = "Nothing supposed is evidence, and the engagement is as it was."
_CHANGES = 200
"""Rows of changes shown; `WhatIf.changes()` has all."""


def html(found: WhatIf) -> str:
    """The outlooks as markup: conclusions beside each other, then for each what is supposed and what that changes."""
    heading = (
        f"<p><strong>{text(found.engagement)} for {text(found.client)}: what would be concluded.</strong> {WARNING}</p>"
    )
    beside = (
        rows(found.conclusions(), "Conclusions now, and under what is supposed") if len(found.outlooks) > 1 else None
    )
    return heading + (beside.markup if beside else "") + "".join(_outlook(outlook) for outlook in found.outlooks)


def _outlook(outlook: Outlook) -> str:
    supposed = [
        {"place": told.place, "supposed": told.words, "evidence that stays": "; ".join(told.instead_of)}
        for told in outlook.told
    ]
    changes = [_row(change) for change in outlook.changes if change.weighs]
    judgements = [{"change": j.change, "judgement": j.place, "why": j.message} for j in outlook.judgements]
    parts: list[Html] = [rows(supposed, "Supposed, and no evidence")]
    if outlook.notes:
        parts.append(rows([{"to know": note} for note in outlook.notes], "To know"))
    parts.append(rows(changes, "What changes", _CHANGES))
    if judgements:
        parts.append(rows(judgements, "Judgements of the ledger"))
    because = f"<p>{text(outlook.because)}</p>" if outlook.because else ""
    return f"<h3>{text(outlook.title)}</h3>{because}" + "".join(part.markup for part in parts)


def _row(change: Change) -> dict[str, str]:
    what = f", {change.what}" if change.what else ""
    return {
        "kind": KINDS[change.kind],
        "change": change.change,
        "subject": f"{change.subject}{what}",
        "clause": f"§{change.clause}",
        "differs": "; ".join(f"{name}: {was or 'none'} → {now or 'none'}" for name, was, now in change.details),
        "before": _side(change.before),
        "then": _side(change.after),
    }


def _side(side: Side | None) -> str:
    if side is None:
        return ""
    cited = f" [{'; '.join(side.evidence[:3])}{'; …' if len(side.evidence) > 3 else ''}]" if side.evidence else ""
    return f"{': '.join(part for part in (side.outcome, side.words) if part)}{cited}"
