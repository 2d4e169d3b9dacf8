"""JSON as evidence: doubled keys are told, numbers stay exact, and nothing that a file says can exhaust the reader."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from assessor.evidence.readers.base import Problem, Unreadable
from assessor.evidence.readers.text import decode


class _Doubled(dict[str, Any]):
    """An object in which a key stands more than once; `seen` are the key and the values in their order."""

    seen: list[tuple[str, list[Any]]]


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
    found: list[_Doubled] = []
    problems = [Problem("", said) for said in (decoded.note, decoded.damage) if said]
    try:
        document, end = json.JSONDecoder(
            object_pairs_hook=lambda pairs: _object(pairs, found),
            parse_float=_number,
            parse_int=_whole,
            parse_constant=_refuse,
        ).raw_decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not valid JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise Unreadable("JSON nested too deeply to be read") from None
    if rest := text[end:].strip():
        line = text.count("\n", 0, end) + 1
        problems.append(
            Problem(
                "", f"{len(rest)} characters stand after the end of the JSON document (line {line}); they are not read"
            )
        )
    if found:
        problems += _places(document)
    return document, problems


def _object(pairs: list[tuple[str, Any]], found: list[_Doubled]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    doubled = _Doubled(plain)
    doubled.seen = [
        (name, values) for name in plain if len(values := [value for key, value in pairs if key == name]) > 1
    ]
    found.append(doubled)
    return doubled


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


def _number(text: str) -> Decimal:
    return Decimal(text) if len(text) < 1000 else _refuse(text[:20] + "…")


def _whole(text: str) -> int:
    return int(text) if len(text) < 1000 else _refuse(text[:20] + "…")


def _refuse(text: str) -> NoReturn:
    raise Unreadable(f"not valid JSON: the number {text} is refused")


def unwrapped(document: Any) -> tuple[str, Any]:
    """A bill of materials out of `{"sbom": …}` (as some services export it): the pointer to it, and itself."""
    if (
        isinstance(document, dict)
        and isinstance(document.get("sbom"), dict)
        and not {"bomFormat", "spdxVersion"} & set(document)
    ):
        return "/sbom", document["sbom"]
    return "", document
