"""Headers of sections in a Word package: which are in force, and copies of them with a mark on top."""

from __future__ import annotations

from typing import Any

from lxml import etree

from assessor.reporting import package
from assessor.reporting.package import R, W

KINDS = ("default", "first", "even")
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_HEADER = f"{R.strip('{}')}/header"
_HEADER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
_MAIN_RELS = "word/_rels/document.xml.rels"


class Headers:
    """The headers of sections: which are in force, and marked copies of them."""

    def __init__(self, parts: dict[str, bytes], words: str) -> None:
        self._parts, self._words = parts, words
        self._rels = package.parse(parts[_MAIN_RELS])
        self._types = package.parse(parts["[Content_Types].xml"])
        self._inherited: dict[str, str] = {}
        self._made: dict[str, str] = {}

    def enter(self, properties: etree._Element) -> None:
        """Go on to another section of the template."""
        for reference in properties.findall(f"{W}headerReference"):
            self._inherited[str(reference.get(f"{W}type"))] = str(reference.get(f"{R}id"))

    def name(self, properties: etree._Element, *, marked: bool) -> None:
        """Have a section name all its headers itself."""
        for reference in properties.findall(f"{W}headerReference"):
            properties.remove(reference)
        for kind in reversed(KINDS):
            place = self._inherited.get(kind, "")
            if marked or not place:
                place = self._copy(place, marked=marked)
            properties.insert(0, etree.Element(f"{W}headerReference", {f"{W}type": kind, f"{R}id": place}))

    def _copy(self, place: str, *, marked: bool) -> str:
        """Id of a header like that one (or an empty one), marked or not."""
        key = f"{place} {marked}"
        if key not in self._made:
            source = next((f"word/{r.get('Target')}" for r in self._rels if r.get("Id") == place), "")
            content = self._parts.get(source)
            header = (
                package.parse(content)
                if content
                else etree.Element(f"{W}hdr", nsmap={"w": W.strip("{}"), "r": R.strip("{}")})
            )
            if marked:
                header.insert(0, _mark(self._words))
            elif not len(header):
                etree.SubElement(header, f"{W}p")
            number = 1
            while f"word/header{number}.xml" in self._parts:
                number += 1
            self._parts[f"word/header{number}.xml"] = package.serialise(header)
            name = source.rpartition("/")[2]
            if rels := self._parts.get(f"word/_rels/{name}.rels"):
                self._parts[f"word/_rels/header{number}.xml.rels"] = rels
            self._made[key] = self._relate(f"header{number}.xml")
        return self._made[key]

    def _relate(self, target: str) -> str:
        known = {str(relation.get("Id")) for relation in self._rels}
        number = len(known) + 1
        while f"rId{number}" in known:
            number += 1
        told: dict[str, Any] = {"Id": f"rId{number}", "Type": _HEADER, "Target": target}
        etree.SubElement(self._rels, f"{_RELS}Relationship", told)
        etree.SubElement(self._types, f"{_TYPES}Override", {"PartName": f"/word/{target}", "ContentType": _HEADER_TYPE})
        return f"rId{number}"

    def finish(self) -> None:
        """Write which parts there are."""
        self._parts[_MAIN_RELS] = package.serialise(self._rels)
        self._parts["[Content_Types].xml"] = package.serialise(self._types)


def _mark(words: str) -> etree._Element:
    """The paragraph on top of a page."""
    paragraph = etree.Element(f"{W}p")
    settings = etree.SubElement(paragraph, f"{W}pPr")
    etree.SubElement(settings, f"{W}spacing", {f"{W}before": "0", f"{W}after": "40"})
    etree.SubElement(settings, f"{W}jc", {f"{W}val": "center"})
    run = etree.SubElement(paragraph, f"{W}r")
    look = etree.SubElement(run, f"{W}rPr")
    etree.SubElement(look, f"{W}b")
    etree.SubElement(look, f"{W}color", {f"{W}val": "000000"})
    etree.SubElement(look, f"{W}sz", {f"{W}val": "20"})
    etree.SubElement(run, f"{W}t").text = words
    return paragraph
