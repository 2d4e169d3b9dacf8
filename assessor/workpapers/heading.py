"""What stands on top of an executed workpaper: whose it is, what it concludes, on which sources, what its signs mean, and from which
inputs it was made.

It is Markdown whose tables are HTML, one line each, so that JupyterLab, nbconvert and paper show the same. No text of a client is
Markdown: between the tags it is escaped, and the signs at which JupyterLab would see a formula are escaped too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assessor import resources
from assessor.assessment import LAST_STEP, STAGES, Assessment
from assessor.engagement import TERMS_ITEM, Terms
from assessor.evidence import register
from assessor.results import WORST_FIRST, EvidenceRef, ProcedureResult, from_json, worst
from assessor.workpapers.display import LEFT, MARK, Html, cited, text
from assessor.workpapers.links import Evidence, evidence_links

NOT_ASSIGNED = "not assigned"


def number(stage: str) -> str:
    """The index number of a workpaper, `WP-03`: the place of its notebook in `STAGES`, which its file name begins with."""
    return f"WP-{list(STAGES).index(stage) + 1:02d}"


def title(stage: str) -> str:
    """The title of a workpaper without its number, from the first heading of its notebook."""
    import nbformat

    path = resources.folder("notebooks") / f"{stage}.ipynb"
    first = nbformat.read(path, as_version=4).cells[0].source.partition("\n")[0]
    return str(first).removeprefix("# ").removeprefix(number(stage)).strip()


def concluding(stage: str) -> tuple[str, ...]:
    """The procedures whose results a workpaper records; the last one records the step that is taken over all findings."""
    return STAGES[stage] or (LAST_STEP,)


def recorded(assessment: Assessment, stage: str) -> list[ProcedureResult]:
    """The results in results/ that a workpaper records, in its order."""
    paths = (assessment.engagement.results / f"{name}.json" for name in concluding(stage))
    return [from_json(path.read_text("utf-8")) for path in paths if path.is_file()]


def heading(assessment: Assessment, stage: str, report: str, made_from: Mapping[str, str]) -> str:
    """The Markdown on top of the executed notebook of a stage, once its procedures have run.

    `report` is the file name of the report in report/. `made_from` names inputs, parameters and versions.
    """
    terms, results = assessment.terms, recorded(assessment, stage)
    links = evidence_links(assessment)
    own = {"Index": number(stage), "Title": title(stage), **whose(terms), **assigned(terms)}
    up = f"<a href='../report/{text(report)}'>{text(report)}</a> in ../report/; <a href='index.html'>index of workpapers</a>"
    parts = [
        record("Workpaper", {**own, "Reported in": Html(up, "")}),
        "## Conclusions",
        _conclusions(assessment, stage, results),
        "## Sources",
        "Every item of evidence that the procedures examined. A file that a browser might run is not opened from here.",
        _sources(assessment, results, links),
        "## Tick marks",
        legend(),
        "## Inputs and versions",
        record("Made from", made_from),
    ]
    return "\n\n".join(part.replace("$", "&#36;").replace("\\", "&#92;") for part in parts)


def whose(terms: Terms) -> dict[str, str]:
    """Whose work it is, for which period and by which text of the rule."""
    return {
        "Client": terms.client_name,
        "Engagement": terms.id,
        "Period": f"{terms.period_from.isoformat()} to {terms.period_to.isoformat()}",
        "Date of the report": terms.dated.isoformat(),
        "Rule text": f"15 CFR part 791 subpart D as of {terms.rule_version}",
    }


def assigned(terms: Terms) -> dict[str, str]:
    """Who prepares and who reviews the workpapers, as the terms assign it; that they did is for their sign-offs to say."""
    return {
        "Preparer, as assigned": terms.workpapers.get("preparer", NOT_ASSIGNED),
        "Reviewer, as assigned": terms.workpapers.get("reviewer", NOT_ASSIGNED),
    }


def record(caption: str, lines: Mapping[str, Any]) -> str:
    """A table of names and what they are."""
    body = "".join(
        f"<tr><th scope='row' {LEFT}>{text(name)}</th><td {LEFT}>{text(value)}</td></tr>"
        for name, value in lines.items()
    )
    return f"<table><caption>{text(caption)}</caption><tbody>{body}</tbody></table>"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table whose rows begin with their name."""
    head = "".join(f"<th scope='col' {LEFT}>{text(name)}</th>" for name in heads)
    body = "".join(
        f"<tr><th scope='row' {LEFT}>{text(first)}</th>"
        + "".join(f"<td {LEFT}>{text(value)}</td>" for value in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return f"<table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def legend() -> str:
    """What each tick mark says."""
    meanings = (
        "the evidence shows that the requirement is met",
        "the evidence shows that it is not met",
        "the evidence does not decide it",
        "it was not tested; the reason is stated",
        "it does not apply; the reason is stated",
    )
    return table("Tick marks", ("mark", "meaning"), zip(MARK.values(), meanings, strict=True))


def _conclusions(assessment: Assessment, stage: str, results: Sequence[ProcedureResult]) -> str:
    if not results:
        return "<p><em>No procedure has a result here.</em></p>"
    rows = [(found.title, f"§{found.clause}", found.conclusion, found.reason) for found in results]
    if not STAGES[stage]:
        every = [found for found in assessment.results() if found.procedure != LAST_STEP]
        overall = worst(found.conclusion for found in every)
        told = "; ".join(
            f"{count} × {outcome.replace('_', ' ')}"
            for outcome in WORST_FIRST
            if (count := sum(found.conclusion is outcome for found in every))
        )
        rows.insert(0, ("All procedures together", "", overall, f"Of {len(every)} procedures: {told}."))
    return table("Conclusions of this workpaper", ("procedure", "clause", "conclusion", "reason"), rows)


def _sources(assessment: Assessment, results: Sequence[ProcedureResult], links: Evidence) -> str:
    examined = {item for found in results for item in found.examined}
    listed = register.rows(assessment.facts.register)
    rows: list[Sequence[Any]] = []
    if TERMS_ITEM in examined:
        rows.append((TERMS_ITEM, "engagement.toml, the terms of the engagement", "", "", ""))
    for row in listed:
        if row.id in examined:
            told = (row.path, row.kind or "", row.status or "", row.received or "")
            rows.append((Html(cited(EvidenceRef(row.id), links), ""), *told))
    heads = ("item", "file", "kind", "state", "received")
    return table("Evidence examined", heads, rows) if rows else "<p><em>No item of evidence was examined.</em></p>"
