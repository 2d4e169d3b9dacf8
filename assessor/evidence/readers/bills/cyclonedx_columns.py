"""Regular CycloneDX components as columns: Arrow parses a run of them at once, and what repeats from one to the next
(suppliers, licences, authors) is understood once, by the functions of `cyclonedx`.

A run in which any component is irregular (a key of the format stands twice in it, a text is no text, a list no list) is
refused as a whole; whoever has the components one by one finds out which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from assessor.evidence.readers.base import ABSENT
from assessor.evidence.readers.bills import cyclonedx, marks
from assessor.evidence.readers.bills.cyclonedx import Shared

_TEXT = pa.string()
_FIRM = pa.struct({"name": _TEXT, "address": pa.struct({"country": _TEXT})})
_ANY = pa.list_(pa.struct([]))  # entries are counted, nothing in them is kept
COMPONENT = pa.struct(
    {
        **dict.fromkeys(("type", "name", "version", "description", "publisher", "author", "purl", "cpe"), _TEXT),
        **dict.fromkeys(("bom-ref", "group"), _TEXT),
        "modified": pa.bool_(),
        "supplier": _FIRM,
        "manufacturer": _FIRM,
        "authors": pa.list_(pa.struct({"name": _TEXT, "email": _TEXT})),
        "licenses": pa.list_(pa.struct({"license": pa.struct({"id": _TEXT, "name": _TEXT}), "expression": _TEXT})),
        "hashes": pa.list_(pa.struct({"alg": _TEXT, "content": _TEXT})),
        "pedigree": pa.struct({"notes": _TEXT, **dict.fromkeys(("commits", "patches", "ancestors", "variants"), _ANY)}),
        "components": _ANY,
    }
)
_RUN = pyarrow.json.ParseOptions(
    explicit_schema=pa.schema({"run": pa.list_(COMPONENT)}), unexpected_field_behavior="ignore"
)
_ABSENT = pa.array(sorted(ABSENT), _TEXT)
_SHORT = max(len(word.encode()) for word in ABSENT)
_PURL = r"^pkg:/{0,2}(?P<type>[A-Za-z][A-Za-z0-9.+-]*)/\S"
_PLAIN = re.compile(r"[\w./+-]+")
_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_ENTRY, _LIST = "\x1e", "\x1f"  # characters that no valid JSON text holds unescaped, and no regular one escaped
_BEGIN, _END, _LINE = b'{"run":[', b"]}\n", 1 << 19
_MANY = 50_000
"""Different values of one kind that are remembered."""
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
    many = pc.fill_null(pc.greater(pc.list_value_length(_member(run, "hashes")), cyclonedx.MOST_DIGESTS), False)
    names = _country(run)
    unknown = [name for name in names.unique().to_pylist() if name and marks.country(name) is None]
    return set(np.flatnonzero(pc.or_(many, pc.is_in(names, pa.array(unknown, _TEXT)))).tolist())


def holding(run: pa.StructArray) -> set[int]:
    """The numbers of those that hold components."""
    count = pc.list_value_length(_member(run, "components"))
    return set(np.flatnonzero(pc.fill_null(pc.greater(count, 0), False)).tolist())


def _country(run: pa.StructArray) -> pa.Array:
    """The country in the address of the manufacturer, or else of the supplier, as written."""
    return pc.coalesce(*(_trimmed(_member(run, role, "address", "country")) for role in ("manufacturer", "supplier")))


class Meanings:
    """What the values of a document's components mean, each understood once."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._known: dict[str, dict[str | None, Any]] = {}

    def columns(self, run: pa.StructArray) -> dict[str, pa.Array]:
        """The columns of the table `components` that follow from the components alone."""
        shared = self._shared
        found = {name: _trimmed(_member(run, member)) for member, name in TEXTS.items()}
        supplier = self._each("organisation", _member(run, "supplier", "name"), cyclonedx.organisation)
        if shared.by_publisher:
            publisher = self._each("organisation", _member(run, "publisher"), cyclonedx.organisation)
            supplier = pc.coalesce(supplier, publisher)
        author = self._each("author", _member(run, "author"), lambda name: cyclonedx.person(name, shared.tools))
        people = self._each("people", _joined(_member(run, "authors"), ("name",), ("email",)), self._people)
        licences = _joined(_member(run, "licenses"), ("expression",), ("license", "id"), ("license", "name"))
        stated, own = _member(run, "modified"), self._modified(_member(run, "pedigree"))
        purl = found["purl"]
        return found | {
            "supplier": supplier,
            "manufacturer": self._each("organisation", _member(run, "manufacturer", "name"), cyclonedx.organisation),
            "address_country": self._each("country", _country(run), marks.country),
            "author": pc.coalesce(people, author),
            **self._licences(licences),
            "modified": stated if own is None else pc.coalesce(own, stated),
            "hashes": _digests(_member(run, "hashes")),
            "medium": pc.if_else(pc.fill_null(pc.equal(found["type"], "device"), False), "hardware", "software"),
            "firmware": pc.equal(found["type"], "firmware"),
            "ecosystem": pc.utf8_lower(pc.struct_field(pc.extract_regex(purl, _PURL), "type")),
        }

    def _each(self, kind: str, texts: pa.Array, meaning: Callable[[Any], Any], type: pa.DataType = _TEXT) -> pa.Array:
        """The meaning of each text, that of a missing one too."""
        known = self._known.setdefault(kind, {None: meaning(None)})
        if texts.null_count == len(texts):
            return pa.repeat(pa.scalar(known[None], type), len(texts))
        coded = texts.dictionary_encode(null_encoding="encode")
        different = coded.dictionary.to_pylist()
        if len(known) > _MANY:  # a file in which nothing repeats must not fill the memory
            self._known[kind] = known = {None: known[None]}
        for text in different:
            if text not in known:
                known[text] = meaning(text)
        return pa.array([known[text] for text in different], type).take(coded.indices)

    def _people(self, key: str | None) -> str | None:
        listed = [dict(zip(("name", "email"), each, strict=True)) for each in _entries(key)]
        return cyclonedx.people(listed, self._shared.tools)

    def _licences(self, keys: pa.Array) -> dict[str, pa.Array]:
        type = pa.struct(dict.fromkeys(("license", "license_class", "license_reason"), _TEXT))
        found = self._each("licence", keys, _licence, type)
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
        return self._each("pedigree", pc.binary_join_element_wise(notes, *told, _ENTRY), _pedigree, pa.bool_())


