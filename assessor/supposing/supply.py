"""Suppositions about who supplies what (§791.301 covered software, VCS hardware; §791.315(d)(1))."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from assessor.procedures.working import counted, split
from assessor.supposing.known import Entities, NotKnown, Suppliers, one_of
from assessor.supposing.owners import newcomer
from assessor.supposing.vocabulary import Supposition
from assessor.supposing.world import Told, World, marked, places

_NAMED = ("supplier", "manufacturer", "author")
"""Columns of `components` that name somebody."""


def replaced(world: World, known: Entities, suppliers: Suppliers, s: Supposition) -> None:
    """A supplier is replaced by another, everywhere, in some items or components, or from a model year on."""
    old = suppliers.find(s.told["replace"])
    new, country = _by(world, known, suppliers, s)
    if new == old:
        raise NotKnown(f"{old} cannot be replaced by itself.")
    written = sorted(suppliers.written[old])
    c = world.tables["components"]
    mine = pd.Series(False, index=c.index)
    for column in _NAMED:
        mine |= c[column].isin(written)
    for key, column in (("items", "item"), ("components", "name")):
        if key in s.told:
            there = c.loc[mine, column].dropna()
            for name in s.told[key]:
                one_of(name, there, f"{key.removesuffix('s')} of {old} named")
            mine &= c[column].isin(s.told[key])
    year = s.told.get("from_model_year")
    t = world.tables["transactions"]
    bought = t["supplier"].isin(written)
    if "items" in s.told:
        bought &= t["item"].isin(s.told["items"])
    if "components" in s.told:
        bought &= t["part_number"].isin(c.loc[mine, "part_number"].dropna())
    if year is not None:
        bought &= (t["model_year"] >= year).fillna(False).astype(bool)
    if not mine.any() and not bought.any():
        raise NotKnown(f"{old} supplies nothing of that; nothing would be replaced.")
    count, evidence = int(mine.sum()), places(c[mine])
    if year is not None:
        mine = _later(world, s, c[mine], year)
    _rename(world, s, mine, written, new, country)
    if bought.any():
        world.change("transactions", bought, {"supplier": new}, s.place)
    since = f" from model year {year} on" if year is not None else ""
    imports = f" and in {counted(int(bought.sum()), 'import')}" if bought.any() else ""
    words = f"{new} takes the place of {old} in {counted(count, 'component')}{imports}{since}."
    world.told.append(Told(s.place, words, evidence))


def _by(world: World, known: Entities, suppliers: Suppliers, s: Supposition) -> tuple[str, str | None]:
    """Name and country of the one that takes a supplier's place."""
    name, country = s.told["by"], s.told.get("country")
    try:
        found = suppliers.find(name)
    except NotKnown as error:
        if not known.known(name):
            if not country:
                raise NotKnown(f"{str(error).rstrip('.')}; for somebody new write `country` too.") from None
            newcomer(world, known, name, country, "organisation", s.place)
        elif not country:
            key = known.find(name)
            own = world.tables["entities"]
            stated = own.loc[own["entity"].map(known.alias).eq(key).fillna(False), "incorporated"].dropna()
            country = str(stated.iloc[0]) if len(stated) else None
            name = known.name(key)
        world.add("suppliers", [{"supplier": s.place, "name": name, "country": country}], s.place)
        suppliers.written[name] = {name}
        return name, country
    if country:
        raise NotKnown(f"{found} is a supplier already, so that `country` is left out.")
    listed = world.tables["suppliers"]
    stated = listed.loc[listed["name"].eq(found).fillna(False), "country"].dropna()
    return found, str(stated.iloc[0]) if len(stated) else None


