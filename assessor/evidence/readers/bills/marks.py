"""What stands on a component besides its names: FCC identifiers and package URLs, checked for their shape, and countries."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from assessor import rule as rules

_PURL = re.compile(r"pkg:/{0,2}([A-Za-z][A-Za-z0-9.+-]*)/\S")


def fcc_id_problem(text: str | None) -> str:
    """Why a text is no FCC ID, empty where each of those in it, separated by "; " or a comma, has the shape of one (§791.301)."""
    for one in re.split(r"[;,]", text or ""):
        plain = re.sub(r"^\s*(?:FCC\s*ID\s*[:#]?\s*)?|\s+$", "", one, flags=re.IGNORECASE)
        if plain and not _shape().fullmatch(plain.upper()):
            return f"{one.strip()[:40]!r} does not have the shape of an FCC ID (grantee code and product code)"
    return ""


@cache
def _shape() -> re.Pattern[str]:
    return re.compile(str(rules.load().constant("fcc_id_shape")))


@lru_cache(maxsize=4096)
def country(text: str | None) -> str | None:
    """The alpha-2 code of a country as it is written; None where no name is exactly that."""
    return rules.load().country(text)


def ecosystem(purl: str | None) -> str | None:
    """The type of a package URL in small letters: npm, maven, deb; None for what is none."""
    match = _PURL.match(purl or "")
    return match[1].lower() if match else None