_LISTS = ("commits", "patches", "ancestors", "variants")


def _pedigree(key: str | None) -> bool | None:
    notes, *told = (key or _ENTRY * len(_LISTS)).split(_ENTRY)
    lists = {name: [text] for name, text in zip(_LISTS, told, strict=True) if text}
    return cyclonedx.modified({"pedigree": {"notes": notes, **lists}})


def _licence(key: str | None) -> dict[str, str | None]:
    told = [{"expression": expression, "license": {"id": id, "name": name}} for expression, id, name in _entries(key)]
    text, proposal = cyclonedx.licence(told)
    return {"license": text, "license_class": proposal.kind, "license_reason": proposal.reason}


def _entries(key: str | None) -> list[list[str]]:
    """The entries of a list that `_joined` has made one text."""
    return [each.split(_ENTRY) for each in key.split(_LIST)] if key else []


def _joined(lists: pa.ListArray, *paths: tuple[str, ...]) -> pa.Array:
    """Each list as one text, in which the texts at these paths stand apart; null for a missing list."""
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), _TEXT)
    entries = lists.flatten()
    texts = [pc.fill_null(pc.struct_field(entries, list(path)), "") for path in paths]
    each = pc.binary_join_element_wise(*texts, _ENTRY)
    return pc.binary_join(_listed(lists, each), _LIST)


def _listed(lists: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """Other values in the place of those of the lists."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=lists.is_null())


def _member(run: pa.Array, *path: str) -> pa.Array:
    return pc.struct_field(run, list(path))


def _trimmed(texts: pa.Array) -> pa.Array:
    """`base.words` for a column of texts in which all can be printed."""
    if texts.null_count == len(texts):
        return texts
    column = pc.utf8_trim_whitespace(texts)
    short = pc.less_equal(pc.binary_length(column), _SHORT)
    if not pc.any(short).as_py():
        return column
    says_nothing = pc.is_in(pc.utf8_lower(pc.if_else(short, column, None)), _ABSENT)
    return pc.if_else(says_nothing, None, column)


def _digests(lists: pa.ListArray) -> pa.Array:
    """The digests of each component as a JSON object, its names sorted; null where there are none."""
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), _TEXT)
    entries = lists.flatten()
    coded = pc.struct_field(entries, "alg").dictionary_encode()
    contents, names = pc.struct_field(entries, "content"), coded.dictionary.to_pylist()
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    simple = not coded.null_count and not contents.null_count and all(map(_stands_for_itself, names))
    # texts that need no escape and no trimming, and are longer than any word that says nothing
    simple = simple and _every(pc.ascii_is_alnum(contents)) and _every(pc.greater(pc.binary_length(contents), 6))
    if simple:
        ranked = {name: rank for rank, name in enumerate(sorted(names))}
        codes = np.array([ranked[name] for name in names], np.int64)[coded.indices.to_numpy()]
        rows = np.repeat(np.arange(len(lists)), lengths)
        if not _ascending(rows, codes):
            order = np.lexsort((codes, rows))
            codes, contents = codes[order], contents.take(pa.array(order))
            simple = _ascending(rows, codes)  # otherwise one algorithm stands twice
    if not simple:
        return pa.array([cyclonedx.digests(each) for each in lists.to_pylist()], _TEXT)
    heads = pa.array([f'"{name}":"' for name in sorted(names)], _TEXT).take(pa.array(codes))
    members = pc.binary_join(_listed(lists, pc.binary_join_element_wise(heads, contents, '"', "")), ",")
    objects = pc.binary_join_element_wise("{", members, "}", "")
    return pc.if_else(pa.array(lengths == 0), None, objects)


def _stands_for_itself(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and name.casefold() not in ABSENT


def _every(truths: pa.Array) -> bool:
    return bool(pc.all(truths, min_count=0).as_py())


def _ascending(rows: np.ndarray, codes: np.ndarray) -> bool:
    return bool(np.all((rows[1:] != rows[:-1]) | (codes[1:] > codes[:-1])))
