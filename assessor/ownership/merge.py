"""One entity out of what several sources say of it.

Rows are the same entity when one source uses one id, when an identifier that proves itself agrees, or when organisations bear
exactly the same name, legal form included, in the same country; holders of the same subject also when each source names one
of that name and nothing that they say of it differs. Whatever else looks alike stays apart: numbers of one register that
differ, a person and an organisation, two persons of one name. Facts on which sources differ are kept side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessor.ownership.identifiers import Identifier, compact, contradict, identifiers, lei_valid
from assessor.ownership.spelling import legal_form, normalise

FACTS = ("incorporated", "headquarters", "principal_place", "residence", "citizenship", "us_status")


@dataclass(frozen=True, slots=True)
class Entity:
    """What is known of an entity. Each fact holds every value that some source states; none: nobody has said."""

    id: str
    name: str
    names: tuple[str, ...] = ()
    kind: str = "unknown"
    incorporated: tuple[str, ...] = ()
    headquarters: tuple[str, ...] = ()
    principal_place: tuple[str, ...] = ()
    residence: tuple[str, ...] = ()
    citizenship: tuple[str, ...] = ()
    us_status: tuple[str, ...] = ()
    lei: str = ""
    registration: str = ""
    places: tuple[tuple[str, str], ...] = ()  # source and locator of each row

    @property
    def country(self) -> str:
        """The country that it is known by in a list: of organisation, else of citizenship, residence or headquarters."""
        known = self.incorporated or self.citizenship or self.residence or self.headquarters or self.principal_place
        return "; ".join(known)

    @property
    def described(self) -> bool:
        """Some source describes it, beyond mentioning it."""
        return bool(self.places)


@dataclass
class Merged:
    """Entities by canonical id, every source's id mapped to it, and what was merged or found amiss."""

    entities: dict[str, Entity] = field(default_factory=dict)
    alias: dict[str, str] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def resolve(self, source: str | None, entity: str | None) -> str | None:
        """The canonical id of `entity` as the source `source` uses it."""
        if not entity:
            return None
        return self.keys.get((source or "", entity)) or self.alias[entity]


def merge(entities: Sequence[Mapping[str, Any]], interests: Sequence[Mapping[str, Any]]) -> Merged:
    """Describe every entity that occurs in either table once; its id is the first that the tables use for it."""
    out = Merged()
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in entities:
        if row.get("entity"):
            rows.setdefault(_key(row, rows, out), []).append(row)
    for row in interests:
        for mentioned in (row.get("holder"), row.get("subject")):
            if mentioned and mentioned not in rows:
                rows[mentioned] = []
    groups = _Groups(rows, out)
    _by_number(groups)
    _by_name(groups)
    _by_common_subject(groups, interests)
    gathered: dict[str, list[str]] = {}
    for key in rows:
        gathered.setdefault(groups.root(key), []).append(key)
    for key, members in gathered.items():
        out.entities[key] = _described(key, [row for member in members for row in rows[member]], out)
        for member in members:
            out.alias[member] = key
    for place, key in out.keys.items():
        out.keys[place] = out.alias[key]
    return out


