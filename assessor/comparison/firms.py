"""Suppliers of two sides: the same by identifier, exact name, listed alias or the assessor's answer; a similar name is only proposed.

The client's own supplier number names nobody, since a list may be numbered anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assessor.comparison.parts import plain
from assessor.comparison.records import Pair, Record, known
from assessor.comparison.sides import Side
from assessor.ownership.names import BASES, Directory, Party, directory, find, propose
from assessor.ownership.spelling import normalise
from assessor.procedures.working import split

COLUMNS = (
    *("name", "aliases", "country", "lei", "registration", "onboarded"),
    *("products", "role", "work_places"),
)
RENAMED = "renamed_supplier"
"""The question whether two similar names are one supplier's."""


@dataclass(frozen=True)
class Proposal:
    """A supplier that is gone and one that was added, with similar names: perhaps one under another name."""

    before: Record
    after: Record
    score: int
    reasons: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The subject of the question."""
        return f"{self.before.subject} → {self.after.subject}"


@dataclass(frozen=True)
class Firms:
    """Suppliers matched. `known_as` are names of the current side, spelled by `plain`,
    as the prior side has them; `canonical` likewise, as they are written. `doubtful` names that several bear."""

    pairs: list[Pair]
    known_as: Mapping[str, str]
    canonical: Mapping[str, str]
    proposals: tuple[Proposal, ...]
    doubtful: list[tuple[str, int, int]]


def match(prior: Side, current: Side, confirmed: Callable[[list[Proposal]], frozenset[str]]) -> Firms:
    """The suppliers of both sides; `confirmed` gives of proposals the subjects that the assessor confirmed to be one supplier."""
    sides = [
        known(side.table("suppliers"), COLUMNS, side.items, lambda row: (row["name"] or "supplier without a name", ()))
        for side in (prior, current)
    ]
    for records in sides:
        records.sort(key=lambda record: record.said)
    pairs, left, right, doubtful = _same(*sides)
    proposals = _similar(left, right)
    meant = confirmed(proposals)
    for proposal in proposals:
        if proposal.subject in meant and proposal.before in left and proposal.after in right:
            pairs.append(Pair(proposal.before, proposal.after, BASES.index("judgement")))
            left, right = [r for r in left if r is not proposal.before], [r for r in right if r is not proposal.after]
    pairs += [Pair(record, None) for record in left] + [Pair(None, record) for record in right]
    known_as: dict[str, str] = {}
    canonical: dict[str, str] = {}
    for pair in pairs:
        if pair.before is None:
            continue
        canon = plain(pair.before.subject)
        for record in filter(None, (pair.before, pair.after)):
            canonical.setdefault(record.subject, pair.before.subject)
            for name in (record.subject, *split(record.fields["aliases"])):
                known_as.setdefault(plain(name), canon)
    return Firms(pairs, known_as, canonical, tuple(proposals), doubtful)


def _same(
    left: list[Record], right: list[Record]
) -> tuple[list[Pair], list[Record], list[Record], list[tuple[str, int, int]]]:
    """Pairs that nothing is guessed in, what is left of both sides, and names that several bear."""
    twins: list[Pair] = []
    waiting: dict[object, list[Record]] = {}
    for record in right:
        waiting.setdefault(record.said, []).append(record)
    rest = []
    for record in left:
        if queue := waiting.get(record.said):
            twins.append(Pair(record, queue.pop(), BASES.index("exact name")))
        else:
            rest.append(record)
    left, right = rest, sorted((r for queue in waiting.values() for r in queue), key=lambda r: r.said)
    found: dict[tuple[int, int], int] = {}
    for mine, others, turned in ((left, right, False), (right, left, True)):
        index = _directory(others)
        for number, record in enumerate(mine):
            match = _find(index, record)
            if match is not None:
                key, basis = match
                pair = (key, number) if turned else (number, key)
                found[pair] = min(found.get(pair, len(BASES)), basis)
    pairs, doubtful = twins, []
    taken: tuple[set[int], set[int]] = (set(), set())

    def order(each: tuple[tuple[int, int], int]) -> tuple[object, ...]:
        (one, other), basis = each
        return basis, sorted([left[one].said, right[other].said]), one, other

    for (one, other), basis in sorted(found.items(), key=order):
        if one in taken[0] or other in taken[1]:
            doubtful.append((right[other].subject, 1 + (one not in taken[0]), 1 + (other not in taken[1])))
            continue
        taken[0].add(one)
        taken[1].add(other)
        pairs.append(Pair(left[one], right[other], basis))
    return (
        pairs,
        [r for n, r in enumerate(left) if n not in taken[0]],
        [r for n, r in enumerate(right) if n not in taken[1]],
        sorted(set(doubtful)),
    )


def _directory(records: list[Record]) -> Directory:
    return directory(
        Party(
            str(number),
            record.subject,
            tuple(split(record.fields["aliases"])),
            frozenset(filter(None, [record.fields["country"]])),
            record.fields["lei"],
            record.fields["registration"],
            record.fields["country"],
        )
        for number, record in enumerate(records)
    )


def _find(index: Directory, record: Record) -> tuple[int, int] | None:
    """The number of the record that is the same, and the number of the basis; None where nothing is sure."""
    country = record.fields["country"]
    found = find(
        index,
        record.subject,
        countries=frozenset(filter(None, [country])),
        aliases=tuple(split(record.fields["aliases"])),
        lei=record.fields["lei"],
        registration=record.fields["registration"],
        registered_in=country,
    )
    if found.key is None:
        # a supplier that moved to another country, or got another number, bears its name still
        same = [key for key, alias in index.by_name.get(normalise(record.subject), []) if not alias]
        return (int(same[0]), BASES.index("exact name")) if len(same) == 1 else None
    return int(found.key), BASES.index(found.basis)


def _similar(left: list[Record], right: list[Record]) -> list[Proposal]:
    """For each supplier that was added the one that is gone whose name is most like it."""
    if not (left and right):
        return []
    index = _directory(left)
    found = []
    for record in right:
        country = frozenset(filter(None, [record.fields["country"]]))
        if candidates := propose(index, record.subject, country):
            best = candidates[0]
            found.append(Proposal(left[int(best.key)], record, best.score, best.reasons))
    return found
