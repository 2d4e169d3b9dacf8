"""Short ways to write entities and interests for tests."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from assessor.evidence.tables import table
from assessor.ownership import Ownership, assess, exact

PRC_RUSSIA = frozenset({"CN", "HK", "MO", "RU"})
DAY = date(2026, 9, 30)


def company(name: str, country: str | None = "US", /, **more: Any) -> dict[str, Any]:
    """An organisation."""
    return {
        "entity": name,
        "name": f"{name} Holdings",
        "kind": "organisation",
        "incorporated": country,
        "source": "E-0001",
        "locator": f"/{name}",
        **more,
    }


def person(name: str, country: str = "US", /, **more: Any) -> dict[str, Any]:
    """A natural person, citizen and resident of one country."""
    return {
        "entity": name,
        "name": f"{name} Person",
        "kind": "person",
        "citizenship": country,
        "residence": country,
        "source": "E-0001",
        "locator": f"/{name}",
        **more,
    }


def stake(
    holder: str | None, subject: str, low: Any = None, high: Any = None, kind: str = "shareholding", **more: Any
) -> dict[str, Any]:
    """A direct interest. `low` alone is an exact share; "(0.5" excludes the end; fractions, decimals and texts are taken."""
    low_open, high_open = str(low).startswith("("), str(high).endswith(")")
    row = {
        "interest": f"{holder}-{subject}-{kind}",
        "holder": holder,
        "subject": subject,
        "kind": kind,
        "direct": True,
        "source": "E-0001",
        "locator": f"/{holder}-{subject}",
    }
    if low is not None:
        row |= {
            "min": share(low),
            "min_open": low_open,
            "max": share(low if high is None else high),
            "max_open": high_open,
        }
    return row | more


def share(value: Any) -> str:
    """The text of a share, without its marks of open ends."""
    return exact(value) if isinstance(value, Fraction) else str(value).strip("()")


def judge(entities: list[dict[str, Any]], interests: list[dict[str, Any]], **more: Any) -> Ownership:
    """The ownership with the usual countries, day and criterion."""
    terms = {
        "adversaries": PRC_RUSSIA,
        "as_of": DAY,
        "dominant_minority": Fraction(1, 4),
        "persons": "persons of the PRC or Russia",
    }
    return assess(table("entities", entities), table("interests", interests), **(terms | more))
