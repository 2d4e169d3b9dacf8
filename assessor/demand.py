"""A demand of BIS for records, and the transactions of an engagement that it reaches (§791.313).

The selection is by what the evidence says: a transaction whose date, line or party is not stated is not excluded by it, and says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from assessor.assessment import Assessment
from assessor.errors import EngagementError
from assessor.procedures import supplier_ownership
from assessor.procedures.working import plain

_KEYS = {
    "reference",
    "dated",
    "due",
    "from",
    "to",
    "transactions",
    "parties",
    "lines",
    "kinds",
    "report",
    "whole_files",
}
_SIDES = ["supplier", "seller", "buyer", "consignee"]
"""Columns of the ledger that name a party."""


@dataclass(frozen=True)
class Demand:
    """What is demanded: a reference and its date; days (both included), transactions, parties, vehicle lines and kinds of transaction
    to which it is limited (empty: no limit); whether the report is part of it; and whether files that hold other transactions too are
    handed over whole, and not as extracts."""

    reference: str
    dated: date
    due: date | None = None
    begin: date | None = None
    end: date | None = None
    transactions: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    report: bool = False
    whole_files: bool = False


def read(path: Path) -> Demand:
    """The demand in a TOML file: reference*, dated*, due, from, to (days), transactions, parties, lines, kinds (lists), report, whole_files (true/false).

    Raises EngagementError, in one sentence, for a file that does not say this.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise EngagementError(f"{path} cannot be read ({error.strerror}); name the demand's file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EngagementError(f"{path} is not TOML that can be read ({error}); mend it.") from None
    if unknown := sorted(set(told) - _KEYS):
        raise EngagementError(
            f"{path} has the key `{unknown[0]}`, which no demand has; use {', '.join(sorted(_KEYS))}."
        )
    for key, kind, words in (
        *((key, date, "a day such as 2027-02-01") for key in ("dated", "due", "from", "to")),
        *((key, list, "a list of texts") for key in ("transactions", "parties", "lines", "kinds")),
        ("reference", str, "a text"),
        ("report", bool, "true or false"),
        ("whole_files", bool, "true or false"),
    ):
        if key in told and not isinstance(told[key], kind):
            raise EngagementError(f"{path}: `{key}` is {words}.")
    if not told.get("reference") or "dated" not in told:
        raise EngagementError(f"{path} states no reference or no day of the demand; add `reference` and `dated`.")
    if told.get("from") and told.get("to") and told["from"] > told["to"]:
        raise EngagementError(f"{path}: the demand ends ({told['to']}) before it begins ({told['from']}).")
    names = {key: tuple(map(str, told.get(key, ()))) for key in ("transactions", "parties", "lines", "kinds")}
    return Demand(
        told["reference"],
        told["dated"],
        told.get("due"),
        told.get("from"),
        told.get("to"),
        names["transactions"],
        names["parties"],
        names["lines"],
        names["kinds"],
        bool(told.get("report", False)),
        bool(told.get("whole_files", False)),
    )


def select(assessment: Assessment, demand: Demand) -> pd.DataFrame:
    """The transactions that a demand reaches, with two more columns: `certain` (False where something that it asks for is not stated)
    and `open` (what is not stated, in words). Raises EngagementError for a transaction or a party that the evidence does not have."""
    ledger = assessment.facts.tables["transactions"]
    if unknown := sorted(set(demand.transactions) - set(ledger["transaction"].dropna())):
        raise EngagementError(
            f"The evidence has no transaction {unknown[0]!r}; the demand may mean another engagement."
        )
    named_parties = parties(assessment, demand.parties)
    if demand.parties and not named_parties:
        raise EngagementError(
            f"No transaction names {demand.parties[0]!r}; write the party as the ledger or the supplier list does."
        )
    inside = pd.Series(True, index=ledger.index)
    missing: dict[str, pd.Series] = {}
    for words, column, holds in (
        ("date", "date", _between(ledger["date"], demand)),
        ("vehicle line", "line", _among(ledger["line"], demand.lines)),
        ("kind", "kind", _among(ledger["kind"], demand.kinds)),
        ("party", "supplier", _any_party(ledger, named_parties)),
    ):
        if holds is not None:
            inside &= holds.fillna(True)
            missing[words] = holds.isna() & (ledger[column].isna() | (words == "party"))
    named = ledger["transaction"].isin(demand.transactions)
    limited = bool(missing)
    chosen = named | inside if limited else named if demand.transactions else inside
    found = ledger[chosen].copy()
    told = pd.DataFrame({words: lacks[chosen] & ~named[chosen] for words, lacks in missing.items()})
    found["open"] = [", ".join(words for words in told.columns if row[words]) for row in told.to_dict("records")] or [
        ""
    ] * len(found)
    found["certain"] = found["open"] == ""
    return found


def parties(assessment: Assessment, names: Sequence[str]) -> set[str]:
    """The names as written in the ledger that a party's name stands for, by identifier, exact name or alias."""
    if not names:
        return set()
    resolutions = assessment.facts.of(supplier_ownership.resolutions)
    wanted = {supplier_ownership.resolve(assessment.facts, name).name for name in names}
    written = {named for named, resolved in resolutions.items() if resolved.name in wanted}
    ledger = assessment.facts.tables["transactions"]
    there = {str(v) for c in _SIDES for v in ledger[c].dropna().unique()}
    return (written | set(names)) & there


def _between(days: pd.Series, demand: Demand) -> pd.Series | None:
    if demand.begin is None and demand.end is None:
        return None
    holds = pd.Series(True, index=days.index, dtype="boolean")
    stated = days.notna()
    if demand.begin is not None:
        holds &= days.map(lambda day: day >= demand.begin if pd.notna(day) else True).astype("boolean")
    if demand.end is not None:
        holds &= days.map(lambda day: day <= demand.end if pd.notna(day) else True).astype("boolean")
    return holds.where(stated, pd.NA)


def _among(values: pd.Series, wanted: Sequence[str]) -> pd.Series | None:
    if not wanted:
        return None
    plained = {plain(each) for each in wanted}
    holds = values.map(lambda value: plain(value) in plained if pd.notna(value) else pd.NA).astype("boolean")
    return holds


def _any_party(ledger: pd.DataFrame, wanted: set[str]) -> pd.Series | None:
    """Whether a party is on any side; not known where a row names nobody at all."""
    if not wanted:
        return None
    columns = ledger[_SIDES]
    hit = columns.isin(wanted).any(axis=1)
    return hit.astype("boolean").where(hit | columns.notna().any(axis=1), pd.NA)
