"""What a workpaper shows: results as tables and short texts that read well in JupyterLab and in printed HTML.

All text is escaped and marks that turn its direction are shown: what a client wrote never becomes markup and never reads as something
else. An item of evidence is a link where the toolkit itself refers to it; text that only looks like a reference stays text. Large tables
are cut to their first rows; the whole is in tables/ and results/.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from assessor.ownership.figure.lettering import shown
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult
from assessor.workpapers.links import ITEM, Evidence

SHOWN_ROWS = 50
LEFT = "style='text-align: left'"  # JupyterLab puts cells to the right, where sentences read badly
MARK = {
    Outcome.CONFORMS: "✓ conforms",
    Outcome.EXCEPTION: "✗ exception",
    Outcome.INCONCLUSIVE: "? inconclusive",
    Outcome.NOT_TESTED: "– not tested",
    Outcome.NOT_APPLICABLE: "○ not applicable",
}
"""Tick marks: a sign, so that no colour has to tell, and the word for it."""
NOT_PROVED_OF_ALL = "Anything of what the population leaves out."
NOT_PROVED = "Anything of what the population leaves out, or of a single item that was not examined."
_REFERENCES = ("evidence", "place")  # columns of a result's tables in which procedures cite


class Html:
    """Markup for IPython to show, with a plain text for where there is none."""

    def __init__(self, markup: str, plain: str) -> None:
        self.markup, self.plain = markup, plain

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return self.plain


def rows(
    content: pd.DataFrame | Sequence[Mapping[str, Any]],
    caption: str,
    limit: int = SHOWN_ROWS,
    *,
    links: Evidence | None = None,
    references: Collection[str] = (),
) -> Html:
    """A table with its caption and the number of rows that it really has.

    `references` names the columns that hold the toolkit's own references to evidence (`E-0004 row 12; E-0007`); their items are links
    where `links`, see `evidence_links`, has an address. An `Outcome` is shown with its tick mark.
    """
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
        return Html(f"<p><em>{text(caption)}: none.</em></p>", f"{caption}: none.")
    head = "".join(f"<th scope='col' {LEFT}>{text(_words(name))}</th>" for name in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td {LEFT}>{_cited(str(value), links) if name in references else text(value)}</td>"
            for name, value in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in listed
    )
    return Html(
        f"<table><caption>{text(told)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", told
    )


def result(found: ProcedureResult, links: Evidence | None = None) -> Html:
    """A procedure's result as a workpaper records it: conclusion, clause, population, work done, sources, and the results.

    Items of evidence are links where `links`, see `evidence_links`, has an address.
    """
    examined = ", ".join(cited(EvidenceRef(item), links) for item in found.examined)
    parts: list[tuple[str, str]] = [
        ("Conclusion", f"{text(found.conclusion)}. {text(found.reason)}"),
        ("Clause", f"§{text(found.clause)}"),
        ("Population", text(found.population)),
        ("Work done", _list(found.work_done)),
        ("Evidence examined", examined or "none"),
    ]
    if found.limitations:
        parts.append(("Limitations", _list(found.limitations)))
    if found.text_defects:
        parts.append(("Known defects of the rule's text", _list(found.text_defects)))
    head = "<dl>" + "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in parts) + "</dl>"
    tests = rows(
        [
            {
                "clause": f"§{t.clause}",
                "subject": t.subject,
                "outcome": t.outcome,
                "reason": f"{t.reason} The assessor's outcome: {t.judged}; the procedure's was {t.automatic}."
                if t.judged
                else t.reason,
                "evidence": Html(_places(t.evidence, links), ""),
            }
            for t in found.tests
        ],
        "Tests",
        200,
    )
    findings = "".join(_finding(f, links) for f in found.findings)
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


def detail_tables(found: ProcedureResult, *names: str, links: Evidence | None = None) -> Html:
    """The result's own tables (all, or those named), each with its name as caption, and with links as in `result`."""
    tables = [
        rows(found.tables[name], _words(name).capitalize(), links=links, references=_REFERENCES)
        for name in (names or sorted(found.tables))
        if name in found.tables
    ]
    return Html("".join(table._repr_html_() for table in tables), "\n".join(map(repr, tables)))


