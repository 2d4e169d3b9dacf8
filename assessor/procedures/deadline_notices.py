"""Clocks that a notice of BIS sets running: appeals (§791.309) and responses (§§791.316, 791.317).

A clock is shown for each notice in evidence, and where there is none of its sort, when the client's representation letter
speaks of one; it then runs from the one day that the statement names, and from none when it names several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from assessor.procedures import authorization_scope, business_days
from assessor.procedures.authorization_versions import Row
from assessor.procedures.deadline_entry import FORWARD, Entry, doubts, of, uncounted
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import plain, ref, rows

_MONTHS = (
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
)  # fmt: skip
_DATE = re.compile(
    r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"
    rf"|\b(?P<d2>\d{{1,2}}) (?P<m2>{'|'.join(_MONTHS)}) (?P<y2>\d{{4}})\b"
    rf"|\b(?P<m3>{'|'.join(_MONTHS)}) (?P<d3>\d{{1,2}}), (?P<y3>\d{{4}})\b",
    re.IGNORECASE,
)
_TAKEN = r"\b(denial|denied|suspen\w+|revo\w+)\b"
_NOTICES = (
    (
        "initial finding of violation",
        r"\bfindings? of violation\b",
        "791.316(b)(2)",
        "violation_response_days",
        ("finding_of_violation",),
    ),
    ("pre-penalty notice", r"\bpre ?penalty\b", "791.317(b)(2)", "penalty_response_days", ("pre_penalty",)),
    (
        "denial, suspension or revocation of a specific authorization",
        rf"{_TAKEN}.*\bauthorizations?\b|\bauthorizations?\b.*{_TAKEN}",
        "791.309",
        "",
        ("denial", "suspension", "revocation"),
    ),
    (
        "ineligibility for a general authorization",
        r"\bineligib\w*|\bnot eligible\b",
        "791.309",
        "",
        ("ineligibility",),
    ),
)
"""Notices: name, words of topic or statement that speak of it, clause, the constant of its response (none: an appeal), and its
kinds in `notices`."""


def dates_in(text: str) -> list[date]:
    """The days that a text names as 2026-10-05, 5 October 2026 or October 5, 2026, once each; impossible ones are none."""
    found = set()
    for match in _DATE.finditer(text):
        part = match.groupdict()
        year, day = (part[k] or part[k + "2"] or part[k + "3"] for k in "yd")
        month = part["m"] or part["m2"] or part["m3"]
        number = int(month) if month.isdigit() else _MONTHS.index(month.casefold()) + 1
        try:
            found.add(date(int(year), number, int(day)))
        except ValueError:
            continue
    return sorted(found)


def entries(facts: Facts) -> Iterator[Entry]:
    """An entry for each notice in evidence with a period, and for each topic of the representation letter that speaks of one."""
    table, told = facts.tables["notices"], facts.tables["representations"]
    topics = {plain(topic): topic for topic in sorted(told["topic"].dropna().unique())}
    for name, words, clause, constant, kinds in _NOTICES:
        held = [notice for notice in rows(table.sort_values("notice")) if notice["kind"] in kinds]
        for notice in held:
            yield _of_notice(facts, notice, name, clause, constant)
        for key in sorted(topics) if not held else ():
            said = " ".join(plain(text) for text in authorization_scope.represented(facts, topics[key])["statement"])
            if re.search(words, f"{key} {said}"):
                yield _clock(facts, topics[key], name, clause, constant)


def _of_notice(facts: Facts, notice: Row, name: str, clause: str, constant: str) -> Entry:
    """The clock of a notice in evidence: a response runs from its delivery, an appeal from the date that stands on it."""
    what, how, event = _words(facts, name, constant)
    subject, start = notice["notice"] or f"notice in {ref(notice)}", notice["delivered" if constant else "dated"]
    entry = Entry(
        f"{subject}: {what[0].lower()}{what[1:]}",
        clause,
        subject,
        reason="" if start else f"The notice as read does not tell {event}.",
        counted_from=of(start, event) if start else event,
        how=how,
        ambiguity="" if start or constant else uncounted(None),
        met=notice["answered"],
        evidence=(ref(notice),),
    )
    return _running(facts, entry, start, constant) if start else entry


def _words(facts: Facts, name: str, constant: str) -> tuple[str, str, str]:
    """What is to be done, how the days are counted, and from which event."""
    number = int(facts.rule.constant(constant or "appeal_days"))
    roll = "a last day on a weekend or Federal holiday moves to the following business day"
    return (
        f"Respond to the {name}" if constant else f"Appeal against {name}",
        f"{number} {FORWARD}" if not constant else f"{number} {FORWARD.replace('no roll-over', roll)}",
        "delivery of the notice by BIS" if constant else "the date on the written notice",
    )


def _running(facts: Facts, entry: Entry, start: date, constant: str) -> Entry:
    """The entry with its last day, counted from a day."""
    last = (
        business_days.respond_by(facts.rule, start, constant)
        if constant
        else business_days.appeal_by(facts.rule, start)
    )
    return replace(
        entry,
        date=last.day,
        how=doubts(f"{entry.how}.", last.moved) if last.moved else entry.how,
        ambiguity=doubts(entry.ambiguity, last.ambiguity),
    )


def _clock(facts: Facts, topic: str, name: str, clause: str, constant: str) -> Entry:
    """The clock of a notice of which only the client's letter tells."""
    said = authorization_scope.represented(facts, topic)
    what, how, event = _words(facts, name, constant)
    days = sorted({day for statement in said["statement"] for day in dates_in(statement)})
    denied = authorization_scope.denies(said)
    reason = ""
    if denied and days:
        reason = "The client's letter denies a notice and names a day in one statement; the notice, if there is one, is to be seen."
    elif denied:
        reason = "No notice is in evidence: the client represents in writing that there is none."
    elif denied is None:
        reason = "No notice is in evidence: the letter names the topic and states nothing."
    elif len(days) != 1:
        reason = f"The client's letter tells of it and names {'no day' if not days else 'several days'}; the notice is to be seen."
    entry = Entry(
        what,
        clause,
        topic,
        reason=reason,
        counted_from=event if reason else of(days[0], event),
        how=how,
        ambiguity=("" if constant else uncounted(None))
        if reason
        else f"The one day that the client's letter names is taken for {event}; the notice itself decides.",
        evidence=evidence(said),
    )
    return entry if reason else _running(facts, entry, days[0], constant)
