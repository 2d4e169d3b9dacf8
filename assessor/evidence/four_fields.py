"""§791.305(a)(2)(iv): author name, timestamp, component name and supplier name, which the documents must at least identify of
every proprietary addition to covered software."""

from __future__ import annotations

import pandas as pd

from assessor.evidence.readers import dates

FOUR_FIELDS = {"author": "author name", "timestamp": "timestamp", "name": "component name", "supplier": "supplier name"}
"""The columns of `components` that hold them, and their words. A tool is never an author, and the author of the document is not
taken for that of a component. A text that is no date is no timestamp."""


def gaps(components: pd.DataFrame) -> pd.DataFrame:
    """For each component which of the four are not stated: n rows, one column of True or False for each field."""
    found = pd.DataFrame(
        {c: (components[c].isna() | (components[c].str.strip() == "").fillna(False)).astype(bool) for c in FOUR_FIELDS}
    )
    odd = [text for text in components["timestamp"].dropna().unique() if not dates.is_date(text)]
    found["timestamp"] |= components["timestamp"].isin(odd).fillna(False).astype(bool)
    return found
