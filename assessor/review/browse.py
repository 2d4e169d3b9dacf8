"""Browsing what the evidence says: components with filters, suppliers with who stands behind them, evidence with its places.

The filters are plain functions over tables (`components`, `suppliers`), so that the same can be had without a form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assessor.assessment import Assessment
from assessor.evidence import places
from assessor.ownership.figure.lettering import shown
from assessor.procedures import s301_scope, supplier_ownership
from assessor.review.parts import PAGE, Pages, Shown, pairs
from assessor.workpapers import evidence_links, ownership, rows
from assessor.workpapers.display import LEFT, Html

ANY = "any"
COLUMNS = ("name", "version", "supplier", "item", "scope", "license_class", "country", "source", "locator")
_SEARCHED = ("name", "supplier", "manufacturer", "version")
_LISTED = 300
"""Entries of a list that a person picks from; the search narrows it."""


def components(assessment: Assessment) -> pa.Table:
    """The components with their scope as it follows from the facts now, as an Arrow table with a column of what is searched."""
    table = assessment.facts.tables["components"]
    scope = assessment.facts.of(s301_scope.components)
    made = pa.table(
        {name: pa.array(table[name], pa.string()) for name in (*COLUMNS, "manufacturer") if name != "scope"}
    )
    made = made.append_column("scope", pa.array(scope["scope"], pa.string()))
    texts = [pc.utf8_lower(pc.fill_null(made[name], "")) for name in _SEARCHED]
    return made.append_column("searched", pc.binary_join_element_wise(*texts, "\n"))


def matching(table: pa.Table, words: str = "", **wanted: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The places of the rows in which all words stand (whatever their case) and whose columns are as wanted ("any": all)."""
    mask = np.ones(len(table), np.bool_)
    for word in words.casefold().split():
        mask &= pc.match_substring(table["searched"], word).to_numpy(zero_copy_only=False)
    for name, value in wanted.items():
        if value != ANY:
            equal = (
                pc.is_null(table[name]) if value == "not stated" else pc.fill_null(pc.equal(table[name], value), False)
            )
            mask &= equal.to_numpy(zero_copy_only=False)
    return np.flatnonzero(mask)


def found_components(
    assessment: Assessment, words: str = "", limit: int = PAGE, **wanted: str
) -> tuple[int, list[dict[str, Any]]]:
    """How many components match (see `matching`), and the first of them."""
    table = components(assessment)
    found = matching(table, words, **wanted)
    return len(found), table.select(list(COLUMNS)).take(pa.array(found[:limit])).to_pylist()


def browse_components(assessment: Assessment) -> Shown:
    """The components with a search and filters by item, scope, licence and country."""
    import ipywidgets

    table = components(assessment)
    shown_columns = list(COLUMNS)

    def page(found: Sequence[int]) -> str:
        taken = table.select(shown_columns).take(pa.array(found, pa.int64())).to_pylist()
        return rows(
            [{k: "" if v is None else v for k, v in row.items()} for row in taken], "Components", PAGE
        )._repr_html_()

    pages = Pages("Components", page)
    search = ipywidgets.Text(description="Search", placeholder="name, supplier, version", continuous_update=True)
    filters = {
        name: ipywidgets.Dropdown(description=words, options=[ANY, *_values(table[name])], value=ANY)
        for name, words in (("item", "Item"), ("scope", "Scope"), ("license_class", "Licence"), ("country", "Country"))
    }

    def fill(_: Any = None) -> None:
        pages.fill(matching(table, search.value, **{name: each.value for name, each in filters.items()}).tolist())

    for control in (search, *filters.values()):
        control.observe(fill, "value")
    fill()
    static = page(range(min(PAGE, len(table))))
    widget = ipywidgets.VBox([search, ipywidgets.HBox(list(filters.values())), pages.widget])
    return Shown(widget, static, f"{len(table):,} components.")


def _values(column: pa.ChunkedArray) -> list[str]:
    found = column.unique().to_pylist()
    return [*sorted(value for value in found if value), *(["not stated"] if None in found else [])]


def suppliers(assessment: Assessment, words: str = "") -> list[dict[str, Any]]:
    """The suppliers of the results in whose name, number or country all words stand; those with a tie first."""
    order = {"established": 0, "possible": 1}
    listed = [
        row
        for result in assessment.results()
        if result.procedure == "s315_suppliers"
        for row in result.tables["suppliers"]
    ]
    found = [row for row in listed if _holds(row, words)]
    return sorted(found, key=lambda row: (order.get(row["prc_russia"], 2), row["name"]))


def _holds(supplier: Mapping[str, Any], words: str) -> bool:
    """Whether all words stand in name, number or country of a supplier."""
    own = f"{supplier['name']} {supplier['supplier']} {supplier['country']}".casefold()
    return all(word in own for word in words.casefold().split())


def _supplier(row: Mapping[str, Any]) -> str:
    """A supplier as a line of the list."""
    return shown(f"{row['name']} ({', '.join(filter(None, (str(row['supplier'] or ''), row['prc_russia'])))})")


def _of(count: int, what: str) -> str:
    """How many there are, and that not all of them are listed, where it is so."""
    rest = f"; the first {_LISTED:,} are listed, so search for others" if count > _LISTED else ""
    return f"<span role='status'>{count:,} {what}{rest}</span>"


def chain(assessment: Assessment, name: str) -> Html:
    """Who stands behind a supplier: its figure, its steps with their evidence, and the view that shows more when asked."""
    facts = assessment.facts
    resolved = next((r for r in facts.of(supplier_ownership.resolutions).values() if r.name == name and r.entity), None)
    if resolved is None:
        return Html("<p>No ownership evidence was found for it.</p>", f"{name}: no ownership evidence.")
    whole = facts.of(supplier_ownership.ownership)
    return ownership(whole.verdict(str(resolved.entity)), whole, facts.rule.country_name, evidence_links(assessment))


