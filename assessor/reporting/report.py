"""Writing the report of an engagement: Word, annexes and figures, from its results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from assessor import resources
from assessor.engagement import Engagement, Terms
from assessor.files import replacing
from assessor.judgements import Ledger
from assessor.reporting import annexes, ics, oscal
from assessor.reporting.context import add_figures, context
from assessor.reporting.figures import figures
from assessor.reporting.render import Properties, render
from assessor.reporting.view import View
from assessor.results import ProcedureResult
from assessor.rule import Rule


def write_report(
    engagement_root: Path,
    terms: Terms,
    rule: Rule,
    results: list[ProcedureResult],
    register: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    ledger: Ledger,
    *,
    template: Path | None = None,
) -> list[Path]:
    """Write report/assessment.docx, report/annexes.xlsx, report/deadlines.ics (where a deadline has a date),
    report/figures/*.png (chains of ownership as *.svg too) and results/oscal-ar.json; returns their paths.

    The same inputs give the same bytes. Each file is written whole or not at all; figures of an earlier report that this
    one does not have are removed. Raises ReportError, in one sentence, when the template cannot be used.
    """
    engagement = Engagement(engagement_root)
    folder = engagement.report
    data = context(terms, rule, results, register, tables, ledger)
    view = View(terms, rule, results, register, tables, ledger)
    drawn = figures(view)
    add_figures(data, [figure.entry for figure in drawn])
    report = folder / "assessment.docx"
    render(
        template or resources.folder("templates") / "assessment.docx",
        data,
        {figure.name: figure.picture for figure in drawn},
        Properties(
            data["report"]["title"],
            str(terms.firm["name"]),
            f"{terms.client_name}: 15 CFR 791.315",
            terms.id,
            data["report"]["version"],
            terms.dated,
        ),
        report,
    )
    annexes.write(view, folder / "annexes.xlsx")
    oscal.write(view, engagement.results / oscal.FILE)
    written = [report, folder / "annexes.xlsx", engagement.results / oscal.FILE]
    events = ics.calendar(terms, view.rows_of("deadlines", "s305_declarations"))
    if events is None:
        (folder / "deadlines.ics").unlink(missing_ok=True)
    else:
        with replacing(folder / "deadlines.ics") as temporary:
            temporary.write_bytes(events)
        written.append(folder / "deadlines.ics")
    for figure in drawn:
        for suffix, content in (("png", figure.png), ("svg", figure.svg.encode("utf-8"))):
            if content:
                with replacing(folder / "figures" / f"{figure.name}.{suffix}") as temporary:
                    temporary.write_bytes(content)
                written.append(folder / "figures" / f"{figure.name}.{suffix}")
    for stale in (folder / "figures").glob("*.[ps][nv]g"):
        if stale not in written:
            stale.unlink()
    return written
