"""What an earlier engagement left: prior.json, made from its files, read again, and held against this year's results."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assessor import files, judged, judgements, requests
from assessor.engagement import TERMS, Engagement, Terms
from assessor.errors import EngagementError, LedgerError
from assessor.prior.period import day
from assessor.results import ProcedureResult, Question

NOTE = (
    "Context from an earlier engagement. Nothing in this file is evidence, an answer or a conclusion of this engagement, and "
    "no procedure reads it."
)
_LISTS = ("open_findings", "closed_findings", "requests", "unanswered", "name_matches", "answers")
_DIGESTED = (TERMS, "register.jsonl", "judgements.jsonl", "results/results.json", "prior.json")
_REFUSED = ("no", "none")
"""Answers to `supplier_match` that take a name for none of the candidates."""
_SHORT = 400
"""Characters of a condition in short."""


def context(prior: Engagement) -> dict[str, Any]:
    """What prior.json says of an engagement, described in `assessor.prior`; it is only read, and may be of an earlier version of the toolkit.

    Raises EngagementError when its results or tables cannot be read, LedgerError when its ledger is damaged.
    """
    terms, told = prior.terms(), _results(prior)
    ledger = judgements.read(prior.ledger)
    if ledger.problems:
        raise LedgerError(
            f"{prior.root}: {ledger.problems[0]} Restore the file from a copy before rolling the engagement forward."
        )
    asked = {(_text(q, "id"), _text(q, "subject")): q for q in _rows(prior, told, "questions")}
    terms = judged.with_responses(terms, ledger)
    latest = {(entry.question, entry.subject): entry for entry in ledger.of(judgements.ANSWER)}
    answers = [_answer(entry, asked.get(key)) for key, entry in sorted(latest.items())]
    settled = {(a["question"], a["subject"]) for a in answers if a["state"] == "answered"}
    findings = [_finding(f, terms) for f in _rows(prior, told, "findings")]
    procedures = [
        {key: _text(p, key) for key in ("procedure", "clause", "title", "conclusion", "reason")}
        for p in _rows(prior, told, "procedures")
    ]
    return {
        "note": NOTE,
        "prior": {
            "id": terms.id,
            "client": terms.client_name,
            "dated": day(terms.dated),
            "period": {"from": day(terms.period_from), "to": day(terms.period_to)},
            "rule_version": terms.rule_version,
            "toolkit": _toolkit(prior),
            "digests": {
                name: files.sha256(prior.root / name) if (prior.root / name).is_file() else None for name in _DIGESTED
            },
        },
        "plan": {
            "procedures": [{key: p[key] for key in ("procedure", "clause", "title")} for p in procedures],
            "records_sample": terms.criteria.get("records_sample", 0),
            "record_sample": _record_sample(prior),
            "interviews": _planned(prior, "interviews", ("person", "role", "organisation"), "topics"),
            "site_visits": _planned(prior, "site_visits", ("site", "address"), "category"),
        },
        "open_findings": [f for f in findings if not f["response"].get("closed")],
        "closed_findings": [f for f in findings if f["response"].get("closed")],
        "requests": [
            {
                "key": _key(q, "; ".join(_texts(q, "subjects"))),
                "subjects": _texts(q, "subjects"),
                **{key: _text(q, key) for key in ("id", "what", "clause", "settles")},
            }
            for q in _outstanding(prior, told, ledger, terms)
        ],
        "unanswered": [
            {
                "key": f"{question}/{subject}",
                "question": question,
                "subject": subject,
                "clause": _text(q, "clause"),
                "asked": _text(q, "asked"),
                "state": "stale" if (question, subject) in latest else "open",
            }
            for (question, subject), q in sorted(asked.items())
            if (question, subject) not in settled
        ],
        "name_matches": [
            _match(a, asked.get((a["question"], a["subject"]))) for a in answers if a["question"] == "supplier_match"
        ],
        "answers": [a for a in answers if a["question"] != "supplier_match"],
        "prior_conclusions": {
            "note": "For context only: what the earlier engagement concluded, on the evidence of its own period.",
            "overall": _text(told, "conclusion"),
            "procedures": procedures,
        },
    }


def _outstanding(
    prior: Engagement, told: Mapping[str, Any], ledger: judgements.Ledger, terms: Terms
) -> list[dict[str, Any]]:
    """The requests that the client had still to answer, by the ledger; all those of an earlier version, which the ledger did not know."""
    found = []
    for row in _rows(prior, told, "requests"):
        try:
            [one] = requests.settled([requests.from_row(row)], ledger, terms)
        except (KeyError, TypeError, ValueError):
            found.append(row)
        else:
            found += [row] if one.outstanding else []
    return found


def _answer(entry: judgements.Entry, question: Mapping[str, Any] | None) -> dict[str, Any]:
    state = "not asked"
    if question is not None:
        # results of an earlier version hold the state of their run and no digest
        same = question.get("facts_digest", entry.facts_digest if question.get("state") == "answered" else None)
        state = "answered" if same == entry.facts_digest else "stale"
    return {
        "question": entry.question,
        "subject": entry.subject,
        "answer": entry.answer,
        "because": entry.because,
        "by": entry.by,
        "role": entry.role,
        "at": entry.at,
        "state": state,
        "facts_digest": entry.facts_digest,
    }


def _match(answer: dict[str, Any], question: Mapping[str, Any] | None) -> dict[str, Any]:
    facts = (question or {}).get("facts")
    shown = facts.get("candidates") if isinstance(facts, dict) else None
    outcome = "refused" if answer["answer"] in _REFUSED else "confirmed"
    return {**answer, "outcome": outcome, "candidates": shown if isinstance(shown, list) else []}


def _finding(told: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    key = _key(told, _text(told, "subject"))
    response = next((r for r in terms.responses if r["finding"] == key), {})
    recommendations = told.get("recommendations")
    return {
        "key": key,
        **{name: _text(told, name) for name in ("id", "title", "subject", "severity")},
        "clauses": _texts(told, "clauses"),
        "condition": textwrap.shorten(_text(told, "condition"), _SHORT, placeholder=" …"),
        "recommendations": [
            {name: _text(each, name) for name in ("text", "addresses", "transactions")}
            for each in (recommendations if isinstance(recommendations, list) else [])
            if isinstance(each, dict)
        ],
        "response": {name: response[name] for name in ("by", "date", "agrees", "text", "closed") if name in response},
    }


def _key(told: Mapping[str, Any], subject: str) -> str:
    return _text(told, "key") or f"{_text(told, 'procedure')}/{_text(told, 'code')}/{subject}"


def _text(told: Mapping[str, Any], key: str) -> str:
    return str(told.get(key) or "")


def _texts(told: Mapping[str, Any], key: str) -> list[str]:
    listed = told.get(key)
    return [str(each) for each in listed] if isinstance(listed, list) else []


def _results(prior: Engagement) -> dict[str, Any]:
    """results.json of the earlier engagement; empty when there is none."""
    path = prior.results / "results.json"
    return _json(path, f"run `assessor run {prior.root}` to make it again") if path.exists() else {}


def _rows(prior: Engagement, told: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects in results.json; an absent one is empty, as an earlier version may have had none."""
    listed = told.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise EngagementError(
            f"{prior.results / 'results.json'}: `{key}` is no list of objects; run `assessor run {prior.root}` to make it again."
        )
    return listed


