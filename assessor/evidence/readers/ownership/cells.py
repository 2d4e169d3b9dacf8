"""The cells of a register or cap table understood by column: numbers, percentages, dates, classes of shares, footnotes.

What a number without a sign means, its column tells: see `shares.scale` and `numbers.column`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Reading, key
from assessor.evidence.readers.body import Record
from assessor.evidence.readers.ownership import holders, numbers, shares
from assessor.evidence.readers.ownership.counting import Lot
from assessor.evidence.readers.ownership.shares import Share
from assessor.evidence.readers.sheets.columns import Header
from assessor.evidence.readers.sheets.grid import Grid

_PERCENT_OF = {"number": "share", "capital": "share", "votes": "voting_share"}
"""Columns that hold percentages where their cells say so ("Shares" with "12 %" below it), and of what."""


class Cells:
    """The rows of a table and what their cells say; `roles` are those of the rows (see `holders.role`), `footnotes` the words by
    their mark."""

    def __init__(self, records: list[Record], grid: Grid, header: Header, reading: Reading) -> None:
        self.records, self._grid, self._header, self._reading = records, grid, header, reading
        self.roles = [holders.role(holders.marked(record.cells.get("holder"))[0]) for record in records]
        self.footnotes = self._notes()
        self._percent = {name: self._in_percent(name) for name in _PERCENT_OF}
        self._classes = {at: heading for at, heading in header.others.items() if holders.is_class(heading)}
        self._share = cache(self._shares)
        self._numbers = cache(self._numbered)
        self.dates = cache(self._dates)

    def column(self, what: str) -> str | None:
        """The column in which shares, or shares of the votes, stand as percentages."""
        if what in self._header.columns:
            return what
        return next((name for name, percent in self._percent.items() if percent and _PERCENT_OF[name] == what), None)

    def share(self, what: str, number: int) -> Share:
        """The share, or share of the votes, that a row states."""
        return self._share(what)[number]

    def number(self, number: int) -> Fraction | None:
        """How many shares, or how much capital, a row has in all."""
        column = self._counted()
        if column is not None:
            return self._numbers(column)[number]
        classes = [self._numbers(str(at))[number] for at in self._classes]
        return sum(filter(None, classes), Fraction(0)) if any(each is not None for each in classes) else None

    def lots(self, number: int, holder: str) -> list[Lot]:
        """The shares of a row by class."""
        record = self.records[number]
        votes = self._numbers("votes")[number] if self._has("votes") else None
        each = self._numbers("votes_each")[number] if "votes_each" in self._header.columns else None
        found = [
            Lot(number, holder, heading, count, self._votes_of(at))
            for at, heading in self._classes.items()
            if (count := self._numbers(str(at))[number])
        ]
        if found:
            return found
        column = self._counted()
        count = self._numbers(column)[number] if column else None
        if column is None and votes is None:
            return []
        return [Lot(number, holder, record.cells.get("share_class") or "", count, each, votes)]

    def _counted(self) -> str | None:
        """The column that says how much a row has in all."""
        return next((name for name in ("number", "capital") if self._has(name)), None)

    def _has(self, name: str) -> bool:
        return name in self._header.columns and not self._percent[name]

    def _votes_of(self, at: int) -> Fraction | None:
        """Votes per share of the class in a column, from the row that states them."""
        rows = (number for number, role in enumerate(self.roles) if role == holders.VOTES)
        return next((votes for number in rows if (votes := self._numbers(str(at))[number]) is not None), None)

    def _in_percent(self, name: str) -> bool:
        if name not in self._header.columns:
            return False
        texts = [text for record in self.records if (text := record.cells.get(name))]
        signed = sum("%" in text for text in texts)
        return "%" in self._header.headings[name] or signed * 2 > len(texts)

    def _texts(self, column: str) -> list[str | None]:
        if column.isdigit():
            at = int(column)
            rows = (record.grid.rows[record.index] for record in self.records)
            return [row[at] if at < len(row) else None for row in rows]
        return [record.cells.get(column) for record in self.records]

    def _numbered(self, column: str) -> list[Fraction | None]:
        texts = self._texts(column)
        found, wrong = numbers.column(texts)
        heading = self._classes[int(column)] if column.isdigit() else self._header.headings[column]
        for position, message in wrong:
            self._reading.problem(self.records[position].place, f"{heading}: {message}")
        return found

    def _shares(self, what: str) -> list[Share]:
        column = self.column(what)
        if column is None:
            return [Share()] * len(self.records)
        texts, heading = self._texts(column), self._header.headings[column]
        groups: dict[str | None, list[str | None]] = {}
        totals = []
        for record, role, text in zip(self.records, self.roles, texts, strict=True):
            if role == holders.TOTAL:
                totals.append(text)
            elif role != holders.VOTES:
                groups.setdefault(record.cells.get("subject"), []).append(text)
        scale = shares.scale(
            groups.values(), totals, percent="%" in heading or "percent" in key(heading) or _says_percent(heading)
        )
        found = [shares.of_column(text, scale) for text in texts]
        for record, role, share in zip(self.records, self.roles, found, strict=True):
            if share.wrong and role in (holders.HOLDER, holders.UNNAMED):
                self._reading.problem(record.place, f"{heading}: {share.wrong}")
        return found

    def _dates(self, name: str) -> list[object]:
        found, wrong = dates.column([record.cells.get(name) for record in self.records])
        for position, message in wrong:
            self._reading.problem(self.records[position].place, f"{self._header.headings[name]}: {message}")
        return list(found)

    def _notes(self) -> dict[str, str]:
        """Footnotes below the table: rows with a single text that begins with a mark."""
        found: dict[str, str] = {}
        for row in self._grid.rows[self._header.row + 1 :]:
            filled = [cell for cell in row if cell is not None]
            if (len(filled) == 1 and (note := holders.footnote(filled[0]))) or (
                len(filled) == 2 and (note := holders.footnote(f"{filled[0]} {filled[1]}")) and len(filled[0]) < 5
            ):
                found.setdefault(*note)
        return found


def _says_percent(heading: str) -> bool:
    return any(word in heading.casefold() for word in ("per cent", "percent", "prozent", "pourcent", "процент"))
