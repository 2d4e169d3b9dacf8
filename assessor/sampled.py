"""The audit samples in an engagement's ledger (entries of the kind `sample`): which plan, draw and evaluation count, and what they say.

An entry has the step as its question, the sample's name as its subject, the step's record as its details (`assessor.samples`), and is
bound to the digest of the population. The last of a step counts; a draw that precedes the plan, or an evaluation of an earlier draw, counts
no more. Whether the population is still the one sampled is not asked here (`assessor.samples.book.unsettled`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessor.judgements import Entry, Ledger
from assessor.results import canonical

KIND = "sample"
PLAN, DRAW, EVALUATION = "plan", "draw", "evaluation"


@dataclass(frozen=True)
class Standing:
    """A sample: its name, the entries that count (None where a step has not been taken since the one before), and how many different draws
    were recorded since the plan from the population of the one that counts."""

    name: str
    plan: Entry | None
    draw: Entry | None
    evaluation: Entry | None
    draws: int = 0


def digest(record: Mapping[str, Any]) -> str:
    """SHA-256 of a record's canonical JSON."""
    return hashlib.sha256(canonical(dict(record))).hexdigest()


def standings(ledger: Ledger) -> list[Standing]:
    """How each sample stands, by name."""
    steps: dict[str, dict[str, Entry]] = {}
    for entry in ledger.in_force(KIND):
        steps.setdefault(entry.subject, {})[entry.question] = entry
    draws = [entry for entry in ledger.of(KIND) if entry.question == DRAW]
    return [_standing(name, steps[name], [draw for draw in draws if draw.subject == name]) for name in sorted(steps)]


def _standing(name: str, taken: dict[str, Entry], draws: list[Entry]) -> Standing:
    plan, draw, evaluation = (taken.get(step) for step in (PLAN, DRAW, EVALUATION))
    if draw is not None and plan is not None and draw.seq < plan.seq:
        draw = None
    if evaluation is not None and (draw is None or evaluation.details.get("draw_digest") != digest(draw.details)):
        evaluation = None
    since = 0 if plan is None else plan.seq
    alike = {
        tuple(each.details["ids"])
        for each in draws
        if draw is not None and each.seq > since and each.facts_digest == draw.facts_digest
    }
    return Standing(name, plan, draw, evaluation, len(alike))


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    """What the samples are and prove, a row each: sample, population (words), items (how many), digest, method, seed, size, why (of that
    size), examined, deviations (a number as text), proves (a sentence or several), conclusion, by, at. What is not known yet is None."""
    found = []
    for each in standings(ledger):
        last = each.evaluation or each.draw or each.plan
        if last is None:
            continue
        plan, draw, proved = (entry.details if entry else {} for entry in (each.plan, each.draw, each.evaluation))
        drawn_from = draw or plan
        found.append(
            {
                "sample": each.name,
                "population": population(drawn_from.get("source") or {}),
                "items": drawn_from.get("population"),
                "digest": drawn_from.get("population_digest"),
                "method": f"{draw['method']}, by {draw['by']}; {draw['generator']}, version {draw['generator_version']}"
                if draw
                else None,
                "seed": draw.get("seed"),
                "size": len(draw["ids"]) if draw else plan.get("sample_size"),
                "why": plan.get("reason"),
                "examined": len(proved["items"]) if proved else None,
                "deviations": str(sum(item["result"] == "deviation" for item in proved["items"])) if proved else None,
                "proves": proved.get("statement") or "Nothing yet: it is not evaluated.",
                "conclusion": proved.get("conclusion"),
                "by": last.by,
                "at": last.at,
            }
        )
    return found


def items(ledger: Ledger) -> list[dict[str, Any]]:
    """The items drawn, a row each, in the order drawn: sample, number, item, result ("" while there is none), note."""
    found = []
    for each in standings(ledger):
        seen = {item["id"]: item for item in each.evaluation.details["items"]} if each.evaluation else {}
        for number, id_ in enumerate(each.draw.details["ids"] if each.draw else (), 1):
            told = seen.get(id_, {})
            note = "; ".join(
                filter(None, (f"wrong: {told['taint']}" if told.get("taint") else "", told.get("note", "")))
            )
            found.append(
                {"sample": each.name, "number": number, "item": id_, "result": told.get("result", ""), "note": note}
            )
    return found


def population(source: Mapping[str, Any]) -> str:
    """How a population was read, in words: `transactions where kind = vehicle_import, by stratum line`."""
    conditions = " and ".join(f"{column} = {value}" for column, value in source.get("conditions", ()))
    parts = [str(source.get("where", "")) + (f" where {conditions}" if conditions else "")]
    parts += [f"by {what} {source[what]}" for what in ("stratum", "weight") if source.get(what)]
    return ", ".join(parts)
