"""The forms in which OSCAL 1.2.1 takes a text: token, single line, Markdown, day, name; and identifiers from stable names.

Every text passes through `visible` first: an OSCAL document is to be turned into XML too, which holds no more than Word does.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from datetime import date
from typing import Any

from assessor.reporting.words import NOT_STATED, missing
from assessor.text import visible

NAMESPACE = "urn:assessor:15cfr791"
"""Namespace of our properties: a name only, there is no page behind it."""

_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
_PLAIN_CLAUSE = re.compile(r"[0-9]+\.[0-9]+(\([0-9A-Za-z]+\))*(( [0-9A-Za-z]+)+( (\([0-9A-Za-z]+\))+)?)?")
_PLAIN_WORDS = re.compile(r"[A-Za-z][0-9A-Za-z]*( [0-9A-Za-z]+)*")
_LINE_ENDS = re.compile("[\n\u2028\u2029]")
_OUTER_SPACE = re.compile(r"\A[\s\ufeff]+|[\s\ufeff]+\Z")
_MARKUP = re.compile(r"[\\`*~^|]|(?<!\w)_|_(?!\w)|\](?=[(\[:])|<(?=[A-Za-z/!?])|\{(?=\{)|&(?=#?\w+;)")
_LINE_START = re.compile(r"^([ \t]*)(?:([0-9]+)(?=[.)](?:\s|$))|(?=[#>+=-]))", re.MULTILINE)
_INDENTED = re.compile(r"^ (?= {3}| {0,2}\t)|^\t", re.MULTILINE)


def identifier(*name: object) -> str:
    """The UUID (version 5) of a name in parts; the same name has the same one in every engagement file and run."""
    return str(uuid.uuid5(_ROOT, json.dumps([str(part) for part in name])))  # as ASCII, so that any text has one


def token(text: str) -> str:
    """A text as an OSCAL token: the clause `791.305(a)(1)(iv)` is `s791.305.a.1.iv`, `quality review` is `quality-review`.

    Different texts have different tokens: what is neither a clause written in the usual way nor plain words ends in a
    part of its digest.
    """
    told = re.sub(r"[^0-9A-Za-z._]+", "-", text.replace(" (", ".").replace("(", ".").replace(")", "")).strip("-")
    if _PLAIN_CLAUSE.fullmatch(text):
        return f"s{told}"
    if _PLAIN_WORDS.fullmatch(text):
        return told
    return f"t-{told}-{hashlib.sha256(json.dumps(text).encode()).hexdigest()[:8]}"


def line(text: object) -> str:
    """A text in one line that begins and ends with a character (`string`); what cannot stand so is shown as an escape."""
    told = _LINE_ENDS.sub(_shown, visible(str(text)))
    return _OUTER_SPACE.sub(lambda found: "".join(map(_escape, found.group())), told)


def prose(text: object) -> str:
    """A text as Markdown (`markup-multiline`) that reads as it was written: nothing in it is markup."""
    escaped = _MARKUP.sub(r"\\\g<0>", visible(str(text)))
    return _INDENTED.sub(_reference, _LINE_START.sub(lambda found: f"{found.group(0)}\\", escaped))


def title(text: object) -> str:
    """A text as a single line of Markdown (`markup-line`), which must not be empty."""
    return prose(line(text)) or NOT_STATED


def start_of(day: date) -> str:
    """The first second of a day, in UTC."""
    return f"{day.isoformat()}T00:00:00Z"


def end_of(day: date) -> str:
    """The last second of a day, in UTC."""
    return f"{day.isoformat()}T23:59:59Z"


def properties(*told: tuple[str, Any]) -> dict[str, Any]:
    """`props` in our namespace, to be merged into their owner: one for each name with a value, true and false as yes and
    no. What is unknown or empty has none; where nothing is left there are no `props`."""
    props = [
        {"name": name, "ns": NAMESPACE, "value": line("yes" if value is True else "no" if value is False else value)}
        for name, value in told
        if not missing(value) and str(value)
    ]
    return {"props": props} if props else {}


def filled(**parts: Any) -> dict[str, Any]:
    """The parts that hold something, `_` of their names as `-`: OSCAL allows no empty list, text or record."""
    return {name.replace("_", "-"): part for name, part in parts.items() if part}


def _shown(found: re.Match[str]) -> str:
    return _escape(found.group())


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}"


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found.group()[0])};{found.group()[1:]}"
