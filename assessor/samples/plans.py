"""Plan a sample over a population, and draw it: each gives a record, whose keys are those of `assessor sample … --json`.

A plan record holds what `Plan.told` does, and `population_digest`, `source` (how the population was read), `sizes` (by stratum), `stages`
(where it is one in stages), `by` (items or units) and `bayesian`. A draw record holds what `Draw.told` does, `source` and `plan` (the
plan's record, or None).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from assessor.errors import SamplingError
from assessor.samples import records
from assessor.samples.populations import Population
from assessor.sampling import bayes, draw, plan, rates, stages, strata, units, wording
from assessor.sampling.rates import Number
from assessor.text import exact_text

Record = dict[str, Any]

DEFAULT_CONFIDENCE = "95%"
"""Where neither the command nor the firm's criteria say another; that of table A-1 of the AICPA Audit Guide, Audit Sampling."""


@dataclass(frozen=True)
class Aim:
    """What a sample is to show. `tolerable` None: taken from `discover`, the number of deviating items that must not escape notice.
    `confidence` None: that of the plan, else `DEFAULT_CONFIDENCE`."""

    confidence: Number | None = None
    tolerable: Number | None = None
    expected_rate: Number | None = None
    expected_count: Number | None = None
    distribution: str = ""
    prohibition: bool = False
    discover: int | None = None
    stages: int | None = None
    allocation: str = "proportional"
    prior: str = ""

    @property
    def sure(self) -> Number:
        """The confidence asked for."""
        return DEFAULT_CONFIDENCE if self.confidence is None else self.confidence


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
    limit = limit_of(aim, over.size)
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


def limit_of(aim: Aim, size: int | None) -> Fraction:
    """The rate that can just not be tolerated, or must be detected. Raises SamplingError where the aim does not say it, or says it twice."""
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
        banned = aim.prohibition or aim.discover is not None
        if over.strata or over.weighted or banned or aim.expected_rate or aim.expected_count:
            raise SamplingError(
                "A sample in stages is one of single items without strata, weight, prohibition, discovery or expected deviations; leave these "
                "out."
            )
        return stages.plan_stages(
            confidence=aim.sure,
            tolerable=limit,
            stages=aim.stages,
            population=over.size,
            distribution=aim.distribution,
        ).told()
    if over.strata:
        return _plan_strata(aim, limit, over)
    made = plan(
        confidence=aim.sure,
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
        sure, banned = rates.confidence(aim.sure), made["tolerable"] is None
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
        confidence=aim.sure,
        tolerable=limit,
        expected_rate=aim.expected_rate,
        allocation=aim.allocation,
        prohibition=banned,
    )
    parts = {name: strata.Stratum(size, sizes[name]) for name, size in over.strata.items()}
    power, total = strata.worst_detection(parts, limit), sum(over.strata.values())
    rate = exact_text(limit)
    return {
        "sample_size": sum(sizes.values()),
        "distribution": "hypergeometric",
        "confidence": exact_text(rates.confidence(aim.sure)),
        "tolerable": None if banned else rate,
        "detects": rate if banned else None,
        "expected": exact_text(rates.rate(aim.expected_rate or "0", "expected rate")),
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
    if aim.stages is not None or over.strata or over.weighted or aim.expected_count is not None:
        raise SamplingError(
            "The Bayesian view is one of single samples of items with an expected rate, if any; leave stages, strata, weight, the expected "
            "count or the prior out."
        )
    belief, sure = bayes.prior(aim.prior), rates.confidence(aim.sure)
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
