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

from assessor.ownership.spelling import common, form_of, telling, words

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
        ("r", "l"),  # Korean and Japanese have one sound for both
        (r"(.)\1+", r"\1"),
    )
)


@dataclass(frozen=True)
class Read:
    """A name as it is compared: its words in English letters and those of them that are its own (no words of trade, no places),
    whether it has a legal form, whether another script writes it."""

    words: tuple[str, ...]
    own: tuple[str, ...]
    full: bool
    foreign: bool


def read(text: str, names: dict[str, str] | None = None) -> Read:
    """A normalised name; `names`: short names in other scripts and how they read (`Aliases.words`)."""
    found = tuple(words(text, names))
    return Read(found, tuple(word for word in found if not common(word)), bool(form_of(text)), _foreign(text))


def _foreign(text: str) -> bool:
    return bool(re.search(r"[^\W\d_a-z\u00df-\u024f]", text))


def likeness(one: Read, other: Read) -> int:
    """0 to 100. Below PROPOSAL_SCORE where a direction or a number stands in one name only ("North …", "No. 2 …")."""
    if not one.words or not other.words:
        return 0
    score = _alike(one, other)
    if (one.foreign or other.foreign) and one.foreign != other.foreign:
        score = max(score, _alike(_heard(one), _heard(other)) - 3)
    if score >= PROPOSAL_SCORE and any(telling(word) for word in set(one.words) ^ set(other.words)):
        return PROPOSAL_SCORE - 1
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


def _heard(name: Read) -> Read:
    return Read(tuple(map(_sound, name.words)), tuple(map(_sound, name.own)), name.full, name.foreign)


def _alike(one: Read, other: Read) -> int:
    a, b = one.words, other.words
    score = _ratio(a, b)
    if one.own and other.own:
        own = _ratio(one.own, other.own)
        if own < _ALIKE:  # unless it is a common word that is spelt wrong
            own = _ratio(_not_like(one.own, b, other.own), _not_like(other.own, a, one.own))
        if own < _ALIKE:
            score = min(score, own)
    elif one.own or other.own:
        score = min(score, 70)
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    name = one if short is a else other
    if name.own and set(short) < set(long):
        if len(short) > 1:
            score = max(score, _SHORTENED if one.full and other.full else _CONTAINED)
        elif not name.full and len(short[0]) > 2:
            score = max(score, _SHORTENED)
    if _abbreviated(a, b):
        score = max(score, _ABBREVIATED)
    return score


def _not_like(mine: Sequence[str], theirs: Sequence[str], apart: Sequence[str]) -> list[str]:
    """The words that are not like one of the other name's common words."""
    return [word for word in mine if not any(fuzz.ratio(word, w) >= _ALIKE for w in theirs if w not in apart)]


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
        pairs = np.sort(code[kept] * max(self.size, 1) + rows[: len(code)][kept])
        pairs = pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))] if len(pairs) else pairs
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
