"""Reads one file after another and writes down of each what was asked for: here, or as a process that others ask.

As a process it takes a request a line on standard input and answers with a line on standard output, both JSON (see `pool`).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa

from assessor.bom import texts
from assessor.bom.bill import Bill, read_file, summary
from assessor.bom.pool import BEGUN, READY
from assessor.bom.summary import Summary, entry, shortened
from assessor.evidence import schemas

COUNTS, TABLE = "counts", "table"
Span = tuple[int, int]


@dataclass(frozen=True)
class Read:
    """What is known of a file, and where in the file of texts (place and length in bytes) its rows stand and its element of
    `files` in the JSON document."""

    summary: Summary
    rows: Span = (0, 0)
    entry: Span = (0, 0)


@dataclass(frozen=True)
class Full:
    """The texts could not be written: the disk is full, say; all work ends with this sentence."""

    reason: str


def _table(bill: Bill) -> Iterator[bytes]:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, bill.components.schema) as writer:
        writer.write_table(bill.components)
    yield sink.getvalue()


_ROWS: dict[str, Callable[[Bill], Iterator[bytes]]] = {
    COUNTS: lambda bill: iter(()),
    TABLE: _table,
    "json": texts.components_json,
    "csv": texts.components_csv,
    "gaps": texts.gaps_text,
    "gaps_json": texts.gaps_json,
    "gaps_csv": texts.gaps_csv,
}
"""What can be asked for."""


def note(path: Path, shape: str, target: Path, shown: int, validator: schemas.Validator | None = None) -> Read:
    """Read a file and append what `shape` asks for to the file `target`. Of its problems the first `shown` come back.

    Raises OSError only where `target` cannot be written.
    """
    bill = read_file(path, validator)
    known = summary(bill)
    if shape == COUNTS:
        return Read(shortened(known, shown))
    with target.open("ab") as file:
        begin = file.tell()
        for text in _ROWS[shape](bill):
            file.write(text)
        middle = file.tell()
        if shape == "json":
            file.write(entry(known))
        end = file.tell()
    # a table is for who wants the whole of it, problems too
    told = known if shape == TABLE else shortened(known, shown)
    return Read(told, (begin, middle - begin), (middle, end - middle))


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked says when it is over
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not spoil the answers
    begin = json.loads(sys.stdin.buffer.readline())
    with schemas.Validator() if begin["validate"] else nullcontext() as validator:
        answers.write(READY)
        answers.flush()
        for line in sys.stdin.buffer:
            asked = json.loads(line)
            answers.write(BEGUN)
            answers.flush()
            try:
                told: Read | Full = note(
                    Path(asked["path"]), begin["shape"], Path(asked["target"]), begin["shown"], validator
                )
            except OSError as error:
                told = Full(error.strerror or str(error))
            answers.write(msgspec.json.encode({"full" if isinstance(told, Full) else "read": told}) + b"\n")
            answers.flush()