def browse_suppliers(assessment: Assessment) -> Shown:
    """The suppliers with a search; beside the chosen one its row and who stands behind it."""
    import ipywidgets
    from IPython.display import display as place_output

    columns = ("name", "country", "tier", "components", "prc_russia", "limb", "foreign_interest")
    everyone = suppliers(assessment)
    static = rows([{name: row.get(name, "") for name in columns} for row in everyone], "Suppliers", 200)._repr_html_()
    search = ipywidgets.Text(description="Search", placeholder="name, number, country")
    listed = ipywidgets.Select(description="Supplier", rows=10, layout=ipywidgets.Layout(width="97%"))
    count, told, view = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.Output()
    by_number: dict[int, dict[str, Any]] = dict(enumerate(everyone))  # two of one name are two

    def show(_: Any = None) -> None:
        row = by_number.get(listed.value)
        if row is None:
            told.value = ""
            view.clear_output()
            return
        told.value = f"<h4>{escape(row['name'])}</h4>" + pairs({k: v for k, v in row.items() if k != "name"})
        view.clear_output(wait=True)
        with view:
            place_output(chain(assessment, row["name"]))

    def fill(_: Any = None) -> None:
        found = [number for number, row in by_number.items() if _holds(row, search.value)]
        listed.options = [(_supplier(by_number[number]), number) for number in found[:_LISTED]]
        listed.value = found[0] if found else None
        count.value = _of(len(found), "suppliers")

    search.observe(fill, "value")
    listed.observe(show, "value")
    fill()
    show()
    side = ipywidgets.Layout(width="35%")
    widget = ipywidgets.HBox(
        [
            ipywidgets.VBox([search, listed, count, told], layout=side),
            ipywidgets.VBox([view], layout=ipywidgets.Layout(width="65%")),
        ]
    )
    return Shown(widget, static, f"{len(everyone):,} suppliers.")


def browse_evidence(assessment: Assessment) -> Shown:
    """The items of evidence; of the chosen one its row, and the page, cell or element that a fact came from."""
    import ipywidgets

    register = assessment.facts.register
    records = {str(row["id"]): row for row in register.to_dict("records")}
    columns = ("id", "path", "kind", "status", "reason")
    static = rows(register[list(columns)], "Evidence", 200)._repr_html_()
    search = ipywidgets.Text(description="Search", placeholder="id, file, kind")
    listed = ipywidgets.Select(description="Item", rows=10, layout=ipywidgets.Layout(width="97%"))
    place = ipywidgets.Combobox(
        description="Place", placeholder="row 12, page 3, /components/4", continuous_update=False
    )
    count, told, excerpt = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()

    def open_place(_: Any = None) -> None:
        excerpt.value = show_place(assessment, str(listed.value), place.value)._repr_html_() if listed.value else ""

    def show(_: Any = None) -> None:
        row = records.get(str(listed.value))
        if row is None:
            told.value, excerpt.value, place.options = "", "", ()
            return
        told.value = pairs(
            {str(name): value for name, value in row.items() if not pd.isna(value)}
            | {"not read": [": ".join(filter(None, each)) for each in unread_of(assessment, str(listed.value))]}
        )
        place.options = facts_of(assessment, str(listed.value))
        place.value = ""
        open_place()

    def fill(_: Any = None) -> None:
        wanted = search.value.casefold().split()
        found = [
            (shown(f"{id} {row['path']}"), id)
            for id, row in records.items()
            if all(word in f"{id} {row['path']} {row['kind']}".casefold() for word in wanted)
        ]
        listed.options = found[:_LISTED]
        listed.value = found[0][1] if found else None
        count.value = _of(len(found), "items")

    search.observe(fill, "value")
    listed.observe(show, "value")
    place.observe(open_place, "value")
    fill()
    show()
    left = ipywidgets.VBox([search, listed, count, place, told], layout=ipywidgets.Layout(width="40%"))
    right = ipywidgets.VBox([excerpt], layout=ipywidgets.Layout(width="60%"))
    return Shown(ipywidgets.HBox([left, right]), static, f"{len(records):,} items of evidence.")


def facts_of(assessment: Assessment, item: str, limit: int = 500) -> list[str]:
    """The places of an item from which facts were read, in the order of the tables; at most `limit`."""
    found = places.item_places(assessment.engagement.tables, item)
    return [locator for locator in found if locator][:limit]


def unread_of(assessment: Assessment, item: str, limit: int = 20) -> list[tuple[str, str]]:
    """What could not be read of an item, by place and message; at most `limit`."""
    return places.item_problems(assessment.engagement.tables, item)[:limit]


def show_place(assessment: Assessment, item: str, locator: str) -> Html:
    """The page, cell, line or element that a place names, with what stands around it."""
    return excerpt_of(places.show(assessment.engagement.root, assessment.facts.register, item, locator))


def excerpt_of(found: places.Excerpt) -> Html:
    """An excerpt as a table, the place itself marked."""
    parts = [f"<h4>{escape(found.item)}: {escape(found.heading)}</h4>"]
    if found.note:
        parts.append(f"<p>{escape(found.note)}</p>")
    marked = " style='background: #fff3c4'"
    body = "".join(
        f"<tr{marked if row.is_place else ''}><th scope='row' {LEFT}>{'▶ ' if row.is_place else ''}{escape(row.label)}</th>"
        f"<td {LEFT}>{escape(row.text)}</td></tr>"
        for row in found.rows
    )
    parts.append(f"<table><tbody>{body}</tbody></table>" if body else "")
    return Html("".join(parts), f"{found.item} {found.locator}: {found.heading}")
