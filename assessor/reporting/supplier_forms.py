"""What is known of each supplier of a relevant component, and what is open, for an attestation that it is asked to sign.

The form asks a supplier for its own word (§791.315(d)(1), §791.305(a)(1)(v), (2)(iv)). So it is told facts and what is missing,
and never what the assessor makes of them.
"""

from __future__ import annotations

from typing import Any

from assessor.errors import ReportError
from assessor.reporting import asking, supply
from assessor.reporting.view import Row, View, place
from assessor.reporting.words import (
    NOT_STATED,
    NOTHING,
    Common,
    count,
    day,
    either,
    listing,
    missing,
    natural,
    parse_refs,
    plain,
    rows,
    sentence,
)

_KNOWN = {
    "name": "Name",
    "aliases": "Other names in use",
    "supplier": "Number with the client",
    "country": "Country of the address",
    "lei": "Legal entity identifier",
    "registration": "Registration number",
    "products": "What it supplies",
    "role": "Role in the supply",
    "work_places": "Countries in which it develops or makes it",
}
"""Columns of `suppliers` that a supplier is asked to confirm, as the form calls them."""
_NAMING_NOBODY = frozenset({"country", "products", "role", "work_places"})
"""Those of them whose words stand everywhere."""
_SOFTWARE = {"author": "author name", "timestamp": "timestamp", "name": "component name", "supplier": "supplier name"}
"""Columns of `components` for what §791.305(a)(2)(iv) wants identified of every proprietary addition."""
_HARDWARE = {
    "manufacturer": "manufacturer",
    "part_number": "make and model or part number",
    "fcc_id": "FCC ID, if it has one",
    "country": "country of origin",
}
"""Columns of `components` for what identifies a part; the rule names none but the FCC ID (§791.305(a)(1)(ii))."""


def forms(view: View) -> list[Row]:
    """One form a supplier of a relevant component, by name."""
    listed = sorted(supply.suppliers(view), key=lambda row: natural(row["name"]))
    own = _register(view)
    parts = _components(view)
    holders, attested = supply.interests(view), rows_by_name(view, "attestations", "supplier")
    return [_form(view, row, own, parts, holders, attested) for row in listed]


def only(listed: list[Row], wanted: str) -> list[Row]:
    """The form of one supplier, asked for by its number with the client or its name; ReportError naming some when there is none."""
    found = [form for form in listed if wanted.strip().casefold() in (form["id"].casefold(), form["name"].casefold())]
    if found:
        return found[:1]
    named = [form["name"] if form["id"] == NOTHING else f"{form['id']} ({form['name']})" for form in listed]
    choice = f"choose among {listing(named, 8)}" if named else "none has been identified yet"
    raise ReportError(f"No supplier of a relevant component has the number or name `{wanted}`; {choice}.")


def rows_by_name(view: View, table: str, column: str) -> dict[str, list[Row]]:
    """Rows of a table of facts under what stands in a column, whatever its case."""
    found: dict[str, list[Row]] = {}
    for row in view.records(table):
        if not missing(row.get(column)):
            found.setdefault(str(row[column]).casefold(), []).append(row)
    return found


def _register(view: View) -> dict[str, Row]:
    """Rows of the client's supplier register by number and by name; the first row of a number or name stands."""
    found: dict[str, Row] = {}
    for row in view.records("suppliers"):
        for key in ("supplier", "name"):
            if not missing(row.get(key)):
                found.setdefault(str(row[key]).casefold(), row)
    return found


def _components(view: View) -> list[Row]:
    """Relevant components, each with its place and with what its document says of it (None where no row stands at that place)."""
    relevant = [(str(row.get("evidence") or ""), row) for row in view.rows_of("relevant", "s301_scope")]
    table = view.tables.get("components")
    told: dict[str, Row] = {}
    if table is not None and relevant:
        at = table["source"].astype(str) + " " + table["locator"].astype(str)
        meant = at.isin([key for key, _ in relevant])
        for key, row in zip(at[meant], table[meant].to_dict("records"), strict=True):
            told[key] = {str(k): v for k, v in row.items()}
    return [{"place": key, "relevant": row, "fact": told.get(key)} for key, row in relevant]


