"""Two engagements, deliveries or bills of materials compared: what was added, is gone or changed, and what that may mean (§791.305(e)).

    from assessor import comparison
    found = comparison.compare(Path("LAST-YEAR"), Path("THIS-YEAR"))
    found.changes, found.counts, found.problems

The comparison proposes; the assessor judges, and the procedures on change logs and confirmations (§791.305(e), (g)(3), (h)) conclude.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assessor.comparison import components, sides
from assessor.comparison.changes import CLASSES, KINDS, ORDER, Change, place_of
from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.comparison.parts import Matched, plain
from assessor.comparison.sides import BILL, ENGAGEMENT, Side, problem
from assessor.evidence.readers.rows import frugal
from assessor.results import Question
from assessor.workplace import workplace

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
    with workplace("assessor-compare-") as work, frugal():
        return between(sides.opened(prior, work), sides.opened(current, work))


@dataclass
class Found:
    """What is found out about two sides, one kind after another."""

    problems: list[dict[str, str]]
    changes: list[Change] = field(default_factory=list)
    unchanged: dict[str, int] = field(default_factory=dict)
    doubtful: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, kind: str, changes: Iterable[Change], of: int) -> None:
        """Note the changes of a kind, of so many things; one that stands on both sides is counted once."""
        listed = list(changes)
        self.changes.extend(listed)
        self.unchanged[kind] = self.unchanged.get(kind, 0) + of - len(listed)

    def doubt(self, kind: str, listed: Iterable[tuple[str, int, int]]) -> None:
        """Note what several bear on a side: name, how many before and after."""
        self.doubtful.extend({"kind": kind, "subject": name, "before": old, "after": new} for name, old, new in listed)

    def components(self, matched: Matched, listed: list[Change]) -> None:
        """Note the components."""
        self.tell("component", listed, matched.unchanged + len(listed))
        self.doubt("component", ((each.name, each.before, each.after) for each in matched.doubtful))


def between(prior: Side, current: Side) -> Comparison:
    """As `compare`, of two sides that were opened."""
    found = Found([*prior.problems, *(p for p in current.problems if p not in prior.problems), *_apart(prior, current)])
    rows: tuple[components.Rows, ...] = ()
    questions: tuple[Question, ...] = ()
    if prior.kind == current.kind == BILL:
        matched = components.matched(prior, current, {})
        parts = list(components.changes(prior, current, matched, {}))
        parts.sort(key=lambda each: (ORDER[each[0].what], *place_of(each[0])))
        rows = tuple(told for _, told in parts)
        found.components(matched, [change for change, _ in parts])
        changes = found.changes
    else:
        from assessor.comparison import whole  # what it needs would take as long to load as a bill to read

        changes, questions = whole.compared(prior, current, found)
    if listed := found.doubtful:
        names = "; ".join(f"{each['subject']} ({each['before']} and {each['after']})" for each in listed[:_SHOWN])
        more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
        message = (
            f"Several bear one name or number, and were taken for each other by what else they say: {names}{more}."
        )
        found.problems.append(problem("ambiguous", current.name, message))
    return Comparison(
        *(prior, current, tuple(changes), found.unchanged, tuple(found.problems), questions, tuple(found.doubtful)),
        rows,
    )


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
