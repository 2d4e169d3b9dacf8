"""What leaves an engagement: documents rendered from its results, whether they stand as they would be rendered now, and what somebody
made of them in Word."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assessor import files, judgements, resources
from assessor.assessment import Assessment, collect, inputs_digest, stored
from assessor.comparison import recorded
from assessor.engagement import TERMS, Engagement
from assessor.errors import EngagementError
from assessor.results import canonical, to_json

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
    from, of the responses and departures that they show, and of all that they follow from. Raises EngagementError when nothing has been run yet, ReportError
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
        written += reporting.write_letters(*inputs, names=letters, template=template, supplier=supplier, pdf=pdf)
    if reporting.ASSESSMENT in wanted:
        rendered = reporting.write_report(*inputs, template=template, variants=variants, paged=True, pdf=pdf)
        record = {
            "made_from": _made_from(engagement, template, variants, pdf),
            "results": files.sha256(engagement.results / "results.json"),
            "ledger": facts.ledger.shown,
            "comparison": recorded.digest(engagement),
            "files": {_from(engagement.report, path): files.sha256(path) for path in rendered},
        }
        files.write_text(engagement.report / REPORT_RECORD, to_json(record))
        written = [*rendered, *written]
    return written


def stands(
    engagement: Engagement, *, template: Path | None = None, variants: Sequence[str] = ("full",), pdf: bool = False
) -> bool:
    """Whether the assessment would be rendered now as it was, and all its files are there, edited or not."""
    told = _record(engagement)
    return told.get("made_from") == _made_from(engagement, template, variants, pdf) and all(
        (engagement.report / name).is_file() for name in told["files"]
    )


def edited(engagement: Engagement) -> list[Path]:
    """Files of the assessment that somebody changed after they were rendered."""
    told = _record(engagement)
    there = [(engagement.report / name, digest) for name, digest in sorted(told.get("files", {}).items())]
    return [path for path, digest in there if path.is_file() and files.sha256(path) != digest]


def _record(engagement: Engagement) -> dict[str, Any]:
    """What rendered.json tells; nothing where it is absent or damaged."""
    try:
        told = json.loads((engagement.report / REPORT_RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("files"), dict) else {}


def _made_from(engagement: Engagement, template: Path | None, variants: Sequence[str], pdf: bool) -> str:
    """SHA-256 of everything that the assessment follows from."""
    from assessor.reporting import office

    used = template or resources.folder("templates") / "assessment.docx"
    results = engagement.results / "results.json"
    parts = {
        "inputs": inputs_digest(engagement),
        "results": files.sha256(results) if results.exists() else "",
        "comparison": recorded.digest(engagement),
        "shown": judgements.read(engagement.ledger).shown,
        "template": files.sha256(used) if used.is_file() else str(used),
        "variants": sorted(variants),
        "pdf": pdf,
        "page_numbers": bool(office.available()),
    }
    return hashlib.sha256(canonical(parts)).hexdigest()


def _from(folder: Path, path: Path) -> str:
    """The place of a file as seen from a folder beside or above it."""
    return Path(os.path.relpath(path, folder)).as_posix()


def verify(path: Path) -> list[Any]:
    """The problems of a report that was edited in Word, as `reporting.verify` tells them, against the engagement in whose folder it
    lies. Raises EngagementError when it lies in none, or in one without results."""
    from assessor import engagement, reporting
    from assessor.reporting.view import View

    folder = next((each for each in path.resolve().parents if (each / TERMS).is_file()), None)
    if folder is None:
        raise EngagementError(
            f"{path} lies in no engagement's folder, so that what is claimed is not known; put it into report/ of its engagement."
        )
    opened = engagement.find(folder)
    if not stored(opened):
        raise EngagementError(f"{folder} has no results to verify a report against; run `assessor run {folder}` first.")
    assessment = Assessment(opened)
    facts = assessment.facts
    made = (assessment.terms, assessment.rule, assessment.results(), facts.register, facts.tables, facts.ledger)
    view = View(*made, recorded.read(opened))
    return list(reporting.verify(path, view))
