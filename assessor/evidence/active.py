"""What in a file could act if a program ran it: told in words for the register. Nothing is run, fetched or followed.

Only what is looked at within bounds is told: no note does not mean that a file is harmless, and no reader relies on it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from assessor import files
from assessor.evidence import sevenzip

_LOOK = 32 << 20
"""Bytes of a file, and of what is packed in it, that are looked at."""
_MAX_PARTS = 5_000
_PIECE = 1 << 18
_OVERLAP = 64
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF = (
    (re.compile(rb"/(?:JavaScript|JS)\b"), "holds JavaScript, which is never run"),
    (re.compile(rb"/Launch\b"), "holds an action that starts a program, which is never run"),
    (re.compile(rb"/EmbeddedFiles?\b"), "holds embedded files, which are not opened; ask for them apart"),
    (
        re.compile(rb"/(?:SubmitForm|GoToR|ImportData)\b"),
        "holds an action that reaches outside, which is never followed",
    ),
)
_SCRIPT = re.compile(rb"<[a-z:]*script[\s>/]|\son[a-z]{3,20}\s*=\s*[\"']|javascript:", re.IGNORECASE)
_FORMULA = re.compile(rb"[=@+\-](?<=[\n,;\t\"].)(?:(?<=[=@])[A-Za-z(+\-]|(?<=[+\-])(?:[A-Za-z]+\(|cmd\|))")
_PROGRAMS = ((b"MZ", "a program of Windows"), (b"\x7fELF", "a program"), (b"#!", "a script"))
_CLOSED = (
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a file packed with bzip2"),
    (b"\xfd7zXZ\x00", "a file packed with xz"),
    (b"\x28\xb5\x2f\xfd", "a file packed with Zstandard"),
)
_MARKS = tuple(mark for mark, _ in (*_PROGRAMS, *_CLOSED))


def notes(head: bytes, path: str | Path) -> list[str]:
    """Sentences about a stored file, of which `head` are the first bytes (all of them where it is short)."""
    if head.startswith(sevenzip.MAGIC):
        return []  # its members are looked at one by one, and some of their bytes may stand in it unpacked
    found = []
    if head.startswith(_MARKS):
        found += [f"{name}, which is never run" for mark, name in _PROGRAMS if head.startswith(mark)]
        closed = "which is not opened; ask for what is in it as .zip"
        found += [f"{name}, {closed}" for mark, name in _CLOSED if head.startswith(mark)]
    if b"%PDF-" in head[:1024] and not head.startswith(b"PK\x03\x04") and head[257:262] != b"ustar":
        found += _in_pdf(Path(path))
        if not head.startswith(b"%PDF-"):
            found.append("a PDF behind the beginning of another format; it is read as PDF only")
    elif head.startswith(b"PK\x03\x04"):
        found += _in_package(Path(path))
    elif head.startswith(_OLE):
        found += _in_ole(Path(path))
    else:
        found += _in_text(head)
    if not head.startswith(b"PK") and b"PK\x05\x06" in _tail(head, path):
        found.append("a zip archive stands at its end; it is read as what it begins as, and the archive is not opened")
    return found


def _in_text(head: bytes) -> list[str]:
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        if start.startswith((b"{", b"[")) or b"\x00" in start:
            return []
        begins = any(sign in head for sign in (b"=", b"@", b"+", b"-"))  # looked for in no time, as the whole is not
        return (
            ["holds cells that begin like formulas; they are text and never computed"]
            if begins and _FORMULA.search(b"\n" + head)
            else []
        )
    found = []
    start = start.lower()
    if b"<!doctype html" in start or b"<html" in start or b"<svg" in start:
        if _SCRIPT.search(head):
            found.append("holds script, which is never run")
    elif b"<!doctype" in start:
        found.append("declares a document type; no entity of it is resolved")
    return found


def _in_pdf(path: Path) -> list[str]:
    found: dict[str, None] = {}
    with path.open("rb") as file:
        content = file.read(_LOOK)
    for piece in (content, *_streams(content)):
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), piece)
        found |= {told: None for pattern, told in _PDF if pattern.search(plain)}
    if b"/Encrypt" in content:
        found["is encrypted, at least in part"] = None
    return list(found)


def _streams(content: bytes) -> Iterator[bytes]:
    """The object streams of a PDF, in which actions may be packed, unpacked within the bound."""
    left = _LOOK
    for match in re.finditer(rb"/ObjStm\b[^>]{0,400}>>\s*stream\r?\n", content):
        try:
            piece = zlib.decompressobj().decompress(content[match.end() : match.end() + _LOOK], min(left, 4 << 20))
        except zlib.error:
            continue
        left -= len(piece)
        yield piece
        if left <= 0:
            return


def _in_package(path: Path) -> list[str]:
    """Office packages; an archive of other things has its members looked at one by one when it is opened."""
    found: dict[str, None] = {}
    left = _LOOK
    try:
        with zipfile.ZipFile(path) as package:
            names = {info.filename.lower() for info in package.infolist()[:_MAX_PARTS]}
            if "[content_types].xml" not in names and "mimetype" not in names:
                return []
            for info in package.infolist()[:_MAX_PARTS]:
                name = info.filename.lower()
                if name.endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith(("basic/", "scripts/")):
                    found["holds macros; they are never run"] = None
                elif "/activex/" in name:
                    found["holds controls; they are never run"] = None
                elif "/embeddings/" in name:
                    found["holds embedded files, which are not opened; ask for them apart"] = None
                elif name.endswith((".xml", ".rels")) and not info.flag_bits & 1 and left > 0:
                    with package.open(info) as part:
                        left -= _in_part(part, name, left, found)
    except files.BAD_ZIP:
        pass  # a damaged file is the readers' to tell
    return list(found)


def _in_part(part: IO[bytes], name: str, left: int, found: dict[str, None]) -> int:
    """Look through one part; how many bytes were."""
    size, tail = 0, b""
    sheet = name.startswith("xl/worksheets/") or name == "content.xml"
    linking = name.endswith(".rels")
    while size < left and (piece := part.read(_PIECE)):
        text = tail + piece
        if not size and b"<!doctype" in piece.replace(b"\x00", b"")[:4096].lower():
            found["declares a document type in a part; no entity of it is resolved"] = None
        if sheet and (b"<f>" in text or b"<f " in text or b"table:formula" in text):
            found["holds formulas, of which only the stored values are read"] = None
        if linking and re.search(rb"TargetMode\s*=\s*[\"']External", text):
            found["refers to places outside, which are never fetched"] = None
        size += len(piece)
        tail = text[-_OVERLAP:]
        if not sheet and not linking:
            break
    return size


def _in_ole(path: Path) -> list[str]:
    with path.open("rb") as file:
        content = file.read(_LOOK)
    found = []
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        found.append("holds macros; they are never run")
    if "__substg1.0_".encode("utf-16-le") in content:
        found.append("a message of Outlook, which is not opened; ask for it as .eml")
    return found


def _tail(head: bytes, path: str | Path) -> bytes:
    if len(head) < _PIECE:
        return head
    with Path(path).open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 66_000))
        return file.read()