def _rename(world: World, s: Supposition, mine: pd.Series, written: list[str], new: str, country: str | None) -> None:
    """Name the new supplier where the old one stood, and let go what was said of the old one's work."""
    if not mine.any():
        return
    c = world.tables["components"]
    for column in _NAMED:
        world.change("components", mine & c[column].isin(written), {column: new}, s.place)
        c = world.tables["components"]
    for column in ("country", "address_country"):
        world.change("components", mine & c[column].notna(), {column: country}, s.place)
    history = world.tables["software_history"]
    concerned = set(zip(c.loc[mine, "item"], c.loc[mine, "name"], strict=True))
    gone = pd.Series(
        [pair in concerned for pair in zip(history["item"], history["name"], strict=True)],
        index=history.index,
        dtype=bool,
    )
    if gone.any():
        world.drop("software_history", gone)
        world.notes.append(
            f"{s.place}: {counted(int(gone.sum()), 'entry', 'entries')} in the register of earlier software ({'; '.join(places(history[gone]))}) "
            "told when the replaced components were made and maintained, and tells nothing of the new ones."
        )


def _later(world: World, s: Supposition, parts: pd.DataFrame, year: int) -> pd.Series:
    """Give vehicles and imports from a model year on items of their own, which differ in the supplier alone; the components of these
    that are concerned."""
    v, t = world.tables["vehicles"], world.tables["transactions"]
    lines, trades = _from(v["model_year"], year), _from(t["model_year"], year)
    renamed = {item: f"{item} (supposed, from model year {year})" for item in sorted(set(parts["item"].dropna()))}
    built = (
        v["items"].map(lambda text: any(item in renamed for item in split(text)), na_action=None).astype(bool) & lines
    )
    traded = t["item"].isin(list(renamed)) & trades
    if not built.any() and not traded.any():
        world.notes.append(
            f"{s.place}: neither a vehicle line with these items nor an import of them is of model year {year} or later, so that nothing "
            "follows yet; suppose one ([[fact]] add)."
        )
    chosen = world.tables["components"]
    copies = chosen[chosen["item"].isin(list(renamed))].copy()
    mark = f" (supposed, {s.place})"
    for column in ("component", "parent", "alternate_of"):
        copies[column] = copies[column] + mark
    copies["locator"] = marked(copies["locator"], s.place)
    concerned = set(parts["component"] + mark)
    copies["item"] = copies["item"].map(renamed).astype(chosen["item"].dtype)
    world.put("components", copies)
    history = world.tables["software_history"]
    also = history[history["item"].isin(list(renamed))].copy()
    also["item"] = also["item"].map(renamed).astype(history["item"].dtype)
    world.put("software_history", also)
    _items(world, "vehicles", built, renamed, s.place)
    world.tables["transactions"] = _mapped(t, traded, renamed, s.place)
    d = world.tables["declarations"]
    declared = d["items"].map(lambda text: any(i in renamed for i in split(text)), na_action=None).astype(bool)
    earlier = (d["model_year"] < year).fillna(False).astype(bool)
    _items(world, "declarations", declared & ~earlier, renamed, s.place, add=True)
    world.terms = dataclasses.replace(
        world.terms,
        items=[
            *world.terms.items,
            *({**i, "name": renamed[i["name"]]} for i in world.terms.items if i["name"] in renamed),
        ],
    )
    return world.tables["components"]["component"].isin(concerned)


def _from(years: pd.Series, year: int) -> pd.Series:
    return (years >= year).fillna(False).astype(bool)


def _items(
    world: World, table: str, chosen: pd.Series, renamed: dict[str, str], place: str, *, add: bool = False
) -> None:
    """Write other items into the lists of items of chosen rows, in the place of those renamed or beside them."""
    if not chosen.any():
        return

    def listed(text: Any) -> str:
        names: Iterable[str] = split(text)
        change: Callable[[str], list[str]] = (
            (lambda n: [n, renamed[n]] if n in renamed else [n]) if add else (lambda n: [renamed.get(n, n)])
        )
        return "; ".join(name for each in names for name in change(each))

    found = world.tables[table].copy()
    found.loc[chosen, "items"] = [listed(text) for text in found.loc[chosen, "items"]]
    found.loc[chosen, "locator"] = marked(found.loc[chosen, "locator"], place)
    world.tables[table] = found


def _mapped(t: pd.DataFrame, chosen: pd.Series, renamed: dict[str, str], place: str) -> pd.DataFrame:
    if not chosen.any():
        return t
    found = t.copy()
    found.loc[chosen, "item"] = [renamed[item] for item in found.loc[chosen, "item"]]
    found.loc[chosen, "locator"] = marked(found.loc[chosen, "locator"], place)
    return found
