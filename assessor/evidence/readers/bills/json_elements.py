"""Single elements of a JSON array, read tolerantly: doubled keys told with both values, odd encodings and characters kept.

Slow and exact, for elements that a strict parser refuses or in which a key stands twice; the rest takes a faster way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import simdjson

from assessor.evidence.readers import json_text
from assessor.evidence.readers.base import EXCERPT, UNREAD, Problem, Reading, Unreadable, printable
from assessor.evidence.readers.bills.json_stream import REFUSED, Bytes, Part
from assessor.evidence.readers.text import decode

_STRICT = simdjson.Parser()
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|" + r"\\(?:[bf]|u(?:00[01]|[dD][89a-fA-F]|[fF]{3}[eEfF]))"
)


def suspicious(joined: bytes, count: int) -> list[bool]:
    """For each of `count` elements, joined by commas, whether it must be read slowly: a key stands twice in it (not deeper), or
    strict parsing fails."""
    try:
        document: Any = _STRICT.parse(b"[" + joined + b"]")
        found = [len(each) != len(set(each.keys())) if isinstance(each, simdjson.Object) else True for each in document]
        del document
        return found if len(found) == count else [True] * count
    except (ValueError, RuntimeError):  # e.g. bytes that are not UTF-8, which the splitting does not see
        return [True] * count


def value(data: Bytes, place: str, reading: Reading) -> Any:
    """The value of one element, and its problems noted under `place`; UNREAD where it cannot be read at all."""
    raw = bytes(data)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        decoded = decode(raw)
        text = decoded.text
        reading.problem(
            place, f"not UTF-8; read as {decoded.encoding}{f', {decoded.damage}' if decoded.damage else ''}"
        )
    try:
        found, problems = json_text.parse(text, lenient=True)
    except Unreadable as error:
        reading.problem(place, f"{error}; it is listed without any data", printable(text[:EXCERPT]))
        return UNREAD
    if _SUSPECT.search(text) and not all(map(_writable, _texts(found))):
        message = "characters that no text may hold stand in it; they are shown as \ufffd"
        reading.problem(place, message, printable(text[:EXCERPT]))
    reading.problems += [Problem(f"{place}{problem.place}", problem.message, problem.excerpt) for problem in problems]
    return found


def _texts(found: Any) -> Iterator[str]:
    """All texts of a value, names too."""
    todo = [found]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            todo += each


def _writable(text: str) -> bool:
    return printable(text) == text


def values(part: Part, reading: Reading) -> list[Any]:
    """The elements of a run, parsed; a key that stands twice in one is told at its outermost level, and deeper in odd ones."""
    slowly = suspicious(b",".join(part.elements), len(part.elements)) if part.elements else []
    found = []
    for number, (element, odd) in enumerate(zip(part.elements, slowly, strict=True), part.first):
        try:
            found.append(value(element, f"{part.place}/{number}", reading) if odd else msgspec.json.decode(element))
        except REFUSED:
            found.append(value(element, f"{part.place}/{number}", reading))
    return found


def scalar(data: bytes) -> Any:
    """A small value that stands by itself, such as a version; None where it is not valid."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
