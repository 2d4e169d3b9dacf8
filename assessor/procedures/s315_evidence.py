"""§791.315(d)(2): what was received and could be examined, and what could not.

Facts needed: the register, with what the readers made of each item. A document that could not be read was not reviewed;
it is asked for again, and nothing is concluded from it. What a
person read from a scan, and said so in the ledger, counts as read.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pandas as pd

from assessor.evidence.readers.base import WITHOUT_TEXT
from assessor.procedures.facts import Facts
from assessor.procedures.working import counted
from assessor.results import EvidenceRef, EvidenceRequest, Outcome, ProcedureResult, Test, worst

CLAUSE = "791.315(d)(2)"
TITLE = "Evidence received and examined"

_OUTCOMES = {"read": Outcome.CONFORMS, "duplicate": Outcome.NOT_APPLICABLE, "partly_read": Outcome.INCONCLUSIVE}


def run(facts: Facts) -> ProcedureResult:
    """One test for each item of the register; a request for each that could not be read, or of which pages are pictures without
    text. A picture is asked about by the procedure that needs what it shows."""
    tests, requests = [], []
    for row in facts.register.to_dict("records"):
        status = row["status"] if isinstance(row["status"], str) else "not read"
        name = PurePosixPath(str(row["path"])).name
        reason = row["reason"] if isinstance(row["reason"], str) else ""
        outcome = _OUTCOMES.get(status, Outcome.NOT_TESTED)
        kind = row["kind"] if isinstance(row["kind"], str) else "unknown"
        told = f"{name} ({kind}) is {status.replace('_', ' ')}" + (f": {reason}" if reason else "") + "."
        tests.append(Test(CLAUSE, f"{row['id']} {name}", outcome, told, (EvidenceRef(str(row["id"])),)))
        if kind not in ("picture", "unknown") and WITHOUT_TEXT in reason:
            requests.append(
                EvidenceRequest(
                    code="page_text",
                    what=f"The text of {name} ({row['id']}), or a record of what a person read in it: {reason}.",
                    subjects=(str(row["path"]),),
                    clause=CLAUSE,
                    settles="what its pages say that are pictures, and whether it bears on the assessment",
                )
            )
        elif outcome is Outcome.NOT_TESTED:
            requests.append(
                EvidenceRequest(
                    code="unreadable_item",
                    what=f"A readable copy of {name} ({row['id']}), or word of what it is: {reason or 'it was not read'}.",
                    subjects=(str(row["path"]),),
                    clause=CLAUSE,
                    settles="whether it holds anything that bears on the assessment",
                )
            )
    outcomes = [test.outcome for test in tests]
    unread, partly = outcomes.count(Outcome.NOT_TESTED), outcomes.count(Outcome.INCONCLUSIVE)
    conclusion = Outcome.INCONCLUSIVE if unread else worst(outcomes)
    total = len(tests)
    return ProcedureResult(
        procedure="s315_evidence",
        clause=CLAUSE,
        title=TITLE,
        conclusion=conclusion,
        reason=f"Of {total} items received, {total - unread - partly} were read in full, {partly} in part and {unread} not at all.",
        population=f"all {total} items of the register, from {counted(facts.register['delivery'].nunique(), 'delivery', 'deliveries')}",
        work_done=(
            "Every item was registered with its digest, recognised by its content and read by the reader for its format.",
            "What could not be read is requested from the client; nothing was concluded from it.",
        ),
        examined=tuple(str(item) for item in facts.register["id"][_read(facts.register)]),
        tests=tuple(tests),
        requests=tuple(requests),
        limitations=("The items are what the client chose to deliver; that nothing else exists is not established.",),
    )


def _read(register: pd.DataFrame) -> pd.Series:
    return register["status"].isin(["read", "partly_read"])  # an item of no status was not examined
