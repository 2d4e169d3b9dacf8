"""The place of a part in its structure: levels as numbers, dotted, as paths, in the position numbers, or by indentation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assessor.evidence.readers.body import Record
from assessor.evidence.readers.rows import Told
from assessor.evidence.readers.sheets.grid import Grid

_LEVEL = re.compile(r"(?:(?:l|lvl|level|ebene|stufe)\.?\s*)?([.>+|*·\s]*)(\d{1,3})(?:\.0)?", re.IGNORECASE)
_PATH = re.compile(r"\d{1,4}(?:[.-]\d{1,4})+\.?")
_NAMES = ("name", "number", "part_number", "description")


class Levels:
    """Levels of the records of one sheet, decided by all of them: "2" is a level beside "1" and "..3", but the second part
    of the first level beside "1.1" and "1.2.1"."""

    def __init__(self, records: Sequence[Record], grid: Grid, tell: Told) -> None:
        self._grid, self._tell = grid, tell
        texts = {record.text("level") or "" for record in records}
        self._paths = any(_PATH.fullmatch(text) and not text.endswith(".0") for text in texts)
        positions = [text for record in records if (text := record.text("find"))]
        self._by_position = (
            not any(texts)
            and sum(bool(_PATH.fullmatch(text)) for text in positions) > 1
            and all(_PATH.fullmatch(text) or text.isdigit() for text in positions)
        )
        self._steps = self._indentations(records)
        self._known: dict[str, int] = {}
        self._above: list[tuple[int, str]] = []  # the parts above, the uppermost first

    def of(self, record: Record) -> int | None:
        """The level of a part; 1 where the sheet has no structure, None where its text is no level, which is a problem."""
        if self._by_position:
            text = record.text("find") or ""
            return len(re.split("[.-]", text.strip("."))) if text else None
        if "level" not in record.header.columns:
            return self._steps.get(self._indent(record), 1) if self._steps else 1
        text = record.text("level") or ""
        level = self._known[text] if text in self._known else self._level(text)
        if level is not None:
            if len(text) < 9:
                self._known[text] = level
            return level
        column = record.header.columns["level"]
        self._tell(
            self._grid.cell(record.index, column),
            f"{record.header.headings['level']}: {text[:60]!r} is no level, so the part's place in the structure is open"
            if text
            else f"{record.header.headings['level']}: no level is given, so the part's place in the structure is open",
        )
        return None

    def under(self, level: int | None, part: str, record: Record) -> str | None:
        """The part that a part of this level belongs to; the part is remembered for those that follow."""
        if level is None:
            return None
        above = self._above
        while above and above[-1][0] >= level:
            above.pop()
        upper, parent = above[-1] if above else (level, None)
        if upper < level - 1:
            self._tell(record.place, f"level {level} follows level {upper}: a level is missing between them")
        above.append((level, part))
        return parent

    def _level(self, text: str) -> int | None:
        if match := _LEVEL.fullmatch(text):
            number = int(match[2])
            return number if match[1].strip() or not self._paths else min(number, 1)
        return len(re.split("[.-]", text.strip("."))) if _PATH.fullmatch(text) else None

    def _indentations(self, records: Sequence[Record]) -> dict[int, int]:
        """Levels by indentation, empty where nothing is indented. What alone is not indented is the root, level 0."""
        if not self._grid.indents or any("level" in record.header.columns for record in records):
            return {}
        found = [self._indent(record) for record in records]
        steps = sorted(set(found))
        if len(steps) < 2:
            return {}
        root = 0 if found.count(steps[0]) == 1 and found[0] == steps[0] else 1
        return {indent: root + depth for depth, indent in enumerate(steps)}

    def _indent(self, record: Record) -> int:
        for name in _NAMES:
            column = record.header.columns.get(name)
            if column is not None and record.text(name):
                return self._grid.indents.get((record.index, column), 0)
        return 0
