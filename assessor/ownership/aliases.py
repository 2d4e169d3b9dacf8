"""Names that are known to belong to one company: the table that is shipped (aliases.yaml) and the firm's own.

A full legal name stands for the other full legal names of the same company. A short name, a brand or the name of a group
does not say which company of the group is meant, and only proposes. Every entry has a source that anybody can look up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessor.ownership.spelling import normalise


@dataclass(frozen=True)
class Alias:
    """One company: its full legal names, its short names, the country in which it is organised (or ""), and the source."""

    legal: tuple[str, ...]
    short: tuple[str, ...] = ()
    country: str = ""
    source: str = ""


@dataclass(frozen=True)
class Aliases:
    """Entries by normalised name. A name that two entries list is a name of neither by itself."""

    legal: dict[str, tuple[Alias, ...]] = field(default_factory=dict)
    short: dict[str, tuple[Alias, ...]] = field(default_factory=dict)
    words: dict[str, str] = field(
        default_factory=dict
    )  # a short name in another script, and how it reads in English letters

    def of(self, name: str) -> Alias | None:
        """The one company whose full legal name this is."""
        found = self.legal.get(normalise(name), ())
        return found[0] if len(found) == 1 else None

    def meant(self, name: str) -> tuple[Alias, ...]:
        """The companies that a name, full or short, may mean."""
        text = normalise(name)
        return (*self.legal.get(text, ()), *self.short.get(text, ()))


@cache
def shipped() -> Aliases:
    """The table that comes with this package."""
    return gather(entries())


@cache
def entries() -> tuple[Alias, ...]:
    """The entries of aliases.yaml, in their order."""
    with (Path(__file__).parent / "aliases.yaml").open(encoding="utf-8") as file:
        return tuple(alias(entry) for entry in yaml.safe_load(file))


def alias(entry: Mapping[str, Any]) -> Alias:
    """An entry as written in aliases.yaml or engagement.toml: legal, short, country, source."""
    return Alias(
        tuple(entry.get("legal", ())),
        tuple(entry.get("short", ())),
        str(entry.get("country") or ""),
        str(entry["source"]),
    )


def with_own(own: Sequence[Mapping[str, Any]]) -> Aliases:
    """The shipped table with the firm's own entries (engagement.toml [[aliases]])."""
    return gather((*entries(), *map(alias, own))) if own else shipped()


def gather(listed: Iterable[Alias]) -> Aliases:
    """The entries, indexed."""
    legal: dict[str, tuple[Alias, ...]] = {}
    short: dict[str, tuple[Alias, ...]] = {}
    words: dict[str, str] = {}
    for entry in listed:
        for index, names in ((legal, entry.legal), (short, entry.short)):
            for name in dict.fromkeys(normalise(n) for n in names):
                index[name] = (*index.get(name, ()), entry)
        latin = next((normalise(name) for name in entry.short if name.isascii()), "")
        words |= {normalise(name): latin for name in entry.short if latin and not name.isascii()}
    return Aliases(legal, short, words)
