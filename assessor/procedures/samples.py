"""§791.315(c)(3): the samples of procedures, and for each what it proves and what it does not.

Confidence and the rate that must not escape notice are the firm's (`[criteria] sample_confidence`, `sample_tolerable`); sizes, draws and
what they prove come from `assessor.sampling`. The rule tolerates no rate of deviations: each one found is a finding, whatever the sample
says of the rest. A population that was examined as a whole says so instead. Items drawn and not examined prove nothing yet, and
`assessor check` names them until they are examined or explained.

A row of a result's table `samples`: sample, clause, population (words), items (how many), digest (of the frame, empty for a whole
population), complete (outcome of the test of its completeness) and completeness (a sentence), method, seed, size, why (of that size),
examined, deviations, proves (a sentence or several). A row of `sample_items`: sample, item, outcome, note, evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessor import sampling
from assessor.errors import SamplingError
from assessor.procedures.facts import Facts
from assessor.procedures.working import Workings, cited, counted, finding, named, ref, rows, terms_ref
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation
from assessor.sampling import rates

WHOLE = "whole population"
_CITED = 50
Complete = tuple[Outcome, str]
"""Whether a population is known to be complete, and the sentence that says so."""


@dataclass(frozen=True)
class Drawn:
    """A draw with the size's reason; `set_by` is the criterion of the terms that it follows from. `problem`: why nothing could be drawn."""

    ids: tuple[str, ...] = ()
    items: int = 0
    digest: str = ""
    method: str = ""
    seed: str = ""
    why: str = ""
    set_by: str = "sample_confidence"
    problem: str = ""


@dataclass(frozen=True)
class Seen:
    """What became of an item drawn: `right` is True, False, or None while it is not examined."""

    item: str
    right: bool | None
    note: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


def criteria(facts: Facts) -> tuple[str, str] | None:
    """The firm's confidence and the rate that must not escape notice, as it wrote them; None where it has not set both."""
    told = facts.terms.criteria
    sure, rate = told.get("sample_confidence"), told.get("sample_tolerable")
    return (str(sure), str(rate)) if sure and rate else None


def seed(facts: Facts) -> str:
    """The seed of all draws: the firm's `[criteria] sample_seed`, or else the engagement's id."""
    return str(facts.terms.criteria.get("sample_seed") or facts.terms.id)


def draw(facts: Facts, ids: Iterable[str], fixed: int = 0) -> Drawn:
    """Draw from the items of these ids: `fixed` of them where the firm sets how many, else as many as its criteria need."""
    listed = list(ids)
    try:
        frame = sampling.frame(listed)
        size, why = _size(facts, len(frame), fixed)
        made = sampling.draw(frame, size, seed=seed(facts))
    except SamplingError as error:
        return Drawn(items=len(listed), problem=str(error))
    by = "records_sample" if fixed else "sample_confidence"
    return Drawn(made.ids, len(frame), made.digest, "simple random, by SHA-256 tickets", made.seed, why, by)


def _size(facts: Facts, items: int, fixed: int) -> tuple[int, str]:
    if fixed:
        return min(fixed, items), f"the firm examines {fixed} of each population, or all where there are fewer"
    sure, rate = criteria(facts) or ("", "")
    made = sampling.plan(confidence=sure, tolerable=rate, population=items, prohibition=True)
    if made.sample_size is None or made.sample_size == items:
        return items, made.reason
    shares = [rates.per_cent(rates.number(told, "criterion")) for told in (rate, sure)]
    return (
        made.sample_size,
        f"had {shares[0]} or more deviated, one would be seen with {shares[1]} confidence (the firm's criteria)",
    )


