"""A comparison as a document: for scripts (JSON), for sheets (CSV), for people, and as it is kept beside results.

The document is plain data with everything in a stated order; the same two sides give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from assessor.bom import texts
from assessor.bom.summary import plain
from assessor.comparison.changes import KINDS, Change
from assessor.comparison.comparing import Comparison
from assessor.comparison.components import FLAT, UNNAMED
from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.comparison.sides import Side
from assessor.evidence.readers.rows import frugal
from assessor.results import Question

REMOVED = "removed"
"""What is gone, as the document of two bills of materials has called it from the first."""
HEADS = (
    *("kind", "what", "subject", "field", "before", "after", "classification", "clause", "reason"),
    *("question", "answer", "in_change_log", "prior_evidence", "current_evidence"),
)
"""Columns of the CSV of engagements and deliveries, a row a field."""
OLD_HEADS = (
    *("change", "name", "changed"),
    *(f"{side}_{name}" for name in FLAT for side in ("before", "after")),
    *("before_component", "after_component"),
)
"""Columns of the CSV of two bills of materials, a row a component; what follows them is classification, clause and reason."""


def document(found: Comparison) -> dict[str, Any]:
    """The whole comparison as plain data; `judgement` of a change is what the ledger of the current engagement says of it."""
    return _head(found) | {"changes": [msgspec.to_builtins(change) for change in _changes(found)]}


def _changes(found: Comparison) -> Iterator[dict[str, Any]]:
    """Each change with what the ledger says of it."""
    judged = {question.subject: judgement(question) for question in found.questions if question.state != "open"}
    for change in found.changes:
        told = msgspec.structs.asdict(change)
        told["judgement"] = judged.get(change.asked) if change.asked else None
        yield told


def _head(found: Comparison) -> dict[str, Any]:
    """The document without the changes."""
    return {
        "ok": not found.changes and not found.problems,
        "prior": side(found.prior),
        "current": side(found.current),
        "counts": found.counts,
        "unchanged": found.unchanged.get("component", 0),
        "problems": list(found.problems),
        "ambiguous": list(found.doubtful),
        "questions": [asked(question) for question in found.questions],
    }


def side(told: Side) -> dict[str, Any]:
    """What a side was: kind, name, of an engagement its client and period, and the digests of what was looked at."""
    terms = told.terms
    return {
        "kind": told.kind,
        "name": told.name,
        "client": terms.client_name if terms else "",
        "period": {"from": str(terms.period_from), "to": str(terms.period_to)} if terms else None,
        "inputs": dict(sorted(told.inputs.items())),
    }


def asked(question: Question) -> dict[str, Any]:
    """A question with its state."""
    return {
        "id": question.id,
        "subject": question.subject,
        "clause": question.clause,
        "asked": question.asked,
        "guidance": question.guidance,
        "answers": list(question.answers),
        "shows": list(question.shows),
        "facts": question.facts,
        "state": question.state,
        "judgement": judgement(question) if question.state != "open" else None,
    }


def judgement(question: Question) -> dict[str, str]:
    """What the ledger says of a question."""
    return {
        "question": question.id,
        "state": question.state,
        "answer": question.answer,
        "by": question.answered_by,
        "role": question.role,
        "at": question.answered_at,
        "because": question.rationale,
    }


def write_json(found: Comparison, out: BinaryIO) -> None:
    """The document, keys sorted, a change a line. Of two bills of materials each change has the flat columns besides."""
    with frugal():
        _write_json(found, out)


def _write_json(found: Comparison, out: BinaryIO) -> None:
    encoder = msgspec.json.Encoder(order="sorted")
    changes = _changes(found)
    if found.of_bills:
        changes = (each | own for each, own in zip(changes, flat(found), strict=True))
    head = msgspec.json.format(encoder.encode(_head(found)), indent=2)
    out.write(b'{\n  "changes": [')
    for number, change in enumerate(changes):
        out.write(b",\n    " if number else b"\n    ")
        out.write(encoder.encode(change))
    out.write(b"\n  ]," if found.changes else b"],")
    out.write(head[1:] + b"\n")


_SIDES = tuple((name, f"before_{name}", f"after_{name}") for name in (*FLAT, "component"))
_NO_ROW = dict.fromkeys((*FLAT, "component"))


def flat(found: Comparison) -> Iterator[dict[str, str | None]]:
    """The columns of OLD_HEADS for each change of two bills of materials."""
    for change, (one, other) in zip(found.changes, found.rows, strict=True):
        before, after = one or _NO_ROW, other or _NO_ROW
        values: dict[str, str | None] = {
            "change": REMOVED if change.what == GONE else change.what,
            "name": change.subject if change.subject != UNNAMED else None,
            "changed": "; ".join([field.name for field in change.fields]) if change.what == CHANGED else None,
        }
        for name, was, now in _SIDES:
            values[was] = before[name]
            values[now] = after[name]
        yield values


def write_csv(found: Comparison, out: BinaryIO) -> None:
    """CSV with a heading, in which no text begins as a formula does."""
    if found.of_bills:
        heads = (*OLD_HEADS, "classification", "clause", "reason")
        rows = [
            [*told.values(), change.classification, change.clause, change.reason]
            for told, change in zip(flat(found), found.changes, strict=True)
        ]
    else:
        heads, rows = HEADS, list(_rows(document(found)))
    out.write(texts.heading(heads))
    columns = list(zip(*rows, strict=True)) or [() for _ in heads]
    table = pa.table({head: pa.array(list(own), pa.string()) for head, own in zip(heads, columns, strict=True)})
    out.writelines(texts.rows_csv(table))


def _rows(told: Mapping[str, Any]) -> Iterator[list[str | None]]:
    for change in told["changes"]:
        judged = change["judgement"] or {}
        for field in change["fields"] or [{"name": None, "before": None, "after": None}]:
            yield [
                *(change[key] for key in ("kind", "what", "subject")),
                *(field[key] for key in ("name", "before", "after")),
                *(change[key] for key in ("classification", "clause", "reason")),
                change["asked"] or None,
                judged.get("answer"),
                "; ".join(change["logged"]) or None,
                *(places(change["evidence"][which]) for which in ("prior", "current")),
            ]


def places(listed: list[dict[str, str]]) -> str | None:
    """Places in words, as results have them."""
    return "; ".join(f"{each['item']} {each['locator']}".strip() for each in listed) or None


def lines(found: Comparison) -> Iterator[str]:
    """A line for people of each change, with what is proposed of it; kinds under headings where there are several."""
    if found.of_bills:
        for told, change in zip(flat(found), found.changes, strict=True):
            yield plain(_of_bills(told))
            yield f"         {change.classification.replace('_', ' ')}, §{change.clause}: {change.reason}"
        return
    kind = ""
    for change in found.changes:
        if change.kind != kind:
            kind = change.kind
            yield f"\n{KINDS[kind]}"
        yield plain(f"{change.what:<8} {change.subject}{_differs(change)}")
        yield plain(f"         {change.classification.replace('_', ' ')}, §{change.clause}: {change.reason}")


_WORDS = {
    "author": "author",
    "license": "licence",
    "country": "origin",
    "address_country": "address in",
    "part_number": "part number",
    "purl": "package",
}
"""What is shown of a component only where it changed."""


def _of_bills(told: Mapping[str, str | None]) -> str:
    sides = [_side(told, side) for side in ("before", "after") if told[f"{side}_component"]]
    what = f" ({told['changed']})" if told["changed"] else ""
    return f"{told['change']:<8} {told['name'] or UNNAMED}{what}: {' -> '.join(sides)}"


def _side(told: Mapping[str, str | None], side: str) -> str:
    maker, changed = told[f"{side}_manufacturer"], (told["changed"] or "").split("; ")
    parts = (
        told[f"{side}_version"] or "no version",
        told[f"{side}_supplier"] or "no supplier",
        maker and f"made by {maker}",
        *(f"{words} {told[f'{side}_{name}'] or 'not stated'}" for name, words in _WORDS.items() if name in changed),
    )
    return ", ".join(filter(None, parts))


def _differs(change: Change) -> str:
    if change.what == CHANGED:
        return f" ({'; '.join(f'{f.name} {_short(f.before)} -> {_short(f.after)}' for f in change.fields)})"
    side = "after" if change.what == ADDED else "before"
    said = [_short(getattr(f, side)) for f in change.fields[:3] if getattr(f, side)]
    return f": {', '.join(said)}" if said else ""


def _short(text: str | None) -> str:
    if text is None:
        return "not stated"
    return text if len(text) <= 60 else f"{text[:57]}..."
