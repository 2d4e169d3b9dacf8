"""Regular BODS statements of one shape as columns: Arrow parses the details of a block of them at once, and what repeats
(countries, types, shares, days) is understood once, by the functions of `bods_statement`.

A statement is regular when nothing in it is to be told: whoever has the numbers in `slow` understands those one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import dates, json_columns
from assessor.evidence.readers.base import Countries, words
from assessor.evidence.readers.bills.json_stream import Bytes
from assessor.evidence.readers.json_columns import TEXT, either, entries, joined, lengths, member, trimmed
from assessor.evidence.readers.ownership import bods_statement
from assessor.evidence.readers.ownership.bods_shapes import BY_STATEMENT, KINDS, NUMBERS, REASON
from assessor.evidence.readers.ownership.bods_statement import COMPONENTS, ENTITY, NO_INTEREST, RELATIONSHIP

_PARTS = "\x1d"
_DIGITS = bytes.maketrans(b"123456789.", b"0000000000")
_LONG = b"0" * 16
_LONG_NUMBER, _SMALL = re.compile(rb"[:\[,\s][-.\d]{16}"), re.compile(rb"[.\d][eE]-\d")
_UNKNOWN = "unknown"


@dataclass
class Columns:
    """Rows of a table as columns; of each its statement, by number; the numbers of statements that are to be understood one by
    one; and for each aside (see `bods_statement.Said`) the numbers of those that give it."""

    rows: dict[str, pa.Array]
    parents: np.ndarray
    slow: set[int]
    asides: dict[str, np.ndarray] = field(default_factory=dict)
    bare: np.ndarray | None = None  # relationships without interests


class Understood(json_columns.Meanings):
    """What the values of a file mean, each understood once."""

    def __init__(self, rule: Countries) -> None:
        super().__init__()
        self._rule = rule

    def columns(self, run: pa.StructArray, shape: str, records: pa.Array, texts: Sequence[Bytes]) -> Columns:
        """The rows of statements of one shape, which are of these records; `texts` are their details."""
        kind = KINDS[shape]
        if kind == RELATIONSHIP:
            return self._interests(run, shape, records, texts)
        return self._entities(run, shape, records) if kind == ENTITY else self._persons(run, records)

    def moments(self, texts: list[str | None]) -> pa.Array:
        """See `bods_statement.moment`."""
        return self.each("moment", pa.array(texts, TEXT), bods_statement.moment)

    def _entities(self, run: pa.StructArray, shape: str, records: pa.Array) -> Columns:
        old = shape == "old entity"
        type = ("entityType",) if old else ("entityType", "type")
        subtype = ("entitySubtype", "generalCategory") if old else ("entityType", "subtype")
        kind = self.each("entity", _parts(member(run, *type), member(run, *subtype)), _entity_kind)
        home = [member(run, "jurisdiction", part) for part in ("code", "name")]
        if old:
            before = [member(run, "incorporatedInJurisdiction", part) for part in ("code", "name")]
            stated = pc.is_valid(pc.coalesce(*home))
            home = [pc.if_else(stated, *pair) for pair in zip(home, before, strict=True)]
        where = self._places("entity", _parts(*home), member(run, "addresses"))
        name = trimmed(member(run, "name"))
        several = lengths(member(run, "alternateNames")) > 0
        rows = {
            "entity": records,
            "name": name,
            "names": _one_by_one(
                several,
                lambda at: [
                    bods_statement.other_names(one, others)
                    for one, others in zip(
                        name.take(at).to_pylist(), member(run, "alternateNames").take(at).to_pylist(), strict=True
                    )
                ],
            ),
            "kind": kind,
            "incorporated": member(where, "home"),
            "principal_place": member(where, "address"),
            **self._identifiers(member(run, "identifiers")),
        }
        slow = _true(pc.equal(kind, _UNKNOWN)) | _true(member(where, "wrong"))
        slow |= member(run, "unspecifiedEntityDetails").is_valid().to_numpy(zero_copy_only=False)
        asides = {"listed": _true(member(run, "publicListing", "hasPublicListing")), **_elsewhere(where)}
        return _described(rows, slow, asides)

    def _persons(self, run: pa.StructArray, records: pa.Array) -> Columns:
        names = member(run, "names")
        addresses = self._places(
            "person", joined(member(run, "nationalities"), ("code",), ("name",)), member(run, "addresses")
        )
        first = pc.struct_field(names.flatten(), "fullName")
        single = lengths(names) == 1
        both = _one_by_one(
            ~single,
            lambda at: [
                dict(zip(("name", "names"), bods_statement.personal_names(each or []), strict=True))
                for each in names.take(at).to_pylist()
            ],
            pa.struct({"name": TEXT, "names": TEXT}),
        )
        starts = np.cumsum(lengths(names)) - 1
        alone = trimmed(first.take(pa.array(np.where(single, starts, -1), pa.int64(), mask=~single)))
        rows = {
            "entity": records,
            "name": pc.coalesce(alone, member(both, "name")),
            "names": member(both, "names"),
            "kind": pa.repeat(pa.scalar("person"), len(run)),
            "residence": member(addresses, "address"),
            "citizenship": member(addresses, "home"),
            "us_status": self.each("status", member(addresses, "home"), bods_statement.us_status),
            "registration": self._identifiers(member(run, "identifiers"))["registration"],
        }
        kinds = self.each("unknown person", member(run, "personType"), _unknown_person, pa.bool_())
        slow = _true(member(addresses, "wrong")) | _true(kinds) | (single & alone.is_null().to_numpy(False))
        for name in ("unspecifiedPersonDetails", "placeOfResidence", "name"):
            slow |= member(run, name).is_valid().to_numpy(zero_copy_only=False)
        tax = lengths(member(run, "taxResidencies")) > 0
        return _described(rows, slow, {"tax": tax, **_elsewhere(addresses)})

    def _places(self, what: str, homes: pa.Array, addresses: pa.ListArray) -> pa.StructArray:
        """The countries of jurisdictions, or nationalities, and addresses: see `bods_statement.Places`."""
        key = _parts(homes, joined(addresses, ("type",), ("country", "code"), ("country", "name")))
        return self.each(f"places of {what}", key, lambda key: self._place(what, key), _WHERE)

    def _place(self, what: str, key: str | None) -> dict[str, Any]:
        *homes, listing = (key or _PARTS).split(_PARTS)
        addresses = [{"type": type, "country": {"code": code, "name": name}} for type, code, name in entries(listing)]
        if what == "entity":
            code, name = (*homes, "", "")[:2]
            found = bods_statement.entity_places({"code": code, "name": name}, addresses, self._rule)
        else:
            nations = [{"code": code, "name": name} for code, name in entries(homes[0])]
            found = bods_statement.personal_places(nations, addresses, self._rule)
        return {
            "home": found.home,
            "address": found.address,
            "elsewhere": _PARTS.join(found.elsewhere) or None,
            "wrong": bool(found.wrong),
        }

    def _identifiers(self, lists: pa.ListArray) -> dict[str, pa.Array]:
        found = lists.flatten()
        scheme = _parts(member(found, "scheme"), member(found, "schemeName"))
        lei = _true(self.each("scheme", scheme, lambda key: bods_statement.is_lei(*_two(key)), pa.bool_()))
        ids = trimmed(member(found, "id"))
        stated = ids.is_valid().to_numpy(zero_copy_only=False)
        return {name: _kept(lists, ids, stated & chosen) for name, chosen in (("lei", lei), ("registration", ~lei))}

    def _interests(self, run: pa.StructArray, shape: str, records: pa.Array, texts: Sequence[Bytes]) -> Columns:
        lists = member(run, "interests")
        count = lengths(lists)
        rows_of = np.maximum(count, 1)
        parents = np.repeat(np.arange(len(run)), rows_of)
        number = np.arange(len(parents)) - np.repeat(np.cumsum(rows_of) - rows_of, rows_of)
        none = np.repeat(count == 0, rows_of)
        child = number + np.repeat(np.cumsum(count) - count, rows_of)
        stated = lists.flatten()
        each = stated.take(pa.array(np.where(none, 0, child), pa.int64(), mask=none))
        slow = np.zeros(len(run), bool)
        if stated.null_count:
            slow[parents[each.is_null().to_numpy(zero_copy_only=False) & ~none]] = True
        components = np.add.reduce([lengths(member(run, name)) for name in COMPONENTS]) > 0
        level = pc.coalesce(*(trimmed(member(each, name)) for name in ("directOrIndirect", "interestLevel")))
        with_components = pa.array(np.where(components[parents], "yes", ""))
        direct = self.each("level", _parts(level, with_components), _directness, pa.bool_())
        meant = self._meanings(each)
        days = {name: self.each("day", member(each, f"{name}Date"), _day, _DAYS) for name in ("start", "end")}
        for column in (meant, *days.values()):
            slow[parents[_true(member(column, "wrong"))]] = True
        slow[_inexact(texts, parents[_zero(each)])] = True
        of = pa.array(parents)
        subject, holder, why = self._parties(run, shape)
        slow |= subject.is_null().to_numpy(zero_copy_only=False)
        told = trimmed(member(each, "details"))
        details = [member(meant, "lead"), told, pc.if_else(pa.array(none), NO_INTEREST, pa.scalar(None, TEXT))]
        details.append(pc.binary_join_element_wise("holder: ", why.take(of), ""))
        record = records.take(of)
        numbered = pc.binary_join_element_wise(record, pa.array(number).cast(TEXT), "/")
        rows = {
            "interest": pc.if_else(pa.array(count[parents] < 2), record, numbered),
            "holder": holder.take(of),
            "subject": subject.take(of),
            **{name: member(meant, name) for name in ("kind", "min", "max", "min_open", "max_open")},
            "direct": direct,
            "details": either(*details),
            **{name: member(column, "day") for name, column in days.items()},
        }
        return Columns(rows, parents, set(np.flatnonzero(slow).tolist()), bare=count == 0)

    def _meanings(self, each: pa.StructArray) -> pa.StructArray:
        """What interests mean: their type, their share, and their details where those matter."""
        share, details = member(each, "share"), member(each, "details")
        telling = pc.if_else(pc.match_substring_regex(details, bods_statement.TELLING), details, None)
        numbers = [member(share, name).cast(TEXT) for name in NUMBERS]
        return self.each("interest", _parts(member(each, "type"), telling, *numbers), _meaning, _MEANING)

    def _parties(self, run: pa.StructArray, shape: str) -> tuple[pa.Array, pa.Array, pa.Array]:
        """The subject and the holder of each relationship, and why the holder is not named."""
        party, subject, nothing = member(run, "interestedParty"), member(run, "subject"), pa.nulls(len(run), TEXT)
        if shape == "old relationship":
            subject = pc.coalesce(*(trimmed(member(subject, name)) for name in BY_STATEMENT))
        if shape == "relationship":
            holder, reason = trimmed(party), [nothing, nothing]
        else:
            holder = pc.coalesce(*(trimmed(member(party, name)) for name in BY_STATEMENT))
            reason = [member(party, "unspecified", name) for name in REASON]
            stated = pc.is_valid(pc.coalesce(*reason))
            reason = [pc.if_else(stated, one, member(party, name)) for one, name in zip(reason, REASON, strict=True)]
        if not holder.null_count:
            return trimmed(subject), holder, nothing
        why = self.each("reason", _parts(*reason), lambda key: bods_statement.unnamed(*_two(key), "party"))
        return trimmed(subject), holder, pc.if_else(holder.is_null(), why, None)


_WHERE = pa.struct({"home": TEXT, "address": TEXT, "elsewhere": TEXT, "wrong": pa.bool_()})
_DAYS = pa.struct({"day": pa.date32(), "wrong": pa.bool_()})
_MEANING = pa.struct(
    {
        **dict.fromkeys(("kind", "min", "max", "lead"), TEXT),
        **dict.fromkeys(("min_open", "max_open", "wrong"), pa.bool_()),
    }
)


def _two(key: str | None) -> tuple[str | None, str | None]:
    first, second = (key or _PARTS).split(_PARTS)
    return words(first), words(second)


def _entity_kind(key: str | None) -> str:
    return bods_statement.entity_kind(*_two(key))


def _unknown_person(type: str | None) -> bool:
    return bods_statement.unknown_type(type)


def _directness(key: str | None) -> bool | None:
    level, components = _two(key)
    return bods_statement.directness(level, components is not None)


def _day(text: str | None) -> dict[str, Any]:
    found, wrong = dates.parse(words(text))
    return {"day": found, "wrong": bool(wrong)}


def _meaning(key: str | None) -> dict[str, Any]:
    type, details, *numbers = (key or _PARTS * (len(NUMBERS) + 1)).split(_PARTS)
    truths = {"true": True, "false": False}
    stated = zip(NUMBERS, numbers, strict=True)
    share = {name: truths[text] if text in truths else Decimal(text) for name, text in stated if text}
    found = bods_statement.meaning(words(type), words(details), share)
    return {**found._asdict(), "wrong": bool(found.wrong)}


def _parts(*texts: pa.Array) -> pa.Array:
    """Several texts as one; a missing one is empty."""
    filled = ("" if text.null_count == len(text) else pc.fill_null(text, "") for text in texts)
    if all(text.null_count == len(text) for text in texts):
        return pa.repeat(pa.scalar(_PARTS * (len(texts) - 1), TEXT), len(texts[0]))
    return pc.binary_join_element_wise(*filled, _PARTS)


def _true(flags: pa.Array) -> np.ndarray:
    found: np.ndarray = pc.fill_null(flags, False).to_numpy(zero_copy_only=False)
    return found


def _one_by_one(chosen: np.ndarray, work: Any, type: pa.DataType = TEXT) -> pa.Array:
    """What `work` gives for the numbers that are chosen, null for the others."""
    at = np.flatnonzero(chosen)
    if not len(at):
        return pa.nulls(len(chosen), type)
    back = np.full(len(chosen), -1)
    back[at] = np.arange(len(at))
    return pa.array(work(pa.array(at)), type).take(pa.array(back, pa.int64(), mask=~chosen))


def _kept(lists: pa.ListArray, values: pa.Array, chosen: np.ndarray) -> pa.Array:
    """Of each list the chosen values, separated by '; '; null where there are none."""
    rows = np.repeat(np.arange(len(lists)), lengths(lists))
    counts = np.bincount(rows[chosen], minlength=len(lists))
    offsets = pa.array(np.concatenate(([0], np.cumsum(counts))).astype(np.int32))
    return pc.binary_join(
        pa.ListArray.from_arrays(offsets, values.filter(pa.array(chosen)), mask=pa.array(counts == 0)), "; "
    )


def _elsewhere(where: pa.StructArray) -> dict[str, np.ndarray]:
    coded = member(where, "elsewhere").dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    found: dict[str, np.ndarray] = {}
    for code, texts in enumerate(coded.dictionary.to_pylist()):
        for text in texts.split(_PARTS):
            found[text] = found.get(text, np.zeros(len(codes), bool)) | (codes == code)
    return found


def _described(rows: dict[str, pa.Array], slow: np.ndarray, asides: dict[str, np.ndarray]) -> Columns:
    numbers = {name: np.flatnonzero(given & ~slow) for name, given in asides.items()}
    return Columns(rows, np.arange(len(slow)), set(np.flatnonzero(slow).tolist()), numbers)


def _zero(each: pa.StructArray) -> np.ndarray:
    """Whether a number of the share is zero, as one is that is too small for a float."""
    share = member(each, "share")
    numbers = [member(share, name) for name in NUMBERS]
    found = [_true(pc.equal(number, 0.0)) for number in numbers if pa.types.is_floating(number.type)]
    any_zero: np.ndarray = np.logical_or.reduce(found)
    return any_zero


def _inexact(texts: Sequence[Bytes], zero: np.ndarray) -> list[int]:
    """The numbers of texts in which a number may stand that a float does not hold exactly: of more than fifteen digits, or, in
    the texts `zero`, one so small that it has become zero."""
    found = {number for number in np.unique(zero).tolist() if _SMALL.search(bytes(texts[number]))}
    if _LONG in b"\n".join(texts).translate(_DIGITS):
        found |= {number for number, text in enumerate(texts) if _LONG_NUMBER.search(bytes(text))}
    return sorted(found)
