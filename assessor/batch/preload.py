"""What the parent of a batch's processes holds before the first is forked: code, and what every engagement has alike. Imported there
alone, for what it loads; it knows of no engagement."""

from __future__ import annotations

import importlib

from assessor import rule, workpapers
from assessor.assessment import procedures, toolkit_digest

for _name in (
    "assessor.batch.copies",
    "assessor.reporting",
    "assessor.reporting.office",
    "docxtpl",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "pandas",
    "pyarrow.compute",
    "pyarrow.parquet",
    "xlsxwriter",
):
    importlib.import_module(_name)
workpapers.preload()
procedures()
toolkit_digest()
rule.load()
