"""Two bills of materials of one product, of two formats or two dates: what was added, removed and changed.

A component of the one is taken for a component of the other by its package URL, by maker and part number, by its name, or by
the name in the package URL of the one where the other has none, in this order; first where all that is compared is the same
too, then where the version is, then whatever differs. Each is taken once: of two that are alike in one document and one in the
other, one is added or removed. Nothing is guessed from similar names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

import pandas as pd

COMPARED = (
    *("version", "supplier", "manufacturer", "author", "license", "country", "address_country"),
    *("part_number", "purl", "hashes"),
)
"""Columns of `components` whose change is told."""
_WHERE_BOTH = ("part_number", "purl", "hashes")
"""Of these a change is told only where both documents state one: whether there is any depends on the format."""
_TOLD = (
    "version",
    "supplier",
    "manufacturer",
    "author",
    "license",
    "country",
    "address_country",
    "part_number",
    "purl",
)
COLUMNS = (
    *("change", "name", "changed"),
    *(f"{side}_{name}" for name in _TOLD for side in ("before", "after")),
    *("before_component", "after_component"),
)
ADDED, REMOVED, CHANGED = "added", "removed", "changed"

Columns = dict[str, list[Any]]


def difference(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What differs between two tables `components`, without their roots: one row a component, in the order removed, changed, added.

    Columns: change (added, removed, changed), name, changed (columns that differ, separated by "; "), what is compared (but the
    digests) before and after, and the identities of both rows. What one document does not state and the other does is a
    change of that column: a supplier that is no longer named matters as much as another one. Package URLs (without their
    version), part numbers and digests differ only where both state one.
    """
    old, new = _columns(before), _columns(after)
    spelled = [_spelled(old), _spelled(new)]
    pairs = _pairs(*spelled)
    changed: dict[int, str] = {}
    for number, other in pairs.items():
        if columns := [c for c in COMPARED if not _same(c, spelled[0][c][number], spelled[1][c][other])]:
            changed[number] = "; ".join(columns)
    taken = set(pairs.values())
    removed = [number for number in range(len(old["name"])) if number not in pairs]
    added = [number for number in range(len(new["name"])) if number not in taken]
    both = sorted(changed)
    sides = {
        "before": (old, [*removed, *both, *[None] * len(added)]),
        "after": (new, [*[None] * len(removed), *(pairs[n] for n in both), *added]),
    }
    told: Columns = {
        "change": [REMOVED] * len(removed) + [CHANGED] * len(both) + [ADDED] * len(added),
        "name": [old["name"][n] for n in removed]
        + [new["name"][pairs[n]] for n in both]
        + [new["name"][n] for n in added],
        "changed": [None] * len(removed) + [changed[n] for n in both] + [None] * len(added),
    }
    for side, (columns_of, numbers) in sides.items():
        for name in (*_TOLD, "component"):
            own = columns_of[name]
            told[f"{side}_{name}"] = [None if n is None else own[n] for n in numbers]
    return pd.DataFrame(told, columns=list(COLUMNS)).astype("string[pyarrow]")


def unchanged(before: pd.DataFrame, differences: pd.DataFrame) -> int:
    """How many components stand in both with nothing compared that differs; `differences` as `difference` tells them."""
    return len(_parts(before)) - int(differences["change"].isin([REMOVED, CHANGED]).sum())


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["level"] != 0).fillna(True).astype(bool)]


def _columns(table: pd.DataFrame) -> Columns:
    """The columns that are needed as Python lists; what is not known is None."""
    wanted = _parts(table)[[*dict.fromkeys(("component", "name", *COMPARED))]].astype(object)
    return {str(name): wanted[name].where(wanted[name].notna(), None).tolist() for name in wanted}


def _spelled(columns: Columns) -> Columns:
    """What is compared, without its spelling; and the keys by which a component is known again, None where it has none."""
    told = {name: _each(_plain, columns[name]) for name in COMPARED if name not in ("purl", "hashes")}
    names, purls = _each(_plain, columns["name"]), _each(_package, columns["purl"])
    makers_parts = zip(told["manufacturer"], told["part_number"], strict=True)
    within = _each(_name_of, purls)
    return {
        **told,
        "purl": purls,
        "hashes": columns["hashes"],
        "by purl": purls,
        "by part": [(maker, part) if part else None for maker, part in makers_parts],
        "by name": [name or None for name in names],
        "by name in purl": [inner or name or None for inner, name in zip(within, names, strict=True)],
    }


def _pairs(old: Columns, new: Columns) -> dict[int, int]:
    """Numbers of components before -> numbers of those after that they are taken for."""
    pairs: dict[int, int] = {}
    left, right = list(range(len(old["version"]))), list(range(len(new["version"])))
    for key in ("by purl", "by part", "by name", "by name in purl"):
        for alike in (COMPARED, ("version",), ()):
            if not (left and right):
                return pairs
            waiting: dict[Hashable, list[int]] = {}
            for number, each in zip(reversed(right), _keys(new, key, alike, reversed(right)), strict=True):
                if each is not None:
                    waiting.setdefault(each, []).append(number)
            for number, each in zip(left, _keys(old, key, alike, left), strict=True):
                if each is not None and (found := waiting.get(each)):
                    pairs[number] = found.pop()
            left = [number for number in left if number not in pairs]
            taken = set(pairs.values())
            right = [number for number in right if number not in taken]
    return pairs


def _keys(columns: Columns, key: str, alike: Sequence[str], numbers: Iterable[int]) -> list[Hashable]:
    """For each numbered component its key with what must be the same too; None where it has no key."""
    own, more = columns[key], [columns[name] for name in alike]
    return [None if own[n] is None else (own[n], *(each[n] for each in more)) for n in numbers]


def _each(work: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    """The work on each value, once for all that are equal."""
    made = {value: work(value) for value in set(values)}
    return [made[value] for value in values]


def _package(text: str | None) -> str | None:
    """A package URL without version, qualifiers and subpath."""
    if not text:
        return None
    path, slash, last = re.split("[?#]", text, maxsplit=1)[0].rstrip("/").rpartition("/")
    return f"{path}{slash}{re.sub('(?<=.)@.*', '', last)}".casefold()


def _name_of(package: str | None) -> str:
    """Namespace and name in a package URL, spelled as a name is."""
    return _plain(unquote(package.partition("/")[2])) if package else ""


def _same(column: str, before: Any, after: Any) -> bool:
    if before == after or (column in _WHERE_BOTH and not (before and after)):
        return True
    # two documents may give digests of two algorithms; only those of one can differ
    return column == "hashes" and _agree(before, after)


def _agree(before: str, after: str) -> bool:
    old, new = (
        {re.sub(r"[\W_]", "", name.casefold()): str(value).lower() for name, value in json.loads(text).items()}
        for text in (before, after)
    )
    return all(old[name] == new[name] for name in old.keys() & new.keys())


def _plain(text: Any) -> str:
    """Small letters, digits, "+" and "#" (C++ is not C); everything else is a space."""
    return "" if text is None else re.sub(r"(?:[^\w+#]|_)+", " ", str(text).casefold()).strip()
