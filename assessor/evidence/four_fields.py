"""§791.305(a)(2)(iv): author name, timestamp, component name and supplier name, which the documents must at least identify of
every proprietary addition to covered software."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import dates

FOUR_FIELDS = {"author": "author name", "timestamp": "timestamp", "name": "component name", "supplier": "supplier name"}
"""The columns of `components` that hold them, and their words. A tool is never an author, and the author of the document is not
taken for that of a component. A text that is no date is no timestamp."""


def gaps(components: pd.DataFrame) -> pd.DataFrame:
    """For each component which of the four are not stated: n rows, one column of True or False for each field."""
    own = {c: pa.array(components[c], pa.string()) for c in FOUR_FIELDS}
    return pd.DataFrame(
        {c: ~found.to_numpy(zero_copy_only=False) for c, found in stated(own).items()}, components.index
    )


def stated(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """For each component which of the four are stated, from the columns that hold them: True or False, never NA."""
    found = {c: pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(columns[c]), ""), False) for c in FOUR_FIELDS}
    odd = [text for text in columns["timestamp"].unique().to_pylist() if text and not dates.is_date(text)]
    if odd:
        found["timestamp"] = pc.and_not(found["timestamp"], pc.is_in(columns["timestamp"], pa.array(odd, pa.string())))
    return found
