"""What an overview shows of one engagement, gathered in that engagement's own process. It knows of no other.

    stage, stale         where it stands (new, evidence received, run, reported, sealed), and what is older than its inputs
    conclusion           of all procedures together, and `conclusions`: how many procedures came to each
    exceptions, questions, judgements, unsigned, workpapers, waiting
                         counts: open questions and stale judgements apart, workpapers not signed as they are now and all of them,
                         deliveries in the inbox
    requests             {id, due} of each that is outstanding; not its words, which name suppliers
    dated, deadlines     day of the report, and {date, clause, what} of each deadline of the rule with a date, in order
    files                {name, place}: documents that are there, by their place in the engagement
    suppliers            keyed hashes of each supplier (`shared`)
    message              what the batch says of it
    lacking              parts of all this that could not be had

Texts that name a supplier, or stand on evidence for which confidential treatment is claimed (§791.314(b)), are left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from assessor import check, files, run
from assessor.archive import receipt
from assessor.assessment import Assessment
from assessor.batch import shared
from assessor.engagement import Engagement
from assessor.errors import ArchiveError, AssessorError
from assessor.evidence import register, tables
from assessor.issuing import REPORT_RECORD
from assessor.ownership.spelling import normalise
from assessor.procedures.deadlines import FURNISH
from assessor.reporting import claims
from assessor.reporting.drawing import items_of
from assessor.results import worst

WITHHELD = "the words name a supplier, and are left out here"
_FILES = (
    ("Report, full", "report", "assessment.docx"),
    ("Report, public", "report", "public-assessment.docx"),
    ("Report, full, PDF", "report", "assessment.pdf"),
    ("Report, public, PDF", "report", "public-assessment.pdf"),
    ("Annexes", "report", "annexes.xlsx"),
    ("Workpapers", "workpapers", "index.html"),
    ("Request list", "report", "requests.docx"),
    ("Request list, sheet", "report", "requests.xlsx"),
    ("Calendar", "report", "deadlines.ics"),
)
"""What each document is called, its folder and its name, which begins with a mark where it holds what is confidential."""


def look(root: Path, key: str, message: str) -> dict[str, Any]:
    """The view of the engagement in a folder as plain data. It never raises: what is wrong with an engagement has been told, and of one
    that failed it gives what can be had."""
    found: dict[str, Any] = {"message": message, "lacking": []}
    one = _One(Engagement(root))
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "files": one.documents,
        "standing": one.standing,
        "requests": one.requests,
        "deadlines": one.deadlines,
        "suppliers": lambda: {"suppliers": shared.hashes(one.suppliers, key)},
        "message": lambda: {"message": one.guarded(message)},
    }
    for name, part in parts.items():
        try:
            found |= part()
        except Exception:
            found["lacking"].append(name)
    return found


class _One:
    """An engagement as it is looked at."""

    def __init__(self, engagement: Engagement) -> None:
        self.engagement = engagement

    @cached_property
    def assessment(self) -> Assessment:
        return Assessment(self.engagement)

    @cached_property
    def suppliers(self) -> Any:
        path = self.engagement.tables / "suppliers.parquet"
        return tables.read(path) if path.exists() else tables.table("suppliers", [])

    @cached_property
    def supplier_names(self) -> set[str]:
        told = [value for name in ("name", "aliases") for value in self.suppliers[name] if isinstance(value, str)]
        return {normalise(name) for value in told for name in value.split(";")} - {""}

    def names(self, text: str) -> bool:
        """Whether a text names a supplier, in whatever spelling."""
        words = f" {normalise(text)} "
        return any(f" {name} " in words for name in self.supplier_names)

    def guarded(self, message: str) -> str:
        """A message about the engagement, without its words where they name one of its suppliers."""
        return f"The batch tells why: {WITHHELD}." if message and self.names(message) else message

    def documents(self) -> dict[str, Any]:
        mark = ""
        with suppress(AssessorError, OSError):
            mark = f"{self.assessment.rule.constant('cbi_file_prefix', self.assessment.terms.dated)}-"
        ways = (("", ""), (mark, " (confidential)")) if mark else (("", ""),)
        found = [
            {"name": f"{called}{words}", "place": place}
            for called, folder, name in _FILES
            for begin, words in ways
            if (self.engagement.root / (place := f"{folder}/{begin}{name}")).is_file()
        ]
        return {"files": found}

    def standing(self) -> dict[str, Any]:
        told = check.status(self.engagement)
        codes = Counter(problem["code"] for problem in told["problems"])
        results = self.assessment.results()
        conclusions = Counter(str(result.conclusion) for result in results)
        found = {
            "stage": told["stage"],
            "stale": [],
            "conclusion": str(worst(result.conclusion for result in results)) if results else "",
            "conclusions": dict(sorted(conclusions.items())),
            "exceptions": codes["exception"],
            "questions": codes["question_open"],
            "judgements": codes["judgement_stale"],
            "unsigned": codes["unsigned"],
            "workpapers": len(told.get("workpapers", [])),
            "waiting": codes["delivery_waiting"],
        }
        if results:
            found |= self._sealed()
            found["stale"] = self._stale()
        return found

    def _stale(self) -> list[str]:
        """What is older than what it follows from."""
        found = [] if run.results_stand(self.engagement) else ["results"]
        record, results = self.engagement.report / REPORT_RECORD, self.engagement.results / "results.json"
        if record.exists():
            try:
                made_from = json.loads(record.read_text("utf-8")).get("results")
            except (ValueError, AttributeError):
                made_from = None
            if not results.exists() or made_from != files.sha256(results):
                found.append("report")
        return found

    def _sealed(self) -> dict[str, Any]:
        """That the file was sealed beside the engagement, as `assessor seal` does where no place is named, as it is now."""
        root = self.engagement.root.resolve()
        try:
            told = receipt.opened((root.with_name(f"{root.name}-sealed") / "receipt.dsse.json").read_bytes())[
                "predicate"
            ]
            digests = dict(told["digests"])
        except (ArchiveError, OSError, KeyError, TypeError, ValueError):
            return {}
        same = told.get("engagement") == self.assessment.terms.id and all(
            digest == (files.sha256(root / place) if (root / place).is_file() else None)
            for place, digest in digests.items()
        )
        return {"stage": "sealed"} if same else {}

    def requests(self) -> dict[str, Any]:
        listed = self.assessment.requests() if list(self.engagement.results.glob("s*.json")) else []
        return {
            "requests": [
                {"id": one.id, "due": one.due.isoformat() if one.due else ""} for one in listed if one.outstanding
            ]
        }

    def deadlines(self) -> dict[str, Any]:
        rows = [
            row
            for result in self.assessment.results()
            if result.procedure == "s305_declarations"
            for row in result.tables.get("deadlines", [])
            if row.get("date") and row["what"] != FURNISH
        ]
        hidden = self._hidden(rows)
        told = [
            {
                "date": str(row["date"])[:10],
                "clause": str(row["clause"]),
                "what": "" if number in hidden else str(row["what"]),
            }
            for number, row in enumerate(rows)
        ]
        return {
            "dated": self.assessment.terms.dated.isoformat(),
            "deadlines": sorted(told, key=lambda row: (row["date"], row["what"])),
        }

    def _hidden(self, rows: Iterable[dict[str, Any]]) -> set[int]:
        """Which of the rows have words that are not shown beside those of other clients."""
        terms = self.assessment.terms
        items = claims.claimed(terms, register.read(self.engagement.register))
        texts = [str(text).casefold() for text in terms.report.get("confidential_texts") or ()]
        return {
            number
            for number, row in enumerate(rows)
            if items_of([row]) & items
            or any(text in str(row["what"]).casefold() for text in texts)
            or self.names(str(row["what"]))
        }