def sampled(
    facts: Facts, sample: str, clause: str, population: str, drawn: Drawn, seen: Sequence[Seen], complete: Complete
) -> dict[str, Any]:
    """The row of a sample that was drawn."""
    examined = [one for one in seen if one.right is not None]
    wrong = sum(one.right is False for one in examined)
    return {
        "sample": sample,
        "clause": clause,
        "population": population,
        "items": drawn.items,
        "digest": drawn.digest,
        "complete": str(complete[0]),
        "completeness": complete[1],
        "method": drawn.method,
        "seed": drawn.seed,
        "size": len(drawn.ids),
        "why": drawn.why,
        "examined": len(examined),
        "deviations": wrong,
        "proves": _proves(facts, drawn.items, len(drawn.ids), len(examined), wrong),
    }


def whole(
    facts: Facts, sample: str, clause: str, population: str, items: int, wrong: int, undecided: int, complete: Complete
) -> dict[str, Any]:
    """The row of a population of which every item was examined."""
    if undecided:
        proves = (
            f"All {counted(items, 'item')} were examined, and none was sampled: {wrong:,} deviate, each of them told as an exception, and of "
            f"{undecided:,} the evidence does not decide. Nothing is inferred from the others on these."
        )
    else:
        proves = _proves(facts, items, items, items, wrong)
    return {
        "sample": sample,
        "clause": clause,
        "population": population,
        "items": items,
        "digest": "",
        "complete": str(complete[0]),
        "completeness": complete[1],
        "method": WHOLE,
        "seed": "",
        "size": items,
        "why": "data of every item were in evidence",
        "examined": items,
        "deviations": wrong,
        "proves": proves,
    }


def _proves(facts: Facts, items: int, size: int, examined: int, wrong: int) -> str:
    """What a sample proves, and what it does not, as far as it was examined."""
    finding_ = ", each of them in a finding" if wrong else ""
    if examined < size:
        waiting = size - examined
        return (
            f"{waiting:,} of the {counted(size, 'item')} drawn {'is' if waiting == 1 else 'are'} not examined, so that the sample proves nothing of "
            f"the population yet; {wrong or 'none'} of the others {_deviate(wrong)}{finding_}."
        )
    seen = f"{wrong or 'None'} of the {counted(examined, 'item')} examined {_deviate(wrong)}{finding_}"
    if items == examined:
        return f"{seen}, and these are all there are: nothing is inferred."
    others = items - examined
    if (set_ := criteria(facts)) is None:
        return f"{seen}. The firm has set neither a confidence nor a rate that must not escape notice, so that nothing is said of the {others:,} others."
    found = sampling.evaluate(
        sample_size=examined,
        deviations=wrong,
        confidence=set_[0],
        population=items,
        tolerable=set_[1],
        prohibition=True,
    )
    sure, rate = (rates.per_cent(rates.number(told, "criterion")) for told in set_)
    most = found.upper_items or 0
    bound = (
        f"With {sure} confidence no more than {most:,} of the {items:,} ({rates.per_cent(found.upper_bound)}) deviate"
    )
    if wrong:
        return f"{seen}: no rate of deviations is tolerated, and what was not examined offsets none. {bound}."
    power = rates.per_cent(Fraction(found.detection_power), up=False)
    return (
        f"{seen}. Had {rate} or more of the {items:,} deviated, one would have been seen with a probability of {power}. {bound}; that none of the "
        f"{others:,} others does, it does not prove."
    )


def _deviate(number: int) -> str:
    return "deviates" if number <= 1 else "deviate"


def item_rows(sample: str, seen: Iterable[Seen]) -> list[dict[str, Any]]:
    """The rows of `sample_items` of one sample, in the order drawn."""
    words = {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.NOT_TESTED}
    return [
        {
            "sample": sample,
            "item": one.item,
            "outcome": str(words[one.right]),
            "note": one.note,
            "evidence": cited(one.evidence),
        }
        for one in seen
    ]


@dataclass(frozen=True)
class Verification:
    """A sample of items that stand in the client's papers, verified by the assessor: its words for tests, finding and request."""

    sample: str
    clause: str
    population: str
    verified: str  # "confirmed by who signed"
    code: str
    title: str
    criteria: str
    effect: str
    mend: str
    asking: str


