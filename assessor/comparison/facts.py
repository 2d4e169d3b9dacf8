"""Changes of everything that is not a component: suppliers, owners, the programme, and what procedures found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from assessor.comparison import conclusions, source
from assessor.comparison.changes import Change, Evidence, Field, cited, differing
from assessor.comparison.conclusions import ADDED
from assessor.comparison.firms import Firms
from assessor.comparison.owners import Owners
from assessor.comparison.parts import plain
from assessor.comparison.records import Pair, Record
from assessor.comparison.sides import Side
from assessor.comparison.source import Proposal
from assessor.ownership.names import BASES
from assessor.results import Outcome, ProcedureResult

_OWNER_KEYS = ("identifier", "name and home", "name and kind")
_INTEREST_KEYS = ("holder, subject, kind and first day", "holder, subject and kind")
_NUMBER_KEYS = ("number and day", "number")
_VERDICT = {
    "prc_russia": "PRC or Russia",
    "limb": "limb",
    "foreign_interest": "foreign interest",
    "country": "country",
    "relevant": "relevant",
}


def of_suppliers(found: Firms, verdicts: Mapping[str, Record]) -> Iterable[Change]:
    """Suppliers of the client's list. `verdicts` by name as the prior side has it, of either side."""
    for pair in found.pairs:
        if not pair.differs:
            continue
        name = found.canonical.get(pair.told.subject, pair.told.subject)
        verdict = verdicts.get(plain(name))
        relevant = None if not verdicts else verdict is not None and verdict.more["relevant"]
        by = BASES[pair.by] if pair.by >= 0 else ""
        yield _change("supplier", pair, source.supplier(pair.what, pair.fields, relevant, by), by)


def verdicts(side: Side, canonical: Mapping[str, str]) -> list[Record]:
    """What was determined of each supplier, with the chain, under the name that the prior side has for it."""
    result = next((r for r in side.results if r.procedure == "s315_suppliers"), None)
    if result is None:
        return []
    chains: dict[str, list[str]] = {}
    for step in result.tables.get("chains", []):
        shown = ", ".join(str(step[key]) for key in ("kind", "share", "judgement") if step.get(key))
        chains.setdefault(str(step["supplier"]), []).append(f"{step['from']} → {step['to']} ({shown})")
    found = []
    for row in result.tables.get("suppliers", []):
        name = str(row["name"])
        fields = {words: _text(row.get(key)) for key, words in _VERDICT.items()}
        fields["chain"] = "; ".join(chains.get(name, [])) or None
        canon = canonical.get(name, name)
        places = tuple(cited(text, side.items) for text in conclusions.places(row.get("evidence")))
        found.append(Record(name, (plain(canon),), fields, places, {"relevant": row.get("relevant") == "yes"}))
    return found


def of_verdicts(pairs: list[Pair]) -> Iterable[Change]:
    """Verdicts that differ."""
    for pair in pairs:
        if pair.differs:
            yield _change("verdict", pair, source.verdict(pair.what, pair.fields))


def of_owners(found: Owners, pairs: list[Pair]) -> Iterable[Change]:
    """Entities and interests, by the suppliers that they lead to."""
    told = {
        str(pair.told.keys[0]): (
            pair.told.subject,
            pair.before.fields["PRC or Russia"] if pair.before else None,
            pair.after.fields["PRC or Russia"] if pair.after else None,
        )
        for pair in pairs
    }
    for pair in found.entities:
        if pair.differs:
            first = pair.before or pair.told
            proposal = source.owner(found.reached(plain(first.subject)), told)
            yield _change("entity", pair, proposal, _by(_OWNER_KEYS, pair))
    for pair in found.interests:
        if pair.differs:
            proposal = source.owner(found.reached(str(pair.told.more["to"])), told)
            yield _change("interest", pair, proposal, _by(_INTEREST_KEYS, pair))


def of_policies(pairs: list[Pair]) -> Iterable[Change]:
    """Documents of the programme, with how many paragraphs came and went."""
    for pair in pairs:
        if not pair.differs:
            continue
        fields = pair.fields
        if pair.before and pair.after:
            old, new = pair.before.more["paragraphs"], pair.after.more["paragraphs"]
            fields = (*fields, Field("paragraphs that the other has not", str(len(old - new)), str(len(new - old))))
        yield _change("policy", pair, source.programme("policy"), "title" if pair.by >= 0 else "", fields)


def of_authorizations(pairs: list[Pair]) -> Iterable[Change]:
    """Letters of BIS with their conditions."""
    for pair in pairs:
        if pair.differs:
            yield _change("authorization", pair, source.authorization(pair.what), _by(_NUMBER_KEYS, pair))


def of_declarations(pairs: list[Pair]) -> Iterable[Change]:
    """Declarations of Conformity."""
    for pair in pairs:
        if pair.differs:
            yield _change("declaration", pair, source.declaration(pair.what, pair.fields), _by(_NUMBER_KEYS, pair))


