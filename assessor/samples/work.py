"""Plan, draw and evaluate over a population: each gives a record, whose keys are those of `assessor sample … --json`.

A plan record holds what `Plan.told` does, and `population_digest`, `source` (how the population was read), `sizes` (by stratum), `stages`
(where it is one in stages), `by` (items or units) and `bayesian`. A draw record holds what `Draw.told` does, `source` and `plan` (the
plan's record, or None). An evaluation record holds what the evaluation told, the digests of population and draw, and each item's result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from assessor.errors import SamplingError
from assessor.samples import fieldwork, records
from assessor.samples.fieldwork import DEVIATION, Tested
from assessor.samples.populations import Population
from assessor.sampling import bayes, draw, evaluate, plan, rates, stages, strata, units, wording
from assessor.sampling.rates import Number

Record = dict[str, Any]


@dataclass(frozen=True)
class Aim:
    """What a sample is to show. `tolerable` None: taken from `discover`, the number of deviating items that must not escape notice."""

    confidence: Number = "0.95"
    tolerable: Number | None = None
    expected_rate: Number | None = None
    expected_count: Number | None = None
    distribution: str = ""
    prohibition: bool = False
    discover: int | None = None
    stages: int | None = None
    allocation: str = "proportional"
    prior: str = ""


@dataclass(frozen=True)
class Finding:
    """A sample without a list of items: how many there are, how many were examined, how many of these deviate."""

    sample_size: Number
    deviations: Number
    population: Number | None = None


@dataclass(frozen=True)
class _Over:
    """What is sampled: a number of items, a population read from somewhere, or neither."""

    size: int | None = None
    population: Population | None = None
    strata: Mapping[str, int] = field(default_factory=dict)
    weighted: bool = False


def planned(aim: Aim, population: Population | int | None) -> Record:
    """The record of a plan. Raises SamplingError for what does not go together, and as `sampling.plan`."""
    over = _over(population)
    limit = _limit(aim, over.size)
    told = _plan(aim, limit, over)
    sizes = told.pop("sizes", None) or [{"stratum": "", "size": told["sample_size"]}]
    record = {"schema": records.PLAN, **told, "sizes": sizes, "by": "units" if over.weighted else "items"}
    record |= {"population_digest": over.population.frame.digest if over.population else None}
    record |= {"source": over.population.selection.told() if over.population else None}
    if aim.prior:
        record["bayesian"] = _bayesian_plan(aim, limit, over)
    return record


def _over(population: Population | int | None) -> _Over:
    if not isinstance(population, Population):
        return _Over(population)
    parts = population.frame.by_stratum if population.frame.strata else {}
    if parts and population.frame.weights:
        raise SamplingError(
            "A sample is drawn by stratum or by weight, not by both at once; leave --stratum or --weight out."
        )
    sizes = {name: len(part) for name, part in parts.items()}
    return _Over(len(population.frame), population, sizes, bool(population.frame.weights))


def _limit(aim: Aim, size: int | None) -> Fraction:
    if aim.discover is None and aim.tolerable is None:
        raise SamplingError(
            "Say which rate can just not be tolerated, or for a prohibition must be detected (--tolerable 5%), or how many deviating items "
            "must not escape notice (--discover 3)."
        )
    if aim.discover is None:
        return rates.rate(aim.tolerable or 0, "tolerable rate")
    if aim.tolerable is not None or aim.expected_rate is not None or aim.expected_count is not None:
        raise SamplingError(
            "A discovery sample expects nothing and tolerates no rate; leave --tolerable and what is expected out."
        )
    if size is None or not 1 <= aim.discover <= size:
        raise SamplingError(
            "A discovery sample needs the population (--population), and a number of deviating items from 1 to as many as there are."
        )
    return Fraction(aim.discover, size)


def _plan(aim: Aim, limit: Fraction, over: _Over) -> Record:
    if aim.stages is not None:
        if over.strata or over.weighted or aim.prohibition or aim.expected_rate or aim.expected_count:
            raise SamplingError(
                "A sample in stages is one of single items without strata, weight, prohibition or expected deviations; leave these out."
            )
        return stages.plan_stages(
            confidence=aim.confidence,
            tolerable=limit,
            stages=aim.stages,
            population=over.size,
            distribution=aim.distribution,
        ).told()
    if over.strata:
        return _plan_strata(aim, limit, over)
    made = plan(
        confidence=aim.confidence,
        tolerable=limit,
        expected_rate=aim.expected_rate,
        expected_count=aim.expected_count,
        population=None if over.weighted else over.size,
        distribution=aim.distribution or ("poisson" if over.weighted else ""),
        prohibition=aim.prohibition or aim.discover is not None,
    ).told()
    return _by_weight(made, aim, limit, over) if over.weighted else made


def _by_weight(made: Record, aim: Aim, limit: Fraction, over: _Over) -> Record:
    size, most = made["sample_size"], over.size or 0
    if size is not None and size > most:
        made |= {
            "sample_size": most,
            "reason": "examine all: the plan by weight asks for more hits than there are items",
        }
    if size is not None:
        sure, banned = rates.confidence(aim.confidence), made["tolerable"] is None
        made["statement"] = (
            wording.of_all(most)
            if size >= most
            else wording.of_weight_plan(size, sure, limit, made["allowed_deviations"], banned)
        )
    return made | {"population": most}


def _plan_strata(aim: Aim, limit: Fraction, over: _Over) -> Record:
    if aim.distribution not in ("", "hypergeometric") or aim.expected_count is not None:
        raise SamplingError(
            "By stratum the plan is hypergeometric, with an expected rate if any; leave the distribution and the count out."
        )
    banned = aim.prohibition or aim.discover is not None
    sizes = strata.allocate(
        over.strata,
        confidence=aim.confidence,
        tolerable=limit,
        expected_rate=aim.expected_rate,
        allocation=aim.allocation,
        prohibition=banned,
    )
    parts = {name: strata.Stratum(size, sizes[name]) for name, size in over.strata.items()}
    power, total = strata.worst_detection(parts, limit), sum(over.strata.values())
    rate = rates.decimal(limit)
    return {
        "sample_size": sum(sizes.values()),
        "distribution": "hypergeometric",
        "confidence": rates.decimal(rates.confidence(aim.confidence)),
        "tolerable": None if banned else rate,
        "detects": rate if banned else None,
        "expected": rates.decimal(rates.rate(aim.expected_rate or "0", "expected rate")),
        "population": total,
        "allocation": aim.allocation,
        "detection_power": rates.rounded_down(power),
        "reason": "the same share of each stratum"
        if aim.allocation == "proportional"
        else "each stratum planned on its own",
        "sizes": [{"stratum": name, "population": over.strata[name], "size": size} for name, size in sizes.items()],
        "statement": wording.of_strata_plan(sum(sizes.values()), total, len(sizes), limit, power, aim.allocation),
    }


def _bayesian_plan(aim: Aim, limit: Fraction, over: _Over) -> Record:
    if aim.stages is not None or over.strata or over.weighted:
        raise SamplingError(
            "The Bayesian view is one of single samples of items; leave stages, strata, weight or the prior out."
        )
    belief, sure = bayes.prior(aim.prior), rates.confidence(aim.confidence)
    expected = rates.rate(aim.expected_rate or "0", "expected rate")
    return {"prior": str(belief), "sample_size": bayes.smallest_size(belief, sure, limit, expected, over.size)}


def drawn(
    population: Population, *, seed: str, method: str = "", size: int | None = None, plan: Record | None = None
) -> Record:
    """The record of a draw of the size planned, or of `size`. Raises SamplingError where the plan is of another population, and as `draw`."""
    whole = population.frame
    if plan is not None and plan.get("population_digest") not in (None, whole.digest):
        raise SamplingError("The population has changed since the plan was made; plan again.")
    if plan is not None and plan.get("population") not in (None, len(whole)):
        raise SamplingError(
            f"The plan is for {plan['population']} items and the population has {len(whole)}; plan again."
        )
    sizes: Mapping[str, int] | None = None
    if size is None:
        if plan is None:
            raise SamplingError("Say how many items to draw (--size), or give the plan (--plan).")
        sizes = _sizes(plan)
        size = sum(sizes.values())
    if plan is not None and plan.get("stages"):
        if method not in ("", "random"):
            raise SamplingError(
                "A sample in stages is drawn at random, so that the first items are a sample of their own; leave --method out."
            )
        size = int(plan["stages"][-1]["examined"])
        sizes = None
    if whole.weights:
        made = units.draw_units(whole, size, seed=seed, method=method or "interval")
    else:
        by_stratum = sizes if sizes is not None and "" not in sizes else None
        if by_stratum is None and whole.strata:
            raise SamplingError(
                "Of a population with strata the plan says how many of each; plan it with --stratum, and give the plan."
            )
        made = draw(whole, by_stratum if by_stratum is not None else size, seed=seed, method=method or "random")
    return {**made.told(), "source": population.selection.told(), "plan": plan}


def _sizes(plan: Record) -> dict[str, int]:
    sizes = {str(each["stratum"]): each["size"] for each in plan["sizes"]}
    if not sizes or None in sizes.values():
        raise SamplingError("The plan gives no size to draw; plan a sample that has one.")
    return sizes


def evaluated(aim: Aim, found: Finding) -> Record:
    """The record of an evaluation by numbers alone. Raises SamplingError as `sampling.evaluate`."""
    if aim.discover is not None:
        if found.population is None:
            raise SamplingError("A discovery sample needs the population (--population).")
        aim = _with(aim, tolerable=_limit(aim, rates.whole(found.population, "population")), prohibition=True)
    made = evaluate(
        sample_size=found.sample_size,
        deviations=found.deviations,
        confidence=aim.confidence,
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


def _with(aim: Aim, **changed: Any) -> Aim:
    return replace(aim, discover=None, **changed)


def aim_of(plan: Record | None, aim: Aim) -> Aim:
    """The aim of an evaluation: what was asked now, and what the plan says where nothing was."""
    if plan is None:
        return aim
    rate = plan.get("detects") or plan.get("tolerable")
    return replace(
        aim,
        confidence=str(plan["confidence"]),
        tolerable=aim.tolerable if aim.tolerable is not None else rate,
        prohibition=aim.prohibition or bool(plan.get("detects")),
        distribution=aim.distribution or ("" if plan.get("by") == "units" else str(plan.get("distribution") or "")),
    )


def evaluated_draw(
    aim: Aim, population: Population, record: Record, tested: Sequence[Tested], *, missing_deviate: bool = False
) -> Record:
    """The record of an evaluation of a draw, item by item. Items without a result are refused, or with `missing_deviate` counted as
    deviating, as an auditor does with what cannot be examined (AU-C 530.11). A sample in stages goes as far as its results.

    Raises SamplingError where the population has changed since the draw, and for results of items that were not drawn.
    """
    made = records.drawn(record)
    records.require_same(made, population.frame)
    plan = record.get("plan")
    aim = aim_of(plan, aim)
    found, missing = fieldwork.sorted_out(made, tested)
    if missing_deviate:
        found = {**found, **{id_: Tested(id_, DEVIATION, "", "not examined") for id_ in missing}}
    deviating = {id_ for id_, one in found.items() if one.result == DEVIATION}
    if plan and plan.get("stages"):
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
        "draw_digest": records.digest(record),
        "not_examined": [] if plan and plan.get("stages") and told["conclusion"] != "go_on" else missing,
        "counted_as_deviating": missing if missing_deviate else [],
        "items": [
            {"id": id_, "result": found[id_].result, "taint": found[id_].taint, "note": found[id_].note}
            for id_ in made.ids
            if id_ in found
        ],
    }


def _by_draw(aim: Aim, population: Population, made: Any, found: Mapping[str, Tested], deviating: set[str]) -> Record:
    if made.by == "units":
        taints = {id_: found[id_].taint or "1" for id_ in deviating}
        return units.evaluate_units(
            population.frame,
            made,
            taints,
            confidence=aim.confidence,
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
            parts, confidence=aim.confidence, tolerable=aim.tolerable, prohibition=aim.prohibition
        ).told()
    size = len(population.frame)
    told = evaluated(aim, Finding(len(made.ids), len(deviating), size))
    if made.method != "random":
        told["statement"] = f"{told['statement']} {wording.NOT_RANDOM}"
    return told


def _by_stages(plan: Record, ids: Sequence[str], found: Mapping[str, Tested], deviating: set[str]) -> Record:
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
        "confidence": rates.decimal(made.confidence),
        "population": made.population,
        "tolerable": rates.decimal(made.tolerable),
        "upper_bound": rates.decimal(made.tolerable) if conclusion == "supported" else None,
        "conclusion": conclusion,
        "examine_up_to": upto or None,
        "statement": wording.of_stage(made, conclusion, rests_on, sum(seen[:rests_on]), upto),
    }
