"""The assessor's desk in JupyterLab: how an engagement stands, forms to decide by, and what the evidence says to look through.

    from assessor import review
    work = review.open("..")
    work.overview()
    work.questions()

Every form writes to the ledger through `assessor.desk`, has a command (`assessor answer`, `assessor ledger`, `assessor evidence`) and
shows a table instead where no kernel lives. Inside: `overview`, `forms`, `requesting`, `reading`, `browse`, `parts`, `launch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor.assessment import open_assessment
from assessor.review.launch import prepare, serve
from assessor.review.overview import overview, standing

if TYPE_CHECKING:
    from assessor.review.parts import Shown
    from assessor.supposing import WhatIf
    from assessor.workpapers.display import Html

__all__ = ["Review", "open", "overview", "prepare", "serve", "standing"]


class Review:
    """One engagement at one desk; who sits there is asked once for all forms."""

    def __init__(self, folder: Path | str, name: str = "", role: str = "assessor") -> None:
        from assessor.review.parts import Person

        self.assessment = open_assessment(folder)
        self._person = Person(name, role)

    def overview(self) -> Html:
        """How the engagement stands and what needs the assessor."""
        return overview(self.assessment.engagement)

    def questions(self) -> Shown:
        """Questions to answer, each with its facts, clause, guidance and earlier answers."""
        from assessor.review import forms

        return forms.answering(self.assessment, self._person, lambda q: q.id != forms.MATCH, "Questions")

    def matches(self) -> Shown:
        """Names that may be those of suppliers of the list, to confirm or refuse."""
        from assessor.review import forms

        return forms.answering(self.assessment, self._person, lambda q: q.id == forms.MATCH, "Name matches")

    def requests(self) -> Shown:
        """What the client was asked for, what may answer it, and a form for its state."""
        from assessor.review import requesting

        return requesting.requesting(self.assessment, self._person)

    def suppliers(self) -> Shown:
        """Suppliers and who stands behind them."""
        from assessor.review import browse

        return browse.browse_suppliers(self.assessment)

    def components(self) -> Shown:
        """Components with search and filters."""
        from assessor.review import browse

        return browse.browse_components(self.assessment)

    def evidence(self) -> Shown:
        """Items of evidence, and the page or cell that a fact came from."""
        from assessor.review import browse

        return browse.browse_evidence(self.assessment)

    def readings(self) -> Shown:
        """Pages that are pictures without text, and a form for what a person reads on one."""
        from assessor.review import reading

        return reading.reading(self.assessment, self._person)

    def findings(self) -> Shown:
        """Findings, with forms to draft one and for what management says."""
        from assessor.review import forms

        return forms.drafting(self.assessment, self._person)

    def what_if(self, *supposed: Path | str | Mapping[str, Any]) -> WhatIf:
        """What would be concluded if something were otherwise (files or mappings, see `assessor.supposing.vocabulary`)."""
        from assessor.supposing import what_if

        return what_if(self.assessment, *supposed)

    def signing(self) -> Shown:
        """Workpapers with signatures and notes, with forms to sign, to note and to clear."""
        from assessor.review import forms

        return forms.signatures(self.assessment, self._person)


def open(folder: Path | str, name: str = "", role: str = "assessor") -> Review:
    """The desk of the engagement in `folder`. Raises EngagementError when there is none."""
    return Review(folder, name, role)
