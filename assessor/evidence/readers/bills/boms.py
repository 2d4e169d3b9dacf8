"""Which serialization a bill of materials has, by its content, and the reader of each.

CycloneDX is JSON or XML; SPDX is JSON (2) or JSON-LD (3), tag-value, YAML, RDF/XML or XML.
"""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pyarrow.compute as pc

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Countries, Reading
from assessor.evidence.readers.bills import bom_json, cyclonedx_xml, spdx_tagvalue, spdx_xml, spdx_yaml
from assessor.evidence.readers.xml_source import Source

_TIMESTAMPS = 20  # odd ones of a file that are told
_HEAD = 1 << 16
_BLANKS = b" \t\r\n\xef\xbb\xbf\xff\xfe"
_OF_XML = re.compile(rb"cyclonedx\.org/schema/bom/|spdx\.org/rdf/(?:terms|v2)")


def recognise(path: Path) -> str:
    """`bom.cyclonedx` or `bom.spdx` for XML, tag-value and YAML; empty for JSON and whatever else. Raises Unreadable for
    an HTML page and for XML in which no element begins."""
    head = _head(path)
    if head.startswith((b"{", b"[")):
        return ""
    if head.startswith(b"<") or _OF_XML.search(head):
        begin = Source(path).head
        return "bom.cyclonedx" if cyclonedx_xml.recognised(begin) else "bom.spdx" if spdx_xml.recognised(begin) else ""
    return "bom.spdx" if spdx_tagvalue.recognised(_text(head)) or _is_yaml(path, head) else ""


def read_cyclonedx(path: Path, source: str, rule: Countries) -> Reading:
    """A CycloneDX document, JSON or XML."""
    head = _head(path)
    if head.startswith(b"<") or (not head.startswith((b"{", b"[")) and _OF_XML.search(head)):
        return cyclonedx_xml.read(path, source, rule)
    return bom_json.read(path, source, rule)


def read_spdx(path: Path, source: str, rule: Countries) -> Reading:
    """An SPDX document in any of its serializations."""
    head = _head(path)
    if head.startswith((b"{", b"[")):
        return bom_json.read(path, source, rule)
    if head.startswith(b"<") or _OF_XML.search(head):
        return spdx_xml.read(path, source, rule)
    if is_tag_value(path):
        return spdx_tagvalue.read(path, source, rule)
    if _is_yaml(path, head):
        return spdx_yaml.read(path, source, rule)
    return bom_json.read(path, source, rule)


def is_tag_value(path: Path) -> bool:
    """Whether an SPDX document that is neither JSON nor XML is tag-value; otherwise it is YAML."""
    return spdx_tagvalue.recognised(_text(_head(path)))


def tell_timestamps(reading: Reading) -> None:
    """Note each timestamp of components that is no date and time, with the first component for which it stands."""
    odd: dict[str, tuple[str, int]] = {}
    for part in reading.tables.get("components", []):
        if isinstance(part, dict):
            stated = [(part.get("timestamp"), part.get("locator"), 1)]
        else:
            counts = pc.value_counts(part["timestamp"]).to_pylist() if "timestamp" in part.column_names else []
            stated = [(each["values"], None, each["counts"]) for each in counts]
        for text, place, count in stated:
            if text and not dates.is_date(text):
                first = place or part["locator"][pc.index(part["timestamp"], text).as_py()].as_py()
                odd[text] = (odd[text][0] if text in odd else first, odd.get(text, ("", 0))[1] + count)
    for text, (place, count) in islice(odd.items(), _TIMESTAMPS):
        others = f" and for {count - 1:,} more" if count > 1 else ""
        reading.problem(
            place, f"the timestamp {text[:60]!r}, which stands for this component{others}, is no date and time"
        )


def _text(data: bytes) -> str:
    """Bytes as text in which names of keys and tags can be found, whatever its encoding."""
    return data.decode("latin-1")


def _is_yaml(path: Path, head: bytes) -> bool:
    """Whether `spdxVersion:` stands in the first bytes of a file, or in the last where its keys are sorted."""
    if spdx_yaml.recognised(_text(head)):
        return True
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _HEAD) // 4 * 4)
        return spdx_yaml.recognised(_text(file.read().replace(b"\0", b"")))


def _head(path: Path) -> bytes:
    """The first bytes without byte-order mark, blanks and the zero bytes of UTF-16 and UTF-32."""
    with path.open("rb") as file:
        return file.read(_HEAD).replace(b"\0", b"").lstrip(_BLANKS)
