"""Articles that are made or developed in the PRC or Russia although nobody tied to them is named (§§791.301, 791.302(b), 791.303(c)).

A plant or a team abroad belongs to some legal person, and a supplier's own ownership does not say to whom. Where a bill of
materials states such a country of origin or such an address of the maker, or the supplier list such a place of work, and every
supplier and manufacturer that is named is found without a tie, somebody unnamed there designs, develops or manufactures. Who that is, is asked: an
organisation of that country is caught by limb (3) and a resident by limb (2) of the definition of a person, while the
citizenship of those whom a supplier engages is no basis by itself.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures import s301_scope, supplier_ownership
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import cited, rows, said, split
from assessor.results import Determination, Question

SHOWN = 20
"""How many parts a question shows."""
ORIGIN, PLACE = "country of origin in a bill of materials", "place of work in the supplier list"
ADDRESS = "address of the maker or supplier in a bill of materials"


def places(facts: Facts) -> pd.DataFrame:
    """The articles that are, or may be, in scope with work in such a country by nobody who is named as tied.

    n rows indexed as `components`: supplier (canonical name of the one that stands for it), country (alpha-2), stated
    (the words for where the country stands).
    """
    c, scope = facts.tables["components"], facts.of(s301_scope.components)
    parts = scope.assign(manufacturer=c["manufacturer"], country=c["country"], address=c["address_country"])
    named = facts.of(supplier_ownership.named)
    free = named[certain(named["prc_russia"] == str(Determination.EXCLUDED))]
    names = dict(zip(named["named"], named["supplier_name"].fillna(named["named"]), strict=True))
    countries = facts.rule.countries("prc_russia", facts.terms.period_to)
    at_work = _listed(facts, countries)
    there = certain(parts["country"].isin(sorted(countries)))
    there |= certain(parts["address"].isin(sorted(countries)))
    for column in ("supplier", "manufacturer"):
        there |= parts["country"].isna() & parts[column].isin([name for name in names if names[name] in at_work])
    kept = parts[there & ~certain(parts["scope"] == "out_of_scope")]
    untied = set(free["named"])
    found: dict[object, dict[str, str]] = {}
    for index, row in zip(kept.index, rows(kept[["supplier", "manufacturer", "country", "address"]]), strict=True):
        behind = [name for name in (row["manufacturer"], row["supplier"]) if name]
        if not behind or not untied.issuperset(behind):
            continue  # a gap, or a tie, of its own
        for name in behind:
            supplier = str(names[name])
            stated = ((row["country"], ORIGIN), (row["address"], ADDRESS), (at_work.get(supplier), PLACE))
            where = next(((place, told) for place, told in stated if place and place in countries), None)
            if where:
                found[index] = {"supplier": supplier, "country": where[0], "stated": where[1]}
                break
    columns = ["supplier", "country", "stated"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).astype("string[pyarrow]")


def questions(facts: Facts) -> dict[tuple[str, str], Question]:
    """For each supplier and country: who does the work there, asked with the parts and what was said of the supplier."""
    found, scope = facts.of(places), facts.of(s301_scope.components)
    asked = {}
    for (supplier, country), own in found.groupby(["supplier", "country"], sort=True):
        parts = scope.loc[own.index]
        where = facts.rule.country_name(str(country))
        asked[str(supplier), str(country)] = facts.ask(
            "work_in_country",
            maker(facts, str(supplier), str(country)),
            {
                "supplier": supplier,
                "country": where,
                "stated as": sorted(set(own["stated"])),
                "articles": len(own),
                "names": sorted(set(parts["name"].dropna()))[:SHOWN],
                "items": sorted(set(parts["item"].dropna())),
                "interviews": said(facts, str(supplier)),
                "places": cited(evidence(parts, SHOWN)),
            },
        )
    return asked


def makers(facts: Facts) -> pd.DataFrame:
    """`places` with `maker`, the words for whoever works there, and `tied`: True by the assessor's answer, NA while it is
    open; without the articles for which it is answered that no such person does the work."""
    found = facts.of(places)
    held = {key: answered(question, "yes") for key, question in facts.of(questions).items()}
    keys = list(zip(found["supplier"], found["country"], strict=True))
    told = found.assign(
        maker=pd.array([maker(facts, *key) for key in keys], dtype="string[pyarrow]"),
        tied=pd.array([held[key] for key in keys], dtype="bool[pyarrow]"),
    )
    return told[~certain(~told["tied"])]


def maker(facts: Facts, supplier: str, country: str) -> str:
    """The words for the unnamed person at work."""
    return f"unnamed maker in {facts.rule.country_name(country)} for {supplier}"


def _listed(facts: Facts, countries: frozenset[str]) -> dict[str, str]:
    """Supplier -> the first country of the set among its places of work in the supplier list."""
    found: dict[str, str] = {}
    for row in rows(facts.tables["suppliers"]):
        here = sorted(countries & set(split(row["work_places"])))
        if row["name"] and here:
            found.setdefault(row["name"], here[0])
    return found
