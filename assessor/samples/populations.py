"""The population of a sample, from a sheet, a text file, Parquet or a table of an engagement.

An item's id is one column, or several joined by "|". Everything is read as text, as it stands, so that ids keep their leading zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assessor.engagement import Engagement
from assessor.errors import SamplingError
from assessor.evidence.readers.base import Unreadable
from assessor.sampling import Frame, frame

IDS = {
    "components": ("component",),
    "declarations": ("declaration",),
    "records": ("transaction", "record_type"),
    "suppliers": ("supplier",),
    "transactions": ("transaction",),
    "vehicles": ("line",),
}
"""The columns that tell the items of a table of an engagement apart, where nothing else is said."""
JOIN = "|"


@dataclass(frozen=True)
class Selection:
    """Which rows of a source are the population, and what of each: columns of the id, the stratum and the weight, and conditions
    (column, value) that all hold. `where` is the file or table, `sheet` the sheet where a workbook has several."""

    where: str
    ids: tuple[str, ...] = ()
    stratum: str = ""
    weight: str = ""
    conditions: tuple[tuple[str, str], ...] = ()
    sheet: str = ""

    def told(self) -> dict[str, Any]:
        """As plain data for JSON; of a file the name alone, since its folder is nobody else's."""
        return {
            "where": Path(self.where).name,
            "ids": list(self.ids),
            "stratum": self.stratum,
            "weight": self.weight,
            "conditions": [list(each) for each in self.conditions],
            "sheet": self.sheet,
        }


@dataclass(frozen=True)
class Population:
    """A population: its frame, the selection that it came by, its columns, and its rows by id."""

    frame: Frame
    selection: Selection
    columns: tuple[str, ...] = ()
    rows: dict[str, Sequence[str]] = field(default_factory=dict)


def selection(told: dict[str, Any], where: str) -> Selection:
    """The selection that a record tells of, over the source as it is now. Raises SamplingError for one that is none."""
    try:
        return Selection(
            where,
            tuple(map(str, told["ids"])),
            str(told["stratum"]),
            str(told["weight"]),
            tuple((str(column), str(value)) for column, value in told["conditions"]),
            str(told["sheet"]),
        )
    except (KeyError, TypeError, ValueError):
        raise SamplingError(
            "The record does not say how its population was read; take it as `assessor sample` wrote it."
        ) from None


def of_file(chosen: Selection) -> Population:
    """The population in a file: .csv and other separated text, .xlsx, .xls, .ods, .parquet (told by content).

    Raises SamplingError for a file that cannot be read whole, a column that it has not, and for what `frame` refuses.
    """
    columns, rows = table(Path(chosen.where), _used(chosen), chosen.sheet)
    return _population(chosen, columns, rows)


def of_table(engagement: Engagement, chosen: Selection) -> Population:
    """The population in a table of an engagement (transactions, components …). Raises SamplingError as `of_file`, and for no such table."""
    from assessor.evidence import tables

    if chosen.where not in tables.SCHEMAS:
        near = ", ".join(sorted(tables.SCHEMAS))
        raise SamplingError(f"There is no table `{chosen.where[:40]}`; choose among {near}.")
    path = engagement.tables / f"{chosen.where}.parquet"
    if not path.is_file():
        raise SamplingError(f"{path} is not there yet; run `assessor run {engagement.root}`.")
    ids = chosen.ids or IDS.get(chosen.where, ())
    if not ids:
        raise SamplingError(f"Say which column tells the items of {chosen.where} apart (--id), or several with commas.")
    columns, rows = _parquet(path)
    whole = Selection(chosen.where, ids, chosen.stratum, chosen.weight, chosen.conditions, "")
    return _population(whole, columns, rows)


def table(path: Path, used: Sequence[str], sheet: str = "", usual: str = "") -> tuple[list[str], list[list[str]]]:
    """The heading and the rows of a file as texts. Of a workbook: the sheet named `sheet`; else the one named `usual`, or the only one
    that has rows. Raises SamplingError for a file of which not every row, and every cell in the columns `used`, is read without doubt."""
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        return _parquet(path) if is_parquet else _sheet(path, used, sheet, usual)
    except FileNotFoundError:
        raise SamplingError(f"There is no file {path}; name one that there is.") from None
    except IsADirectoryError:
        raise SamplingError(f"{path} is a folder; name a file in it.") from None
    except Unreadable as error:
        raise SamplingError(f"{path} cannot be read: {error}.") from None