def _form(
    view: View,
    row: Row,
    register: dict[str, Row],
    parts: list[Row],
    holders: list[Row],
    attested: dict[str, list[Row]],
) -> Row:
    name, number = row["name"], row["supplier"]
    known = register.get(number.casefold()) or register.get(name.casefold())
    names = {name, number, *(str(known["name"]) for _ in [0] if known and not missing(known.get("name")))}
    if known and not missing(known.get("aliases")):
        names |= {alias.strip() for alias in str(known["aliases"]).split(";") if alias.strip()}
    cited = {
        str(ref)
        for told in view.rows_of("suppliers", "s315_suppliers")
        if plain(told.get("name")) == name
        for ref in parse_refs(told.get("evidence"))
    }
    mine = [p for p in parts if plain(p["relevant"].get("supplier")) in names or p["place"] in cited]
    ordered = sorted(mine, key=lambda p: (plain(p["relevant"].get("item")), natural(plain(p["relevant"].get("name")))))
    shown = ordered[: supply.SHOWN_COMPONENTS]
    told = [a for alias in dict.fromkeys(n.casefold() for n in sorted(names)) for a in attested.get(alias, [])]
    return {
        "id": number if known and not missing(known.get("supplier")) else NOTHING,
        "name": name,
        "items": row["items"],
        "known": _known(view, known)
        if known
        else [{"what": Common("Name"), "told": name, "evidence": row["evidence"]}],
        "interests": [i for i in holders if i["supplier"] in (name, number)],
        "components": [_component(p) for p in shown],
        "more": f"{count(len(ordered) - len(shown), 'further component')} of the supplier stand in the annex sheet “Relevant components”."
        if len(ordered) > len(shown)
        else "",
        "attested": [_attested(a) for a in told],
        "open": _open(view, name, number),
        "evidence": row["evidence"],
    }


def _known(view: View, row: Row) -> list[Row]:
    """The register's row, point by point; countries by their names."""
    told = {column: plain(row.get(column)) for column in _KNOWN}
    for column in ("country", "work_places"):
        if not missing(row.get(column)):
            told[column] = "; ".join(view.rule.country_name(code.strip()) for code in str(row[column]).split(";"))
    return [
        {
            "what": Common(words),
            "told": Common(told[column]) if column in _NAMING_NOBODY else told[column],
            "evidence": place(row),
        }
        for column, words in _KNOWN.items()
    ]


def _component(part: Row) -> Row:
    """A component as its document tells it, and what the supplier is asked to add."""
    relevant, fact = part["relevant"], part["fact"] or {}
    wanted = _SOFTWARE if fact.get("medium") == "software" else _HARDWARE if fact.get("medium") == "hardware" else {}
    told = {
        words: fact[column] for column, words in wanted.items() if not missing(fact.get(column)) and column != "name"
    }
    lacking = [words for column, words in wanted.items() if missing(fact.get(column))]
    found = rows([relevant], ("name", "item", "evidence"))[0]
    version = "" if missing(relevant.get("version")) else plain(relevant["version"])
    return {
        **found,
        "version": version,
        "medium": plain(fact.get("medium")),
        "told": "; ".join(f"{words}: {plain(value)}" for words, value in told.items()) or NOT_STATED,
        "lacking": Common(listing(lacking)) if lacking else NOTHING,
    }


def _attested(row: Row) -> Row:
    """An earlier attestation in its own words."""
    said = either(
        row.get("denies_nexus"),
        "It denies ties to the PRC or Russia.",
        "It does not deny ties to the PRC or Russia.",
        "It does not speak of ties to the PRC or Russia.",
    )
    papers = either(
        row.get("will_furnish"),
        "It undertakes to furnish documents.",
        "It does not undertake to furnish documents.",
        "It does not speak of furnishing documents.",
    )
    interests = (
        "It says nothing of foreign interests."
        if missing(row.get("foreign_interests"))
        else f"Of foreign interests it says: {sentence(row['foreign_interests'])}"
    )
    return {
        "signer": plain(row.get("signer")),
        "signed": day(row.get("signed")),
        "until": day(row.get("valid_until")),
        "said": f"{said} {papers} {interests}",
        "evidence": place(row),
    }


def _open(view: View, name: str, number: str) -> list[Row]:
    """What is asked of this supplier in particular: requests about it, and material for what its owners leave open."""
    asked = [
        {
            "id": r["id"],
            "what": r["what"],
            "document": Common("any that shows it"),
            "clause": r["clause"],
            "settles": r["settles"],
        }
        for r in asking.requests(view)
        if {name, number} & set(r["all_subjects"])
    ]
    unsettled: list[dict[str, Any]] = [
        row
        for row in view.rows_of("unsettled", "s315_suppliers")
        if row.get("question") and plain(row.get("supplier")) in (name, number)
    ]
    return asked + [
        {
            "id": NOTHING,
            "what": f"Material for {sentence(row.get('fact'))}",
            "document": Common(plain(row.get("document"))),
            "clause": f"§{row.get('clause')}",
            "settles": Common("the nature of an interest in the supplier."),
        }
        for row in unsettled
    ]
