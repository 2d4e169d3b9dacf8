"""Who the suppliers are and who stands behind them, for every procedure that asks (§791.301, §791.315(d)(1)).

A name as written in a bill of materials, a ledger or a register is taken to the client's supplier list and from there to
the ownership evidence: by identifier, exact name or listed alias. A similar name is a question to the assessor. A supplier
that is not found is an unknown owner: control by the PRC or Russia stays possible, foreign interest unknown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.errors import RuleError
from assessor.ownership import Directory, Match, Ownership, Party, Verdict, aliases, assess, directory, find
from assessor.procedures.facts import Facts
from assessor.procedures.working import rows, split
from assessor.results import Determination, Question

_TURNS = 20  # an answer may raise a further question; chains of them are short

PERSONS = "persons of the PRC or Russia"

_COLUMNS = {
    "named": pa.string(),
    "supplier": pa.string(),
    "supplier_name": pa.string(),
    "entity": pa.string(),
    "basis": pa.string(),
    "prc_russia": pa.string(),
    "adversary": pa.string(),
    "limb": pa.string(),
    "rests_on_judgement": pa.bool_(),
    "foreign_interest": pa.bool_(),
    "reason": pa.string(),
}


@dataclass(frozen=True)
class Assessed:
    """The ownership against the PRC and Russia and against all foreign adversaries, and the questions asked, settled."""

    ownership: Ownership
    adversary: Ownership
    questions: dict[tuple[str, str], Question]
    unasked: frozenset[str]  # question ids that this version of the rule has no wording for


@dataclass(frozen=True)
class Resolved:
    """What one written name was taken to be. `listed`: the row of the supplier list; `question`: its `supplier_match`."""

    named: str
    basis: str
    how: str
    listed: Mapping[str, Any] | None = None
    entity: str | None = None
    questions: tuple[Question, ...] = ()

    @property
    def name(self) -> str:
        """Canonical name: the list's, or the name as written."""
        return str(self.listed["name"]) if self.listed else self.named


@dataclass
class Books:
    """The supplier list and the entities, indexed by name and identifier."""

    listed: Directory
    rows: dict[str, Mapping[str, Any]]
    entities: Directory


def ownership(facts: Facts) -> Ownership:
    """Who is controlled by persons of the PRC or Russia at the end of the period, with the assessor's answers counted."""
    return facts.of(assessed).ownership


def named(facts: Facts) -> pd.DataFrame:
    """One row for each supplier or manufacturer name as written in components, software_history and transactions.

    named, supplier (number in the client's list or NA), supplier_name (the list's name, or the name itself), entity (id in
    the ownership evidence or NA), basis (identifier, alias, exact name, judgement, proposed, unmatched), prc_russia
    (established, possible, excluded), adversary (the same against all foreign adversaries, which the test of legacy
    software looks at), limb (e.g. "3"), rests_on_judgement, foreign_interest (True, False; NA: not known), reason.
    """
    found = facts.of(assessed)
    return _frame([_row(found, resolved) for resolved in facts.of(resolutions).values()])


def resolutions(facts: Facts) -> dict[str, Resolved]:
    """What every written name was taken to be, by name, sorted."""
    books = facts.of(_books)
    return {name: _resolve(facts, books, name, places) for name, places in sorted(_written(facts).items())}


def resolve(facts: Facts, name: str) -> Resolved:
    """What a name is taken to be that stands elsewhere, such as on an attestation."""
    return facts.of(resolutions).get(name) or _resolve(facts, facts.of(_books), name, ["attestations"])


def doubts(facts: Facts) -> list[str]:
    """Identifiers in supplier list and ownership evidence that fail their check digits and identify nobody."""
    books = facts.of(_books)
    return sorted({*books.listed.doubts, *books.entities.doubts})


def verdict(facts: Facts, resolved: Resolved) -> Verdict | None:
    """The verdict on who stands behind a name; None where no ownership evidence was found for it."""
    return facts.of(ownership).verdict(resolved.entity) if resolved.entity else None


