"""Workpapers: the notebooks of an engagement, executed through Papermill and exported as HTML."""

from assessor.workpapers.display import detail_tables, result, rows
from assessor.workpapers.notebooks import execute, export
from assessor.workpapers.ownership import evidence_links, ownership, suppliers_ownership

__all__ = [
    "detail_tables",
    "evidence_links",
    "execute",
    "export",
    "ownership",
    "result",
    "rows",
    "suppliers_ownership",
]
