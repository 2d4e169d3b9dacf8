"""Who and what an engagement knows, found by exact id or exact name. What is not found is told with the nearest names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts
from assessor.procedures.working import rows
from assessor.supposing.vocabulary import did_you_mean, told


class NotKnown(Exception):
    """A name that nobody or several bear; its text is a sentence."""


@dataclass
class Entities:
    """The entities of the ownership evidence and those supposed, by id and by name."""

    names: dict[str, str] = field(default_factory=dict)  # id -> name
    alias: dict[str, str] = field(default_factory=dict)  # every id that a source uses -> id
    bearing: dict[str, set[str]] = field(default_factory=dict)  # name -> ids
    unowned: set[str] = field(default_factory=set)  # names of the supplier list that no ownership evidence names

    @classmethod
    def of(cls, facts: Facts) -> Entities:
        """Those that the evidence knows, suppliers of the client's list by number and name among them."""
        graph = facts.of(supplier_ownership.ownership).graph
        found = cls(alias=dict(graph.alias))
        for key, entity in graph.entities.items():
            found.know(key, entity.name, *entity.names)
        for row in rows(facts.tables["suppliers"]):
            entity_id = supplier_ownership.resolve(facts, row["name"]).entity if row["name"] else None
            for name in filter(None, (row["name"], row["supplier"])):
                if entity_id is None:
                    found.unowned.add(name)
                elif name not in found.alias:
                    found.bearing.setdefault(name, set()).add(graph.alias.get(entity_id, entity_id))
        return found

    def know(self, key: str, *names: str) -> None:
        """Take in an entity by its id and its names."""
        self.names[key] = names[0] or key
        self.alias.setdefault(key, key)
        for name in filter(None, names):
            self.bearing.setdefault(name, set()).add(key)

    def name(self, key: str) -> str:
        """The name of an entity."""
        return self.names.get(key, key)

    def known(self, name: str) -> bool:
        """Whether somebody bears exactly this id or name."""
        return name in self.alias or name in self.bearing

    def find(self, name: str) -> str:
        """The id of the entity that bears exactly this id or name. Raises NotKnown."""
        by_name = self.bearing.get(name, set())
        found = {self.alias[name]} if name in self.alias else by_name
        if len(found) == 1:
            return next(iter(found))
        if found:
            several = ", ".join(sorted(found))
            raise NotKnown(f"{told(name)} is the name of several: {several}; write the id of the one meant.")
        if name in self.unowned:
            raise NotKnown(
                f"{told(name)} stands in the supplier list, and no ownership evidence names it; suppose it first, as [[entity]] with "
                "this name and its country."
            )
        raise NotKnown(
            f"nobody in the ownership evidence has the id or name {told(name)}{did_you_mean(name, self._all())}."
        )

    def _all(self) -> Iterable[str]:
        return [*self.names, *self.bearing, *self.unowned]


@dataclass
class Suppliers:
    """Suppliers by their canonical name: every name that is written for each."""

    written: dict[str, set[str]]
    number: dict[str, str]  # number in the client's list -> canonical name

    @classmethod
    def of(cls, facts: Facts) -> Suppliers:
        """Those that bills of materials, ledgers and the supplier list name."""
        written: dict[str, set[str]] = {}
        for name, resolved in facts.of(supplier_ownership.resolutions).items():
            written.setdefault(resolved.name, set()).add(name)
        number = {}
        for row in rows(facts.tables["suppliers"]):
            if row["name"]:
                written.setdefault(row["name"], set()).add(row["name"])
                if row["supplier"]:
                    number[row["supplier"]] = row["name"]
        return cls(written, number)

    def find(self, name: str) -> str:
        """The canonical name of the supplier of this number, or with this name as somebody writes it. Raises NotKnown."""
        found = {canonical for canonical, names in self.written.items() if name == canonical or name in names}
        found |= {self.number[name]} if name in self.number else set()
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise NotKnown(
                f"{told(name)} is written for several: {', '.join(sorted(found))}; write the name of the one meant."
            )
        known = [*self.written, *(each for names in self.written.values() for each in names), *self.number]
        raise NotKnown(f"no supplier has the number or name {told(name)}{did_you_mean(name, known)}.")


def one_of(name: str, known: Iterable[str], what: str) -> str:
    """`name` where it is known exactly. Raises NotKnown."""
    listed = sorted(set(known))
    if name in listed:
        return name
    there = did_you_mean(name, listed) or (f"; there are {', '.join(listed[:6])}" if listed else "; there is none")
    raise NotKnown(f"there is no {what} {told(name)}{there}.")
