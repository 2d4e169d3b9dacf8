"""Looking through a whole Word package for confidential texts, part by part.

Texts hide in more places than the pages: properties, text alternatives, bookmarks, links, comments, field codes, settings, embedded
files. So every text and every attribute of every part is looked at, paragraphs as a whole, since Word divides texts over runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from assessor import files
from assessor.reporting import package
from assessor.reporting.claims import SHORTEST, Secrets
from assessor.reporting.package import W

_WORD = re.compile(r"\w+")
_NESTED = 3
"""Packages within packages that are opened."""


class Leak(NamedTuple):
    """A confidential text, the part in which it stands and what stands around it."""

    text: str
    part: str
    context: str


def leak(parts: Mapping[str, bytes], secrets: Secrets) -> Leak | None:
    """The first confidential text in a package, None without any."""
    return next(leaks(parts, secrets), None)


def leaks(parts: Mapping[str, bytes], secrets: Secrets, depth: int = 0) -> Iterator[Leak]:
    """The first confidential text of each part of a package that holds any."""
    for name, content in parts.items():
        if found := _first([(name, True), *_texts(name, content)], secrets):
            yield Leak(found[0], name, found[1])
        elif content[:2] == b"PK" and depth < _NESTED:
            try:
                inner = package.read_parts(content)
            except files.BAD_ZIP:
                continue
            for deeper in leaks(inner, secrets, depth + 1):
                yield deeper._replace(part=f"{name}, {deeper.part}")


def inside(root: etree._Element, secrets: Secrets) -> str:
    """A confidential text in an element, wherever it hides; empty without any."""
    found = _first(_texts_of(root), secrets)
    return found[0] if found else ""


def _first(texts: Iterable[tuple[str, bool]], secrets: Secrets) -> tuple[str, str] | None:
    seen: set[str] = set()
    for text, name in texts:
        if len(text) < SHORTEST or text in seen:
            continue
        seen.add(text)
        if found := secrets.inside(text) or (name and secrets.named(text)):
            return str(found), text[:120]
    return None


def words(parts: Mapping[str, bytes]) -> frozenset[str]:
    """The words of a package's texts, in small letters."""
    texts = (text for name, content in parts.items() for text, _ in _texts(name, content))
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def _texts(name: str, content: bytes) -> Iterator[tuple[str, bool]]:
    """The texts of a part, and whether each is a name, an address or a field's code, in which signs may stand for spaces."""
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    try:
        root = package.parse(content)
    except etree.XMLSyntaxError:
        yield content.decode("utf-8", "replace"), False
        return
    yield from _texts_of(root)


def _texts_of(root: etree._Element) -> Iterator[tuple[str, bool]]:
    for node in root.iter():
        if node.tag == f"{W}p":
            yield "".join(str(each.text or "") for each in node.iter(f"{W}t", f"{W}delText")), False
            yield "".join(str(each.text or "") for each in node.iter(f"{W}instrText")), True
        if node.text:
            yield str(node.text), False
        if node.tail:
            yield str(node.tail), False
        if isinstance(node.tag, str):
            yield from ((str(value), True) for value in node.attrib.values())
