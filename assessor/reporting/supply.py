"""The supply-chain chapters as plain data: suppliers of relevant components, foreign interests, scope, PRC and Russia."""

from __future__ import annotations

from typing import Any

from assessor.reporting.view import Row, View, cited
from assessor.reporting.words import (
    NOT_STATED,
    NOTHING,
    Common,
    count,
    listing,
    missing,
    natural,
    plain,
    refs,
    rows,
    sentence,
)

_UNNAMED = (NOT_STATED, NOTHING)
SHOWN_COMPONENTS = 60
"""Components that the report names for one supplier and item; all of them stand in the annex."""
_TIERS = {NOT_STATED: "tier not stated", "0": "the client itself"}
_DETERMINED = {"established": 0, "possible": 1, "excluded": 2}
_ARTICLE = (
    "supplier",
    "determination",
    "item",
    "components",
    "imports",
    "sales",
    "authorised",
    "exempt",
    "outcome",
    "evidence",
)
_LIMBS = {
    "1": "limb (1): agent, employee, or directed, supervised or financed",
    "2": "limb (2): citizen or resident",
    "3": "limb (3): place of business, headquarters, incorporation or organisation",
    "4": "limb (4): owned or controlled",
}


def suppliers(view: View) -> list[Row]:
    """Suppliers of relevant components with the nature of any foreign interest, established nexus first (§791.315(d)(1))."""
    keys = (
        "supplier",
        "name",
        "country",
        "tier",
        "components",
        "items",
        "foreign_interest",
        "prc_russia",
        "limb",
        "rests_on",
        "evidence",
    )
    listed = [row for row in view.rows_of("suppliers", "s315_suppliers") if plain(row.get("relevant")) != "no"]
    found = [
        row
        | {"supplier": Common("no supplier number") if row["supplier"] in _UNNAMED else row["supplier"]}
        | {"country": "country not stated" if row["country"] in _UNNAMED else row["country"]}
        | {"tier": _TIERS.get(row["tier"], f"tier {row['tier']}")}
        for row in rows(listed, keys)
    ]
    return sorted(found, key=lambda row: (_DETERMINED.get(row["prc_russia"], 3), natural(row["name"])))


def interests(view: View) -> list[Row]:
    """Foreign interests in suppliers of relevant components, one row each."""
    keys = ("supplier", "holder", "holder_country", "nature", "share", "via", "since", "evidence")
    known = {row[key] for row in suppliers(view) for key in ("supplier", "name")}
    listed = [row for row in rows(view.rows_of("interests", "s315_suppliers"), keys) if row["supplier"] in known]
    return sorted(listed, key=lambda row: (natural(row["supplier"]), natural(row["holder"]), row["nature"]))


def components(view: View) -> list[Row]:
    """Relevant components, told by item and supplier: how many, how many of them undetermined, and their names."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in view.rows_of("relevant", "s301_scope"):
        groups.setdefault((plain(row.get("item")), plain(row.get("supplier"))), []).append(row)
    found = []
    for (item, supplier), listed in sorted(
        groups.items(), key=lambda pair: (pair[0][0], pair[0][1] in _UNNAMED, natural(pair[0][1]))
    ):
        names = sorted({_named(row) for row in listed}, key=natural)
        undetermined = sum(str(row.get("scope")) == "undetermined" for row in listed)
        found.append(
            {
                "item": item,
                "supplier": Common("no supplier named") if supplier in _UNNAMED else supplier,
                "count": f"{len(listed):,}",
                "undetermined": f"{undetermined:,}",
                "names": listing(names, SHOWN_COMPONENTS),
                "evidence": refs(
                    "; ".join(plain(row["evidence"]) for row in listed if not missing(row.get("evidence"))), 3
                ),
            }
        )
    return found


def _named(row: Row) -> str:
    version = "" if missing(row.get("version")) else str(row["version"])
    return f"{plain(row.get('name'))} {version}".strip()


def scope_tables(view: View) -> Row:
    """Scope determinations: counts by item, reasons with their clauses, exemptions by vehicle line."""
    return {
        "counts": rows(
            view.rows_of("items", "s301_scope"),
            ("item", "medium", "components", "in_scope", "out_of_scope", "undetermined"),
        ),
        "reasons": [
            {
                **row,
                "reason": sentence(row["reason"]),
                "clause": cited([row["clause"]]) if row["clause"] not in (NOTHING, NOT_STATED) else NOTHING,
            }
            for row in rows(
                view.rows_of("scope_reasons", "s301_scope"), ("item", "scope", "clause", "reason", "components")
            )
        ],
        "exemptions": [
            {
                **row,
                "reason": sentence(row["reason"]),
                "clause": cited([row["clause"]]) if row["clause"] not in (NOTHING, NOT_STATED) else NOTHING,
            }
            for row in rows(
                view.rows_of("exemptions", "s308_exemptions"),
                ("line", "kind", "clause", "transactions", "units", "reason", "evidence"),
            )
        ],
    }


def nexus(view: View) -> Row:
    """What the evidence says of links to the PRC or Russia: outcomes by article, and each supplier's chain in words."""
    listed = [row for row in suppliers(view) if row["prc_russia"] in ("established", "possible")]
    return {
        "software": _articles(view, "software", "s303_software"),
        "hardware": _articles(view, "hardware", "s302_hardware"),
        "sentence": _counted(listed, suppliers(view)),
        "evidence": refs(
            "; ".join(item for r in view.results if r.procedure == "s315_suppliers" for item in r.examined)
        ),
        "suppliers": [_chain(view, row) for row in listed],
        "interests": [
            row
            for row in interests(view)
            if row["supplier"] in {name for s in listed for name in (s["name"], s["supplier"])}
        ],
    }


