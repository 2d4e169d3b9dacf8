"""§791.312(a): for how many years do the client's policies say that records are kept?"""

from __future__ import annotations

import re
from typing import Any

from assessor.procedures.facts import Facts
from assessor.procedures.policy_design import words
from assessor.procedures.working import Workings, finding, items_ref, named, refs, rows
from assessor.results import Outcome, Recommendation

_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_KEEP = re.compile(
    r"\b(retain|retained|retains|retention|keep|kept|keeps|preserve|preserved|record|records|archive|archived)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"\b(\d{1,3}|" + "|".join(_NUMBERS) + r")\b(?:\s*\(\d{1,3}\))?[\s-]+(?:full |calendar )?years?\b", re.IGNORECASE
)


def stated_years(text: str) -> list[tuple[int, str]]:
    """Numbers of years that a paragraph states, each with its sentence, where the sentence speaks of keeping records.

    Digits and words up to twenty are read: "7 years", "seven (7) years", "a ten-year period".
    """
    found = []
    for sentence in re.split(r"(?<=[.;!?])\s+", text):
        if _KEEP.search(sentence):
            for match in _YEARS.finditer(sentence):
                word = match.group(1).lower()
                found.append((int(word) if word.isdigit() else _NUMBERS.index(word), sentence.strip()))
    return found


def _early_starts(facts: Facts, sentence: str) -> list[str]:
    """The days, by the words of the rule's data, from which a sentence counts and which may lie before the transaction."""
    element = facts.rule.data("policy_elements")["record keeping"]
    text = sentence.casefold()
    told = [start for start, any_ in element["counts_from"].items() if re.search(words(any_), text)]
    return [start for start in told if start in element["may_be_early"] and "the transaction" not in told]


def schedule(facts: Facts) -> Workings:
    """§791.312(a): the period that each policy document states."""
    w, years = Workings(), int(facts.rule.constant("record_years"))
    told: dict[str, list[tuple[int, str, dict[str, Any]]]] = {}
    for row in rows(facts.tables["policies"]):
        for number, sentence in stated_years(row["text"] or ""):
            told.setdefault(row["document"] or row["source"], []).append((number, sentence, row))
    for document in sorted(told):
        short = [(n, s, r) for n, s, r in told[document] if n < years]
        places = refs(r for _, _, r in short or told[document])
        if not short:
            kept = f"It keeps records for {named(sorted({n for n, _, _ in told[document]}))} years"
            # ten years from a day that may lie before the transaction can end before they are due
            early = sorted({start for n, s, _ in told[document] if n == years for start in _early_starts(facts, s)})
            if early:
                reason = f"{kept}, counted from {named(early)}, which may lie before the date of the transaction"
                w.test("791.312(a)", document, Outcome.INCONCLUSIVE, f"{reason}.", places)
                w.request(
                    "retention_start",
                    f"Whether {document} keeps records at least {years} years after the transaction, although it counts from {named(early)}",
                    [document],
                    "791.312(a)",
                    "whether records are kept long enough where the record is older than its transaction",
                )
            else:
                w.test("791.312(a)", document, Outcome.CONFORMS, f"{kept}.", places)
            continue
        w.test(
            "791.312(a)",
            document,
            Outcome.EXCEPTION,
            f"It keeps records for {min(n for n, _, _ in short)} years; at least {years} are due.",
            places,
        )
        w.findings.append(
            finding(
                "retention_too_short",
                document,
                ["791.312(a)"],
                f"{document} keeps records for less than {years} years",
                criteria=f"Primary business records are available for at least {years} years after the date of the transaction.",
                condition=" ".join(f"It says: “{sentence}”" for _, sentence, _ in short),
                effect=f"Records would be destroyed {years - min(n for n, _, _ in short)} years too early.",
                severity="high",
                evidence=places,
                recommendations=[
                    Recommendation(
                        f"Amend {document} to at least {years} years after the transaction and suspend destruction until then.",
                        "cause",
                        "all transactions that need a declaration or an authorization",
                    ),
                    Recommendation(
                        "Establish whether records have already been destroyed under it.",
                        "condition",
                        "transactions made since it took effect",
                    ),
                ],
            )
        )
    if not told:
        w.test(
            "791.312(a)",
            "retention schedule",
            Outcome.INCONCLUSIVE,
            "No policy read states for how many years records are kept.",
            items_ref(facts.tables["policies"]),
        )
        w.request(
            "retention_schedule",
            "The retention schedule for import, sale and supplier records",
            ["retention schedule"],
            "791.312(a)",
            f"whether records are kept for {years} years after the transaction",
        )
    return w
