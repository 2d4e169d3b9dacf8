"""The calendar of deadlines as an iCalendar file (RFC 5545): one all-day event for each row that has a date.

The same rows give the same bytes: no clock is read, and the UID of an event comes from engagement, subject and what is due,
so that a date that moves updates the event in the reader's calendar.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from assessor.engagement import Terms
from assessor.text import visible

_OCTETS = 75
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://www.ecfr.gov/current/title-15/part-791/subpart-D")


def calendar(terms: Terms, rows: Iterable[Mapping[str, Any]]) -> bytes | None:
    """The file for rows {what, date (ISO text), clause, note, subject}; None when no row has a date, since a calendar holds at
    least one event."""
    dated = [row for row in rows if row.get("date")]
    if not dated:
        return None
    seen: Counter[tuple[str, str]] = Counter()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//assessor//calendar of deadlines//EN", "CALSCALE:GREGORIAN"]
    for row in dated:
        key = (str(row["what"]), str(row.get("subject", "")))
        seen[key] += 1
        day = date.fromisoformat(str(row["date"]))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid(terms.id, *key, seen[key])}",
            f"DTSTAMP:{terms.dated:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(key[0])}",
            "DESCRIPTION:" + escaped(f"§{row['clause']}: {row['note']}"),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(folded(line) for line in [*lines, "END:VCALENDAR"]).encode("utf-8")


def uid(engagement: str, what: str, subject: str, number: int = 1) -> str:
    """A stable identifier; `number` tells apart rows of one name and subject."""
    parts = [engagement, what, subject, *([number] if number > 1 else [])]
    return str(uuid.uuid5(_SPACE, json.dumps(parts, ensure_ascii=True)))


def escaped(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11); what a file of lines cannot carry is shown, as everywhere in the report."""
    text = visible(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """A content line with its end, cut after at most 75 octets and never inside a character (RFC 5545, 3.1)."""
    parts, length = [""], 0
    for character in line:
        size = len(character.encode("utf-8"))
        if length + size > _OCTETS:
            parts.append(" ")
            length = 1
        parts[-1] += character
        length += size
    return "\r\n".join(parts) + "\r\n"