def verify(
    facts: Facts, about: Verification, ids: Sequence[str], complete: Complete
) -> tuple[Workings, list[dict[str, Any]], list[dict[str, Any]]]:
    """Draw from a population and hold what was drawn against the notes of its inspection: workings, and the rows of `samples` and
    `sample_items`. Nothing where the firm has set no criteria, or there is nothing to draw from."""
    w = Workings()
    if criteria(facts) is None or not ids:
        return w, [], []
    drawn = draw(facts, ids)
    if drawn.problem:
        w.test(
            about.clause, f"sample: {about.sample}", Outcome.INCONCLUSIVE, f"No sample could be drawn. {drawn.problem}"
        )
        return w, [], []
    notes = facts.of(inspections).get(about.sample, {})
    seen = [notes.get(id_, Seen(id_, None)) for id_ in drawn.ids]
    others = set(ids) - set(drawn.ids)
    beside = [one for id_, one in notes.items() if id_ in others and one.right is False]
    wrong = [one for one in (*seen, *beside) if one.right is False]
    waiting = [one for one in seen if one.right is None]
    told = f"Of {counted(len(seen), 'item')} drawn from {drawn.items:,}, {len(seen) - len(waiting):,} were examined"
    told += f": {counted(len(wrong) - len(beside), 'item')} not {about.verified}" if len(wrong) > len(beside) else ""
    told += f"; {counted(len(beside), 'item')} seen besides the draw not {about.verified}" if beside else ""
    told += f"; {len(waiting):,} wait for examination." if waiting else "."
    places = tuple(dict.fromkeys(place for one in (*wrong, *seen) for place in one.evidence))[:_CITED]
    outcome = Outcome.EXCEPTION if wrong else Outcome.INCONCLUSIVE if waiting else Outcome.CONFORMS
    w.test(
        about.clause, f"sample: {about.sample}", outcome, told, places or (terms_ref("[criteria] sample_confidence"),)
    )
    if wrong:
        w.findings.append(_finding(about, told, wrong))
    if waiting:
        what = f"{about.asking} {named((one.item for one in waiting), 50)}"
        w.request("items_to_examine", what, [about.sample], about.clause, f"whether they are {about.verified}")
    return (
        w,
        [sampled(facts, about.sample, about.clause, about.population, drawn, seen, complete)],
        item_rows(about.sample, seen),
    )


def _finding(about: Verification, told: str, wrong: Sequence[Seen]) -> Finding:
    notes = [f"{one.item}: {one.note}" for one in wrong if one.note]
    return finding(
        about.code,
        f"sample: {about.sample}",
        [about.clause],
        about.title,
        criteria=about.criteria,
        condition=f"{told} They are {named((one.item for one in wrong), 12)}."
        + (f" {'; '.join(notes[:12])}." if notes else ""),
        effect=about.effect,
        severity="medium",
        evidence=tuple(dict.fromkeys(place for one in wrong for place in one.evidence))[:_CITED],
        recommendations=[
            Recommendation(about.mend, "condition", "transactions with the articles concerned"),
            Recommendation(
                "Verify every item of this population, since one that deviates says nothing for the others.",
                "cause",
                "transactions with the articles concerned",
            ),
        ],
    )


def inspections(facts: Facts) -> dict[str, Mapping[str, Seen]]:
    """What the assessor noted of items, by sample and item; of several notes of one item the last. What was not seen is not examined."""
    found: dict[str, dict[str, Seen]] = {}
    for told in rows(facts.tables["item_inspections"]):
        sample, item = ((told[key] or "").strip() for key in ("sample", "item"))
        found.setdefault(sample, {})[item] = Seen(item, told["agrees"], told["note"] or "", (ref(told),))
    return dict(found)
