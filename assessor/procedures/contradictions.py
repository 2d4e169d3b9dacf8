"""Documents that contradict each other about one component (§791.301): two files, two answers.

A component is the same where item, name and version are. What documents say of it counts as contradicting only across files;
that a file is silent, or gives a licence that nobody can class, is no statement. No answer is preferred: what decides a limb
becomes unknown, a hint in any document is enough to ask, and the client is asked which document is right.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import Mask, coded, either, missing, numbered, texts
from assessor.procedures.working import Workings, counted, named
from assessor.results import Outcome

CLAUSE = "791.301 item"
KEYS = ("item", "name", "version")
COLUMNS = {
    "license_class": "its licence",
    "firmware": "whether it is firmware",
    "modified": "whether it was modified",
    "frequency_mhz": "its radio frequencies",
    "supplier": "its supplier",
    "manufacturer": "its manufacturer",
    "country": "its country of origin",
}
"""Columns of `components` that are compared, and what they tell, in words."""
_SHOWN = 5


def contested(facts: Facts) -> dict[str, Mask]:
    """For each of COLUMNS the components about which documents contradict each other in it, as a mask over `components`."""
    c = facts.tables["components"]
    found = {column: np.zeros(len(c), dtype=bool) for column in COLUMNS}
    shared = _of_several_files(c)
    if not shared.any():
        return found
    # the rows of items that several files describe, grouped by component; the rest cannot contradict anything
    places = np.flatnonzero(shared)
    part = c.iloc[places]
    group = part.groupby([part[key].fillna("") for key in KEYS], sort=False).ngroup().to_numpy()
    for column in COLUMNS:
        values = part[column].astype("string[pyarrow]")
        told = pd.DataFrame({"group": group, "source": part["source"].to_numpy(), "value": values.to_numpy()})
        told = told[~told["value"].isna() & (told["value"] != "unknown")].drop_duplicates()
        sets = told.groupby(["group", "source"], sort=False)["value"].agg(lambda value: "\0".join(sorted(value)))
        differing = sets.groupby("group", sort=False).nunique()
        found[column][places] = np.isin(group, differing.index[differing > 1])
    return found


def _of_several_files(c: pd.DataFrame) -> Mask:
    """The rows with a name whose item more than one file describes."""
    numbers, items = numbered(coded(c["item"]))
    sources, files = numbered(coded(c["source"]))
    width = len(files) + 1
    pairs = pd.unique(numbers.astype(np.int64) * width + sources + 1) // width
    described = np.bincount(pairs[pairs >= 0], minlength=len(items))
    several = np.append(described > 1, False)  # the last place is that of no item, -1
    return np.asarray(several[numbers] & ~missing(c["name"]), dtype=bool)


def settled(facts: Facts, parts: pd.DataFrame) -> pd.DataFrame:
    """The components with what documents contradict made unknown, or made a hint where any document gives one."""
    masks = facts.of(contested)
    changed: dict[str, pd.Series] = {}
    if (mask := masks["license_class"]).any():
        changed["license_class"] = parts["license_class"].mask(mask, None)
    for column in ("firmware", "modified"):
        if (mask := masks[column]).any():
            changed[column] = either(mask, True, parts[column])
    if (mask := masks["frequency_mhz"]).any():
        told = [
            f"{text}, on which documents differ" if hit else text
            for text, hit in zip(parts["frequency_mhz"], mask, strict=True)
        ]
        changed["frequency_mhz"] = texts([None if pd.isna(text) else text for text in told], parts.index)
    return parts.assign(**changed) if changed else parts


def report(w: Workings, facts: Facts) -> None:
    """Note a test and a request for each item with contradicting documents."""
    c, masks = facts.tables["components"], facts.of(contested)
    hit = np.logical_or.reduce(list(masks.values())) if len(c) else np.zeros(0, dtype=bool)
    for item, rows in c[hit].groupby("item", sort=True):
        about = []
        for column, words in COLUMNS.items():
            mine = rows[masks[column][c.index.get_indexer(rows.index)]]
            if len(mine):
                about.append(f"{words} ({named(sorted(set(mine['name'])), 4)})")
        names = sorted(set(rows["name"]))
        files = counted(rows["source"].nunique(), "document")
        told = f"{files} contradict each other about {counted(len(names), 'component')} of {item}: {'; '.join(about)}; none is preferred."
        w.test(CLAUSE, f"{item}: contradicting documents", Outcome.INCONCLUSIVE, told, evidence(rows, 2 * _SHOWN))
        w.request(
            "contradicting_documents",
            f"Which document is right about {named(names)} of {item}: {'; '.join(about)}.",
            [str(item)],
            CLAUSE,
            "what the components are and who stands behind them",
        )
