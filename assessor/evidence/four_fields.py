"""§791.305(a)(2)(iv): author name, timestamp, component name and supplier name, which the documents must at least identify of
every proprietary addition to covered software."""

from __future__ import annotations

import pandas as pd

FOUR_FIELDS = {"author": "author name", "timestamp": "timestamp", "name": "component name", "supplier": "supplier name"}
"""The columns of `components` that hold them, and their words. A tool is never an author, and the author of the document is not
taken for that of a component."""


def gaps(components: pd.DataFrame) -> pd.DataFrame:
    """For each component which of the four are not stated: n rows, one column of True or False for each field."""
    return pd.DataFrame(
        {c: (components[c].isna() | (components[c].str.strip() == "").fillna(False)).astype(bool) for c in FOUR_FIELDS}
    )
