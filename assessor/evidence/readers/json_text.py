"""JSON as evidence: doubled keys are told, numbers stay exact, and nothing that a file says can exhaust the reader."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from typing import Any

from assessor.evidence.readers.base import Problem, Unreadable
from assessor.evidence.readers.text import decode

LONGEST_NUMBER = 1000
"""Digits of a number; more are no number but an attack on whoever converts it."""


class _Doubled(dict[str, Any]):
    """An object in which a key stands more than once; `seen` are the key and the values in their order."""

    seen: list[tuple[str, list[Any]]]


class _Told(threading.local):
    """What the document that a thread is reading has said: objects with doubled keys, and numbers that are none."""

    def __init__(self) -> None:
        self.doubled: list[_Doubled] = []
        self.odd: list[str] = []


_TOLD = _Told()


def load(data: bytes) -> tuple[Any, list[Problem]]:
    """The document and its problems. Numbers with a point are Decimal. Raises Unreadable with the reason.

    Of a doubled key the last value counts, as in every common parser, and a problem shows all of them; text after the
    end of the document is a problem too.
    """
    decoded = decode(data)
    text = decoded.text.strip()
    if not text:
        raise Unreadable("the file is empty")
    if text[0] == "<":
        raise Unreadable(
            "an HTML page or XML document, not JSON" if "<html" not in text[:2000].lower() else "an HTML page, not JSON"
        )
    problems = [Problem("", said) for said in (decoded.note, decoded.damage) if said]
    document, found = parse(text)
    return document, problems + found


def parse(text: str, *, lenient: bool = False) -> tuple[Any, list[Problem]]:
    """The document in a text, which begins with it, and its problems. Raises Unreadable with the reason.

    `lenient`: control characters inside strings are kept, and a number that is none (NaN, one of thousands of digits) is a
    problem and nothing instead of a reason to refuse the whole.
    """
    found: list[_Doubled] = []
    odd: list[str] = []
    _TOLD.doubled, _TOLD.odd = found, odd
    try:
        document, end = _DECODERS[lenient].raw_decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not valid JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise Unreadable("JSON nested too deeply to be read") from None
    problems = [Problem("", f"the number {written} cannot be read and counts as not stated") for written in odd]
    if rest := text[end:].strip():
        line = text.count("\n", 0, end) + 1
        message = f"{len(rest)} characters stand after the end of the JSON document (line {line}); they are not read"
        problems.append(Problem("", message))
    if found:
        problems += _places(document)
    return document, problems


def _short(written: str) -> str:
    return written if len(written) <= 20 else f"{written[:20]}…"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    doubled = _Doubled(plain)
    doubled.seen = [
        (name, values) for name in plain if len(values := [value for key, value in pairs if key == name]) > 1
    ]
    _TOLD.doubled.append(doubled)
    return doubled


def _number(written: str) -> Any:
    if len(written) < LONGEST_NUMBER and written not in ("NaN", "Infinity", "-Infinity"):
        return int(written) if written.lstrip("-").isdigit() else Decimal(written)
    raise Unreadable(f"not valid JSON: the number {_short(written)} is refused")


def _lenient_number(written: str) -> Any:
    try:
        return _number(written)
    except Unreadable:
        _TOLD.odd.append(_short(written))
        return None


_DECODERS = {
    lenient: json.JSONDecoder(
        object_pairs_hook=_object, parse_float=number, parse_int=number, parse_constant=number, strict=not lenient
    )
    for lenient, number in ((False, _number), (True, _lenient_number))
}
"""Made once, since as many as a hundred thousand elements are read one by one."""


def _places(document: Any) -> list[Problem]:
    """A problem for each doubled key, with the pointer of its object."""
    problems, todo = [], [("", document)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, _Doubled):
            for name, values in value.seen:
                shown = " and ".join(json.dumps(each, ensure_ascii=False, default=str)[:120] for each in values[:4])
                problems.append(Problem(place, f"key {name!r} stands {len(values)} times: {shown}; the last is used"))
        if isinstance(value, dict):
            todo += [(f"{place}/{pointer(name)}", each) for name, each in reversed(value.items())]
        elif isinstance(value, list):
            todo += [(f"{place}/{number}", each) for number, each in reversed(list(enumerate(value)))]
    return problems


def pointer(name: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
