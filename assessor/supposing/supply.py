"""Suppositions about who supplies what (§791.301 covered software, VCS hardware; §791.315(d)(1))."""

from __future__ import annotations

import pandas as pd

from assessor.procedures.working import counted
from assessor.supposing.known import Entities, NotKnown, Suppliers, one_of
from assessor.supposing.owners import newcomer
from assessor.supposing.vocabulary import Supposition
from assessor.supposing.world import Told, World, places

_NAMED = ("supplier", "manufacturer", "author")
"""Columns of `components` that name somebody."""


def replaced(world: World, known: Entities, suppliers: Suppliers, s: Supposition) -> None:
    """A supplier is replaced by another, everywhere or in some items or components."""
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
    t = world.tables["transactions"]
    bought = t["supplier"].isin(written)
    if "items" in s.told:
        bought &= t["item"].isin(s.told["items"])
    if "components" in s.told:
        bought &= t["part_number"].isin(c.loc[mine, "part_number"].dropna())
    if world.from_model_year is not None:
        bought &= ~(t["model_year"] < world.from_model_year).fillna(False).astype(bool)
    if not mine.any() and not bought.any():
        raise NotKnown(f"{old} supplies nothing of that; nothing would be replaced.")
    count, evidence = int(mine.sum()), places(c[mine])
    _rename(world, s, mine, written, new, country)
    if bought.any():
        world.change("transactions", bought, {"supplier": new}, s.place)
    imports = f" and in {counted(int(bought.sum()), 'import')}" if bought.any() else ""
    words = f"{new} takes the place of {old} in {counted(count, 'component')}{imports}."
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
