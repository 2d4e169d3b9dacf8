"""The letters and forms beside the assessment: each from its template, with the same data, as a file that people fill in.

Since they are filled in by hand, a file that was changed after it was rendered is never written over.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from assessor import files, requests, resources
from assessor.comparison import recorded
from assessor.engagement import Engagement, Terms
from assessor.errors import ReportError
from assessor.judgements import Ledger
from assessor.reporting import annexes, archival, office, supplier_forms
from assessor.reporting.claims import marked, of_report
from assessor.reporting.context import context
from assessor.reporting.render import Properties, render
from assessor.reporting.report import page_mark
from assessor.reporting.view import View
from assessor.reporting.words import listing
from assessor.results import ProcedureResult, to_json
from assessor.rule import Rule

ASSESSMENT = "assessment"
LETTERS = {
    "requests": "Evidence requests",
    "management_letter": "Management letter",
    "supplier_attestation": "Supplier attestation",
    "annual_confirmation": "Annual confirmation memo",
    "advisory_opinion": "Advisory opinion request",
    "confidential_treatment": "Request for confidential treatment",
}
"""Name of the template and of the file -> title."""
ALL = "all"
RECORD = "letters.json"
"""Digests of the letters as they were rendered, in report/."""


def chosen(names: Iterable[str], template: Path | None, supplier: str) -> list[str]:
    """The documents that are asked for, each once, the assessment first; all of them for `all`, the assessment for nothing.

    Raises ReportError when there is no document of a name, when a template is given for more than one document, or a supplier
    without the form that it is for.
    """
    known = [ASSESSMENT, *LETTERS]
    asked = set(names) or {ASSESSMENT}
    if unknown := sorted(asked - {*known, ALL}):
        raise ReportError(f"There is no document `{unknown[0]}`; choose among {listing([*known, ALL])}.")
    found = known if ALL in asked else [name for name in known if name in asked]
    if template is not None and len(found) > 1:
        raise ReportError(f"The template {template} is for one document; name only that one with --document.")
    if supplier and "supplier_attestation" not in found:
        raise ReportError(
            "A supplier can be chosen for the supplier attestation only; add --document supplier_attestation."
        )
    return found


def write_letters(
    engagement_root: Path,
    terms: Terms,
    rule: Rule,
    results: list[ProcedureResult],
    register: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    ledger: Ledger,
    *,
    names: Iterable[str],
    template: Path | None = None,
    supplier: str = "",
    pdf: bool = False,
) -> list[Path]:
    """Write report/NAME.docx for each of `names` (keys of LETTERS), with `requests` its sheet requests.xlsx; returns their paths.

    `supplier`, a number or name, leaves its form alone in report/supplier_attestation-NUMBER.docx. `pdf`: whether each is written
    as PDF/A too, for which LibreOffice must be installed. The same inputs give the same bytes. Each file is written whole or not at
    all. Where confidential treatment is claimed (§791.314(b)), the names begin as the rule says and the pages that hold such
    information are marked. What an earlier rendering left under the other name, or as a PDF, and nobody changed is removed. Raises ReportError, in one sentence, when a template cannot
    be used, when there is no such supplier, or when a file of that name was changed since it was rendered.
    """
    if pdf:
        office.program()  # before anything is written
    folder = Engagement(engagement_root).report
    compared = recorded.read(Engagement(engagement_root))
    data = context(terms, rule, results, register, tables, ledger, compared)
    view = View(terms, rule, results, register, tables, ledger, compared)
    if supplier:
        data["supplier_forms"] = supplier_forms.only(data["supplier_forms"], supplier)
    claim = of_report(data, terms, register, results, tables)
    named = partial(marked, terms, rule, register)
    targets = {name: folder / named(f"{name}.docx") for name in names}
    if supplier:
        told = _file_name(data["supplier_forms"][0])
        targets["supplier_attestation"] = folder / named(f"supplier_attestation-{told}.docx")
    sheet = [folder / named("requests.xlsx")] if "requests" in targets else []
    papers = [target.with_suffix(".pdf") for target in targets.values()] if pdf else []
    digests = _untouched(folder, [*targets.values(), *sheet, *papers])
    written: list[Path] = []
    for name, target in targets.items():
        properties = Properties(
            LETTERS[name],
            str(terms.firm["name"]),
            f"{terms.client_name}: 15 CFR part 791 subpart D",
            terms.id,
            data["report"]["version"],
            terms.dated,
        )
        render(
            template or resources.folder("templates") / f"{name}.docx",
            claim.data if claim else data,
            {},
            properties,
            target,
            claim=claim,
            page_mark=page_mark(rule, terms),
        )
        made = [target]
        if name == "requests":
            listed = requests.of(Engagement(engagement_root), terms, results, ledger, register)
            proposed = {one.id: "; ".join(map(str, one.proposals)) for one in listed if one.proposals}
            annexes.write_requests(view, sheet[0], proposed, claim, page_mark(rule, terms))
            made += sheet
        if pdf:
            made += archival.write([target], terms.dated)
        _clear(folder, digests, [path.name for path in made], f"{rule.constant('cbi_file_prefix', terms.dated)}-")
        written += made
        digests |= {
            path.name: files.sha256(path) for path in made
        }  # at once: a template that fails later leaves these known
        files.write_text(folder / RECORD, to_json(digests))
    return written


def _clear(folder: Path, digests: dict[str, Any], made: Iterable[str], prefix: str) -> None:
    """Remove what an earlier rendering left of these files under names with or without the prefix, or as a PDF, if nobody changed it."""
    names = {
        f"{before}{Path(name.removeprefix(prefix)).stem}{suffix}"
        for name in made
        for before in ("", prefix)
        for suffix in (".docx", ".pdf", ".xlsx")
    }
    for name in sorted(names.difference(made) & digests.keys()):
        if (folder / name).is_file() and digests[name] == files.sha256(folder / name):
            (folder / name).unlink()
            del digests[name]


def _untouched(folder: Path, targets: list[Path]) -> dict[str, Any]:
    """What was recorded of earlier letters; ReportError when one that would be written over is not as it was rendered."""
    try:
        digests = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        digests = {}
    known: dict[str, Any] = digests if isinstance(digests, dict) else {}
    for target in targets:
        if target.exists() and known.get(target.name) != files.sha256(target):
            raise ReportError(
                f"{target} was filled in or changed after it was rendered, and would be lost; move it elsewhere, then render it anew."
            )
    return known


def _file_name(form: Mapping[str, Any]) -> str:
    """The supplier's number, or its name without one, as a part of a file name; a digest keeps apart what looks the same then."""
    told = form["name"] if form["id"] in ("", "–") else form["id"]
    plain = re.sub(r"[^\w-]+", "_", told, flags=re.ASCII).strip("_")[:60]
    return (
        plain
        if plain == told
        else f"{plain}-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}".lstrip("-")
    )
