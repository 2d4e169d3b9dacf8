"""Licences of SPDX 3.0 as expressions: an expression, a listed or custom licence, or a set of them.

https://spdx.github.io/spdx-spec/v3.0.1/model/ExpandedLicensing/ExpandedLicensing/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assessor.evidence.readers.base import named, words
from assessor.evidence.readers.bills import licences

MAX_DEPTH = 50
"""Levels of sets inside sets; what is deeper is left out of the expression."""
_NOBODY = ("NoAssertionLicense", "NoneLicense", "NoAssertionElement", "NoneElement")
_SETS = {"ConjunctiveLicenseSet": " AND ", "DisjunctiveLicenseSet": " OR "}
_LISTED = re.compile(r"https?://(?:www\.)?spdx\.org/licenses/([^/#?]+?)(?:\.html|\.json)?/?")


class Licences:
    """Licence elements of one document; `element` finds one by a value that is or names it, `kind` tells its class."""

    def __init__(
        self, element: Callable[[object], Mapping[str, Any] | None], kind: Callable[[Mapping[str, Any]], str]
    ) -> None:
        self._element, self._kind = element, kind
        self._known: dict[str, str | None] = {}

    def of(self, values: Sequence[object]) -> tuple[str, licences.Proposal] | None:
        """Several licences of one package, which apply together, as one expression and the class that it proposes."""
        found = [text for each in values if (text := self._text(each, 0))]
        if not found:
            return None
        proposals = [licences.propose(text, self._names(text)) for text in found]
        if len(found) == 1:
            return found[0], proposals[0]
        return " AND ".join(f"({text})" if " OR " in text else text for text in found), licences.together(proposals)

    def missing(self, values: Sequence[object]) -> list[str]:
        """What is named as a licence and is neither in the document nor on the list of licences."""
        names = [each for each in values if isinstance(each, str) and self._element(each) is None]
        return [name for name in names if not _LISTED.fullmatch(name) and not name.endswith(_NOBODY)]

    def _names(self, text: str) -> dict[str, str]:
        """What the document calls the licences of its own in an expression."""
        own = re.findall(r"LicenseRef-[\w.-]+", text[: licences.LONGEST])
        return {name: self._known.get(f"name of {name}") or name for name in own}

    def _text(self, value: object, depth: int) -> str | None:
        if depth > MAX_DEPTH:
            return None
        name = value if isinstance(value, str) else ""
        if name and name in self._known:
            return self._known[name]
        if name:
            self._known[name] = None  # what a set says of itself, should it hold itself
        found = self._expressed(value, name, depth)
        if name:
            self._known[name] = found
        return found

    def _expressed(self, value: object, name: str, depth: int) -> str | None:
        element = self._element(value)
        if element is None:
            match = _LISTED.fullmatch(name)
            return named(match[1]) if match else None
        kind = self._kind(element)
        if kind in _SETS:
            members = [self._text(each, depth + 1) for each in _all(_of(element, "member"))]
            whole = _SETS[kind].join(each for each in members if each)[: licences.LONGEST]
            return f"({whole})" if len(members) > 1 and whole else whole or None
        if kind == "OrLaterOperator":
            plain = self._text(_of(element, "subjectLicense"), depth + 1)
            return f"{plain}+" if plain else None
        if kind == "WithAdditionOperator":
            plain = self._text(_of(element, "subjectExtendableLicense"), depth + 1)
            addition = self._text(_of(element, "subjectAddition"), depth + 1)
            return f"{plain} WITH {addition}" if plain and addition else plain
        if expression := named(_of(element, "licenseExpression")):
            return expression
        identifier = words(element.get("spdxId")) or name
        if match := _LISTED.fullmatch(identifier):
            return match[1]
        own = re.search(r"LicenseRef-[\w.-]+$", identifier)
        title = named(element.get("name")) or (words(_of(element, "licenseText")) or "")[:200]
        if own:
            self._known[f"name of {own[0]}"] = title or None
            return own[0]
        return title or None


def _of(element: Mapping[str, Any], name: str) -> Any:
    for profile in ("simplelicensing_", "expandedlicensing_", ""):
        if profile + name in element:
            return element[profile + name]
    return None


def _all(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
