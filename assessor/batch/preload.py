"""What the parent of a batch's processes holds before the first is forked: code, and what every engagement has alike. Imported there
alone, for what it loads; it knows of no engagement."""

from __future__ import annotations

import importlib

from assessor import rule
from assessor.assessment import procedures, toolkit_digest

for _name in (
    "assessor.batch.copies",
    "assessor.reporting",
    "assessor.reporting.office",
    "assessor.workpapers.engine",
    "assessor.workpapers.pages",
    "docxtpl",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "nbconvert.exporters",
    "papermill",
    "pandas",
    "pyarrow.compute",
    "pyarrow.parquet",
    "xlsxwriter",
):
    importlib.import_module(_name)
procedures()
toolkit_digest()
rule.load()
