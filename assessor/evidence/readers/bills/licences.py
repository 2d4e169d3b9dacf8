"""A proposal from a licence text: open source, proprietary or unknown. The rule's exclusion asks for more (§791.301,
covered software: source available in its entirety, not modified and withheld), so this is never an answer by itself."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import license_expression

_OPEN = {"Permissive", "Copyleft", "Copyleft Limited", "Public Domain"}
_CLOSED = {"Commercial", "Proprietary Free"}
_LIST = re.compile(r"[,;/|&\n]+")
LONGEST = 4000
"""Characters of a licence expression; what is longer is the text of a licence."""
_ALL = re.compile(r"[A-Za-z0-9.+-]++(?: AND [A-Za-z0-9.+-]++)++")
"""Licences that apply together, each a plain identifier: an expression that needs no parser."""
_OPERATORS = {"and", "or", "with"}
_CLOSED_WORDS = re.compile(
    r"proprietary|commercial|all rights reserved|\beula\b|closed[ -]source|confidential", re.IGNORECASE
)


@dataclass(frozen=True)
class Proposal:
    """What a licence text proposes: `open_source`, `proprietary` or `unknown`, and why."""

    kind: str
    reason: str


def propose(text: str | None, names: Mapping[str, str] | None = None) -> Proposal:
    """The class of an SPDX expression, an identifier or a licence name.

    `names` gives the names of licences that the document defines itself (LicenseRef-…). Of alternatives (OR) the open one
    may be chosen; of licences that apply together (AND) one proprietary makes the whole proprietary.
    """
    if not text:
        return Proposal("unknown", "no licence is stated")
    if len(text) > LONGEST:
        return Proposal("unknown", f"the licence is a text of {len(text)} characters and no expression")
    return _propose(text, tuple(sorted((names or {}).items())))


def together(proposals: Sequence[Proposal]) -> Proposal:
    """Several licences of one component, which apply together unless it says otherwise."""
    for kind in ("proprietary", "unknown", "open_source"):
        if alike := [each for each in proposals if each.kind == kind]:
            return Proposal(kind, "; ".join(dict.fromkeys(each.reason for each in alike)))
    return propose(None)


@lru_cache(maxsize=100_000)
def _propose(text: str, names: tuple[tuple[str, str], ...]) -> Proposal:
    try:
        if _ALL.fullmatch(text) and not _OPERATORS & set(text.casefold().split(" ")[::2]):
            found = together([_of(_symbol(part), dict(names)) for part in text.split(" AND ")])
        else:
            parsed = _licensing().parse(text)
            found = _of(parsed, dict(names)) if parsed is not None else Proposal("unknown", "no licence is stated")
    except Exception:  # the parser's own errors on odd text are many; a name that is no expression is merely unknown
        found = _by_words(text, text)
    return found if found.kind != "unknown" else _several(text) or found


def _symbol(text: str) -> object:
    """A single identifier as the parser understands it, which takes time only where it knows it."""
    return _parsed(text) if text.casefold() in _identifiers() else text


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> object:
    return _licensing().parse(text)


@cache
def _identifiers() -> frozenset[str]:
    """All identifiers and other names that the parser knows, in small letters."""
    symbols = _licensing().known_symbols.values()
    return frozenset(name.casefold() for symbol in symbols for name in (symbol.key, *symbol.aliases))


def _several(text: str) -> Proposal | None:
    """Licences that a list of identifiers names, against the specification; None unless each is on the list of licences."""
    each = [part.strip() for part in _LIST.split(text)]
    if len(each) < 2 or not all(part.casefold() in _categories() for part in each):
        return None
    told = together([_propose(part, ()) for part in each])
    return Proposal(told.kind, f"several licences stand in one text, and each is taken to apply: {told.reason}")


def _of(node: object, names: Mapping[str, str]) -> Proposal:
    if isinstance(node, license_expression.LicenseWithExceptionSymbol):
        return _of(node.license_symbol, names)
    if isinstance(node, license_expression.OR):
        found = [_of(each, names) for each in node.args]
        return next((each for kind in ("open_source", "unknown") for each in found if each.kind == kind), found[0])
    if isinstance(node, license_expression.AND):
        return together([_of(each, names) for each in node.args])
    symbol = str(getattr(node, "key", node))
    category = _categories().get(symbol.casefold(), "")
    if category in _OPEN:
        return Proposal("open_source", f"{symbol} is a licence of the class {category.lower()}")
    if category in _CLOSED:
        return Proposal("proprietary", f"{symbol} is a licence of the class {category.lower()}")
    if category:
        return Proposal("unknown", f"{symbol} is a licence of the class {category.lower()}")
    return _by_words(names.get(symbol, "") or symbol, symbol)


def _by_words(text: str, shown: str) -> Proposal:
    """By the words of a licence that the list of licences does not know."""
    if word := _CLOSED_WORDS.search(text):
        return Proposal("proprietary", f"{shown[:80]} is on no list of licences and its name says {word[0]!r}")
    return Proposal("unknown", f"{shown[:80]} is on no list of licences")


@cache
def _licensing() -> license_expression.Licensing:
    return license_expression.get_spdx_licensing()


@cache
def _categories() -> dict[str, str]:
    """Licence key (small letters) to its category, from the list that comes with license-expression."""
    index = importlib.resources.files(license_expression) / "data" / "scancode-licensedb-index.json"
    found: dict[str, str] = {}
    for entry in json.loads(index.read_text("utf-8")):
        for name in (
            entry.get("spdx_license_key"),
            entry["license_key"],
            *(entry.get("other_spdx_license_keys") or ()),
        ):
            if name:
                found.setdefault(name.casefold(), entry.get("category") or "")
    return found
