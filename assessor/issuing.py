"""What leaves an engagement: documents rendered from its results, whether they stand as they would be rendered now, and what somebody
made of them in Word."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assessor import files
from assessor.assessment import Assessment, collect, stored
from assessor.engagement import Engagement
from assessor.errors import EngagementError
from assessor.results import to_json

REPORT_RECORD = "rendered.json"
"""Which results a report was rendered from, in report/."""


def report(
    engagement: Engagement,
    *,
    documents: Iterable[str] = (),
    template: Path | None = None,
    supplier: str = "",
    variants: Sequence[str] = ("full",),
    pdf: bool = False,
) -> list[Path]:
    """Render documents from the results that are there, by default the assessment with annexes and OSCAL document; the files written.

    `documents` are names of templates or `all`; `supplier`, a number or name, leaves one form of the supplier attestation;
    `variants` of the assessment are "full" and "public"; `pdf`: whether they are written as PDF/A too, by LibreOffice.
    Beside the assessment `rendered.json` holds digests of its files, by place as seen from there, of the results they were made
    from, and of the responses and departures that they show. Raises EngagementError when nothing has been run yet, ReportError
    when what is asked for does not fit together.
    """
    from assessor import reporting

    wanted = reporting.chosen(documents, template, supplier)
    assessment = Assessment(engagement)
    if not stored(engagement):
        raise EngagementError(
            f"{engagement.root} has no results to report; run `assessor run {engagement.root}` first."
        )
    collect(assessment)
    facts = assessment.facts
    inputs = (
        engagement.root,
        assessment.terms,
        assessment.rule,
        assessment.results(),
        facts.register,
        facts.tables,
        facts.ledger,
    )
    letters = [name for name in wanted if name != reporting.ASSESSMENT]
    written = []
    if letters:
        written += reporting.write_letters(*inputs, names=letters, template=template, supplier=supplier)
    if reporting.ASSESSMENT in wanted:
        rendered = reporting.write_report(*inputs, template=template, variants=variants, paged=True, pdf=pdf)
        record = {
            "results": files.sha256(engagement.results / "results.json"),
            "ledger": facts.ledger.shown,
            "files": {_from(engagement.report, path): files.sha256(path) for path in rendered},
        }
        files.write_text(engagement.report / REPORT_RECORD, to_json(record))
        written = [*rendered, *written]
    return written


def _from(folder: Path, path: Path) -> str:
    """The place of a file as seen from a folder beside or above it."""
    return Path(os.path.relpath(path, folder)).as_posix()


def verify(path: Path) -> list[Any]:
    """The problems of a report that was edited in Word, as `reporting.verify` tells them, against the engagement in whose folder it
    lies. Raises EngagementError when it lies in none, or in one without results."""
    from assessor import engagement, reporting
    from assessor.reporting.view import View

    folder = next((each for each in path.resolve().parents if (each / "engagement.toml").is_file()), None)
    if folder is None:
        raise EngagementError(
            f"{path} lies in no engagement's folder, so that what is claimed is not known; put it into report/ of its engagement."
        )
    opened = engagement.find(folder)
    if not stored(opened):
        raise EngagementError(f"{folder} has no results to verify a report against; run `assessor run {folder}` first.")
    assessment = Assessment(opened)
    facts = assessment.facts
    view = View(assessment.terms, assessment.rule, assessment.results(), facts.register, facts.tables, facts.ledger)
    return list(reporting.verify(path, view))
