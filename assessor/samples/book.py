"""The samples of an engagement: entering a plan, draw or evaluation into its ledger, the population as it is now, and what stands against
them as evidence. Which entries count is in `assessor.sampled`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assessor import judgements
from assessor.engagement import Engagement
from assessor.errors import LedgerError, SamplingError
from assessor.judgements import Draft, Entry, Ledger
from assessor.sampled import DRAW, EVALUATION, KIND, PLAN, Standing, standings
from assessor.samples import populations
from assessor.samples.populations import Population


def of(engagement: Engagement, name: str) -> Standing:
    """The sample of a name, which may have no entry yet."""
    found = [each for each in standings(judgements.read(engagement.ledger)) if each.name == name]
    return found[0] if found else Standing(name, None, None, None)


def record(
    engagement: Engagement, step: str, name: str, told: dict[str, Any], *, because: str, by: str, role: str
) -> Entry:
    """Enter a plan, draw or evaluation into the ledger. Raises LedgerError as `judgements.append`, and for a sample without a name."""
    if not name.strip() or not name.isprintable():
        raise LedgerError("A sample of an engagement needs a name (--name), such as record-inspection.")
    answer = {
        PLAN: lambda: f"{told['sample_size']} of {told['population']}",
        DRAW: lambda: f"{len(told['ids'])} of {told['population']}",
        EVALUATION: lambda: str(told["conclusion"] or "evaluated"),
    }[step]()
    digest = str(told["population_digest"])
    return judgements.append(engagement.ledger, [Draft(KIND, step, name, answer, because, by, role, digest, told)])[0]


def population(engagement: Engagement, told: dict[str, Any]) -> Population:
    """The population of a recorded plan or draw, as the engagement's tables have it now. Raises SamplingError."""
    source = told.get("source")
    if not isinstance(source, dict):
        raise SamplingError("The record does not say which table its population is; plan the sample again.")
    return populations.of_table(engagement, populations.selection(source, str(source.get("where"))))


def unsettled(engagement: Engagement, ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    """What stands against the samples as evidence: a code (`sample_gap`, `sample_stale`, `sample_redrawn`), the sample, and a sentence with
    what to do."""
    for each in standings(ledger):
        place = f"sample {each.name}"
        last = each.draw or each.plan
        if last is None:
            continue
        try:
            stale = population(engagement, last.details).frame.digest != last.facts_digest
            why = "The population has changed since the sample was " + ("drawn" if each.draw else "planned")
        except SamplingError as error:
            stale, why = True, f"Its population cannot be read any more: {error}".rstrip(".")
        if stale:
            yield "sample_stale", place, f"{why}; plan and draw it again."
        elif each.draw is None:
            yield (
                "sample_gap",
                place,
                "It is planned and not drawn; draw it with `assessor sample draw`, or plan another.",
            )
        elif each.evaluation is None:
            yield (
                "sample_gap",
                place,
                f"{len(each.draw.details['ids'])} items are drawn and not evaluated; enter what was seen of them.",
            )
        elif each.evaluation.details.get("conclusion") == "go_on":
            upto = each.evaluation.details.get("examine_up_to")
            yield (
                "sample_gap",
                place,
                f"No stage has passed yet; examine the items up to number {upto}, or say why not.",
            )
        elif missing := each.evaluation.details.get("not_examined"):
            drawn = len(each.draw.details["ids"])
            yield (
                "sample_gap",
                place,
                f"Of {drawn} items drawn {len(missing)} were not examined; examine them, or say why not.",
            )
        if each.draws > 1:
            told = f"It was drawn {each.draws} times from one population, each time otherwise, and the last draw counts"
            yield "sample_redrawn", place, f"{told}; say why the others do not."
