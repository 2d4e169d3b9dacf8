"""Components and gaps of one bill as JSON, as CSV or for people, a batch of rows at a time.

The texts are made column by column: a million components as Python objects, one value after the other, would take minutes and
gigabytes. Each function yields bytes (UTF-8) that end with a row and begin with one, so that the texts of several bills stand
one behind the other; JSON rows are separated by a comma and a line break, also from bill to bill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from assessor.bom.bill import Bill, maybe_closed, without_roots
from assessor.bom.summary import plain
from assessor.evidence import tables
from assessor.evidence.four_fields import FOUR_FIELDS, stated

_BATCH, _BATCH_BYTES = 4096, 8 << 20
"""Rows of which Python objects exist at one time, and about how many bytes these may have."""
SEPARATOR = b",\n"
INDENT = b"    "
COMPONENTS = ("file", *tables.SCHEMAS["components"])
"""Columns of the components as CSV."""
GAPS = ("file", "locator", "component", "version", "supplier", "license", "license_class", "lacks")
"""Columns of the gaps, as CSV and in `bom.missing`."""
_TEXT = r'"[^"\\\x00-\x1f]*"'
_PLAIN_DIGESTS = rf"^\{{({_TEXT}: ?{_TEXT}(, ?{_TEXT}: ?{_TEXT})*)?\}}$"
"""JSON text of an object that can stand in a document as it is."""
_FORMULA = "^[=+\\-@\t\r\n＝＋－＠]"
"""Beginnings that a spreadsheet takes for a formula, of the full width too, which some turn into the plain ones."""


def components_json(bill: Bill) -> Iterator[bytes]:
    """Each component as an object in the shape that scripts rely on, keys sorted. `country` is that of origin or, where none is
    stated, that of the maker's address; `country_of` says which."""
    renamed = {"license": "licenses"}
    names = [renamed.get(name, name) for name in tables.SCHEMAS["components"] if name != "source"]
    file = plain(bill.path)

    def row(batch: pa.RecordBatch) -> dict[str, list[Any]]:
        told = {renamed.get(name, name): _values(batch[name]) for name in batch.schema.names if name != "source"}
        told["licenses"] = [[each] if each else [] for each in told["licenses"]]
        told["hashes"] = _digests(batch["hashes"], told["hashes"])
        both = list(zip(told["country"], told["address_country"], strict=True))
        told["country"] = [origin or address for origin, address in both]
        told["country_of"] = ["origin" if origin else "address" if address else None for origin, address in both]
        return {**told, "file": [file] * len(batch)}

    yield from _json(bill.components, [*names, "country_of", "file"], row)


def gaps_json(bill: Bill) -> Iterator[bytes]:
    """Each component that lacks one of the four fields as an object, keys sorted."""
    yield from rows_json(gaps(bill))


def components_csv(bill: Bill) -> Iterator[bytes]:
    """Each component as a row of CSV, without the heading."""
    yield from rows_csv(with_file(bill))


def gaps_csv(bill: Bill) -> Iterator[bytes]:
    """Each component that lacks one of the four fields as a row of CSV, without the heading."""
    yield from rows_csv(gaps(bill))


def gaps_text(bill: Bill) -> Iterator[bytes]:
    """The gaps for people: what to ask each supplier for."""
    lacking = gaps(bill)
    lacking = lacking.set_column(4, "supplier", pc.fill_null(lacking["supplier"], "no supplier named"))
    last = None
    for batch in lacking.sort_by([("supplier", "ascending")]).to_batches(_BATCH):
        lines = []
        for _, locator, name, version, supplier, _, kind, lacks in zip(*map(_values, batch.columns), strict=True):
            if supplier != last:
                lines.append(f"\n{printed(plain(bill.path))}: {printed(supplier)}")
                last = supplier
            what = printed(" ".join(filter(None, (name or "component without a name", version))))
            lines.append(f"  {what} ({printed(locator or '')}, licence class {kind or 'unknown'}): lacks {lacks}")
        yield "".join(f"{line}\n" for line in lines).encode("utf-8")


def rows_json(table: pa.Table) -> Iterator[bytes]:
    """Each row of a table as an object, keys sorted."""
    yield from _json(table, table.column_names, lambda batch: {n: _values(batch[n]) for n in table.column_names})


def rows_csv(table: pa.Table) -> Iterator[bytes]:
    """Each row of a table as CSV, without the heading; quoted where that is needed, what is not known is empty."""
    for batch in _batches(table):
        if len(batch):
            rows = pc.binary_join_element_wise(*map(_cells, batch.columns), ",").cast(pa.large_string())
            lines = pc.binary_join_element_wise(
                rows, pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string())
            )
            yield lines.buffers()[2].to_pybytes()  # the texts of a column that was just made stand one behind the other


