"""The XLSX annexes: everything that the report counts or shortens, in full, to be filtered and sorted.

Texts are always written as texts: nothing that evidence says becomes a formula, a link or a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assessor.reporting import asking, work, workbook
from assessor.reporting.view import View, cited
from assessor.reporting.words import missing, natural, outcome, plain
from assessor.reporting.workbook import Sheet
from assessor.results import Finding


def write(view: View, target: Path) -> None:
    """Write the annexes to `target`, whole or not at all; the same view gives the same bytes."""
    workbook.write(view, f"Annexes to the assessment {view.terms.id}", _sheets(view), target)


def write_requests(view: View, target: Path) -> None:
    """Write the client's request list to `target`, whole or not at all, with empty columns for its answers."""
    listed = asking.requests(view)
    told = ("id", "procedure", "clause", "why", "what")
    request = (
        "Evidence requests",
        "What the client is asked to furnish, one row a request; the last four columns are for its answer",
        [
            ("request", 9),
            ("procedure", 30),
            ("clause", 20),
            ("what the clause asks for", 44),
            ("what is missing", 60),
            ("for", 40),
            ("what it settles", 40),
            ("due", 18),
            ("state", 24),
            ("files, or why there are none", 40),
            ("date", 14),
            ("by", 20),
            ("remark", 40),
        ],
        [
            [
                *(r[key] for key in told),
                "; ".join(r["all_subjects"]),
                *(r[key] for key in ("settles", "due", "state")),
                *[""] * 4,
            ]
            for r in listed
        ],
    )
    subjects = (
        "Subjects",
        "The same, one row for each for whom or what something is missing",
        [("for", 50), ("request", 9), ("clause", 20), ("what is missing", 70), ("due", 18)],
        [[subject, r["id"], r["clause"], r["what"], r["due"]] for r in listed for subject in r["all_subjects"]],
    )
    workbook.write(view, f"Evidence requests {view.terms.id}", [request, subjects], target)


def _sheets(view: View) -> list[Sheet]:
    """Every annex: name, what it is, columns with widths, rows."""
    suppliers = (
        "supplier",
        "name",
        "country",
        "components",
        "items",
        "relevant",
        "foreign_interest",
        "prc_russia",
        "limb",
        "rests_on",
        "evidence",
    )
    interests = ("supplier", "holder", "holder_country", "nature", "share", "via", "since", "evidence")
    relevant = ("item", "name", "version", "supplier", "scope", "clause", "reason", "evidence")
    return [
        (
            "Relevant components",
            "Every component in scope or undetermined, with its supplier",
            _columns(relevant, 22, name=34, reason=50, supplier=32),
            _picked(view.rows_of("relevant", "s301_scope"), relevant),
        ),
        (
            "Suppliers",
            "Every supplier, whether or not it supplies a relevant component",
            _columns(suppliers, 20, name=36, foreign_interest=50, evidence=40),
            _picked(view.rows_of("suppliers", "s315_suppliers"), suppliers),
        ),
        (
            "Foreign interests",
            "Every foreign interest found in a supplier",
            _columns(interests, 22, supplier=32, holder=36, via=36, evidence=40),
            _picked(view.rows_of("interests", "s315_suppliers"), interests),
        ),
        (
            "Tests",
            "Every test: a clause applied to a subject",
            [("procedure", 26), ("clause", 20), ("subject", 36), ("outcome", 15), ("reason", 70), ("evidence", 50)],
            [
                [
                    r.procedure,
                    cited([t.clause]),
                    t.subject,
                    outcome(t.outcome),
                    t.reason,
                    "; ".join(map(str, t.evidence)),
                ]
                for r in view.results
                for t in r.tests
            ],
        ),
        (
            "Findings",
            "Every finding by its elements",
            [
                ("finding", 9),
                ("procedure", 26),
                ("code", 26),
                ("subject", 34),
                ("clauses", 22),
                ("severity", 10),
                ("title", 40),
                ("criteria", 50),
                ("condition", 60),
                ("cause", 40),
                ("effect", 40),
                ("transactions", 13),
            ],
            [
                [
                    f.id,
                    f.procedure,
                    f.code,
                    f.subject,
                    cited(f.clauses),
                    f.severity,
                    f.title,
                    f.criteria,
                    f.condition,
                    f.cause or f.absent.get("cause", ""),
                    f.effect or f.absent.get("effect", ""),
                    len(f.transactions),
                ]
                for f in view.findings
            ],
        ),
        (
            "Evidence of findings",
            "Every place that a finding stands on, one a row",
            [("finding", 9), ("evidence item", 14), ("place", 50)],
            [[f.id, ref.item, ref.locator] for f in view.findings for ref in f.evidence],
        ),
        (
            "Recommendations",
            "Every recommendation with its transactions",
            [
                ("finding", 9),
                ("recommendation", 80),
                ("addresses", 14),
                ("transactions", 60),
                ("in evidence", 12),
                ("applicable", 60),
            ],
            [
                [f.id, r.text, r.addresses, r.transactions, told.get("transactions"), told.get("applicable", "")]
                for f in view.findings
                for r, told in zip(f.recommendations, _recommended(view, f), strict=True)
            ],
        ),
        (
            "Applicable transactions",
            "Every transaction to which a finding's recommendations are applicable by the evidence",
            [("finding", 9), ("transaction", 16), ("kind", 18), ("date", 20), ("line", 24), ("why", 60)],
            _by_transaction(view),
        ),
        (
            "Transactions affected",
            "Every transaction that a finding concerns",
            [
                ("finding", 9),
                ("transaction", 16),
                ("kind", 18),
                ("date", 20),
                ("line", 24),
                ("units", 8),
                ("VIN", 22),
                ("entry", 22),
                ("authorization", 16),
                ("evidence", 26),
            ],
            _affected(view),
        ),
        (
            "Evidence requests",
            "What the client is asked to furnish",
            [("request", 9), ("procedure", 26), ("clause", 20), ("what", 70), ("subjects", 50), ("settles", 50)],
            [
                [q.id, q.procedure, cited([q.clause]), q.what, "; ".join(q.subjects), q.settles]
                for r in view.results
                for q in r.requests
            ],
        ),
        (
            "Questions",
            "Every point left to the assessor, with its answer",
            [
                ("question", 26),
                ("subject", 34),
                ("clause", 20),
                ("asked", 60),
                ("material to look at", 40),
                ("state", 12),
                ("answer", 12),
                ("rationale", 60),
                ("by", 22),
                ("role", 18),
                ("at", 22),
                ("digest of facts", 66),
            ],
            [
                [
                    q.id,
                    q.subject,
                    cited([q.clause]),
                    q.asked,
                    "; ".join(q.shows),
                    q.state,
                    q.answer,
                    q.rationale,
                    q.answered_by,
                    q.role,
                    q.answered_at,
                    q.facts_digest,
                ]
                for q in view.questions
            ],
        ),
        (
            "Evidence index",
            "Every item of evidence with its digest",
            [
                ("item", 9),
                ("file", 60),
                ("kind", 34),
                ("size", 18),
                ("SHA-256", 68),
                ("status", 30),
                ("received", 20),
                ("supplied by", 24),
            ],
            [
                [row[key] for key in ("id", "file", "kind", "size", "sha256", "status", "received", "supplied_by")]
                for row in work.register(view)
            ],
        ),
    ]