def _json(path: Path, what_to_do: str) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise EngagementError(f"{path} cannot be read as a JSON object; {what_to_do}.")
    return told


def _toolkit(prior: Engagement) -> str:
    """The version that made the results, as run.json tells; empty when it does not."""
    try:
        return str(json.loads(prior.run_file.read_bytes())["assessor"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def _record_sample(prior: Engagement) -> list[dict[str, Any]]:
    """How many records of each kind and type were drawn, out of how many; not what their inspection showed."""
    path = prior.results / "s312_records.json"
    drawn = _json(path, f"run `assessor run {prior.root}` to make it again").get("tables") if path.exists() else None
    listed = drawn.get("record_sample") if isinstance(drawn, dict) else None
    return [
        {key: row.get(key) for key in ("kind", "record_type", "population", "sample")}
        for row in (listed if isinstance(listed, list) else [])
        if isinstance(row, dict)
    ]


def _planned(prior: Engagement, name: str, by: tuple[str, ...], about: str) -> list[dict[str, Any]]:
    """Who was interviewed, or what was visited: one entry each with its dates and what it was about; not what was said or seen."""
    path = prior.tables / f"{name}.parquet"
    if not path.exists():
        return []
    try:
        rows = pq.read_table(path).to_pylist()
    except (pa.ArrowException, OSError, ValueError):
        raise EngagementError(f"{path} cannot be read; run `assessor run {prior.root}` to make it again.") from None
    found: dict[tuple[str, ...], tuple[set[str], set[str]]] = {}
    for row in rows:
        dates, topics = found.setdefault(tuple(_text(row, key) for key in by), (set(), set()))
        dates |= {_text(row, "date")} - {""}
        topics |= {_text(row, about)} - {""}
    return [
        {**dict(zip(by, key, strict=True)), "dates": sorted(dates), "about": sorted(topics)}
        for key, (dates, topics) in sorted(found.items())
    ]


def read(engagement: Engagement) -> dict[str, Any] | None:
    """prior.json of an engagement; None when it was not rolled forward. Raises EngagementError when it is damaged."""
    if not engagement.prior_file.exists():
        return None
    told = _json(engagement.prior_file, "restore it from a copy")
    listed = all(
        isinstance(told.get(name), list) and all(isinstance(each, dict) for each in told[name]) for name in _LISTS
    )
    about = [told.get("prior")]
    about += [each.get("response", {}) for name in _LISTS[:2] for each in told[name]] if listed else []
    if not listed or not all(isinstance(each, dict) for each in about):
        raise EngagementError(f"{engagement.prior_file} is not as `assessor new` wrote it; restore it from a copy.")
    return told


def standing(told: Mapping[str, Any], results: Iterable[ProcedureResult], asked: Iterable[Question]) -> dict[str, Any]:
    """How this engagement stands to what `read` gave: a context to look at, none of it counted.

    id, period; open_findings, closed_findings and requests, each with `again`: the number that it has among this year's
    results, empty when it is not among them, None when nothing has been run yet; `unanswered` questions of the earlier
    engagement; and `questions` that are open or stale now and were answered then: question, subject, state and `earlier`, the
    answer, with `same_facts`: whether the facts shown are the same as then.
    """
    results = list(results)
    now = {finding.key: finding.id for result in results for finding in result.findings}
    now |= {request.key: request.id for result in results for request in result.requests}

    def again(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**each, "again": now.get(_text(each, "key"), "") if results else None} for each in listed]

    earlier = {(_text(a, "question"), _text(a, "subject")): a for a in (*told["answers"], *told["name_matches"])}
    return {
        "id": _text(told["prior"], "id"),
        "period": told["prior"].get("period"),
        **{name: again(told[name]) for name in ("open_findings", "closed_findings", "requests")},
        "unanswered": told["unanswered"],
        "questions": [
            {
                "question": q.id,
                "subject": q.subject,
                "state": q.state,
                "earlier": {
                    **earlier[q.id, q.subject],
                    "same_facts": earlier[q.id, q.subject].get("facts_digest") == q.facts_digest,
                },
            }
            for q in asked
            if q.state != "answered" and (q.id, q.subject) in earlier
        ],
    }
