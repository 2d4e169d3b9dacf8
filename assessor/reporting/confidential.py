"""What a request for confidential treatment speaks of (§791.314(b)): each file with a claim, its name, its pages and its ground.

Whether something is confidential, and on which authority, is the submitter's claim and stays a blank where nobody has stated it.
"""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from assessor.reporting import work
from assessor.reporting.claims import claimed as evidence_claimed
from assessor.reporting.view import Row, View, place
from assessor.reporting.words import NOT_STATED, count, day, either, listing, missing, natural, plain, sentence
from assessor.results import Outcome

_CLAUSE = "791.314"


def claims(view: View) -> Row:
    """The rule's characters and mark, filings with a claim, evidence marked confidential in the register, and what is open."""
    prefix, mark = (str(view.rule.constant(name, view.terms.dated)) for name in ("cbi_file_prefix", "cbi_page_mark"))
    filings = sorted(view.records("filings"), key=lambda row: natural(plain(row.get("file"))))
    claimed = [row for row in filings if _yes(row.get("contains_cbi"))]
    marked = evidence_claimed(view.terms, view.register)
    items = [row for row in work.register(view) if row["id"] in marked]
    stated = view.terms.report.get("confidential")
    return {
        "prefix": prefix,
        "mark": mark,
        "filings": [_filing(view, row, prefix) for row in claimed],
        "items": [_item(row, prefix) for row in items],
        "unstated": [
            {"file": plain(row.get("file")), "filed": day(row.get("filed")), "evidence": place(row)}
            for row in filings
            if missing(row.get("contains_cbi"))
        ],
        "count": count(len(claimed) + len(items), "file"),
        "report": sentence(stated)
        or "The terms of engagement claim no confidential treatment for the assessment itself.",
    }


def _named(name: str, prefix: str) -> str:
    """The name under which a file is to be submitted: its own where that begins as the rule asks."""
    return name if name.startswith(prefix) else f"{prefix} {name}"


def _filing(view: View, row: Row, prefix: str) -> Row:
    file = "" if missing(row.get("file")) else PureWindowsPath(str(row["file"])).name
    about = [t for t in view.tests if t.clause.startswith(_CLAUSE) and file and t.subject in (file, f"{file}: pages")]
    wrong = [sentence(t.reason) for t in about if t.outcome in (Outcome.EXCEPTION, Outcome.INCONCLUSIVE)]
    found = [f.id or f.code for f in view.findings if f.procedure == "s314_confidentiality" and f.subject == file]
    seen = [f"See {listing(found)}."] if found else []
    return {
        "file": file or NOT_STATED,
        "name": _named(file, prefix) if file else NOT_STATED,
        "filed": day(row.get("filed")),
        "pages": plain(row.get("pages")),
        "holding": plain(row.get("cbi_pages")),
        "marked": plain(row.get("marked_pages")),
        "justification": either(row.get("justification"), "came with it", "did not come with it", NOT_STATED),
        "authority": plain(row.get("legal_authority")),
        "mend": " ".join([*wrong, *seen]) or ("Nothing to mend was found." if about else "It was not tested."),
        "evidence": place(row),
    }


def _item(row: Row, prefix: str) -> Row:
    return {
        **{key: row[key] for key in ("file", "kind", "supplied_by", "sha256")},
        "name": _named(PurePosixPath(row["file"]).name, prefix),
        "evidence": f"[{row['id']}]",
    }


def _yes(value: object) -> bool:
    """Whether it was said to be so; not said is no claim."""
    return not missing(value) and bool(value)
