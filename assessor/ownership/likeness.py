"""How alike two names are, from 0 to 100, and which of very many names are worth that comparison.

A likeness only proposes. It looks at the words in English letters, in any order and without the legal form, and takes
words of trade and places for what they are: two names that share nothing but "Shenzhen … Technology" are not alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from assessor.ownership.spelling import common, legal_form, telling, words

PROPOSAL_SCORE = 85  # of 100; proposals only, so it costs a question and never a wrong merge
_ALIKE = 80  # two words are one word in two spellings
_CONTAINED, _SHORTENED, _ABBREVIATED = 90, 86, 88
_TOP = 40  # names kept by the sieve, by each of two orders

# Sounds that transliterations write differently; for names of which one stands in another script
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ks", "x"),
        ("shch|sch|sh", "s"),
        ("kh|gh", "h"),
        ("tch|ch|ts|tz", "c"),
        ("zh", "z"),
        ("ph", "f"),
        ("[jy](?=[aeou])|i(?=[aeou])", "i"),
        ("[iy]{2,}|y|j", "i"),
        ("w", "v"),
        ("c?k|q", "k"),
        ("r?l", "l"),
        (r"(.)\1+", r"\1"),
    )
)


@dataclass(frozen=True)
class Read:
    """A name as it is compared: its words in English letters, whether it has a legal form, whether another script writes it."""

    words: tuple[str, ...]
    full: bool
    foreign: bool


def read(text: str, names: dict[str, str] | None = None) -> Read:
    """A normalised name; `names`: short names in other scripts and how they read (`Aliases.words`)."""
    return Read(tuple(words(text, names)), bool(legal_form(text)), _foreign(text))


def _foreign(text: str) -> bool:
    return bool(re.search(r"[^\W\d_a-z\u00df-\u024f]", text))


def likeness(one: Read, other: Read) -> int:
    """0 to 100. Below PROPOSAL_SCORE where a direction or a number stands in one name only ("North …", "No. 2 …")."""
    if not one.words or not other.words:
        return 0
    score = _alike(one, other)
    if (one.foreign or other.foreign) and one.foreign != other.foreign:
        heard, also = (Read(tuple(_sound(w) for w in name.words), name.full, False) for name in (one, other))
        score = max(score, _alike(heard, also, (one.words, other.words)) - 3)
    only = set(one.words) ^ set(other.words)
    if any(telling(word) for word in only):
        score = min(score, PROPOSAL_SCORE - 1)
    return score


def apart(one: Read, other: Read) -> tuple[str, ...]:
    """The words of two names that have no like in the other, in the order in which they stand."""
    if one.foreign != other.foreign:
        heard = {word: _sound(word) for word in (*one.words, *other.words)}
    else:
        heard = {word: word for word in (*one.words, *other.words)}
    if "".join(sorted(one.words)) == "".join(sorted(other.words)) or "".join(one.words) == "".join(other.words):
        return ()
    found = [
        word
        for mine, theirs in ((one.words, other.words), (other.words, one.words))
        for word in mine
        if not any(_same_word(heard[word], heard[w]) for w in theirs)
    ]
    return tuple(dict.fromkeys(found))


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return fuzz.ratio(one, other) >= _ALIKE or (len(short) > 3 and long.startswith(short))


def _alike(one: Read, other: Read, plain: tuple[Sequence[str], Sequence[str]] | None = None) -> int:
    a, b = one.words, other.words
    # which words are common is known of their spelling, not of their sound
    apart_a, apart_b = (
        [word for word, spelt in zip(each, spelling, strict=True) if not common(spelt)]
        for each, spelling in zip((a, b), plain or (a, b), strict=True)
    )
    score = _ratio(a, b)
    if apart_a and apart_b:
        if (own := _ratio(apart_a, apart_b)) < _ALIKE:
            score = min(score, own)
    elif apart_a or apart_b:
        score = min(score, 70)
    (short, long), (few, _) = sorted(((a, b), (b, a)), key=lambda pair: len(pair[0]))
    name, own_words = (one, apart_a) if short is a else (other, apart_b)
    if few and own_words and set(short) < set(long):
        if len(short) > 1:
            score = max(score, _SHORTENED if one.full and other.full else _CONTAINED)
        elif not name.full and len(short[0]) > 2:
            score = max(score, _SHORTENED)
    if _abbreviated(a, b):
        score = max(score, _ABBREVIATED)
    return score


def _ratio(a: Sequence[str], b: Sequence[str]) -> int:
    return round(max(fuzz.ratio(" ".join(sorted(a)), " ".join(sorted(b))), fuzz.ratio("".join(a), "".join(b))))


def _abbreviated(one: Sequence[str], other: Sequence[str]) -> bool:
    """Every word of the one name is a word of the other or begins one ("Halcyon Taipei Micro")."""
    if len(one) < 2 or len(one) != len(other):
        return False
    left = list(other)
    for word in one:
        hit = next(
            (
                w
                for w in left
                if w == word or (len(word) > 3 and w.startswith(word)) or (len(w) > 3 and word.startswith(w))
            ),
            None,
        )
        if hit is None:
            return False
        left.remove(hit)
    return True


def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


_LETTERS = np.full(256, 37, dtype=np.int64)
_LETTERS[[ord(c) for c in " abcdefghijklmnopqrstuvwxyz0123456789"]] = np.arange(37)
_CODES = 38**3


class Sieve:
    """Many names, indexed by the groups of three letters in their words, to find the few that resemble one.

    Each group weighs by how few names have it; what nearly all names have is not looked at. Integers throughout, so that
    the same names give the same answer everywhere.
    """

    def __init__(self, listed: Sequence[Read]) -> None:
        self.size = len(listed)
        texts = [f" {' '.join(name.words)} ".encode("ascii") for name in listed]
        lengths = np.array([len(text) + 1 for text in texts], dtype=np.int64)
        letters = _LETTERS[np.frombuffer(b"\0".join(texts) + b"\0", dtype=np.uint8)] if texts else np.empty(0, np.int64)
        rows = np.repeat(np.arange(self.size, dtype=np.int64), lengths)
        code = _grams(letters)
        kept = code >= 0
        pairs = np.unique(code[kept] * max(self.size, 1) + rows[: len(code)][kept])
        self._rows = (pairs % max(self.size, 1)).astype(np.int32)
        self._starts = np.searchsorted(pairs // max(self.size, 1), np.arange(_CODES + 1))
        count = np.diff(self._starts)
        self._weight = np.array([(self.size // int(n)).bit_length() if n else 0 for n in count], dtype=np.int64)
        self._total = np.zeros(self.size, dtype=np.int64)
        np.add.at(self._total, self._rows, np.repeat(self._weight, count))

    def near(self, name: Read) -> list[int]:
        """Positions of the names that share most with this one, in their order."""
        text = f" {' '.join(name.words)} ".encode("ascii")
        code = np.unique(_grams(_LETTERS[np.frombuffer(text, dtype=np.uint8)])) if name.words else np.empty(0, np.int64)
        code = code[(code >= 0) & (self._weight[code] > 0)]
        if not len(code):
            return []
        often = np.diff(self._starts)[code]
        rare = code[often <= max(200, self.size // 50)]
        code = rare if len(rare) > 2 else code
        pieces = [self._rows[self._starts[c] : self._starts[c + 1]] for c in code]
        weights = np.repeat(self._weight[code], [len(piece) for piece in pieces])
        shared = np.bincount(np.concatenate(pieces), weights, self.size).astype(np.int64)
        found = np.flatnonzero(shared)
        own = int(self._weight[code].sum())
        part = shared[found]
        kept = set()
        for order in (part, 1000 * part // (own + self._total[found])):
            best = np.lexsort((found, -order))[:_TOP]
            kept.update(found[best].tolist())
        return sorted(kept)


def _grams(letters: np.ndarray) -> np.ndarray:
    """The code of each group of three letters; -1 where it would reach over the end of a name."""
    if len(letters) < 3:
        return np.empty(0, dtype=np.int64)
    code: np.ndarray = letters[:-2] * 38 * 38 + letters[1:-1] * 38 + letters[2:]
    over = (letters[:-2] == 37) | (letters[1:-1] == 37) | (letters[2:] == 37)
    code[over] = -1
    return code
