"""Regular CycloneDX components as columns: Arrow parses a run of them at once, and what repeats from one to the next
(suppliers, licences, authors) is understood once, by the functions of `cyclonedx`.

A run in which any component is irregular (a key of the format stands twice in it, a text is no text, a list no list) is
refused as a whole; whoever has the components one by one finds out which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from assessor.evidence.readers import json_columns
from assessor.evidence.readers.base import ABSENT
from assessor.evidence.readers.bills import cyclonedx, marks
from assessor.evidence.readers.bills.cyclonedx import Shared
from assessor.evidence.readers.json_columns import ENTRY, TEXT, entries, joined, lengths, listed, member, trimmed

_FIRM = pa.struct({"name": TEXT, "address": pa.struct({"country": TEXT})})
_ANY = pa.list_(pa.struct([]))  # entries are counted, nothing in them is kept
COMPONENT = pa.struct(
    {
        **dict.fromkeys(("type", "name", "version", "description", "publisher", "author", "purl", "cpe"), TEXT),
        **dict.fromkeys(("bom-ref", "group"), TEXT),
        "modified": pa.bool_(),
        "supplier": _FIRM,
        "manufacturer": _FIRM,
        "authors": pa.list_(pa.struct({"name": TEXT, "email": TEXT})),
        "licenses": pa.list_(pa.struct({"license": pa.struct({"id": TEXT, "name": TEXT}), "expression": TEXT})),
        "hashes": pa.list_(pa.struct({"alg": TEXT, "content": TEXT})),
        "pedigree": pa.struct({"notes": TEXT, **dict.fromkeys(("commits", "patches", "ancestors", "variants"), _ANY)}),
        "components": _ANY,
    }
)
_RUN = pyarrow.json.ParseOptions(
    explicit_schema=pa.schema({"run": pa.list_(COMPONENT)}), unexpected_field_behavior="ignore"
)
_PURL = r"^pkg:/{0,2}(?P<type>[A-Za-z][A-Za-z0-9.+-]*)/\S"
_PLAIN = re.compile(r"[\w./+-]+")
_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_BEGIN, _END, _LINE = b'{"run":[', b"]}\n", 1 << 19
TEXTS = {"bom-ref": "reference", **{name: name for name in ("name", "version", "type", "description", "purl", "cpe")}}
"""Members that are a column as they are, trimmed."""


def parsed(texts: Sequence[bytes], count: int) -> pa.StructArray | None:
    """`count` components in UTF-8, in texts in which commas separate them; None where one of them is irregular. An entry is null
    where `null` stands.

    The texts must be valid JSON of moderate depth, as a strict parser has found it: this one takes more.
    """
    pieces, longest = _lines(texts)
    blocks = pyarrow.json.ReadOptions(use_threads=len(texts) > 1, block_size=longest + 1)
    try:
        table = pyarrow.json.read_json(pa.BufferReader(b"".join(pieces)), read_options=blocks, parse_options=_RUN)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    run = table["run"].combine_chunks().flatten()
    return run if len(run) == count else None


def _lines(texts: Sequence[bytes]) -> tuple[list[bytes], int]:
    """The pieces of a document of lines, each of some size so that Arrow can parse them at the same time; the longest line's bytes."""
    pieces, longest, size = [_BEGIN], 0, len(_BEGIN)
    for number, text in enumerate(texts, 1):
        # line breaks stand between values only
        pieces.append(text.translate(_NO_BREAKS) if b"\n" in text or b"\r" in text else text)
        size += len(text) + 1
        if size < _LINE and number < len(texts):
            pieces.append(b",")
            continue
        pieces.append(_END)
        longest, size = max(longest, size + len(_END)), len(_BEGIN)
        if number < len(texts):
            pieces.append(_BEGIN)
    return pieces, longest


def questionable(run: pa.StructArray) -> set[int]:
    """The numbers of those of which more is to be told: an address in a country whose name is not known, digests by the hundred."""
    many = pc.fill_null(pc.greater(pc.list_value_length(member(run, "hashes")), cyclonedx.MOST_DIGESTS), False)
    names = _country(run)
    unknown = [name for name in names.unique().to_pylist() if name and marks.country(name) is None]
    return set(np.flatnonzero(pc.or_(many, pc.is_in(names, pa.array(unknown, TEXT)))).tolist())


def holding(run: pa.StructArray) -> set[int]:
    """The numbers of those that hold components."""
    count = pc.list_value_length(member(run, "components"))
    return set(np.flatnonzero(pc.fill_null(pc.greater(count, 0), False)).tolist())


def _country(run: pa.StructArray) -> pa.Array:
    """The country in the address of the manufacturer, or else of the supplier, as written."""
    return pc.coalesce(*(trimmed(member(run, role, "address", "country")) for role in ("manufacturer", "supplier")))


