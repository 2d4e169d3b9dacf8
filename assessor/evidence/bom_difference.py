"""Two bills of materials of one product, of two formats or two dates: what was added, removed and changed.

A component of the one is taken for a component of the other by its package URL, by maker and part number, or by its name, in this
order, and first where the version is the same too. Each is taken once: of two that are alike in one document and one in the
other, one is added or removed. Nothing is guessed from similar names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

COMPARED = ("version", "supplier", "manufacturer", "author", "license", "country", "hashes")
"""Columns of `components` whose change is told."""
COLUMNS = (
    *("change", "name", "changed"),
    *(f"{side}_{name}" for name in ("version", "supplier", "manufacturer") for side in ("before", "after")),
    *("before_component", "after_component"),
)
ADDED, REMOVED, CHANGED = "added", "removed", "changed"

Row = Mapping[str, Any]


def difference(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What differs between two tables `components`, without their roots: one row a component, in the order removed, changed, added.

    Columns: change (added, removed, changed), name, changed (columns that differ, separated by "; "), version, supplier and
    manufacturer before and after, and the identities of both rows. What one document does not state and the other does is a
    change of that column: a supplier that is no longer named matters as much as another one.
    """
    old, new = _rows(before), _rows(after)
    pairs = _pairs(old, new)
    found = [_told(REMOVED, row, None, ()) for number, row in enumerate(old) if number not in pairs]
    for number, other in sorted(pairs.items()):
        columns = tuple(c for c in COMPARED if not _same(c, old[number][c], new[other][c]))
        if columns:
            found.append(_told(CHANGED, old[number], new[other], columns))
    taken = set(pairs.values())
    found += [_told(ADDED, None, row, ()) for number, row in enumerate(new) if number not in taken]
    return pd.DataFrame(found, columns=list(COLUMNS)).astype("string[pyarrow]")


def unchanged(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """How many components stand in both with nothing compared that differs."""
    old, new = _rows(before), _rows(after)
    return sum(all(_same(c, old[a][c], new[b][c]) for c in COMPARED) for a, b in _pairs(old, new).items())


def _rows(table: pd.DataFrame) -> list[Row]:
    parts = table[(table["level"] != 0).fillna(True).astype(bool)]
    wanted = parts[[*dict.fromkeys(("component", "name", "purl", "part_number", *COMPARED))]].astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in wanted.where(wanted.notna(), None).to_dict("records")
    ]


def _pairs(old: list[Row], new: list[Row]) -> dict[int, int]:
    """Numbers of components before -> numbers of those after that they are taken for."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for key in (_by_purl, _by_part, _by_name):
        for versioned in (True, False):
            waiting: dict[Hashable, list[int]] = {}
            for number, row in enumerate(new):
                if number not in taken and (found := key(row)) is not None:
                    waiting.setdefault((found, row["version"] if versioned else None), []).append(number)
            for number, row in enumerate(old):
                if number in pairs or (found := key(row)) is None:
                    continue
                alike = waiting.get((found, row["version"] if versioned else None))
                if alike:
                    pairs[number] = alike.pop(0)
                    taken.add(pairs[number])
    return pairs


def _by_purl(row: Row) -> Hashable | None:
    """A package URL without version, qualifiers and subpath."""
    text = row["purl"]
    return re.split(r"@(?=[^/]*$)|[?#]", text)[0].rstrip("/").casefold() if text else None


def _by_part(row: Row) -> Hashable | None:
    number = _plain(row["part_number"])
    return (_plain(row["manufacturer"]), number) if number else None


def _by_name(row: Row) -> Hashable | None:
    return _plain(row["name"]) or None


def _same(column: str, before: Any, after: Any) -> bool:
    if column == "hashes":
        # two documents may give digests of two algorithms; only those of one can differ
        return before is None or after is None or _agree(before, after)
    return _plain(before) == _plain(after)


def _agree(before: str, after: str) -> bool:
    old, new = (
        {re.sub(r"[\W_]", "", name.casefold()): str(value).lower() for name, value in json.loads(text).items()}
        for text in (before, after)
    )
    return all(old[name] == new[name] for name in old.keys() & new.keys())


def _plain(text: Any) -> str:
    return "" if text is None else re.sub(r"[\s\W_]+", " ", str(text).casefold()).strip()


def _told(change: str, before: Row | None, after: Row | None, columns: tuple[str, ...]) -> dict[str, Any]:
    sides = {"before": before or {}, "after": after or {}}
    told = {
        f"{side}_{name}": row.get(name)
        for side, row in sides.items()
        for name in ("version", "supplier", "manufacturer", "component")
    }
    return {
        "change": change,
        "name": (after or before or {}).get("name"),
        "changed": "; ".join(columns) or None,
        **told,
    }