_RESULTS = {
    "conclusion": ("conclusion", "conclusion", ()),
    "exposure": ("conclusion", "outcome", ("determination",)),
    "authorization": ("conclusion", "conclusion", ()),
    "declaration": ("conclusion", "conclusion", ()),
    "finding": ("finding", "severity", ("clauses",)),
    "control": ("control", "outcome", ("population", "exceptions")),
    "policy": ("policy", "confirmed", ("document",)),
}
"""For each kind of `conclusions` what it is told as, what its outcome is called, and what else of it is told."""


def of_results(prior: Side, current: Side, canonical: Mapping[str, str]) -> Iterable[Change]:
    """Conclusions, findings, controls and elements of policies that differ in more than their words."""
    after = [_renamed(result, canonical) for result in current.results]
    concluded = _concluded(prior), _concluded(current)
    for each in conclusions.difference(prior.results, after):
        if each.kind not in _RESULTS:
            continue
        kind, outcome, details = _RESULTS[each.kind]
        sides = (each.before, each.after)
        told = [
            {}
            if side is None
            else {outcome: side.outcome or None, **{name: side.details.get(name) or None for name in details}}
            for side in sides
        ]
        if not (fields := differing(told[0], told[1])):
            continue
        proposal = _proposal(each, kind, concluded)
        evidence = Evidence(
            *(
                () if side is None else tuple(cited(text, own.items) for text in side.evidence)
                for side, own in zip(sides, (prior, current), strict=True)
            )
        )
        yield Change(kind, each.change, _subject(each), fields, *proposal, evidence)


def _concluded(side: Side) -> dict[str, str]:
    return {result.procedure: str(result.conclusion) for result in side.results}


def alike(kind: str, prior: Side, current: Side, changes: list[Change]) -> int:
    """How many things of a kind that results tell stand on both sides and are the same."""
    if kind == "conclusion":
        old, new = ({r.procedure: r.conclusion for r in side.results} for side in (prior, current))
        return sum(new.get(name) == conclusion for name, conclusion in old.items())
    count = sum(
        len(result.findings) if kind == "finding" else len(result.tables.get(_LISTED[kind], []))
        for result in prior.results
        if kind == "finding" or result.procedure == "s315_policies"
    )
    return max(0, count - sum(change.what != ADDED for change in changes))


_LISTED = {"control": "controls", "policy": "elements"}
"""Tables of the procedure on policies."""


def _proposal(each: conclusions.Change, kind: str, concluded: tuple[Mapping[str, str], Mapping[str, str]]) -> Proposal:
    if kind in ("control", "policy"):
        return source.programme(kind)
    sides = [side.outcome if side else "" for side in (each.before, each.after)]
    if each.kind in ("finding", "exposure"):  # one that is not there may not have been looked for to the end
        sides = [
            Outcome.EXCEPTION
            if side and each.kind == "finding"
            else side.outcome
            if side
            else told.get(each.procedure, "")
            for side, told in zip((each.before, each.after), concluded, strict=True)
        ]
    return source.result(each.procedure, each.clause, (sides[0], sides[1]))


def _subject(each: conclusions.Change) -> str:
    if each.kind == "finding":
        return f"{each.before.details['title'] if each.before else each.after.details['title'] if each.after else each.what}"
    if each.kind == "policy":
        return f"element of policies: {each.subject}"
    if each.kind == "exposure":
        return f"§{each.clause}: {each.subject}, {each.what}".removesuffix(", ")
    if each.kind in ("authorization", "declaration"):
        return f"§{each.clause}: {each.subject}"
    return each.subject


def _renamed(result: ProcedureResult, canonical: Mapping[str, str]) -> ProcedureResult:
    """A result of the current side with its suppliers named as the prior side names them."""
    if not any(name != other for name, other in canonical.items()):
        return result

    def row(told: dict[str, Any]) -> dict[str, Any]:
        if told.get("supplier") in canonical:
            return {**told, "supplier": canonical[told["supplier"]]}
        return told

    tables = {name: [row(told) for told in listed] for name, listed in result.tables.items()}
    findings = tuple(
        dataclasses.replace(finding, subject=canonical.get(finding.subject, finding.subject))
        for finding in result.findings
    )
    return dataclasses.replace(result, tables=tables, findings=findings)


def _change(kind: str, pair: Pair, proposal: Proposal, by: str = "", fields: tuple[Field, ...] | None = None) -> Change:
    return Change(
        kind, pair.what, pair.told.subject, pair.fields if fields is None else fields, *proposal, pair.evidence, by
    )


def _by(keys: tuple[str, ...], pair: Pair) -> str:
    return keys[pair.by] if pair.by >= 0 else ""


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
