"""Authorizations in the report (§791.315(d)(4)): letters and versions, conditions, implementation, deficiencies."""

from __future__ import annotations

from assessor.reporting import findings
from assessor.reporting.view import Row, View
from assessor.reporting.words import NOTHING, day, refs, rows, sentence

SECTIONS = ("s306_general_authorizations", "s307_specific_authorizations")
PROCEDURE = "s315_authorizations"


def authorizations(view: View) -> Row:
    """The section's data; every list is in the order of the work, findings are those of §§791.306, 791.307 and 791.315(d)(4)."""
    numbers = {finding.key: finding.id or finding.code for finding in view.findings}
    return {
        "versions": rows(
            [
                {
                    **row,
                    "version": day(row["version"]) if row["version"][:1].isdigit() else row["version"],
                    "transactions": f"{row['transactions']:,}"
                    + (f"; for {row['open']:,} more the version in force is open" if row["open"] else ""),
                    "in_force": sentence(row["in_force"]),
                }
                for row in view.rows_of("versions", *SECTIONS)
            ],
            ("authorization", "kind", "version", "in_force", "transactions", "letter", "published", "evidence"),
        ),
        "conditions": rows(
            view.rows_of("conditions"),
            ("authorization", "condition", "text", "test", "outcome", "reason", "evidence"),
        ),
        "implementation": rows(
            [
                {
                    **row,
                    "operation": sentence(row["operation"]),
                    "findings": ", ".join(numbers.get(key, key) for key in row["findings"].split("; ") if key)
                    or NOTHING,
                }
                for row in view.rows_of("implementation", PROCEDURE)
            ],
            ("authorization", "duty", "clause", "design", "outcome", "operation", "gaps", "findings", "evidence"),
        ),
        "effectiveness": [
            {"authorization": test.subject, "text": sentence(test.reason), "evidence": refs(test.evidence, 2)}
            for result in view.results
            if result.procedure == PROCEDURE
            for test in result.tests
            if test.evidence
        ],
        "findings": findings.findings(view, (*SECTIONS, PROCEDURE)),
    }
