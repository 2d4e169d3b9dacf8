"""Word files as packages: which templates are let in, and writing a package so that the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import IO

from lxml import etree

from assessor.errors import ReportError
from assessor.files import ZIP_EPOCH, replacing

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
MAX_SIZE = 100_000_000
"""Bytes that a template may unpack to."""

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
_TAG = re.compile(r"\{\{|\{%|\{#")
_REACHING_OUT = re.compile(
    r"^\s*(INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|DATABASE|RD|MACROBUTTON|AUTOTEXTLIST)\b",
    re.IGNORECASE,
)


def parse(xml: bytes) -> etree._Element:
    """Parse XML strictly: no entity, no network, no recovery, no document type. Raises lxml.etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml, parser=parser)
    if root.getroottree().docinfo.doctype:
        raise etree.XMLSyntaxError("a document type declaration", 0, 1, 1)
    return root


def filled(name: str) -> bool:
    """Whether docxtpl fills the tags of this part (document, headers, footers, footnotes)."""
    return _FILLED.fullmatch(name) is not None


def read_template(path: Path) -> bytes:
    """The bytes of a Word template that may be used.

    Raises ReportError, in one sentence, when the file is no .docx, is broken or too large, holds macros, reaches outside
    of itself (attached template, linked picture, external link, field that includes a file), or holds tags in a part that
    would not be filled.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReportError(
            f"The template {path} cannot be read ({error.strerror}); name a .docx file that exists."
        ) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(member.file_size for member in package.infolist()) > MAX_SIZE:
                raise ReportError(
                    f"The template {path} unpacks to more than {MAX_SIZE // 10**6} MB; use a smaller one."
                )
            parts = {member.filename: package.read(member) for member in package.infolist() if not member.is_dir()}
        types = parts["[Content_Types].xml"].decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise ReportError(
            f"The template {path} is not a Word file (.docx); save it in Word as a .docx document."
        ) from None
    if _MAIN not in types or "vbaProject" in types:
        raise ReportError(
            f"The template {path} is not a plain .docx (a macro file, a .dotx or another format); save it as .docx."
        )
    for name in sorted(parts):
        if name.endswith((".xml", ".rels")):
            try:
                _admit(path, name, parse(parts[name]))
            except etree.XMLSyntaxError as error:
                raise ReportError(
                    f"The template {path} is damaged: {name} is not well-formed XML ({error}); save it anew in Word."
                ) from None
    return content


def _admit(path: Path, name: str, root: etree._Element) -> None:
    if name.endswith(".rels"):
        for relation in root:
            if relation.get("TargetMode") == "External":
                kind = str(relation.get("Type")).rsplit("/", 1)[-1]
                raise ReportError(
                    f"The template {path} refers to something outside of itself ({kind}: {relation.get('Target')}, in {name}); "
                    "embed or remove it, since a report must be whole."
                )
        return
    fields = ["".join(map(str, node.itertext())) for node in root.iter(f"{W}instrText")]
    fields += [str(node.get(f"{W}instr")) for node in root.iter(f"{W}fldSimple")]
    for field in fields:
        if _REACHING_OUT.match(field):
            raise ReportError(
                f"The template {path} has a field that reaches outside of it ({field.strip()[:80]}, in {name}); remove it."
            )
    if name.startswith("word/") and not filled(name):
        for paragraph in root.iter(f"{W}p"):
            words = "".join(str(node.text or "") for node in paragraph.iter(f"{W}t"))
            if _TAG.search(words):
                raise ReportError(
                    f"The template {path} has a tag in {name}, which is not filled in (“{words[:80]}”); move it to the body."
                )


def read_parts(package: bytes) -> dict[str, bytes]:
    """Members of a package by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def write_parts(parts: dict[str, bytes], target: Path) -> None:
    """Write members as a package with fixed dates, whole or not at all."""
    with replacing(target) as temporary, temporary.open("wb") as file:
        _zip(parts, file)


def zipped(parts: dict[str, bytes]) -> bytes:
    """Members as a package with fixed dates."""
    made = io.BytesIO()
    _zip(parts, made)
    return made.getvalue()


def _zip(parts: dict[str, bytes], file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            package.writestr(info, content)


def serialise(root: etree._Element) -> bytes:
    """A part's XML with its declaration."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
