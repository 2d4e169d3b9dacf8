"""Text as XML can hold it: nothing is dropped, what cannot stand is shown; and exact numbers as text.

Every text that evidence, terms or people supply passes through `visible` before it reaches Word, XLSX or a picture.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_UNHOLDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")


def visible(text: str) -> str:
    r"""`text` with every character that XML 1.0 or Word cannot carry shown as a visible escape like `\u0000`.

    Shown are the control characters of C0 and C1 (NUL, BEL, VT, FF, ESC, DEL …) except tab and line feed, lone
    surrogates (what Python makes of file names that are not UTF-8), U+FFFE and U+FFFF. CR LF and a lone CR are line ends
    and become LF. Everything else, whatever the script or the direction, stays as it is; `visible` of its own result
    changes nothing.
    """
    if text.isprintable():  # so there is nothing to show; most texts are, and there are hundreds of thousands
        return text
    return _UNHOLDABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", _LINE_END.sub("\n", text))


def same_name(one: str, other: str) -> bool:
    """Whether two spellings of a person's name are one: case, accents, spaces, punctuation and the order of the words do not count.

    An initial is not taken for a first name that begins with it.
    """
    return _words(one) == _words(other)


def _words(name: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return sorted(re.findall(r"\w+", plain.casefold())) or [name]


def exact_text(value: Fraction) -> str:
    """A number as exact text: the shortest decimal, or numerator and denominator where none ends: "0.05", "1/3"."""
    rest, places = value.denominator, 0
    for factor in (2, 5):
        count = 0
        while rest % factor == 0:
            rest, count = rest // factor, count + 1
        places = max(places, count)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
