"""The XLSX annexes: everything that the report counts or shortens, in full, to be filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assessor import sampled
from assessor.evidence.four_fields import FOUR_FIELDS
from assessor.reporting import asking, transactions, workbook
from assessor.reporting.view import Row, View, cited
from assessor.reporting.words import KINDS, missing, natural, outcome, plain
from assessor.reporting.workbook import Column, Sheet, values
from assessor.results import Finding

SHEETS = (
    "Components in scope",
    "Suppliers",
    "Foreign interests",
    "Four fields",
    "Tests",
    "Transactions tested",
    "Findings",
    "Evidence of findings",
    "Recommendations",
    "Applicable transactions",
    "Transactions affected",
    "Evidence requests",
    "Questions",
    "Evidence index",
)
"""What the report says that there is."""


def write(view: View, target: Path) -> None:
    """Write the annexes to `target`, whole or not at all; the same view gives the same bytes."""
    _write(view, target, f"Annexes to the assessment {view.terms.id}", _sheets(view))


def write_requests(view: View, target: Path, proposed: Mapping[str, str]) -> None:
    """Write the client's request list to `target`, whole or not at all, with empty columns for its answers. `proposed` are items of
    later deliveries that may answer a request, by its number."""
    listed = asking.every(view)
    request = Sheet(
        "Evidence requests",
        "What the client is asked to furnish, one row a request; the last four columns are for its answer",
        [
            Column("request", 9),
            Column("procedure", 30),
            Column("clause", 20),
            Column("what the clause asks for", 44),
            Column("what is missing", 60),
            Column("for", 40),
            Column("what it settles", 40),
            Column("due", 18),
            Column("state", 24),
            Column("may be answered by", 34),
            Column("files, or why there are none", 40),
            Column("date", 14),
            Column("by", 20),
            Column("remark", 40),
        ],
        [
            [
                *(r[key] for key in ("id", "procedure", "clause", "why", "what")),
                "; ".join(r["all_subjects"]),
                *(r[key] for key in ("settles", "due", "state")),
                proposed.get(r["id"], ""),
                *[""] * 4,
            ]
            for r in listed
        ],
    )
    subjects = Sheet(
        "Subjects",
        "The same, one row for each for whom or what something is missing",
        [
            Column("for", 50),
            Column("request", 9),
            Column("clause", 20),
            Column("what is missing", 70),
            Column("due", 18),
        ],
        [[subject, r["id"], r["clause"], r["what"], r["due"]] for r in listed for subject in r["all_subjects"]],
    )
    _write(view, target, f"Evidence requests {view.terms.id}", [request, subjects])


def _write(view: View, target: Path, title: str, sheets: Sequence[Sheet]) -> None:
    terms = view.terms
    about = f"{terms.client_name}; report of {plain(terms.dated)}; rule text as of {plain(view.rule.version)}"
    workbook.write(target, title, about, str(terms.firm["name"]), terms.dated, sheets)


def _sheets(view: View) -> list[Sheet]:
    """Every annex."""
    return [
        Sheet(
            "Components in scope",
            "Every relevant component, in scope or undetermined, with its supplier",
            [
                Column("item", 22),
                Column("name", 34),
                Column("version", 22),
                Column("supplier", 32),
                Column("scope", 14),
                Column("clause", 24),
                Column("reason", 50),
                Column("evidence", 22),
            ],
            _picked(
                view.rows_of("relevant", "s301_scope"),
                ("item", "name", "version", "supplier", "scope", "clause", "reason", "evidence"),
            ),
        ),
        _suppliers(view),
        _interests(view),
        _documented(view),
        _tests(view),
        transactions.tested(view),
        _findings(view),
        Sheet(
            "Evidence of findings",
            "Every place that a finding stands on, one a row",
            [Column("finding", 9), Column("evidence item", 14), Column("place", 50)],
            [[f.id, ref.item, ref.locator] for f in view.findings for ref in f.evidence],
        ),
        Sheet(
            "Recommendations",
            "Every recommendation with its transactions",
            [
                Column("finding", 9),
                Column("recommendation", 80),
                Column("addresses", 14),
                Column("transactions", 60),
                Column("in evidence", 12, "count"),
                Column("applicable", 60),
            ],
            [
                [f.id, r.text, r.addresses, r.transactions, told.get("transactions", ""), told.get("applicable", "")]
                for f in view.findings
                for r, told in zip(f.recommendations, _recommended(view, f), strict=True)
            ],
        ),
        transactions.applicable(view),
        transactions.affected(view),
        Sheet(
            "Evidence requests",
            "What the client is asked to furnish",
            [
                Column("request", 9),
                Column("procedure", 26),
                Column("clause", 20),
                Column("what", 70),
                Column("subjects", 50),
                Column("settles", 50),
                Column("due", 14, "date"),
                Column("state", 30),
                Column("why it has that state", 50),
            ],
            [
                [
                    *(q.id, "; ".join(q.procedures), cited(q.clauses), q.what, "; ".join(q.subjects), q.settles),
                    *(q.due, q.standing, q.because),
                ]
                for q in asking.known(view)
            ],
        ),
        _questions(view),
        *_samples(view),
        _evidence(view),
    ]


def _samples(view: View) -> list[Sheet]:
    """The samples that the assessor entered into the ledger and their items; nothing where there are none."""
    listed = sampled.rows(view.ledger)
    if not listed:
        return []
    columns = [
        Column("sample", 24),
        Column("population", 40),
        Column("items", 10, "count"),
        Column("digest", 68),
        Column("method", 50),
        Column("seed", 24),
        Column("size", 10, "count"),
        Column("why", 40),
        Column("examined", 10, "count"),
        Column("deviations", 11),
        Column("proves", 90),
        Column("conclusion", 20),
        Column("by", 24),
        Column("at", 20, "moment"),
    ]
    heads = [column.head for column in columns]
    shown = [
        Column("sample", 24),
        Column("number", 9, "count"),
        Column("item", 40),
        Column("result", 14),
        Column("note", 60),
    ]
    keys = [column.head for column in shown]
    return [
        Sheet(
            "Samples in the ledger",
            "Every audit sample that the assessor planned: how it was drawn, so that it can be repeated, and what it proves",
            columns,
            [[row[key] for key in heads] for row in listed],
        ),
        Sheet(
            "Items of these samples",
            "Every item drawn, in the order drawn, with what was seen of it; empty where it was not examined",
            shown,
            [[row[key] for key in keys] for row in sampled.items(view.ledger)],
        ),
    ]


def _suppliers(view: View) -> Sheet:
    first = ("supplier", "name", "country", "tier", "components", "items", "relevant")
    keys = (*first, "foreign_interest", "prc_russia", "limb", "rests_on", "evidence")
    return Sheet(
        "Suppliers",
        "Every supplier, whether or not it supplies a relevant component",
        [
            Column("supplier", 20),
            Column("name", 36),
            Column("country", 20),
            Column("tier", 8, "count"),
            Column("components", 12, "count"),
            Column("items", 24),
            Column("relevant", 10),
            Column("foreign interest", 50),
            Column("PRC or Russia", 14),
            Column("limb", 10),
            Column("rests on", 18),
            Column("evidence", 40),
        ],
        _picked(view.rows_of("suppliers", "s315_suppliers"), keys),
    )


def _interests(view: View) -> Sheet:
    return Sheet(
        "Foreign interests",
        "Every foreign interest found in a supplier. A share is a number where the evidence states it exactly (60 % of the "
        "whole is the value 0.6), and otherwise the range that it states, in words; since: the first day known",
        [
            Column("supplier", 32),
            Column("holder", 36),
            Column("holder country", 22),
            Column("nature", 40),
            Column("share", 18, "share"),
            Column("via", 36),
            Column("since", 12, "date"),
            Column("evidence", 40),
        ],
        _picked(
            view.rows_of("interests", "s315_suppliers"),
            ("supplier", "holder", "holder_country", "nature", "share", "via", "since", "evidence"),
        ),
    )


def _documented(view: View) -> Sheet:
    keys = ("item", "license", "components", *FOUR_FIELDS, "complete", "evidence")
    return Sheet(
        "Four fields",
        "How many components without an open-source licence state each of the four fields of §791.305(a)(2)(iv)",
        [
            Column("item", 30),
            Column("licence", 14),
            Column("components", 12, "count"),
            *(Column(words, 16, "count") for words in FOUR_FIELDS.values()),
            Column("all four", 12, "count"),
            Column("evidence", 40),
        ],
        _picked(view.rows_of("four_fields", "s305_declarations"), keys),
    )


def _tests(view: View) -> Sheet:
    return Sheet(
        "Tests",
        "Every test: a clause applied to a subject",
        [
            Column("procedure", 26),
            Column("clause", 20),
            Column("subject", 36),
            Column("outcome", 15),
            Column("reason", 70),
            Column("evidence", 50),
        ],
        [
            [r.procedure, cited([t.clause]), t.subject, outcome(t.outcome), t.reason, "; ".join(map(str, t.evidence))]
            for r in view.results
            for t in r.tests
        ],
    )


def _findings(view: View) -> Sheet:
    return Sheet(
        "Findings",
        "Every finding by its elements; an element that is absent says why",
        [
            Column("finding", 9),
            Column("procedure", 26),
            Column("code", 26),
            Column("subject", 34),
            Column("clauses", 22),
            Column("severity", 10),
            Column("title", 40),
            Column("criteria", 50),
            Column("condition", 60),
            Column("cause", 40),
            Column("effect", 40),
            Column("transactions", 13, "count"),
        ],
        [
            [
                *(f.id, f.procedure, f.code, f.subject, cited(f.clauses), f.severity, f.title),
                *(
                    getattr(f, element) or f.absent.get(element, "")
                    for element in ("criteria", "condition", "cause", "effect")
                ),
                len(f.transactions),
            ]
            for f in view.findings
        ],
    )


def _questions(view: View) -> Sheet:
    return Sheet(
        "Questions",
        "Every point left to the assessor, with its answer",
        [
            Column("question", 26),
            Column("subject", 34),
            Column("clause", 20),
            Column("asked", 60),
            Column("material to look at", 40),
            Column("state", 12),
            Column("answer", 12),
            Column("rationale", 60),
            Column("by", 22),
            Column("role", 18),
            Column("at (UTC)", 20, "moment"),
            Column("digest of facts", 66),
        ],
        [
            [
                *(q.id, q.subject, cited([q.clause]), q.asked, "; ".join(q.shows), q.state, q.answer, q.rationale),
                *(q.answered_by, q.role, q.answered_at, q.facts_digest),
            ]
            for q in view.questions
        ],
    )


def _evidence(view: View) -> Sheet:
    listed: list[Row] = view.register.to_dict("records")  # type: ignore[assignment]
    keys = ("supplied_by", "custodian", "received", "effective_from", "effective_to", "confidential")
    links = ("derived_from", "version_of", "sha512")
    return Sheet(
        "Evidence index",
        "Every item of evidence with its digest, what became of it, and the days that it is evidence for",
        [
            Column("item", 9),
            Column("delivery", 16),
            Column("file", 60),
            Column("kind", 34),
            Column("size in bytes", 14, "count"),
            Column("SHA-256", 68),
            Column("status", 14),
            Column("reason", 30),
            Column("supplied by", 24),
            Column("custodian", 24),
            Column("received", 12, "date"),
            Column("effective from", 12, "date"),
            Column("effective to", 12, "date"),
            Column("confidential", 12),
            Column("member of", 12),
            Column("later version of", 16),
            Column("SHA-512", 68),
        ],
        [
            [
                *(row["id"], row["delivery"], row["path"], _kind(row.get("kind")), row.get("size"), row.get("sha256")),
                plain(row.get("status")),
                "" if missing(row.get("reason")) else row["reason"],
                *values(row, keys),
                *(row.get(key) for key in links),
            ]
            for row in sorted(listed, key=lambda row: natural(str(row["id"])))
        ],
    )


def _kind(kind: Any) -> Any:
    return kind if missing(kind) else KINDS.get(str(kind), plain(kind))


def _picked(listed: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[list[Any]]:
    return [values(row, keys) for row in listed]


def _recommended(view: View, finding: Finding) -> list[dict[str, Any]]:
    """What the last step found for each recommendation of a finding; nothing where it has not been taken."""
    told = [row for row in view.rows_of("recommendations", "s315_recommendations") if row["finding"] == finding.key]
    return told if len(told) == len(finding.recommendations) else [{} for _ in finding.recommendations]
