"""Two bills of materials of one product compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa

from assessor.bom import texts
from assessor.bom.bill import read_file
from assessor.errors import EvidenceError
from assessor.evidence import bom_difference, tables


@dataclass(frozen=True)
class Comparison:
    """The differences between two bills (see `bom_difference.difference`) and how many components are as before."""

    table: pd.DataFrame
    unchanged: int

    def write_json(self, out: BinaryIO) -> None:
        """The JSON document: keys sorted, a change a line."""
        out.write(b'{\n  "changes": [')
        if len(self.table):
            out.write(b"\n")
            out.writelines(texts.rows_json(self._arrow()))
            out.write(b"\n  ")
        out.write(
            f'],\n  "ok": {"false" if len(self.table) else "true"},\n  "unchanged": {self.unchanged}\n}}\n'.encode()
        )

    def write_csv(self, out: BinaryIO) -> None:
        """The differences as CSV with a heading."""
        out.write(texts.heading(bom_difference.COLUMNS))
        out.writelines(texts.rows_csv(self._arrow()))

    def lines(self) -> Iterator[str]:
        """A line for people of each difference."""
        columns = [self.table[name].astype(object).where(self.table[name].notna(), None) for name in self.table]
        for row in zip(*columns, strict=True):
            told = dict(zip(bom_difference.COLUMNS, row, strict=True))
            sides = [_side(told, side) for side in ("before", "after") if told[f"{side}_component"]]
            what = f" ({told['changed']})" if told["changed"] else ""
            yield f"{told['change']:<8} {told['name'] or 'component without a name'}{what}: {' -> '.join(sides)}"

    def _arrow(self) -> pa.Table:
        return pa.table({name: pa.array(self.table[name].astype(object), pa.string()) for name in self.table})


def compare(prior: Path, current: Path) -> Comparison:
    """Two bills of materials of one product compared. Raises EvidenceError for a file that cannot be read as one."""
    both = []
    for path in (prior, current):
        if path.is_dir():
            raise EvidenceError(f"{path} is a folder; give the file of one bill of materials.")
        if not path.exists():
            raise EvidenceError(f"There is no file {path}; give the path of a bill of materials.")
        bill = read_file(path)
        if bill.status == "unreadable":
            raise EvidenceError(
                f"{path} cannot be compared: {bill.reason}. Ask for it in a format that `assessor bom` reads."
            )
        both.append(tables.frame(bill.components))
    found = bom_difference.difference(*both)
    return Comparison(found, bom_difference.unchanged(both[0], found))


_WORDS = {
    "author": "author",
    "license": "licence",
    "country": "origin",
    "address_country": "address in",
    "part_number": "part number",
    "purl": "package",
}
"""What is shown of a component only where it changed."""


def _side(told: dict[str, str | None], side: str) -> str:
    maker, changed = told[f"{side}_manufacturer"], (told["changed"] or "").split("; ")
    parts = (
        told[f"{side}_version"] or "no version",
        told[f"{side}_supplier"] or "no supplier",
        maker and f"made by {maker}",
        *(f"{words} {told[f'{side}_{name}'] or 'not stated'}" for name, words in _WORDS.items() if name in changed),
    )
    return ", ".join(filter(None, parts))