def samples(found: ProcedureResult, links: Evidence | None = None) -> Html:
    """What each sample of a result proves and what it does not: population, completeness, draw, outcome; then the items drawn."""
    told = found.tables.get("samples", [])
    if not told:
        return Html("<p><em>Samples: none.</em></p>", "Samples: none.")
    parts = [_sample(row) for row in told]
    items = rows(found.tables.get("sample_items", []), "Items drawn", 1000, links=links, references=_REFERENCES)
    shown_items = items._repr_html_() if found.tables.get("sample_items") else ""
    return Html("".join(parts) + shown_items, f"Samples ({len(told)})")


def _sample(row: Mapping[str, Any]) -> str:
    lines = [
        ("Clause", f"§{row['clause']}"),
        ("Population", f"{row['population']}: {row['items']:,}"),
        ("Completeness of the population", row["completeness"]),
    ]
    if row["digest"]:
        lines += [
            ("Digest of the population", f"SHA-256 {row['digest']}, one line an item, by id"),
            ("Draw", f"{row['method']}; seed “{row['seed']}”"),
        ]
    lines += [
        ("Size", f"{row['size']:,}: {row['why']}"),
        ("Examined", f"{row['examined']:,}, of which {row['deviations']:,} deviate"),
        ("What it proves", row["proves"]),
        ("What it does not prove", NOT_PROVED if row["examined"] < row["items"] else NOT_PROVED_OF_ALL),
    ]
    head = "".join(f"<dt>{text(name)}</dt><dd>{text(words)}</dd>" for name, words in lines)
    return f"<h3>Sample: {text(row['sample'])}</h3><dl>{head}</dl>"


def text(value: Any) -> str:
    """Anything as text of a page: escaped, on one line, marks of direction and control characters shown; an outcome with its mark."""
    if isinstance(value, Html):
        return value.markup
    if isinstance(value, Outcome):
        return f"<b>{MARK[value]}</b>"
    return escape(shown(str(value)))


def cited(ref: EvidenceRef, links: Evidence | None) -> str:
    """The markup of a reference: its item as a link where there is an address, the place inside it as text."""
    address = links(ref.item, ref.locator) if links and ITEM.fullmatch(ref.item) else None
    item = f'<a href="{escape(address, quote=True)}">{text(ref.item)}</a>' if address else text(ref.item)
    return f"{item} {text(ref.locator)}".strip()


def _cited(told: str, links: Evidence | None) -> str:
    """References as procedures write them into their tables, `E-0004 row 12; E-0007`."""
    pieces = (piece.partition(" ") for piece in told.split("; "))
    return "; ".join(cited(EvidenceRef(item, locator), links) for item, _, locator in pieces)


def _finding(finding: Finding, links: Evidence | None) -> str:
    elements = [
        ("Criteria", finding.criteria),
        ("Condition", finding.condition),
        ("Cause", finding.cause),
        ("Effect", finding.effect),
    ]
    told = "".join(
        f"<dt>{name}</dt><dd>{text(words) or '<em>' + text(finding.absent.get(name.lower(), 'not stated')) + '</em>'}</dd>"
        for name, words in elements
    )
    advice = _list(f"{r.text} (addresses the {r.addresses})" for r in finding.recommendations)
    clauses = ", ".join(f"§{clause}" for clause in finding.clauses)
    return (
        f"<section><h3>{MARK[Outcome.EXCEPTION]}: {text(finding.title)}</h3><p>{text(clauses)}; severity {text(finding.severity)}; "
        f"evidence {_places(finding.evidence, links)}</p><dl>{told}<dt>Recommendations</dt><dd>{advice}</dd></dl></section>"
    )


def _places(evidence: Sequence[EvidenceRef], links: Evidence | None, limit: int = 6) -> str:
    told = "; ".join(cited(ref, links) for ref in evidence[:limit])
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
    return "<ul>" + "".join(f"<li>{text(each)}</li>" for each in texts) + "</ul>"


def _words(name: str) -> str:
    return name.replace("_", " ")
