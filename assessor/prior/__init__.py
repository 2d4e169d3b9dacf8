"""Rolling an engagement forward: a new one from an earlier one's terms, with what that left open as context.

The terms are carried over (`carried_terms`), and what has to be confirmed for the new period is listed in them. Everything else
goes into prior.json (`context`), which no procedure reads: an assessor who is independent comes to this year's conclusions from
this year's evidence, and answers this year's questions. What stands there is shown beside open questions, and no more.

prior.json holds (a list is sorted or in the order of the earlier results, an absent text is empty):

    note               that nothing rests on it
    prior              id, client, dated, period, rule_version, toolkit (version), digests (SHA-256 of its files; null: absent)
    plan               proposed for the new engagement: procedures that ran, records_sample (of the terms), record_sample (how many
                       were drawn of each kind and type), interviews and site_visits (each with its dates and what it was about)
    open_findings      key, id, title, subject, clauses, severity, condition (in short), recommendations, response
    closed_findings    the same, of those that management holds to be mended (`closed` of its response): to be looked at
    requests           evidence requests still outstanding: key, id, what, subjects, clause, settles
    unanswered         questions without an answer in force: key, question, subject, clause, asked, state
    name_matches       latest answers to `supplier_match`: as `answers`, with outcome (confirmed, refused) and candidates
    answers            latest answers to all other questions: question, subject, answer, because, by, role, at, state (answered,
                       stale, not asked: by the last run), facts_digest
    prior_conclusions  note, overall, procedures (procedure, clause, title, conclusion, reason)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assessor import starting
from assessor.engagement import TERMS, Engagement
from assessor.errors import EngagementError
from assessor.prior.context import context, read, standing
from assessor.prior.period import day, next_period
from assessor.prior.terms import CONFIRM, carried_terms
from assessor.results import to_json

__all__ = [
    "CONFIRM",
    "RolledForward",
    "carried_terms",
    "context",
    "day",
    "next_period",
    "read",
    "roll_forward",
    "standing",
]


@dataclass(frozen=True)
class RolledForward:
    """The new engagement, what is in its prior.json, what of the terms was left out, and what a person should look at."""

    engagement: Engagement
    context: dict[str, Any]
    left_out: tuple[str, ...]
    problems: tuple[dict[str, str], ...]


def roll_forward(
    source: Path,
    folder: Path,
    *,
    id: str | None = None,
    dated: date | None = None,
    begin: date | None = None,
    end: date | None = None,
) -> RolledForward:
    """Make the engagement `folder` from the earlier one in `source`, which is only read.

    What is not given is proposed, and listed in `to_confirm` of the new terms. Raises EngagementError when `source` is no
    engagement or its results cannot be read, when one folder lies in the other, or `folder` is not empty; LedgerError when the
    earlier ledger is damaged. Nothing is left in `folder` then.
    """
    if not (source / TERMS).is_file():
        raise EngagementError(
            f"{source} is not an engagement: it has no engagement.toml. Name the folder of the earlier one."
        )
    here, there = folder.resolve(), source.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise EngagementError(f"{folder} and {source} lie one in the other; name a new folder beside the earlier one.")
    prior = Engagement(source)
    terms = prior.terms()
    text, left_out = carried_terms(prior, id=id, dated=dated, begin=begin, end=end)
    content = context(prior)
    # a text that is none (half of a pair, as Python makes of odd file names) is no reason to carry nothing
    kept = to_json(content).encode("utf-8", "replace")
    engagement = starting.create(folder, text, {"prior.json": kept})
    problems = _gap(day(terms.period_to), day(engagement.terms().period_from))
    if content["prior"]["digests"]["results/results.json"] is None:
        message = f"It has no results, so that no findings, requests or plan were carried; run `assessor run {source}` first for these."
        problems.append({"code": "no_results", "place": str(source), "message": message})
    return RolledForward(engagement, content, left_out, tuple(problems))


def _gap(earlier_end: date, begin: date) -> list[dict[str, str]]:
    days = (begin - earlier_end).days - 1
    if not days:
        return []
    told = f"leaves {days} days after" if days > 0 else f"overlaps by {-days} days"
    message = f"The period begins on {begin} and {told} the earlier one, which ended on {earlier_end}; mend it, or say so in the report."
    return [{"code": "period", "place": "engagement.toml period", "message": message}]