def _articles(view: View, table: str, procedure: str) -> list[Row]:
    listed = view.rows_of(table, procedure)
    shown = rows(listed, _ARTICLE)
    return [{**row, "evidence": refs(plain(told.get("evidence")), 1)} for row, told in zip(shown, listed, strict=True)]


def _counted(named: list[Row], everyone: list[Row]) -> str:
    established = sum(row["prc_russia"] == "established" for row in named)
    possible = len(named) - established
    return (
        f"Of {count(len(everyone), 'supplier')} of relevant components, a person described in §791.301 of the PRC or Russia is established "
        f"for {established:,} and possible for {possible:,}; for {len(everyone) - len(named):,} the evidence rules it out."
    )


def _chain(view: View, row: Row) -> Row:
    steps = [
        {
            "from": step["from"],
            "to": step["to"],
            "kind": step["kind"],
            "share": step["share"],
            "evidence": refs(step["evidence"]),
        }
        for step in chain(view, row)
    ]
    limbs = [
        piece
        for piece in row["limb"].replace(",", ";").split(";")
        if piece.strip() and piece.strip() not in (NOTHING, NOT_STATED)
    ]
    told = listing(_LIMBS.get(limb.strip(), limb.strip()) for limb in limbs)
    based = "" if row["rests_on"] in (NOTHING, NOT_STATED, "evidence", "no") else f" It rests on: {row['rests_on']}."
    findings = [finding.id or finding.code for finding in view.findings if finding.subject == row["name"]]
    return {
        "name": row["name"],
        "country": row["country"],
        "determination": row["prc_russia"],
        "limb": told or NOT_STATED,
        "sentence": f"{row['name']} ({row['country']}): {row['prc_russia']}"
        + (f" under §791.301, person, {told}." if told else ".")
        + based,
        "findings": f"See {listing(findings)}." if findings else "No finding was made of it.",
        "interest": sentence(row["foreign_interest"]),
        "evidence": row["evidence"],
        "steps": steps,
        "figure": "",
        "caption": "",
    }


def chain(view: View, supplier: Row) -> list[dict[str, Any]]:
    """Steps of the chain that ends in a supplier (a row of `suppliers`), in order, with names and shares as text."""
    told = [
        step
        for step in view.rows_of("chains", "s315_suppliers")
        if plain(step.get("supplier")) in (supplier["name"], supplier["supplier"])
    ]
    ordered = sorted(told, key=lambda step: natural(plain(step.get("step"))))
    return [
        {key: plain(step.get(key)) for key in ("from", "to", "kind")}
        | {"control": str(step.get("control") or "")}
        | {"share": "" if missing(step.get("share")) or not step["share"] else plain(step["share"])}
        | {"evidence": "" if missing(step.get("evidence")) else str(step["evidence"])}
        for step in ordered
    ]
