"""What the assessment concludes: for each declaration and authorization, for each procedure, and in one sentence."""

from __future__ import annotations

from typing import Any

from assessor.reporting import asking
from assessor.reporting.view import OWN_TERMS, Row, View, cited, place
from assessor.reporting.words import NOTHING, count, day, missing, outcome, plain, refs, sentence
from assessor.results import SEVERITIES, EvidenceRef, Outcome, Test, worst


def conclusions(view: View) -> list[Row]:
    """One row for each declaration and each authorization in use: its conclusion from all tests about it, and why."""
    found: list[Row] = []
    told = {
        str(row.get("declaration") or row.get("authorization")): row
        for row in [*view.rows_of("declarations"), *view.rows_of("authorizations")]
    }
    for table, key, since, what in (
        ("declarations", "declaration", "submitted", "Declaration of Conformity ({kind})"),
        ("authorizations", "authorization", "issued", "{kind} authorization"),
    ):
        for row in sorted(view.records(table), key=lambda row: plain(row[key])):
            number = plain(row[key])
            name = next((label for label in _labels(number, row[since]) if label in told), number)
            if table == "authorizations" and any(name == before["name"] for before in found):
                continue  # a further copy of a letter
            tests = [test for test in view.tests if _about(test.subject, name, number)]
            own = told.get(name, {})
            outcomes = [test.outcome for test in tests] + [
                Outcome(str(own["conclusion"])) for _ in [0] if str(own.get("conclusion")) in set(Outcome)
            ]
            concluded = worst(outcomes)
            findings = [finding for finding in view.findings if _about(finding.subject, name, number)]
            deciding = [test for test in tests if test.outcome is concluded]
            basis = [place for finding in findings for place in finding.evidence] or [
                place for test in deciding for place in test.evidence
            ]
            found.append(
                {
                    "name": name,
                    "kind": what.format(kind=plain(row["kind"])).capitalize()
                    if table == "authorizations"
                    else what.format(kind=plain(row["kind"])),
                    "since": "date not stated" if missing(row[since]) else day(row[since]),
                    "conclusion": outcome(concluded),
                    "reason": sentence(own.get("reason")) or _why(concluded, tests, deciding),
                    "findings": ", ".join(finding.id for finding in findings) or NOTHING,
                    "evidence": refs(basis, 2) or place(row),
                }
            )
    return found


def _labels(number: str, issued: Any) -> tuple[str, ...]:
    """What results may call a letter: its number or, where the number has several letters, number and date."""
    dated = f"{number} (undated version)" if missing(issued) else f"{number} (version of {issued.isoformat()})"
    return number, dated


def _about(subject: str, name: str, number: str) -> bool:
    """Whether a subject is a declaration or letter, a part of it, or the authorization as a whole of which it is a version."""
    if subject == name or subject.startswith((f"{name} ", f"{name},", f"{name}:")):
        return True
    return name != number and (subject == number or subject.startswith(f"{number}:"))


def _why(concluded: Outcome, tests: list[Test], deciding: list[Test]) -> str:
    if not tests:
        return "No test was made of it."
    if concluded is Outcome.CONFORMS:
        return f"All {count(len(tests), 'test')} of it conform."
    return " ".join(sentence(test.reason) for test in deciding[:3])


def procedures(view: View) -> list[Row]:
    """One row for each procedure performed: what it examined, what was done, what it concluded and why."""
    return [
        {
            "clause": cited([result.clause]),
            "title": result.title,
            "population": sentence(result.population) or "No population was defined.",
            "work": " ".join(sentence(step) for step in result.work_done) or "No work was recorded.",
            "conclusion": outcome(result.conclusion),
            "reason": sentence(result.reason),
            "tests": f"{len(result.tests):,}",
            "evidence": refs([EvidenceRef(item) for item in result.examined], 2) or OWN_TERMS,
        }
        for result in view.results
    ]


def summary(view: View) -> Row:
    """Counts and the overall sentence."""
    findings = view.findings
    concluded = worst(result.conclusion for result in view.results)
    by_severity = {severity: sum(finding.severity == severity for finding in findings) for severity in SEVERITIES}
    answered = [question for question in view.questions if question.state == "answered"]
    opened = len(view.questions) - len(answered)
    requests = len(asking.outstanding(view))
    words = {
        Outcome.EXCEPTION: f"The assessment found {count(len(findings), 'exception')}: the evidence examined does not support "
        "conformity in the respects set out below.",
        Outcome.INCONCLUSIVE: "The assessment found no exception, and it could not conclude on every point: evidence or a judgement is missing.",
        Outcome.CONFORMS: "The assessment found no exception: on the evidence examined, the subject matter conforms to the criteria.",
    }
    return {
        "conclusion": outcome(concluded),
        "sentence": words.get(concluded, "The assessment did not test the subject matter."),
        "findings": count(len(findings), "finding"),
        "high": f"{by_severity['high']:,}",
        "medium": f"{by_severity['medium']:,}",
        "low": f"{by_severity['low']:,}",
        "tests": count(len(view.tests), "test"),
        "procedures": count(len(view.results), "procedure"),
        "requests": count(requests, "evidence request"),
        "open_questions": count(opened, "question"),
        "judgements": count(len(answered), "recorded judgement"),
        "evidence": count(len(view.register), "evidence item"),
    }
