"""Lays out the shipped Word templates, and their variable reference, `README.md`.

    python templates/make.py

The results are ordinary Word documents: firms edit a copy of one in Word and need nothing of this. They are made by a script
so that they can be reviewed like code and always come out with the same bytes. Colours and styles are in `looks.py`, page
furniture in `layout.py`, what forms have besides in `form_layout.py`; the chapters of the assessment stand in `assessment_*.py`,
the letters in `letters.py`, the forms in `forms.py`. In texts, `‹…›` is an evidence reference, `**…**` is bold, `«…»` a value before and `⟨…⟩` a value now.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import assessment_findings  # noqa: E402
import assessment_results  # noqa: E402
import assessment_terms  # noqa: E402
import forms  # noqa: E402
import letters  # noqa: E402
from layout import Layout  # noqa: E402

from assessor.reporting.context import reference  # noqa: E402

HERE = Path(__file__).parent


def assessment() -> Layout:
    """The assessment of §791.315(d)."""
    d = Layout()
    for chapter in (
        assessment_terms.front,
        assessment_terms.conclusions,
        assessment_terms.assessor,
        assessment_terms.scope,
        assessment_terms.methodology,
        assessment_results.supply_chain,
        assessment_results.determinations,
        assessment_results.nexus,
        assessment_results.policies,
        assessment_results.authorizations,
        assessment_findings.findings,
        assessment_findings.actions,
        assessment_findings.changes,
        assessment_findings.limits,
        assessment_findings.neighbouring,
        assessment_findings.judgements,
        assessment_findings.crosswalk,
        assessment_findings.evidence,
    ):
        chapter(d)
    return d


DOCUMENTS: dict[str, Callable[[], Layout]] = {
    made.__name__: made
    for made in (
        assessment,
        letters.requests,
        letters.management_letter,
        forms.supplier_attestation,
        forms.annual_confirmation,
        forms.advisory_opinion,
        letters.confidential_treatment,
    )
}
"""The shipped templates by the names of their files."""


def make(target: Path) -> None:
    """Write the template that has the name of `target`."""
    DOCUMENTS[target.stem]().save(target)


if __name__ == "__main__":
    for name in DOCUMENTS:
        make(HERE / f"{name}.docx")
    (HERE / "README.md").write_text(reference(), encoding="utf-8")
    print(f"{', '.join(f'{name}.docx' for name in DOCUMENTS)} and README.md are written to {HERE}.")
