"""A proposal from a licence text: open source, proprietary or unknown. The rule's exclusion asks for more (§791.301,
covered software: source available in its entirety, not modified and withheld), so this is never an answer by itself."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Mapping
from functools import cache

import license_expression

_OPEN = {"Permissive", "Copyleft", "Copyleft Limited", "Public Domain"}
_CLOSED = {"Commercial", "Proprietary Free"}
_CLOSED_WORDS = re.compile(
    r"proprietary|commercial|all rights reserved|\beula\b|closed[ -]source|confidential", re.IGNORECASE
)


def classify(text: str | None, names: Mapping[str, str] | None = None) -> str:
    """`open_source`, `proprietary` or `unknown` for an SPDX expression, an identifier or a licence name.

    `names` gives the names of licences that the document defines itself (LicenseRef-…). Of alternatives (OR) the open one
    may be chosen; of licences that apply together (AND) one proprietary makes the whole proprietary.
    """
    if not text or len(text) > 4000:
        return "unknown"
    return _classify(text, tuple(sorted((names or {}).items())))


@cache
def _classify(text: str, names: tuple[tuple[str, str], ...]) -> str:
    try:
        parsed = _licensing().parse(text)
        return _of(parsed, dict(names)) if parsed is not None else "unknown"
    except Exception:  # the parser's own errors on odd text are many; a name that is no expression is merely unknown
        return "proprietary" if _CLOSED_WORDS.search(text) else "unknown"


def _of(node: object, names: Mapping[str, str]) -> str:
    if isinstance(node, license_expression.LicenseWithExceptionSymbol):
        return _of(node.license_symbol, names)
    if isinstance(node, license_expression.OR):
        found = {_of(each, names) for each in node.args}
        return "open_source" if "open_source" in found else "unknown" if "unknown" in found else "proprietary"
    if isinstance(node, license_expression.AND):
        found = {_of(each, names) for each in node.args}
        return "proprietary" if "proprietary" in found else "unknown" if "unknown" in found else "open_source"
    symbol = str(getattr(node, "key", node))
    category = _categories().get(symbol.casefold(), "")
    if category in _OPEN:
        return "open_source"
    closed = category in _CLOSED or _CLOSED_WORDS.search(names.get(symbol, "") or symbol)
    return "proprietary" if closed else "unknown"


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