def _batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """The rows in batches; of rows with very long texts few at a time."""
    for batch in table.to_batches(_BATCH):
        most = max(1, _BATCH_BYTES * len(batch) // max(batch.nbytes, 1))
        for begin in range(0, len(batch), most):
            yield batch.slice(begin, most)


def with_file(bill: Bill) -> pa.Table:
    """The components of a bill with the column `file` before the others."""
    return bill.components.add_column(0, "file", pa.array([plain(bill.path)] * len(bill.components), pa.string()))


def heading(columns: tuple[str, ...]) -> bytes:
    """The first line of CSV."""
    return f"{','.join(columns)}\n".encode()


def gaps(bill: Bill) -> pa.Table:
    """What to ask the supplier for: one row for each component without an open-source licence that lacks one of the four fields.

    Columns as in GAPS; `lacks` are the words of the fields, separated by "; ".
    """
    needed = ["locator", "version", "supplier", "license", "license_class", *FOUR_FIELDS]
    parts = without_roots(bill.components, list(dict.fromkeys(needed)))
    parts = parts.filter(maybe_closed(parts))
    code: Any = pa.array([0] * len(parts), pa.int8())
    for place, own in enumerate(stated(parts).values()):
        code = pc.add(code, pc.if_else(own, pa.scalar(0, pa.int8()), pa.scalar(1 << place, pa.int8())))
    words = ["; ".join(w for at, w in enumerate(FOUR_FIELDS.values()) if number >> at & 1) for number in range(16)]
    lacks = pa.array(words, pa.string()).take(code) if len(parts) else pa.array([], pa.string())
    told = {
        **{name: parts[name] for name in ("locator", "version", "supplier", "license", "license_class")},
        "file": pa.array([plain(bill.path)] * len(parts), pa.string()),
        "component": parts["name"],
        "lacks": lacks,
    }
    return pa.table({name: told[name] for name in GAPS}).filter(pc.not_equal(code, 0))


def printed(text: str) -> str:
    """Text of a client on a terminal: one line, nothing that moves the cursor."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def _json(
    table: pa.Table, names: list[str], columns: Callable[[pa.RecordBatch], dict[str, list[Any]]]
) -> Iterator[bytes]:
    row: Any = msgspec.defstruct("Row", [(name, Any) for name in sorted(names)], gc=False)
    encode = msgspec.json.Encoder(order="deterministic").encode_lines
    begin = INDENT
    for batch in _batches(table):
        told = columns(batch)
        lines = encode(
            list(map(row, *(told[name] for name in sorted(names))))
        )  # no text in JSON holds a line break itself
        if lines:
            yield begin + lines[:-1].replace(b"\n", SEPARATOR + INDENT)
            begin = SEPARATOR + INDENT


def _cells(column: pa.Array) -> pa.Array:
    """A column as cells of CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if column.null_count == len(column):
        return pa.array([""] * len(column), pa.string())
    if pa.types.is_boolean(column.type):
        column = pc.if_else(column, "True", "False")
    elif not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    else:
        formula = pc.match_substring_regex(column, _FORMULA)
        if pc.any(formula).as_py():
            column = pc.if_else(formula, pc.binary_join_element_wise("'", column, ""), column)
    quoted = pc.match_substring_regex(column, '[",\n\r]')
    if pc.any(quoted).as_py():
        doubled = pc.replace_substring(column, '"', '""')
        column = pc.if_else(quoted, pc.binary_join_element_wise('"', doubled, '"', ""), column)
    return pc.fill_null(column, "")


def _values(column: pa.Array) -> list[Any]:
    """An Arrow column as Python objects; what is not known is None."""
    if column.null_count == len(column):
        return [None] * len(column)
    if pa.types.is_string(column.type):
        made: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
        return made
    listed: list[Any] = column.to_pylist()
    return listed


def _digests(column: pa.Array, texts: list[str | None]) -> list[Any]:
    """Digests as JSON objects. Nearly all texts are plain ones and stand as they are; others are understood and written anew."""
    plain_one = pc.match_substring_regex(column, _PLAIN_DIGESTS)
    return [
        msgspec.Raw(text.encode()) if text and fine else _understood(text)
        for text, fine in zip(texts, plain_one.to_pylist(), strict=True)
    ]


def _understood(text: str | None) -> dict[str, Any]:
    """The object that a text holds, or the text itself where it holds none: another's reader may have written it."""
    if not text:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"not understood": text}
