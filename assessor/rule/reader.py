"""Reads the rule's data: `load()` gives a `Rule`, whose parts are parsed when first asked for and only once.

The data are YAML files beside this module. Clause ids look like `791.308(a)(2)`. Constants and country sets carry the
day from which they apply, so that a later amendment is one more line of data and older transactions keep their rule.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessor.errors import RuleError
from assessor.rule import authorizations
from assessor.rule.authorizations import GeneralAuthorization, Lead

_HERE = Path(__file__).parent
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ASSESSMENTS = ("machine", "proposed", "judgement", "background")
GRADES = ("agency page", "named secondary source", "weak secondary source", "unconfirmed")
"""How far a source outside of the rule's text carries."""

Constant = int | date | Decimal | str


@dataclass(frozen=True)
class Clause:
    """A paragraph of the rule: a title, what it says in our own words, and who can assess it.

    `assessment` is `machine` (decided from entered facts), `proposed` (proposed, a person confirms), `judgement` (asked)
    or `background` (nothing for an assessor to test). `note` names a defect or an edge of the text, if there is one.
    `paragraph` is the paragraph of the text that it stands in, `related` are clauses to be read with it, and `dates`
    names of constants.
    """

    id: str
    title: str
    statement: str
    assessment: str
    note: str = ""
    paragraph: str = ""
    related: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Defect:
    """A known defect of the text or of the copy: where it shows (nowhere in particular: empty), and what we do."""

    id: str
    clauses: tuple[str, ...]
    wrong: str
    handling: str

    @property
    def words(self) -> str:
        """The defect in one text: its number and places, what is the matter and what is done."""
        where = ", ".join(f"§{clause}" for clause in self.clauses) or "the copy as a whole"
        return f"{self.id}, {where}: {self.wrong} {self.handling}"


@dataclass(frozen=True)
class QuestionText:
    """The wording of a question that the rule leaves to a person; `asked` may name its `{subject}`.

    `shows` names the material that the assessor needs to see to answer it; `always`: it is put in every assessment.
    """

    id: str
    clause: str
    asked: str
    guidance: str
    answers: tuple[str, ...]
    shows: tuple[str, ...] = ()
    always: bool = False


@dataclass(frozen=True)
class Neighbour:
    """A matter of the programme around subpart D. It is named in a report and decides nothing there.

    `since` is the day of the `event` ("effective", "announced") where it is known, `as_of` the month of what is told
    ("2026-11"), `grade` one of GRADES, and `asks` are questions that an assessor may put to the client.
    """

    id: str
    title: str
    statement: str
    as_of: str
    source: str
    grade: str
    asks: tuple[str, ...]
    since: date | None = None
    event: str = ""


class Rule:
    """One version of the rule's text; make it with `load`."""

    def __init__(self, version: str, about: Mapping[str, Any]) -> None:
        self.version = version
        self.about = dict(about)

    @property
    def citation(self) -> str:
        """Where the rule was published."""
        return str(self.about["citation"])

    @property
    def clauses(self) -> dict[str, Clause]:
        """Every clause, in the order of the rule."""
        return _clauses()

    def clause(self, id: str) -> Clause:
        """The clause `791.…`; RuleError when the data do not hold it."""
        clause: Clause = _named(_clauses(), id, "clause")
        return clause

    @property
    def paragraphs(self) -> dict[str, str]:
        """The SHA-256 of every paragraph of the text, by id, in its order."""
        digests: dict[str, str] = self.data("paragraphs")
        return digests

    def paragraph_of(self, clause_id: str) -> str:
        """The id of the paragraph whose digest covers a clause; RuleError when there is no such clause."""
        return self.clause(clause_id).paragraph

    def defects(self, clause_id: str | None = None) -> tuple[Defect, ...]:
        """The known defects that show in a clause, or all of them; RuleError when there is no such clause."""
        if clause_id is None:
            return _defects()
        id = self.clause(clause_id).id
        return tuple(defect for defect in _defects() if id in defect.clauses)

    def defects_in(self, clauses: Iterable[str]) -> tuple[Defect, ...]:
        """The known defects that show in one of these clauses, in their order; those of the copy as a whole show in none."""
        cited = frozenset(clauses)
        return tuple(defect for defect in _defects() if cited.intersection(defect.clauses))

    def constant(self, name: str, on: date | None = None) -> Any:
        """A number, date, exact decimal or text of the rule: the value in force on a day, by default the latest.

        RuleError when the name is unknown, or when nothing was in force yet on that day.
        """
        return _in_force(_named(self.data("constants"), name, "constant"), name, on)

    def constant_source(self, name: str) -> str:
        """Clause, unit and citation of a constant, in words."""
        entry = _named(self.data("constants"), name, "constant")
        return f"§{entry['clause']}, {entry['unit']}, {entry['values'][-1]['source']}"

    def country(self, text: object) -> str | None:
        """The alpha-2 code of a country as somebody wrote it, or None where no name is exactly that.

        Upper and lower case, spaces and width of characters make no difference. Nothing is guessed: a name that fits two
        countries ("Korea") is none of them, and "Republic of China" is TW while "China" is CN.
        """
        return _aliases().get(_plain(text)) if isinstance(text, str) else None

    def nationality(self, text: object) -> str | None:
        """The alpha-2 code of the country that somebody is a national of, as written: "British", "Hong Konger", "China".

        None where the word is none of these or fits two countries ("Korean"), and for a text that names several.
        """
        return (_demonyms().get(_plain(text)) or self.country(text)) if isinstance(text, str) else None

    def country_name(self, code: str) -> str:
        """The English short name of an alpha-2 code; the code itself when it is unknown."""
        entry = self.data("countries")["countries"].get(code)
        return str(entry["name"]) if entry else code

    def countries(self, name: str, on: date | None = None) -> frozenset[str]:
        """A set of countries of the rule, `prc_russia` or `foreign_adversaries`, as in force on a day."""
        entry = _named(self.data("countries")["sets"], name, "set of countries")
        return frozenset(_in_force(entry, name, on))

    @property
    def questions(self) -> dict[str, QuestionText]:
        """The wording of every question, by id."""
        return _questions()

    def question(self, id: str) -> QuestionText:
        """The wording of one question; RuleError when there is none of that id."""
        question: QuestionText = _named(_questions(), id, "question")
        return question

    @property
    def programme(self) -> dict[str, Neighbour]:
        """The matters around subpart D, by id: background for a reader of the report, never a test."""
        return _programme()

    @property
    def authorizations(self) -> dict[int, GeneralAuthorization]:
        """The general authorizations of §791.306(b) by number, as far as they are known. None of their conditions is here."""
        return _authorizations()[0]

    @property
    def reported_conditions(self) -> tuple[Lead, ...]:
        """What sources report of conditions of general authorizations: for a reader, never for a test."""
        return _authorizations()[1]

    def data(self, name: str) -> Any:
        """A data file of the rule as parsed, e.g. `hardware_parts`; it is shared, so do not change it."""
        return _data(name)


