"""The frame: the population's ids in an order that is always the same, with its digest.

A frame is ordered by id, code point by code point (which is the order of the bytes in UTF-8), whatever order the ids came in. Its
digest is the SHA-256 of one line an item, each with a line feed at its end: the id, then after a tab each its stratum and its weight
where it has them. So `LC_ALL=C sort` and `sha256sum` give it as well.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assessor.errors import SamplingError
from assessor.sampling import rates
from assessor.sampling.rates import Number
from assessor.text import exact_text

ORDER = "by id, code point by code point"
_NAMED = 5


@dataclass(frozen=True)
class Frame:
    """A population to draw from, in its order: ids, and for each its stratum and its weight in units or value where there are such."""

    ids: tuple[str, ...]
    strata: tuple[str, ...] = ()
    weights: tuple[Fraction, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """SHA-256 as 64 hexadecimal digits; it changes with any id, stratum or weight, and with no order of rows."""
        told = hashlib.sha256()
        for number, id_ in enumerate(self.ids):
            line = [id_]
            line += [self.strata[number]] if self.strata else []
            line += [exact_text(self.weights[number])] if self.weights else []
            told.update(("\t".join(line) + "\n").encode("utf-8"))
        return told.hexdigest()

    @cached_property
    def by_stratum(self) -> dict[str, Frame]:
        """The frame of each stratum, strata in their order; one without a name where there are none."""
        if not self.strata:
            return {"": self}
        members: dict[str, list[int]] = {name: [] for name in sorted(set(self.strata))}
        for number, name in enumerate(self.strata):
            members[name].append(number)
        return {
            name: Frame(
                tuple(self.ids[n] for n in numbers), (), tuple(self.weights[n] for n in numbers) if self.weights else ()
            )
            for name, numbers in members.items()
        }


def frame(ids: Iterable[str], strata: Sequence[str] | None = None, weights: Sequence[Number] | None = None) -> Frame:
    """The frame of a population, from its ids in any order, with the stratum and the weight of each where there are such.

    Raises SamplingError for an id that is empty, occurs twice or holds a line break, tab or other control character, for a stratum that
    does, and for a weight that is zero, negative or no number.
    """
    listed = [str(id_) for id_ in ids]
    if not listed:
        raise SamplingError("The population is empty: there is nothing to draw from; check where it comes from.")
    for what, told in (("strata", strata), ("weights", weights)):
        if told is not None and len(told) != len(listed):
            raise SamplingError(f"There are {len(listed)} ids and {len(told)} {what}; give one for each id.")
    if not all(listed):
        raise SamplingError(
            f"{sum(not id_ for id_ in listed)} items of the population have no id; give each one, or leave out rows that are no items."
        )
    _printable(listed, "id")
    _once(listed)
    names = [str(name) for name in strata or ()]
    _printable(names, "stratum")
    exact = _weighed(listed, weights) if weights is not None else []
    order = sorted(range(len(listed)), key=listed.__getitem__)
    return Frame(
        tuple(listed[n] for n in order),
        tuple(names[n] for n in order) if strata is not None else (),
        tuple(exact[n] for n in order) if exact else (),
    )


def _printable(texts: Iterable[str], what: str) -> None:
    odd = next(
        (t for t in texts if not t.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in t)), None
    )
    if odd is not None:
        raise SamplingError(
            f"The {what} {odd[:40]!a} holds a line break, tab or other character that cannot be printed; mend it in the population."
        )


def _once(ids: Sequence[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    twice = list(dict.fromkeys(id_ for id_ in ids if id_ in seen or seen.add(id_)))  # type: ignore[func-returns-value]
    named = ", ".join(twice[:_NAMED]) + (f" and {len(twice) - _NAMED} more" if len(twice) > _NAMED else "")
    raise SamplingError(
        f"{len(twice)} id{' occurs' if len(twice) == 1 else 's occur'} more than once in the population ({named}): each item is drawn under an id of its own, so remove the "
        "duplicates, or choose a column that tells the items apart."
    )


def _weighed(ids: Sequence[str], weights: Sequence[Number]) -> list[Fraction]:
    made = []
    for id_, told in zip(ids, weights, strict=True):
        text = str(told).strip()
        if text.startswith("-") or not (value := rates.number(told, f"weight of {id_}")):
            raise SamplingError(
                f"The weight of {id_} is {text[:40]}: an item of no or negative weight can never be drawn; leave such items out and look "
                "at them on their own."
            )
        made.append(value)
    return made