def assessed(facts: Facts) -> Assessed:
    """Ask the questions of ownership and count the answers, until no answer raises a further question."""
    terms, tables = facts.terms, facts.tables
    # without a criterion of the firm no minority stake is too small to be asked about
    criterion = Fraction(str(terms.criteria.get("dominant_minority", "0")))

    def judge(countries: str, answers: Mapping[tuple[str, str], str]) -> Ownership:
        return assess(
            tables["entities"],
            tables["interests"],
            adversaries=facts.rule.countries(countries, terms.period_to),
            as_of=terms.period_to,
            dominant_minority=criterion,
            judged=answers,
            aggregate=bool(terms.criteria.get("aggregate", True)),
            country_name=facts.rule.country_name,
            persons=PERSONS if countries == "prc_russia" else "persons of a foreign adversary",
        )

    judged: dict[tuple[str, str], str] = {}
    for turn in range(_TURNS):
        found = judge("prc_russia", judged)
        questions, unasked = _ask(facts, found)
        answers = {key: question.answer for key, question in questions.items() if question.state == "answered"}
        if answers == judged:
            break
        # answers that make each other stale by turns count for nothing
        judged = (
            answers
            if turn < _TURNS - 2
            else {key: answer for key, answer in answers.items() if judged.get(key) == answer}
        )
    return Assessed(found, judge("foreign_adversaries", judged), questions, unasked)


def _ask(facts: Facts, found: Ownership) -> tuple[dict[tuple[str, str], Question], frozenset[str]]:
    questions: dict[tuple[str, str], Question] = {}
    unasked: set[str] = set()
    for question_id, subject, shown in found.questions():
        try:
            questions[question_id, subject] = facts.ask(question_id, subject, shown)
        except RuleError:
            unasked.add(question_id)
    return questions, frozenset(unasked)


def _books(facts: Facts) -> Books:
    listed: dict[str, Mapping[str, Any]] = {
        row["supplier"] or f"row {number}": row
        for number, row in enumerate(rows(facts.tables["suppliers"]), 1)
        if row["name"]
    }
    parties = [
        Party(
            key,
            row["name"],
            tuple(split(row["aliases"])),
            _known(row["country"]),
            row["lei"],
            row["registration"],
            row["country"],
        )
        for key, row in listed.items()
    ]
    graph = facts.of(ownership).graph
    entities = [
        Party(
            key,
            entity.name,
            entity.names,
            _known(
                *entity.incorporated,
                *entity.headquarters,
                *entity.principal_place,
                *entity.citizenship,
                *entity.residence,
            ),
            entity.lei,
            entity.registration,
            entity.incorporated[0] if entity.incorporated else None,
            person=entity.kind == "person",
        )
        for key, entity in graph.entities.items()
        if entity.described and entity.kind != "state"
    ]
    table = aliases.with_own(facts.terms.aliases)
    return Books(directory(parties, table), listed, directory(entities, table))


def _written(facts: Facts) -> dict[str, list[str]]:
    """Every name as written, with the tables in which it stands."""
    found: dict[str, list[str]] = {}
    for table, column in (
        ("components", "supplier"),
        ("components", "manufacturer"),
        ("software_history", "maintained_by"),
        ("transactions", "supplier"),
    ):
        for name in facts.tables[table][column].dropna().unique():
            if str(name).strip():
                found.setdefault(str(name), []).append(table.replace("_", " "))
    return {name: sorted(set(places)) for name, places in found.items()}


def _resolve(facts: Facts, books: Books, name: str, places: list[str]) -> Resolved:
    """First the client's list, then the ownership evidence under the name itself, then what is merely similar."""
    match = find(books.listed, name)
    if match.key is not None:
        return _of_listed(facts, books, name, match.basis, match.reason, match.key)
    direct = find(books.entities, name)
    if direct.key is not None:
        return Resolved(
            name, direct.basis, f"not in the supplier list; {direct.reason} in the ownership evidence", None, direct.key
        )
    of_list = bool(match.candidates)
    question = _propose(facts, books, name, match if of_list else direct, places, of_list=of_list)
    if question is None:
        return Resolved(name, "unmatched", "neither in the supplier list nor in the ownership evidence")
    meant = _meant(question, match if of_list else direct)
    if meant and of_list:
        return _of_listed(facts, books, name, "judgement", "matched by the assessor's judgement", meant, question)
    if meant:
        return Resolved(name, "judgement", "matched by the assessor's judgement", None, meant, (question,))
    if question.state == "answered":
        return Resolved(
            name, "unmatched", "by the assessor's judgement none of the similar names", None, None, (question,)
        )
    return Resolved(
        name,
        "proposed",
        f"similar to {', '.join(c['name'] for c in question.facts['candidates'][:3])}; not confirmed",
        None,
        None,
        (question,),
    )