@cache
def load(version: str = "2025-04-24") -> Rule:
    """The rule as its text stood on a day; RuleError when that version is not here."""
    versions = _data("versions")
    return Rule(version, _named(versions, version, "version of the rule's text"))


def _in_force(entry: Mapping[str, Any], name: str, on: date | None) -> Any:
    applying = [line for line in entry["values"] if on is None or line["since"] <= on]
    if not applying:
        raise RuleError(f"{name} was not in force on {on}; it applies from {entry['values'][0]['since']}")
    value = applying[-1]["value"]
    return Decimal(value["decimal"]) if isinstance(value, dict) else value


def _named(entries: Mapping[str, Any], key: str, what: str) -> Any:
    try:
        return entries[key]
    except KeyError:
        raise RuleError(f"the rule data know no {what} {key!r}; `assessor rule` lists what there is") from None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _data(name: str) -> Any:
    path = _HERE / f"{name}.yaml"
    if path.parent != _HERE or not path.is_file():
        raise RuleError(f"the rule data know no file {name!r}")
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=_LOADER)  # noqa: S506 (the C form of the safe loader)  # nosec B506


@cache
def _clauses() -> dict[str, Clause]:
    return {id: _clause(id, **entry) for id, entry in _data("clauses").items()}


def _clause(
    id: str, *, paragraph: str = "", related: Sequence[str] = (), dates: Sequence[str] = (), **entry: str
) -> Clause:
    return Clause(id=id, paragraph=paragraph or id, related=tuple(related), dates=tuple(dates), **entry)


@cache
def _defects() -> tuple[Defect, ...]:
    return tuple(
        Defect(id, tuple(entry["clauses"]), entry["wrong"], entry["handling"]) for id, entry in _data("defects").items()
    )


@cache
def _questions() -> dict[str, QuestionText]:
    return {
        id: QuestionText(
            id,
            q["clause"],
            q["asked"],
            q["guidance"],
            tuple(q["answers"]),
            tuple(q.get("shows", ())),
            bool(q.get("always")),
        )
        for id, q in _data("questions").items()
    }


@cache
def _programme() -> dict[str, Neighbour]:
    found = {}
    for id, entry in _data("programme").items():
        told = dict(entry)
        if told.pop("never_decides", None) is not True:
            raise RuleError(f"programme.yaml: {id} must say `never_decides: true`; nothing of it may decide a test")
        if told["grade"] not in GRADES:
            raise RuleError(f"programme.yaml: {id} has the grade {told['grade']!r}; write one of {', '.join(GRADES)}")
        found[id] = Neighbour(id=id, **told | {"asks": tuple(told["asks"])})
    return found


@cache
def _authorizations() -> tuple[dict[int, GeneralAuthorization], tuple[Lead, ...]]:
    return authorizations.read(_data("authorizations"), (*GRADES, authorizations.TEXT_OF_THE_RULE))


@cache
def _aliases() -> dict[str, str]:
    entries = _data("countries")
    also = entries["other_languages"]
    return _turned(
        {code: (code, e["name"], *e.get("also", ()), *also.get(code, ())) for code, e in entries["countries"].items()},
        without=(*entries["ambiguous"], *entries["undecided"]),
    )


@cache
def _demonyms() -> dict[str, str]:
    return _turned(_data("countries")["demonyms"])


def _turned(names: Mapping[str, Iterable[str]], without: Iterable[str] = ()) -> dict[str, str]:
    """The code of each name; RuleError where two countries have one name."""
    found: dict[str, str] = {}
    for code, listed in names.items():
        for name in listed:
            if found.setdefault(_plain(name), code) != code:
                raise RuleError(f"countries.yaml gives {name!r} to {found[_plain(name)]} and to {code}")
    for text in without:
        found.pop(_plain(text), None)
    return found
