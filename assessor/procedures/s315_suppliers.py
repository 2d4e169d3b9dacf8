"""§791.315(d)(1): who are the suppliers of each relevant component, and what is the nature of any foreign interest?

Relevant are the components that are in scope or not yet determined (§791.301). A foreign interest is any interest of any
kind, direct or indirect, by any non-U.S. person; there is no threshold. Beside it stands whether the supplier is owned by,
controlled by, or subject to the jurisdiction or direction of the PRC or Russia, with the limb and the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assessor.ownership import Verdict
from assessor.ownership.names import BASES
from assessor.ownership.persons import UNITED_STATES
from assessor.procedures import (
    s301_scope,
    supplier_attestations,
    supplier_ownership,
    supplier_samples,
    supplier_tiers,
    supplier_words,
    work_places,
)
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.limbs import certain
from assessor.procedures.supplier_ownership import Resolved, named, ownership
from assessor.procedures.supplier_words import sentence
from assessor.procedures.working import Workings, cited, counted, finish, ref, rows, split
from assessor.procedures.working import named as listing
from assessor.results import Determination, EvidenceRef, Outcome, ProcedureResult, Question, Scope

__all__ = ["CLAUSE", "TITLE", "named", "ownership", "run"]

CLAUSE = "791.315(d)(1)"
TITLE = "Suppliers of relevant components and foreign interests"
READ = (
    *("components", "suppliers", "entities", "interests", "attestations", "software_history", "transactions"),
    "item_inspections",
)
_PLACES = 3  # components cited for one supplier; all of them stand in the schedule of components


@dataclass
class _Supplier:
    """A supplier under its canonical name, and everything of the client's that bears its name."""

    name: str
    resolved: list[Resolved] = field(default_factory=list)
    components: list[Mapping[str, Any]] = field(default_factory=list)
    relevant: list[Mapping[str, Any]] = field(default_factory=list)
    imported: bool = False  # named in the ledger of hardware imports

    @property
    def first(self) -> Resolved:
        """The resolution that carries most: with ownership evidence before without, by the surest basis."""
        return min(self.resolved, key=lambda r: (r.entity is None, BASES.index(r.basis), r.named))

    @property
    def matters(self) -> bool:
        """It supplies a relevant component, or hardware that no bill of materials lists."""
        return bool(self.relevant) or (self.imported and not self.components)


