"""How an engagement stands, on one page: its stage, what needs the assessor, findings, requests, coverage. No widget, no script."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from assessor import attention, judgements, requests, signing
from assessor.assessment import stored
from assessor.comparison import recorded
from assessor.engagement import Engagement, Terms
from assessor.evidence import register
from assessor.evidence.four_fields import FOUR_FIELDS
from assessor.issuing import REPORT_RECORD
from assessor.results import SEVERITIES
from assessor.review.parts import today
from assessor.workpapers import rows
from assessor.workpapers.display import Html

SHOWN = 25
"""Rows of each list of the page; the lists themselves are browsed."""


def standing(engagement: Engagement, day: date | None = None) -> dict[str, Any]:
    """What the page shows, as plain data: stage, procedures, findings, requests, questions (with their state as the ledger has it now),
    workpapers, notes, evidence by status, what else needs somebody (`attention`, as the check tells it), and coverage.
    `day` is that by which a request is overdue (None: today)."""
    day = day or today()
    terms, ledger = engagement.terms(), judgements.read(engagement.ledger)
    told: dict[str, Any] = {
        "engagement": terms.id,
        "client": terms.client_name,
        "period": f"{terms.period_from} to {terms.period_to}",
        "stage": "new",
        "procedures": [],
        "findings": [],
        "requests": [],
        "questions": [],
        "evidence": {},
        "coverage": [],
        "ledger": [*ledger.problems, *ledger.oddities],
        "attention": [*attention.in_terms(terms), *attention.in_inbox(engagement)],
    }
    if engagement.register.exists():
        told["stage"] = "evidence received"
        told["evidence"] = dict(
            sorted(Counter(register.read(engagement.register)["status"].fillna("not read yet")).items())
        )
    collected = engagement.results / "results.json"
    if collected.exists():
        results = json.loads(collected.read_bytes())
        reported = (engagement.report / REPORT_RECORD).exists()
        told |= {
            "stage": "reported" if reported else "run",
            **{name: results[name] for name in ("procedures", "findings", "requests")},
        }
        told["requests"] = [
            {**request, "due": f"{one.due or ''}", "state": one.standing}
            | {"outstanding": one.outstanding, "overdue": one.overdue(day)}
            for request, one in zip(results["requests"], _requests(results["requests"], ledger, terms), strict=True)
        ]
        told["findings"].sort(key=lambda finding: (SEVERITIES.index(finding["severity"]), finding["id"]))
        told["questions"] = [_question(question, ledger) for question in results["questions"]]
        told["coverage"] = _coverage(engagement)
        besides = recorded.questions(engagement)
        told["attention"] += attention.in_judgements(terms, stored(engagement), ledger, besides)
        told["attention"] += attention.in_comparison(engagement)
    told["workpapers"] = [
        {
            "workpaper": each.name,
            "prepared": each.prepared.by if each.prepared else "",
            "reviewed": each.reviewed.by if each.reviewed else "",
            "changed since": ", ".join(entry.by for entry in each.undone),
            "open notes": len(each.notes),
        }
        for each in signing.standings(engagement, ledger)
    ]
    told["notes"] = [
        {"entry": note.seq, "on": note.subject, "note": note.because, "by": note.by, "at": note.at[:10]}
        for note in signing.open_notes(ledger)
    ]
    return told


def _requests(
    collected: Sequence[Mapping[str, Any]], ledger: judgements.Ledger, terms: Terms
) -> list[requests.Request]:
    """The collected requests with their state as the ledger has it now."""
    return requests.settled([requests.from_row(told) for told in collected], ledger, terms)


def _question(question: Mapping[str, Any], ledger: judgements.Ledger) -> dict[str, str]:
    entry = ledger.latest(question["id"], question["subject"])
    state = "open" if entry is None else "answered" if entry.facts_digest == question["facts_digest"] else "stale"
    if state == "answered" and question["state"] != "answered":
        state = "answered since the run"
    return {"question": question["id"], "subject": question["subject"], "clause": question["clause"], "state": state}


def _coverage(engagement: Engagement) -> list[dict[str, Any]]:
    """Of the software components without an open-source licence, by item: how many state each of the four fields."""
    path = engagement.tables / "components.parquet"
    if not path.exists():
        return []
    table = pq.read_table(path, columns=["item", "medium", "license_class", *FOUR_FIELDS])
    table = table.filter(
        pc.and_(
            pc.fill_null(pc.equal(table["medium"], "software"), False),
            pc.fill_null(pc.not_equal(table["license_class"], "open_source"), True),
        )
    )
    stated = {
        name: pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(table[name]), ""), False).cast("int64")
        for name in FOUR_FIELDS
    }
    counted = (
        table.select(["item"])
        .append_column("components", pc.add(pc.multiply(stated["name"], 0), 1))
        .append_column(*("author", stated["author"]))
        .append_column(*("timestamp", stated["timestamp"]))
        .append_column(*("name", stated["name"]))
        .append_column(*("supplier", stated["supplier"]))
        .group_by("item")
        .aggregate([(name, "sum") for name in ("components", *FOUR_FIELDS)])
        .sort_by("item")
    )
    return [
        {"item": row["item"] or "not stated", "components": row["components_sum"]}
        | {words: row[f"{name}_sum"] for name, words in FOUR_FIELDS.items()}
        for row in counted.to_pylist()
    ]


def overview(engagement: Engagement, day: date | None = None) -> Html:
    """The page, as of a day (None: today)."""
    told = standing(engagement, day)
    open_questions = [q for q in told["questions"] if q["state"] not in ("answered", "answered since the run")]
    since = sum(q["state"] == "answered since the run" for q in told["questions"])
    unsigned = [w for w in told["workpapers"] if not (w["prepared"] and w["reviewed"])]
    unread = sum(n for status, n in told["evidence"].items() if status not in ("read", "duplicate"))
    needs = [
        (len(open_questions), "question to answer or to answer again", "questions to answer or to answer again"),
        (since, "answer that no run has taken up yet", "answers that no run has taken up yet"),
        (len(told["notes"]), "open review note", "open review notes"),
        (
            len(unsigned),
            "workpaper without both signatures as it is now",
            "workpapers without both signatures as they are now",
        ),
        (
            sum(request["outstanding"] for request in told["requests"]),
            "evidence request outstanding",
            "evidence requests outstanding",
        ),
        (
            sum(request["overdue"] for request in told["requests"]),
            "evidence request overdue",
            "evidence requests overdue",
        ),
        (unread, "evidence item not read in full", "evidence items not read in full"),
        (len(told["attention"]), "judgement, delivery or term to see to", "judgements, deliveries or terms to see to"),
        (len(told["ledger"]), "oddity of the ledger", "oddities of the ledger"),
    ]
    needed = [(number, one if number == 1 else several) for number, one, several in needs if number]
    head = (
        f"<p><strong>{escape(told['client'])}</strong>, engagement {escape(told['engagement'])}, period {told['period']}; "
        f"stage: <strong>{told['stage']}</strong>.</p>"
    )
    listed = "".join(f"<li><strong>{number:,}</strong> {words}</li>" for number, words in needed)
    parts = [
        head,
        "<h3>What needs me</h3>",
        f"<ul>{listed}</ul>" if listed else "<p>Nothing.</p>",
        *(f"<p>{escape(text)}</p>" for text in told["ledger"]),
        _table(
            told["attention"],
            "Judgements that no longer count, deliveries that wait, terms to confirm, the comparison that is kept",
        )
        if told["attention"]
        else "",
        _table(open_questions, "Questions without an answer in force"),
        _table(told["notes"], "Open review notes"),
        _table(told["workpapers"], "Workpapers and signatures"),
        _table(
            [
                {
                    "clause": f"§{p['clause']}",
                    "procedure": p["title"],
                    "conclusion": p["conclusion"],
                    "reason": p["reason"],
                }
                for p in told["procedures"]
            ],
            "Conclusions",
            100,
        ),
        _table(
            [
                {"finding": f["id"], "severity": f["severity"], "title": f["title"], "clauses": ", ".join(f["clauses"])}
                for f in told["findings"]
            ],
            "Findings, gravest first",
        ),
        _table(
            [
                {"request": r["id"], "what": r["what"], "settles": r["settles"], "due": r["due"]}
                | {"state": r["state"] + ("; overdue" if r["overdue"] else "")}
                for r in sorted(told["requests"], key=lambda r: (not r["overdue"], not r["outstanding"]))
            ],
            "Evidence requests, overdue and outstanding ones first",
        ),
        _table([{"status": status, "items": number} for status, number in told["evidence"].items()], "Evidence"),
        _table(
            told["coverage"], "Software components without an open-source licence that state each of the four fields"
        ),
    ]
    summary = "; ".join(f"{number} {words}" for number, words in needed) or "nothing needs you"
    return Html("".join(parts), f"{told['client']}: {told['stage']}; {summary}.")


def _table(listed: Sequence[Mapping[str, Any]], caption: str, limit: int = SHOWN) -> str:
    return rows(listed, caption, limit)._repr_html_()
