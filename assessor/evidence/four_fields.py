"""§791.305(a)(2)(iv): author name, timestamp, component name and supplier name, which the documents must at least identify of
every proprietary addition to covered software."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

FOUR_FIELDS = {"author": "author name", "timestamp": "timestamp", "name": "component name", "supplier": "supplier name"}
"""The columns of `components` that hold them, and their words. A tool is never an author, and the author of the document is not
taken for that of a component."""


def gaps(components: pd.DataFrame) -> pd.DataFrame:
    """For each component which of the four are not stated: n rows, one column of True or False for each field."""
    stated = {c: is_stated(pa.array(components[c], pa.string())) for c in FOUR_FIELDS}
    return pd.DataFrame({c: ~own.to_numpy(zero_copy_only=False) for c, own in stated.items()}, components.index)


def is_stated(column: pa.Array) -> pa.Array:
    """For each text whether it says something: True or False, never NA."""
    return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False)
