"""How a name is written: levelled for comparison, its legal form, and its words in English letters whatever its script.

What is levelled is spelling only: two names that `normalise` alike are one name. `words` loses more (scripts, abbreviations,
languages of trade) and serves proposals only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from anyascii import anyascii

_T = TypeVar("_T")

_HAN = "\u3005\u3040-\u30ff\u3400-\u9fff"
_HANGUL = "\uac00-\ud7af"
_BRACKETED = {"(주)": "주식회사", "(유)": "유한회사", "(株)": "株式会社", "(有)": "有限会社"}


@dataclass(frozen=True)
class _Data:
    """spelling.yaml, turned for look-up."""

    forms: dict[
        str, list[str]
    ]  # short spellings by their last word, longest first; "": those that may follow without a space
    same: dict[str, list[tuple[str, str]]]  # longer spellings, likewise, each with the short one
    leading: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]  # what may stand before a Russian name, and the form to write behind it
    translated: dict[str, list[str]]  # a form to what is written for it in another language
    words: dict[str, str]  # a word of trade or a place in any spelling to the one that stands for it
    common: frozenset[str]
    telling: frozenset[str]
    foreign: re.Pattern[str]  # those of them that other scripts write


@cache
def _data() -> _Data:
    with (Path(__file__).parent / "spelling.yaml").open(encoding="utf-8") as file:
        told: dict[str, Any] = yaml.safe_load(file)
    longer = [(spelling, form) for form, spellings in told["forms"].items() for spelling in spellings]
    words = {word: line[0] for line in (*told["places"], *told["trade"]) for word in line}
    leading = sorted(told["leading"], key=lambda f: (-len(f), f))
    same: dict[str, list[tuple[str, str]]] = {}
    for spelling, form in sorted(longer, key=lambda pair: (-len(pair[0]), pair[0])):
        same.setdefault(_last(spelling), []).append((spelling, form))
    forms: dict[str, list[str]] = {}
    for form in sorted(told["forms"], key=lambda f: (-len(f), f)):
        forms.setdefault(_last(form), []).append(form)
    return _Data(
        forms,
        same,
        tuple(leading),
        tuple(
            (f"{spelling} ", form)
            for form in leading
            if re.match("[а-я]", form)
            for spelling in (*told["forms"][form], form)
        ),
        told["translated"],
        words,
        frozenset(part for word in words.values() for part in word.split()),
        frozenset(told["telling"]),
        _longest_first(word for word in words if not word.isascii() and re.search(rf"[{_HAN}{_HANGUL}]", word)),
    )


def normalise(name: str) -> str:
    """A name for comparison: full-width forms, case, punctuation and spaces are levelled, the legal form stays.

    `Co.,Ltd.` and `Company Limited` are `co ltd`, `B.V.` is `bv`, `（深圳）` is `深圳`, `(주)` is `주식회사`; a Russian form
    stands behind the name, wherever it was written.
    """
    if name.isascii():
        text = name.casefold()
    else:
        text = unicodedata.normalize("NFKC", name).casefold()
        for short, form in _BRACKETED.items():
            text = text.replace(short, f" {form} ")
    text = text.replace("&", " and ")
    text = re.sub(r"(?<=\w\w)\.(?=\w\w)", " ", text)
    text = re.sub(r"[.'’`´]", "", text)
    text = re.sub(r"[\W_]+", " ", text).strip()
    if not text.isascii():
        text = re.sub(rf"(?<=[{_HAN}{_HANGUL}]) (?=[{_HAN}{_HANGUL}])", "", text)
    return _short_form(text)


def _short_form(text: str) -> str:
    """The text with its legal form in the short spelling."""
    data = _data()
    for spelling, form in _ending(data.same, text):
        if text.endswith(spelling) and _apart(text[: -len(spelling)], spelling):
            text = text[: -len(spelling)] + form
            break
    if not text.isascii():
        for spelling, form in data.moved:
            if text.startswith(spelling):
                return f"{text[len(spelling) :]} {form}"
    return text


def _last(form: str) -> str:
    """The word by which a form is looked for; empty for one that may follow without a space."""
    return "" if re.match(rf"[{_HAN}{_HANGUL}]", form) else form.rsplit(" ", 1)[-1]


def _ending(forms: dict[str, list[_T]], text: str) -> list[_T]:
    found = forms.get(text[text.rfind(" ") + 1 :], [])
    return found if text.isascii() else [*found, *forms.get("", [])]


def legal_form(name: str) -> str:
    """The legal form that the name ends with, or in some languages begins with (`co ltd`, `株式会社`); or nothing."""
    return form_of(normalise(name))


def form_of(text: str) -> str:
    """The legal form of a name that is normalised already."""
    return _split(text)[1]


def form_words(one: str, other: str) -> str:
    """What two legal forms say against each other, in words; empty where they agree."""
    if one == other:
        return ""
    told = f"{one or 'none'} / {other or 'none'}"
    translated = _data().translated
    if other in translated.get(one, ()) or one in translated.get(other, ()):
        return f"legal form in two languages: {told}"
    return f"legal form differs: {told}"


def core(text: str) -> str:
    """A normalised name without its legal form; the form itself where there is nothing else."""
    return _split(text)[0] or text


@lru_cache(maxsize=4096)
def _split(text: str) -> tuple[str, str]:
    data = _data()
    for form in _ending(data.forms, text):
        if text.endswith(form) and _apart(text[: -len(form)], form):
            return text[: -len(form)].strip(), form
    for form in data.leading if text.startswith(data.leading) else ():
        if text.startswith(form) and ((len(form) > 3 and not form.isascii()) or text[len(form) : len(form) + 1] == " "):
            return text[len(form) :].strip(), form
    return text, ""


def _apart(before: str, form: str) -> bool:
    """Whether the form is a word of its own: Chinese and Korean write the longer ones without a space."""
    return not before or before[-1] == " " or bool(re.match(rf"[{_HAN}{_HANGUL}]{{4}}", form))


def words(text: str, names: dict[str, str] | None = None) -> list[str]:
    """The words of a normalised name in English letters, in their order, without the legal form.

    Words of trade and places stand for their spellings and translations, `names` (an alias in another script to the word to
    write for it) for theirs; everything else is transliterated.
    """
    text = core(text)
    data = _data()
    if not text.isascii():
        text = _replaced(text, names or {}, _of(tuple(names or ())))
        text = _replaced(text, data.words, data.foreign)
        text = " ".join(data.words.get(word, word) for word in text.split())
        text = re.sub(r"[^a-z0-9]+", " ", anyascii(text).casefold().replace("'", ""))
    return [part for word in text.split() for part in data.words.get(word, word).split()]


def common(word: str) -> bool:
    """Whether a word says little: a word of trade, a place, a single letter."""
    return word in _data().common or len(word) < 2


def telling(word: str) -> bool:
    """Whether a word more changes who is meant: a direction ("North Korea"), or a number."""
    return word in _data().telling or word.isdigit()


def _replaced(text: str, known: dict[str, str], pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda hit: f" {known[hit[0]]} ", text)


@cache
def _of(listed: tuple[str, ...]) -> re.Pattern[str]:
    return _longest_first(word for word in listed if not word.isascii())


def _longest_first(listed: Any) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(w) for w in sorted(listed, key=lambda w: (-len(w), w))) or "(?!)")
