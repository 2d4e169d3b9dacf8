"""What a test of a condition looks at and answers with, and which parameters each test takes (`authorization_conditions`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from assessor.procedures.calendar_spans import as_date, quarter_of
from assessor.procedures.deadline_entry import whole
from assessor.procedures.facts import Facts
from assessor.procedures.working import items_ref, named, terms_ref
from assessor.results import EvidenceRef, Outcome


@dataclass(frozen=True)
class Setting:
    """The transactions under a letter, the log of its authorization, and the parameters of the test.

    `first` and `last` are the days on which the letter was in force, as far as another version bounds them.
    """

    facts: Facts
    authorization: dict[str, Any]
    parameters: dict[str, Any]
    transactions: pd.DataFrame
    events: pd.DataFrame
    first: date | None = None
    last: date | None = None

    def logged(self, event: str) -> pd.DataFrame:
        """Log entries of one kind."""
        return self.events[(self.events["event"] == event).fillna(False)]

    def while_in_force(self, entries: pd.DataFrame) -> pd.DataFrame:
        """Those of the log entries that are not dated while another version of the letter was in force."""
        kept = pd.Series(True, entries.index)
        if self.first:
            kept &= (entries["date"] >= self.first).fillna(True).astype(bool)
        if self.last:
            kept &= (entries["date"] <= self.last).fillna(True).astype(bool)
        return entries[kept]


@dataclass(frozen=True)
class Answer:
    """What a test found: its outcome in words, with evidence, and the transactions (ids) that break it or leave it open."""

    outcome: Outcome
    reason: str
    evidence: tuple[EvidenceRef, ...]
    breaking: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def letter(s: Setting) -> EvidenceRef:
    """The place of the letter."""
    return EvidenceRef(str(s.authorization["source"]), s.authorization["locator"] or "")


def silent(s: Setting, what: str) -> Answer:
    """The log says nothing of a matter."""
    return Answer(
        Outcome.INCONCLUSIVE,
        f"The log of the authorization holds no entry on {what}, which proves neither.",
        items_ref(s.events) or (terms_ref("[[authorizations]]"),),
        open=tuple(ids(s.transactions)),
    )


def nothing(s: Setting) -> Answer:
    """There is no transaction to which the condition could apply."""
    return Answer(Outcome.NOT_APPLICABLE, "No transaction moved under the authorization.", (letter(s),))


def ids(transactions: pd.DataFrame) -> list[str]:
    """The transactions' ids."""
    return [str(t) for t in transactions["transaction"].dropna()]


def _days(told: Any) -> bool:
    return whole(told) is not None


def _months(told: Any) -> bool:
    return (whole(told) or 0) > 0


def _day(told: Any) -> bool:
    try:
        as_date(told)
    except ValueError:
        return False
    return True


def _quarter(told: Any) -> bool:
    return quarter_of(str(told)) is not None


def _texts(told: Any) -> bool:
    return isinstance(told, list) and bool(told) and all(isinstance(text, str) and text.strip() for text in told)


def _flag(told: Any) -> bool:
    return isinstance(told, bool)


def _per(told: Any) -> bool:
    return told in ("transaction", "vin", "entry", "line", "date")


_WANTED: dict[Callable[[Any], bool], str] = {
    _days: "a whole number of days",
    _months: "a whole number of months",
    _day: "a date such as 2026-09-30",
    _quarter: "a quarter such as 2026-Q3",
    _texts: "a list of names",
    _flag: "true or false",
    _per: "transaction, vin, entry, line or date",
}

PARAMETERS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "public_road_days_at_most": {"days": _days, "within_months": _months},
    "not_sold": {},
    "exported_by_end": {"by": _day, "within_days": _days},
    "report_within_days_of_quarter_end": {"days": _days, "first": _quarter},
    "review_before_each": {"per": _per},
    "lines_only": {"lines": _texts},
    "records_kept": {},
    "assessment_made": {"by": _day},
    "audit_made": {"by": _day, "third_party": _flag},
    "bill_of_materials_held": {"items": _texts},
    "ask": {},
}
"""The parameters that each test knows, with what each has to be."""

NEEDED: dict[str, tuple[str, ...]] = {
    "public_road_days_at_most": ("days",),
    "exported_by_end": ("by", "within_days"),
    "report_within_days_of_quarter_end": ("days",),
    "lines_only": ("lines",),
}
"""Parameters of which a test needs one."""


def unusable(test: str, parameters: Mapping[str, Any]) -> str:
    """Why a test cannot be made with these parameters, in words; empty when it can. A parameter that is not known or not
    understood stops the test, since leaving it out could change what the condition asks."""
    if test not in PARAMETERS:
        return f"there is no test {test!r}; there are {named(sorted(PARAMETERS), 20)}"
    known = PARAMETERS[test]
    if strange := sorted(set(parameters) - set(known)):
        return f"the test {test} has no parameter {named(repr(p) for p in strange)}; it has {named(known) or 'none'}"
    for name, told in parameters.items():
        if not known[name](told):
            return f"{name} = {told!r} of the test {test} is not {_WANTED[known[name]]}"
    if (needs := NEEDED.get(test)) and not set(needs) & set(parameters):
        return f"the test {test} needs {' or '.join(needs)}"
    return ""