@dataclass
class _Groups:
    """The rows by key, and which keys were found to be one entity."""

    rows: Mapping[str, list[Mapping[str, Any]]]
    out: Merged
    lead: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, tuple[Identifier, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lead = {key: key for key in self.rows}
        for key, listed in self.rows.items():
            if found := tuple(dict.fromkeys(number for row in listed for number in numbers_of_row(row))):
                self.numbers[key] = found

    def root(self, key: str) -> str:
        """The key that stands for the group of a key."""
        while self.lead[key] != key:
            self.lead[key] = key = self.lead[self.lead[key]]
        return key

    def all_of(self, key: str) -> list[str]:
        """The keys of a group."""
        return self.members.get(self.root(key), [key])

    def numbers_of(self, key: str) -> tuple[Identifier, ...]:
        """The identifiers of a group."""
        return tuple(number for member in self.all_of(key) for number in self.numbers.get(member, ()))

    def stated(self, key: str, fact: str) -> frozenset[str]:
        """Every value that some row of a group states."""
        return frozenset(
            part.strip()
            for member in self.all_of(key)
            for row in self.rows[member]
            for part in str(row.get(fact) or "").split(";")
            if part.strip()
        )

    def differ(self, one: str, other: str, facts: Iterable[str] = ()) -> str:
        """What speaks against two groups being one entity; empty where nothing does."""
        if ("person" in self.stated(one, "kind")) != ("person" in self.stated(other, "kind")) and not (
            self.stated(one, "kind") <= {"unknown"} or self.stated(other, "kind") <= {"unknown"}
        ):
            return "one is a person and the other is not"
        if contradict(self.numbers_of(one), self.numbers_of(other)):
            return "their numbers differ"
        for fact in facts:
            mine, theirs = self.stated(one, fact), self.stated(other, fact)
            if mine and theirs and not mine & theirs:
                return f"sources differ on {fact}"
        return ""

    def join(self, one: str, other: str, why: str) -> None:
        """Take two groups as one, with a note."""
        first, second = self.root(one), self.root(other)
        if first != second:
            together = [*self.all_of(first), *self.all_of(second)]
            self.lead[second] = first
            self.members[first] = together
            self.out.notes.append(
                f"{self.name(one)}: {self.place(one)} and {self.place(other)} are taken as one entity ({why})"
            )

    def name(self, key: str) -> str:
        """The name of a key's first row, or the key."""
        return str(self.rows[key][0].get("name") or key)

    def names(self, key: str) -> frozenset[str]:
        """Every name of a group, normalised."""
        listed = [row for member in self.all_of(key) for row in self.rows[member]]
        return frozenset(
            normalise(name)
            for row in listed
            for name in (str(row.get("name") or ""), *str(row.get("names") or "").split(";"))
            if name.strip()
        )

    def place(self, key: str) -> str:
        """Where a key's first row stands."""
        row = self.rows[key][0]
        return f"{row.get('source') or ''} {row.get('locator') or ''}".strip()


def numbers_of_row(row: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """The identifiers that a row of entities gives."""
    if not (row.get("lei") or row.get("registration")):
        return ()
    country = str(row.get("incorporated") or "").split(";")[0].strip()
    return identifiers(row.get("lei"), row.get("registration"), country or None)[0]


def _key(row: Mapping[str, Any], rows: Mapping[str, list[Mapping[str, Any]]], out: Merged) -> str:
    """The row's id, made distinct where another source uses the same id for somebody else."""
    entity, source = str(row["entity"]), row.get("source") or ""
    if (source, entity) in out.keys:
        return out.keys[source, entity]
    others = rows.get(entity, [])
    named = {normalise(str(r["name"])) for r in others if r.get("name")}
    kinds = {str(r["kind"]) for r in (*others, row) if r.get("kind")} - {"unknown"}
    another = bool(named and row.get("name") and normalise(str(row["name"])) not in named) or (
        bool(others)
        and (
            ("person" in kinds and len(kinds) > 1)
            or contradict(numbers_of_row(row), tuple(number for r in others for number in numbers_of_row(r)))
        )
    )
    key = entity
    if another:
        key = f"{entity}@{source}"
        out.problems.append(
            f"{source} {row.get('locator') or ''}: the id {entity} stands for {row.get('name') or 'somebody'} here and for "
            f"{rows[entity][0].get('name')} in {rows[entity][0].get('source')}; they are kept apart"
        )
    out.keys[source, entity] = key
    return key


def _by_number(groups: _Groups) -> None:
    """The same identifier is the same entity; one without check digits only under a name that both bear."""
    first: dict[Identifier, str] = {}
    for key, numbers in groups.numbers.items():
        for number in numbers:
            if not number.identifies:
                continue
            other = first.setdefault(number, key)
            if groups.root(other) == groups.root(key):
                continue
            against = groups.differ(other, key)
            if not against and not number.proves and not groups.names(other) & groups.names(key):
                against = "their names differ and the number has no check digits"
            if against:
                groups.out.problems.append(
                    f"{groups.name(other)} ({groups.place(other)}) and {groups.name(key)} ({groups.place(key)}) both have "
                    f"{number.words}, but {against}; they are kept apart"
                )
            else:
                groups.join(other, key, f"same {number.words}")


def _by_name(groups: _Groups) -> None:
    """Organisations of one name in one country are one, unless some of them are known to be different ones."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for key, listed in groups.rows.items():
        for row in listed:
            kind, name = row.get("kind"), row.get("name")
            # what a register calls neither a company nor a person is a company when its name says so
            company = kind in ("organisation", "arrangement") or (
                kind in (None, "unknown") and legal_form(str(name or ""))
            )
            if name and row.get("incorporated") and company:
                found.setdefault((normalise(str(name)), str(row["incorporated"])), {})[key] = None
    for (_, country), keys in found.items():
        roots = list(dict.fromkeys(groups.root(key) for key in keys))
        if len(roots) < 2:
            continue
        if _different(groups, roots):
            if any(not groups.numbers_of(root) for root in roots):
                groups.out.problems.append(
                    f"{groups.name(roots[0])} ({country}): several bear this name and their numbers differ; which of them an "
                    f"entry without a number means is not known, and all are kept apart ({', '.join(map(groups.place, roots[:5]))})"
                )
            continue
        for root in roots[1:]:
            if not groups.differ(roots[0], root):
                groups.join(roots[0], root, "same name and country of organisation")


def _different(groups: _Groups, roots: Sequence[str]) -> bool:
    """Whether the numbers of some of the groups differ from those of others."""
    known: tuple[Identifier, ...] = ()
    for root in roots:
        numbers = groups.numbers_of(root)
        if contradict(known, numbers):
            return True
        known = tuple(dict.fromkeys((*known, *numbers)))
    return False


def _by_common_subject(groups: _Groups, interests: Sequence[Mapping[str, Any]]) -> None:
    """Holders of the same subject whom two sources name alike are the same, unless something they say differs, or one source
    names several such: then nobody knows which is meant."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for interest in interests:
        source, mentioned = interest.get("source") or "", interest.get("holder")
        if not mentioned or not interest.get("subject"):
            continue
        holder = groups.out.keys.get((source, mentioned), mentioned)
        subject = groups.root(groups.out.keys.get((source, interest["subject"]), interest["subject"]))
        named = next((normalise(str(row["name"])) for row in groups.rows[holder] if row.get("name")), "")
        if named:
            found.setdefault((subject, named), {})[holder] = None
    for (subject, _), holders in found.items():
        roots = list(dict.fromkeys(groups.root(holder) for holder in holders))
        if len(roots) < 2:
            continue
        sources = [
            source
            for root in roots
            for source in {row.get("source") for member in groups.all_of(root) for row in groups.rows[member]}
        ]
        if len(sources) > len(set(sources)):
            if len(set(sources)) > 1:
                groups.out.problems.append(
                    f"{groups.name(roots[0])}: a source names several of this name who hold in {groups.name(subject) if groups.rows[subject] else subject}; "
                    "which of them another source means is not known, and all are kept apart"
                )
            continue
        for root in roots[1:]:
            if not groups.differ(roots[0], root, ("incorporated", "residence", "citizenship")):
                groups.join(roots[0], root, "same name and same holding in two sources")


def _described(key: str, listed: Sequence[Mapping[str, Any]], out: Merged) -> Entity:
    facts: dict[str, tuple[str, ...]] = {}
    for fact in FACTS:
        stated = [
            tuple(sorted(part.strip() for part in str(row[fact]).split(";") if part.strip()))
            for row in listed
            if row.get(fact)
        ]
        facts[fact] = tuple(sorted({value for values in stated for value in values}))
        if len(set(stated)) > 1:
            out.problems.append(
                f"{listed[0].get('name') or key}: sources differ on {fact.replace('_', ' ')} ({' / '.join('; '.join(s) for s in sorted(set(stated)))})"
            )
    names = [str(row["name"]) for row in listed if row.get("name")]
    others = [name.strip() for row in listed for name in str(row.get("names") or "").split(";") if name.strip()]
    kinds = {str(row["kind"]) for row in listed if row.get("kind")} - {"unknown"}
    if len(kinds) > 1:
        out.problems.append(f"{names[0] if names else key}: sources differ on what it is ({' / '.join(sorted(kinds))})")
    return Entity(
        key,
        names[0] if names else key,
        tuple(dict.fromkeys(n for n in (*names[1:], *others) if n != names[0])) if names else (),
        kinds.pop() if len(kinds) == 1 else "unknown",
        **facts,
        lei=_first(sorted((compact(str(row["lei"])) for row in listed if row.get("lei")), key=lei_valid, reverse=True)),
        registration="; ".join(dict.fromkeys(str(row["registration"]) for row in listed if row.get("registration"))),
        places=tuple((row.get("source") or "", row.get("locator") or "") for row in listed),
    )


def _first(listed: Sequence[str]) -> str:
    return listed[0] if listed else ""
