"""Who stands behind the articles in a transaction: suppliers tied to the PRC or Russia, their articles, the vehicles that
carry these, and authorizations that cover them. Shared by §§791.302, 791.303 and 791.304."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from assessor.procedures import (
    s301_scope,
    s306_general_authorizations,
    s307_specific_authorizations,
    supplier_ownership,
    work_places,
)
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import certain, looked_up, worded
from assessor.procedures.working import Workings, counted, items_ref, plain, rows, split, terms_ref
from assessor.results import Determination, EvidenceRef, Outcome

SPAN = 30
"""How many places of one kind a test or a finding cites; a finding names all its transactions besides."""


@dataclass(frozen=True)
class Supplier:
    """A supplier under its canonical name, with the names written for it and what was determined about it."""

    name: str
    written: tuple[str, ...]
    determination: Determination
    limb: str
    judged: bool
    reason: str
    entity: str | None

    @property
    def tie(self) -> str:
        """The determination in words, for a sentence."""
        limb = f" (limb{'s' if ',' in self.limb else ''} {self.limb} of the definition)" if self.limb else ""
        basis = " This rests on a judgement of the assessor." if self.judged else ""
        return f"a tie to the PRC or Russia is {self.determination}{limb}: {self.reason.rstrip('.')}.{basis}"


def suppliers(facts: Facts) -> dict[str, Supplier]:
    """Every supplier by its canonical name, and whoever works unnamed in the PRC or Russia for one (see `work_places`)."""
    found: dict[str, Supplier] = {}
    for row in rows(facts.of(supplier_ownership.named)):
        name = row["supplier_name"] or row["named"]
        before = found.get(name)
        found[name] = Supplier(
            name,
            (*(before.written if before else ()), row["named"]),
            Determination(row["prc_russia"]),
            row["limb"] or "",
            bool(row["rests_on_judgement"]),
            row["reason"] or "",
            row["entity"],
        )
    for row in rows(facts.of(work_places.makers).drop_duplicates("maker")):
        found[row["maker"]] = Supplier(
            row["maker"],
            found[row["supplier"]].written,
            Determination.ESTABLISHED if row["tied"] else Determination.POSSIBLE,
            "",
            bool(row["tied"]),
            "by the assessor's judgement a person of the PRC or Russia does the work there"
            if row["tied"]
            else f"the evidence states work there ({row['stated']}) and does not say who does it",
            None,
        )
    return dict(sorted(found.items()))


def articles(facts: Facts) -> pd.DataFrame:
    """Components that are in scope or undetermined, one row for each with each supplier and manufacturer behind it.

    Columns: those of `s301_scope.components`, part_number, level, and canonical (supplier's name; NA where nobody is named;
    see `work_places` for makers whom nobody names).
    The rule asks who designed, developed, manufactured or supplied, so that a distributor does not hide a manufacturer.
    """
    c = facts.tables["components"]
    owners = facts.of(supplier_ownership.named)
    canonical = {row["named"]: row["supplier_name"] or row["named"] for row in rows(owners)}
    scope = facts.of(s301_scope.components)
    kept = scope.assign(part_number=c["part_number"], manufacturer=c["manufacturer"])
    kept = kept[~certain(kept["scope"] == "out_of_scope")]
    supplied = kept.assign(canonical=worded(kept["supplier"], canonical))
    made = kept.assign(canonical=worded(kept["manufacturer"], canonical))
    made = made[made["canonical"].notna() & ~certain(made["canonical"] == supplied["canonical"])]
    # An unnamed supplier stays a gap of its own only where no manufacturer stands in for it.
    supplied = supplied[supplied["canonical"].notna() | ~supplied.index.isin(made.index)]
    at_work = facts.of(work_places.makers)["maker"]
    unnamed = kept.loc[at_work.index].assign(canonical=at_work)
    return pd.concat([supplied, made, unnamed]).drop(columns="manufacturer")


def line_items(facts: Facts) -> dict[str, tuple[str, ...] | None]:
    """Vehicle line -> the items built into it; None where the sheet does not say."""
    return {row["line"]: tuple(split(row["items"])) or None for row in rows(facts.tables["vehicles"]) if row["line"]}


def connected(facts: Facts) -> dict[str, bool | None]:
    """Vehicle line -> whether it is a connected vehicle; None where that is open or the sheet names a line twice at odds."""
    return s301_scope.by_line(facts.of(s301_scope.vehicles), "connected")


def moved(facts: Facts) -> pd.Series:
    """For each transaction whether it is an import or a sale of a completed connected vehicle: True, False or NA.

    A sale in the sense of §791.301 is one of a completed vehicle already; an import may be of one that still needs
    manufacturing.
    """
    t, moves = facts.tables["transactions"], facts.of(s301_scope.transactions)
    completed = s301_scope.by_line(facts.of(s301_scope.completed), "completed")
    imported = moves["is_import"] & looked_up(t["line"], completed)
    sold = moves["is_sale"] & looked_up(t["line"], connected(facts))
    vehicles = certain(t["kind"] == "vehicle_import") | certain(t["kind"] == "vehicle_sale")
    return (imported | sold).where(vehicles | t["kind"].isna(), False)


def carried(facts: Facts, lines: pd.Series, inside: Iterable[str], doubtful: Iterable[str]) -> pd.Series:
    """Whether a vehicle of each line carries one of the items `inside`; NA where only a `doubtful` one, or the line is unknown."""
    sure, perhaps = set(inside), set(doubtful)
    answers: dict[str, bool | None] = {}
    for line, items in line_items(facts).items():
        if items is None:
            answers[line] = None
        elif sure & set(items):
            answers[line] = True
        else:
            answers[line] = None if perhaps & set(items) else False
    return looked_up(lines, answers)


def unknown_content(facts: Facts, medium: str) -> pd.Series:
    """For each transaction, in words, why it is not known which articles of a medium its vehicle carries; NA where it is.

    Known it is when the vehicle line is, the sheet states its items, and a bill of materials of each item is in evidence.
    """
    c, t = facts.tables["components"], facts.tables["transactions"]
    other = {str(item["name"]) for item in facts.terms.items if item.get("medium", medium) != medium}
    listed = set(c["item"].dropna()) | other
    why: dict[str, str | None] = {}
    for line, items in line_items(facts).items():
        bare = sorted(set(items or ()) - listed)
        why[line] = "no bill of materials of " + " and ".join(bare) if bare else None
        if items is None:
            why[line] = "the items of its vehicle line are not stated"
    known = t["line"].isin(list(why))
    return worded(t["line"], why).where(known, "its vehicle line is not known")


def authorised(facts: Facts, supplier: Supplier | None) -> pd.Series:
    """For each transaction whether an authorization covers the articles of a supplier: True, False or NA.

    An authorization that names suppliers covers the articles of those alone. A specific one that names none leaves open
    whose articles it covers; a general one covers those of all.
    """
    t = facts.tables["transactions"]
    names = {plain(name) for name in (supplier.name, *supplier.written)} if supplier else set()
    answers: dict[str, bool | None] = {}
    for module in (s306_general_authorizations, s307_specific_authorizations):
        for row in rows(facts.of(module.covered)):
            stated = [plain(name) for name in split(row["suppliers"])]
            if supplier is None or (not stated and module is s307_specific_authorizations):
                holds = None if row["covered"] is not False else False
            elif not stated or names & set(stated):
                holds = row["covered"]
            else:
                holds = False
            before = answers.get(row["transaction"], False)
            answers[row["transaction"]] = (
                True if True in (holds, before) else None if None in (holds, before) else False
            )
    found = looked_up(t["transaction"], answers)
    return found.mask(~t["transaction"].isin(list(answers)), False)


def ownership_evidence(facts: Facts, supplier: Supplier) -> tuple[EvidenceRef, ...]:
    """The places of the chain that ties a supplier, or of its own entry in the ownership evidence."""
    found: list[EvidenceRef] = []
    verdict = facts.of(supplier_ownership.ownership).verdicts.get(supplier.entity) if supplier.entity else None
    for step in verdict.chain if verdict else ():
        found.append(EvidenceRef(str(step.source), "" if pd.isna(step.locator) else str(step.locator)))
    entities = facts.tables["entities"]
    found += evidence(entities[certain(entities["entity"] == supplier.entity)], SPAN) if supplier.entity else ()
    return tuple(dict.fromkeys(found))[:SPAN]


def lacks_role(facts: Facts, noted: Workings, role: str, clause: str, rows_of_role: pd.Series) -> bool:
    """Note, and say, that the client does not have the role that a prohibition binds; open where the ledger shows the act."""
    if role in facts.terms.client.get("roles", []):
        return False
    words = role.replace("_", " ").replace("vcs", "VCS")
    acts = int(certain(rows_of_role).sum())
    outcome = Outcome.INCONCLUSIVE if acts else Outcome.NOT_APPLICABLE
    told = f", yet the ledger holds {counted(acts, 'transaction')} of that kind" if acts else ""
    noted.test(
        clause,
        facts.terms.client_name,
        outcome,
        f"The engagement's terms do not name the client as {words}{told}.",
        (terms_ref("[client] roles"),),
    )
    return not acts


def citizenship(facts: Facts, noted: Workings, clause: str, what: str) -> None:
    """§§791.302(b), 791.303(c): no determination rests on the citizenship of persons whom a supplier engages."""
    places = items_ref(facts.tables["entities"], facts.tables["interests"])
    noted.test(
        clause,
        f"{what}: citizenship of persons engaged by suppliers",
        Outcome.CONFORMS if places else Outcome.NOT_APPLICABLE,
        "Determinations rest on registration, seat, ownership and control; the citizenship of persons whom a supplier employs, "
        "contracts or similarly engages was not used as a basis."
        if places
        else "No ownership evidence was supplied, and no determination was made on citizenship.",
        places,
    )


def total_units(table: pd.DataFrame) -> int:
    """Units in transactions; a transaction that does not say counts none."""
    return int(table["units"].fillna(0).sum()) if len(table) else 0
