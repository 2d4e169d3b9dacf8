"""Places in JSON: pointers (RFC 6901) into documents of any size, lines of JSON Lines, documents one after another.

A pointer is followed as the readers made it: an envelope's members are part of it, a second document of a file begins with its
number (`/(2)/components/0`), a key that stands twice has its own (`/components(2)/0`), and what an envelope carries in base64
goes on behind its member (`/payload/predicate/…`). Values are shown as they are written, so that 1.10 stays 1.10.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from assessor.evidence.places.excerpt import (
    AROUND,
    CUT,
    LONGEST,
    LONGEST_AROUND,
    Found,
    Line,
    NotShown,
    around,
    bounded,
    here,
)
from assessor.evidence.places.in_text import lines_at
from assessor.evidence.readers import json_text, opened
from assessor.evidence.readers.base import UNREAD, Reading, items, mapping
from assessor.evidence.readers.bills import json_elements
from assessor.evidence.readers.bills.json_stream import REFUSED, Bytes, Part, Stream
from assessor.evidence.readers.ownership import bods
from assessor.evidence.readers.text import decode

MOST_STEPS = 200
"""Steps of a pointer below the member or element that a stream hands over; each costs a pass over what is left."""
_ENVELOPES = 3
_WHOLE = 1 << 16
"""Bytes of a text up to which all of it is decoded before it is cut."""
_PIECE = 1 << 20
_SPACES = re.compile(rb'("(?:[^"\\]|\\.)*+")|\s++', re.DOTALL)
_LINE = re.compile(r"line (\d{1,9})")
_DOCUMENT = re.compile(r"document (\d{1,9})")
_OBJECT, _LIST = msgspec.json.Decoder(dict[str, msgspec.Raw]), msgspec.json.Decoder(list[msgspec.Raw])

Numbered = tuple[int, Bytes]
"""An element of an array and its number."""


def show(path: Path, locator: str) -> Found:
    """What stands at a pointer, on a line of JSON Lines or in the document of a number. Raises NotShown and Unreadable."""
    with closing(opened.json_bytes(path, Reading())) as file:
        if told := _LINE.fullmatch(locator):
            return _line(file, int(told[1]), locator)
        if told := _DOCUMENT.fullmatch(locator):
            return _document(file, int(told[1]), locator)
        if locator and not locator.startswith("/"):
            raise NotShown("this is no place of a JSON document")
        return _resolved(file, locator, "", 0)


def _line(file: BinaryIO, number: int, locator: str) -> Found:
    found = lines_at(iter(lambda: file.read(_PIECE), b""), number - AROUND, number + AROUND)
    if number not in found:
        raise NotShown("the file has fewer lines")
    beside = {at: around(f"line {at}", text.decode("utf-8", "replace")) for at, text in found.items()}
    own = _rows(found[number].removeprefix(b"\xef\xbb\xbf").strip(), locator)
    return Found(
        locator, [*(beside[at] for at in beside if at < number), *own, *(beside[at] for at in beside if at > number)]
    )


def _document(file: BinaryIO, number: int, locator: str) -> Found:
    for run in bods.statements(file, Reading()):
        if run.prefix == "document " and run.first == number:
            return Found(locator, _rows(run.elements[0], locator))
    raise NotShown("the file has fewer documents")


def _resolved(file: BinaryIO, pointer: str, prefix: str, depth: int) -> Found:
    """What a pointer leads to in the documents of a file, whose own pointer is `prefix`."""
    for number, document in enumerate(Stream(file, [], prefix).documents(), 1):
        own = prefix if number == 1 else f"{prefix}/({number})"
        if pointer == own:
            return Found(pointer or "the whole document", _all(_members(document, own)))
        parts = iter(document)
        for part in parts:
            rest = _below(pointer, part)
            if rest is not None and part.value is not None:
                return _walked(part.value, part.place, rest, pointer, depth)
            if rest and part.elements:
                step, slash, deeper = rest[1:].partition("/")
                if not step.isdecimal():  # of another document, where this one is a list
                    continue
                before, element, after = _element(parts, part, int(step))
                place = f"{part.place}/{step}"
                if slash:
                    return _walked(bytes(element), place, f"/{deeper}", pointer, depth)
                return Found(pointer, _between(part.place, before, _rows(element, place), after))
            if rest == "":  # a list
                return Found(pointer, _all(_members(chain((part,), parts), part.place)))
            if part.place.startswith(f"{pointer}/"):  # an envelope, which is read member by member
                return Found(pointer, _all(_members(chain((part,), parts), pointer)))
    raise NotShown("the document has no such place, or is damaged before it")


def _below(pointer: str, part: Part) -> str | None:
    """What of a pointer leads on from a part; None where it does not lead through it."""
    places = [part.place]
    if (key := _key(part)) != part.key:
        places.append(f"{part.place.rpartition('/')[0]}/{json_text.pointer(key)}")
    for place in places:
        if pointer == place or pointer.startswith(f"{place}/"):
            return pointer[len(place) :]
    return None


def _key(part: Part) -> str:
    """The key of a part, which the stream has as it is written, with its escapes."""
    if "\\" in part.key:
        try:
            return str(json.loads(f'"{part.key}"', strict=False))
        except ValueError:
            pass
    return part.key


def _label(part: Part, above: str) -> str:
    """What a member is called in the object at `above`: its key, with its number where it stands there again; below a further envelope
    the pointer from here."""
    rest, written = part.place[len(above) + 1 :], json_text.pointer(part.key)
    return rest if "/" in rest else _key(part) + rest[len(written) :]


def _members(parts: Iterator[Part], above: str) -> Iterator[Line]:
    """The members of an object, or the elements of a list, that a stream hands over."""
    shown = ""
    for part in parts:
        if part.place == above:
            for number, element in enumerate(part.elements, part.first):
                yield here(str(number), _brief(element, LONGEST))
            if part.ended:
                return
        elif not part.place.startswith(f"{above}/"):
            return
        elif part.value is not None:
            yield here(_label(part, above), _brief(part.value, LONGEST))
        elif part.place != shown and (part.elements or part.ended):
            shown = part.place  # a list comes in runs; its beginning tells what it holds
            held = b"[" + b", ".join(bytes(each) for each in part.elements[: AROUND + 1])
            more = "" if part.ended else f", {CUT}"
            yield here(_label(part, above), _brief(held, LONGEST_AROUND) + f"{more}]")


def _all(rows: Iterator[Line]) -> list[Line]:
    return bounded(rows) or [here("", "it is empty")]


def _element(parts: Iterator[Part], part: Part, number: int) -> tuple[list[Numbered], Bytes, list[Numbered]]:
    """An element of the array of which `part` is the first run, with those before and after it."""
    before: list[Numbered] = []
    place = part.place
    current: Part | None = part
    while current is not None and current.place == place:
        at = number - current.first
        run = current.elements
        if at < 0:
            break
        if at < len(run):
            before += _numbered(current, max(0, at - AROUND), at)
            after = _numbered(current, at + 1, at + 1 + AROUND)
            if len(after) < AROUND and (following := next(parts, None)) is not None and following.place == place:
                after += _numbered(following, 0, AROUND - len(after))
            return before[-AROUND:], run[at], after
        before = [*before, *_numbered(current, max(0, len(run) - AROUND), len(run))][-AROUND:]
        current = next(parts, None)
    raise NotShown("the list has no such element, or is damaged before it")


def _numbered(part: Part, begin: int, end: int) -> list[Numbered]:
    return [(part.first + at, each) for at, each in enumerate(part.elements[begin:end], begin)]


def _walked(data: bytes, place: str, rest: str, pointer: str, depth: int) -> Found:
    """What stands below a value, step by step."""
    steps = rest.split("/")[1:]
    if len(steps) > MOST_STEPS:
        raise NotShown(f"the place is more than {MOST_STEPS} levels deep, which are not followed")
    before: list[Numbered] = []
    after: list[Numbered] = []
    value: Bytes = _sound(data)
    above = place
    for step in steps:
        held = _children(value, place)
        above, before, after = place, [], []
        if held is None and depth < _ENVELOPES and (carried := _carried(value)) is not None:
            return _resolved(io.BytesIO(carried), pointer, place, depth + 1)
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(held, dict) and key in held:
            value = held[key]
        elif isinstance(held, list) and key.isdecimal() and int(key) < len(held):
            at = int(key)
            before = [(number, held[number]) for number in range(max(0, at - AROUND), at)]
            after = [(number, held[number]) for number in range(at + 1, min(len(held), at + 1 + AROUND))]
            value = held[at]
        else:
            raise NotShown(f"there is no {step!r} at {place or 'the beginning'}")
        place = f"{place}/{step}"
    return Found(pointer, _between(above, before, _rows(value, place), after))


def _children(value: Bytes, place: str) -> dict[str, msgspec.Raw] | list[msgspec.Raw] | None:
    """The members of an object, or the elements of a list, as bytes; None for what is neither. Raises NotShown."""
    first = bytes(value[:1]) if isinstance(value, bytes) else bytes(memoryview(value)[:1])
    if first not in (b"{", b"["):
        return None
    try:
        return _OBJECT.decode(value) if first == b"{" else _LIST.decode(value)
    except REFUSED:
        told = json_elements.value(value, place, Reading())  # as the readers read what is irregular
    if told is UNREAD:
        raise NotShown(f"what stands at {place or 'the beginning'} is not valid JSON")
    try:
        again = {name: _written(each) for name, each in mapping(told).items()}
        return [_written(each) for each in items(told)] if isinstance(told, list) else again
    except RecursionError:
        raise NotShown(f"what stands at {place} is nested too deeply") from None


def _sound(value: Bytes) -> Bytes:
    """A value as UTF-8, which a single element may not be; it is then decoded as the readers do."""
    data = bytes(value)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return decode(data).text.encode("utf-8")
    return value


def _written(value: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))


def _carried(value: Bytes) -> bytes | None:
    """The document that a text carries in base64; None where it carries none."""
    try:
        text = msgspec.json.decode(value, type=str)
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (*REFUSED, binascii.Error, ValueError):
        return None


def _rows(value: Bytes, place: str) -> list[Line]:
    """The members, elements or text of a value."""
    value = _sound(value)
    try:
        held = _children(value, place)
    except NotShown:
        held = None  # as it is written, then
    if not held:
        return [here("", _brief(value, LONGEST))]
    named = held.items() if isinstance(held, dict) else enumerate(held)
    return bounded(here(str(name), _brief(each, LONGEST)) for name, each in named)


def _between(above: str, before: list[Numbered], rows: list[Line], after: list[Numbered]) -> list[Line]:
    """The rows of an element between what stands before and after it in its list."""

    def beside(listed: list[Numbered]) -> list[Line]:
        return [around(f"{above}/{number}", _brief(each, LONGEST_AROUND)) for number, each in listed]

    return [*beside(before), *rows, *beside(after)]


def _brief(value: Bytes, limit: int) -> str:
    """A value as it is written, without line breaks between its parts; a text without its quotation marks."""
    view = memoryview(value)
    begin = bytes(view[: max(4 * limit, _WHOLE)])
    whole = len(begin) == len(view)
    if begin[:1] == b'"' and whole:
        try:
            return msgspec.json.decode(begin, type=str)
        except REFUSED:
            pass
    text = _SPACES.sub(lambda found: found[1] or b" ", begin[: 4 * limit]).decode("utf-8", "replace")
    return text if whole and len(begin) <= 4 * limit else text[:limit] + CUT