def run(facts: Facts) -> ProcedureResult:
    """Identify the suppliers of relevant components, describe foreign interests, and test what is known of each."""
    w = Workings()
    suppliers, unnamed = _suppliers(facts)
    relevant = [supplier for supplier in suppliers if supplier.matters]
    table: list[dict[str, Any]] = []
    interests: list[dict[str, Any]] = []
    chains: list[dict[str, Any]] = []
    unsettled: list[dict[str, Any]] = []
    for supplier in suppliers:
        verdict = supplier_ownership.verdict(facts, supplier.first)
        table.append(_row(facts, supplier, verdict))
        if verdict is not None and supplier.matters:
            place = cited(_places(facts, supplier, verdict)[:1])
            interests += supplier_words.interest_rows(
                facts, supplier.name, verdict, _foreign_homes(facts, supplier), place
            )
            chains += supplier_words.chain_rows(facts, supplier.name, verdict.chain)
            unsettled += supplier_words.settling_rows(supplier.name, verdict)
        if supplier.matters:
            _test(facts, w, supplier, verdict)
    table += _makers(facts, w)
    _completeness(w, suppliers, unnamed)
    items = {s.name: sorted({str(row["item"]) for row in s.relevant if row["item"]}) for s in suppliers}
    supplier_attestations.compare(facts, w, items)
    of_attestations = supplier_samples.compared(facts, w, len(relevant))
    verified, drawn, drawn_items = supplier_samples.verified(facts, len(relevant))
    w.add(verified)
    _questions(facts, w, relevant)
    verdicts = [v for s in relevant if (v := supplier_ownership.verdict(facts, s.first)) is not None]
    return finish(
        w,
        "s315_suppliers",
        CLAUSE,
        TITLE,
        population=f"{counted(len(suppliers), 'supplier')} named in bills of materials and the ledger, {len(relevant):,} of them of relevant components; "
        f"{counted(len(facts.tables['suppliers']), 'entry', 'entries')} of the supplier list; "
        f"{counted(len(facts.tables['entities']), 'entity', 'entities')} and {counted(len(facts.tables['interests']), 'interest')} in the ownership evidence",
        work_done=(
            "Took every supplier and manufacturer name, as written, to the supplier list and the ownership evidence by identifier, exact name or listed "
            "alias; similar names were put to the assessor and never merged.",
            f"Built the graph of direct interests as of {facts.terms.period_to} and traced every interest of a person outside the United States, without threshold.",
            "Determined for each supplier the limbs of the person definition (§791.301) by lower bounds of votes for what is established and by undisclosed "
            "remainders for what is possible; other powers were put to the assessor.",
            "Compared the suppliers' attestations with what was determined.",
            *(
                f"Drew {row['size']:,} of {row['items']:,} {row['sample']} and read what their examination outside of the client's papers showed."
                for row in drawn
            ),
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(*supplier_words.limits(verdicts), *_problems(facts)),
        tables={
            **{"suppliers": table, "interests": interests, "chains": chains, "unsettled": unsettled},
            "samples": [*of_attestations, *drawn],
            "sample_items": drawn_items,
        },
    )


def _suppliers(facts: Facts) -> tuple[list[_Supplier], list[Mapping[str, Any]]]:
    """The suppliers by canonical name, and the relevant components for which nobody is named.

    Supplier and manufacturer both count: the rule asks who designed, developed, manufactured or supplied.
    """
    resolutions = facts.of(supplier_ownership.resolutions)
    found: dict[str, _Supplier] = {}
    for resolved in resolutions.values():
        found.setdefault(resolved.name, _Supplier(resolved.name)).resolved.append(resolved)
    unnamed: list[Mapping[str, Any]] = []
    scope = rows(facts.of(s301_scope.components)[["component", "item", "name", "scope", "source", "locator"]])
    written = rows(facts.tables["components"][["supplier", "manufacturer"]])
    for row, names in zip(scope, written, strict=True):
        behind = {resolutions[name].name for name in names.values() if name and name in resolutions}
        inside = row["scope"] in (str(Scope.IN), str(Scope.UNDETERMINED))
        for name in behind:
            found[name].components.append(row)
            if inside:
                found[name].relevant.append(row)
        if inside and not behind:
            unnamed.append(row)
    t = facts.tables["transactions"]
    for name in t.loc[certain(t["kind"] == "hardware_import"), "supplier"].dropna().unique():
        found[resolutions[name].name].imported = True
    return sorted(found.values(), key=lambda s: s.name), unnamed


def _row(facts: Facts, supplier: _Supplier, verdict: Verdict | None) -> dict[str, Any]:
    listed = supplier.first.listed
    country = listed["country"] if listed and listed["country"] else _country(facts, supplier)
    told = supplier.relevant or supplier.components
    return {
        "supplier": (listed or {}).get("supplier") or "",
        "name": supplier.name,
        "country": facts.rule.country_name(country) if country else "not stated",
        "tier": facts.of(supplier_tiers.tiers).get(supplier.name),
        "components": len(supplier.relevant),
        "items": "; ".join(sorted({row["item"] for row in told if row["item"]})),
        "relevant": "yes" if supplier.matters else "no",
        "foreign_interest": supplier_words.foreign(facts, verdict, supplier.first.how, _foreign_homes(facts, supplier)),
        "prc_russia": str(verdict.prc_russia if verdict else Determination.POSSIBLE),
        "limb": supplier_ownership.decided_by(verdict) if verdict else "",
        "rests_on": supplier_words.rests_on(verdict),
        "readings": supplier_words.readings(verdict) if verdict else "",
        "evidence": cited(_places(facts, supplier, verdict)),
    }


def _test(facts: Facts, w: Workings, supplier: _Supplier, verdict: Verdict | None) -> None:
    """Is the supplier identified and its ownership known? What is missing and matters is requested."""
    places = _places(facts, supplier, verdict)
    if verdict is None:
        w.test(
            CLAUSE,
            supplier.name,
            Outcome.INCONCLUSIVE,
            f"Its owners are not known: {supplier.first.how}. Control by the PRC or Russia stays possible.",
            places,
        )
        w.request(
            "ownership_evidence",
            f"Who {supplier.name} is and who owns and controls it, up to persons or states: a register extract and a statement of "
            f"beneficial ownership, with the number under which it stands in the supplier list. {counted(len(supplier.relevant), 'relevant component depends', 'relevant components depend')} on it.",
            [supplier.name],
            CLAUSE,
            "the nature of any foreign interest and whether control by the PRC or Russia is excluded",
        )
        return
    told = supplier_words.determination(verdict)
    if verdict.prc_russia is Determination.POSSIBLE or verdict.foreign is None:
        w.test(
            CLAUSE, supplier.name, Outcome.INCONCLUSIVE, sentence(f"Identified ({supplier.first.how}); {told}"), places
        )
        missing = supplier_words.missing(verdict)
        if verdict.foreign is None:
            missing += [
                f"who holds what is not disclosed in {supplier.name} and above it, and whether these are U.S. persons"
            ]
        if missing:
            w.request(
                "ownership_evidence",
                sentence(f"For {supplier.name}: {'; '.join(missing)}"),
                [supplier.name],
                CLAUSE,
                "the nature of any foreign interest and whether control by the PRC or Russia is excluded",
            )
        return
    w.test(CLAUSE, supplier.name, Outcome.CONFORMS, sentence(f"Identified ({supplier.first.how}); {told}"), places)


def _makers(facts: Facts, w: Workings) -> list[dict[str, Any]]:
    """Who works unnamed in the PRC or Russia for a supplier without a tie: asked, requested, and a row while not ruled out."""
    table: list[dict[str, Any]] = []
    scope, places = facts.of(s301_scope.components), facts.of(work_places.places)
    for (supplier, country), question in facts.of(work_places.questions).items():
        w.asked(question)
        own = places[(places["supplier"] == supplier) & (places["country"] == country)]
        parts, where, name = scope.loc[own.index], facts.rule.country_name(country), question.subject
        told = {
            True: "by the assessor's finding a person of the PRC or Russia does that work",
            False: "by the assessor's finding no person of the PRC or Russia does that work",
            None: "which person does that work is not stated",
        }[held := answered(question, "yes")]
        w.test(
            "791.301 person (3)",
            name,
            Outcome.INCONCLUSIVE if held is None else Outcome.CONFORMS,
            f"{counted(len(parts), 'relevant component')} of {supplier} {'has' if len(parts) == 1 else 'have'} work in {where} stated; {told}.",
            evidence(parts, _PLACES),
        )
        if held is None:
            w.request(
                "work_in_country",
                f"Which legal person designs, develops or manufactures in {where} for {supplier}, where it is organised, who owns it and "
                f"who directs the work ({listing(sorted(set(parts['name'].dropna())))})",
                [supplier],
                CLAUSE,
                "whether a person of the PRC or Russia designs, develops, manufactures or supplies a relevant component",
            )
        if held is not False:
            table.append(
                {
                    "supplier": "",
                    "name": name,
                    "country": where,
                    "tier": None,
                    "components": len(parts),
                    "items": "; ".join(sorted(set(parts["item"].dropna()))),
                    "relevant": "yes",
                    "foreign_interest": f"Work in {where}; the person who does it is not named.",
                    "prc_russia": str(Determination.ESTABLISHED if held else Determination.POSSIBLE),
                    "limb": "",
                    "rests_on": "the assessor's judgement on work in country" if held else "no ownership evidence",
                    "evidence": cited(evidence(parts, _PLACES)),
                }
            )
    return table


def _completeness(w: Workings, suppliers: list[_Supplier], unnamed: list[Mapping[str, Any]]) -> None:
    """How many relevant components have an identified supplier. Who is named and found nowhere is not identified."""
    every = {row["component"]: row for s in suppliers for row in s.relevant} | {
        row["component"]: row for row in unnamed
    }
    identified = {row["component"] for s in suppliers if s.first.listed or s.first.entity for row in s.relevant}
    lacking = [row for key, row in every.items() if key not in identified]
    if not every:
        w.test(CLAUSE, "relevant components", Outcome.NOT_APPLICABLE, "No component is in scope or undetermined.")
        return
    words = f"Supplier identified for {len(identified):,} of {counted(len(every), 'relevant component')}"
    if lacking:
        w.test(
            CLAUSE,
            "relevant components",
            Outcome.INCONCLUSIVE,
            f"{words}; not for {listing(sorted(str(row['name']) for row in lacking))}.",
            tuple(sorted({ref(row) for row in lacking})),
        )
    else:
        w.test(
            CLAUSE,
            "relevant components",
            Outcome.CONFORMS,
            f"{words}.",
            tuple(sorted({EvidenceRef(str(row["source"])) for row in every.values()})),
        )


def _questions(facts: Facts, w: Workings, relevant: Iterable[_Supplier]) -> None:
    """The questions on which the relevant suppliers' answers depend: similar names, and powers other than votes."""
    asked = facts.of(supplier_ownership.assessed)
    found: dict[str, Question] = {}
    for supplier in relevant:
        for resolved in supplier.resolved:
            found.update((question.key, question) for question in resolved.questions)
            verdict = supplier_ownership.verdict(facts, resolved)
            for question_id, subject, _ in verdict.questions if verdict else ():
                if (question_id, subject) in asked.questions:
                    question = asked.questions[question_id, subject]
                    found[question.key] = question
    for question in found.values():
        w.asked(question)


def _places(facts: Facts, supplier: _Supplier, verdict: Verdict | None) -> tuple[EvidenceRef, ...]:
    """Where the supplier stands: its own entries, the chain, and the first of its components or transactions."""
    listed = supplier.first.listed
    own = [ref(listed)] if listed else []
    components = sorted({ref(row) for row in supplier.relevant or supplier.components})[:_PLACES]
    if not components:
        t = facts.tables["transactions"]
        names = [resolved.named for resolved in supplier.resolved]
        components = list(evidence(t[t["supplier"].isin(names)], 1))
    return tuple(dict.fromkeys((*own, *supplier_words.places(facts, verdict), *components)))


def _foreign_homes(facts: Facts, supplier: _Supplier) -> tuple[str, ...]:
    """Countries outside the United States in which the supplier itself is organised."""
    if not supplier.first.entity:
        return ()
    return tuple(
        code
        for code in facts.of(ownership).graph.entities[supplier.first.entity].incorporated
        if code not in UNITED_STATES
    )


def _country(facts: Facts, supplier: _Supplier) -> str:
    if not supplier.first.entity:
        return ""
    return next(iter(split(facts.of(ownership).graph.entities[supplier.first.entity].country)), "")


def _problems(facts: Facts, limit: int = 10) -> list[str]:
    """What in the evidence does not add up."""
    found = facts.of(ownership)
    told = [f"Ownership evidence: {problem}." for problem in found.problems]
    told += [f"Taken as one: {note}." for note in found.merged]
    if doubts := supplier_ownership.doubts(facts):
        told.append(
            f"{counted(len(doubts), 'identifier fails its check digits and identifies', 'identifiers fail their check digits and identify')} nobody: "
            f"{'; '.join(doubts[:limit])}{' and others' if len(doubts) > limit else ''}."
        )
    if facts.of(supplier_ownership.assessed).unasked:
        told.append(
            "Some interests are of a kind for which no question is worded; control through them stays possible."
        )
    return [
        *told[:limit],
        *(
            [f"{len(told) - limit} further remarks on the ownership evidence stand in the workpaper."]
            if len(told) > limit
            else []
        ),
    ]
