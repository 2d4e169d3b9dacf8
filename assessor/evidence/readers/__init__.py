"""Readers: evidence files to rows of the tables, one module a format.

`recognise` tells the kind of a file by its content, never by its name; `read_item` reads it and raises nothing: a file that
cannot be read has the status `unreadable` and a reason. Further formats come through the entry points `assessor.readers`:
each gives an object with `kind`, `recognise(head: bytes, path) -> bool` and `read(path, source_id, rule) -> Reading`; they
are asked, in the order of their names, about files that no reader here recognises.
"""

from __future__ import annotations

from assessor.evidence.readers.base import Problem, Reading, Unreadable
from assessor.evidence.readers.dispatch import Reader, examine, kinds, read_item, recognise

__all__ = ["Problem", "Reader", "Reading", "Unreadable", "examine", "kinds", "read_item", "recognise"]
