"""Tables of millions of rows held with little memory, and a few of their rows as a frame."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assessor.ownership.bulk.columns import Number, mapped, release

_FEW, _LOOKED_AT = 5_000, 10_000
"""Rows that are cut out one by one; rows by which it is told whether the texts of a column repeat."""


def frame(table: pa.Table, rows: Number | None = None) -> pd.DataFrame:
    """The rows, in the order of the table."""
    if rows is not None:
        rows = np.sort(rows)
        if len(rows) < _FEW:  # slices are found sooner than by `take`, which puts the whole table together
            table = pa.concat_tables([table.slice(0, 0), *(table.slice(row, 1) for row in rows.tolist())])
        else:
            table = table.take(pa.array(rows))
    held = [field.with_type(pa.string()) if _slim(field.type) else field for field in table.schema]
    frame: pd.DataFrame = table.cast(pa.schema(held)).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _slim(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) or pa.types.is_null(kind))


def lean(path: Path) -> pa.Table:
    """A table of Parquet, column by column: texts that repeat are held once, columns in which nothing stands not at all, and
    other texts in a temporary file, from which the system takes into memory what is looked at."""
    columns = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for number, name in enumerate(pq.read_schema(path).names):
            column = pq.read_table(path, columns=[name])[name]
            if column.null_count == len(column):
                column = pa.chunked_array([pa.nulls(len(column))])
            elif pa.types.is_string(column.type):
                if len(column.slice(0, _LOOKED_AT).unique()) < _LOOKED_AT // 4:
                    encoded = column.combine_chunks().dictionary_encode()
                    if len(encoded.dictionary) < 1 << 15:
                        encoded = pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.int16()), encoded.dictionary)
                    column = pa.chunked_array([encoded])
                else:
                    column = _mapped(column, Path(folder) / str(number))
            columns[name] = column
            release()
    return pa.table(columns)


def _mapped(column: pa.ChunkedArray, path: Path) -> pa.ChunkedArray:
    """The column out of a file that lasts as long as it is used; itself where there is no room for one."""
    whole = pa.chunked_array([column.combine_chunks()])
    try:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, pa.schema({"": whole.type})) as writer:
            writer.write_table(pa.table({"": whole}))
        with path.open("rb") as file:
            return pa.ipc.open_file(pa.py_buffer(mapped(file))).read_all().column(0)
    except OSError:
        return whole