class Meanings(json_columns.Meanings):
    """What the values of a document's components mean, each understood once."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared

    def columns(self, run: pa.StructArray) -> dict[str, pa.Array]:
        """The columns of the table `components` that follow from the components alone."""
        shared = self._shared
        found = {name: trimmed(member(run, key)) for key, name in TEXTS.items()}
        supplier = self.each("organisation", member(run, "supplier", "name"), cyclonedx.organisation)
        if shared.by_publisher:
            publisher = self.each("organisation", member(run, "publisher"), cyclonedx.organisation)
            supplier = pc.coalesce(supplier, publisher)
        author = self.each("author", member(run, "author"), lambda name: cyclonedx.person(name, shared.tools))
        people = self.each("people", joined(member(run, "authors"), ("name",), ("email",)), self._people)
        licences = joined(member(run, "licenses"), ("expression",), ("license", "id"), ("license", "name"))
        stated, own = member(run, "modified"), self._modified(member(run, "pedigree"))
        purl = found["purl"]
        return found | {
            "supplier": supplier,
            "manufacturer": self.each("organisation", member(run, "manufacturer", "name"), cyclonedx.organisation),
            "address_country": self.each("country", _country(run), marks.country),
            "author": pc.coalesce(people, author),
            **self._licences(licences),
            "modified": stated if own is None else pc.coalesce(own, stated),
            "hashes": _digests(member(run, "hashes")),
            "medium": pc.if_else(pc.fill_null(pc.equal(found["type"], "device"), False), "hardware", "software"),
            "firmware": pc.equal(found["type"], "firmware"),
            "ecosystem": pc.utf8_lower(pc.struct_field(pc.extract_regex(purl, _PURL), "type")),
        }

    def _people(self, key: str | None) -> str | None:
        listed = [dict(zip(("name", "email"), each, strict=True)) for each in entries(key)]
        return cyclonedx.people(listed, self._shared.tools)

    def _licences(self, keys: pa.Array) -> dict[str, pa.Array]:
        type = pa.struct(dict.fromkeys(("license", "license_class", "license_reason"), TEXT))
        found = self.each("licence", keys, _licence, type)
        return {field.name: pc.struct_field(found, field.name) for field in type}

    def _modified(self, pedigree: pa.StructArray) -> pa.Array | None:
        """What the pedigrees say; None where there is none."""
        if pedigree.null_count == len(pedigree):
            return None
        told = [
            pc.if_else(
                pc.fill_null(pc.greater(pc.list_value_length(pc.struct_field(pedigree, name)), 0), False), "x", ""
            )
            for name in _LISTS
        ]
        notes = pc.fill_null(pc.struct_field(pedigree, "notes"), "")
        return self.each("pedigree", pc.binary_join_element_wise(notes, *told, ENTRY), _pedigree, pa.bool_())


_LISTS = ("commits", "patches", "ancestors", "variants")


def _pedigree(key: str | None) -> bool | None:
    notes, *told = (key or ENTRY * len(_LISTS)).split(ENTRY)
    lists = {name: [text] for name, text in zip(_LISTS, told, strict=True) if text}
    return cyclonedx.modified({"pedigree": {"notes": notes, **lists}})


def _licence(key: str | None) -> dict[str, str | None]:
    told = [{"expression": expression, "license": {"id": id, "name": name}} for expression, id, name in entries(key)]
    text, proposal = cyclonedx.licence(told)
    return {"license": text, "license_class": proposal.kind, "license_reason": proposal.reason}


def _digests(lists: pa.ListArray) -> pa.Array:
    """The digests of each component as a JSON object, its names sorted; null where there are none."""
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), TEXT)
    entries = lists.flatten()
    coded = pc.struct_field(entries, "alg").dictionary_encode()
    contents, names = pc.struct_field(entries, "content"), coded.dictionary.to_pylist()
    counts = lengths(lists)
    simple = not coded.null_count and not contents.null_count and all(map(_stands_for_itself, names))
    # texts that need no escape and no trimming, and are longer than any word that says nothing
    simple = simple and _every(pc.ascii_is_alnum(contents)) and _every(pc.greater(pc.binary_length(contents), 6))
    if simple:
        ranked = {name: rank for rank, name in enumerate(sorted(names))}
        codes = np.array([ranked[name] for name in names], np.int64)[coded.indices.to_numpy()]
        rows = np.repeat(np.arange(len(lists)), counts)
        if not _ascending(rows, codes):
            order = np.lexsort((codes, rows))
            codes, contents = codes[order], contents.take(pa.array(order))
            simple = _ascending(rows, codes)  # otherwise one algorithm stands twice
    if not simple:
        return pa.array([cyclonedx.digests(each) for each in lists.to_pylist()], TEXT)
    heads = pa.array([f'"{name}":"' for name in sorted(names)], TEXT).take(pa.array(codes))
    members = pc.binary_join(listed(lists, pc.binary_join_element_wise(heads, contents, '"', "")), ",")
    objects = pc.binary_join_element_wise("{", members, "}", "")
    return pc.if_else(pa.array(counts == 0), None, objects)


def _stands_for_itself(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and name.casefold() not in ABSENT


def _every(truths: pa.Array) -> bool:
    return bool(pc.all(truths, min_count=0).as_py())


def _ascending(rows: np.ndarray, codes: np.ndarray) -> bool:
    return bool(np.all((rows[1:] != rows[:-1]) | (codes[1:] > codes[:-1])))