def _used(chosen: Selection) -> list[str]:
    return [*chosen.ids, *filter(None, (chosen.stratum, chosen.weight)), *(column for column, _ in chosen.conditions)]


def _population(chosen: Selection, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Population:
    at = {name: number for number, name in enumerate(columns)}
    if not chosen.ids:
        raise SamplingError(
            f"Say which column of {chosen.where} tells the items apart (--id); there are: {_listed(columns)}."
        )
    if lacking := [name for name in _used(chosen) if name not in at]:
        raise SamplingError(f"{chosen.where} has no column `{lacking[0][:60]}`; there are: {_listed(columns)}.")
    conditions = [(at[column], value) for column, value in chosen.conditions]
    kept = [row for row in rows if all(row[column] == value for column, value in conditions)]
    if not kept:
        fits = "row fulfils the conditions (--where)" if conditions else "rows below its heading"
        raise SamplingError(f"{chosen.where}: no {fits}, so the population is empty; look at the source.")
    parts = [[row[at[name]] for name in chosen.ids] for row in kept]
    ids = [JOIN.join(each) if all(each) else "" for each in parts]
    strata = [row[at[chosen.stratum]] or "not stated" for row in kept] if chosen.stratum else None
    weights = [row[at[chosen.weight]] for row in kept] if chosen.weight else None
    if weights is not None and not all(weights):
        first = ids[weights.index("")]
        raise SamplingError(
            f"{weights.count('')} items of {chosen.where} have no weight in `{chosen.weight}` (the first: {first[:60]}); leave them out and "
            "look at them on their own."
        )
    return Population(frame(ids, strata, weights), chosen, tuple(columns), dict(zip(ids, kept, strict=True)))


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:20]) + (" …" if len(columns) > 20 else "")


def _parquet(path: Path) -> tuple[list[str], list[list[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise SamplingError(
            f"{path} is no Parquet file that can be read ({type(error).__name__}); write it again."
        ) from None
    columns = [["" if value is None else _text(value) for value in column.to_pylist()] for column in table.columns]
    return list(table.column_names), [list(row) for row in zip(*columns, strict=True)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _sheet(path: Path, used: Sequence[str], name: str, usual: str) -> tuple[list[str], list[list[str]]]:
    from assessor.evidence.readers.sheets import sheets

    read = [grid for grid in sheets.load(path) if not name or grid.name == name]
    grids = [grid for grid in read if usual and grid.name == usual] or [g for g in read if g.rows or g.problems]
    if not grids:
        raise SamplingError(f"{path} has no {f'sheet `{name}`' if name else 'rows'}; look at the file.")
    if len(grids) > 1:
        there = ", ".join(f"`{grid.name}`" for grid in grids[:20])
        raise SamplingError(f"{path} has several sheets ({there}); say which with --sheet-name.")
    grid = grids[0]
    filled = [row for row in grid.rows if any(row)]
    head = [(cell or "").strip() for cell in filled[0]] if filled else []
    wide = len(head)
    for problem in grid.problems + grid.unlisted():
        at = _column(problem.place)
        if at is None or (at < wide and head[at] in used):
            raise SamplingError(
                f"{path} is not read without doubt ({problem.place or 'the file'}: {problem.message}); mend that place, since every row counts."
            )
    if not head or not all(head) or len(set(head)) < len(head):
        raise SamplingError(f"{path}: the first row must name the columns, each once; mend the heading.")
    if long := next((row for row in filled[1:] if any(row[wide:])), None):
        raise SamplingError(
            f"{path}: a row has more cells than the heading ({str(long[0])[:40]} …); mend the row or the heading."
        )
    return head, [[(cell or "").strip() for cell in (*row, *[None] * (wide - len(row)))][:wide] for row in filled[1:]]


def _column(place: str) -> int | None:
    """The position of the column of a cell's place, from 0; None for the place of a row, a sheet or a file."""
    if told := re.fullmatch(r"line \d+, column (\d+)", place):
        return int(told[1]) - 1
    if told := re.fullmatch(r".*!([A-Z]+)\d+", place, re.DOTALL):
        return sum((ord(letter) - 64) * int(26**power) for power, letter in enumerate(reversed(told[1]))) - 1
    return None
