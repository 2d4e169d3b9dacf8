"""The sheet that goes with the assessor into the field, and what comes back in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assessor.errors import SamplingError
from assessor.samples.populations import Population, table
from assessor.sampling import Draw

SHEET = "Sample"
RIGHT, DEVIATION = "right", "deviation"
RESULTS = (RIGHT, DEVIATION)
_NO_DATE = date(1980, 1, 1)


@dataclass(frozen=True)
class ItemResult:
    """What was seen of an item: right or deviation (empty: not examined), the part of its weight that is wrong (empty: all of it, where it
    deviates), and a note."""

    id: str
    result: str
    taint: str = ""
    note: str = ""


def write(target: Path, population: Population, made: Draw, title: str) -> None:
    """Write an .xlsx with one row a drawn item, in the order drawn, and empty columns for what is seen. Texts never become formulas."""
    from assessor.reporting import workbook

    heads = ("result", "taint", "note") if made.by == "units" else ("result", "note")
    shown = [name for name in population.columns if name not in (*heads, "id", "number")]
    widths = {"number": 8, "id": 28, "result": 12, "taint": 8, "note": 40}
    columns = [workbook.Column(name, widths.get(name, 20)) for name in ("number", "id", *heads, *shown)]
    rows = []
    for number, id_ in enumerate(made.ids, 1):
        told = dict(zip(population.columns, population.rows[id_], strict=True))
        rows.append([str(number), id_, *("" for _ in heads), *(told[name] for name in shown)])
    about = (
        f"Write `{RIGHT}` or `{DEVIATION}` into the column `result` of each item, in the order drawn; what was not examined stays empty. "
        f"Drawn from {made.population:,} items, digest {made.digest}, seed {made.seed!r}."
    )
    workbook.write(target, title, about, "", _NO_DATE, [workbook.Sheet(SHEET, "The items drawn", tuple(columns), rows)])


def read(path: Path) -> list[ItemResult]:
    """What a sheet of results says, row by row: .xlsx or .csv with the columns `id` and `result`, and `taint` and `note` where they are.

    Raises SamplingError for another file, a result that is none, and an item that has two rows.
    """
    columns, rows = table(path, ("id", "result", "taint"), usual=SHEET)
    at = {name.strip().casefold(): number for number, name in enumerate(columns)}
    if lacking := [name for name in ("id", "result") if name not in at]:
        raise SamplingError(
            f"{path} has no column `{lacking[0]}`; use the sheet that `assessor sample draw --sheet` wrote."
        )
    found: dict[str, ItemResult] = {}
    for number, row in enumerate(rows, 2):
        told = {name: row[column] for name, column in at.items()}
        one = ItemResult(told["id"], told["result"].casefold(), told.get("taint", ""), told.get("note", ""))
        if not one.id:
            raise SamplingError(f"{path}, row {number}, names no item; give its id, or take the row out.")
        if one.id in found:
            raise SamplingError(f"{path} has two rows of {one.id[:60]}; keep the one that counts.")
        if one.result not in (*RESULTS, ""):
            raise SamplingError(
                f"{path}, row {number}: `{told['result'][:40]}` is no result; write `{RIGHT}` or `{DEVIATION}`, or leave it empty."
            )
        found[one.id] = one
    return list(found.values())


def sorted_out(made: Draw, tested: Sequence[ItemResult]) -> tuple[Mapping[str, ItemResult], list[str]]:
    """The results of the drawn items by id, and the items drawn that have none. Raises SamplingError for results of items not drawn."""
    of = {one.id: one for one in tested if one.result}
    if strange := [one.id for one in tested if one.id not in set(made.ids) and one.result]:
        raise SamplingError(
            f"{strange[0][:60]} was not drawn{f', nor were {len(strange) - 1} others' if len(strange) > 1 else ''}: an item cannot stand in for "
            "another; evaluate those drawn, and report what else was found as a finding of its own."
        )
    return of, [id_ for id_ in made.ids if id_ not in of]
