"""Evaluate a sample, by numbers alone or item by item; the record says what it proves, and holds the digests of population and draw and
each item's result, so that it can be followed back to what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assessor import sampled
from assessor.errors import SamplingError
from assessor.samples import fieldwork, records
from assessor.samples.fieldwork import DEVIATION, ItemResult
from assessor.samples.plans import Aim, Record, limit_of
from assessor.samples.populations import Population
from assessor.sampling import bayes, evaluate, rates, stages, strata, units, wording
from assessor.sampling.rates import Number
from assessor.text import exact_text


@dataclass(frozen=True)
class Finding:
    """A sample without a list of items: how many there are, how many were examined, how many of these deviate."""

    sample_size: Number
    deviations: Number
    population: Number | None = None


def evaluated(aim: Aim, found: Finding) -> Record:
    """The record of an evaluation by numbers alone. Raises SamplingError as `sampling.evaluate`."""
    aim = _settled(aim, None if found.population is None else rates.whole(found.population, "population"))
    made = evaluate(
        sample_size=found.sample_size,
        deviations=found.deviations,
        confidence=aim.sure,
        population=found.population,
        distribution=aim.distribution,
        tolerable=aim.tolerable,
        prohibition=aim.prohibition,
    )
    record: Record = {"schema": records.EVALUATION, **made.told()}
    if aim.prior:
        record["bayesian"] = bayes.view(
            bayes.prior(aim.prior),
            made.sample_size,
            rates.whole(made.deviations, "number of deviations"),
            made.confidence,
            made.population,
            made.tolerable,
        )
    return record


def _settled(aim: Aim, size: int | None) -> Aim:
    """The aim with the rate to be detected, where it is to discover so many deviating items of a population."""
    return aim if aim.discover is None else replace(aim, tolerable=limit_of(aim, size), prohibition=True, discover=None)


def aim_of(plan: Record | None, aim: Aim) -> Aim:
    """The aim of an evaluation: that of the plan, where there is one. Raises SamplingError where another is asked for now: what a sample is
    to show is not chosen after its results are known. A prohibition may be added."""
    if plan is None:
        return aim
    planned = plan.get("detects") or plan.get("tolerable")
    for asked, said, what in (
        (aim.confidence, plan["confidence"], "confidence"),
        (aim.tolerable, planned, "tolerable rate"),
    ):
        if asked is not None and said is not None and rates.number(asked, what) != rates.number(said, what):
            raise SamplingError(
                f"The plan has a {what} of {said}, and {asked} is asked for now; leave that out, or plan and draw another sample."
            )
    return replace(
        aim,
        confidence=str(plan["confidence"]),
        tolerable=planned,
        prohibition=aim.prohibition or bool(plan.get("detects")),
        distribution=aim.distribution or ("" if plan.get("by") == "units" else str(plan.get("distribution") or "")),
    )


def evaluated_draw(
    aim: Aim, population: Population, record: Record, tested: Sequence[ItemResult], *, missing_deviate: bool = False
) -> Record:
    """The record of an evaluation of a draw, item by item. Items without a result are refused, or with `missing_deviate` counted as
    deviating, as an auditor does with what cannot be examined (AU-C 530.11). A sample in stages goes as far as its results.

    Raises SamplingError where the population has changed since the draw, and for results of items that were not drawn.
    """
    made = records.drawn(record)
    records.require_same(made, population.frame)
    plan = record.get("plan")
    aim = _settled(aim_of(plan, aim), len(population.frame))
    found, missing = fieldwork.sorted_out(made, tested)
    staged = bool(plan and plan.get("stages"))
    if staged:  # later stages are not missing, they have not begun
        begun = max((number for number, id_ in enumerate(made.ids) if id_ in found), default=-1)
        missing = [id_ for id_ in missing if made.ids.index(id_) < begun] if missing_deviate else missing
    if missing_deviate:
        found = {**found, **{id_: ItemResult(id_, DEVIATION, "", "not examined") for id_ in missing}}
    deviating = {id_ for id_, one in found.items() if one.result == DEVIATION}
    if plan and staged:
        told = _by_stages(plan, made.ids, found, deviating)
    else:
        if missing and not missing_deviate:
            raise SamplingError(
                f"{len(missing)} of the {len(made.ids)} items drawn have no result ({', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}); "
                "examine them, or count what cannot be examined as deviating (--missing-deviate)."
            )
        told = _by_draw(aim, population, made, found, deviating)
    if missing_deviate and missing:
        told["statement"] = f"{told['statement']} {wording.counted_as_deviating(len(missing))}"
    return {
        "schema": records.EVALUATION,
        **told,
        "population_digest": made.digest,
        "draw_digest": sampled.digest(record),
        "not_examined": [] if staged and told["conclusion"] != "go_on" else missing,
        "counted_as_deviating": missing if missing_deviate else [],
        "items": [
            {"id": id_, "result": found[id_].result, "taint": found[id_].taint, "note": found[id_].note}
            for id_ in made.ids
            if id_ in found
        ],
    }


def _by_draw(
    aim: Aim, population: Population, made: Any, found: Mapping[str, ItemResult], deviating: set[str]
) -> Record:
    if made.by == "units":
        taints = {id_: found[id_].taint or "1" for id_ in deviating}
        return units.evaluate_units(
            population.frame,
            made,
            taints,
            confidence=aim.sure,
            tolerable=aim.tolerable,
            prohibition=aim.prohibition,
            distribution=aim.distribution or "poisson",
        ).told()
    if population.frame.strata and "" not in made.sizes:
        parts = {
            name: strata.Stratum(len(part), made.sizes[name], len(deviating & set(part.ids)))
            for name, part in population.frame.by_stratum.items()
        }
        return strata.evaluate_strata(
            parts, confidence=aim.sure, tolerable=aim.tolerable, prohibition=aim.prohibition
        ).told()
    size = len(population.frame)
    told = evaluated(aim, Finding(len(made.ids), len(deviating), size))
    if made.method != "random":
        told["statement"] = f"{told['statement']} {wording.NOT_RANDOM}"
    return told


def _by_stages(plan: Record, ids: Sequence[str], found: Mapping[str, ItemResult], deviating: set[str]) -> Record:
    made = stages.Stages(
        tuple(each["examined"] for each in plan["stages"]),
        plan["distribution"],
        rates.confidence(plan["confidence"]),
        rates.rate(plan["tolerable"] or "0", "tolerable rate"),
        plan["population"],
        plan["achieved_confidence"],
    )
    seen: list[bool] = []
    for id_ in ids:  # in the order drawn, up to the first that has no result
        if id_ not in found:
            break
        seen.append(id_ in deviating)
    conclusion, rests_on, upto = stages.standing(made, seen)
    return {
        "sample_size": rests_on,
        "deviations": str(sum(seen[:rests_on])),
        "confidence": exact_text(made.confidence),
        "population": made.population,
        "tolerable": exact_text(made.tolerable),
        "upper_bound": exact_text(made.tolerable) if conclusion == "supported" else None,
        "conclusion": conclusion,
        "examine_up_to": upto or None,
        "statement": wording.of_stage(made, conclusion, rests_on, sum(seen[:rests_on]), upto),
    }
