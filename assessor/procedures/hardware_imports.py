"""What an import of hardware holds: the parts in scope, and who stands behind them (§791.302(a)).

A row of the ledger names an item, a part number and a supplier. A part number stands for that part; an item alone for all
its parts; a vehicle for all hardware items of its line. A part that no bill of materials knows stays open, and so does the
source of one that bills of materials have from several, where the ledger names none of these.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from assessor.procedures import exposure, supplier_ownership
from assessor.procedures.facts import Facts
from assessor.procedures.limbs import certain, looked_up
from assessor.procedures.working import rows

UNKNOWN_PART = "which part it is: no bill of materials holds its item or part number"
WHICH_SOURCE = "which of the sources that the bills of materials name the part came from"
COLUMNS = ["key", "item", "component", "canonical", "sure", "missing"]


def content(facts: Facts) -> pd.DataFrame:
    """What each kind of import holds, one row for each part and supplier.

    Columns: key (see `keys`), item, component (NA: a supplier named in the ledger alone), canonical (supplier; NA: nobody is
    named), sure (True: VCS hardware, NA: undetermined) and missing.
    """
    key, t = facts.of(keys), facts.tables["transactions"]
    articles = facts.of(exposure.articles)
    hardware = articles[certain(articles["medium"] == "hardware")]
    found: list[dict[str, object]] = []
    concerned = t[key.notna()].assign(key=key)
    c = facts.tables["components"]
    c = c[certain(c["medium"] == "hardware")]
    for row in rows(concerned.drop_duplicates("key").sort_values("key")):
        if row["kind"] == "vehicle_import":
            items = exposure.line_items(facts).get(row["line"]) or ()
            found += _parts(row["key"], hardware[hardware["item"].isin(list(items))])
        else:
            found += _loose(facts, row, c, hardware)
    table = pd.DataFrame(found, columns=COLUMNS)
    return table.astype({c: "bool[pyarrow]" if c == "sure" else "string[pyarrow]" for c in COLUMNS})


def keys(facts: Facts) -> pd.Series:
    """A key for each import: imports with one key hold the same parts. NA: no import of hardware or vehicles."""
    t = facts.tables["transactions"]
    vehicle, loose = certain(t["kind"] == "vehicle_import"), certain(t["kind"] == "hardware_import")
    named = "hardware|" + t["item"].fillna("") + "|" + t["part_number"].fillna("") + "|" + t["supplier"].fillna("")
    return ("vehicle|" + t["line"].fillna("")).where(vehicle, named.where(loose, None))


def carries(facts: Facts, own: pd.DataFrame) -> pd.Series:
    """For each transaction whether it holds one of the parts in `own`: True, NA (undetermined) or False."""
    answers: dict[str, bool | None] = {}
    for row in rows(own):
        answers[row["key"]] = True if row["sure"] or answers.get(row["key"]) else None
    key = facts.of(keys)
    return looked_up(key, answers).mask(~key.isin(list(answers)), False)


def parts(facts: Facts, own: pd.DataFrame) -> pd.DataFrame:
    """The rows of `components` behind the parts in `own`."""
    c = facts.tables["components"]
    return c[c["component"].isin(own["component"].dropna().unique())]


def for_connected(facts: Facts) -> pd.Series:
    """For each transaction whether the hardware is for a connected vehicle: that of its line, or else any line that carries
    its item; NA where nobody says."""
    t = facts.tables["transactions"]
    of_line = exposure.connected(facts)
    by_item: dict[str, list[bool | None]] = {}
    for line, items in exposure.line_items(facts).items():
        for item in items or ():
            by_item.setdefault(item, []).append(of_line.get(line))
    of_item = looked_up(t["item"], {item: _any(answers) for item, answers in by_item.items()})
    # Hardware that no line is known to carry is imported for some vehicle: nothing speaks for one that is not connected.
    for_some = certain(t["kind"] == "hardware_import") & ~t["item"].isin(list(by_item))
    return looked_up(t["line"], of_line).where(t["line"].isin(list(of_line)), of_item.mask(for_some, True))


def _loose(facts: Facts, row: dict[str, object], c: pd.DataFrame, hardware: pd.DataFrame) -> list[dict[str, object]]:
    """The parts of one loose import among the hardware rows `c`, and the supplier that the ledger names for it."""
    of_item = c[certain(c["item"] == row["item"])]
    chosen = c.iloc[:0]
    if row["part_number"]:
        pool = of_item if len(of_item) else c
        chosen = pool[certain(pool["part_number"] == row["part_number"])]
        if certain(chosen["level"] == 0).any():
            chosen = of_item
    elif len(of_item):
        chosen = of_item
    elif row["item"]:
        chosen = c[certain(c["name"] == row["item"])]
    key, by = str(row["key"]), _canonical(facts, row["supplier"])
    if chosen.empty:
        return [_line(key, row["item"], None, by, None, UNKNOWN_PART)]
    inside = hardware[hardware.index.isin(chosen.index)]
    from_named = inside[certain(inside["canonical"] == by)]
    single = len(chosen) < len(of_item) or of_item.empty
    if single and len(from_named):
        inside = inside[inside["component"].isin(from_named["component"])]
    told = _parts(key, inside)
    for line in told if single else ():
        same = inside[certain(inside["canonical"] == line["canonical"])]
        if same["component"].nunique() < inside["component"].nunique():
            line |= {"sure": None, "missing": WHICH_SOURCE}
    if by and from_named.empty and len(inside):
        # A trader or assembler whom no bill of materials names supplies what it imports.
        sure = True if certain(inside["scope"] == "in_scope").any() else None
        told.append(_line(key, row["item"], None, by, sure, "; ".join(sorted(set(inside["missing"].dropna()))) or None))
    return told


def _parts(key: str, inside: pd.DataFrame) -> list[dict[str, object]]:
    return [
        _line(
            key,
            row["item"],
            row["component"],
            row["canonical"],
            True if row["scope"] == "in_scope" else None,
            row["missing"],
        )
        for row in rows(inside[["item", "component", "canonical", "scope", "missing"]])
    ]


def _line(
    key: str, item: object, component: object, canonical: object, sure: bool | None, missing: object
) -> dict[str, object]:
    return dict(zip(COLUMNS, (key, item, component, canonical, sure, missing), strict=True))


def _canonical(facts: Facts, name: object) -> str | None:
    owners = facts.of(supplier_ownership.named)
    same = owners[certain(owners["named"] == name)]
    return str(same["supplier_name"].fillna(same["named"]).iloc[0]) if len(same) else (str(name) if name else None)


def _any(answers: Iterable[bool | None]) -> bool | None:
    listed = list(answers)
    return True if True in listed else None if None in listed else False
