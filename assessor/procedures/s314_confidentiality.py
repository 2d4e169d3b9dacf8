"""§791.314: confidential business information in what was filed with BIS.

The file's name begins with the rule's characters, as written; every page with such information bears the mark, and only those;
a justification with its legal authority comes along. Marking every page breaks the instruction as much as marking none. Whether
something is confidential (19 CFR 201.6), and on which ground, is the submitter's claim: what the assessor sees in the pages and in
the statement is asked and recorded, and where it does not bear the claim out, the submitter is asked, with no exception made.
"""

from __future__ import annotations

import re
from pathlib import PureWindowsPath
from typing import Any

from assessor.procedures import filed_pages
from assessor.procedures.facts import Facts, answered, examined
from assessor.procedures.working import Workings, counted, finding, finish, items_ref, named, ref, rows, said
from assessor.results import EvidenceRef, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.314"
TITLE = "Confidential business information"


def run(facts: Facts) -> ProcedureResult:
    """Test each filing."""
    w, filings = Workings(), facts.tables["filings"]
    for filing in rows(filings.sort_values("file")):
        w.add(examine(facts, filing))
    if filings.empty:
        w.test(
            "791.314(b)",
            "filings",
            Outcome.NOT_APPLICABLE,
            "No index of filings is in evidence, and no other evidence claims confidential treatment.",
            items_ref(facts.tables["declarations"]),
        )
    claimed = int(filings["contains_cbi"].fillna(False).sum())
    return finish(
        w,
        "s314_confidentiality",
        CLAUSE,
        TITLE,
        population=f"{counted(len(filings), 'filing')}, {claimed} with a claim of confidential treatment",
        work_done=(
            "Compared name, marked pages, justification and legal authority of each filing in the client's index with §791.314(b).",
            "Read what stands at the top of each page of filings that are themselves in evidence.",
        ),
        examined=examined(filings),
        limitations=(
            "Names and marks of filings were compared through the client's index, and with the pages where the file is in evidence.",
        )
        if len(filings)
        else (),
    )


def examine(facts: Facts, filing: dict[str, Any]) -> Workings:
    """The tests of one filing, each on its own; a file without a claim must not be marked."""
    w, place = Workings(), (ref(filing),)
    name = PureWindowsPath(filing["file"] or "").name or f"file not named ({filing['locator']})"
    prefix, mark = (str(facts.rule.constant(c)) for c in ("cbi_file_prefix", "cbi_page_mark"))
    total = filing["pages"]
    marked, holding = pages(filing["marked_pages"], total), pages(filing["cbi_pages"], total)
    filed_pages.compare(w, facts, name, set() if marked is None and filing["contains_cbi"] is False else marked, total)
    if marked is None and (seen := filed_pages.marked(facts, name)):
        marked = seen[0]
    if filing["contains_cbi"] is None:
        w.test(
            "791.314(b)",
            name,
            Outcome.INCONCLUSIVE,
            "The index does not say whether confidential treatment is claimed.",
            place,
        )
        w.request(
            "cbi_claim",
            "Whether confidential treatment is claimed for it, and for which pages",
            [name],
            "791.314(b)",
            "whether it had to be named and marked",
        )
        return w
    if not filing["contains_cbi"]:
        if marked:
            _fail(
                w,
                name,
                place,
                "pages_marked",
                f"Pages {_pages(marked)} bear the mark although no confidential treatment is claimed",
                f"Only pages with confidential business information are marked “{mark}”.",
                "File it again without marks, or state the claim.",
            )
        else:
            w.test(
                "791.314(b)",
                name,
                Outcome.CONFORMS,
                "No confidential treatment is claimed and no page is marked."
                if marked is not None
                else "No confidential treatment is claimed; the index lists no marked page.",
                place,
            )
        return w
    if not filing["file"]:
        w.test(
            "791.314(b)",
            name,
            Outcome.INCONCLUSIVE,
            "Confidential treatment is claimed for it, and the index does not give its name.",
            place,
        )
        w.request(
            "file_name",
            "The name of the file as it was submitted",
            [name],
            "791.314(b)",
            f"whether it begins with {prefix}",
        )
    elif name.startswith(prefix):
        w.test("791.314(b)", name, Outcome.CONFORMS, f"The file's name begins with {prefix}.", place)
    else:
        _fail(
            w,
            name,
            place,
            "file_name",
            f"The file's name does not begin with the characters {prefix}",
            f"Confidential business information is contained in a file whose name begins with {prefix}.",
            f"File it again under a name that begins with {prefix}.",
        )
    _status(facts, w, filing, name, place)
    if not holding or marked is None:
        w.test(
            "791.314(b)",
            name,
            Outcome.INCONCLUSIVE,
            "The index does not say which pages hold such information, or which are marked."
            if holding is None or marked is None
            else "Confidential treatment is claimed, and by the index no page holds such information.",
            place,
        )
        w.request(
            "cbi_pages",
            "Which pages hold confidential business information, and which bear the mark",
            [name],
            "791.314(b)",
            "whether those pages and only those are marked",
        )
    else:
        if extra := marked - holding:
            _fail(
                w,
                name,
                place,
                "pages_marked",
                f"Pages {_pages(extra)} bear the mark and hold no confidential business information",
                f"Pages without confidential business information are not marked “{mark}”.",
                "File it again with marks only where they belong.",
            )
        if absent := holding - marked:
            _fail(
                w,
                name,
                place,
                "pages_unmarked",
                f"Pages {_pages(absent)} hold confidential business information and bear no mark",
                f"Each page with confidential business information bears “{mark}” at its top.",
                "File it again with every such page marked.",
            )
        if marked == holding:
            w.test(
                "791.314(b)",
                name,
                Outcome.CONFORMS,
                f"The pages with such information, and only those, are marked ({_pages(holding) or 'none'}).",
                place,
            )
    _justified(facts, w, filing, name, place)
    return w


