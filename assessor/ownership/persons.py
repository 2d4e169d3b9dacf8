"""Who an entity is by its own facts: limbs (1) to (3) of the person definition (§791.301), and whether it is a U.S. person.

Limb (4), control by others, is in `control.py`. Each answer comes with its reason and with the facts that nobody stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from assessor.ownership.merge import Entity
from assessor.results import Determination

ESTABLISHED, POSSIBLE, EXCLUDED = Determination.ESTABLISHED, Determination.POSSIBLE, Determination.EXCLUDED

# §791.301 "United States": the States, commonwealths, territories, dependencies and possessions
UNITED_STATES = frozenset({"US", "AS", "GU", "MP", "PR", "UM", "VI"})


@dataclass(frozen=True)
class Finding:
    """A determination, why, which unstated facts limit it and which would settle it."""

    determination: Determination
    reason: str
    limits: tuple[str, ...] = ()
    settled_by: tuple[str, ...] = ()


def is_organisation(entity: Entity) -> bool:
    """An organisation, an arrangement, or something of unknown kind that has an organisation's facts or none at all."""
    if entity.kind == "unknown":
        return bool(entity.incorporated) or not (entity.citizenship or entity.residence)
    return entity.kind in ("organisation", "arrangement")


def own_limbs(entity: Entity, countries: frozenset[str], spell: Callable[[str], str] = str) -> dict[str, Finding]:
    """Limbs "1" to "3" on the entity's own facts; `spell` turns a country's code into its name in sentences.

    What others do to it (direction, financing, control) is not seen here.
    """
    one = Finding(EXCLUDED, "no direction or financing is stated")
    none = Finding(EXCLUDED, "")
    if entity.kind == "state":
        return {"1": _state(entity, countries, spell), "2": none, "3": none}
    if not entity.described:
        unknown = Finding(
            POSSIBLE,
            f"{entity.name} is mentioned and nowhere described",
            settled_by=(f"who {entity.name} is: country of organisation, or citizenship and residence",),
        )
        return {"1": one, "2": none, "3": unknown}
    if entity.kind == "unknown":
        return {"1": one, "2": none, "3": _of_unknown_kind(entity, countries, spell)}
    if is_organisation(entity):
        return {"1": one, "2": none, "3": limb3(entity, countries, spell)}
    return {"1": one, "2": limb2(entity, countries, spell), "3": none}


def open_places(entity: Entity, countries: frozenset[str]) -> tuple[str, ...]:
    """The questions that sources leave open when they differ on a place: `principal_place` of an organisation, `residence` of a
    person, within the countries by some and elsewhere by others. None where another fact decides the limb anyway."""
    if not entity.described or entity.kind == "state":
        return ()
    if is_organisation(entity):
        decided = any(values and set(values) <= countries for values in (entity.incorporated, entity.headquarters))
        return () if decided or not _differ(entity.principal_place, countries) else ("principal_place",)
    decided = us_status(entity) is True or bool(set(entity.citizenship) & countries)
    return () if decided or not _differ(entity.residence, countries) else ("residence",)


def judged_places(entity: Entity, countries: frozenset[str], answers: Mapping[str, str]) -> Entity:
    """The entity with the places on which sources differ as the assessor answered: within the countries, or elsewhere."""

    def kept(place: str, stated: tuple[str, ...]) -> tuple[str, ...]:
        answer = answers.get(place)
        return tuple(c for c in stated if answer not in ("yes", "no") or (c in countries) is (answer == "yes"))

    return replace(
        entity,
        principal_place=kept("principal_place", entity.principal_place),
        residence=kept("residence", entity.residence),
    )


def _differ(stated: tuple[str, ...], countries: frozenset[str]) -> bool:
    return bool(set(stated) & countries) and not set(stated) <= countries


def _of_unknown_kind(entity: Entity, countries: frozenset[str], spell: Callable[[str], str] = str) -> Finding:
    """A holder of which a source gives a country and not whether it is an organisation or a person.

    Nobody is called a person of one of the countries on that: for an organisation the country settles limb (3), for a
    person U.S. citizenship or permanent residence could still exclude limb (2).
    """
    taken = limb3(entity, countries, spell) if is_organisation(entity) else limb2(entity, countries, spell)
    if taken.determination is EXCLUDED:
        return Finding(
            EXCLUDED,
            taken.reason,
            (*taken.limits, f"{entity.name} is taken as an organisation; its kind is not stated"),
        )
    what = f"whether {entity.name} is an organisation or a person"
    return Finding(POSSIBLE, f"{taken.reason}; {what} is not stated", taken.limits, (*taken.settled_by, what))


