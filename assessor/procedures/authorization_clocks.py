"""§791.306(e): the two clocks of a general authorization, from the log of the client.

They run one after the other (T-37): from the discovery of a changed circumstance to the assessment whether the client still
qualifies; then, if articles were used outside the conditions, from that determination to ceasing, inquiry and report. Paragraph
(e)(2) is reserved and holds nothing to test.
"""

from __future__ import annotations

from datetime import timedelta

from assessor.procedures import authorization_versions
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts
from assessor.procedures.working import Workings, finding, plain, ref, rows
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation


def clocks(facts: Facts, number: str) -> Workings:
    """§791.306(e): days from `change_discovered` to `assessed`, and from `determined_outside` to `reported_outside`."""
    w = Workings()
    log = authorization_versions.about(facts.tables["authorization_events"], number)
    for clause, began, ended, constant, code, words in (
        (
            "791.306(e)",
            "change_discovered",
            "assessed",
            "change_assessment_days",
            "not_assessed",
            ("discovered a change in circumstance", "assessed whether it still qualifies"),
        ),
        (
            "791.306(e)(1)",
            "determined_outside",
            "reported_outside",
            "outside_report_days",
            "report_not_made",
            ("determined a use outside the conditions", "reported it to BIS"),
        ),
    ):
        days = int(facts.rule.constant(constant))
        starts, ends = (
            rows(log[(log["event"] == event).fillna(False)].sort_values("date")) for event in (began, ended)
        )
        late = []
        for start in starts:
            end = matching(start, ends, alone=len(starts) == 1)
            about = f"{number}{': ' + start['subject'] if start['subject'] else ''}"
            places = [ref(e) for e in (start, end) if e]
            if start["date"] is None or (end and end["date"] is None):
                w.test(
                    clause,
                    about,
                    Outcome.INCONCLUSIVE,
                    f"The log does not date when the client {words[0]} or {words[1]}.",
                    places,
                )
                w.request(
                    "clock_dates",
                    f"When the client {words[0]} and {words[1]}",
                    [about],
                    clause,
                    f"whether {days} days were kept",
                )
                continue
            last = start["date"] + timedelta(days=days)
            if end and end["date"] <= last:
                w.test(
                    clause,
                    about,
                    Outcome.CONFORMS,
                    f"On {start['date']} the client {words[0]}, and on {end['date']} {words[1]}, "
                    f"{(end['date'] - start['date']).days} days later; {days} are allowed.",
                    places,
                )
            elif not end and last >= facts.terms.dated:
                w.test(
                    clause,
                    about,
                    Outcome.NOT_TESTED,
                    f"The client {words[0]} on {start['date']}; it has until {last}.",
                    places,
                )
            else:
                told = f"On {start['date']} the client {words[0]}; by {last} it had not {words[1]}" + (
                    f", which it did on {end['date']}." if end else ", and the log shows no later date either."
                )
                w.test(clause, about, Outcome.EXCEPTION, told, places)
                late.append((told, places))
        if late:
            w.findings.append(_overdue(number, code, clause, days, late))
    return w


def matching(start: Row, ends: list[Row], *, alone: bool) -> Row | None:
    """The entry that ends what `start` began: of the same subject, or of none where nothing else is open; not earlier."""
    for end in ends:
        same = plain(end["subject"]) == plain(start["subject"]) or (alone and not (end["subject"] and start["subject"]))
        if same and (end["date"] is None or start["date"] is None or end["date"] >= start["date"]):
            return end
    return None


_DUTY = {
    "not_assessed": (
        "a change in circumstance was not assessed in time",
        "Within {days} days of discovering a change in circumstance the client assesses whether it still qualifies.",
        "The client went on relying on the authorization without knowing whether it still qualified.",
        "Assess now whether the client still qualifies, and record it.",
    ),
    "report_not_made": (
        "use outside the conditions was not reported in time",
        "Within {days} days of determining a use outside the conditions the client ceases prohibited conduct, makes an internal inquiry "
        "and reports to BIS the transactions, the number of units and the remedial measures.",
        "BIS was not told in time, and failure to follow the instructions may nullify the authorization (§791.306(d)).",
        "Report to BIS now: transactions, number of units and remedial measures.",
    ),
}
"""Title, criteria, effect and recommendation by code of finding."""


def _overdue(number: str, code: str, clause: str, days: int, late: list[tuple[str, list[EvidenceRef]]]) -> Finding:
    title, criteria, effect, mend = _DUTY[code]
    return finding(
        code,
        number,
        [clause],
        f"{number}: {title}",
        criteria=criteria.format(days=days),
        condition=" ".join(told for told, _ in late),
        effect=effect,
        severity="high",
        evidence=[place for _, places in late for place in places],
        recommendations=[
            Recommendation(mend, "condition", f"transactions under {number}"),
            Recommendation(
                "Enter the last day in a calendar with an owner when the period begins.",
                "cause",
                f"transactions under {number}",
            ),
        ],
    )
