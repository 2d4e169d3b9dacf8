"""XML parts of Office packages as a stream: no entities, no network, and never more of the tree than one row.

`office.guard` has looked at the package before: no part declares a document type, and what it unpacks to is bounded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree

from assessor import files
from assessor.errors import EvidenceError

MAX_BETWEEN = 2 * 1024 * 1024
"""Bytes that may pass without one of the elements asked for: no row of a sheet has more."""
MAX_SMALL = 4 * 1024 * 1024
_OPTIONS: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_TROUBLE = (etree.XMLSyntaxError, *files.BAD_ZIP)


class Broken(EvidenceError):
    """A part that is damaged, missing, or too big to look into; the text says which."""


def stream(
    package: zipfile.ZipFile, part: str, tags: tuple[str, ...], starts: bool = False
) -> Iterator[tuple[str, Any]]:
    """Elements of the given tags (`{*}row`) as ("end", element), with `starts` also as ("start", element).

    An element lasts until the next is asked for, or not much longer. Raises Broken.
    """
    parser = etree.XMLPullParser(events=("start", "end") if starts else ("end",), tag=tags, **_OPTIONS)
    since = 0
    try:
        with package.open(part) as file:
            while piece := file.read(1 << 16):
                parser.feed(piece)
                since += len(piece)
                ended = None
                for event, element in parser.read_events():
                    yield event, element
                    since = 0
                    ended = element if event == "end" else ended
                if ended is not None:
                    _forget(ended)
                if since > MAX_BETWEEN:
                    raise Broken(f"{part} has a row of more than {MAX_BETWEEN >> 20} MB")
    except _TROUBLE as error:
        raise Broken(f"{part} cannot be read: {str(error)[:200]}") from None


def pieces(package: zipfile.ZipFile, part: str, begins: bytes) -> Iterator[bytes]:
    """The bytes of a part in pieces, each but the first beginning with these bytes. Raises Broken."""
    kept = b""
    try:
        with package.open(part) as file:
            while piece := file.read(1 << 20):
                kept += piece
                if (end := kept.rfind(begins)) > 0:
                    yield kept[:end]
                    kept = kept[end:]
                elif len(kept) > 4 * MAX_BETWEEN:
                    raise Broken(f"{part} has a row of more than {len(kept) >> 20} MB")
    except _TROUBLE as error:
        raise Broken(f"{part} cannot be read: {str(error)[:200]}") from None
    yield kept


def small(package: zipfile.ZipFile, part: str) -> Any:
    """The root of a small part; None when the package has none of that name. Raises Broken."""
    try:
        with package.open(part) as file:
            data = file.read(MAX_SMALL + 1)
        if len(data) > MAX_SMALL:
            raise Broken(f"{part} has more than {MAX_SMALL >> 20} MB")
        return etree.fromstring(data, etree.XMLParser(**_OPTIONS))
    except KeyError:
        return None
    except _TROUBLE as error:
        raise Broken(f"{part} cannot be read: {str(error)[:200]}") from None


def local(element: Any) -> str:
    """An element's or attribute's name without its namespace."""
    return str(element if isinstance(element, str) else element.tag).rpartition("}")[2]


def attributes(element: Any) -> dict[str, str]:
    """Attributes by their names without namespace."""
    return {local(name): value for name, value in element.attrib.items()}


def _forget(element: Any) -> None:
    """Free an element and all that stands before it, so that the tree does not grow."""
    element.clear()
    node, parent = element, element.getparent()
    while parent is not None:
        before = node.getprevious()
        while before is not None:
            parent.remove(before)
            before = node.getprevious()
        node, parent = parent, parent.getparent()
