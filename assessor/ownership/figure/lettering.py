"""Widths and lines of text without a font file: what fits into a box fits whichever of the usual fonts draws it.

Widths are those of DejaVu Sans Bold, one of the widest fonts in use, in hundredths of the font size. Other scripts are taken
at their widest letters, so that a line may come out shorter than reckoned and never longer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from assessor.text import visible

_WIDTHS = {
    letter: width
    for width, letters in (
        (34, "ijl'"),
        (38, " /IJ\\|,."),
        (46, ":;-f!()[]"),
        (50, "tr_`"),
        (60, '"*?zcs'),
        (69, "LvxyakEFTeo"),
        (73, "$0123456789hnu{}SYbdgpqCPZ"),
        (78, "BAKRVX"),
        (87, "UGD#+<=>HN^~OQ&"),
        (100, "w%@M"),
        (110, "mW"),
    )
    for letter in letters
}
_CYRILLIC = {
    letter: width
    for letters, width in (
        ("абвгеёзийклнопрстухцчъьэя", 76),
        ("дмы", 90),
        ("жшщфю", 112),
        ("АБВГДЕЁЗИЙКЛНОПРСТУХЦЧЪЬЭЯ", 94),
        ("ЖМФШЩЫЮ", 133),
    )
    for letter in letters
}
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WORDS = re.compile(r"[^\s\-]*-+|\S+")


def shown(text: str) -> str:
    """Client text for one line: control characters and marks of direction as visible escapes, white space as one space."""
    return " ".join(_DIRECTION.sub(lambda mark: f"\\u{ord(mark.group()):04x}", visible(text)).split())


def apart(text: str) -> str:
    """Client text for a place inside a sentence: where it is written from the right, its direction ends with it."""
    told = shown(text)
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in told)
    return f"\u2068{told}\u2069" if turned else told


def width(text: str, size: float) -> float:
    """The width of a line at most, in the unit of `size`."""
    return sum(map(_width, text)) * size / 100


def _width(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 100
    if letter in _CYRILLIC:
        return _CYRILLIC[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    if base in _WIDTHS:
        return _WIDTHS[base] + 16  # a mark may stand beside the letter
    return 140 if letter.isalpha() else 110


def lines(text: str, size: float, room: float, most: int) -> list[str]:
    """The text in lines no wider than `room`, broken at spaces and hyphens, and inside words that are longer; what does not
    fit into `most` lines ends in an ellipsis."""
    found: list[str] = []
    line = ""
    for start, piece in _pieces(text, size, room):
        joined = f"{line} {piece}" if start and line else line + piece
        if line and width(joined, size) > room:
            found.append(line)
            line = piece
        else:
            line = joined
        if len(found) > most:
            break
    found.append(line)
    if len(found) > most:
        last = found[most - 1]
        while last and width(f"{last}…", size) > room:
            last = last[:-1]
        found = [*found[: most - 1], f"{last.rstrip()}…"]
    return found


def _pieces(text: str, size: float, room: float) -> list[tuple[bool, str]]:
    """What a line may not break inside of, each with whether a space stands before it."""
    pieces: list[tuple[bool, str]] = []
    for found in _WORDS.finditer(text):
        start, word = found.start() == 0 or text[found.start() - 1].isspace(), found.group()
        while width(word, size) > room or (_breaks(word) and len(word) > 1):
            at = 1
            if not _breaks(word):
                while width(word[: at + 1], size) <= room:
                    at += 1
            pieces.append((start, word[:at]))
            start, word = False, word[at:]
        pieces.append((start, word))
    return pieces


def _breaks(word: str) -> bool:
    """Whether a line may break after the first letter: Chinese, Japanese and Korean need no space."""
    return unicodedata.east_asian_width(word[0]) in "WF"


def ranges(listed: Iterable[int]) -> str:
    """Numbers, rows of them by their ends: `4–60, 62`."""
    told: list[list[int]] = []
    for number in sorted(set(listed)):
        if told and told[-1][1] == number - 1:
            told[-1][1] = number
        else:
            told.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}, {b}" if b == a + 1 else f"{a}–{b}" for a, b in told)
