"""What a plan or an evaluation proves, and what it does not, in sentences that an assessor can sign."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from assessor.sampling import rates
from assessor.text import exact_text

if TYPE_CHECKING:
    from assessor.sampling.evaluating import Evaluation
    from assessor.sampling.planning import Plan
    from assessor.sampling.stages import Stages

NOT_PROVED = (
    "It proves nothing of any single item that was not examined, nor of items that the population leaves out: whether the population "
    "is complete is a test of its own."
)
"""What no sample proves."""
COMPLETE = (
    "It says nothing of items that the population leaves out: whether the population is complete is a test of its own."
)
"""What even a whole examination does not prove."""


def share(rate: Fraction) -> str:
    """A rate that was given, in words: "5 %", "1/3"."""
    shown = exact_text(rate * 100)
    return f"{shown} %" if "/" not in shown else exact_text(rate)


def items(count: int, word: str = "item") -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def of_plan(made: Plan) -> str:
    """What a sample of the planned size will prove."""
    n = made.sample_size or 0
    many = f"{share(made.tolerable)} or more of the {_whole(made.population)}"
    if made.population is not None and n >= made.population:
        return of_all(n)
    if made.prohibition:
        return (
            f"If {many} deviate, a sample of {n:,} shows one of them at least with a probability of {_power(made.detection_power)} or more. "
            f"Every exception found is a finding, since a prohibition has no tolerable rate. {NOT_PROVED}"
        )
    allowed = "no deviation is" if not made.allowed else f"no more than {items(made.allowed, 'deviation')} are"
    return (
        f"If {allowed} found in {items(n)}, fewer than {share(made.tolerable)} of the {_whole(made.population)} deviate, with "
        f"{share(made.confidence)} confidence. {NOT_PROVED}"
    )


def of_all(count: int) -> str:
    """What examining everything will prove."""
    return f"All {items(count)} are examined: what is found is the whole answer, without sampling risk. {COMPLETE}"


def of_evaluation(made: Evaluation) -> str:
    """What a sample has proved."""
    n, found = made.sample_size, made.deviations
    seen = _seen(n, found)
    if made.population is not None and n == made.population:
        judged = {
            "supported": f"; that is less than the tolerable {share(made.tolerable or Fraction(0))}",
            "not_supported": f"; that is the tolerable {share(made.tolerable or Fraction(0))} or more",
        }.get(made.conclusion, "")
        finding = " Every exception is a finding." if made.prohibition and found else ""
        return f"{seen}, and these are all there are{judged}.{finding} {COMPLETE}"
    bound = f"at most {rates.per_cent(made.upper_bound)} of the {_whole(made.population)}" + (
        f" ({items(made.upper_items)})" if made.upper_items is not None else ""
    )
    if made.prohibition:
        return _of_prohibition(made, seen, bound)
    text = f"{seen}: with {share(made.confidence)} confidence {bound} deviate."
    if made.conclusion == "supported":
        text += (
            f" That supports a rate below the tolerable {share(made.tolerable or Fraction(0))} (confidence achieved: "
            f"{_power(made.achieved_confidence)})."
        )
    elif made.conclusion:
        text += (
            f" That does not support a rate below the tolerable {share(made.tolerable or Fraction(0))} (confidence achieved: "
            f"{_power(made.achieved_confidence)}); it does not prove the rate to be higher either."
        )
    return f"{text} {NOT_PROVED}"


def _of_prohibition(made: Evaluation, seen: str, bound: str) -> str:
    if made.deviations:
        return (
            f"{seen}, and each is a finding: a prohibition has no tolerable rate, and what was not examined cannot offset it. With "
            f"{share(made.confidence)} confidence {bound} deviate. {NOT_PROVED}"
        )
    power = (
        f" Had {share(made.tolerable)} or more of the {_whole(made.population)} deviated, one would have been seen with a probability of "
        f"{_power(made.detection_power)} or more."
        if made.tolerable is not None
        else ""
    )
    return (
        f"{seen}.{power} With {share(made.confidence)} confidence {bound} deviate. It does not prove that none does, which the prohibition "
        f"asks for. {NOT_PROVED}"
    )


def _whole(population: int | None) -> str:
    return "population" if population is None else items(population)


def _power(told: str) -> str:
    return rates.per_cent(Fraction(told), up=False) if told else ""


def of_strata(
    *,
    total: int,
    examined: int,
    strata: int,
    found: int,
    sure: Fraction,
    bound: Fraction,
    limit: Fraction | None,
    power: str,
    conclusion: str,
    unexamined: tuple[str, ...],
) -> str:
    """What samples by stratum prove together."""
    if examined == total:
        finding = " Each is a finding." if conclusion == "exceptions_found" else ""
        return f"{_seen(examined, Fraction(found))}, over {strata} strata, and these are all there are.{finding} {COMPLETE}"
    text = (
        f"{_seen(examined, Fraction(found))}, over {strata} strata: with {share(sure)} confidence at most {rates.per_cent(bound)} of the "
        f"{items(total)} ({items(int(bound * total))}) deviate, wherever they lie."
    )
    if conclusion == "exceptions_found":
        text += " Each is a finding: a prohibition has no tolerable rate."
    elif conclusion == "no_exception_found" and limit is not None:
        text += (
            f" Had {share(limit)} or more deviated, one would have been seen with a probability of {_power(power)} or more, in whichever "
            "strata they lie. It does not prove that none does, which the prohibition asks for."
        )
    elif conclusion:
        text += f" That {'supports' if conclusion == 'supported' else 'does not support'} a rate below the tolerable {share(limit or Fraction(0))}."
    if unexamined:
        text += f" Nothing was examined of {', '.join(unexamined[:5])}{' and others' if len(unexamined) > 5 else ''}, of which it proves nothing."
    return (
        f"{text} The statement is on all strata together; each stratum is proved only what its own line says, and several lines are not all "
        f"true at once with that confidence. {NOT_PROVED}"
    )


def of_units(
    *,
    examined: int,
    tainted: int,
    sure: Fraction,
    bound: Fraction,
    likely: Fraction,
    limit: Fraction | None,
    power: str,
    conclusion: str,
) -> str:
    """What a unit-weighted sample proves."""
    text = (
        f"{_seen(examined, Fraction(tainted))}: with {share(sure)} confidence at most {rates.per_cent(bound)} of the weight is wrong (most likely "
        f"{rates.per_cent(likely)}), by Stringer's bound, which is cautious in all published trials and not proved in general."
    )
    if conclusion == "exceptions_found":
        text += " Each is a finding: a prohibition has no tolerable rate."
    elif conclusion == "no_exception_found":
        text += (
            f" Had {share(limit)} or more of the weight been wholly wrong, it would have been seen with a probability of {_power(power)} or more."
            if limit is not None
            else ""
        )
        text += " It does not prove that none deviates, which the prohibition asks for."
    elif conclusion:
        text += f" That {'supports' if conclusion == 'supported' else 'does not support'} less than the tolerable {share(limit or Fraction(0))} of the weight."
    return f"{text} Light items were unlikely to be drawn. {NOT_PROVED}"


def _seen(n: int, found: Fraction) -> str:
    if not found:
        return f"None of the {items(n)} examined deviates"
    return f"{exact_text(found)} of the {items(n)} examined deviate{'s' if found == 1 else ''}"


NOT_RANDOM = "The items were not drawn each by itself, and the bound supposes that their order has nothing to do with what is looked for."
"""What a bound after drawing by interval or cell supposes."""


def of_weight_plan(size: int, sure: Fraction, limit: Fraction, allowed: int | None, prohibition: bool) -> str:
    """What a planned sample by weight will prove."""
    if prohibition:
        text = (
            f"If {share(limit)} or more of the weight lies in items that are wholly wrong, {size:,} hits show one of them at least with "
            f"{share(sure)} confidence. Every exception found is a finding, since a prohibition has no tolerable rate."
        )
    else:
        found = "nothing wrong is" if not allowed else f"no more than {allowed:,} wrong are"
        text = f"If {found} found in {size:,} hits, less than {share(limit)} of the weight is wrong, with {share(sure)} confidence."
    return f"{text} Light items are unlikely to be drawn. {NOT_PROVED}"


def counted_as_deviating(missing: int) -> str:
    """What is said where items could not be examined."""
    return f"{items(missing)} drawn could not be examined and count{'s' if missing == 1 else ''} as deviating."


def of_strata_plan(size: int, total: int, strata: int, limit: Fraction, power: Fraction, allocation: str) -> str:
    """What a planned sample by stratum will prove."""
    whole = (
        "of all strata together, not of each"
        if allocation == "proportional"
        else "of each stratum with that confidence, not of all strata at once"
    )
    return (
        f"{items(size)} of {total:,} in {strata} strata: the statement will be one {whole}. If {share(limit)} or more of all deviate, one at "
        f"least is seen with a probability of {rates.per_cent(power, up=False)} or more, in whichever strata they lie. {NOT_PROVED}"
    )


def of_stage(made: Stages, conclusion: str, examined: int, found: int, upto: int) -> str:
    """Where a sample in stages stands."""
    seen = _seen(examined, Fraction(found)) if examined else "Nothing was examined yet"
    if conclusion == "go_on":
        return f"{seen}: nothing is proved yet; examine on, in the order drawn, up to item {upto:,}."
    if conclusion == "supported":
        return (
            f"{seen}: with {share(made.confidence)} confidence, all looks together, fewer than {share(made.tolerable)} of the "
            f"{_whole(made.population)} deviate, and the sample ends here. {NOT_PROVED}"
        )
    return (
        f"{seen}, more than any stage passes with: a rate below the tolerable {share(made.tolerable)} is not supported, and further items "
        f"drawn for that would not make it so. {NOT_PROVED}"
    )
