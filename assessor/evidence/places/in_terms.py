"""Places in engagement.toml, which procedures name as `[firm] method`, `[[team]] NAME` or `authorizations[0].published`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assessor.evidence.places.excerpt import LONGEST, Found, Line, NotShown, bounded, here

_TABLES = re.compile(r"\[\[(\w+)\]\](?: (.+))?", re.DOTALL)
_TABLE = re.compile(r"\[(\w+)\](?: (\w+))?")
_STEP = re.compile(r"(\w+)(?:\[(\d{1,9})\])?")


def show(path: Path, locator: str) -> Found:
    """The keys and values at a place of the terms. Raises NotShown."""
    try:
        value: Any = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotShown(f"engagement.toml cannot be read: {error}") from None
    if told := _TABLES.fullmatch(locator):
        listed = value.get(told[1], [])
        named = [each for each in listed if told[2] in (None, *each.values())] if isinstance(listed, list) else []
        value = named[0] if told[2] and named else named
    else:
        for key, number in _keys(locator):
            value = value.get(key) if isinstance(value, dict) else None
            if number:
                value = value[int(number)] if isinstance(value, list) and int(number) < len(value) else None
    if value is None or value == []:
        raise NotShown("the terms do not say this; who wrote engagement.toml left it out")
    return Found(locator or "the whole file", bounded(_rows(value, locator)))


def _keys(locator: str) -> Iterator[tuple[str, str]]:
    if told := _TABLE.fullmatch(locator):
        yield from ((key, "") for key in told.groups() if key)
        return
    for part in locator.split(".") if locator else ():
        step = _STEP.fullmatch(part)
        if step is None:
            raise NotShown("this is no place of engagement.toml")
        yield step[1], step[2] or ""


def _rows(value: Any, locator: str) -> Iterator[Line]:
    if isinstance(value, dict):
        yield from (here(str(key), _text(each)) for key, each in value.items())
    elif isinstance(value, list):
        yield from (here(str(number), _text(each)) for number, each in enumerate(value))
    else:
        yield here(re.split(r"[ .]", locator)[-1], _text(value))


def _text(value: Any) -> str:
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False, default=str)[: LONGEST + 1]
    return str(value)