def _of_listed(facts: Facts, books: Books, name: str, basis: str, how: str, key: str, *asked: Question) -> Resolved:
    """From a row of the supplier list to the ownership evidence."""
    row = books.rows[key]
    match = find(
        books.entities,
        row["name"],
        countries=_known(row["country"]),
        aliases=tuple(split(row["aliases"])),
        lei=row["lei"],
        registration=row["registration"],
        registered_in=row["country"],
    )
    if match.key is not None:
        return Resolved(name, basis, f"{how}; ownership evidence: {match.reason}", row, match.key, asked)
    alike = [other for other, also in books.rows.items() if also["name"] == row["name"]]
    subject = str(row["name"]) if len(alike) == 1 else f"{row['name']} ({key})"
    question = _propose(facts, books, subject, match, ["supplier list"], of_list=False)
    if question is None:
        return Resolved(name, basis, f"{how}; no ownership evidence names it", row, None, asked)
    entity = _meant(question, match)
    refused = question.state == "answered" and question.answer in ("no", "none")
    told = (
        "by the assessor's judgement"
        if entity
        else "similar names in the ownership evidence are refused by the assessor's judgement"
        if refused
        else "similar names in the ownership evidence are not confirmed to be it"
    )
    return Resolved(name, basis, f"{how}; {told}", row, entity, (*asked, question))


def _propose(
    facts: Facts, books: Books, name: str, match: Match, places: list[str], *, of_list: bool
) -> Question | None:
    """The question whether a name means one of the similar ones, of the supplier list or of the ownership evidence; None without
    such."""
    if not match.candidates:
        return None
    candidates = []
    for candidate, label in zip(match.candidates, _labels(match), strict=True):
        party = (books.listed if of_list else books.entities).parties[candidate.key]
        candidates.append(
            {
                "name": label,
                "entity": None if of_list else candidate.key,
                "country": ", ".join(sorted(party.countries)),
                "lei": party.lei or "",
                "registration": party.registration or "",
                "score": candidate.score,
                "reasons": list(candidate.reasons),
            }
        )
    question = facts.ask("supplier_match", name, {"written": name, "in": places, "candidates": candidates})
    # one proposal can be confirmed or refused as such; of several, the one meant is named
    single = ("yes", "no") if len(candidates) == 1 else ()
    return dataclasses.replace(question, answers=(*single, *_labels(match), "none"))


def _labels(match: Match) -> list[str]:
    """The candidates by name; those that bear one name with their keys, so that an answer tells them apart."""
    names = [candidate.name for candidate in match.candidates]
    return [c.name if names.count(c.name) == 1 else f"{c.name} ({c.key})" for c in match.candidates]


def _meant(question: Question, match: Match) -> str | None:
    """The key of the candidate that the assessor answered; None where the answer is open, stale, "none" or names no candidate."""
    if question.state != "answered":
        return None
    if question.answer == "yes" and len(match.candidates) == 1:
        return match.candidates[0].key
    return next(
        (c.key for c, label in zip(match.candidates, _labels(match), strict=True) if label == question.answer), None
    )


def _row(found: Assessed, resolved: Resolved) -> dict[str, Any]:
    listed = resolved.listed
    base: dict[str, Any] = {"named": resolved.named, "supplier_name": resolved.name, "basis": resolved.basis}
    base["supplier"] = listed["supplier"] if listed else None
    if resolved.entity is None:
        address = f"; the list gives an address in {listed['country']}" if listed and listed["country"] else ""
        possible = str(Determination.POSSIBLE)
        return base | {
            "entity": None,
            "prc_russia": possible,
            "adversary": possible,
            "limb": "",
            "rests_on_judgement": False,
            "foreign_interest": None,
            "reason": f"its owners are not known: {resolved.how}{address}",
        }
    told = found.ownership.verdict(resolved.entity)
    return base | {
        "entity": told.entity,
        "prc_russia": str(told.prc_russia),
        "adversary": str(found.adversary.verdict(resolved.entity).prc_russia),
        "limb": decided_by(told),
        "rests_on_judgement": told.rests_on_judgement,
        "foreign_interest": told.foreign,
        "reason": told.reason,
    }


def decided_by(told: Verdict) -> str:
    """The limbs on which an established or possible verdict stands, "3" or "1, 4"; empty where it is excluded."""
    if told.prc_russia is Determination.EXCLUDED:
        return ""
    return ", ".join(limb for limb, determination in sorted(told.limbs.items()) if determination is told.prc_russia)


def _known(*countries: str | None) -> frozenset[str]:
    return frozenset(country for country in countries if country)


def _frame(listed: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    told = list(listed)
    arrow = pa.table({key: pa.array([row[key] for row in told], kind) for key, kind in _COLUMNS.items()})
    table: pd.DataFrame = arrow.to_pandas(types_mapper=pd.ArrowDtype)
    return table
