"""General authorizations as data (§791.306(b)): numbers, versions and the points that an assessor is asked about.

Leads on conditions are kept apart. `GeneralAuthorization`, which procedures may look at, does not hold them, and a `Lead` has
words, source and grade and nothing that a test could be assigned to: what a condition says, the letter in evidence decides.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assessor.errors import RuleError

TEXT_OF_THE_RULE, ANNOUNCED = "text of the rule", "announced"
PLACES = ("site", "federal_register")
"""Where §791.306(b) has a general authorization published."""
_KNOWN = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(frozen=True)
class Publication:
    """Where a version was published: `where` is one of PLACES, `grade` one of the reader's GRADES."""

    where: str
    place: str
    source: str
    grade: str


@dataclass(frozen=True)
class AuthorizationVersion:
    """One version of a general authorization.

    `known` is as much of the day of its `event` as is known ("2026-06-18", "2026-06", "2026"); `earliest` and `latest` are the
    days between which its letter is dated. An announcement says nothing of how much earlier a letter is dated.
    """

    known: str
    event: str
    earliest: date
    latest: date
    as_of: str
    source: str
    grade: str
    letter_sha256: str | None
    published: tuple[Publication, ...]


@dataclass(frozen=True)
class Eligibility:
    """A point that the assessor is asked about whoever relies on the authorization."""

    asks: str
    source: str
    grade: str


@dataclass(frozen=True)
class GeneralAuthorization:
    """A general authorization by its number: versions, oldest first, and what is asked. It holds no condition."""

    number: int
    title: str
    versions: tuple[AuthorizationVersion, ...]
    eligibility: tuple[Eligibility, ...]


@dataclass(frozen=True)
class Lead:
    """What a source reports of a condition of one version. The letter decides; no procedure looks at a lead."""

    number: int
    version: str
    statement: str
    source: str
    grade: str
    unconfirmed: bool


def read(data: Mapping[int, Any], grades: tuple[str, ...]) -> tuple[dict[int, GeneralAuthorization], tuple[Lead, ...]]:
    """The authorizations of authorizations.yaml by number, and apart from them the leads on their conditions.

    Raises RuleError naming an entry that might decide a test, has a grade not among `grades`, or is out of order.
    """
    found: dict[int, GeneralAuthorization] = {}
    leads: list[Lead] = []
    for number, entry in data.items():
        place = f"authorizations.yaml: general authorization {number}"
        versions: list[AuthorizationVersion] = []
        for told in entry["versions"]:
            known = str(told["since"])
            earliest, latest = _days(known, place)
            if told["event"] == ANNOUNCED:
                earliest = versions[-1].latest + timedelta(days=1) if versions else date.min
            leads += [_lead(number, known, lead, grades, place) for lead in told["reported"]]
            versions.append(
                AuthorizationVersion(
                    known=known,
                    event=told["event"],
                    earliest=earliest,
                    latest=latest,
                    as_of=told["as_of"],
                    source=told["source"],
                    grade=_graded(told, grades, place),
                    letter_sha256=told["letter_sha256"],
                    published=tuple(_published(p, grades, place) for p in told["published"]),
                )
            )
        if [v.latest for v in versions] != sorted(v.latest for v in versions):
            raise RuleError(f"{place}: write its versions oldest first")
        asked = tuple(
            Eligibility(point["asks"], point["source"], _graded(point, grades, place)) for point in entry["eligibility"]
        )
        found[number] = GeneralAuthorization(number, entry["title"], tuple(versions), asked)
    return found, tuple(leads)


def _lead(number: int, known: str, told: Mapping[str, Any], grades: tuple[str, ...], place: str) -> Lead:
    if told.get("never_decides") is not True:
        raise RuleError(f"{place}: a reported condition must say `never_decides: true`; the letter decides")
    if more := set(told) - {"statement", "source", "grade", "never_decides"}:
        raise RuleError(f"{place}: a reported condition has no {sorted(more)}; only the assessor assigns a test")
    grade = _graded(told, grades, place)
    if grade == TEXT_OF_THE_RULE:
        raise RuleError(f"{place}: the text of the rule states no condition of a letter; name the source")
    weak = grade in ("weak secondary source", "unconfirmed")
    return Lead(number, known, told["statement"], told["source"], grade, weak)


def _published(told: Mapping[str, Any], grades: tuple[str, ...], place: str) -> Publication:
    if told["where"] not in PLACES:
        raise RuleError(f"{place} was published in {told['where']!r}; write one of {', '.join(PLACES)}")
    return Publication(told["where"], told["place"], told["source"], _graded(told, grades, place))


def _graded(told: Mapping[str, Any], grades: tuple[str, ...], place: str) -> str:
    if told["grade"] not in grades:
        raise RuleError(f"{place} has the grade {told['grade']!r}; write one of {', '.join(grades)}")
    return str(told["grade"])


def _days(known: str, place: str) -> tuple[date, date]:
    """The first and the last day of a day, month or year."""
    match = _KNOWN.fullmatch(known)
    if not match:
        raise RuleError(f"{place} has a version since {known!r}; write a day, a month such as 2026-06, or a year")
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        last = day or calendar.monthrange(year, month or 12)[1]
        return date(year, month or 1, day or 1), date(year, month or 12, last)
    except ValueError:
        raise RuleError(f"{place} has a version since {known!r}, which is no day") from None
