"""Writing the report of an engagement: Word, annexes and figures, from its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from assessor import resources
from assessor.comparison import recorded
from assessor.engagement import Engagement, Terms
from assessor.errors import ReportError
from assessor.files import replacing
from assessor.judgements import Ledger
from assessor.reporting import annexes, archival, claims, ics, office, oscal, package, search
from assessor.reporting.claims import Claim, Confidential, Secrets
from assessor.reporting.context import add_figures, context
from assessor.reporting.drawing import Figure, items_of
from assessor.reporting.edited import Problem, edited
from assessor.reporting.figures import figures
from assessor.reporting.render import Picture, Properties, render
from assessor.reporting.view import View
from assessor.results import ProcedureResult
from assessor.rule import Rule

FULL, PUBLIC = "full", "public"
VARIANTS = (FULL, PUBLIC)
NOT_PUBLIC = "They hold confidential business information and are no part of this version (§791.314(b))."
"""What the version for the public says of the annexes."""


@dataclass(frozen=True)
class Content:
    """What a report says: its data, its figures, and what of both is claimed to be confidential (None where nothing is)."""

    data: dict[str, Any]
    drawn: list[Figure]
    claim: Claim | None

    @property
    def pictures(self) -> dict[str, Picture]:
        return {figure.name: figure.picture for figure in self.drawn}


def content(view: View) -> Content:
    """The content of a report (§791.315(d)), with what is confidential in it (§791.314(b))."""
    data = context(view.terms, view.rule, view.results, view.register, view.tables, view.ledger, view.compared)
    drawn = figures(view)
    items = claims.claimed(view.terms, view.register)
    if items:
        drawn = [_confidential(figure) if figure.rests_on & items else figure for figure in drawn]
    add_figures(data, [figure.entry for figure in drawn])
    return Content(data, drawn, claims.of_report(data, view.terms, view.register, view.results, view.tables))


def _confidential(figure: Figure) -> Figure:
    return replace(figure, caption=Confidential(figure.caption), alternative=Confidential(figure.alternative))


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
    variants: Sequence[str] = (FULL,),
    paged: bool = False,
    pdf: bool = False,
) -> list[Path]:
    """Write report/assessment.docx, report/annexes.xlsx, report/deadlines.ics (where a deadline has a date),
    report/figures/*.png (chains of ownership as *.svg too) and, with the full report, results/oscal-ar.json; returns their
    paths.

    Where confidential treatment is claimed (§791.314(b)), the names of the full report and its annexes, and of what shows such
    information beside them, begin as the rule says, the pages that hold such information are marked, and no others; `public` among `variants` writes
    report/public-assessment.docx without any of it. The same inputs give the same bytes. Each file is written whole or not at all;
    what an earlier report left and this one does not have is removed. `paged`: whether the contents get page numbers, where
    LibreOffice is installed; `pdf`: whether each report is written as PDF/A too, for which it must be. Raises ReportError, in one sentence, when the template
    cannot be used, or when the public version would show what is claimed.
    """
    if unknown := [variant for variant in variants if variant not in VARIANTS]:
        raise ReportError(f"There is no variant {unknown[0]!r} of a report; name {' or '.join(VARIANTS)}.")
    if pdf:
        office.program()  # before anything is written
    engagement = Engagement(engagement_root)
    folder = engagement.report
    view = View(terms, rule, results, register, tables, ledger, recorded.read(engagement))
    told = content(view)
    marked = partial(claims.marked, terms, rule, register)
    names = {FULL: marked("assessment.docx"), PUBLIC: "public-assessment.docx", "annexes": marked("annexes.xlsx")}
    used = template or resources.folder("templates") / "assessment.docx"
    written = [folder / names[variant] for variant in VARIANTS if variant in variants]
    if PUBLIC in variants:  # first, since it may be refused
        _public(used, told, _properties(view, told), folder / names[PUBLIC], paged)
    if FULL in variants:
        data = told.claim.data if told.claim else told.data
        render(
            used,
            data,
            told.pictures,
            _properties(view, told),
            folder / names[FULL],
            claim=told.claim,
            page_mark=page_mark(rule, terms),
            paged=paged,
        )
        annexes.write(view, folder / names["annexes"], told.claim, page_mark(rule, terms))
        oscal.write(view, engagement.results / oscal.FILE, report=names[FULL], annexes=names["annexes"])
        written += [folder / names["annexes"], engagement.results / oscal.FILE]
    if pdf:
        written += archival.write([path for path in written if path.suffix == ".docx"], terms.dated)
    earlier = [
        folder / f"{before}{name}"
        for before in ("", "public-", f"{rule.constant('cbi_file_prefix', terms.dated)}-")
        for name in ("assessment.docx", "assessment.pdf", "annexes.xlsx")
    ]
    for stale in (*earlier, engagement.results / oscal.FILE):
        if stale not in written:
            stale.unlink(missing_ok=True)
    return written + _beside(view, told, folder)


def verify(path: Path, view: View) -> list[Problem]:
    """What is wrong with a report that was edited in Word, against what is claimed in its engagement (see `edited.edited`)."""
    prefix = str(view.rule.constant("cbi_file_prefix", view.terms.dated))
    return edited(path, content(view).claim, page_mark(view.rule, view.terms), prefix)


def page_mark(rule: Rule, terms: Terms) -> str:
    """The words at the top of pages with confidential business information (§791.314(b))."""
    return str(rule.constant("cbi_page_mark", terms.dated))


def _properties(view: View, told: Content) -> Properties:
    terms = view.terms
    return Properties(
        told.data["report"]["title"],
        str(terms.firm["name"]),
        f"{terms.client_name}: 15 CFR 791.315",
        terms.id,
        told.data["report"]["version"],
        terms.dated,
    )


def _public(template: Path, told: Content, properties: Properties, target: Path, paged: bool) -> None:
    """The version without anything confidential, made of data that do not have it."""
    if told.claim is None:
        render(template, told.data, told.pictures, properties, target, paged=paged)
        return
    shown = {f.name: f.picture for f in told.drawn if not _withheld(f, told.claim)}
    data = claims.withheld(told.claim.data)
    told_of = f"{data['report']['confidential']} {claims.WITHHOLDING}".strip()
    data["report"] |= {"annexes": NOT_PUBLIC, "confidential": told_of}
    data["figures"] = [figure for figure in data["figures"] if figure["name"] in shown]
    for supplier in data["nexus"]["suppliers"]:
        if supplier["figure"] not in shown:
            supplier |= {"figure": "", "caption": ""}
    render(template, data, shown, properties, target, withheld=_looked_for(template, told.claim), paged=paged)


def _looked_for(template: Path, claim: Claim) -> Secrets:
    """What the public version is searched for: all that is claimed, save for single words that the template uses itself, as it
    uses "Name" or "Equipment"."""
    own = search.words(package.read_parts(package.read_template(template)))
    return Secrets(text for text in claim.secrets.texts if len(text.split()) > 1 or text.casefold() not in own)


def _withheld(figure: Figure, claim: Claim) -> bool:
    return isinstance(figure.alternative, Confidential) or bool(claim.secrets.inside(figure.alternative))


def _beside(view: View, told: Content, folder: Path) -> list[Path]:
    """The calendar and the figures, under names that begin as the rule says where they show what is claimed."""
    prefix = f"{view.rule.constant('cbi_file_prefix', view.terms.dated)}-"
    content: dict[str, bytes] = {}
    rows = view.rows_of("deadlines", "s305_declarations")
    if (events := ics.calendar(view.terms, rows)) is not None:
        hidden = told.claim is not None and (
            bool(items_of(rows) & claims.claimed(view.terms, view.register))
            or bool(told.claim.secrets.inside(events.decode("utf-8").replace("\r\n ", "")))
        )
        content[f"{prefix if hidden else ''}deadlines.ics"] = events
    for figure in told.drawn:
        hidden = told.claim is not None and _withheld(figure, told.claim)
        name = f"figures/{prefix if hidden else ''}{figure.name}"
        content |= {f"{name}.png": figure.png, f"{name}.svg": figure.svg.encode("utf-8")}
    written = [folder / name for name, made in content.items() if made]
    for path in written:
        with replacing(path) as temporary:
            temporary.write_bytes(content[path.relative_to(folder).as_posix()])
    for stale in (*folder.glob("*deadlines.ics"), *(folder / "figures").glob("*.[ps][nv]g")):
        if stale not in written:
            stale.unlink()
    return written
