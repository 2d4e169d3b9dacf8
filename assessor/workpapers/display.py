"""What a workpaper shows: results as tables and short texts that read well in JupyterLab and in printed HTML.

All text is escaped: what a client wrote never becomes markup. Large tables are cut to their first rows; the whole is in
tables/ and results/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from assessor.results import Outcome, ProcedureResult

SHOWN_ROWS = 50
LEFT = "style='text-align: left'"  # JupyterLab puts cells to the right, where sentences read badly
_MARK = {
    Outcome.CONFORMS: "✓ conforms",
    Outcome.EXCEPTION: "✗ exception",
    Outcome.INCONCLUSIVE: "? inconclusive",
    Outcome.NOT_TESTED: "– not tested",
    Outcome.NOT_APPLICABLE: "○ not applicable",
}


class Html:
    """Markup for IPython to show, with a plain text for where there is none."""

    def __init__(self, markup: str, plain: str) -> None:
        self.markup, self.plain = markup, plain

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return self.plain


def rows(content: pd.DataFrame | Sequence[Mapping[str, Any]], caption: str, limit: int = SHOWN_ROWS) -> Html:
    """A table with its caption and the number of rows that it really has."""
    if isinstance(content, pd.DataFrame):
        columns = [str(name) for name in content.columns]
        listed = [["" if pd.isna(v) else v for v in row] for row in content.head(limit).itertuples(index=False)]
    else:
        columns = list(dict.fromkeys(key for row in content for key in row))
        listed = [[row.get(key, "") for key in columns] for row in content[:limit]]
    total = len(content)
    told = f"{caption} ({total:,} {'row' if total == 1 else 'rows'}" + (
        f", the first {limit} shown)" if total > limit else ")"
    )
    if not total:
        return Html(f"<p><em>{escape(caption)}: none.</em></p>", f"{caption}: none.")
    head = "".join(f"<th scope='col' {LEFT}>{escape(_words(name))}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td {LEFT}>{_cell(value)}</td>" for value in row) + "</tr>" for row in listed)
    return Html(
        f"<table><caption>{escape(told)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", told
    )


def result(found: ProcedureResult) -> Html:
    """A procedure's result as a workpaper records it: purpose, population, work done, results, conclusion."""
    parts: list[tuple[str, str]] = [
        ("Conclusion", f"<strong>{_MARK[found.conclusion]}</strong>. {escape(found.reason)}"),
        ("Clause", f"§{escape(found.clause)}"),
        ("Population", escape(found.population)),
        ("Work done", _list(found.work_done)),
        ("Evidence examined", escape(", ".join(found.examined)) or "none"),
    ]
    if found.limitations:
        parts.append(("Limitations", _list(found.limitations)))
    if found.text_defects:
        parts.append(("Known defects of the rule's text", _list(found.text_defects)))
    head = "<dl>" + "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in parts) + "</dl>"
    tests = rows(
        [
            {
                "clause": f"§{t.clause}",
                "subject": t.subject,
                "outcome": _MARK[t.outcome],
                "reason": t.reason,
                "evidence": _places(t.evidence),
            }
            for t in found.tests
        ],
        "Tests",
        200,
    )
    findings = "".join(_finding(f) for f in found.findings)
    requests = rows(
        [
            {"what": r.what, "subjects": "; ".join(r.subjects), "clause": f"§{r.clause}", "settles": r.settles}
            for r in found.requests
        ],
        "Evidence requests",
    )
    asked = rows(
        [
            {
                "question": q.asked,
                "clause": f"§{q.clause}",
                "state": q.state,
                "facts shown": _facts(q.facts),
                "look also at": "; ".join(q.shows),
                "answer": q.answer,
                "rationale": q.rationale,
                "by": q.answered_by,
            }
            for q in found.questions
        ],
        "Questions for the assessor",
        100,
    )
    markup = head + tests._repr_html_() + findings + requests._repr_html_() + asked._repr_html_()
    return Html(markup, f"{found.title}: {found.conclusion}. {found.reason}")


def detail_tables(found: ProcedureResult, *names: str) -> Html:
    """The result's own tables (all, or those named), each with its name as caption."""
    shown = [
        rows(found.tables[name], _words(name).capitalize())
        for name in (names or sorted(found.tables))
        if name in found.tables
    ]
    return Html("".join(table._repr_html_() for table in shown), "\n".join(map(repr, shown)))


def _finding(finding: Any) -> str:
    elements = [
        ("Criteria", finding.criteria),
        ("Condition", finding.condition),
        ("Cause", finding.cause),
        ("Effect", finding.effect),
    ]
    told = "".join(
        f"<dt>{name}</dt><dd>{escape(text) or '<em>' + escape(finding.absent.get(name.lower(), 'not stated')) + '</em>'}</dd>"
        for name, text in elements
    )
    advice = _list(f"{r.text} (addresses the {r.addresses})" for r in finding.recommendations)
    clauses = ", ".join(f"§{clause}" for clause in finding.clauses)
    return (
        f"<section><h4>{_MARK[Outcome.EXCEPTION]}: {escape(finding.title)}</h4><p>{escape(clauses)}; severity {escape(finding.severity)}; "
        f"evidence {escape(_places(finding.evidence))}</p><dl>{told}<dt>Recommendations</dt><dd>{advice}</dd></dl></section>"
    )


def _places(evidence: Sequence[Any], limit: int = 6) -> str:
    told = "; ".join(str(ref) for ref in evidence[:limit])
    return told + (f"; and {len(evidence) - limit} more" if len(evidence) > limit else "")


def _facts(facts: Mapping[str, Any], limit: int = 600) -> str:
    """The facts that a question shows, in short; the whole stands in results/."""
    told = "; ".join(f"{_words(str(name))}: {_fact(value)}" for name, value in facts.items() if value not in (None, []))
    return told if len(told) <= limit else f"{told[:limit]} … (more in results/)"


def _fact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(str(name))} {_fact(one)}" for name, one in value.items() if one is not None)
    return ", ".join(map(_fact, value)) if isinstance(value, list | tuple) else str(value)


def _list(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _cell(value: Any) -> str:
    return escape(str(value))


def _words(name: str) -> str:
    return name.replace("_", " ")
