"""Two engagements, deliveries or bills of materials compared: what was added, is gone or changed, and what that may mean (§791.305(e)).

    from assessor import comparison
    found = comparison.compare(Path("LAST-YEAR"), Path("THIS-YEAR"))
    found.changes, found.counts, found.problems

The comparison proposes; the assessor judges, and the procedures on change logs and confirmations (§791.305(e), (g)(3), (h)) conclude.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessor.comparison import asking, components, facts, firms, owners, programme, sides
from assessor.comparison.changes import ADDED, CHANGED, CLASSES, GONE, KINDS, ORDER, Change, ordered, place_of
from assessor.comparison.parts import plain
from assessor.comparison.records import Record, paired
from assessor.comparison.sides import BILL, ENGAGEMENT, Side, problem
from assessor.results import Question
from assessor.workplace import workplace

_TABLES = {
    "component": "components",
    "supplier": "suppliers",
    "entity": "entities",
    "interest": "interests",
    "policy": "policies",
    "authorization": "authorizations",
    "declaration": "declarations",
}
"""The table of facts that each kind is read from; the other kinds come from results."""
_SHOWN = 3


@dataclass(frozen=True)
class Comparison:
    """Two sides compared. `changes` in the order of their kinds; `unchanged`: how many of each kind are the same; `problems`: code, place,
    message; `questions` that the changes raise, settled against the current engagement's ledger; `doubtful`: kind, subject, and how many bear it before
    and after. Of two bills of materials `rows` are the rows of each change, which is in the order gone, changed, added."""

    prior: Side
    current: Side
    changes: tuple[Change, ...]
    unchanged: Mapping[str, int]
    problems: tuple[dict[str, str], ...]
    questions: tuple[Question, ...] = ()
    doubtful: tuple[dict[str, Any], ...] = ()
    rows: tuple[components.Rows, ...] = ()

    @property
    def of_bills(self) -> bool:
        """Whether both sides are bills of materials."""
        return self.prior.kind == self.current.kind == BILL

    @property
    def counts(self) -> dict[str, Any]:
        """How many changes of each kind (with `unchanged`) and of each class."""
        kinds = Counter((change.kind, change.what) for change in self.changes)
        classes = Counter(change.classification for change in self.changes)
        told = {
            kind: {what: kinds[kind, what] for what in (ADDED, GONE, CHANGED)} | {"unchanged": self.unchanged[kind]}
            for kind in KINDS
            if kind in self.unchanged
        }
        return {"kinds": told, "classifications": {name: classes[name] for name in CLASSES}}


def compare(prior: Path, current: Path) -> Comparison:
    """What differs between the two sides; both are only read.

    Raises EvidenceError or EngagementError, in one sentence, for what is neither an engagement (open or sealed), nor a delivery, nor a
    bill of materials, or cannot be read.
    """
    with workplace("assessor-compare-") as work:
        return between(sides.opened(prior, work), sides.opened(current, work))


def between(prior: Side, current: Side) -> Comparison:
    """As `compare`, of two sides that were opened."""
    problems = [*prior.problems, *(p for p in current.problems if p not in prior.problems), *_apart(prior, current)]
    found: list[Change] = []
    unchanged: dict[str, int] = {}
    doubtful: list[dict[str, Any]] = []
    kinds = _comparable(prior, current, problems)
    rows: tuple[components.Rows, ...] = ()
    bills = False
    renamed = asking.confirmed(current.ledger) if current.kind == ENGAGEMENT else frozenset()
    known = firms.match(prior, current, renamed)

    def tell(kind: str, changes: Iterable[Change], of: int) -> None:
        listed = list(changes)
        found.extend(listed)
        # one that changed stands on both sides, and is counted once
        unchanged[kind] = unchanged.get(kind, 0) + of - len(listed)

    def doubt(kind: str, listed: Iterable[tuple[str, int, int]]) -> None:
        doubtful.extend({"kind": kind, "subject": name, "before": old, "after": new} for name, old, new in listed)

    if "component" in kinds:
        matched = components.matched(prior, current, known.known_as)
        parts = list(components.changes(prior, current, matched, known.known_as))
        if bills := prior.kind == current.kind == BILL:
            parts.sort(key=lambda each: (ORDER[each[0].what], *place_of(each[0])))
            rows = tuple(told for _, told in parts)
        listed = [change for change, _ in parts]
        tell("component", listed, matched.unchanged + len(listed))
        doubt("component", ((each.name, each.before, each.after) for each in matched.doubtful))
    told = [facts.verdicts(side, known.canonical if side is current else {}) for side in (prior, current)]
    pairs, twice = paired(*told) if all(told) else ([], [])
    verdicts: dict[str, Record] = {}
    for record in (*told[0], *told[1]):
        key = str(record.keys[0])
        if key not in verdicts or record.more["relevant"]:
            verdicts[key] = record
    if "supplier" in kinds:
        tell("supplier", facts.of_suppliers(known, verdicts if all(told) else {}), len(known.pairs))
        doubt("supplier", known.doubtful)
        problems += [
            problem(
                "renamed",
                each.subject,
                f"{each.before.subject} is gone and {each.after.subject} was added; the names are similar ({'; '.join(each.reasons)}). "
                "Whether it is one supplier under another name is asked.",
            )
            for each in known.proposals
            if any(pair.before is each.before and pair.after is None for pair in known.pairs)
        ]
    if pairs:
        tell("verdict", facts.of_verdicts(pairs), len(pairs))
        doubt("verdict", twice)
    if {"entity", "interest"} & kinds:
        owned = owners.match(prior, current, known.known_as)
        listed = list(facts.of_owners(owned, pairs))
        for kind, own in (("entity", owned.entities), ("interest", owned.interests)):
            if kind in kinds:
                tell(kind, (each for each in listed if each.kind == kind), len(own))
        doubt("entity", owned.doubtful)
    for kind, read, make in (
        ("policy", programme.policies, facts.of_policies),
        ("authorization", programme.authorizations, facts.of_authorizations),
        ("declaration", programme.declarations, facts.of_declarations),
    ):
        if kind in kinds:
            same, twice = paired(read(prior), read(current))
            tell(kind, make(same), len(same))
            doubt(kind, twice)
    if prior.results and current.results:
        listed = list(facts.of_results(prior, current, known.canonical))
        for kind in ("control", "policy", "conclusion", "finding"):
            theirs = [each for each in listed if each.kind == kind]
            tell(kind, theirs, len(theirs) + facts.alike(kind, prior, current, theirs))
    changes = found if bills else ordered(_logged(found, current))
    questions: tuple[Question, ...] = ()
    if prior.kind == current.kind == ENGAGEMENT:
        changes, questions = asking.asked(changes, known.proposals, current)
    if doubtful:
        names = "; ".join(f"{each['subject']} ({each['before']} and {each['after']})" for each in doubtful[:_SHOWN])
        more = f" and {len(doubtful) - _SHOWN} more" if len(doubtful) > _SHOWN else ""
        problems.append(
            problem(
                "ambiguous",
                current.name,
                f"Several bear one name or number, and were taken for each other by what else they say: {names}{more}.",
            )
        )
    return Comparison(prior, current, tuple(changes), unchanged, tuple(problems), questions, tuple(doubtful), rows)


def _comparable(prior: Side, current: Side, problems: list[dict[str, str]]) -> set[str]:
    """The kinds that both sides can hold. What a delivery does not hold at all is not gone."""
    found = set()
    for kind, name in _TABLES.items():
        lengths = [len(side.table(name)) for side in (prior, current)]
        lacking = [
            side.name
            for side, length in zip((prior, current), lengths, strict=True)
            if not length and side.kind != ENGAGEMENT
        ]
        if not lacking or (kind == "component" and BILL in (prior.kind, current.kind)):
            found.add(kind)
        elif any(lengths):
            message = f"It holds no {KINDS[kind]}, so that these are not compared: a delivery need not hold everything."
            problems.append(problem("not_compared", lacking[0], message))
    return found


def _apart(prior: Side, current: Side) -> list[dict[str, str]]:
    """What makes two sides doubtful to compare: two clients, or years in the wrong order."""
    found = []
    if prior.kind != current.kind:
        message = f"The sides are a {prior.kind} and a {current.kind}; only what both hold is compared."
        found.append(problem("unlike_sides", current.name, message))
    if prior.terms is None or current.terms is None:
        return found
    one, other = prior.terms, current.terms
    if plain(one.client_name) != plain(other.client_name):
        message = f"The prior side is about {one.client_name} and the current one about {other.client_name}; name two engagements of one client."
        found.append(problem("other_client", current.name, message))
    if prior.kind == current.kind == ENGAGEMENT and one.period_from > other.period_from:
        message = f"The prior period begins on {one.period_from}, after the current one ({other.period_from}); name the earlier engagement first."
        found.append(problem("order", current.name, message))
    return found


def _logged(changes: Iterable[Change], current: Side) -> Iterable[Change]:
    """The changes with the entries of the client's log whose subject names them."""
    log = [
        (str(row["change"]), f" {plain(row['subject'])} ")
        for row in (current.table("changes").select(["change", "subject"]).to_pylist() if current.kind != BILL else [])
        if row["change"] and row["subject"]
    ]
    if not log:
        return changes
    return [asking.with_log(change, log) for change in changes]
