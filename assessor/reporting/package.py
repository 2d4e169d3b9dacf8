"""Word files as packages: which templates are let in, and writing a package so that the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lxml import etree

from assessor.errors import ReportError
from assessor.files import BAD_ZIP, ZIP_EPOCH, replacing

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
MAIN, STYLES = "word/document.xml", "word/styles.xml"
_ROOT_LINKS, _MAIN_LINKS = "_rels/.rels", "word/_rels/document.xml.rels"
MAX_SIZE = 100_000_000
"""Bytes that a template may unpack to."""

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
TAG = re.compile(r"\{\{|\{%|\{#")
_COMPOUND = b"\xd0\xcf\x11\xe0"
"""How the container begins that Word puts around an encrypted document, and that a .doc is."""
MOST = 500_000_000
"""Bytes that a report may unpack to."""
_REACHING_OUT = re.compile(
    r"^\s*(INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|DATABASE|RD|MACROBUTTON|AUTOTEXTLIST)\b",
    re.IGNORECASE,
)


def parse(xml: bytes, *, ours: bool = False) -> etree._Element:
    """Parse XML strictly: no entity, no network, no recovery, no document type. Raises lxml.etree.XMLSyntaxError.

    `ours`: it was filled here, within bounds of its own, and is read in half the time without those of the parser.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=ours)
    root = etree.fromstring(xml, parser=parser)
    if root.getroottree().docinfo.doctype:
        raise etree.XMLSyntaxError("a document type declaration", 0, 1, 1)
    return root


def filled(name: str) -> bool:
    """Whether docxtpl fills the tags of this part (document, headers, footers, footnotes)."""
    return _FILLED.fullmatch(name) is not None


@dataclass(frozen=True)
class Fault:
    """Why a template may not be used: `message` goes on after "The template …", `part` and `text` say where."""

    code: str
    part: str
    text: str
    message: str


@dataclass(frozen=True)
class Package:
    """A template as it was opened: its XML parts by name, as far as they could be parsed, and all of its faults."""

    roots: dict[str, etree._Element]
    faults: list[Fault]


def read_template(path: Path) -> bytes:
    """The bytes of a Word template that may be used.

    Raises ReportError, in one sentence, for the first of its faults (see `examine`).
    """
    content = read_file(path)
    for fault in examine(content).faults:
        raise ReportError(f"The template {path} {fault.message}.")
    return content


def read_file(path: Path) -> bytes:
    """The bytes of a template, whatever they are. Raises ReportError when there is no such file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(
            f"The template {path} cannot be read ({error.strerror}); name a .docx file that exists."
        ) from None


def examine(content: bytes) -> Package:
    """Everything that speaks against filling a file: it is no .docx, is broken or too large, holds macros, reaches outside
    of itself (attached template, linked picture, external link, field that includes a file), or holds tags in a part that
    would not be filled. Follows nothing and raises nothing.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(member.file_size for member in package.infolist()) > MAX_SIZE:
                message = f"unpacks to more than {MAX_SIZE // 10**6} MB; use a smaller one"
                return Package({}, [Fault("too-large", "", "", message)])
            parts = {member.filename: package.read(member) for member in package.infolist() if not member.is_dir()}
        types = parts["[Content_Types].xml"].decode("utf-8", "replace")
    except BAD_ZIP:
        what = " (it is encrypted, or of an old version of Word)" if content.startswith(_COMPOUND) else ""
        message = f"is not a Word file (.docx){what}; save it in Word as a .docx document without a password"
        return Package({}, [Fault("not-word", "", "", message)])
    faults = []
    if _MAIN not in types or "vbaProject" in types:
        message = "is not a plain .docx (a macro file, a .dotx or another format); save it as .docx"
        faults.append(Fault("not-plain-word", "[Content_Types].xml", "", message))
    for missing in sorted({MAIN, STYLES, _ROOT_LINKS, _MAIN_LINKS} - set(parts)):
        faults.append(Fault("damaged", missing, "", f"is damaged: {missing} is missing; save it anew in Word"))
    roots = {}
    for name in sorted(parts):
        if name.endswith((".xml", ".rels")):
            try:
                roots[name] = parse(parts[name])
            except etree.XMLSyntaxError as error:
                message = f"is damaged: {name} is not well-formed XML ({error}); save it anew in Word"
                faults.append(Fault("damaged", name, "", message))
            else:
                faults += _faults(name, roots[name])
    for links, target in ((_ROOT_LINKS, MAIN), (_MAIN_LINKS, STYLES)):
        if links in roots and not any(_leads_to(link, target) for link in roots[links]):
            faults.append(
                Fault("damaged", links, "", f"is damaged: {links} does not name {target}; save it anew in Word")
            )
    return Package(roots, faults)


def _leads_to(link: etree._Element, part: str) -> bool:
    target = str(link.get("Target"))
    return target.lstrip("/") == part or f"word/{target}" == part


def _faults(name: str, root: etree._Element) -> Iterator[Fault]:
    if name.endswith(".rels"):
        for relation in root:
            if relation.get("TargetMode") == "External":
                target = f"{str(relation.get('Type')).rsplit('/', 1)[-1]}: {relation.get('Target')}"
                message = f"refers to something outside of itself ({target}, in {name}); embed or remove it, since a report must be whole"
                yield Fault("external", name, target, message)
        return
    for field in _instructions(root):
        if _REACHING_OUT.match(field):
            words = field.strip()[:80]
            message = f"has a field that reaches outside of it ({words}, in {name}); remove it"
            yield Fault("external-field", name, words, message)
    if name.startswith("word/") and not filled(name):
        for paragraph in root.iter(f"{W}p"):
            words = "".join(str(node.text or "") for node in paragraph.iter(f"{W}t"))
            if TAG.search(words):
                message = f"has a tag in {name}, which is not filled in (“{words[:80]}”); move it to the body"
                yield Fault("tag-not-filled", name, words[:80], message)


def _instructions(root: etree._Element) -> Iterator[str]:
    """What the fields of a part are to do; Word puts an instruction together from as many runs as it stands in."""
    open_fields: list[str] = [""]
    for node in root.iter(f"{W}fldSimple", f"{W}fldChar", f"{W}instrText"):
        if node.tag == f"{W}fldSimple":
            yield str(node.get(f"{W}instr"))
        elif node.tag == f"{W}instrText":
            open_fields[-1] += "".join(map(str, node.itertext()))
        elif node.get(f"{W}fldCharType") == "begin":
            open_fields.append("")
        else:
            yield open_fields[-1]
            if len(open_fields) > 1 and node.get(f"{W}fldCharType") == "end":
                open_fields.pop()
            else:
                open_fields[-1] = ""
    yield from open_fields


def read_parts(package: bytes) -> dict[str, bytes]:
    """Members of a package by name, in their order. Raises one of BAD_ZIP for what is no package, or too large a one."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        if sum(member.file_size for member in opened.infolist()) > MOST:
            raise ValueError(f"it unpacks to more than {MOST // 10**6} MB")
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
