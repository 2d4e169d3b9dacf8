"""Looking through a whole Word package for confidential texts, part by part.

Texts hide in more places than the pages: properties, text alternatives, bookmarks, links, comments, field codes, settings, embedded
files. So every text and every attribute of every part is looked at, paragraphs as a whole, since Word divides texts over runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


def leak(parts: Mapping[str, bytes], secrets: Secrets, depth: int = 0) -> Leak | None:
    """The first confidential text in a package, None without any."""
    for name, content in parts.items():
        seen: set[str] = set()
        for text in (name, *_texts(name, content)):
            if len(text) >= SHORTEST and text not in seen:
                seen.add(text)
                if found := secrets.inside(text):
                    return Leak(found, name, text[:120])
        if content[:2] == b"PK" and depth < _NESTED:
            try:
                inner = package.read_parts(content)
            except files.BAD_ZIP:
                continue
            if found_inside := leak(inner, secrets, depth + 1):
                return found_inside._replace(part=f"{name}, {found_inside.part}")
    return None


def words(parts: Mapping[str, bytes]) -> frozenset[str]:
    """The words of a package's texts, in small letters."""
    texts = (text for name, content in parts.items() for text in _texts(name, content))
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def _texts(name: str, content: bytes) -> Iterator[str]:
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    try:
        root = package.parse(content)
    except etree.XMLSyntaxError:
        yield content.decode("utf-8", "replace")
        return
    for node in root.iter():
        if node.tag == f"{W}p":
            yield "".join(str(each.text or "") for each in node.iter(f"{W}t", f"{W}delText"))
            yield "".join(str(each.text or "") for each in node.iter(f"{W}instrText"))
        if node.text:
            yield str(node.text)
        if node.tail:
            yield str(node.tail)
        if isinstance(node.tag, str):
            yield from map(str, node.attrib.values())
