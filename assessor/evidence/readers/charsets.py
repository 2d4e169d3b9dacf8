"""The encoding that the bytes of a file really have, found without holding the file in memory.

A byte-order mark decides; then zero bytes beside Latin letters; then whether all of it is UTF-8; then what the file
declares; then whether it looks like Chinese (GB 18030); and Windows-1252 as the last resort. Whatever was guessed, or
stands otherwise than the file declares, is a problem.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from assessor.evidence.readers.base import Problem, Unreadable

CHUNK = 1 << 18
_CONTROLS = bytes(each for each in range(32) if each not in b"\t\n\r\x0c")
_INSTEAD = "\ufffd".encode()
_ENOUGH = 10
"""Characters beyond ASCII that do not all happen to be UTF-8 when a text is something else."""
_HIGH = bytes(range(128, 256))
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass
class Charset:
    """How to decode a file: bytes of the mark to skip, the encoding, whether the bytes can be taken as they are, and
    what there is to say of that."""

    path: Path
    mark: int
    encoding: str
    plain: bool = False
    problems: list[Problem] = field(default_factory=list)

    def chunks(self) -> Iterator[bytes]:
        """The file as UTF-8, in pieces, without control characters."""
        with self.path.open("rb") as file:
            file.seek(self.mark)
            if self.plain:
                while piece := file.read(CHUNK):
                    yield piece
                return
            decoder = codecs.getincrementaldecoder(self.encoding)("replace")
            while piece := file.read(CHUNK):
                yield _clean(decoder.decode(piece))
            yield _clean(decoder.decode(b"", final=True))

    def lines(self, longest: int, told: Callable[[int], None]) -> Iterator[str]:
        """The lines of the file, each with its end as a line feed; line ends of every kind are line ends.

        Of a line with more than `longest` characters the rest is left out, and its number is `told`.
        """
        decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
        rest, number, cut = "", 0, False
        for piece in chain(self.chunks(), (b"",)):
            last = ""
            for line in io.StringIO(rest + decoder.decode(piece, final=not piece)):
                if line[-1] != "\n":
                    last = line
                    break
                number += 1
                if cut or len(line) > longest:
                    told(number)
                    line, cut = f"{line[:longest].rstrip()}\n", False
                yield line
            if len(last) > longest:
                last, cut = last[:longest], True
            rest = last
        if rest:
            if cut:
                told(number + 1)
            yield rest


def examine(path: Path, declares: re.Pattern[bytes] | None = None) -> Charset:
    """The charset of a file; `declares` finds what its first bytes say of it. Raises Unreadable for an empty file."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b" \t\r\n\0"):
        raise Unreadable("the file holds nothing but blanks" if head else "the file is empty")
    found = _of(path, head, declares)
    if "16" in found.encoding or "32" in found.encoding:
        return found
    with path.open("rb") as file:
        controls = sum(len(each) - len(each.translate(None, _CONTROLS)) for each in iter(lambda: file.read(CHUNK), b""))
    if controls:
        found.problems.append(Problem("", f"{controls} control characters stand in the file; they are not read"))
    found.plain = found.plain and not controls
    return found


def _of(path: Path, head: bytes, declares: re.Pattern[bytes] | None) -> Charset:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            sound = _fits(path, encoding, len(mark))
            found = Charset(path, len(mark), encoding, sound and encoding == "utf-8")
            if not sound:
                found.problems.append(Problem("", f"some characters cannot be decoded as {encoding}"))
            return found
    if wide := _wide(head):
        return Charset(path, 0, wide)
    declared = _declared(head, declares)
    if _fits(path, "utf-8"):
        found = Charset(path, 0, "utf-8", True)
        if declared and codecs.lookup(declared).name not in ("utf-8", "ascii") and not _fits(path, "ascii"):
            found.problems.append(Problem("", f"the file declares {declared} but is UTF-8, and is read as that"))
        return found
    if declared and codecs.lookup(declared).name != "utf-8" and _fits(path, declared):
        return Charset(path, 0, declared)
    lost, high = _lost(path)
    # most of what is not ASCII is sound UTF-8, or all that stands before the damage
    if lost * 4 < high or _begun(path) >= _ENOUGH:
        return Charset(path, 0, "utf-8", False, [Problem("", f"{lost} characters cannot be decoded as utf-8")])
    if _chinese(path):
        return Charset(path, 0, "gb18030", False, [Problem("", "not UTF-8, so read as GB 18030")])
    return Charset(path, 0, "cp1252", False, [Problem("", "not UTF-8, so read as Windows-1252")])


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by the zero bytes that stand beside Latin letters; empty when it is neither."""
    zeros = "".join("0" if head[place::4].count(0) * 4 > len(head) * 0.6 else "." for place in range(4))
    return {".000": "utf-32-le", "000.": "utf-32-be", ".0.0": "utf-16-le", "0.0.": "utf-16-be"}.get(zeros, "")


def _declared(head: bytes, declares: re.Pattern[bytes] | None) -> str:
    """The encoding that the file names, where Python knows it as one of text; otherwise empty."""
    match = declares.match(head) if declares else None
    name = match[1].decode("ascii", "replace") if match else ""
    try:
        codecs.getincrementaldecoder(name)("strict")
        return name if name and isinstance(b"".decode(name), str) else ""
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""


def _fits(path: Path, encoding: str, mark: int = 0) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            file.seek(mark)
            while piece := file.read(CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _begun(path: Path) -> int:
    """How many characters that are not ASCII stand in a file before the first place that is not UTF-8."""
    found = 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while piece := file.read(1 << 12):
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError:
                break
            found += len(text) - len(text.encode("ascii", "ignore"))
    return found


def _lost(path: Path) -> tuple[int, int]:
    """How many places of a file are not UTF-8, and how many of its bytes are not ASCII."""
    lost = high = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            high += len(piece) - len(piece.translate(None, _HIGH))
            lost += decoder.decode(piece).count("\ufffd")
    return lost + decoder.decode(b"", final=True).count("\ufffd"), high


def _chinese(path: Path) -> bool:
    """Whether a file is GB 18030: all of it decodes, its high bytes stand in pairs, and most of these are characters of the
    common level (first byte B0 to D7), which the accented letters of Latin text hardly ever look like."""
    if not _fits(path, "gb18030"):
        return False
    with path.open("rb") as file:
        runs = re.findall(rb"[\x80-\xff]+", file.read(1 << 20))
    pairs = [run[at] for run in runs if len(run) % 2 == 0 for at in range(0, len(run), 2)]
    high = sum(map(len, runs))
    common = sum(0xB0 <= lead <= 0xD7 for lead in pairs)
    return len(pairs) > 1 and 2 * len(pairs) >= 0.8 * high and common >= 0.6 * len(pairs)


def _clean(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if len(data.translate(None, _CONTROLS)) < len(data):
        for number in _CONTROLS:  # one after the other, each at once: a file may consist of them
            data = data.replace(bytes((number,)), _INSTEAD)
    return data