def limb2(entity: Entity, countries: frozenset[str], spell: Callable[[str], str] = str) -> Finding:
    """Person limb (2): citizen or resident of one of the countries and neither U.S. citizen nor U.S. permanent resident.

    Nobody's U.S. status follows from silence, with one exception that is stated as a limit: who resides outside the United
    States, with citizenships known that do not include it, is taken to have none.
    """
    status = us_status(entity)
    if status:
        return Finding(EXCLUDED, f"{entity.name} is a U.S. citizen or permanent resident")
    ties = sorted(set(entity.citizenship) & countries), sorted(set(entity.residence) & countries)
    if not ties[0] and _differ(entity.residence, countries):
        return Finding(
            POSSIBLE,
            f"sources differ on whether {entity.name} is resident of {_listed(ties[1], spell)}",
            settled_by=(f"current residence of {entity.name}",),
        )
    tied = ", ".join([f"citizen of {spell(c)}" for c in ties[0]] + [f"resident of {spell(c)}" for c in ties[1]])
    if tied and status is False:
        return Finding(ESTABLISHED, f"{entity.name} is {tied} (person limb (2))")
    if tied and entity.citizenship and entity.residence and not set(entity.residence) & UNITED_STATES:
        return Finding(
            ESTABLISHED,
            f"{entity.name} is {tied} (person limb (2))",
            (
                f"U.S. permanent residence of {entity.name} is not stated; residence in {_listed(entity.residence, spell)} is",
            ),
        )
    if tied:
        return Finding(
            POSSIBLE,
            f"{entity.name} is {tied}; U.S. status is not stated",
            settled_by=(f"whether {entity.name} is a U.S. citizen or permanent resident",),
        )
    missing = [fact for fact in ("citizenship", "residence") if not getattr(entity, fact)]
    if missing:
        words = " and ".join(missing)
        return Finding(
            POSSIBLE,
            f"{words} of {entity.name} {'are' if len(missing) > 1 else 'is'} not stated",
            settled_by=(f"{words} of {entity.name}",),
        )
    return Finding(EXCLUDED, f"{entity.name} is a citizen and resident elsewhere")


def limb3(entity: Entity, countries: frozenset[str], spell: Callable[[str], str] = str) -> Finding:
    """Person limb (3): organised, headquartered or with its principal place of business in one of the countries.

    Registers state where an organisation is organised and seldom where it is run. Where the former is known and elsewhere,
    the limb is excluded on the evidence and the unstated places are listed as a limit; where it is unknown, the limb is
    possible.
    """
    stated = {
        "is organised in": entity.incorporated,
        "has its headquarters in": entity.headquarters,
        "has its principal place of business in": entity.principal_place,
    }
    mixed = []
    for how, values in stated.items():
        within = sorted(set(values) & countries)
        if within and len(within) == len(values):
            return Finding(ESTABLISHED, f"{entity.name} {how} {_listed(within, spell)} (person limb (3))")
        if within:
            mixed.append(f"sources differ on whether {entity.name} {how} {_listed(within, spell)}")
    if mixed:
        return Finding(POSSIBLE, "; ".join(mixed), settled_by=(f"a current register extract of {entity.name}",))
    if not entity.incorporated:
        return Finding(
            POSSIBLE,
            f"where {entity.name} is organised is not stated",
            settled_by=(f"country of organisation of {entity.name}",),
        )
    silent = [
        words
        for words, values in (
            ("headquarters", entity.headquarters),
            ("principal place of business", entity.principal_place),
        )
        if not values
    ]
    limits = (f"{' and '.join(silent)} of {entity.name} not stated",) if silent else ()
    return Finding(EXCLUDED, f"{entity.name} is organised in {_listed(entity.incorporated, spell)}", limits)


def us_status(entity: Entity) -> bool | None:
    """U.S. citizen or permanent resident: yes, no, or not stated."""
    if set(entity.us_status) & {"citizen", "permanent_resident"} or set(entity.citizenship) & UNITED_STATES:
        return True
    return False if "none" in entity.us_status else None


def us_person(entity: Entity) -> bool | None:
    """Whether it is a U.S. person: organised in the United States, or a U.S. citizen or permanent resident; None: unknown.

    "U.S. person" is not defined in §791.301; this reading follows the person definition's own words.
    """
    if entity.kind == "state":
        return _all_or_none(bool(set(values) & UNITED_STATES) for values in [_countries(entity)] if values)
    if is_organisation(entity):
        return _all_or_none(country in UNITED_STATES for country in entity.incorporated)
    status = us_status(entity)
    if status is None and entity.citizenship and entity.residence and not set(entity.residence) & UNITED_STATES:
        return False
    return status


def _state(entity: Entity, countries: frozenset[str], spell: Callable[[str], str] = str) -> Finding:
    known = _countries(entity)
    if not known:
        return Finding(
            POSSIBLE, f"which state {entity.name} is, is not stated", settled_by=(f"which state {entity.name} is",)
        )
    if set(known) & countries:
        return Finding(
            ESTABLISHED,
            f"{entity.name} is a state or state body of {_listed(sorted(set(known) & countries), spell)} (person limb (1))",
        )
    return Finding(EXCLUDED, f"{entity.name} is a state or state body of {_listed(known, spell)}")


def _countries(entity: Entity) -> tuple[str, ...]:
    return entity.incorporated or entity.citizenship or entity.residence or entity.headquarters


def _all_or_none(values: Iterable[bool]) -> bool | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _listed(codes: Iterable[str], spell: Callable[[str], str]) -> str:
    return ", ".join(spell(code) for code in codes)
