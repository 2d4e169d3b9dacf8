"""What stands on a component besides its names: FCC identifiers and package URLs, checked for their shape."""

from __future__ import annotations

import re

_FCC = re.compile(r"(?:[A-Z][A-Z0-9]{2}|[0-9][A-Z0-9]{4})[A-Z0-9-]{1,14}")
_PURL = re.compile(r"pkg:/{0,2}([A-Za-z][A-Za-z0-9.+-]*)/\S")


def fcc_id_problem(text: str | None) -> str:
    """Why a text is no FCC ID, empty where it has the shape of one (§791.301 FCC ID; 47 CFR 2.926).

    A grantee code has three characters when it begins with a letter and five when it begins with a digit; a product code of at
    most 14 letters, digits and hyphens follows. Several, separated by "; " or a comma, are checked one by one.
    """
    for one in re.split(r"[;,]", text or ""):
        plain = re.sub(r"^\s*(?:FCC\s*ID\s*[:#]?\s*)?|\s+$", "", one, flags=re.IGNORECASE)
        if plain and not _FCC.fullmatch(plain):
            return f"{one.strip()[:40]!r} does not have the shape of an FCC ID (grantee code and product code)"
    return ""


def ecosystem(purl: str | None) -> str | None:
    """The type of a package URL in small letters: npm, maven, deb; None for what is none."""
    match = _PURL.match(purl or "")
    return match[1].lower() if match else None
