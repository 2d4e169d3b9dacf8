"""Shapes of regular BODS statements as schemas, by which Arrow parses the details of many of them at once.

Statements of 0.4 have their details in a member of their own; those of 0.2 and 0.3 are their details. A statement that does not
fit its shape, or has a member of it twice, is irregular.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.json

from assessor.evidence.readers.bills.json_stream import Bytes
from assessor.evidence.readers.json_columns import TEXT
from assessor.evidence.readers.ownership import bods_statement
from assessor.evidence.readers.ownership.bods_statement import COMPONENTS

_PLACE = pa.struct({"code": TEXT, "name": TEXT})
REASON = {"reason": TEXT, "description": TEXT}
NUMBERS = ("exact", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
_DESCRIBED = {
    "name": TEXT,
    "alternateNames": pa.list_(TEXT),
    "jurisdiction": _PLACE,
    "identifiers": pa.list_(pa.struct({"scheme": TEXT, "schemeName": TEXT, "id": TEXT})),
    "addresses": pa.list_(pa.struct({"type": TEXT, "country": _PLACE})),
    "publicListing": pa.struct({"hasPublicListing": pa.bool_()}),
    "unspecifiedEntityDetails": pa.struct(REASON),
}
_PERSON = {
    **{name: _DESCRIBED[name] for name in ("identifiers", "addresses")},
    "personType": TEXT,
    "names": pa.list_(
        pa.struct(dict.fromkeys(("type", "fullName", "givenName", "patronymicName", "familyName"), TEXT))
    ),
    "nationalities": pa.list_(_PLACE),
    "taxResidencies": pa.list_(_PLACE),
    "placeOfResidence": pa.struct({"country": _PLACE}),
    "name": TEXT,
    "unspecifiedPersonDetails": pa.struct(REASON),
}
_OLD = {"statementID": TEXT, "statementType": TEXT, "statementDate": TEXT, "replacesStatements": pa.list_(TEXT)}


def _relationship(party: pa.DataType, subject: pa.DataType, exclusive: pa.DataType) -> dict[str, pa.DataType]:
    share = {name: exclusive if name.startswith("exclusive") else pa.float64() for name in NUMBERS}
    texts = dict.fromkeys(("type", "directOrIndirect", "interestLevel", "details", "startDate", "endDate"), TEXT)
    return {
        "subject": subject,
        "interestedParty": party,
        "interests": pa.list_(pa.struct({**texts, "share": pa.struct(share)})),
        **dict.fromkeys(COMPONENTS, pa.list_(TEXT)),
    }


BY_STATEMENT = dict.fromkeys(("describedByEntityStatement", "describedByPersonStatement"), TEXT)
_PARTY = pa.struct({**BY_STATEMENT, "unspecified": pa.struct(REASON), **REASON})
SCHEMAS: dict[str, dict[str, pa.DataType]] = {
    "entity": {
        **_DESCRIBED,
        "entityType": pa.struct({"type": TEXT, "subtype": TEXT}),
    },
    "person": _PERSON,
    "relationship": _relationship(TEXT, TEXT, pa.float64()),
    "relationship with an object": _relationship(_PARTY, TEXT, pa.float64()),
    "old entity": {
        **_DESCRIBED,
        **_OLD,
        "entityType": TEXT,
        "entitySubtype": pa.struct({"generalCategory": TEXT}),
        "incorporatedInJurisdiction": _PLACE,
    },
    "old person": {**_PERSON, **_OLD},
    "old relationship": {
        **_relationship(_PARTY, pa.struct(BY_STATEMENT), pa.bool_()),
        **_OLD,
    },
}
OBJECT = "relationship with an object"
"""The shape in which the interested party is no text."""
OLD = {kind: f"old {name}" for name, kind in bods_statement.KINDS.items()}
"""Shapes of 0.2 and 0.3, by what they describe."""
KINDS = {shape: next(kind for word, kind in bods_statement.KINDS.items() if word in shape) for shape in SCHEMAS}
"""What the statements of a shape describe."""
_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_END, _BRACE = ord("\n"), ord("{")


def parsed(texts: Sequence[Bytes], shape: str) -> pa.StructArray | None:
    """The details of statements of one shape, valid JSON; None where one of them is irregular."""
    lines = b"\n".join(texts)
    ends = _ends(lines)
    if len(ends) >= len(texts):  # some stand inside, between values only
        lines = b"\n".join(bytes(text).translate(_NO_BREAKS) for text in texts)
        ends = _ends(lines)
    if (
        not all(map(len, texts))
        or not lines.startswith(b"{")
        or (np.frombuffer(lines, np.uint8)[ends + 1] != _BRACE).any()
    ):
        return None  # Arrow does not survive a line that is no object
    try:
        found = pyarrow.json.read_json(
            pa.BufferReader(lines),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=pa.schema(SCHEMAS[shape]), unexpected_field_behavior="ignore"
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    batches = found.to_batches()
    return batches[0].to_struct_array() if len(batches) == 1 and len(batches[0]) == len(texts) else None


def _ends(lines: bytes) -> np.ndarray:
    """Where lines end."""
    return np.flatnonzero(np.frombuffer(lines, np.uint8) == _END)
