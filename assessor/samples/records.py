"""Plans, draws and evaluations as JSON, each with its schema, so that they can be kept, handed on and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling import Draw, draw
from assessor.sampling.drawing import GENERATOR_VERSION, SCHEMA
from assessor.sampling.population import Frame
from assessor.sampling.units import draw_units

PLAN, DRAW, EVALUATION = "assessor-sample-plan/1", SCHEMA, "assessor-sample-evaluation/1"
_MOST_BYTES = 64 * 1024 * 1024


def read(path: Path, schema: str) -> dict[str, Any]:
    """A record in a file. Raises SamplingError for a file that is none of this schema."""
    what = schema.split("/")[0].removeprefix("assessor-sample-")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SamplingError(f"{path} is too big to be a {what}; name what `assessor sample {what}` wrote.")
        told = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SamplingError(f"There is no file {path}; name what `assessor sample {what}` wrote.") from None
    except (ValueError, RecursionError, OSError):
        raise SamplingError(f"{path} is no JSON that can be read; name what `assessor sample {what}` wrote.") from None
    if not isinstance(told, dict) or told.get("schema") != schema:
        raise SamplingError(f"{path} is no {what} of the schema {schema}; name what `assessor sample {what}` wrote.")
    return told


def plan(path: Path) -> dict[str, Any]:
    """The plan in a file. Raises SamplingError for one that is not as `assessor sample plan` writes it."""
    return _checked(read(path, PLAN))


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    """A plan whose parts that are used further on are what they should be."""
    staged = told.get("stages")
    fits = (
        all(isinstance(told.get(key), str) for key in ("confidence", "distribution", "by"))
        and all(isinstance(told.get(key), str | None) for key in ("tolerable", "detects", "population_digest"))
        and _whole(told.get("population"), or_none=True)
        and isinstance(told.get("source"), dict | None)
        and isinstance(sizes := told.get("sizes"), list)
        and all(isinstance(each, dict) and isinstance(each.get("stratum"), str) for each in sizes)
        and all(_whole(each.get("size"), or_none=True) for each in sizes)
    )
    if fits and staged is not None:
        fits = (
            isinstance(staged, list)
            and bool(staged)
            and all(isinstance(each, dict) and _whole(each.get("examined")) for each in staged)
            and isinstance(told.get("achieved_confidence"), str)
        )
    if not fits:
        raise SamplingError("The plan is not as `assessor sample plan` wrote it; take the file as it was.")
    return told


def _whole(value: Any, or_none: bool = False) -> bool:
    return (value is None and or_none) or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def drawn(record: dict[str, Any]) -> Draw:
    """The draw that a record tells of. Raises SamplingError where it is not as `assessor sample draw` writes it."""
    if record.get("plan") is not None:
        _checked(record["plan"] if isinstance(record["plan"], dict) else {})
    try:
        if record["generator_version"] != GENERATOR_VERSION:
            raise SamplingError(
                f"The draw was made by version {record['generator_version']} of the generator and this is {GENERATOR_VERSION}; repeat it with "
                "the toolkit that made it."
            )
        made = Draw(
            method=str(record["method"]),
            seed=str(record["seed"]),
            population=int(record["population"]),
            digest=str(record["population_digest"]),
            ids=tuple(map(str, record["ids"])),
            sizes={str(each["stratum"]): int(each["size"]) for each in record["sizes"]},
            by=str(record["by"]),
            hits={str(each["id"]): int(each["hits"]) for each in record["hits"]},
            certain=tuple(map(str, record["certain"])),
        )
        fits = made.by in ("items", "units") and set(made.hits) | set(made.certain) <= set(made.ids)
        if not fits or min(made.sizes.values(), default=0) < 0:
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise SamplingError("The draw is not as `assessor sample draw` wrote it; take the file as it was.") from None
    return made


def require_same(made: Draw, population: Frame) -> None:
    """Raises SamplingError where the population is not the one that was drawn from."""
    if made.digest != population.digest:
        raise SamplingError(
            f"The draw is stale: it was made from {made.population:,} items with the digest {made.digest[:12]}…, and the population now has "
            f"{len(population):,} with {population.digest[:12]}…; draw again, or name the population as it was."
        )


def repeated(made: Draw, population: Frame) -> Draw:
    """The draw made once more, from the population as it is. Raises SamplingError where that has changed."""
    require_same(made, population)
    if made.by == "units":
        hits = sum(made.hits.values()) + len(made.certain)
        return draw_units(population, hits, seed=made.seed, method=made.method)
    sizes = made.sizes if population.strata and "" not in made.sizes else sum(made.sizes.values())
    return draw(population, sizes, seed=made.seed, method=made.method)
