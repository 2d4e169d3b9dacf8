"""One entity out of what several sources say of it.

Rows are the same entity when one source uses one id, when a valid LEI agrees, or when organisations bear exactly the same
name, legal form included, in the same country; holders of the same subject also when nothing that two sources say of them
differs. Whatever else looks alike stays apart. Facts on which sources differ are kept side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessor.ownership.identifiers import compact, lei_valid
from assessor.ownership.spelling import normalise

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
    lead = {key: key for key in rows}
    _by_identity(rows, lead, out)
    _by_common_subject(rows, lead, interests, out)
    gathered: dict[str, list[str]] = {}
    for key in rows:
        gathered.setdefault(_root(lead, key), []).append(key)
    for key, members in gathered.items():
        out.entities[key] = _described(key, [row for member in members for row in rows[member]], out)
        for member in members:
            out.alias[member] = key
    for place, key in out.keys.items():
        out.keys[place] = out.alias[key]
    return out


def _key(row: Mapping[str, Any], rows: Mapping[str, list[Mapping[str, Any]]], out: Merged) -> str:
    """The row's id, made distinct where another source uses the same id for somebody else."""
    entity, source = str(row["entity"]), row.get("source") or ""
    if (source, entity) in out.keys:
        return out.keys[source, entity]
    named = {normalise(str(r["name"])) for r in rows.get(entity, []) if r.get("name")}
    key = entity
    if named and row.get("name") and normalise(str(row["name"])) not in named:
        key = f"{entity}@{source}"
        out.problems.append(
            f"{source} {row.get('locator') or ''}: the id {entity} stands for {row['name']} here and for "
            f"{rows[entity][0].get('name')} in {rows[entity][0].get('source')}; they are kept apart"
        )
    out.keys[source, entity] = key
    return key


def _by_identity(rows: Mapping[str, list[Mapping[str, Any]]], lead: dict[str, str], out: Merged) -> None:
    by_lei: dict[str, str] = {}
    by_name: dict[tuple[str, str], str] = {}
    for key, listed in rows.items():
        for row in listed:
            lei = compact(str(row.get("lei") or ""))
            if lei_valid(lei):
                _join(rows, lead, by_lei.setdefault(lei, key), key, f"same LEI {lei}", out)
            if row.get("name") and row.get("incorporated") and row.get("kind") not in ("person", "state"):
                named = (normalise(str(row["name"])), str(row["incorporated"]))
                first = by_name.setdefault(named, key)
                if _root(lead, first) != _root(lead, key) and not _differ(
                    rows[first], rows[key], ("lei", "registration")
                ):
                    _join(rows, lead, first, key, "same name and country of organisation", out)


def _by_common_subject(
    rows: Mapping[str, list[Mapping[str, Any]]],
    lead: dict[str, str],
    interests: Sequence[Mapping[str, Any]],
    out: Merged,
) -> None:
    """Two sources that name a holder of the same subject alike mean the same holder, unless something they say differs."""
    seen: dict[tuple[str, str], str] = {}
    for interest in interests:
        source, mentioned = interest.get("source") or "", interest.get("holder")
        if not mentioned or not interest.get("subject"):
            continue
        holder = out.keys.get((source, mentioned), mentioned)
        subject = _root(lead, out.keys.get((source, interest["subject"]), interest["subject"]))
        named = next((normalise(str(row["name"])) for row in rows[holder] if row.get("name")), "")
        if not named:
            continue
        first = seen.setdefault((subject, named), holder)
        sources = [{row.get("source") for row in rows[key]} for key in (first, holder)]
        if (
            _root(lead, first) != _root(lead, holder)
            and not sources[0] & sources[1]
            and not _differ(
                rows[first], rows[holder], ("lei", "registration", "incorporated", "residence", "citizenship")
            )
        ):
            _join(rows, lead, first, holder, "same name and same holding in two sources", out)


def _differ(one: Iterable[Mapping[str, Any]], other: Sequence[Mapping[str, Any]], facts: tuple[str, ...]) -> bool:
    return any(
        compact(str(a[fact])) != compact(str(b[fact]))
        for a in one
        for b in other
        for fact in facts
        if a.get(fact) and b.get(fact)
    )


def _join(
    rows: Mapping[str, list[Mapping[str, Any]]], lead: dict[str, str], one: str, other: str, why: str, out: Merged
) -> None:
    first, second = _root(lead, one), _root(lead, other)
    if first != second:
        lead[second] = first
        places = " and ".join(
            f"{row.get('source') or ''} {row.get('locator') or ''}".strip() for row in (rows[first][0], rows[other][0])
        )
        out.notes.append(f"{rows[first][0].get('name') or first}: {places} are taken as one entity ({why})")


def _root(lead: dict[str, str], key: str) -> str:
    while lead[key] != key:
        lead[key] = key = lead[lead[key]]
    return key


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
        lei=next((compact(str(row["lei"])) for row in listed if row.get("lei")), ""),
        registration=next((str(row["registration"]) for row in listed if row.get("registration")), ""),
        places=tuple((row.get("source") or "", row.get("locator") or "") for row in listed),
    )