def _status(facts: Facts, w: Workings, filing: dict[str, Any], name: str, place: tuple[EvidenceRef, ...]) -> None:
    """What the assessor records of the claim itself: whether the pages hold such information."""
    held = answered(w.asked(facts.ask("cbi_status", name, _shown(facts, filing, "cbi_pages", "marked_pages"))), "yes")
    told = {
        True: "By the assessor's record its pages hold confidential business information (19 CFR 201.6).",
        False: "By the assessor's record its pages do not hold what is claimed as confidential (19 CFR 201.6). The claim is the "
        "submitter's, who is asked to review it.",
        None: "Whether its pages hold what is claimed as confidential (19 CFR 201.6) is not recorded.",
    }
    missing = (
        "cbi_review",
        "The submitter's reasons why the pages claimed are confidential, page by page, or the withdrawal of the claim",
        "whether the claim stands",
    )
    _recorded(w, "791.314(a)", name, held, told[held], missing, place)


def _ground(facts: Facts, w: Workings, filing: dict[str, Any], name: str, place: tuple[EvidenceRef, ...]) -> None:
    """What the assessor records of the statement: whether it gives reasons and authority. Whether they hold in law is not ours."""
    shown = _shown(facts, filing, "justification", "legal_authority")
    given = answered(w.asked(facts.ask("cbi_legal_ground", name, shown)), "yes")
    told = {
        True: "By the assessor's record the statement gives its reasons and the legal authority claimed.",
        False: "By the assessor's record the statement does not give reasons together with the legal authority claimed, although the "
        "index lists both.",
        None: "Whether the statement gives its reasons and the legal authority claimed is not recorded.",
    }
    missing = (
        "justification",
        "The statement justifying non-disclosure, with the legal authority claimed",
        "whether the request for confidential treatment is justified as the rule asks",
    )
    _recorded(w, "791.314(b)", name, given, told[given], missing, place)


def _recorded(
    w: Workings,
    clause: str,
    name: str,
    found: bool | None,
    told: str,
    missing: tuple[str, str, str],
    place: tuple[EvidenceRef, ...],
) -> None:
    """Note a record of the assessor's; where it is against the claim, the submitter is asked for what is missing (code, what,
    what it settles) and no exception is made."""
    w.test(clause, name, Outcome.CONFORMS if found else Outcome.INCONCLUSIVE, told, place)
    if found is False:
        code, what, settles = missing
        w.request(code, what, [name], clause, settles)


def _shown(facts: Facts, filing: dict[str, Any], *columns: str) -> dict[str, Any]:
    """What the index says of a filing, and interviews that name it."""
    told = {key: filing[key] for key in ("file", "filed", "pages", *columns)}
    return {
        key.replace("_", " "): value if isinstance(value, bool | int) else str(value or "not stated")
        for key, value in told.items()
    } | {
        "interviews": said(facts, str(filing["file"] or "")) if filing["file"] else [],
        "evidence": str(ref(filing)),
    }


def _justified(facts: Facts, w: Workings, filing: dict[str, Any], name: str, place: tuple[EvidenceRef, ...]) -> None:
    authority = (filing["legal_authority"] or "").strip()
    if filing["justification"] is False:
        _fail(
            w,
            name,
            place,
            "no_justification",
            "No statement justifying non-disclosure came with it",
            "A request for confidential treatment comes with a statement that justifies non-disclosure and refers to the specific legal authority.",
            "Submit the statement, and present it with every later claim.",
        )
    elif filing["justification"] and authority:
        w.test("791.314(b)", name, Outcome.CONFORMS, f"A justification came with it and refers to {authority}.", place)
        _ground(facts, w, filing, name, place)
    else:
        lacks = (
            "whether a justification came with it"
            if filing["justification"] is None
            else "which legal authority it claims"
        )
        w.test("791.314(b)", name, Outcome.INCONCLUSIVE, f"The index does not say {lacks}.", place)
        w.request(
            "justification",
            "The statement justifying non-disclosure, with the legal authority claimed",
            [name],
            "791.314(b)",
            lacks,
        )


def pages(text: str | None, total: int | None) -> set[int] | None:
    """Page numbers in a text such as "2, 5-7" or "all"; None where nothing is stated, or where it cannot be
    read or names a page that a file of `total` pages does not have; empty for "none"."""
    if text is None or not text.strip():
        return None
    words = text.strip().lower()
    if words in ("none", "no", "-", "–", "0"):
        return set()
    if words == "all":
        return set(range(1, total + 1)) if total else None
    found: set[int] = set()
    for part in re.split(r"[,;\s]+(?:and\s+)?", words):
        match = re.fullmatch(r"(\d{1,5})(?:[-–](\d{1,5}))?", part)
        if not match:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= (total or last):
            return None
        found |= set(range(first, last + 1))
    return found


def _pages(numbers: set[int]) -> str:
    return named(sorted(numbers), 20)


def _fail(w: Workings, name: str, place: Any, code: str, condition: str, criteria: str, mend: str) -> None:
    w.test("791.314(b)", name, Outcome.EXCEPTION, f"{condition}.", place)
    w.findings.append(
        finding(
            code,
            name,
            ["791.314(b)"],
            f"{name}: {condition[0].lower()}{condition[1:]}",
            criteria=criteria,
            condition=f"{condition}.",
            effect="Confidential treatment may be lost, or public pages be withheld.",
            severity="low",
            evidence=place,
            recommendations=[Recommendation(mend, "condition", "the filing named; it concerns no single transaction")],
        )
    )
