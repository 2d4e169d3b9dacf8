"""Sides of a comparison made of a few words: tables, scope and verdicts."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

from assessor.comparison.sides import BILL, DELIVERY, ENGAGEMENT, Side
from assessor.engagement import Terms
from assessor.evidence import tables
from assessor.evidence.register import RegisterRow
from assessor.results import Outcome, ProcedureResult


def terms(client: str = "Fell Motors", year: int = 2026) -> Terms:
    return Terms(
        f"FELL-{year}",
        client,
        *(date(year, 11, 1), date(year, 1, 1), date(year, 12, 31), "2025-04-24"),
        *({}, {"name": client}, {"name": "Firm"}, [], {}, [], {}, [], [], {}),
    )


def side(
    told: dict[str, Any],
    *,
    kind: str = ENGAGEMENT,
    year: int = 2026,
    client: str = "Fell Motors",
    root: Path = Path("/nowhere"),
    seed: int | None = None,
) -> Side:
    """A side: `told` has rows by table, `scope` (by component), `verdicts` (by supplier: the determination) and `conclusions` (by
    procedure). `seed`: in which other order and with which other numbers the same is delivered; None for as it stands."""
    chance = random.Random(seed)  # nosec B311
    item = "E-0001" if seed is None else f"E-{chance.randint(2, 900):04}"
    made = {}
    places: dict[str, str] = {}
    ids = {row["entity"]: row["entity"] if seed is None else f"x{chance.random()}" for row in told.get("entities", [])}
    for name in tables.SCHEMAS:
        rows = [dict(row) for row in told.get(name, [])]
        if seed is not None and name != "policies":  # the order of paragraphs is what a document says
            chance.shuffle(rows)
        for number, row in enumerate(rows):
            row |= {
                "source": item,
                "locator": f"{name} {number if seed is None else number + chance.randint(1, 9) * 1000}",
            }
            if name == "components":
                row |= {"component": f"{item}#{row['locator']}", "level": row.get("level", 1)}
                row.setdefault("medium", "software")
                places[row["name"]] = f"{item} {row['locator']}"
            elif name == "suppliers":
                row.setdefault("supplier", f"V-{chance.random()}")
            elif name == "entities":
                row["entity"] = ids[row["entity"]]
                row.setdefault("kind", "organisation")
            elif name == "interests":
                row |= {end: ids.get(row.get(end), row.get(end)) for end in ("holder", "subject")}
                row.setdefault("kind", "shareholding")
        made[name] = tables.arrow(name, rows)
    results = []
    if "scope" in told:
        relevant = [
            {"name": n, "scope": s, "evidence": places[n], "item": ""} for n, s in told["scope"].items() if n in places
        ]
        results.append(result("s301_scope", relevant=relevant))
    if "verdicts" in told:
        results.append(
            result(
                "s315_suppliers",
                suppliers=[
                    {"name": n, "prc_russia": v, "relevant": "yes", "evidence": f"{item} row 1"}
                    for n, v in told["verdicts"].items()
                ],
            )
        )
    for name, outcome in told.get("conclusions", {}).items():
        results.append(result(name, outcome))
    register = {item: RegisterRow(item, "001", "a.json", sha256="ab" * 32)}
    own = terms(client, year) if kind != BILL else None
    return Side(kind, f"{kind} {year}", root, register, {"a.json": "ab" * 32}, own, tuple(results), read=made)


def result(name: str, outcome: str = "conforms", **told: list[dict[str, Any]]) -> ProcedureResult:
    return ProcedureResult(
        name,
        "791.302" if name == "s302_hardware" else "791.301",
        name,
        Outcome(outcome),
        "because",
        "all",
        (),
        (),
        tables=told,
    )


__all__ = ["BILL", "DELIVERY", "ENGAGEMENT", "side", "terms"]