def _columns(keys: Sequence[str], width: int, **wider: int) -> list[tuple[str, int]]:
    return [(key.replace("_", " ").replace("prc russia", "PRC or Russia"), wider.get(key, width)) for key in keys]


def _picked(listed: Iterable[dict[str, Any]], keys: Sequence[str]) -> list[list[Any]]:
    return [
        [
            ""
            if missing(row.get(key))
            else row[key]
            if isinstance(row[key], int) and not isinstance(row[key], bool)
            else plain(row[key])
            for key in keys
        ]
        for row in listed
    ]


def _recommended(view: View, finding: Finding) -> list[dict[str, Any]]:
    """What the last step found for each recommendation of a finding; nothing where it has not been taken."""
    told = [row for row in view.rows_of("recommendations", "s315_recommendations") if row["finding"] == finding.key]
    return told if len(told) == len(finding.recommendations) else [{} for _ in finding.recommendations]


def _by_transaction(view: View) -> list[list[Any]]:
    known = {str(row["transaction"]): row for row in view.records("transactions")}
    shared = {told["finding"]: told for told in view.rows_of("applicable", "s315_recommendations")}
    found = []
    for finding in view.findings:
        told = shared.get(finding.key, {"transactions": finding.transactions, "because": "named in the finding"})
        for transaction in sorted(told["transactions"], key=natural):
            row = known.get(transaction, {})
            found.append(
                [finding.id, transaction, *(plain(row.get(key)) for key in ("kind", "date", "line")), told["because"]]
            )
    return found


def _affected(view: View) -> list[list[Any]]:
    known = {str(row["transaction"]): row for row in view.records("transactions")}
    found = []
    for finding in view.findings:
        for transaction in sorted(finding.transactions, key=natural):
            row = known.get(transaction, {})
            units = row.get("units")
            found.append(
                [
                    finding.id,
                    transaction,
                    *(plain(row.get(key)) for key in ("kind", "date", "line")),
                    None if missing(units) else int(units),  # type: ignore[arg-type]
                    *("" if missing(row.get(key)) else str(row[key]) for key in ("vin", "entry", "authorization")),
                    f"{row['source']} {'' if missing(row.get('locator')) else row['locator']}".strip() if row else "",
                ]
            )
    return found
