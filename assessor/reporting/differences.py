"""What differs from an earlier engagement, for the report, the memo on confirmations and the annexes, and as a workbook of its own.

It comes from the comparison that is kept beside the results (`assessor.comparison.recorded`), whose proposals the assessor judges. Items
of the earlier register are written P-0003, since the numbers of two registers are not the same. What rests on evidence that was claimed
in the earlier engagement, and not on evidence claimed in this one, is not printed at all: the marks of this report would not cover it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from assessor.comparison.changes import CANDIDATE, CLASSES, KINDS, NEITHER, UNDETERMINED, UPDATE
from assessor.reporting import workbook
from assessor.reporting.claims import claimed
from assessor.reporting.view import OWN_TERMS, Row, View, cited
from assessor.reporting.words import NOTHING, count, day, plain, refs, sentence
from assessor.reporting.workbook import Column, Sheet
from assessor.results import EvidenceRef

MARKS = {"gone": "Gone", "changed": "Changed", "added": "Added"}
"""How a change is marked: by a word, in styles that differ as well."""
SHOWN = 150
"""Changes that the report prints; all of them stand in the annexes."""
_CLAIMED = "[claimed as confidential in the earlier engagement: see its file]"
_KIND = {
    "component": "component",
    "supplier": "supplier",
    "verdict": "verdict on a supplier",
    "entity": "owner",
    "interest": "interest",
    "control": "control",
    "policy": "policy",
    "authorization": "authorization",
    "declaration": "declaration",
    "conclusion": "conclusion",
    "finding": "finding",
}
_FIELDS: dict[str, dict[str, str]] = {
    "component": {
        "license": "licence",
        "country": "country of origin",
        "address_country": "country of the address",
        "part_number": "part number",
        "purl": "package URL",
        "cpe": "CPE name",
        "fcc_id": "FCC ID",
        "hashes": "digests",
    },
    "interest": {
        "min": "least share",
        "max": "greatest share",
        "min open": "more than the least",
        "max open": "less than the greatest",
    },
}
"""Names of fields in words, where they are codes."""
_ENDS = {"ambiguous": ":"}
"""Where what a reader of the report may see of a problem ends, if not at its first semicolon: names behind it may be claimed on the
earlier side."""
_WEIGHTY = (CANDIDATE, UNDETERMINED, UPDATE)


def differences(view: View) -> Row:
    """The part of the context: empty texts and lists where no comparison is kept."""
    told = view.compared
    if told is None:
        return {
            "prior": "",
            "told": "",
            "standing": "",
            "more": "",
            "counts": [],
            "changes": [],
            "weighty": [],
            "evidence": "",
        }
    listed = [(change, _row(change, hidden=hidden)) for change, hidden in _listed(view)]
    shown = [row for change, row in listed if change["classification"] in _WEIGHTY or change["kind"] != "component"]
    prior, classes = told["prior"], told["counts"]["classifications"]
    left = len(listed) - len(shown[:SHOWN])
    return {
        "prior": f"{prior['name']}, {day(prior['period']['from'])} to {day(prior['period']['to'])}",
        "told": (
            f"{_capital(count(len(listed), 'change'))}: {count(classes[CANDIDATE], 'candidate')} for a material change (§791.305(e)(1)), "
            f"{classes[UNDETERMINED]:,} undetermined, {count(classes[UPDATE], 'software update')} alone (§791.305(e)(2)), {classes[NEITHER]:,} neither. "
            f"{_judged(told)}"
        ),
        "standing": " ".join(sentence(text) for text in _standing(told)),
        "more": f"{count(left, 'further change')} stand in the annex sheet “Changes”." if left else "",
        "counts": [
            {
                "kind": KINDS[kind],
                **{name: f"{own[name]:,}" for name in ("added", "gone", "changed", "unchanged")},
                "evidence": OWN_TERMS,
            }
            for kind in KINDS
            if (own := told["counts"]["kinds"].get(kind))
        ],
        "changes": shown[:SHOWN],
        "weighty": [
            row for change, row in listed if change["classification"] in (CANDIDATE, UNDETERMINED) and change["asked"]
        ][:SHOWN],
        "evidence": OWN_TERMS,
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _judged(told: Mapping[str, Any]) -> str:
    questions = [q for q in told["questions"] if q["id"] == "material_difference"]
    answers = [q["judgement"]["answer"] for q in questions if q["state"] == "answered"]
    yes, no = answers.count("yes"), answers.count("no")
    if not questions:
        return "None of them is put to the assessor."
    return (
        f"They are put to the assessor in {count(len(questions), 'question')}: {yes:,} judged material, {no:,} not material, "
        f"{len(questions) - yes - no:,} open."
    )


def _standing(told: Mapping[str, Any]) -> list[str]:
    """What a reader has to know of how far the comparison holds."""
    # what is to be done about it stands behind the first sentence, and is nothing for a reader of the report
    found = [
        f"{problem['place']}: {problem['message'].partition(_ENDS.get(problem['code'], ';'))[0]}"
        for problem in told["problems"]
        if problem["code"] != "renamed"
    ]
    if told.get("outdated"):
        found.insert(0, f"The comparison was made before the engagement changed: {told['outdated']}")
    return found


def _listed(view: View) -> list[tuple[Mapping[str, Any], bool]]:
    """Each change, and whether nothing of it is printed but that it is there."""
    compared = view.compared or {}
    mine, theirs = claimed(view.terms, view.register), frozenset(compared.get("claimed", ()))
    return [
        (
            change,
            any(place["item"] in theirs for place in change["evidence"]["prior"])
            and not any(place["item"] in mine for place in change["evidence"]["current"]),
        )
        for change in compared.get("changes", ())
    ]


def _row(change: Mapping[str, Any], *, hidden: bool) -> Row:
    """A change as a row of the table; `hidden`: nothing of it is printed but that it is there."""
    current = [EvidenceRef(place["item"], place["locator"]) for place in change["evidence"]["current"]]
    row = {
        "mark": MARKS[change["what"]],
        "kind": _KIND[change["kind"]],
        "subject": change["subject"],
        "before": _values(change, "before"),
        "after": _values(change, "after"),
        "proposal": CLASSES[change["classification"]],
        "clause": cited([change["clause"]]),
        "reason": sentence(change["reason"]),
        "material": _material(change),
        "logged": ", ".join(change["logged"]) or _log(change),
        "prior": _earlier(change["evidence"]["prior"]),
        "evidence": refs(current, 2),
    }
    if hidden:
        row |= dict.fromkeys(("subject", "before", "after"), _CLAIMED) | {"reason": "", "logged": NOTHING}
    return row


def _values(change: Mapping[str, Any], side: str) -> str:
    """The values of one side; a dash of a thing that does not stand on it."""
    if (change["what"], side) in (("added", "before"), ("gone", "after")):
        return NOTHING
    whole = change["what"] != "changed"
    told = [(field["name"], field[side]) for field in change["fields"] if field[side] or not whole]
    return "; ".join(f"{_field(change, name)}: {plain(value)}" for name, value in told)


def _field(change: Mapping[str, Any], name: str) -> str:
    return _FIELDS.get(change["kind"], {}).get(name, name)


def _material(change: Mapping[str, Any]) -> str:
    """What the assessor judged."""
    judged = change["judgement"]
    if judged is None:
        return "open: not answered" if change["asked"] else "not asked"
    if judged["state"] != "answered":
        return "open: the facts have changed since it was answered"
    return f"material: {judged['answer']}, by {judged['by']}"


def _log(change: Mapping[str, Any]) -> str:
    return "not in the change log" if change["asked"] else NOTHING


def _earlier(listed: Sequence[Mapping[str, str]], limit: int = 2) -> str:
    """Places in the earlier register."""
    told = [f"{_number(place['item'])} {place['locator']}".strip() for place in listed]
    more = f" and {len(told) - limit:,} more" if len(told) > limit else ""
    return f"[{'; '.join(told[:limit])}{more}]" if told else ""


def _number(item: str) -> str:
    """An item of the earlier register: E-0003 is P-0003 here."""
    return f"P-{item.removeprefix('E-')}" if item.startswith("E-") else f"P-{item}" if item else "P"


HEADS = (
    *(Column("change", 10), Column("kind", 22), Column("subject", 40), Column("field", 22), Column("before", 40)),
    *(Column("after", 40), Column("proposed", 26), Column("paragraph", 18), Column("why", 60), Column("assessor", 30)),
    *(Column("change log", 22), Column("evidence before", 36), Column("SHA-256 before", 68)),
    *(Column("evidence now", 36), Column("SHA-256 now", 68)),
)


def sheet(view: View) -> Sheet:
    """The annex of all changes, a row a field."""
    about = "What differs from the earlier engagement, a row a field; items of its register are written P-0001"
    if view.compared is None:
        return Sheet("Changes", about, HEADS, [])
    listed = _listed(view)
    rows = [row for change, hidden in listed if not hidden for row in _rows(change, earlier=_number)]
    rows += [[MARKS[c["what"]], _KIND[c["kind"]], _CLAIMED, *[""] * (len(HEADS) - 3)] for c, hidden in listed if hidden]
    return Sheet("Changes", about, HEADS, rows)


def _rows(change: Mapping[str, Any], earlier: Any = str) -> Iterable[list[Any]]:
    places = change["evidence"]
    shown = [
        "; ".join(f"{earlier(p['item'])} {p['locator']}".strip() for p in places["prior"]),
        "; ".join(sorted({p["sha256"] for p in places["prior"] if p["sha256"]})),
        "; ".join(f"{p['item']} {p['locator']}".strip() for p in places["current"]),
        "; ".join(sorted({p["sha256"] for p in places["current"] if p["sha256"]})),
    ]
    for field in change["fields"] or [{"name": "", "before": None, "after": None}]:
        yield [
            MARKS[change["what"]],
            _KIND[change["kind"]],
            change["subject"],
            _field(change, field["name"]),
            "" if change["what"] == "added" else field["before"],
            "" if change["what"] == "gone" else field["after"],
            CLASSES[change["classification"]],
            cited([change["clause"]]),
            change["reason"],
            _material(change),
            ", ".join(change["logged"]) or _log(change),
            *shown,
        ]


def write(told: Mapping[str, Any], target: Path) -> None:
    """Write a comparison (`comparison.told.document`) as a workbook, whole or not at all; the same comparison gives the same bytes."""
    prior, current = told["prior"], told["current"]
    ended = (
        current["period"]["to"] if current["period"] else "2000-01-01"
    )  # of bills nothing tells a day, and none is made up from a clock
    counts = told["counts"]["kinds"]
    kinds = [
        [KINDS[kind], *(counts[kind][name] for name in ("added", "gone", "changed", "unchanged"))]
        for kind in KINDS
        if kind in counts
    ]
    inputs = [
        [side, each["name"], name, digest]
        for side, each in (("prior", prior), ("current", current))
        for name, digest in each["inputs"].items()
    ]
    sheets = [
        Sheet(
            "Changes",
            "Every change, a row a field, with its evidence on both sides",
            HEADS,
            [r for c in told["changes"] for r in _rows(c)],
        ),
        Sheet(
            "Counts",
            "How many of each kind were added, are gone, changed or are as before",
            [Column("kind", 30), *(Column(head, 12, "count") for head in ("added", "gone", "changed", "as before"))],
            kinds,
        ),
        Sheet(
            "Attention",
            "What has to be known of how far the comparison holds",
            [Column("code", 20), Column("place", 40), Column("message", 100)],
            [[p["code"], p["place"], p["message"]] for p in told["problems"]],
        ),
        Sheet(
            "Questions",
            "What the assessor is asked about the changes",
            [
                Column("question", 24),
                Column("subject", 60),
                Column("paragraph", 18),
                Column("asked", 80),
                Column("state", 12),
                Column("answer", 12),
                Column("rationale", 60),
                Column("by", 24),
            ],
            [_question(q) for q in told["questions"]],
        ),
        Sheet(
            "Compared",
            "The files that were looked at on both sides, with their digests",
            [Column("side", 10), Column("name", 30), Column("file", 60), Column("SHA-256", 68)],
            inputs,
        ),
    ]
    about = f"{prior['name']} and {current['name']}. What is proposed under §791.305(e) is for the assessor to judge."
    workbook.write(
        target,
        f"What changed: {prior['name']} to {current['name']}",
        about,
        "assessor",
        date.fromisoformat(ended),
        sheets,
    )


def _question(q: Mapping[str, Any]) -> list[Any]:
    judged = q["judgement"] or {}
    return [
        *(q[key] for key in ("id", "subject")),
        cited([q["clause"]]),
        *(q[key] for key in ("asked", "state")),
        *(judged.get(key, "") for key in ("answer", "because", "by")),
    ]
