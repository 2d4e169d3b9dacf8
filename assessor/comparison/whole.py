"""Everything that engagements and deliveries hold compared, kind after kind."""

from __future__ import annotations

from collections.abc import Iterable

from assessor.comparison import asking, components, facts, firms, owners, programme
from assessor.comparison.changes import KINDS, Change, ordered
from assessor.comparison.comparing import Found
from assessor.comparison.firms import Firms
from assessor.comparison.parts import plain
from assessor.comparison.records import Pair, Record, paired
from assessor.comparison.sides import BILL, ENGAGEMENT, Side, problem
from assessor.results import Question

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


def compared(prior: Side, current: Side, found: Found) -> tuple[list[Change], tuple[Question, ...]]:
    """All changes in their order, and the questions that they raise between two engagements; counts and problems go into `found`."""
    kinds = _comparable(prior, current, found.problems)
    known = firms.match(prior, current, lambda proposals: asking.confirmed(proposals, current))
    if "component" in kinds:
        matched = components.matched(prior, current, known.known_as)
        found.components(matched, [each for each, _ in components.changes(prior, current, matched, known.known_as)])
    told = [facts.verdicts(side, known.canonical if side is current else {}) for side in (prior, current)]
    verdicts, twice = paired(*told) if all(told) else ([], [])
    if "supplier" in kinds:
        _suppliers(known, _by_name(told) if verdicts else {}, found)
    if verdicts:
        found.tell("verdict", facts.of_verdicts(verdicts), len(verdicts))
        found.doubt("verdict", twice)
    if {"entity", "interest"} & kinds:
        _owners(prior, current, known, verdicts, kinds, found)
    for kind, read, make in (
        ("policy", programme.policies, facts.of_policies),
        ("authorization", programme.authorizations, facts.of_authorizations),
        ("declaration", programme.declarations, facts.of_declarations),
    ):
        if kind in kinds:
            same, twice = paired(read(prior), read(current))
            found.tell(kind, make(same), len(same))
            found.doubt(kind, twice)
    if prior.results and current.results:
        listed = list(facts.of_results(prior, current, known.canonical))
        for kind in ("control", "policy", "conclusion", "finding"):
            own = [each for each in listed if each.kind == kind]
            found.tell(kind, own, len(own) + facts.alike(kind, prior, current, own))
    changes = ordered(_logged(found.changes, current))
    return (
        asking.asked(changes, known.proposals, current) if prior.kind == current.kind == ENGAGEMENT else (changes, ())
    )


def _by_name(told: list[list[Record]]) -> dict[str, Record]:
    """The verdicts of both sides by the name that the prior side has; one of a supplier of relevant components before another."""
    verdicts: dict[str, Record] = {}
    for record in (*told[0], *told[1]):
        key = str(record.keys[0])
        if key not in verdicts or record.more["relevant"]:
            verdicts[key] = record
    return verdicts


def _suppliers(known: Firms, verdicts: dict[str, Record], found: Found) -> None:
    found.tell("supplier", facts.of_suppliers(known, verdicts), len(known.pairs))
    found.doubt("supplier", known.doubtful)
    waiting = {id(pair.before) for pair in known.pairs if pair.after is None}
    found.problems += [
        problem(
            "renamed",
            each.subject,
            f"{each.before.subject} is gone and {each.after.subject} was added; the names are similar ({'; '.join(each.reasons)}). "
            "Whether it is one supplier under another name is asked.",
        )
        for each in known.proposals
        if id(each.before) in waiting
    ]


def _owners(prior: Side, current: Side, known: Firms, verdicts: list[Pair], kinds: set[str], found: Found) -> None:
    owned = owners.match(prior, current, known.known_as)
    listed = list(facts.of_owners(owned, verdicts))
    for kind, own in (("entity", owned.entities), ("interest", owned.interests)):
        if kind in kinds:
            found.tell(kind, (each for each in listed if each.kind == kind), len(own))
    found.doubt("entity", owned.doubtful)


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
